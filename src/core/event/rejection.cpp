#include "core/event/rejection.hpp"

namespace cdp::core::event {

std::string_view code_of(Reason reason) noexcept {
  switch (reason) {
    case Reason::not_an_object: return "not_an_object";
    case Reason::too_large: return "too_large";
    case Reason::unknown_type: return "unknown_type";
    case Reason::unsupported_version: return "unsupported_version";
    case Reason::missing_cloudevents_field: return "missing_cloudevents_field";
    case Reason::missing_event_name: return "missing_event_name";
    case Reason::missing_group_id: return "missing_group_id";
    case Reason::incomplete_alias: return "incomplete_alias";
    case Reason::invalid_field: return "invalid_field";
    case Reason::invalid_time: return "invalid_time";
    case Reason::no_identifier: return "no_identifier";
    case Reason::too_many_identifiers: return "too_many_identifiers";
    case Reason::identifier_too_long: return "identifier_too_long";
    case Reason::message_id_too_long: return "message_id_too_long";
  }
  return {};
}

}  // namespace cdp::core::event
