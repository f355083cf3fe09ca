// A timeline as text, in the binary protocol, and from bytes that nobody vouches for.
#pragma once

#include "core/bytes/poll.hpp"
#include "core/timeline/builder.hpp"
#include "core/timeline/property_walk.hpp"

namespace cdp::core {

// Text: a JSON document that holds everything the timeline keeps, deterministic, independent of settings.
void print_timeline(const TimelineView& timeline, Buffer& out, const Poll& poll = {});
// Appends the payload of the timeline that the text describes. 22P02 when it describes none.
void parse_timeline(std::string_view text, Buffer& out, std::pmr::memory_resource* resource, const Poll& poll = {});

// Binary protocol: independent of byte order.
void write_binary_timeline(const TimelineView& timeline, Buffer& out);
// Appends the payload of the timeline that the bytes describe. 22P03 for anything that is not in canonical form.
void read_binary_timeline(ByteSpan bytes, Buffer& out, std::pmr::memory_resource* resource, const Poll& poll = {});

// 22P03 unless the payload is the canonical form of some timeline: after that no code can read out of bounds.
void check_timeline(ByteSpan payload, std::pmr::memory_resource* resource, const Poll& poll = {});

// What is wrong with the totals of folded events, if anything: they have to be what a timeline could have folded.
const char* flaw_in_folded(const TimelineView& timeline, std::pmr::memory_resource* resource);

// Reads the kept events one after the other, and prints their properties as JSON.
class EventPrinter {
 public:
  EventPrinter(const TimelineView& timeline, std::pmr::memory_resource* resource);

  void next();  // to the first event, then to the one after

  std::string_view name() const noexcept { return names_[timeline_.name_of(event_)]; }
  std::int64_t time() const noexcept { return timeline_.time(event_); }
  std::optional<std::string_view> message_id() const noexcept { return id_; }
  bool has_properties() const noexcept { return properties_.any(); }
  void print_properties(Buffer& out);

 private:
  const TimelineView& timeline_;
  std::uint32_t event_ = UINT32_MAX;
  std::pmr::vector<std::string_view> names_;
  std::pmr::vector<Value> values_;
  PropertyWalk properties_;
  std::optional<TimelineColumn> ids_;
  timeline::PresenceCursor with_id_;
  std::optional<std::string_view> id_;
  Buffer number_;
};

}  // namespace cdp::core
