// Type cdp.components: input and output, operators, accessors, aggregates.
#include <charconv>
#include <cstring>

#include "core/identity/components_value.hpp"
#include "pg/datum.hpp"
#include "pg/entry.hpp"
#include "pg/huge_pages.hpp"
#include "pg/interrupt.hpp"

namespace {

using cdp::core::ByteSpan;

// What a function works with: the result's memory goes to the server, the rest ends with the function.
struct Work {
  cdp::pg::ContextResource result_memory;
  cdp::pg::HugePageResource memory;
  cdp::core::Buffer result{&result_memory}, scratch{&memory};
};

// A log that the running aggregate owns and may change in place, or nothing.
std::span<std::byte> own_log(FunctionCallInfo fcinfo) {
  auto* const state = PG_GETARG_POINTER(0);
  if (AggCheckCallContext(fcinfo, nullptr) == 0 || VARATT_IS_EXTENDED(state)) return {};
  const std::span<std::byte> value{reinterpret_cast<std::byte*>(VARDATA(state)), VARSIZE(state) - VARHDRSZ};
  cdp::core::check_components(value);
  return cdp::core::is_components_log(value) ? value : std::span<std::byte>{};
}

std::span<std::byte> body_of(cdp::core::Buffer& varlena) {
  return {varlena.data() + VARHDRSZ, varlena.size() - VARHDRSZ};
}

// The value in canonical form; the argument itself when it is.
Datum canonical_datum(ByteSpan value, Datum original) {
  cdp::core::check_components(value);
  if (!cdp::core::is_components_log(value)) return original;
  Work work;
  cdp::pg::begin_varlena(work.result);
  cdp::core::canonical_components(value, work.result, &work.memory, cdp::pg::poll());
  return cdp::pg::end_varlena(work.result);
}

Datum count_datum(FunctionCallInfo fcinfo, std::uint32_t (*count)(ByteSpan) noexcept) {
  const ByteSpan value = cdp::pg::bytes_of(PG_GETARG_DATUM(0));
  Work work;
  return Int64GetDatum(count(cdp::core::canonical_components(value, work.scratch, &work.memory, cdp::pg::poll())));
}

}  // namespace

CDP_FUNCTION(cdp_components_in) {
  const std::string_view text(PG_GETARG_CSTRING(0));
  Work work;
  cdp::pg::begin_varlena(work.result);
  cdp::core::components_from_text(text, work.result, &work.memory, cdp::pg::poll());
  return cdp::pg::end_varlena(work.result);
}

CDP_FUNCTION(cdp_components_out) {
  const ByteSpan value = cdp::pg::bytes_of(PG_GETARG_DATUM(0));
  Work work;
  const ByteSpan canonical = cdp::core::canonical_components(value, work.scratch, &work.memory, cdp::pg::poll());
  cdp::core::components_to_text(canonical, work.result, &work.memory, cdp::pg::poll());
  work.result.byte(0);
  return PointerGetDatum(work.result.release());
}

CDP_FUNCTION(cdp_components_recv) {
  auto* const message = reinterpret_cast<StringInfo>(PG_GETARG_POINTER(0));
  const ByteSpan wire{reinterpret_cast<const std::byte*>(message->data + message->cursor),
                      static_cast<std::size_t>(message->len - message->cursor)};
  message->cursor = message->len;
  Work work;
  cdp::pg::begin_varlena(work.result);
  cdp::core::components_from_wire(wire, work.result, &work.memory, cdp::pg::poll());
  return cdp::pg::end_varlena(work.result);
}

CDP_FUNCTION(cdp_components_send) {
  const ByteSpan value = cdp::pg::bytes_of(PG_GETARG_DATUM(0));
  Work work;
  const ByteSpan canonical = cdp::core::canonical_components(value, work.scratch, &work.memory, cdp::pg::poll());
  cdp::pg::begin_varlena(work.result);
  cdp::core::components_to_wire(canonical, work.result, &work.memory);
  return cdp::pg::end_varlena(work.result);
}

