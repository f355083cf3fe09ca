// src/sql/space_part.cpp: builds what observations add to parts, and adds it.
#include "sql/space_part.hpp"

#include <algorithm>
#include <cstring>
#include <list>
#include <string>

#include "core/bytes/error.hpp"
#include "core/profile/log.hpp"
#include "pg/interrupt.hpp"
#include "pg/memory.hpp"
#include "sql/profile_gate.hpp"
#include "sql/space_observe.hpp"
#include "sql/space_rows.hpp"
#include "sql/timeline_gate.hpp"

extern "C" {
#include "utils/datum.h"
}

namespace cdp::sql {

namespace {

namespace identity = core::identity;
namespace query = pg::query;

// What was seen, by the set of identifiers that it was seen with, and in the customer. (Timelines that get nothing are
// left as they are: they may be large.)
const query::Statement kWrite{
    "WITH added AS MATERIALIZED (SELECT * FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2), "
    "pg_catalog.unnest($3), pg_catalog.unnest($4), pg_catalog.unnest($5), pg_catalog.unnest($6))"
    "  AS a (source_id, ids, anchor, cluster_id, profile, timeline)),"
    " kept AS (INSERT INTO {space}.part AS t (source_id, identifiers, anchor, profile, timeline)"
    "  SELECT a.source_id, a.ids::pg_catalog.int8[], a.anchor, a.profile, a.timeline FROM added AS a"
    "  ON CONFLICT (source_id, identifiers) WHERE row_key IS NULL"
    "  DO UPDATE SET anchor = EXCLUDED.anchor, profile = t.profile OPERATOR(pg_catalog.||) EXCLUDED.profile,"
    "   timeline = CASE WHEN EXCLUDED.timeline OPERATOR(pg_catalog.=) '{}'::cdp.timeline THEN t.timeline"
    "    ELSE t.timeline OPERATOR(pg_catalog.||) EXCLUDED.timeline END"
    "  RETURNING t.part_id, t.source_id, t.identifiers::pg_catalog.text AS ids),"
    " sums AS (SELECT a.cluster_id, cdp.rollup(a.profile) AS profile, cdp.rollup(a.timeline) AS timeline"
    "  FROM added AS a GROUP BY a.cluster_id),"
    " changed AS (UPDATE {space}.profile AS p SET profile = p.profile OPERATOR(pg_catalog.||) s.profile,"
    "  timeline = CASE WHEN s.timeline OPERATOR(pg_catalog.=) '{}'::cdp.timeline THEN p.timeline"
    "   ELSE p.timeline OPERATOR(pg_catalog.||) s.timeline END"
    " FROM sums AS s WHERE p.cluster_id OPERATOR(pg_catalog.=) s.cluster_id RETURNING p.cluster_id, p.profile_id)"
    " SELECT NULL::pg_catalog.text, c.cluster_id, c.profile_id FROM changed AS c"
    " UNION ALL SELECT k.ids, k.source_id::pg_catalog.int8, k.part_id FROM kept AS k",
    {INT4ARRAYOID, TEXTARRAYOID, INT8ARRAYOID, INT8ARRAYOID, query::kProfileArray, query::kTimelineArray}};

}  // namespace

std::string array_text(const std::pmr::vector<std::int64_t>& ids) {
  std::string text = "{";
  for (const std::int64_t id : ids) text += (text.size() == 1 ? "" : ",") + std::to_string(id);
  return text + "}";
}

Parts::Parts(const query::Schema& schema, const SpaceRules& rules, std::pmr::memory_resource* resource)
    : schema_(schema),
      rules_(rules),
      resource_(resource),
      parts_(resource),
      place_(resource),
      profile_(resource),
      timeline_(resource) {}

std::size_t Parts::part(identity::SourceIndex source, std::pmr::vector<std::int64_t> ids, std::int64_t anchor,
                        std::int64_t cluster) {
  const auto [at, added] = place_.try_emplace(Key{source, ids}, parts_.size());
  if (added)
    parts_.push_back({source, std::move(ids), anchor, cluster, std::pmr::vector<Seen>(resource_),
                      std::pmr::vector<const Observation*>(resource_)});
  return at->second;
}

void Parts::saw(std::size_t part, std::string_view type, std::string_view value, std::int64_t at) {
  parts_[part].seen.push_back({type, value, at});
}

void Parts::add(std::size_t part, const Observation& observation) { parts_[part].observations.push_back(&observation); }

Datum Parts::profile_of(const Part& part) {
  profile_.clear();
  const std::string_view source = rules_.source_name(part.source);
  for (const Seen& one : part.seen)
    profile_.sections().facts().identifiers().add({one.type, one.value, source, one.at, one.at});
  std::list<core::Buffer> rows;  // the builder refers to them
  for (const Observation* one : part.observations) {
    if (one->attributes.null) continue;
    const JsonbReader attributes(pg::fetch(one->attributes.value));
    if (!attributes.is_object())
      throw core::Error(core::Code::invalid_parameter, "attributes of an observation must be a JSON object");
    core::Buffer& row = rows.emplace_back(resource_);
    core::log::begin_row(row, source, one->at);
    core::ValueWriter writer(row, resource_);
    attributes.for_each_member([&](const JsonbReader::Member& member) {
      core::log::append_name(row, member.key);
      member.write(writer);
    });
    core::log::replay_row(core::log::read_row(row.span()), profile_);
  }
  return finish_profile(profile_);
}

Datum Parts::timeline_of(const Part& part) {
  timeline_.clear();
  std::list<core::Buffer> kept;
  for (const Observation* one : part.observations) {
    if (one->event.empty()) continue;
    core::ByteSpan properties;
    if (!one->properties.null) {
      core::Buffer& buffer = kept.emplace_back(resource_);
      core::ValueWriter writer(buffer, resource_, core::kMaxValueDepth + 1);
      properties = event_properties(JsonbReader(pg::fetch(one->properties.value)), buffer, writer);
    }
    timeline_.add_event(one->at, one->event, one->message_id.empty() ? std::nullopt : std::optional(one->message_id),
                        properties);
  }
  return finish_timeline(timeline_);
}

PartValues Parts::values(std::size_t part) {
  const Part& one = parts_[part];
  const bool happened = std::any_of(one.observations.begin(), one.observations.end(),
                                    [](const Observation* observation) { return !observation->event.empty(); });
  return {profile_of(one), happened ? timeline_of(one) : Datum{0}};
}

PartValues Parts::joined(const PartValues& stored, std::span<const PartValues> added) {
  PartValues result;
  const auto read = [](auto payload, Datum value) { return pg::call([&] { return payload(value); }); };
  profile_.clear();
  profile_.add_profile(core::ProfileView(read(profile_payload, stored.profile)));
  for (const PartValues& one : added) profile_.add_profile(core::ProfileView(read(profile_payload, one.profile)));
  result.profile = finish_profile(profile_);
  if (std::none_of(added.begin(), added.end(), [](const PartValues& one) { return one.timeline != 0; })) return result;
  timeline_.clear();
  timeline_.add_timeline(core::TimelineView(read(timeline_payload, stored.timeline)), pg::poll());
  for (const PartValues& one : added)
    if (one.timeline != 0) timeline_.add_timeline(core::TimelineView(read(timeline_payload, one.timeline)), pg::poll());
  result.timeline = finish_timeline(timeline_);
  return result;
}

bool same(const PartValues& a, const PartValues& b) noexcept {
  const auto equal = [](Datum x, Datum y) {
    const Size bytes = VARSIZE_ANY(DatumGetPointer(x));
    return bytes == VARSIZE_ANY(DatumGetPointer(y)) && std::memcmp(DatumGetPointer(x), DatumGetPointer(y), bytes) == 0;
  };
  return equal(a.profile, b.profile) && equal(a.timeline, b.timeline);
}

struct PartRows {
  pg::direct::Open profiles, parts;
  OpenRows rows;

