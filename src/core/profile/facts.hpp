// What a profile holds beside attributes: identifiers, consents, totals of events. Each kind is a set of facts that
// merge by themselves, and its section has one form (docs/format.md):
//   unit (one byte), times, texts, varint(groups), then per group in ascending order text(name), varint(size), body
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory_resource>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/bytes/buffer.hpp"
#include "core/bytes/poll.hpp"
#include "core/bytes/reader.hpp"

namespace cdp::core::facts {

inline constexpr std::size_t kMost = 65535;  // facts of one kind in a profile; 54000 beyond

struct Group {
  std::string_view name;
  ByteSpan body;
};

// Steps through the groups of a stored section in place.
class Groups {
 public:
  explicit Groups(ByteSpan section) noexcept;  // an empty section has none

  std::uint64_t left() const noexcept { return left_; }
  Group next() noexcept {
    --left_;
    const std::size_t name = trusted_varint(at_);
    const std::string_view text = as_text({at_, name});
    at_ += name;
    const std::size_t size = trusted_varint(at_);
    at_ += size;
    return {text, {at_ - size, size}};
  }
  // Among those that are left.
  std::optional<Group> find(std::string_view name) noexcept;

 private:
  const std::byte* at_;
  std::uint64_t left_ = 0;
};

// How many of the times in a stored section are not after `time`.
std::uint64_t times_until(ByteSpan section, std::int64_t time) noexcept;
// The time of that number in a stored section.
std::int64_t time_at(ByteSpan section, std::uint64_t index) noexcept;

// Reads a whole section, every step checked. What a section from outside says must also be written the same again.
class Decoder {
 public:
  // Errors have `code`; text is only checked when it comes from outside.
  Decoder(ByteSpan section, Code code, std::pmr::memory_resource* resource);

  // Calls visit(name, Reader&) for each group.
  template <typename Visit>
  void for_each_group(const Poll& poll, Visit&& visit) {
    for (std::size_t left = reader_.count(3); left > 0; --left) {
      poll();
      const std::string_view name = text(reader_);
      Reader body = reader_.within(reader_.take(reader_.count()));
      visit(name, body);
      body.expect_end();
    }
    reader_.expect_end();
  }

  std::string_view text(Reader& reader) const;
  std::int64_t time(const Reader& reader, std::uint64_t index) const { return pick(reader, times_, index); }
  std::string_view table_text(const Reader& reader, std::uint64_t index) const { return pick(reader, texts_, index); }

 private:
  template <typename T>
  static const T& pick(const Reader& reader, const std::pmr::vector<T>& from, std::uint64_t index) {
    if (index >= from.size()) reader.fail("an index in it points at nothing");
    return from[static_cast<std::size_t>(index)];
  }

  Reader reader_;
  bool from_outside_;
  std::pmr::vector<std::int64_t> times_;
  std::pmr::vector<std::string_view> texts_;
};

// Writes a section: first everything is used, then numbered, then encoded group by group.
class Encoder {
 public:
  explicit Encoder(std::pmr::memory_resource* resource)
      : times_(resource), texts_(resource), groups_(resource), body_(resource) {}

  void use_time(std::int64_t time) { times_.push_back(time); }
  void use_text(std::string_view text) { texts_.push_back(text); }
  void number();
  std::uint64_t time(std::int64_t time) const noexcept { return position(times_, time); }
  std::uint64_t text(std::string_view text) const noexcept { return position(texts_, text); }

  Buffer& body() noexcept { return body_; }
  void end_group(std::string_view name);  // what body() holds, which is emptied

  void write(Buffer& out) const;
  void clear() noexcept;

 private:
  template <typename T>
  static std::uint64_t position(const std::pmr::vector<T>& in, const T& wanted) noexcept {
    return static_cast<std::uint64_t>(std::lower_bound(in.begin(), in.end(), wanted) - in.begin());
  }

  std::pmr::vector<std::int64_t> times_;
  std::pmr::vector<std::string_view> texts_;
  std::uint64_t group_count_ = 0;
  Buffer groups_, body_;
};

// How many facts a stored section has.
template <typename Fact>
std::size_t count_facts(ByteSpan section, std::pmr::memory_resource* resource) {
  if (section.empty()) return 0;
  std::size_t count = 0;
  Decoder decoder(section, Code::corrupted, resource);
  decoder.for_each_group({}, [&](std::string_view name, Reader& body) {
    Fact::decode(name, body, decoder, [&count](const Fact&) { ++count; });
  });
  return count;
}

// The facts of one kind under construction. What is written depends on the facts alone, not on their order nor on how
// they were grouped into sections on the way. A kind of fact is a plain struct with
//   group()                     the name of the group that it stands in
//   source_name                 who said so, where forget_source() is called
//   compare(a, b)               0: the same fact, of which one is kept
//   absorb(fact, resource)      takes the same fact in
//   use(encoder)                its times and the texts of the table
//   encode(group, encoder), decode(name, reader, decoder, visit)
//   trim(sorted)                where not all are kept: drops the others; what is kept of a union has to be what is
//                               kept of the union of what was kept
//   kIdempotent                 whether taking itself in changes nothing
//   kTooMany, kTooManyDetail    the message beyond kMost
template <typename Fact>
class Set {
 public:
  explicit Set(std::pmr::memory_resource* resource)
      : resource_(resource), arena_(resource), facts_(resource), encoder_(resource) {}

