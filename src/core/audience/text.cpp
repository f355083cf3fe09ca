// The text form of an audience.
#include <charconv>
#include <string>

#include "core/audience/audience.hpp"
#include "core/bytes/error.hpp"

namespace cdp::core {

namespace {

constexpr std::size_t kPollEvery = 4096;
constexpr std::size_t kLongestId = 20;  // with its sign

class Parser {
 public:
  explicit Parser(std::string_view text) noexcept : text_(text) {}

  void parse(AudienceBuilder& into, Poll poll) {
    expect('{', "It must begin with \"{\".");
    skip_space();
    if (!take('}')) {
      std::size_t count = 0;
      do {
        if (count++ % kPollEvery == 0) poll();
        into.add(id());
      } while (take(','));
      expect('}', "After an id there must be \",\" or \"}\".");
    }
    skip_space();
    if (at_ != text_.size()) fail("There is more after \"}\".");
  }

 private:
  void skip_space() noexcept {
    constexpr std::string_view kSpace = " \t\n\r\f\v";
    while (at_ < text_.size() && kSpace.find(text_[at_]) != kSpace.npos) ++at_;
  }
  bool take(char wanted) noexcept {
    skip_space();
    if (at_ == text_.size() || text_[at_] != wanted) return false;
    ++at_;
    return true;
  }
  void expect(char wanted, const char* complaint) {
    if (!take(wanted)) fail(complaint);
  }
  std::int64_t id() {
    skip_space();
    std::int64_t value = 0;
    const char* const begin = text_.data() + at_;
    const auto [end, error] = std::from_chars(begin, text_.data() + text_.size(), value);
    if (error == std::errc::result_out_of_range) fail("An id is out of range for type bigint.");
    if (error != std::errc()) fail("An id must be a whole number.");
    at_ += static_cast<std::size_t>(end - begin);
    return value;
  }
  [[noreturn]] void fail(const char* complaint) const {
    throw Error(Code::invalid_text, "invalid input syntax for type cdp.audience",
                std::string(complaint) + " The error is at byte " + std::to_string(at_ + 1) + ".",
                "A value is a list of ids in braces, such as {1,2,30}.");
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

void print_audience(Audience audience, Buffer& out, Poll poll) {
  out.byte('{');
  AudienceIds ids(audience);
  std::size_t count = 0;
  while (const std::optional<std::int64_t> id = ids.next()) {
    if (count++ % kPollEvery == 0) poll();
    if (count > 1) out.byte(',');
    const std::size_t before = out.size();
    auto* const begin = reinterpret_cast<char*>(out.extend(kLongestId));
    out.truncate(before + static_cast<std::size_t>(std::to_chars(begin, begin + kLongestId, *id).ptr - begin));
  }
  out.byte('}');
}

void parse_audience(std::string_view text, Buffer& out, std::pmr::memory_resource* resource, Poll poll) {
  AudienceBuilder builder(resource, poll);
  Parser(text).parse(builder, poll);
  builder.write(out);
}

}  // namespace cdp::core
