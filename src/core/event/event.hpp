// One event of the Segment spec (identify, track, page, screen, group, alias) or of CloudEvents 1.0, from JSON into a
// plain struct, or into the reason why not.
#pragma once

#include <memory_resource>
#include <optional>
#include <vector>

#include "core/event/document.hpp"
#include "core/event/rejection.hpp"

namespace cdp::core::event {

// cloud: a CloudEvent that doesn't carry an event of the spec in its data.
enum class Kind : std::uint8_t { identify, track, page, screen, group, alias, cloud };

struct Identifier {
  std::string_view type, value;  // as they were sent; the value neither empty nor blank

  friend bool operator==(const Identifier&, const Identifier&) = default;
};

// What it shows of the document lives as long as that; reading another event into it uses its memory again.
struct Event {
  explicit Event(std::pmr::memory_resource* resource) : message_id(resource), identifiers(resource) {}

  Kind kind = Kind::identify;
  bool clamped = false;                      // it said a time to come, and has the time of its arrival
  std::int64_t at = 0;                       // microseconds since 2000-01-01 UTC, finite, of our era
  std::pmr::string message_id;               // empty: it has none. Of a CloudEvent its source, a space, and its id
  std::string_view name;                     // of what was done; empty for identify and alias
  std::string_view page_name;                // of a page or screen that has one
  std::string_view group_id;                 // identifies no person, and links none
  std::pmr::vector<Identifier> identifiers;  // at least one, none twice
  Field traits;                              // of the person; an object or absent
  Field context_traits;                      // likewise
  // An object or absent; those of a group are what its traits say, which are about the group and not the person. Of a
  // CloudEvent its data, which may be any JSON but null.
  Field properties;
};

inline constexpr std::size_t kMaxIdentifierBytes = 1024;  // also of a message id

struct Limits {
  std::size_t event_bytes = 32 * 1024;  // an event of so many is too large
  std::size_t identifiers = 8;
  std::int64_t tolerance = 60'000'000;  // microseconds by which an event may be ahead of its arrival
};

// An event and what is known of it from elsewhere.
struct Incoming {
  Field object;
  Field sent_at, context;        // of the batch that it came in
  std::size_t bytes = 0;         // of the event alone
  std::int64_t received_at = 0;  // finite
};

// Reads it, or says why it is not taken; then `event` holds nothing of meaning.
//
// Time: received_at − (sentAt − originalTimestamp), whatever the sender's clock shows. `timestamp` stands for an
// originalTimestamp that isn't there, since that is what the libraries send. Where it stands beside an
// originalTimestamp or a receivedAt, a collector has corrected it before: it is taken as it is; so is any time without
// sentAt, and that of a CloudEvent. Without any time it is received_at.
//
// Identifiers, by type: user_id (userId), anonymous_id (anonymousId; previousId, always, since what an identifier is
// must not depend on what came before), email and phone (in traits that are the person's and in context.traits; never
// in properties, which name others, too), device_id (context.device.id), and those of context.externalIds of the
// collection "users", or of none, which aren't encoded. A number is taken for its text; null, empty and blank strings
// are no identifiers.
//
// CloudEvents: data that itself is an event of the spec (its type is one, and it has a userId or an anonymousId) is
// read as one; what it lacks of messageId and time the envelope around it has. Else userId and anonymousId of data
// identify the person. Only if there are none the subject does, as user_id: it is whatever the event is about at its
// source, be it a file, but somebody who sends it here means a customer, and alone it cannot link two of them.
std::optional<Rejection> read_event(const Document& document, const Incoming& incoming, const Limits& limits,
                                    Event& event);

}  // namespace cdp::core::event
