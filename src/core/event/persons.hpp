// Whom an event is about.
#pragma once

#include "core/event/event.hpp"
#include "core/event/fields.hpp"

namespace cdp::core::event {

// Collects the identifiers of an event, each once. Its functions return false when the event is rejected.
class Persons {
 public:
  Persons(Fields& fields, const Limits& limits, Event& event) noexcept
      : fields_(fields), limits_(limits), identifiers_(event.identifiers) {}

  // The member `key` of the object, if it says anything.
  bool add(std::string_view type, const Place& object, std::string_view key);
  // userId and anonymousId.
  bool add_ids(const Place& object);
  // What traits name: email and phone.
  bool add_traits(const Place& traits);
  // context.externalIds.
  bool add_external_ids(const Place& list);

 private:
  bool add_external_id(const Place& entry);
  bool keep(std::string_view type, std::string_view value, const Place& place);

  Fields& fields_;
  const Limits& limits_;
  std::pmr::vector<Identifier>& identifiers_;
};

}  // namespace cdp::core::event
