// src/sql/profile_policy.cpp: profiles and their policies; taking observations out.
#include "core/profile/without.hpp"
#include "pg/entry.hpp"
#include "pg/interrupt.hpp"
#include "sql/policy_gate.hpp"
#include "sql/profile_gate.hpp"

namespace core = cdp::core;
namespace pg = cdp::pg;
namespace sql = cdp::sql;

// with_policy(profile, policy) -> profile
CDP_FUNCTION(cdp_profile_with_policy) {
  if (PG_ARGISNULL(0)) PG_RETURN_NULL();
  const core::ByteSpan payload = sql::profile_payload(PG_GETARG_DATUM(0));
  const core::ByteSpan policy = PG_ARGISNULL(1) ? core::ByteSpan{} : sql::policy_arg(PG_GETARG_DATUM(1));
  core::ProfileBuilder& builder = sql::profile_scratch(fcinfo).builder;
  builder.add_profile(core::ProfileView(payload));
  builder.sections().replace_policy(policy);
  return sql::finish_profile(builder);
}

// policy_of(profile) -> policy
CDP_FUNCTION(cdp_profile_policy_of) {
  const core::ByteSpan payload = sql::profile_payload(PG_GETARG_DATUM(0));
  return sql::new_policy(core::ProfileView(payload).section(core::Section::policy));
}

// without(profile, source text, attribute text) -> profile
CDP_FUNCTION(cdp_profile_without) {
  if (PG_ARGISNULL(0)) PG_RETURN_NULL();
  if (PG_ARGISNULL(1) && PG_ARGISNULL(2))
    ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("neither a source nor an attribute is given"),
                    errhint("Write cdp.without(profile, source => ...) or cdp.without(profile, attribute => ...).")));
  const core::ByteSpan payload = sql::profile_payload(PG_GETARG_DATUM(0));
  std::optional<std::string_view> source, attribute;
  if (!PG_ARGISNULL(1)) source = pg::text_of(PG_GETARG_DATUM(1));
  if (!PG_ARGISNULL(2)) attribute = pg::text_of(PG_GETARG_DATUM(2));
  core::ProfileBuilder& builder = sql::profile_scratch(fcinfo).builder;
  pg::ContextResource resource;
  core::add_without(core::ProfileView(payload), source, attribute, builder, &resource, pg::poll());
  return sql::finish_profile(builder);
}