  bool empty() const noexcept { return facts_.empty() && sole_.empty(); }

  // Texts and sections must live until write().
  void add(const Fact& fact) {
    unfold();
    facts_.push_back(fact);
  }
  // A section of a stored profile.
  void add_section(ByteSpan section, const Poll& poll = {}) {
    if (section.empty()) return;
    if (empty()) {
      sole_ = section;  // nothing to merge with so far
      return;
    }
    if (Fact::kIdempotent && same_bytes(sole_, section)) return;
    unfold(poll);
    decode(section, Code::corrupted, poll);
  }
  // A section that nobody vouches for. 22P03.
  void read_section(ByteSpan section, const Poll& poll = {}) {
    unfold(poll);
    decode(section, Code::invalid_binary, poll);
  }
  // Drops what this source said.
  void forget_source(std::string_view source, const Poll& poll = {}) {
    unfold(poll);
    std::erase_if(facts_, [source](const Fact& fact) { return fact.source_name == source; });
  }

  // Calls visit(span of facts) for each group, in order.
  template <typename Visit>
  void for_each_group(Visit&& visit, const Poll& poll = {}) {
    unfold(poll);
    fold(poll);
    for (std::size_t from = 0, to; from < facts_.size(); from = to) {
      poll();
      for (to = from + 1; to < facts_.size() && facts_[to].group() == facts_[from].group();) ++to;
      visit(std::span<const Fact>(facts_.data() + from, to - from));
    }
  }
  // Calls visit(const Fact&) for each, in order.
  template <typename Visit>
  void for_each(Visit&& visit, const Poll& poll = {}) {
    for_each_group(
        [&visit](std::span<const Fact> group) {
          for (const Fact& fact : group) visit(fact);
        },
        poll);
  }

  // Appends the canonical section; nothing when there are no facts. 54000 when there are too many.
  void write(Buffer& out, const Poll& poll = {}) {
    if (!sole_.empty()) {
      out.append(sole_);
      return;
    }
    if (facts_.empty()) return;
    fold(poll);
    encoder_.clear();
    for (const Fact& fact : facts_) fact.use(encoder_);
    encoder_.number();
    for_each_group(
        [this](std::span<const Fact> group) {
          Fact::encode(group, encoder_);
          encoder_.end_group(group[0].group());
        },
        poll);
    encoder_.write(out);
  }

  void clear() {
    sole_ = {};
    facts_.clear();
    arena_.release();
  }

 private:
  void unfold(const Poll& poll = {}) {
    if (sole_.empty()) return;
    const ByteSpan section = sole_;
    sole_ = {};
    decode(section, Code::corrupted, poll);
  }
  void decode(ByteSpan section, Code code, const Poll& poll) {
    Decoder decoder(section, code, resource_);
    decoder.for_each_group(poll, [&](std::string_view name, Reader& body) {
      Fact::decode(name, body, decoder, [this](const Fact& fact) { facts_.push_back(fact); });
    });
  }
  // Sorts, and makes one of what is the same.
  void fold(const Poll& poll) {
    const auto before = [](const Fact& a, const Fact& b) { return compare(a, b) < 0; };
    if (!std::is_sorted(facts_.begin(), facts_.end(), before)) std::sort(facts_.begin(), facts_.end(), before);
    poll();
    std::size_t end = 0;
    for (std::size_t i = 0; i < facts_.size(); ++i) {
      if (end > 0 && compare(facts_[end - 1], facts_[i]) == 0) {
        facts_[end - 1].absorb(facts_[i], arena_);
      } else {
        if (end != i) facts_[end] = facts_[i];
        ++end;
      }
    }
    facts_.resize(end);
    if constexpr (requires { Fact::trim(facts_); }) Fact::trim(facts_);
    if (facts_.size() > kMost) throw Error(Code::limit_exceeded, Fact::kTooMany, Fact::kTooManyDetail);
  }

  std::pmr::memory_resource* resource_;
  std::pmr::monotonic_buffer_resource arena_;  // what absorb() makes
  ByteSpan sole_;                              // the only section that was added, as it stands
  std::pmr::vector<Fact> facts_;
  Encoder encoder_;
};

}  // namespace cdp::core::facts
