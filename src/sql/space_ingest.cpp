// src/sql/space_ingest.cpp: stores events once, whatever becomes of their neighbours.
#include "sql/space_ingest.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <utility>

#include "core/bytes/error.hpp"
#include "core/bytes/utf8.hpp"
#include "core/event/batch.hpp"
#include "pg/datum.hpp"
#include "pg/interrupt.hpp"
#include "sql/space_lock.hpp"
#include "sql/space_part.hpp"

namespace cdp::sql {

namespace {

namespace event = core::event;
namespace query = pg::query;
using query::Statement;

// In the order in which everybody does it, so that nobody waits for anybody in a circle.
#define CDP_REMEMBER                                                                                           \
  "INSERT INTO {space}.message (source_id, message_id, digest, received_at)"                                   \
  " SELECT m.source_id, m.message_id, m.digest, m.received_at FROM ROWS FROM (pg_catalog.unnest($1), "         \
  "pg_catalog.unnest($2), pg_catalog.unnest($3), pg_catalog.unnest($4)) AS m (source_id, message_id, digest, " \
  "received_at)"                                                                                               \
  " ORDER BY m.source_id, m.message_id COLLATE pg_catalog.\"C\""
const Statement kRemember{CDP_REMEMBER
                          " ON CONFLICT (source_id, message_id) DO NOTHING RETURNING source_id, message_id",
                          {INT4ARRAYOID, TEXTARRAYOID, INT8ARRAYOID, TIMESTAMPTZARRAYOID}};
const Statement kRememberNew{CDP_REMEMBER, {INT4ARRAYOID, TEXTARRAYOID, INT8ARRAYOID, TIMESTAMPTZARRAYOID}};
#undef CDP_REMEMBER
const Statement kRemembered{
    "SELECT w.place, m.digest FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2)) WITH ORDINALITY AS w "
    "(source_id, message_id, place)"
    " JOIN {space}.message AS m ON m.source_id OPERATOR(pg_catalog.=) w.source_id"
    " AND m.message_id OPERATOR(pg_catalog.=) w.message_id",
    {INT4ARRAYOID, TEXTARRAYOID}};
const Statement kStore{
    "INSERT INTO {space}.event (at, received_at, source_id, kind, event, message_id, identifiers, part_id, payload)"
    " SELECT e.at, e.received_at, e.source_id, e.kind, "
    "CASE WHEN e.event OPERATOR(pg_catalog.<>) '' THEN e.event END,"
    " CASE WHEN e.message_id OPERATOR(pg_catalog.<>) '' THEN e.message_id END, "
    "e.ids::pg_catalog.int8[], CASE WHEN e.part_id OPERATOR(pg_catalog.<>) 0 THEN e.part_id END, e.payload"
    " FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2), pg_catalog.unnest($3), pg_catalog.unnest($4), "
    "pg_catalog.unnest($5), pg_catalog.unnest($6), pg_catalog.unnest($7), pg_catalog.unnest($8), "
    "pg_catalog.unnest($9))"
    "  AS e (at, received_at, source_id, kind, event, message_id, ids, part_id, payload)",
    {TIMESTAMPTZARRAYOID, TIMESTAMPTZARRAYOID, INT4ARRAYOID, TEXTARRAYOID, TEXTARRAYOID, TEXTARRAYOID, TEXTARRAYOID,
     INT8ARRAYOID, JSONBARRAYOID}};

constexpr std::array<const char*, 7> kKinds = {"identify", "track", "page", "screen", "group", "alias", "cloud"};

using Texts = std::pmr::vector<std::string_view>;
query::Argument texts(const Texts& of) { return query::array(std::span<const std::string_view>(of)); }

std::string reason_of(int sqlstate) {
  return is_of_content(sqlstate) ? "invalid_content" : std::string("refused_") + unpack_sql_state(sqlstate);
}

constexpr const char* kTypesHint = "The table identifier_type lists the types; cdp.set_rules adds one.";

std::string quoted(std::string_view text) { return "\"" + std::string(core::excerpt(text, 40)) + "\""; }

// Says which identifiers the normalisers of their types couldn't read; empty: none.
std::string unreadable(const Observations& observations, std::size_t observation) {
  std::string sentence;
  observations.each_unreadable(observation, [&](const Name& name) {
    sentence += (sentence.empty() ? "" : " ") + quoted(name.value) + " is no " + std::string(name.type) + ".";
  });
  return sentence;
}

// A trial went well; it is rolled back.
struct Tried {};

// To look whether a message is known takes most of the time of remembering it, and most aren't. False if one is; who
// then looks gets the error again if the constraint was another one.
constexpr std::size_t kWorthTrying = 32;
bool remember_new(const query::Schema& schema, std::initializer_list<query::Argument> messages) {
  try {
    Subtransaction inside;
    schema.run(kRememberNew, messages);
    inside.commit();
    return true;
  } catch (const pg::Error& error) {
    if (error.data()->sqlerrcode != ERRCODE_UNIQUE_VIOLATION) throw;
    return false;
  }
}

constexpr std::size_t kMostJointTrials = 256;
constexpr const char* kUntried = "not_tried";

// Says itself when it happened: then its content can tell it again.
bool says_time(const event::Document& document, const event::Field& object) {
  for (const char* key : {"originalTimestamp", "timestamp", "time"})
    if (document.member(object, key).kind == event::Field::Kind::string) return true;
  return false;
}

}  // namespace

const char* name_of(EventStatus status) noexcept {
  constexpr std::array<const char*, 4> kNames = {"stored", "duplicate", "rejected", "unattributed"};
  return kNames[static_cast<std::size_t>(status)];
}

void Ingestion::add(Jsonb* document, std::size_t bytes, core::identity::SourceIndex source, std::int64_t received_at) {
  const EventDocument reader(document);
  const event::Batch batch(reader);
  for (std::size_t i = 0; i < batch.size(); ++i) {
    event::Incoming incoming = batch[i];
    incoming.received_at = received_at;
    incoming.bytes = batch.size() == 1 ? bytes : 0;
    read(reader, incoming, source);
  }
}

bool Ingestion::is_untried(std::size_t i) const { return outcomes_[i].reason == kUntried; }

void Ingestion::reject(std::size_t place, std::string reason, std::string sentence, std::string hint) {
  Outcome& outcome = outcomes_[place];
  outcome.status = EventStatus::rejected;
  outcome.reason = std::move(reason);
  outcome.sentence = std::move(sentence);
  outcome.hint = std::move(hint);
}

void Ingestion::read(const event::Document& document, const event::Incoming& given,
                     core::identity::SourceIndex source) {
  pg::poll()();
  const std::size_t place = outcomes_.size();
  outcomes_.emplace_back();
  Arrived& arrived = *arrived_.emplace_back(&arrived_list_.emplace_back(resource_));
  event::Incoming incoming = given;
  arrived.payload = jsonb_of(incoming.object);
  if (incoming.bytes == 0 && !arrived.payload.null) incoming.bytes = pg::size_of(arrived.payload.value);
  arrived.source = source;
  arrived.received_at = incoming.received_at;
  event::Limits limits;
  limits.identifiers = rules_.max_identifiers();
  if (auto rejection = event::read_event(document, incoming, limits, arrived.event))
    return reject(place, std::string(event::code_of(rejection->reason)), std::move(rejection->sentence),
                  std::move(rejection->hint));
  for (const event::Identifier& one : arrived.event.identifiers) {
    if (rules_.has_type(one.type)) {
      arrived.names.push_back({one.type, one.value});
    } else {
      arrived.unknown += (arrived.unknown.empty() ? "Types that the space doesn't have: " : ", ") + quoted(one.type);
    }
  }
  if (arrived.names.empty())
    return reject(place, "no_identifier", "The event has no identifier of a type that the space knows.", kTypesHint);
  complete(arrived, document, incoming);
  outcomes_[place].status = EventStatus::stored;
  outcomes_[place].message_id = arrived.event.message_id;
}

void Ingestion::complete(Arrived& arrived, const event::Document& document, const event::Incoming& incoming) {
  const event::Event& read = arrived.event;
  arrived.attributes = joined(jsonb_of(read.context_traits), jsonb_of(read.traits));
  arrived.properties = jsonb_of(read.properties);
  if (read.kind == event::Kind::cloud && read.properties.kind != event::Field::Kind::object && !arrived.properties.null)
    arrived.properties = jsonb_object("data", arrived.properties);
  if (!read.page_name.empty())
    arrived.properties = joined(jsonb_object("name", jsonb_string(read.page_name)), arrived.properties);
  if (read.kind == event::Kind::group)
    arrived.properties = joined(arrived.properties, jsonb_object("groupId", jsonb_string(read.group_id)));
  arrived.digest = digest_of(arrived.payload, 0);
  arrived.message_id = read.message_id;
  if (arrived.message_id.empty() && says_time(document, incoming.object)) {
    char content[48];
    std::snprintf(content, sizeof content, "content:%016llx%016llx", static_cast<unsigned long long>(arrived.digest),
                  static_cast<unsigned long long>(digest_of(arrived.payload, 1)));
    arrived.message_id = content;
  }
  if (!arrived.message_id.empty()) arrived.short_id = event::short_id(arrived.message_id);
}

void Ingestion::run() {
  Places places(resource_);
  std::pmr::map<std::pair<core::identity::SourceIndex, std::string_view>, std::size_t> last(resource_);
  copies_.assign(arrived_.size(), 0);
  for (std::size_t i = 0; i < arrived_.size(); ++i) {
    if (outcomes_[i].status == EventStatus::rejected) continue;
    const Arrived& arrived = *arrived_[i];
    if (!arrived.message_id.empty()) {
      const auto [at, is_first] = last.try_emplace({arrived.source, arrived.message_id}, i);
      if (!is_first) {
        copies_[std::exchange(at->second, i)] = i;
        continue;
      }
    }
    places.push_back(i);
  }
  take(places);
  for (const std::size_t place : places) judge_copies(place);
}

// Of what was taken; of what was refused they were tried in its place.
void Ingestion::judge_copies(std::size_t place) {
  while (outcomes_[place].status == EventStatus::rejected && !is_untried(place) && copies_[place] != 0)
    place = copies_[place];
  for (std::size_t copy = copies_[place]; copy != 0; copy = copies_[copy]) {
    if (is_untried(place)) {
      outcomes_[copy] = outcomes_[place];
      continue;
    }
    outcomes_[copy].status = EventStatus::duplicate;
    if (arrived_[place]->digest != arrived_[copy]->digest) outcomes_[copy].reason = "different_content";
  }
}

// All at once. If that fails on account of some, these are found by trials, and the rest is taken: nobody keeps the
// locks of some events while taking those of more.
void Ingestion::take(Places places) {
  for (bool jointly = false; !places.empty();) {
    const auto refusal = attempt(places, true);
    if (!refusal) return;
    Places good(resource_);
    joint_trials_ = 0;
    sift(places, *refusal, jointly, good);
    // What comes and goes is no event's fault.
    if (jointly && good.size() == places.size()) return take_together(good, true);
    jointly = true;
    for (const std::size_t place : places) {
      if (outcomes_[place].status != EventStatus::rejected || is_untried(place) || copies_[place] == 0) continue;
      good.push_back(copies_[place]);
      jointly = false;
    }
    places = std::move(good);
  }
}

// Of places that failed together, those that don't: each by itself, or, which takes the square of the time, also
// together; then not for ever.
void Ingestion::sift(const Places& places, const Refusal& refusal, bool jointly, Places& good) {
  if (places.size() == 1) return reject(places.front(), reason_of(refusal.sqlstate), refusal.sentence, refusal.hint);
  if (jointly && joint_trials_ >= kMostJointTrials) {
    for (const std::size_t place : places)
      reject(place, kUntried, "It came with others that are refused together: " + refusal.sentence, "Send it again.");
    return;
  }
  const auto middle = places.begin() + static_cast<std::ptrdiff_t>(places.size() / 2);
  for (const Places& half : {Places(places.begin(), middle, resource_), Places(middle, places.end(), resource_)}) {
    Places tried(resource_);
    if (jointly) {
      tried = good;
      ++joint_trials_;
    }
    tried.insert(tried.end(), half.begin(), half.end());
    if (const auto again = attempt(tried, false)) {
      sift(half, *again, jointly, good);
    } else {
      good.insert(good.end(), half.begin(), half.end());
    }
  }
}

std::optional<Refusal> Ingestion::attempt(const Places& places, bool keep) {
  return refusal_of([&] {
    try {
      take_together(places, keep);
    } catch (const Tried&) {
    }
  });
}

// Without `keep` throws Tried when it has gone well.
void Ingestion::take_together(const Places& all, bool keep) {
  Subtransaction inside;
  const Places places = fresh(all);
  Observations observations(schema_, rules_, resource_);
  for (const std::size_t place : places) {
    const Arrived& arrived = *arrived_[place];
    observations.add({arrived.names, arrived.source, arrived.event.at, arrived.attributes, arrived.event.name,
                      arrived.properties, arrived.message_id.empty() ? std::string_view() : arrived.short_id.view()});
  }
  observations.take_in([&] {
    if (!places.empty()) store(places, observations);
    if (!keep) throw Tried();
  });
  inside.commit();
  for (std::size_t i = 0; i < places.size(); ++i)
    conclude(places[i], observations.profile(i), unreadable(observations, i));
}

void Ingestion::conclude(std::size_t place, std::int64_t profile, std::string unreadable) {
  const std::string& unknown = arrived_[place]->unknown;
  Outcome& outcome = outcomes_[place];
  outcome.profile = profile;
  outcome.status = profile == 0 ? EventStatus::unattributed : EventStatus::stored;
  outcome.reason = unknown.empty() && unreadable.empty() ? "" : "ignored_identifier";
  outcome.hint = unknown.empty() ? "" : kTypesHint;
  outcome.sentence = std::move(unreadable);
  if (!unknown.empty()) outcome.sentence += (outcome.sentence.empty() ? "" : " ") + unknown + ".";
}

// Those that weren't stored before.
Ingestion::Places Ingestion::fresh(const Places& places) {
  Texts ids(resource_);
  std::pmr::vector<std::int32_t> sources(resource_);
  std::pmr::vector<std::int64_t> digests(resource_), times(resource_);
  std::pmr::map<std::pair<std::int32_t, std::string_view>, std::size_t> by_id(resource_);
  Places result(resource_);
  for (const std::size_t place : places) {
    const Arrived& arrived = *arrived_[place];
    if (arrived.message_id.empty()) {
      result.push_back(place);
      continue;
    }
    ids.push_back(arrived.message_id);
    sources.push_back(rules_.source_id(arrived.source));
    digests.push_back(static_cast<std::int64_t>(arrived.digest));
    times.push_back(arrived.received_at);
    by_id.emplace(std::pair(sources.back(), std::string_view(arrived.message_id)), place);
  }
  if (ids.empty()) return result;
  const std::initializer_list<query::Argument> messages = {query::array(sources), texts(ids), query::array(digests),
                                                           query::array(times, TIMESTAMPTZOID)};
  if (ids.size() >= kWorthTrying && remember_new(schema_, messages)) return places;
  {
    const query::Rows rows = schema_.run(kRemember, messages);
    for (std::uint64_t i = 0; i < rows.size(); ++i) {
      const auto at = by_id.find({rows.int4(i, 1), rows.text(i, 2)});
      result.push_back(at->second);
      by_id.erase(at);
    }
  }
  std::sort(result.begin(), result.end());
  Places known(resource_);
  for (const auto& [id, place] : by_id) known.push_back(place);
  if (!known.empty()) mark_duplicates(known);
  return result;
}

void Ingestion::mark_duplicates(const Places& places) {
  Texts ids(resource_);
  std::pmr::vector<std::int32_t> sources(resource_);
  for (const std::size_t place : places) {
    outcomes_[place].status = EventStatus::duplicate;
    outcomes_[place].reason.clear();
    ids.push_back(arrived_[place]->message_id);
    sources.push_back(rules_.source_id(arrived_[place]->source));
  }
  const query::Rows rows = schema_.run(kRemembered, {query::array(sources), texts(ids)});
  for (std::uint64_t i = 0; i < rows.size(); ++i) {
    const std::size_t place = places[static_cast<std::size_t>(rows.int8(i, 1)) - 1];
    if (static_cast<std::uint64_t>(rows.int8(i, 2)) != arrived_[place]->digest)
      outcomes_[place].reason = "different_content";
  }
}

void Ingestion::store(const Places& places, const Observations& observations) {
  std::pmr::vector<std::int64_t> times(resource_), received(resource_), parts(resource_);
  std::pmr::vector<std::int32_t> sources(resource_);
  Texts kinds(resource_), names(resource_), messages(resource_);
  std::pmr::vector<std::string> identifiers(resource_);
  std::pmr::vector<Datum> payloads(resource_);
  for (std::size_t i = 0; i < places.size(); ++i) {
    const Arrived& arrived = *arrived_[places[i]];
    times.push_back(arrived.event.at);
    received.push_back(arrived.received_at);
    sources.push_back(rules_.source_id(arrived.source));
    kinds.push_back(kKinds[static_cast<std::size_t>(arrived.event.kind)]);
    names.push_back(arrived.event.name);
    messages.push_back(arrived.message_id);
    identifiers.push_back(array_text(observations.ids(i)));
    parts.push_back(observations.part(i));
    payloads.push_back(arrived.payload.value);
  }
  const Texts ids(identifiers.begin(), identifiers.end(), resource_);
  schema_.run(kStore, {query::array(times, TIMESTAMPTZOID), query::array(received, TIMESTAMPTZOID),
                       query::array(sources), texts(kinds), texts(names), texts(messages), texts(ids),
                       query::array(parts), query::varlena_array(payloads, JSONBARRAYOID)});
}

}  // namespace cdp::sql
