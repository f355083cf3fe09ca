// Rules over one customer: read, print, evaluate, combine. docs/segment.md describes the language.
#pragma once

#include <cstdint>
#include <functional>
#include <memory_resource>
#include <optional>
#include <string_view>
#include <vector>

#include "core/bytes/poll.hpp"
#include "core/profile/view.hpp"
#include "core/segment/program.hpp"
#include "core/segment/zones.hpp"

namespace cdp::core {

enum class Truth : std::uint8_t { no, yes, unknown };

// Appends the stored form (without the varlena length) of the rule in `text`. 42601 with the token, its place
// and a hint when it is no rule; 54000 when the canonical text would exceed 1 MB, 54001 when it nests too deeply.
// The working memory comes from `resource`, but for the generated parser's own stack and buffer. Without `zones` UTC is
// the only zone that a rule can name.
void parse_segment(std::string_view text, Buffer& out, const Poll& poll = {},
                   std::pmr::memory_resource* resource = std::pmr::get_default_resource(),
                   const Zones* zones = nullptr);

// Checks bytes from outside completely: afterwards no reader can run out of them, and they are the one stored
// form of their rule. 22P03, 54000, 54001, or 0A000 for a newer format.
void check_segment(ByteSpan payload, const Poll& poll = {},
                   std::pmr::memory_resource* resource = std::pmr::get_default_resource(),
                   const Zones* zones = nullptr);

// Appends the canonical text: reading it again gives the same bytes. 54000 beyond 1 MB, which no rule has that
// was checked.
void print_segment(const Segment& segment, Buffer& out);
void print_node(const ProgramNode& node, Buffer& out);
// Of a node of in_zone or in_zone_of: what stands behind its rule, such as: in time zone "Europe/Istanbul".
void print_zone(const ProgramNode& node, Buffer& out);

// Whether the rule holds for the customer at `as_of` (finite; microseconds since 2000-01-01 UTC). 22023 when it reads
// events and those of the profile are kept elsewhere, and for a zone that is none any more; without `zones` 0A000 for a
// rule that needs them.
Truth evaluate(const Segment& segment, const ProfileView& profile, std::int64_t as_of, const Poll& poll = {},
               const Zones* zones = nullptr);

// The same of the profile with these events for its own, of which it has none; it may be detached.
Truth evaluate(const Segment& segment, const ProfileView& profile, ByteSpan timeline, std::int64_t as_of,
               const Poll& poll = {}, const Zones* zones = nullptr);

// One predicate of a rule as it was evaluated; valid during the call that hands it over.
struct Explanation {
  std::string_view predicate;  // canonical text
  std::string_view value;      // JSON of what it looked at; empty when there is nothing
  Truth truth;
  std::optional<std::int64_t> horizon;  // until when events that it looked at are folded
};
// Calls visit for every predicate from left to right, also those that evaluate() would skip.
void explain(const Segment& segment, const ProfileView& profile, std::int64_t as_of,
             const std::function<void(const Explanation&)>& visit, const Poll& poll = {}, const Zones* zones = nullptr);

// The first instant after as_of at which the rule may become true or false, or stop being either, without new data;
// kInfinity when there is none. It may be too early, but is never too late. Errors as for evaluate().
std::int64_t next_change(const Segment& segment, const ProfileView& profile, std::int64_t as_of, const Poll& poll = {},
                         const Zones* zones = nullptr);

// 22023 when a window of the rule, of the shortest months and years, looks at events of longer ago than they are kept
// (microseconds).
// Windows with stated times, and rules without any, pass.
void check_retention(const Segment& segment, std::int64_t kept, const Poll& poll = {});

// Appends the rule `a op b` (op is all_of or any_of) or `not a`. 54000, 54001 as parse_segment.
void combine_segments(Opcode op, const Segment& a, const Segment& b, Buffer& out);
void negate_segment(const Segment& a, Buffer& out);

// Appends a rule that reads no events and is true of every profile that this rule is true of with any events. False
// when nothing is left to say: then it is true of every profile.
bool append_without_events(const Segment& segment, Buffer& out, const Poll& poll = {},
                           std::pmr::memory_resource* resource = std::pmr::get_default_resource(),
                           const Zones* zones = nullptr);

// The attributes that the rule reads (paths as written), ascending, each one once; valid while the segment is.
std::pmr::vector<std::string_view> attributes_used(const Segment& segment, std::pmr::memory_resource* resource);
// The segments that it refers to, likewise.
std::pmr::vector<std::string_view> segments_used(const Segment& segment, std::pmr::memory_resource* resource);
// The events that it names, likewise.
std::pmr::vector<std::string_view> events_used(const Segment& segment, std::pmr::memory_resource* resource);

}  // namespace cdp::core
