// From JSON to values.
#pragma once

#include <memory_resource>
#include <string_view>
#include <vector>

#include "core/bytes/buffer.hpp"
#include "core/bytes/poll.hpp"
#include "core/profile/value.hpp"

namespace cdp::core {

// Writes values event by event, as a JSON parser meets them. Members may come in any order; of members with the same
// key the last one stays. Throws 54001 when nested deeper than `levels`.
class ValueWriter {
 public:
  ValueWriter(Buffer& out, std::pmr::memory_resource* resource, int levels = kMaxValueDepth)
      : out_(out), levels_(levels), frames_(resource), members_(resource), sorted_(resource) {}

  void begin_object() { begin(Type::object); }
  void begin_array() { begin(Type::array); }
  void key(std::string_view key);
  void end();

  void null() { scalar(Type::null, {}); }
  void boolean(bool value);
  void string(std::string_view value) { scalar(Type::string, as_bytes(value)); }
  void number(std::string_view text);
  void scalar(Type type, ByteSpan payload);

  // Forgets the open objects and arrays of a document that failed.
  void reset() noexcept {
    frames_.clear();
    members_.clear();
  }

  // Room to build a payload in; changed by the next event.
  Buffer& scratch() noexcept { return sorted_; }

 private:
  struct Frame {
    Type type;
    std::size_t start;         // of its content in out_
    std::size_t first_member;  // in members_ (objects)
    std::size_t count;
  };

  void begin(Type type);
  void value_begins() {
    if (!frames_.empty()) ++frames_.back().count;
  }
  void sort_members(const Frame& frame);

  Buffer& out_;
  int levels_;
  std::pmr::vector<Frame> frames_;
  std::pmr::vector<std::size_t> members_;  // where each member of the open objects starts
  Buffer sorted_;
};

// Appends the value that `text` describes, which becomes what the returned view shows. 22P02 when it is not JSON, with
// `type` named in the message, 54001 when it nests deeper than `levels`. Valid until `out` changes.
Value parse_json(std::string_view text, const char* type, Buffer& out, std::pmr::memory_resource* resource,
                 const Poll& poll = {}, int levels = kMaxValueDepth);

}  // namespace cdp::core
