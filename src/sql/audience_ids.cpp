// src/sql/audience_ids.cpp: single ids of a cdp.audience, and all of them.
#include <cstring>
#include <type_traits>

#include "pg/entry.hpp"
#include "sql/audience_gate.hpp"

namespace core = cdp::core;
namespace pg = cdp::pg;
namespace sql = cdp::sql;

using core::Audience;
using core::ByteSpan;

namespace {

bool contains_id(FunctionCallInfo fcinfo, int audience, std::int64_t id) {
  const ByteSpan value = sql::remembered_bytes(fcinfo, audience);
  sql::AudienceWork work;
  return work.read(value).contains(id);
}

template <typename Read>
Datum id_or_null(FunctionCallInfo fcinfo, Read&& read) {
  const ByteSpan value = pg::value_bytes(PG_GETARG_DATUM(0));
  sql::AudienceWork work;
  const std::optional<std::int64_t> id = read(work.read(value));
  if (!id) PG_RETURN_NULL();
  return Int64GetDatum(*id);
}

}  // namespace

CDP_FUNCTION(cdp_audience_contains_id) { PG_RETURN_BOOL(contains_id(fcinfo, 0, PG_GETARG_INT64(1))); }
CDP_FUNCTION(cdp_audience_id_contained) { PG_RETURN_BOOL(contains_id(fcinfo, 1, PG_GETARG_INT64(0))); }

// Of a value that is out of line only the beginning is fetched.
CDP_FUNCTION(cdp_audience_cardinality) {
  const Datum datum = PG_GETARG_DATUM(0);
  if (VARATT_IS_EXTERNAL_ONDISK(DatumGetPointer(datum))) {
    const ByteSpan beginning = pg::bytes_of(PointerGetDatum(PG_DETOAST_DATUM_SLICE(datum, 0, Audience::kBeginning)));
    core::check_audience(beginning, pg::size_of(datum));
    if (!core::is_audience_log(beginning)) return Int64GetDatum(Audience::cardinality(beginning));
  }
  const ByteSpan value = pg::value_bytes(datum);
  sql::AudienceWork work;
  return Int64GetDatum(work.read(value).cardinality());
}

CDP_FUNCTION(cdp_audience_min_id) {
  return id_or_null(fcinfo, [](Audience audience) { return audience.least(); });
}
CDP_FUNCTION(cdp_audience_max_id) {
  return id_or_null(fcinfo, [](Audience audience) { return audience.greatest(); });
}

namespace {

template <typename Id>
void add_ids(const ArrayType* array, std::size_t count, core::AudienceBuilder& builder) {
  const auto* const ids = reinterpret_cast<const Id*>(ARR_DATA_PTR(array));
  for (std::size_t i = 0; i < count; ++i) builder.add(ids[i]);
}

}  // namespace

// audience(bigint[]), audience_of_integers(integer[])
CDP_FUNCTION(cdp_audience_from_array) {
  const ArrayType* const array = PG_GETARG_ARRAYTYPE_P(0);
  const auto count = static_cast<std::size_t>(ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array)));
  if (array_contains_nulls(const_cast<ArrayType*>(array)))
    ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("array of ids must not contain nulls")));
  sql::AudienceWork work;
  core::AudienceBuilder builder(&work.memory, pg::poll());
  builder.reserve(count);
  if (ARR_ELEMTYPE(array) == INT4OID) {
    add_ids<std::int32_t>(array, count, builder);
  } else if (ARR_ELEMTYPE(array) == INT8OID) {
    add_ids<std::int64_t>(array, count, builder);
  } else {
    throw core::Error(core::Code::datatype_mismatch, "ids must be integers");
  }
  pg::begin_varlena(work.result);
  builder.write(work.result);
  return pg::end_varlena(work.result);
}

// to_array(audience)
CDP_FUNCTION(cdp_audience_to_array) {
  constexpr std::size_t kHead = ARR_OVERHEAD_NONULLS(1);
  const ByteSpan value = pg::value_bytes(PG_GETARG_DATUM(0));
  sql::AudienceWork work;
  const Audience audience = work.read(value);
  const std::uint64_t count = audience.cardinality();
  if (count > (MaxAllocSize - kHead) / sizeof(std::int64_t))
    throw core::Error(core::Code::limit_exceeded, "array size exceeds the maximum allowed",
                      "The audience has " + std::to_string(count) + " ids.", "Use cdp.to_ids.");
  const std::size_t size = (count == 0 ? ARR_OVERHEAD_NONULLS(0) : kHead) + count * sizeof(std::int64_t);
  auto* const array = reinterpret_cast<ArrayType*>(work.result.extend(size));
  std::memset(array, 0, size < kHead ? size : kHead);
  array->ndim = count == 0 ? 0 : 1;
  array->elemtype = INT8OID;
  if (count > 0) {
    ARR_DIMS(array)[0] = static_cast<int>(count);
    ARR_LBOUND(array)[0] = 1;
    auto* to = reinterpret_cast<std::int64_t*>(ARR_DATA_PTR(array));
    core::AudienceIds ids(audience);
    const core::Poll poll = pg::poll();
    while (const std::optional<std::int64_t> id = ids.next()) {
      *to++ = *id;
      if ((to - reinterpret_cast<std::int64_t*>(ARR_DATA_PTR(array))) % 65536 == 0) poll();
    }
  }
  return pg::end_varlena(work.result);
}

// to_ids(audience): one id a call, from a copy that lives as long as the query wants more.
CDP_FUNCTION(cdp_audience_to_ids) {
  static_assert(std::is_trivially_destructible_v<core::AudienceIds>);
  if (SRF_IS_FIRSTCALL()) {
    FuncCallContext* const first = SRF_FIRSTCALL_INIT();
    const MemoryContext caller = MemoryContextSwitchTo(first->multi_call_memory_ctx);
    const ByteSpan value = pg::bytes_of(PointerGetDatum(PG_DETOAST_DATUM_COPY(PG_GETARG_DATUM(0))));
    void* const place = palloc(sizeof(core::AudienceIds));
    {
      sql::AudienceWork work;
      ByteSpan canonical = work.read(value).bytes();
      if (canonical.data() != value.data()) work.scratch.release();  // stays in the context of the call
      first->user_fctx = new (place) core::AudienceIds(Audience(canonical));
    }
    MemoryContextSwitchTo(caller);
  }
  FuncCallContext* const context = SRF_PERCALL_SETUP();
  const std::optional<std::int64_t> id = static_cast<core::AudienceIds*>(context->user_fctx)->next();
  if (!id) SRF_RETURN_DONE(context);
  SRF_RETURN_NEXT(context, Int64GetDatum(*id));
}
