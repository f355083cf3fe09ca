// src/sql/space_identify.cpp: takes in what somebody observed of customers, in the caller's transaction.
#include <optional>

#include "core/bytes/error.hpp"
#include "pg/datum.hpp"
#include "pg/entry.hpp"
#include "pg/memory.hpp"
#include "sql/space_observe.hpp"

namespace core = cdp::core;
namespace pg = cdp::pg;
namespace sql = cdp::sql;
namespace query = cdp::pg::query;

namespace {

[[noreturn]] void fail_identifiers(const char* detail) {
  ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("invalid identifiers"), errdetail("%s", detail),
                  errhint("Give an object such as {\"email\": \"ana@example.com\", \"user_id\": \"17\"}.")));
}

std::string_view text_of(const JsonbValue& value) {
  if (value.type == jbvString) return {value.val.string.val, static_cast<std::size_t>(value.val.string.len)};
  if (value.type != jbvNumeric) fail_identifiers("An identifier is a string, a number, or an array of such.");
  return DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(value.val.numeric)));
}

// Raises, as all that reads arguments: no C++ object is alive.
struct Identifiers {
  sql::NamedIdentifier* given;
  std::size_t count;
};
Identifiers identifiers_arg(Jsonb* json) {
  if (!JB_ROOT_IS_OBJECT(json)) fail_identifiers("They are not an object.");
  Identifiers result{
      static_cast<sql::NamedIdentifier*>(palloc(sizeof(sql::NamedIdentifier) * (VARSIZE(json) / sizeof(JEntry) + 1))),
      0};
  JsonbIterator* iterator = JsonbIteratorInit(&json->root);
  JsonbValue value;
  std::string_view type;
  int depth = 0;
  for (JsonbIteratorToken token; (token = JsonbIteratorNext(&iterator, &value, false)) != WJB_DONE;) {
    if (token == WJB_END_ARRAY || token == WJB_END_OBJECT) --depth;
    if ((token == WJB_BEGIN_OBJECT && depth++ > 0) || (token == WJB_BEGIN_ARRAY && depth++ > 1))
      fail_identifiers("An identifier is a string, a number, or an array of such.");
    if (token == WJB_KEY) type = text_of(value);
    if ((token != WJB_VALUE && token != WJB_ELEM) || value.type == jbvNull) continue;
    result.given[result.count++] = {type, text_of(value)};
  }
  return result;
}

void require(bool given, const char* what) {
  if (given) return;
  ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("%s of an observation must not be null", what)));
}

// An argument that is an array of jsonb or of times.
struct Elements {
  Datum* values = nullptr;
  bool* nulls = nullptr;
  int count = 0;
};
Elements elements_arg(FunctionCallInfo fcinfo, int argument, Oid type) {
  Elements result;
  if (PG_ARGISNULL(argument)) return result;
  ArrayType* const array = PG_GETARG_ARRAYTYPE_P(argument);
  deconstruct_array(array, type, type == JSONBOID ? -1 : 8, type != JSONBOID,
                    type == JSONBOID ? TYPALIGN_INT : TYPALIGN_DOUBLE, &result.values, &result.nulls, &result.count);
  return result;
}
void require_length(const Elements& elements, const Elements& identifiers, const char* what) {
  if (elements.values == nullptr || elements.count == identifiers.count) return;
  ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("%s do not match the identifiers", what),
                  errdetail("There are %d of the one and %d of the other.", elements.count, identifiers.count)));
}

}  // namespace

// identify(space, identifiers, attributes, source, at) -> the customer
CDP_FUNCTION(cdp_space_identify) {
  constexpr const char* kArguments[] = {"space", "identifiers", nullptr, "source", "time"};
  for (int i = 0; i < 5; ++i)
    if (kArguments[i] != nullptr) require(!PG_ARGISNULL(i), kArguments[i]);
  const std::string_view space = pg::text_of(PG_GETARG_DATUM(0)), source = pg::text_of(PG_GETARG_DATUM(3));
  const Identifiers identifiers = identifiers_arg(PG_GETARG_JSONB_P(1));
  const query::Argument attributes{PG_ARGISNULL(2) ? Datum{0} : JsonbPGetDatum(PG_GETARG_JSONB_P(2)), PG_ARGISNULL(2)};
  const std::int64_t at = PG_GETARG_TIMESTAMPTZ(4);
  query::connect();
  std::int64_t profile;
  {
    pg::ContextResource resource;
    const query::Schema schema(space);
    const auto rules = sql::rules_of(schema);
    sql::Observations observations(schema, *rules, &resource);
    observations.add({{identifiers.given, identifiers.count}, rules->source(source), at, attributes});
    observations.take_in();
    profile = observations.profile(0);
  }
  query::finish();
  if (profile == 0) PG_RETURN_NULL();
  PG_RETURN_INT64(profile);
}

// identify_many(space, identifiers jsonb[], attributes jsonb[], source, at timestamptz[]) -> the customers
CDP_FUNCTION(cdp_space_identify_many) {
  require(!PG_ARGISNULL(0), "space");
  require(!PG_ARGISNULL(1), "identifiers");
  require(!PG_ARGISNULL(3), "source");
  const std::string_view space = pg::text_of(PG_GETARG_DATUM(0)), source = pg::text_of(PG_GETARG_DATUM(3));
  const Elements identifiers = elements_arg(fcinfo, 1, JSONBOID), attributes = elements_arg(fcinfo, 2, JSONBOID),
                 times = elements_arg(fcinfo, 4, TIMESTAMPTZOID);
  require_length(attributes, identifiers, "attributes");
  require_length(times, identifiers, "times");
  const auto count = static_cast<std::size_t>(identifiers.count);
  auto* const given = static_cast<Identifiers*>(palloc(sizeof(Identifiers) * (count + 1)));
  for (std::size_t i = 0; i < count; ++i) {
    require(!identifiers.nulls[i], "identifiers");
    require(times.values == nullptr || !times.nulls[i], "time");
    given[i] = identifiers_arg(DatumGetJsonbP(identifiers.values[i]));
    if (attributes.values != nullptr && !attributes.nulls[i])
      attributes.values[i] = JsonbPGetDatum(DatumGetJsonbP(attributes.values[i]));
  }
  const std::int64_t now = GetCurrentTransactionStartTimestamp();
  auto* const profiles = static_cast<Datum*>(palloc(sizeof(Datum) * (count + 1)));
  auto* const nulls = static_cast<bool*>(palloc(count + 1));
  query::connect();
  {
    pg::ContextResource resource;
    const query::Schema schema(space);
    const auto rules = sql::rules_of(schema);
    sql::Observations observations(schema, *rules, &resource);
    const auto source_index = rules->source(source);
    for (std::size_t i = 0; i < count; ++i) {
      const bool none = attributes.values == nullptr || attributes.nulls[i];
      observations.add({{given[i].given, given[i].count},
                        source_index,
                        times.values == nullptr ? now : DatumGetTimestampTz(times.values[i]),
                        {none ? Datum{0} : attributes.values[i], none}});
    }
    observations.take_in();
    for (std::size_t i = 0; i < count; ++i) {
      const std::int64_t profile = observations.profile(i);
      profiles[i] = Int64GetDatum(profile);
      nulls[i] = profile == 0;
    }
  }
  query::finish();
  int dimensions[] = {identifiers.count}, lower[] = {1};
  PG_RETURN_ARRAYTYPE_P(construct_md_array(profiles, nulls, 1, dimensions, lower, INT8OID, 8, true, TYPALIGN_DOUBLE));
}
