#include "core/event/persons.hpp"

#include <algorithm>

#include "core/bytes/source.hpp"

namespace cdp::core::event {

bool Persons::keep(std::string_view type, std::string_view value, const Place& place) {
  if (value.size() > kMaxIdentifierBytes)
    return fields_.reject(Reason::identifier_too_long,
                          "\"" + path_of(place) + "\" has " + std::to_string(value.size()) + " bytes.",
                          "An identifier has no more than " + std::to_string(kMaxIdentifierBytes) + " bytes.");
  const Identifier identifier{type, value};
  if (std::find(identifiers_.begin(), identifiers_.end(), identifier) != identifiers_.end()) return true;
  if (identifiers_.size() == limits_.identifiers)
    return fields_.reject(Reason::too_many_identifiers,
                          "The event names more than " + std::to_string(limits_.identifiers) + " identifiers.",
                          "All identifiers of an event are taken for those of one person.");
  identifiers_.push_back(identifier);
  return true;
}

bool Persons::add(std::string_view type, const Place& object, std::string_view key) {
  const Place place = fields_.member(object, key);
  std::string_view value;
  if (!fields_.text(place, value)) return false;
  return value.empty() || keep(type, value, place);
}

bool Persons::add_ids(const Place& object) {
  return add("user_id", object, "userId") && add("anonymous_id", object, "anonymousId");
}

bool Persons::add_traits(const Place& traits) { return add("email", traits, "email") && add("phone", traits, "phone"); }

bool Persons::add_external_ids(const Place& list) {
  if (!list.said()) return true;
  if (list.field.kind != Field::Kind::array) return fields_.reject_kind(list, "an array");
  const std::size_t size = fields_.document().size(list.field);
  for (std::size_t i = 0; i < size; ++i)
    if (!add_external_id({fields_.document().element(list.field, i), list.key, list.above})) return false;
  return true;
}

bool Persons::add_external_id(const Place& entry) {
  if (entry.field.kind != Field::Kind::object) return fields_.reject_kind(entry, "an array of objects");
  const Place id = fields_.member(entry, "id"), type = fields_.member(entry, "type");
  std::string_view value, name, collection, encoding;
  if (!fields_.string(fields_.member(entry, "collection"), collection) ||
      !fields_.string(fields_.member(entry, "encoding"), encoding) || !fields_.text(id, value) ||
      !fields_.string(type, name))
    return false;
  // Those of accounts are no persons'; an encoded one is another value than the type has.
  const bool of_person = collection.empty() || collection == "users";
  if (!of_person || !(encoding.empty() || encoding == "none") || value.empty()) return true;
  if (name.empty())
    return fields_.reject(Reason::invalid_field, "\"" + path_of(type) + "\" is missing.",
                          "An external id says its type, such as {\"id\": \"17\", \"type\": \"loyalty_id\"}.");
  if (name.size() > kMaxIdentifierBytes) return keep(name, name, type);
  return keep(name, value, id);
}

}  // namespace cdp::core::event
