// src/core/profile/json.cpp: RapidJSON's event parser feeding a ValueWriter.
#include "core/profile/json.hpp"

#include <algorithm>

#include "core/bytes/rapidjson.hpp"
#include "core/profile/decimal.hpp"

namespace cdp::core {

namespace {

std::size_t member_key_size(const std::byte* at, std::string_view& key) {
  const std::byte* from = at;
  const std::size_t length = trusted_varint(from);
  key = as_text({from, length});
  return static_cast<std::size_t>(from - at) + length;
}

}  // namespace

void ValueWriter::begin(Type type) {
  if (frames_.size() >= static_cast<std::size_t>(levels_)) fail_value_depth();
  value_begins();
  frames_.push_back({type, out_.size(), members_.size(), 0});
}

void ValueWriter::key(std::string_view key) {
  members_.push_back(out_.size());
  out_.varint(key.size());
  out_.append(key);
}

void ValueWriter::scalar(Type type, ByteSpan payload) {
  value_begins();
  append_value(out_, {type, payload});
}

void ValueWriter::boolean(bool value) {
  const std::byte payload{static_cast<std::uint8_t>(value ? 1 : 0)};
  scalar(Type::boolean, {&payload, 1});
}

void ValueWriter::number(std::string_view text) {
  sorted_.clear();
  append_decimal(sorted_, text);
  scalar(Type::number, sorted_.span());
}

// Brings the members of the innermost object into order, the last one of a key alone.
void ValueWriter::sort_members(const Frame& frame) {
  const std::span<std::size_t> starts(members_.data() + frame.first_member, members_.size() - frame.first_member);
  const std::byte* const data = out_.data();
  const auto key_at = [data](std::size_t start) {
    std::string_view key;
    member_key_size(data + start, key);
    return as_bytes(key);
  };
  bool ordered = true;
  for (std::size_t i = 1; i < starts.size() && ordered; ++i)
    ordered = compare_bytes(key_at(starts[i - 1]), key_at(starts[i])) < 0;
  if (ordered) return;
  std::stable_sort(starts.begin(), starts.end(),
                   [&](std::size_t a, std::size_t b) { return compare_bytes(key_at(a), key_at(b)) < 0; });
  sorted_.clear();
  for (std::size_t i = 0; i < starts.size(); ++i) {
    if (i + 1 < starts.size() && compare_bytes(key_at(starts[i]), key_at(starts[i + 1])) == 0) continue;
    std::string_view key;
    const std::byte* value = data + starts[i];
    value += member_key_size(value, key);
    const std::byte* end = value;
    trusted_value(end);
    sorted_.append({data + starts[i], static_cast<std::size_t>(end - (data + starts[i]))});
  }
  out_.truncate(frame.start);
  out_.append(sorted_.span());
}

void ValueWriter::end() {
  Frame frame = frames_.back();
  if (frame.type == Type::object) {
    const std::size_t before = out_.size();
    sort_members(frame);
    // A repeated key leaves fewer members than were met.
    if (out_.size() != before) {
      frame.count = 0;
      for (const std::byte* at = out_.data() + frame.start; at != out_.data() + out_.size(); ++frame.count) {
        std::string_view key;
        at += member_key_size(at, key);
        trusted_value(at);
      }
    }
    members_.resize(frame.first_member);
  }
  frames_.pop_back();
  // The lengths that precede the content are known only now.
  Buffer head(frames_.get_allocator().resource());
  Buffer count(frames_.get_allocator().resource());
  count.varint(frame.count);
  const std::size_t content = out_.size() - frame.start;
  head.varint((count.size() + content) << 3 | static_cast<std::uint64_t>(frame.type));
  head.append(count.span());
  out_.extend(head.size());
  std::byte* const start = out_.data() + frame.start;
  std::memmove(start + head.size(), start, content);
  std::memcpy(start, head.data(), head.size());
}

namespace {

// RapidJSON refuses a number beyond double even when it is asked for the text alone: it is shown each number as a
// string.
class NumbersAsStrings {
 public:
  using Ch = char;

