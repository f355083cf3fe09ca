// src/sql/policy_fmgr.cpp: input, output and casts of cdp.policy.
#include "core/bytes/reader.hpp"
#include "pg/entry.hpp"
#include "pg/interrupt.hpp"
#include "sql/policy_gate.hpp"

namespace core = cdp::core;
namespace pg = cdp::pg;
namespace sql = cdp::sql;

namespace {

constexpr std::uint8_t kBinaryVersion = 1;

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

// A version and the canonical text, in the client's encoding as any text of the protocol.
CDP_FUNCTION(cdp_policy_recv) {
  auto* const message = reinterpret_cast<StringInfo>(PG_GETARG_POINTER(0));
  const core::ByteSpan wire(reinterpret_cast<const std::byte*>(message->data + message->cursor),
                            static_cast<std::size_t>(message->len - message->cursor));
  core::Reader reader(wire, "cdp.policy");
  if (reader.byte() != kBinaryVersion) reader.fail("its version is unknown");
  const int left = static_cast<int>(reader.left());
  const int client = pg_get_client_encoding(), encoding = client == PG_SQL_ASCII ? GetDatabaseEncoding() : client;
  if (pg_encoding_verifymbstr(encoding, message->data + message->cursor + 1, left) != left)
    reader.fail("its text is not valid in the encoding of the client");
  pq_getmsgbyte(message);
  int length = 0;
  const char* const text = pq_getmsgtext(message, left, &length);
  try {
    return parsed({text, static_cast<std::size_t>(length)});
  } catch (const core::Error& error) {
    if (error.code() != core::Code::syntax_error) throw;
    throw core::Error(core::Code::invalid_binary, "invalid binary representation of type cdp.policy",
                      error.message() + ". " + error.detail(), error.hint());
  }
}

CDP_FUNCTION(cdp_policy_send) {
  const core::ByteSpan body = sql::policy_arg(PG_GETARG_DATUM(0));
  pg::ContextResource resource;
  core::Buffer text(&resource);
  print(body, text, &resource);
  return pg::call([&text] {
    StringInfoData message;
    pq_begintypsend(&message);
    pq_sendbyte(&message, kBinaryVersion);
    pq_sendtext(&message, reinterpret_cast<const char*>(text.data()), static_cast<int>(text.size()));
    return PointerGetDatum(pq_endtypsend(&message));
  });
}

// policy(text)
CDP_FUNCTION(cdp_policy_from_text) { return parsed(pg::text_of(PG_GETARG_DATUM(0))); }