  static Datum value(const pg::direct::Open& table, HeapTuple row, int column) {
    return pg::call([&] { return table.value(row, column); });
  }
  static PartValues values(const pg::direct::Open& table, HeapTuple row, int first) {
    return {value(table, row, first), value(table, row, first + 1)};
  }
  void write(const pg::direct::Open& table, HeapTuple row, const PartValues& values) const {
    pg::call([&] { table.write(row, {values.profile, values.timeline}); });
  }
};

namespace {

// In the memory context that is current.
PartsReady copy_of(const PartsReady& ready) {
  const auto copy = [](const PartValues& of) {
    const auto one = [](Datum value) { return value == 0 ? value : datumCopy(value, false, -1); };
    return PartValues{one(of.profile), one(of.timeline)};
  };
  PartsReady result;
  result.parts.resize(ready.parts.size());
  pg::call([&] {
    result.customer_row = heap_copytuple(ready.customer_row);
    result.customer = copy(ready.customer);
    for (std::size_t i = 0; i < ready.parts.size(); ++i)
      result.parts[i] = {heap_copytuple(ready.parts[i].first), copy(ready.parts[i].second)};
  });
  return result;
}

// The same version of the same row.
bool same(HeapTuple a, HeapTuple b) noexcept {
  return ItemPointerEquals(&a->t_self, &b->t_self) &&
         HeapTupleHeaderGetRawXmin(a->t_data) == HeapTupleHeaderGetRawXmin(b->t_data);
}

}  // namespace

std::map<std::int64_t, Parts::Places> Parts::by_customer() const {
  std::map<std::int64_t, Places> customers;
  for (std::size_t i = 0; i < parts_.size(); ++i)
    customers.try_emplace(parts_[i].cluster, resource_).first->second.push_back(i);
  return customers;
}

// All parts of one customer, if all of them are there already. Its row, if it is known.
std::optional<PartsReady> Parts::ready(PartRows& open, HeapTuple customer, const Places& places) {
  if (customer == nullptr)
    customer = pg::call([&] { return open.profiles.find({Int64GetDatum(parts_[places.front()].cluster)}); });
  if (customer == nullptr) return std::nullopt;
  PartsReady result{customer, {}, {}};
  for (const std::size_t place : places) {
    const Part& part = parts_[place];
    const query::Argument ids = query::array(part.ids);
    const HeapTuple row = pg::call([&] {
      return open.parts.find({Int32GetDatum(rules_.source_id(part.source)), ids.value});
    });
    if (row == nullptr || DatumGetInt64(PartRows::value(open.parts, row, 3)) != part.anchor) return std::nullopt;
    result.parts.push_back({row, {}});
  }
  std::pmr::vector<PartValues> added(resource_);
  PartValues old;
  for (std::size_t i = 0; i < places.size(); ++i) {
    added.push_back(values(places[i]));
    old = PartRows::values(open.parts, result.parts[i].first, 4);
    result.parts[i].second = joined(old, {&added.back(), 1});
  }
  const PartValues stored = PartRows::values(open.profiles, customer, 2);
  result.customer = added.size() == 1 && same(old, stored) ? result.parts.front().second : joined(stored, added);
  return result;
}

void Parts::make_ready() {
  PartRows open;
  if (!open.rows.begin(schema_, {{&open.profiles, &kProfileRows}, {&open.parts, &kPartRows}})) return;
  const MemoryContext kept = CurrentMemoryContext;
  {
    pg::RowContext memory;
    for (const auto& [cluster, places] : by_customer()) {
      pg::poll()();
      if (const auto made = ready(open, nullptr, places)) {
        const MemoryContext row = MemoryContextSwitchTo(kept);
        ready_.emplace(cluster, copy_of(*made));
        MemoryContextSwitchTo(row);
      }
      memory.reset();
    }
  }
  open.rows.end();
}

void Parts::overwrite(PartRows& open, const PartsReady& ready, const Places& places, Written& written) const {
  for (std::size_t i = 0; i < places.size(); ++i) {
    const auto& [row, values] = ready.parts[i];
    open.write(open.parts, row, values);
    written.parts[places[i]] = DatumGetInt64(PartRows::value(open.parts, row, 2));
  }
  open.write(open.profiles, ready.customer_row, ready.customer);
  written.profiles.emplace(parts_[places.front()].cluster,
                           DatumGetInt64(PartRows::value(open.profiles, ready.customer_row, 1)));
}

Parts::Written Parts::write(std::span<const ClusterVersion> locked) {
  Written written{std::pmr::vector<std::int64_t>(parts_.size(), 0, resource_),
                  std::pmr::map<std::int64_t, std::int64_t>(resource_)};
  Places left(resource_);
  PartRows open;
  const bool opened = open.rows.begin(schema_, {{&open.profiles, &kProfileRows}, {&open.parts, &kPartRows}});
  {
    pg::RowContext memory;
    for (const auto& [cluster, places] : by_customer()) {
      pg::poll()();
      const auto at = std::lower_bound(locked.begin(), locked.end(), cluster,
                                       [](const ClusterVersion& one, std::int64_t id) { return one.cluster < id; });
      const HeapTuple row = at != locked.end() && at->cluster == cluster ? at->row : nullptr;
      const auto before = ready_.find(cluster);
      if (opened && row != nullptr && before != ready_.end() && same(before->second.customer_row, row)) {
        overwrite(open, before->second, places, written);
      } else if (const auto now = opened ? ready(open, row, places) : std::nullopt) {
        overwrite(open, *now, places, written);
      } else {
        left.insert(left.end(), places.begin(), places.end());
      }
      memory.reset();
    }
  }
  if (opened) open.rows.end();
  if (!left.empty()) write_by_statement(left, written);
  return written;
}

void Parts::write_by_statement(const Places& places, Written& written) {
  std::pmr::vector<std::int32_t> sources(resource_);
  std::pmr::vector<std::int64_t> anchors(resource_), clusters(resource_);
  std::pmr::vector<std::string> texts(resource_);
  std::pmr::vector<Datum> profile(resource_), timeline(resource_);
  for (const std::size_t place : places) {
    const Part& one = parts_[place];
    sources.push_back(rules_.source_id(one.source));
    texts.push_back(array_text(one.ids));
    anchors.push_back(one.anchor);
    clusters.push_back(one.cluster);
    profile.push_back(profile_of(one));
    timeline.push_back(timeline_of(one));
  }
  const std::pmr::vector<std::string_view> ids(texts.begin(), texts.end(), resource_);
  const query::Rows rows = schema_.run(
      kWrite, {query::array(sources), query::array(std::span<const std::string_view>(ids)), query::array(anchors),
               query::array(clusters), query::varlena_array(profile, query::kProfileArray),
               query::varlena_array(timeline, query::kTimelineArray)});
  std::pmr::map<std::pair<std::int64_t, std::string_view>, std::size_t> number(resource_);
  for (std::size_t i = 0; i < places.size(); ++i) number.emplace(std::pair(sources[i], ids[i]), places[i]);
  for (std::uint64_t i = 0; i < rows.size(); ++i) {
    if (rows.is_null(i, 1)) {
      written.profiles.emplace(rows.int8(i, 2), rows.int8(i, 3));
    } else {
      written.parts[number.at({rows.int8(i, 2), rows.text(i, 1)})] = rows.int8(i, 3);
    }
  }
}

}  // namespace cdp::sql
