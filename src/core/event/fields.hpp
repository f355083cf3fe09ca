// Members of an event that know where they stand, and the first thing that is wrong with one of them.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "core/event/document.hpp"
#include "core/event/rejection.hpp"

namespace cdp::core::event {

// A field and the way to it. The one above has to outlive it.
struct Place {
  Field field;
  std::string_view key;
  const Place* above = nullptr;

  // Whether it says anything: null says nothing.
  bool said() const noexcept { return field.kind != Field::Kind::absent && field.kind != Field::Kind::null; }
};

std::string path_of(const Place& place);  // "context.device.id"

// Whether there is nothing in it that one would see.
bool is_blank(std::string_view text) noexcept;

// Its functions return false when the event is rejected.
class Fields {
 public:
  explicit Fields(const Document& document) noexcept : document_(document) {}

  const Document& document() const noexcept { return document_; }
  std::optional<Rejection> take_rejection() noexcept { return std::move(rejection_); }

  // Absent in what is no object.
  Place member(const Place& object, std::string_view key) const {
    if (object.field.kind != Field::Kind::object) return {{}, key, &object};
    return {document_.member(object.field, key), key, &object};
  }

  bool reject(Reason reason, std::string sentence, std::string hint);
  bool reject_kind(const Place& place, const char* expected);

  // A string; empty when it says nothing or is blank.
  bool string(const Place& place, std::string_view& text);
  // The same, or the text of a number.
  bool text(const Place& place, std::string_view& text);
  // Makes a field that says nothing absent, and so an empty array, which PHP sends for an empty object.
  bool object(Place& place);

 private:
  const Document& document_;
  std::optional<Rejection> rejection_;
};

}  // namespace cdp::core::event
