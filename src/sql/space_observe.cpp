// src/sql/space_observe.cpp: finds the identifiers of observations, links them, and keeps what was seen.
#include "sql/space_observe.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>

#include "core/bytes/error.hpp"
#include "sql/space_name.hpp"
#include "sql/space_part.hpp"

namespace cdp::sql {

namespace {

namespace identity = core::identity;
namespace query = pg::query;
using query::Statement;

// Which pairs say nothing new. When and how often somebody was seen last is written once a day. OFFSET has each looked
// up by itself: a plan made while there were few links would go through all of them for each pair.
const Statement kKnown{
    "SELECT p.place FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2), pg_catalog.unnest($3), "
    "pg_catalog.unnest($4), pg_catalog.unnest($5)) WITH ORDINALITY AS p (a, b, source_id, first_seen, last_seen, "
    "place),"
    " LATERAL (SELECT l.confidence, l.first_seen, l.last_seen FROM {space}.link AS l"
    "  WHERE l.a OPERATOR(pg_catalog.=) p.a AND l.b OPERATOR(pg_catalog.=) p.b"
    "   AND l.source_id OPERATOR(pg_catalog.=) p.source_id AND l.rule OPERATOR(pg_catalog.=) 0 OFFSET 0) AS l"
    " WHERE l.confidence OPERATOR(pg_catalog.=) 1 AND l.first_seen OPERATOR(pg_catalog.<=) p.first_seen"
    "  AND l.last_seen OPERATOR(pg_catalog.>=) p.last_seen",
    {INT8ARRAYOID, INT8ARRAYOID, INT4ARRAYOID, TIMESTAMPTZARRAYOID, TIMESTAMPTZARRAYOID}};

constexpr std::int64_t kDay = 86'400'000'000;  // microseconds
constexpr std::size_t kNoPart = SIZE_MAX, kMany = 16;

}  // namespace

Observations::Observations(const query::Schema& schema, const SpaceRules& rules, std::pmr::memory_resource* resource)
    : schema_(schema),
      rules_(rules),
      resource_(resource),
      observations_(resource),
      names_(resource),
      read_(resource),
      locked_(resource),
      changes_(resource),
      places_(resource),
      profiles_(resource),
      parts_(resource) {}

void Observations::add(const Observation& observation) {
  Taken taken{observation, std::pmr::vector<std::uint32_t>(resource_)};
  for (const NamedIdentifier& one : observation.identifiers) {
    const identity::TypeIndex type = rules_.type(one.type);
    const Spelled spelled = spell(schema_, rules_, type, one.value, resource_);
    const bool twice = std::any_of(taken.names.begin(), taken.names.end(), [&](std::uint32_t name) {
      return names_[name].type == one.type && names_[name].value == spelled.value;
    });
    if (twice) continue;
    if (taken.names.size() == rules_.max_identifiers())
      throw core::Error(core::Code::limit_exceeded, "too many identifiers",
                        "At most " + std::to_string(rules_.max_identifiers()) + " are taken in together.");
    taken.names.push_back(static_cast<std::uint32_t>(names_.size()));
    names_.push_back({rules_.rules().types[type].name, spelled.value, type, spelled.readable});
  }
  observations_.push_back(std::move(taken));
}

void Observations::take_in(std::function<void()> then) {
  then_ = std::move(then);
  sort_names();
  profiles_.assign(observations_.size(), 0);
  parts_.assign(observations_.size(), 0);
  if (!names_.empty() && !take_in_known()) return write_space(schema_, rules_, *this, resource_);
  if (then_) then_();
}

// By type and value, each once.
void Observations::sort_names() {
  std::pmr::vector<std::uint32_t> order(names_.size(), resource_), place(names_.size(), resource_);
  for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
  const auto name = [&](std::uint32_t i) { return std::pair(names_[i].type, names_[i].value); };
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) { return name(a) < name(b); });
  std::pmr::vector<Name> sorted(resource_);
  for (const std::uint32_t i : order) {
    if (sorted.empty() || sorted.back().type != names_[i].type || sorted.back().value != names_[i].value)
      sorted.push_back(names_[i]);
    place[i] = static_cast<std::uint32_t>(sorted.size() - 1);
  }
  names_ = std::move(sorted);
  for (Taken& taken : observations_) {
    for (std::uint32_t& one : taken.names) one = place[one];
    std::sort(taken.names.begin(), taken.names.end());
  }
}

