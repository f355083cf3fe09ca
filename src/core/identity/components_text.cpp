// The text form of cdp.components.
#include <cstring>
#include <string>

#include "core/bytes/json_string.hpp"
#include "core/bytes/rapidjson.hpp"
#include "core/identity/components_value.hpp"

namespace cdp::core {

namespace {

constexpr std::size_t kPollEvery = 4096;

// Accepts an array of arrays of strings, and says what it met instead.
class Handler : public JsonHandler<Handler> {
 public:
  Handler(Components& into, std::pmr::memory_resource* resource, Poll poll)
      : into_(into), first_(resource), poll_(poll) {}

  const char* complaint() const noexcept { return complaint_; }

  bool StartArray() {
    if (depth_ == 2) return refuse("An identifier must be a string, not an array.");
    ++depth_;
    members_ = 0;
    return true;
  }
  bool EndArray(rapidjson::SizeType) {
    if (depth_ == 2 && members_ == 0) return refuse("A component must have at least one identifier.");
    --depth_;
    return true;
  }
  bool String(const char* data, rapidjson::SizeType length, bool) {
    if (depth_ != 2) return Default();
    if (std::memchr(data, '\0', length) != nullptr) return refuse("An identifier must not have the character \\u0000.");
    const ByteSpan identifier = as_bytes({data, length});
    if (members_++ % kPollEvery == 0) poll_();
    if (members_ == 1) {
      first_.assign(identifier.begin(), identifier.end());
      into_.add(identifier);
    } else {
      into_.link(first_, identifier);
    }
    return true;
  }
  bool Default() {
    return refuse(depth_ == 2 ? "An identifier must be a string." : "A component must be an array of strings.");
  }

 private:
  bool refuse(const char* complaint) {
    complaint_ = complaint;
    return false;
  }

  Components& into_;
  std::pmr::vector<std::byte> first_;
  Poll poll_;
  int depth_ = 0;
  std::size_t members_ = 0;
  const char* complaint_ = nullptr;
};

}  // namespace

void components_to_text(ByteSpan canonical, Buffer& to, std::pmr::memory_resource* resource, Poll poll) {
  const DecodedComponents decoded(canonical, resource);
  std::size_t written = 0;
  to.byte('[');
  for (const std::uint32_t i : decoded.grouped()) {
    if (written % kPollEvery == 0) poll();
    if (decoded.least[i] == i) {
      to.append(written == 0 ? "[" : "],[");
    } else {
      to.byte(',');
    }
    print_json_string(as_text(decoded.identifiers[i]), to);
    ++written;
  }
  to.append(written == 0 ? "]" : "]]");
}

void components_from_text(std::string_view text, Buffer& to, std::pmr::memory_resource* resource, Poll poll) {
  ComponentsOptions options;
  options.poll = poll;
  Components components(resource, options);
  JsonReader reader;
  rapidjson::MemoryStream stream(text.data(), text.size());
  Handler handler(components, resource, poll);
  const rapidjson::ParseResult result = reader.Parse<kJsonFlags>(stream, handler);
  if (result.IsError() || stream.Tell() != text.size()) {
    const char* const complaint = handler.complaint() != nullptr ? handler.complaint()
                                  : result.IsError()             ? rapidjson::GetParseError_En(result.Code())
                                                                 : "There is a NUL byte.";
    throw Error(Code::invalid_text, "invalid input syntax for type cdp.components",
                std::string(complaint) + " The error is at byte " +
                    std::to_string((result.IsError() ? result.Offset() : stream.Tell()) + 1) + ".",
                "A value is an array of components, each an array of strings, such as [[\"a\",\"b\"],[\"c\"]].");
  }
  write_components(components, to);
}

}  // namespace cdp::core
