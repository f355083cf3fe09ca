// JSON as the reader of events sees it, wherever it lies: the server hands over jsonb as it is stored.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace cdp::core::event {

struct Field {
  enum class Kind : std::uint8_t { absent, null, boolean, number, string, object, array };

  Kind kind = Kind::absent;
  std::string_view text;       // of a string
  const void* node = nullptr;  // by which the document knows a number, an object or an array again
};

// What it hands out lives as long as the document does. It may throw, and nothing of the reader leaks then.
class Document {
 public:
  virtual ~Document() = default;

  virtual Field root() const = 0;
  virtual Field member(const Field& object, std::string_view key) const = 0;
  virtual std::size_t size(const Field& array) const = 0;
  virtual Field element(const Field& array, std::size_t i) const = 0;
  // A number in decimal. Few are ever asked for.
  virtual std::string_view number(const Field& number) const = 0;
};

}  // namespace cdp::core::event