void Observations::find() {
  read_.set();
  built_.reset();
  find_names(schema_, names_, resource_);
}

void Observations::prepare() {
  read_.set();
  make_ready(settle_names(schema_, names_, resource_));
  found_ = true;
}

// The identifier of the best type that is neither blocked nor a hub, of those of one type the first; else a hub.
// names_.size() if all are blocked. (space_anchor.cpp says the same in SQL.)
std::size_t Observations::anchor(const Taken& taken) const {
  const auto rank = [&](std::size_t name) {
    return std::pair(names_[name].hub, rules_.rules().types[names_[name].type_index].priority);
  };
  std::size_t best = names_.size();
  for (const std::uint32_t name : taken.names) {
    if (names_[name].blocked) continue;
    if (best == names_.size() || rank(name) < rank(best)) best = name;
  }
  return best;
}

std::pmr::vector<std::int64_t> Observations::clusters() {
  if (!found_) find();
  found_ = false;
  return found_clusters();
}

// Of all that may join, and of anchors. Hubs and blocked ones are left alone: everybody has them.
std::pmr::vector<std::int64_t> Observations::found_clusters() const {
  std::pmr::vector<std::int64_t> result(resource_);
  for (const Name& one : names_)
    if (!one.hub && !one.blocked) result.push_back(one.cluster);
  for (const Taken& taken : observations_)
    if (const std::size_t best = anchor(taken); best != names_.size()) result.push_back(names_[best].cluster);
  std::sort(result.begin(), result.end());
  result.erase(std::unique(result.begin(), result.end()), result.end());
  return result;
}

// Reads those again whose customers were written before they were locked; and hubs, which aren't locked.
bool Observations::holds(std::span<const ClusterVersion> locked) {
  locked_.assign(locked.begin(), locked.end());
  const auto row = [&](std::int64_t cluster) {
    const auto at = std::lower_bound(locked.begin(), locked.end(), cluster,
                                     [](const ClusterVersion& each, std::int64_t id) { return each.cluster < id; });
    return at == locked.end() || at->cluster != cluster ? locked.end() : at;
  };
  std::pmr::vector<Name> again(resource_);
  std::pmr::vector<std::size_t> places(resource_);
  for (std::size_t i = 0; i < names_.size(); ++i) {
    if (names_[i].blocked) continue;
    const auto at = row(names_[i].cluster);
    if (!names_[i].hub && at != locked.end() && read_.saw(at->version)) continue;
    again.push_back(names_[i]);
    places.push_back(i);
  }
  if (again.empty()) return true;
  find_names(schema_, again, resource_);
  for (std::size_t i = 0; i < again.size(); ++i) {
    Name& name = names_[places[i]];
    if (name.cluster != again[i].cluster || name.hub != again[i].hub || name.blocked != again[i].blocked)
      built_.reset();
    name = again[i];
  }
  const auto needed = found_clusters();
  return std::all_of(needed.begin(), needed.end(), [&](std::int64_t one) { return row(one) != locked.end(); });
}

// Each pair of a source once, from when to when it was seen.
Observations::Pairs Observations::all_pairs() const {
  using Key = std::tuple<std::int64_t, std::int64_t, identity::SourceIndex>;
  std::pmr::map<Key, std::pair<std::int64_t, std::int64_t>> seen(resource_);
  for (const auto& [observation, names] : observations_) {
    for (std::size_t i = 0; i < names.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        const auto [a, b] = std::minmax(names_[names[i]].id, names_[names[j]].id);
        const auto [at, added] = seen.try_emplace({a, b, observation.source}, observation.at, observation.at);
        at->second.first = std::min(at->second.first, observation.at);
        at->second.second = std::max(at->second.second, observation.at);
      }
    }
  }
  Pairs pairs(resource_);
  for (const auto& [key, when] : seen)
    pairs.push_back({identity::SightingChange::Act::add,
                     std::get<0>(key),
                     std::get<1>(key),
                     {1, when.first, when.second, std::get<2>(key), 0, false}});
  return pairs;
}

