// src/sql/profile_row.cpp: single observations and rows as profiles, and rows under a policy.
#include "sql/profile_row.hpp"

#include "core/profile/intake.hpp"
#include "core/profile/log.hpp"
#include "pg/entry.hpp"
#include "pg/interrupt.hpp"
#include "sql/policy_gate.hpp"

namespace core = cdp::core;
namespace pg = cdp::pg;
namespace sql = cdp::sql;

core::ByteSpan sql::shaped_row(FunctionCallInfo fcinfo, const JsonbReader& attributes, std::string_view source,
                               TimestampTz time, core::ByteSpan policy) {
  if (!attributes.is_object())
    throw core::Error(core::Code::invalid_parameter, "attributes of an observation must be a JSON object");
  ProfileScratch& scratch = row_scratch(fcinfo);
  if (!core::same_bytes(scratch.policy.body(), policy)) scratch.policy.assign(policy);
  attributes.for_each_member([&scratch](const JsonbReader::Member& member) {
    core::log::append_name(scratch.item, member.key);
    member.write(scratch.writer);
  });
  scratch.shaped.clear();
  core::log::begin_row(scratch.shaped, source, time);
  pg::ContextResource resource;
  core::take_in(scratch.policy, scratch.item.span(), scratch.shaped, &resource);
  return scratch.shaped.span();
}

// observe(attributes jsonb, source text, observed_at timestamptz, policy) -> profile
CDP_FUNCTION(cdp_profile_observe) {
  if (PG_ARGISNULL(0)) return sql::finish_profile(sql::profile_scratch(fcinfo).builder);  // nothing was observed
  for (int i = 1; i <= 2; ++i) {
    if (!PG_ARGISNULL(i)) continue;
    ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
                    errmsg("%s of an observation must not be null", i == 1 ? "source" : "time")));
  }
  const core::ByteSpan policy = PG_ARGISNULL(3) ? core::ByteSpan{} : sql::policy_arg(PG_GETARG_DATUM(3));
  const sql::JsonbReader attributes(pg::bytes_of(PG_GETARG_DATUM(0)));
  const std::string_view source = pg::text_of(PG_GETARG_DATUM(1));
  const core::ByteSpan row = sql::shaped_row(fcinfo, attributes, source, PG_GETARG_TIMESTAMPTZ(2), policy);
  pg::ContextResource resource;
  core::ProfileBuilder builder(&resource);
  builder.sections().add_policy(policy);
  core::log::replay_row(core::log::read_row(row), builder);
  return sql::finish_profile(builder);
}

// erase(attribute text, source text, erased_at timestamptz) -> profile
CDP_FUNCTION(cdp_profile_erase) {
  constexpr const char* kParts[] = {"attribute", "source", "time"};
  for (int i = 0; i < 3; ++i)
    if (PG_ARGISNULL(i))
      ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("%s of an erase must not be null", kParts[i])));
  const std::string_view attribute = pg::text_of(PG_GETARG_DATUM(0)), source = pg::text_of(PG_GETARG_DATUM(1));
  pg::ContextResource resource;
  core::ProfileBuilder builder(&resource);
  builder.add_observation(attribute, {core::Type::erased, {}}, source, PG_GETARG_TIMESTAMPTZ(2));
  return sql::finish_profile(builder);
}
