// A profile under construction: what an aggregate carries from row to row. Observations are appended as they come and
// made into a profile at the end, or when the log has grown much longer than the profile would be.
//
// It has the header of a stored value with a magic of its own; the count is the number of bytes in use, so that there
// can be room after them. Then items: u8 kind, varint length, content.
//
// Names and sources repeat from row to row. A table of them stands before the rows that refer to it by number, the last
// table before a row being the one: so the items of one log can follow those of another as they are.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "core/profile/builder.hpp"

namespace cdp::core::log {

inline constexpr std::size_t kHeader = 12;  // bytes before the first item; the count is at offset 4
inline constexpr std::size_t kWordsAt = 8;  // in the header: where the last item `words` starts, or 0
inline constexpr std::size_t kMostWords = 64, kMostWordBytes = 512;  // in a table

// Bytes that are left free, and may be read, behind the last item.
inline constexpr std::size_t kSlack = 16;

enum class Item : std::uint8_t {
  row = 1,      // eight bytes of time, varint(length) source, then varint(length) name and value, to the end
  profile = 2,  // the payload of a profile
  policy = 3,   // the body of a policy
  words = 4,    // varint(length) text, to the end
  coded = 5,    // a row whose length is a u16: eight bytes of time, u8 number of source, then u8 number of name and
                // value, to the end
  row_under_policy = 6,  // as a row, shaped by a policy of this log
};
inline constexpr std::size_t kCodedHead = 3, kCodedFixed = kCodedHead + 9;

inline bool is_log(ByteSpan payload) noexcept { return payload[0] == std::byte{0xC2}; }
inline std::size_t used(ByteSpan payload) noexcept { return load_le<std::uint32_t>(payload.data() + 4); }

struct ItemView {
  Item kind;
  ByteSpan content;
};
// Reads an item and steps past it.
inline ItemView next_item(const std::byte*& at) noexcept {
  const auto kind = static_cast<Item>(*at++);
  std::size_t length;
  if (kind == Item::coded) {
    length = load_le<std::uint16_t>(at);
    at += 2;
  } else {
    length = trusted_varint(at);
  }
  at += length;
  return {kind, {at - length, length}};
}

// Writes the header of an empty log.
void begin(std::byte* payload) noexcept;

// One row in the form of an item; the pieces must be appended in this order.
void begin_row(Buffer& item, std::string_view source, std::int64_t time);
inline void append_name(Buffer& item, std::string_view name) {
  item.varint(name.size());
  item.append(name);
}

// Name and string value in one step: most members are strings.
void append_string(Buffer& item, std::string_view name, std::string_view value);

// Numbers for the names and sources that an aggregate meets, and the table of them. It only ever grows at its end, so
// that an older table is a part of it.
class Words {
 public:
  static constexpr std::uint32_t kNone = Dictionary::kEmpty;

  explicit Words(std::pmr::memory_resource* resource) : words_(resource), table_(resource), ends_(resource) {}

  // The word's number; kNone when it has none and the table is full. `guess`: see Dictionary.
  std::uint32_t number(std::string_view word, std::uint32_t guess) {
    const std::uint32_t found = words_.find(word, guess);
    return found != kNone ? found : add(word);
  }

  ByteSpan table() const noexcept { return table_.span(); }

  // True when `table`, from a log, has these words up to this number.
  bool agrees(ByteSpan table, std::uint32_t number) const noexcept {
    return ends_[number] <= table.size() && table.size() <= table_.size() &&
           std::memcmp(table.data(), table_.data(), table.size()) == 0;
  }

 private:
  std::uint32_t add(std::string_view word);

  Dictionary words_;
  Buffer table_;
  std::pmr::vector<std::uint32_t> ends_;  // by number: where the word ends in the table
};

// The last table of a log; empty when it has none.
inline ByteSpan last_words(ByteSpan log) noexcept {
  const std::uint32_t at = load_le<std::uint32_t>(log.data() + kWordsAt);
  if (at == 0) return {};
  const std::byte* item = log.data() + at;
  return next_item(item).content;
}

// Starts a coded row at `to`; returns where its members begin.
inline std::byte* begin_coded(std::byte* to, std::int64_t time, std::uint32_t source) noexcept {
  *to = static_cast<std::byte>(Item::coded);
  store_le(to + kCodedHead, static_cast<std::uint64_t>(time));
  to[kCodedFixed - 1] = static_cast<std::byte>(source);
  return to + kCodedFixed;
}
// Ends it where its members do.
inline void end_coded(std::byte* row, const std::byte* end) noexcept {
  store_le(row + 1, static_cast<std::uint16_t>(end - row - static_cast<std::ptrdiff_t>(kCodedHead)));
}
inline constexpr std::size_t kLongestCoded = UINT16_MAX;

// Bytes that the item takes in a log.
std::size_t item_size(std::size_t content) noexcept;

// Puts an item at the end; the caller has made sure that there is room for item_size(content)
// and the slack.
void append(std::byte* payload, Item kind, ByteSpan content) noexcept;

// The same for an item that is complete, a coded row.
void append_row(std::byte* payload, ByteSpan row) noexcept;
// Takes in what was written in place, up to `end`.
inline void extend_to(std::byte* payload, const std::byte* end) noexcept {
  store_le(payload + 4, static_cast<std::uint32_t>(end - payload));
}

// The same for all items of another log.
inline ByteSpan items(ByteSpan log) noexcept { return log.subspan(kHeader, used(log) - kHeader); }
void append_log(std::byte* payload, ByteSpan log) noexcept;

// Whether the first item already brings the policy with this body.
bool begins_with_policy(ByteSpan payload, ByteSpan body) noexcept;

// A row in place.
struct RowView {
  std::int64_t time;
  std::string_view source;
  ByteSpan members;   // text(name), or the number of a word, and value, until the end
  ByteSpan words{};   // of a coded row
};
RowView read_row(ByteSpan content) noexcept;
void replay_row(const RowView& row, ProfileBuilder& builder);

// Adds everything in the log to the builder.
void replay(ByteSpan payload, ProfileBuilder& builder, const Poll& poll = {});

}  // namespace cdp::core::log
