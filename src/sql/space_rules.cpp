// src/sql/space_rules.cpp: reads the settings, types of identifiers and sources of a space.
#include "sql/space_rules.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>

#include "core/bytes/error.hpp"
#include "core/bytes/nearest.hpp"
#include "core/identity/link.hpp"
#include "sql/space_lock.hpp"
#include "sql/space_patch.hpp"

namespace cdp::sql {

namespace {

namespace identity = core::identity;
using pg::query::Rows;
using pg::query::Statement;

const Statement kSettings{
    "SELECT s.link_threshold, s.review_threshold, s.max_identifiers, s.max_closure, s.hub_alarm, s.region"
    " FROM " CDP_SETTINGS_PATCHED " AS s",
    {JSONBOID}};
const Statement kVersion{"SELECT rules_version, xmin FROM {space}.space", {}};
const Statement kTypes{
    "SELECT t.type, t.priority, t.max_per_profile, t.links, t.known, t.newest, t.normaliser"
    " FROM " CDP_TYPES_PATCHED " AS t ORDER BY t.type COLLATE pg_catalog.\"C\"",
    {JSONBOID}};
const Statement kDegrees{"SELECT t.type, d.key, d.value::pg_catalog.int4 FROM " CDP_TYPES_PATCHED
                         " AS t, pg_catalog.jsonb_each_text(t.max_degree) AS d"
                         " ORDER BY t.type COLLATE pg_catalog.\"C\", d.key COLLATE pg_catalog.\"C\"",
                         {JSONBOID}};
const Statement kSources{
    "SELECT coalesce(s.source_id, 2147483647), s.source, s.priority, s.trusted"
    " FROM " CDP_SOURCES_PATCHED " AS s ORDER BY s.source_id, s.source COLLATE pg_catalog.\"C\"",
    {JSONBOID}};

Normaliser normaliser_of(std::string_view name) {
  if (name == "phone") return Normaliser::phone;
  return name == "email" ? Normaliser::email : Normaliser::email_of_provider;
}

// The version counts changes; a space that was dropped and made anew begins again, but has another table. After a
// change that was rolled back the next one has the same number, but another writer.
struct Remembered {
  Oid table = InvalidOid;
  std::int64_t version = 0;
  TransactionId writer = InvalidTransactionId;
  std::shared_ptr<const SpaceRules> rules;
};

std::pair<std::int64_t, TransactionId> version_of(const Rows& row) {
  if (row.size() != 1) return {0, InvalidTransactionId};
  return {row.int8(0, 1), DatumGetTransactionId(row.value(0, 2))};
}

// Names have 63 bytes at the most.
std::string named(std::string_view name) { return std::string(core::excerpt(name, 80)); }

[[noreturn]] void fail_unknown(const char* what, std::string_view name, std::span<const std::string_view> names) {
  const std::string_view near = core::nearest(name, names);
  std::string hint = near.empty() ? "There are" : "Perhaps you meant \"" + std::string(near) + "\".";
  for (std::size_t i = 0; near.empty() && i < names.size(); ++i)
    hint += (i == 0 ? " \"" : ", \"") + std::string(names[i]) +
            (i + 1 == names.size() ? "\"; cdp.set_rules adds one." : "\"");
  throw core::Error(core::Code::undefined_object, std::string(what) + " \"" + named(name) + "\" does not exist", {},
                    names.empty() ? std::string() : hint);
}

}  // namespace

SpaceRules::SpaceRules(const pg::query::Schema& schema, pg::query::Argument patch)
    : types_(&resource_),
      normalisers_(&resource_),
      sources_(&resource_),
      source_names_(&resource_),
      source_ids_(&resource_),
      degrees_(&resource_) {
  read_settings(schema, patch);
  read_types(schema, patch);
  read_degrees(schema, patch);
  read_sources(schema, patch);
  rules_.types = types_;
  rules_.sources = sources_;
  identity::check_rules(rules_);
}

std::string_view SpaceRules::keep(std::string_view text) {
  if (text.empty()) return {};
  auto* const copy = static_cast<char*>(resource_.allocate(text.size(), 1));
  std::memcpy(copy, text.data(), text.size());
  return {copy, text.size()};
}

void SpaceRules::read_settings(const pg::query::Schema& schema, pg::query::Argument patch) {
  const Rows row = schema.run(kSettings, {patch});
  if (row.size() != 1) throw core::Error(core::Code::undefined_object, "the settings of the space are missing");
  rules_.threshold = row.float8(0, 1);
  rules_.review_threshold = row.float8(0, 2);
  max_identifiers_ = static_cast<std::size_t>(row.int4(0, 3));
  rules_.max_closure = static_cast<std::uint32_t>(row.int4(0, 4));
  rules_.hub_alarm = static_cast<std::uint32_t>(row.int4(0, 5));
  if (!row.is_null(0, 6)) region_ = keep(row.text(0, 6));
}

void SpaceRules::read_types(const pg::query::Schema& schema, pg::query::Argument patch) {
  const Rows rows = schema.run(kTypes, {patch});
  for (std::uint64_t i = 0; i < rows.size(); ++i) {
    identity::Type type;
    type.name = keep(rows.text(i, 1));
    type.priority = static_cast<std::uint32_t>(rows.int4(i, 2));
    if (!rows.is_null(i, 3)) type.max_per_profile = static_cast<std::uint32_t>(rows.int4(i, 3));
    type.links = rows.boolean(i, 4);
    type.known = rows.boolean(i, 5);
    type.newest = rows.boolean(i, 6);
    types_.push_back(type);
    normalisers_.push_back(rows.is_null(i, 7) ? Normaliser::none : normaliser_of(rows.text(i, 7)));
  }
}

void SpaceRules::read_degrees(const pg::query::Schema& schema, pg::query::Argument patch) {
  const Rows rows = schema.run(kDegrees, {patch});
  std::pmr::vector<std::size_t> ends(types_.size() + 1, &resource_);
  for (std::uint64_t i = 0; i < rows.size(); ++i) {
    const std::int32_t most = rows.int4(i, 3);
    if (most < 0) throw core::Error(core::Code::invalid_parameter, "max_degree must not be negative");
    degrees_.push_back({type(rows.text(i, 2)), static_cast<std::uint32_t>(most)});
    ends[type(rows.text(i, 1)) + std::size_t{1}] = degrees_.size();
  }
  for (std::size_t i = 0; i < types_.size(); ++i) {
    ends[i + 1] = std::max(ends[i], ends[i + 1]);
    types_[i].max_degree = std::span(degrees_).subspan(ends[i], ends[i + 1] - ends[i]);
  }
}

void SpaceRules::read_sources(const pg::query::Schema& schema, pg::query::Argument patch) {
  const Rows rows = schema.run(kSources, {patch});
  for (std::uint64_t i = 0; i < rows.size(); ++i) {
    source_ids_.push_back(rows.int4(i, 1));
    source_names_.push_back(keep(rows.text(i, 2)));
    sources_.push_back({static_cast<std::uint32_t>(rows.int4(i, 3)), rows.boolean(i, 4)});
  }
}

const identity::Type* SpaceRules::find_type(std::string_view name) const noexcept {
  const auto at = std::lower_bound(types_.begin(), types_.end(), name,
                                   [](const identity::Type& type, std::string_view n) { return type.name < n; });
  return at != types_.end() && at->name == name ? &*at : nullptr;
}

bool SpaceRules::has_source(std::string_view name) const noexcept {
  return std::find(source_names_.begin(), source_names_.end(), name) != source_names_.end();
}

identity::TypeIndex SpaceRules::type(std::string_view name) const {
  if (const identity::Type* const found = find_type(name))
    return static_cast<identity::TypeIndex>(found - types_.data());
  std::vector<std::string_view> names;
  for (const identity::Type& type : types_) names.push_back(type.name);
  fail_unknown("identifier type", name, names);
}

identity::SourceIndex SpaceRules::source(std::string_view name) const {
  const auto at = std::find(source_names_.begin(), source_names_.end(), name);
  if (at == source_names_.end()) fail_unknown("source", name, source_names_);
  return static_cast<identity::SourceIndex>(at - source_names_.begin());
}

identity::SourceIndex SpaceRules::source_of(std::int32_t id) const {
  const auto at = std::lower_bound(source_ids_.begin(), source_ids_.end(), id);
  if (at == source_ids_.end() || *at != id)
    throw core::Error(core::Code::corrupted, "a link names source " + std::to_string(id) + ", which does not exist");
  return static_cast<identity::SourceIndex>(at - source_ids_.begin());
}

Oid require_space(const pg::query::Schema& schema) {
  const Oid table = schema.table("space");
  if (table == InvalidOid)
    throw core::Error(core::Code::undefined_space, "space \"" + named(schema.name()) + "\" does not exist", {},
                      "The view cdp.spaces lists those there are; cdp.create_space makes one.");
  return table;
}

std::shared_ptr<const SpaceRules> rules_of(const pg::query::Schema& schema) {
  static std::array<Remembered, 16> all;
  static std::size_t next = 0;
  const Oid table = require_space(schema);
  if (!schema.look_only()) share_rules(schema);
  const auto [version, writer] = version_of(schema.run(kVersion, {}));
  if (!schema.look_only() && IsolationUsesXactSnapshot() &&
      version_of(schema.newest(kVersion)) != std::pair(version, writer))
    pg::call([] {
      ereport(ERROR, (errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
                      errmsg("could not serialize access due to concurrent change of rules")));
    });
  for (const Remembered& one : all)
    if (one.table == table && one.version == version && one.writer == writer) return one.rules;
  auto rules = std::make_shared<const SpaceRules>(schema, no_patch());
  const auto same = std::find_if(all.begin(), all.end(), [&](const Remembered& one) { return one.table == table; });
  (same == all.end() ? all[next++ % all.size()] : *same) = {table, version, writer, rules};
  return rules;
}

}  // namespace cdp::sql