// (state, a, b) -> state: remembers the pair. Allocates in the server only through containers.
static Datum accumulate(FunctionCallInfo fcinfo, ByteSpan a, ByteSpan b) {
  ByteSpan state;
  if (!PG_ARGISNULL(0)) {
    const std::span<std::byte> log = own_log(fcinfo);
    if (!log.empty() && cdp::core::append_pair(log, a, b)) return PG_GETARG_DATUM(0);
    state = cdp::pg::bytes_of(PG_GETARG_DATUM(0));
    cdp::core::check_components(state);
  }
  Work work;
  cdp::pg::begin_varlena(work.result);
  cdp::core::grow_log(state, cdp::core::pair_bytes(a, b), work.result, &work.memory, cdp::pg::poll());
  cdp::core::append_pair(body_of(work.result), a, b);
  return cdp::pg::end_varlena(work.result);
}

// Neither end is known: the state stays as it is.
static Datum unchanged(FunctionCallInfo fcinfo) {
  if (PG_ARGISNULL(0)) PG_RETURN_NULL();
  return PG_GETARG_DATUM(0);
}

CDP_FUNCTION(cdp_components_accum) {
  if (PG_ARGISNULL(1) && PG_ARGISNULL(2)) return unchanged(fcinfo);
  const ByteSpan a = cdp::pg::bytes_of(PG_GETARG_DATUM(PG_ARGISNULL(1) ? 2 : 1));
  const ByteSpan b = PG_ARGISNULL(1) || PG_ARGISNULL(2) ? a : cdp::pg::bytes_of(PG_GETARG_DATUM(2));
  return accumulate(fcinfo, a, b);
}

// The same for numbers, which are remembered as their digits.
CDP_FUNCTION(cdp_components_accum_ids) {
  if (PG_ARGISNULL(1) && PG_ARGISNULL(2)) return unchanged(fcinfo);
  char digits[2][24];
  const auto written = [&](int which, int argument) -> ByteSpan {
    const char* const end =
        std::to_chars(digits[which], digits[which] + sizeof digits[which], PG_GETARG_INT64(argument)).ptr;
    return cdp::core::as_bytes({digits[which], static_cast<std::size_t>(end - digits[which])});
  };
  const ByteSpan a = written(0, PG_ARGISNULL(1) ? 2 : 1);
  return accumulate(fcinfo, a, PG_ARGISNULL(1) || PG_ARGISNULL(2) ? a : written(1, 2));
}

// (state, value) -> state: adds the value's evidence. As combine function, and as transition function of the rollup.
CDP_FUNCTION(cdp_components_combine) {
  const ByteSpan value = cdp::pg::bytes_of(PG_GETARG_DATUM(1));
  const ByteSpan state = cdp::pg::bytes_of(PG_GETARG_DATUM(0));
  cdp::core::check_components(value);
  cdp::core::check_components(state);
  const std::span<std::byte> log = own_log(fcinfo);
  Work work;
  const ByteSpan records = cdp::core::records_of(value, work.scratch, &work.memory);
  if (!log.empty() && cdp::core::append_records(log, records)) return PG_GETARG_DATUM(0);
  cdp::pg::begin_varlena(work.result);
  cdp::core::grow_log(state, records.size(), work.result, &work.memory, cdp::pg::poll());
  cdp::core::append_records(body_of(work.result), records);
  return cdp::pg::end_varlena(work.result);
}

CDP_FUNCTION(cdp_components_final) {
  const Datum state = PG_GETARG_DATUM(0);
  return canonical_datum(cdp::pg::bytes_of(state), state);
}

CDP_FUNCTION(cdp_components_union) {
  const ByteSpan a = cdp::pg::bytes_of(PG_GETARG_DATUM(0)), b = cdp::pg::bytes_of(PG_GETARG_DATUM(1));
  cdp::core::check_components(a);
  cdp::core::check_components(b);
  Work work;
  cdp::core::ComponentsOptions options;
  options.poll = cdp::pg::poll();
  cdp::core::Components components(&work.memory, options);
  cdp::core::feed_components(a, components, &work.memory);
  cdp::core::feed_components(b, components, &work.memory);
  cdp::pg::begin_varlena(work.result);
  cdp::core::write_components(components, work.result);
  return cdp::pg::end_varlena(work.result);
}

CDP_FUNCTION(cdp_components_identifier_count) { return count_datum(fcinfo, cdp::core::count_identifiers); }
CDP_FUNCTION(cdp_components_component_count) { return count_datum(fcinfo, cdp::core::count_components); }
