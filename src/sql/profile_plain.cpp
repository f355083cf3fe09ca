// src/sql/profile_plain.cpp: what a profile says of attributes as plain rows, timestamps apart from strings.
#include "core/profile/format.hpp"
#include "pg/entry.hpp"
#include "pg/interrupt.hpp"
#include "sql/jsonb.hpp"
#include "sql/profile_gate.hpp"

namespace core = cdp::core;
namespace pg = cdp::pg;
namespace sql = cdp::sql;

namespace {

// Inside pg::call only.
Datum text_datum(std::string_view text) {
  return PointerGetDatum(cstring_to_text_with_len(text.data(), static_cast<int>(text.size())));
}

bool is_json(const core::Value& value) {
  return value.type != core::Type::erased && value.type != core::Type::timestamp;
}

Datum json_datum(const core::Value& value) { return is_json(value) ? sql::to_jsonb(value) : Datum{0}; }

Datum time_datum(const core::Value& value) {
  return value.type == core::Type::timestamp ? TimestampTzGetDatum(core::timestamp_of(value)) : Datum{0};
}

// The timestamps among the elements of a list go to `times`, and leave null behind.
core::Value without_times(core::Value list, core::Buffer& room, std::pmr::vector<Datum>& times) {
  core::Buffer elements(times.get_allocator().resource());
  std::uint64_t count = 0;
  core::any_element(list, [&](const core::Value& element) {
    ++count;
    const bool is_time = element.type == core::Type::timestamp;
    if (is_time) times.push_back(time_datum(element));
    core::append_value(elements, is_time ? core::Value{core::Type::null, {}} : element);
    return false;
  });
  if (times.empty()) return list;
  room.clear();
  room.varint(count);
  room.append(elements.span());
  return {core::Type::array, room.span()};
}

}  // namespace

// golden_values(profile) -> setof (attribute, value, time, times, last_seen)
CDP_FUNCTION(cdp_profile_golden_values) {
  const core::ByteSpan payload = sql::profile_payload(PG_GETARG_DATUM(0));
  InitMaterializedSRF(fcinfo, 0);
  auto* const result = reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo);
  const core::ProfileView profile(payload);
  const core::Poll poll = pg::poll();
  pg::ContextResource resource;
  core::Buffer room(&resource);
  std::pmr::vector<Datum> times(&resource);
  pg::RowContext rows;
  for (std::uint32_t i = 0; i < profile.size(); ++i) {
    poll();
    const core::Attribute attribute = profile.attribute(i);
    const std::string_view name = attribute.name();
    core::Value value = attribute.golden();
    times.clear();
    if (value.type == core::Type::array) value = without_times(value, room, times);
    const Datum json = json_datum(value), time = time_datum(value);
    const TimestampTz last_seen = profile.golden_last_seen(attribute);
    pg::call([&] {
      ArrayType* const list = construct_array(times.data(), static_cast<int>(times.size()), TIMESTAMPTZOID,
                                              sizeof(TimestampTz), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE);
      Datum row[5] = {text_datum(name), json, time, PointerGetDatum(list), TimestampTzGetDatum(last_seen)};
      bool nulls[5] = {false, !is_json(value), value.type != core::Type::timestamp, false, false};
      tuplestore_putvalues(result->setResult, result->setDesc, row, nulls);
    });
    rows.reset();
  }
  return Datum{0};
}

namespace {

void put_observed(ReturnSetInfo* result, std::string_view attribute, std::string_view source, const core::Entry& entry,
                  bool latest) {
  const Datum json = json_datum(entry.value);
  pg::call([&] {
    Datum row[6] = {
        text_datum(attribute), text_datum(source), json, time_datum(entry.value), TimestampTzGetDatum(entry.last_seen),
        BoolGetDatum(latest)};
    bool nulls[6] = {false, false, !is_json(entry.value), entry.value.type != core::Type::timestamp, false, false};
    tuplestore_putvalues(result->setResult, result->setDesc, row, nulls);
  });
}

}  // namespace

// observed_values(profile) -> setof (attribute, source, value, time, last_seen, latest)
CDP_FUNCTION(cdp_profile_observed_values) {
  const core::ByteSpan payload = sql::profile_payload(PG_GETARG_DATUM(0));
  InitMaterializedSRF(fcinfo, 0);
  auto* const result = reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo);
  const core::ProfileView profile(payload);
  const core::Poll poll = pg::poll();
  pg::RowContext rows;
  for (std::uint32_t i = 0; i < profile.size(); ++i) {
    const core::Attribute attribute = profile.attribute(i);
    for (std::uint32_t s = 0; s < profile.source_count(); ++s) {
      poll();
      const std::string_view source = profile.source(s);
      const auto latest = profile.latest_from(attribute, source);
      if (!latest) continue;
      bool met = false;
      attribute.any_entry(profile, [&](const core::Entry& entry) {
        if (entry.source != s) return false;
        const bool is_latest = entry.value == latest->value;
        met = met || is_latest;
        put_observed(result, attribute.name(), source, entry, is_latest);
        rows.reset();
        return false;
      });
      if (met) continue;
      put_observed(result, attribute.name(), source, *latest, true);  // of an attribute that overflowed
      rows.reset();
    }
  }
  return Datum{0};
}
