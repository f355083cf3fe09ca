// Why an event is not taken: for the person who sent it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace cdp::core::event {

enum class Reason : std::uint8_t {
  not_an_object,
  too_large,
  unknown_type,
  unsupported_version,  // of CloudEvents
  missing_cloudevents_field,
  missing_event_name,
  missing_group_id,
  incomplete_alias,  // it names fewer than two identifiers
  invalid_field,     // of another kind than it has to be
  invalid_time,
  no_identifier,
  too_many_identifiers,
  identifier_too_long,
  message_id_too_long,
};

// As it is written above.
std::string_view code_of(Reason reason) noexcept;

struct Rejection {
  Reason reason;
  std::string sentence;  // quotes no more than the beginning of what was sent
  std::string hint;
};

}  // namespace cdp::core::event
