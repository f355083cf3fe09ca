// src/sql/policy_fmgr.cpp: input, output and casts of cdp.policy.
#include "pg/entry.hpp"
#include "pg/interrupt.hpp"
#include "sql/last_parse.hpp"
#include "sql/policy_gate.hpp"
#include "sql/text_wire.hpp"

namespace core = cdp::core;
namespace pg = cdp::pg;
namespace sql = cdp::sql;

namespace {

Datum parsed(std::string_view text) {
  pg::ContextResource resource;
  core::Buffer body(&resource);
  core::parse_policy(text, body, &resource, pg::poll());
  return sql::new_policy(body.span());
}

// Appends the canonical text of a policy argument.
void print(core::ByteSpan body, core::Buffer& text, std::pmr::memory_resource* resource) {
  core::Policy policy(resource);
  policy.assign(body);
  core::print_policy(policy, text);
}

}  // namespace

Datum sql::new_policy(core::ByteSpan body) {
  pg::ContextResource resource;
  core::Policy policy(&resource);
  policy.assign(body);
  core::Buffer out(&resource);
  pg::begin_varlena(out);
  core::append_policy_header(out, policy.clauses().size());
  out.append(body);
  return pg::end_varlena(out);
}

CDP_FUNCTION(cdp_policy_in) { return parsed(PG_GETARG_CSTRING(0)); }

CDP_FUNCTION(cdp_policy_out) {
  const core::ByteSpan body = sql::policy_arg(PG_GETARG_DATUM(0));
  pg::ContextResource resource;
  core::Buffer text(&resource);
  print(body, text, &resource);
  text.byte(0);
  return CStringGetDatum(reinterpret_cast<char*>(text.release()));
}

CDP_FUNCTION(cdp_policy_recv) { return sql::receive_text(fcinfo, "cdp.policy", parsed); }

CDP_FUNCTION(cdp_policy_send) {
  const core::ByteSpan body = sql::policy_arg(PG_GETARG_DATUM(0));
  pg::ContextResource resource;
  core::Buffer text(&resource);
  print(body, text, &resource);
  return sql::send_text(text);
}

// policy(text)
CDP_FUNCTION(cdp_policy_from_text) { return sql::parse_once(fcinfo, parsed); }
