#include "core/event/moment.hpp"

#include <array>

#include "core/bytes/source.hpp"
#include "core/profile/timestamp.hpp"

namespace cdp::core::event {

namespace {

constexpr std::int64_t kLeastMoment = -63'082'281'600'000'000;  // 0001-01-01: events are of our era
constexpr std::size_t kLongestTime = 64;                        // bytes; longer texts are none
constexpr std::size_t kFractionDigits = 6;

constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

// Cut to microseconds first: some senders write nanoseconds.
std::optional<std::int64_t> parse_moment(std::string_view text, bool& out_of_range) noexcept {
  if (text.size() > kLongestTime) return std::nullopt;
  std::array<char, kLongestTime> kept;
  std::size_t size = 0, digits = 0;
  bool fraction = false;
  for (const char c : text) {
    fraction = is_digit(c) ? fraction : c == '.';
    digits = fraction && is_digit(c) ? digits + 1 : 0;
    if (digits <= kFractionDigits) kept[size++] = c;
  }
  const auto time = parse_timestamp({kept.data(), size}, &out_of_range);
  if (!time) return time;
  if (*time >= kLeastMoment && *time != kInfinity) return time;
  out_of_range = true;
  return std::nullopt;
}

bool read_time(Fields& fields, const Place& place, std::int64_t& time) {
  bool out_of_range = false;
  const bool string = place.field.kind == Field::Kind::string;
  if (string)
    if (const auto read = parse_moment(place.field.text, out_of_range)) {
      time = *read;
      return true;
    }
  std::string sentence = "\"" + path_of(place) + "\" is ";
  sentence += !string ? "not a string." : out_of_range ? "out of range: \"" : "not a time: \"";
  if (string) sentence += shown(place.field.text) + "\".";
  return fields.reject(Reason::invalid_time, std::move(sentence),
                       "A time is a string such as \"2026-01-31T10:00:00Z\".");
}

// received_at − (sent_at − original); false when that is no time.
bool correct(std::int64_t received_at, std::int64_t sent_at, std::int64_t original, std::int64_t& at) noexcept {
  std::int64_t waited;
  return !__builtin_sub_overflow(sent_at, original, &waited) && !__builtin_sub_overflow(received_at, waited, &at) &&
         at >= kLeastMoment && at < kEndOfTimestamps;
}

}  // namespace

bool read_moment(Fields& fields, const Times& times, std::int64_t received_at, std::int64_t tolerance, Event& event) {
  event.clamped = false;
  event.at = received_at;
  if (times.corrected.said()) {
    if (!read_time(fields, times.corrected, event.at)) return false;
  } else if (times.original.said()) {
    if (!read_time(fields, times.original, event.at)) return false;
    std::int64_t sent_at = 0;
    if (times.sent_at.said()) {
      if (!read_time(fields, times.sent_at, sent_at)) return false;
      if (!correct(received_at, sent_at, event.at, event.at))
        return fields.reject(
            Reason::invalid_time,
            "\"" + path_of(times.sent_at) + "\" and \"" + path_of(times.original) + "\" give a time out of range.",
            "An event happened as long before it was received as its time is before its sentAt.");
    }
  }
  std::int64_t ahead;
  if (event.at > received_at && (__builtin_sub_overflow(event.at, received_at, &ahead) || ahead > tolerance)) {
    event.at = received_at;
    event.clamped = true;
  }
  return true;
}

}  // namespace cdp::core::event
