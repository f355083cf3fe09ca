#include "core/event/fields.hpp"

#include "core/match/unicode.hpp"

namespace cdp::core::event {

std::string path_of(const Place& place) {
  if (place.above == nullptr || place.above->key.empty()) return std::string(place.key);
  std::string path = path_of(*place.above);
  path += '.';
  return path += place.key;
}

bool is_blank(std::string_view text) noexcept {
  for (std::size_t at = 0; at < text.size();)
    if (!core::is_blank(next_code_point(text, at))) return false;
  return true;
}

bool Fields::reject(Reason reason, std::string sentence, std::string hint) {
  rejection_ = Rejection{reason, std::move(sentence), std::move(hint)};
  return false;
}

bool Fields::reject_kind(const Place& place, const char* expected) {
  static constexpr const char* kKinds[] = {"missing",  "null",      "a boolean", "a number",
                                           "a string", "an object", "an array"};
  const char* const kind = kKinds[static_cast<std::size_t>(place.field.kind)];
  return reject(Reason::invalid_field, "\"" + path_of(place) + "\" is " + kind + ".",
                std::string("It has to be ") + expected + ".");
}

bool Fields::string(const Place& place, std::string_view& text) {
  text = {};
  if (!place.said()) return true;
  if (place.field.kind != Field::Kind::string) return reject_kind(place, "a string");
  if (!is_blank(place.field.text)) text = place.field.text;
  return true;
}

bool Fields::text(const Place& place, std::string_view& text) {
  if (place.field.kind == Field::Kind::number) {
    text = document_.number(place.field);
    return true;
  }
  text = {};
  if (!place.said()) return true;
  if (place.field.kind != Field::Kind::string) return reject_kind(place, "a string or a number");
  if (!is_blank(place.field.text)) text = place.field.text;
  return true;
}

bool Fields::object(Place& place) {
  const bool empty_array = place.field.kind == Field::Kind::array && document_.size(place.field) == 0;
  if (!place.said() || empty_array) place.field = {};
  if (place.field.kind == Field::Kind::absent || place.field.kind == Field::Kind::object) return true;
  return reject_kind(place, "an object");
}

}  // namespace cdp::core::event