  explicit NumbersAsStrings(std::string_view text) noexcept
      : begin_(text.data()), at_(begin_), end_(begin_ + text.size()) {}

  bool was_number() const noexcept { return was_number_; }  // the last string that ended

  Ch Peek() const noexcept {
    const char next = at_ == end_ ? '\0' : *at_;
    if (state_ == State::number) return in_number(next) ? next : '"';
    return state_ == State::between && (next == '-' || (next >= '0' && next <= '9')) ? '"' : next;
  }
  Ch Take() noexcept {
    const char taken = Peek();
    const bool shown = at_ == end_ || taken != *at_;  // a quote that isn't there
    if (!shown) ++at_;
    if (state_ == State::escape) {
      state_ = State::string;
    } else if (taken == '"') {
      was_number_ = state_ == State::number;
      state_ = state_ != State::between ? State::between : shown ? State::number : State::string;
    } else if (taken == '\\' && state_ == State::string) {
      state_ = State::escape;
    }
    return taken;
  }
  std::size_t Tell() const noexcept { return static_cast<std::size_t>(at_ - begin_); }

  // Of streams that are written to; RapidJSON asks for their existence.
  Ch* PutBegin() noexcept { return nullptr; }
  void Put(Ch) noexcept {}
  void Flush() noexcept {}
  std::size_t PutEnd(Ch*) noexcept { return 0; }

 private:
  enum class State { between, string, escape, number };

  static bool in_number(char c) noexcept {
    return (c >= '0' && c <= '9') || c == '.' || c == 'e' || c == 'E' || c == '+' || c == '-';
  }

  const char *begin_, *at_, *end_;
  State state_ = State::between;
  bool was_number_ = false;
};

class Handler : public JsonHandler<Handler> {
 public:
  Handler(const NumbersAsStrings& stream, ValueWriter& writer, const Poll& poll)
      : stream_(stream), writer_(writer), poll_(poll) {}

  bool Null() { return writer_.null(), true; }
  bool Bool(bool value) { return writer_.boolean(value), true; }
  bool String(const char* text, rapidjson::SizeType length, bool) {
    poll_();
    if (stream_.was_number()) {
      writer_.number({text, length});
    } else {
      writer_.string(text_without_nul(text, length));
    }
    return true;
  }
  bool Key(const char* text, rapidjson::SizeType length, bool) {
    if (stream_.was_number()) return false;
    writer_.key(text_without_nul(text, length));
    return true;
  }
  bool StartObject() { return writer_.begin_object(), true; }
  bool EndObject(rapidjson::SizeType) { return poll_(), writer_.end(), true; }
  bool StartArray() { return writer_.begin_array(), true; }
  bool EndArray(rapidjson::SizeType) { return poll_(), writer_.end(), true; }

 private:
  static std::string_view text_without_nul(const char* text, std::size_t length) {
    const std::string_view view(text, length);
    if (view.find('\0') != std::string_view::npos)
      throw Error(Code::invalid_text, "unsupported Unicode escape sequence", "\\u0000 cannot be stored in text.");
    return view;
  }

  const NumbersAsStrings& stream_;
  ValueWriter& writer_;
  const Poll& poll_;
};

}  // namespace

Value parse_json(std::string_view text, const char* type, Buffer& out, std::pmr::memory_resource* resource,
                 const Poll& poll, int levels) {
  const std::size_t start = out.size();
  ValueWriter writer(out, resource, levels);
  NumbersAsStrings stream(text);
  Handler handler(stream, writer, poll);
  JsonReader reader;
  const rapidjson::ParseResult result = reader.Parse<kJsonFlags>(stream, handler);
  if (result.IsError() || stream.Tell() != text.size()) {
    const std::size_t offset = result.IsError() ? result.Offset() : stream.Tell();
    throw Error(Code::invalid_text, std::string("invalid input syntax for type ") + type,
                std::string(result.IsError() ? rapidjson::GetParseError_En(result.Code()) : "Invalid byte.") +
                    " The error is at byte " + std::to_string(offset + 1) + ".");
  }
  const std::byte* at = out.data() + start;
  return trusted_value(at);
}

}  // namespace cdp::core