// As the space has to know them, so that they say nothing new.
std::pmr::vector<Pair> Observations::asked(const Pairs& pairs) const {
  std::pmr::unordered_map<std::int64_t, bool> newest(resource_);
  for (const Name& one : names_) newest[one.id] = rules_.rules().types[one.type_index].newest;
  std::pmr::vector<Pair> result(resource_);
  for (const identity::SightingChange& pair : pairs) {
    const identity::Sighting& sighting = pair.sighting;
    const bool exact = newest[pair.a] || newest[pair.b] || sighting.last_seen < DT_NOBEGIN + kDay;
    result.push_back({pair.a, pair.b, rules_.source_id(sighting.source), sighting.first_seen,
                      exact ? sighting.last_seen : sighting.last_seen - kDay});
  }
  return result;
}

void Observations::drop_known(Pairs& pairs) const {
  if (pairs.empty()) return;
  const auto asked = this->asked(pairs);
  std::pmr::vector<char> known(pairs.size(), 0, resource_);
  pg::direct::Open links;
  if (OpenRows rows; rows.begin(schema_, {{&links, &kLinkRows}})) {
    pg::call([&] {
      for (std::size_t i = 0; i < asked.size(); ++i) known[i] = is_known(links, asked[i]) ? 1 : 0;
    });
    rows.end();
  } else {
    ask_known(asked, known);
  }
  std::size_t at = 0;
  std::erase_if(pairs, [&](const identity::SightingChange&) { return known[at++] != 0; });
}

void Observations::ask_known(std::span<const Pair> asked, std::span<char> known) const {
  std::pmr::vector<std::int64_t> a(resource_), b(resource_), first(resource_), last(resource_);
  std::pmr::vector<std::int32_t> source(resource_);
  for (const Pair& pair : asked) {
    a.push_back(pair.a);
    b.push_back(pair.b);
    source.push_back(pair.source_id);
    first.push_back(pair.first_seen);
    last.push_back(pair.last_seen);
  }
  const query::Rows rows =
      schema_.run(kKnown, {query::array(a), query::array(b), query::array(source), query::array(first, TIMESTAMPTZOID),
                           query::array(last, TIMESTAMPTZOID)});
  for (std::uint64_t i = 0; i < rows.size(); ++i) known[static_cast<std::size_t>(rows.int8(i, 1)) - 1] = 1;
}

identity::Changes Observations::changes() {
  changes_ = all_pairs();
  drop_known(changes_);
  return {changes_, {}, {}};
}

Cause Observations::cause() const { return {"link"}; }

std::pmr::vector<std::int64_t> Observations::ids(std::size_t observation) const {
  std::pmr::vector<std::int64_t> result(resource_);
  for (const std::uint32_t name : observations_[observation].names) result.push_back(names_[name].id);
  std::sort(result.begin(), result.end());
  return result;
}

std::int64_t Observations::profile(std::size_t observation) const { return profiles_[observation]; }

// The number of its part there; its anchor isn't blocked.
std::size_t Observations::add(Parts& parts, std::size_t observation) const {
  const Taken& taken = observations_[observation];
  const Name& best = names_[anchor(taken)];
  const std::size_t part = parts.part(taken.observation.source, ids(observation), best.id, best.cluster);
  for (const std::uint32_t name : taken.names)
    if (!names_[name].blocked) parts.saw(part, names_[name].type, names_[name].value, taken.observation.at);
  parts.add(part, taken.observation);
  return part;
}

void Observations::build_parts() {
  places_.assign(observations_.size(), kNoPart);
  built_.emplace(schema_, rules_, resource_);
  for (std::size_t i = 0; i < observations_.size(); ++i)
    if (anchor(observations_[i]) != names_.size()) places_[i] = add(*built_, i);
}

// Of many who are known. Those who are new have nothing stored; one alone would be read twice if somebody was faster.
void Observations::make_ready(std::int64_t added) {
  if (observations_.size() < kMany || !wants_rows() || added * 4 > static_cast<std::int64_t>(names_.size())) return;
  build_parts();
  built_->make_ready();
}

void Observations::conclude(bool moved) {
  if (moved) find();
  // What is changed of the graph is written in customers, too.
  if (!changes_.empty()) locked_.clear();
  if (!built_) build_parts();
  const auto written = built_->write(locked_);
  for (std::size_t i = 0; i < observations_.size(); ++i) {
    if (places_[i] == kNoPart) continue;
    parts_[i] = written.parts[places_[i]];
    profiles_[i] = written.profiles.at(names_[anchor(observations_[i])].cluster);
  }
  if (then_) then_();
}

}  // namespace cdp::sql
