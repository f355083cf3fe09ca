// Events on their way into a space: read, told from those that came before, taken in as observations, and kept.
#pragma once

#include <list>
#include <memory_resource>
#include <optional>
#include <string>

#include "core/event/event.hpp"
#include "core/event/message.hpp"
#include "sql/event_document.hpp"
#include "sql/space_observe.hpp"
#include "sql/space_refusal.hpp"

namespace cdp::sql {

enum class EventStatus : std::uint8_t { stored, duplicate, rejected, unattributed };
const char* name_of(EventStatus status) noexcept;

class Ingestion {
 public:
  // What became of an event.
  struct Outcome {
    EventStatus status = EventStatus::rejected;
    std::string message_id;  // empty: it has none
    // Of a rejection; a duplicate has a reason if it says something else, what is stored if it names what wasn't used.
    std::string reason, sentence, hint;
    std::int64_t profile = 0;
  };

  Ingestion(const pg::query::Schema& schema, const SpaceRules& rules, std::pmr::memory_resource* resource)
      : schema_(schema), rules_(rules), resource_(resource) {}

  // The events of the document, which has so many bytes, and has to live as long as this. The places of their outcomes
  // are consecutive.
  void add(Jsonb* document, std::size_t bytes, core::identity::SourceIndex source, std::int64_t received_at);
  std::size_t size() const noexcept { return arrived_.size(); }

  // Once. No event costs another: those that can't be stored are rejected, each with the server's reason.
  void run();
  const Outcome& outcome(std::size_t i) const { return outcomes_[i]; }
  // Rejected only because very many are refused together, to be taken in by another transaction.
  bool is_untried(std::size_t i) const;
  // The event as JSON.
  std::string text(std::size_t i) const { return text_of_jsonb(arrived_[i]->payload); }

 private:
  struct Arrived {
    explicit Arrived(std::pmr::memory_resource* resource) : event(resource), names(resource) {}

    core::event::Event event;
    std::pmr::vector<NamedIdentifier> names;
    core::identity::SourceIndex source = 0;
    std::int64_t received_at = 0;
    pg::query::Argument payload, attributes, properties;
    std::string unknown;     // says which types of identifiers the space doesn't have
    std::string message_id;  // by which it is told again; empty: it can't be
    core::event::ShortId short_id{};
    std::uint64_t digest = 0;
  };
  using Places = std::pmr::vector<std::size_t>;

  void read(const core::event::Document& document, const core::event::Incoming& incoming,
            core::identity::SourceIndex source);
  void reject(std::size_t place, std::string reason, std::string sentence, std::string hint);
  void complete(Arrived& arrived, const core::event::Document& document, const core::event::Incoming& incoming);
  void take(Places places);
  void judge_copies(std::size_t place);
  void sift(const Places& places, const Refusal& refusal, bool jointly, Places& good);
  std::optional<Refusal> attempt(const Places& places, bool keep);
  void take_together(const Places& places, bool keep);
  void conclude(std::size_t place, std::int64_t profile, std::string unreadable);
  Places fresh(const Places& places);
  void mark_duplicates(const Places& places);
  void store(const Places& places, const Observations& observations);

  const pg::query::Schema& schema_;
  const SpaceRules& rules_;
  std::pmr::memory_resource* resource_;
  std::list<Arrived> arrived_list_;
  std::vector<Arrived*> arrived_;
  std::vector<Outcome> outcomes_;
  std::vector<std::size_t> copies_;  // the next event of the same message; 0: none
  std::size_t joint_trials_ = 0;
};

}  // namespace cdp::sql
