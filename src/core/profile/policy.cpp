// src/core/profile/policy.cpp: the bytes of policies, their order and their canonical text.
//
// Body: a byte of flags (1: declared_at follows as eight bytes), the default's choice, then per clause text(name) and
// choice. A choice is a byte: rule + 16 (ignore empty) + 32 (as timestamp) + 64 (group), of a group varint(members) and
// their texts, of `priority` varint(sources) and their texts.
#include "core/profile/policy.hpp"

#include <algorithm>

#include "core/bytes/json_string.hpp"
#include "core/bytes/nearest.hpp"
#include "core/bytes/reader.hpp"
#include "core/bytes/utf8.hpp"

namespace cdp::core {

namespace {

constexpr std::uint8_t kDeclared = 1;
constexpr std::uint8_t kRuleBits = 0x0F, kIgnoreEmpty = 0x10, kAsTimestamp = 0x20, kGroup = 0x40, kChoiceBits = 0x7F;

constexpr std::string_view kRuleNames[kSurvivorshipCount] = {"recent", "first",   "priority", "sum",    "max",
                                                             "min",    "longest", "frequent", "collect"};

void append_text(Buffer& out, std::string_view text) {
  out.varint(text.size());
  out.append(text);
}

void append_texts(Buffer& out, std::span<const std::string_view> texts) {
  out.varint(texts.size());
  for (const std::string_view text : texts) append_text(out, text);
}

void append_choice(Buffer& out, const Clause& clause) {
  out.byte(static_cast<std::uint8_t>(static_cast<unsigned>(clause.rule) | (clause.ignore_empty ? kIgnoreEmpty : 0U) |
                                     (clause.as_timestamp ? kAsTimestamp : 0U) | (clause.is_group() ? kGroup : 0U)));
  if (clause.is_group()) append_texts(out, clause.members);
  if (clause.rule == Survivorship::priority) append_texts(out, clause.sources);
}

std::string_view trusted_text(const std::byte*& at) noexcept {
  const std::size_t length = trusted_varint(at);
  const std::string_view text = as_text({at, length});
  at += length;
  return text;
}

void read_texts(const std::byte*& at, std::pmr::vector<std::string_view>& texts) {
  for (std::uint64_t left = trusted_varint(at); left > 0; --left) texts.push_back(trusted_text(at));
}

void read_choice(const std::byte*& at, Clause& clause) {
  const auto bits = static_cast<std::uint8_t>(*at++);
  clause.rule = static_cast<Survivorship>(bits & kRuleBits);
  clause.ignore_empty = (bits & kIgnoreEmpty) != 0;
  clause.as_timestamp = (bits & kAsTimestamp) != 0;
  if ((bits & kGroup) != 0) read_texts(at, clause.members);
  if (clause.rule == Survivorship::priority) read_texts(at, clause.sources);
}

bool is_reserved(std::string_view name) noexcept {
  constexpr std::string_view kReserved[] = {"declared", "default", "group"};
  return std::any_of(std::begin(kReserved), std::end(kReserved), [name](std::string_view word) {
    return std::equal(name.begin(), name.end(), word.begin(), word.end(),
                      [](char a, char b) { return ascii_lower(a) == b; });
  });
}

void print_name(std::string_view name, Buffer& out) {
  const auto plain = [](char c) { return (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') || c == '_'; };
  bool bare = !name.empty() && plain(name.front()) && !is_reserved(name);
  for (const char c : name) bare = bare && (plain(c) || (c >= '0' && c <= '9'));
  if (bare) {
    out.append(name);
  } else {
    print_json_string(name, out);
  }
}

void print_names(std::span<const std::string_view> names, Buffer& out) {
  out.byte('(');
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) out.append(", ");
    print_name(names[i], out);
  }
  out.byte(')');
}

void print_choice(const Clause& clause, Buffer& out) {
  out.append(name_of(clause.rule));
  if (clause.rule == Survivorship::priority) print_names(clause.sources, out);
  if (clause.ignore_empty) out.append(" ignore empty");
  if (clause.as_timestamp) out.append(" as timestamp");
}

}  // namespace

std::string_view name_of(Survivorship rule) noexcept { return kRuleNames[static_cast<std::size_t>(rule)]; }

void Policy::clear() {
  body_.clear();
  declared_at_ = kMinusInfinity;
  fallback_ = Clause(resource_);
  clauses_.clear();
  members_.clear();
}

// The body tells one policy from another, so it must not be there while the rest is not.
void Policy::assign(ByteSpan body) try {
  clear();
  if (body.empty()) return;
  body_.append(body);
  const std::byte* at = body_.data();
  const std::byte* const end = at + body_.size();
  if ((static_cast<std::uint8_t>(*at++) & kDeclared) != 0) {
    declared_at_ = static_cast<std::int64_t>(load_le<std::uint64_t>(at));
    at += sizeof(std::uint64_t);
  }
  read_choice(at, fallback_);
  while (at != end) {
    Clause& clause = clauses_.emplace_back(resource_);
    clause.name = trusted_text(at);
    read_choice(at, clause);
    for (const std::string_view member : clause.members)
      members_.push_back({member, static_cast<std::uint32_t>(clauses_.size() - 1)});
  }
  std::sort(members_.begin(), members_.end(), [](const Member& a, const Member& b) { return a.name < b.name; });
} catch (...) {
  clear();
  throw;
}

const Clause& Policy::clause_of(std::string_view attribute) const noexcept {
  const auto at = std::lower_bound(clauses_.begin(), clauses_.end(), attribute,
                                   [](const Clause& each, std::string_view wanted) { return each.name < wanted; });
  return at != clauses_.end() && at->name == attribute ? *at : fallback_;
}

const Clause* Policy::group_of(std::string_view member) const noexcept {
  const auto at = std::lower_bound(members_.begin(), members_.end(), member,
                                   [](const Member& each, std::string_view wanted) { return each.name < wanted; });
  return at != members_.end() && at->name == member ? &clauses_[at->clause] : nullptr;
}

bool same_groups(const Policy& a, const Policy& b) noexcept {
  return std::equal(a.members_.begin(), a.members_.end(), b.members_.begin(), b.members_.end(),
                    [&](const Policy::Member& x, const Policy::Member& y) {
                      return x.name == y.name && a.clauses_[x.clause].name == b.clauses_[y.clause].name;
                    });
}

void append_policy(std::int64_t declared_at, const Clause& fallback, std::span<const Clause> clauses, Buffer& body) {
  const bool declared = declared_at != kMinusInfinity;
  if (!declared && clauses.empty() && fallback.rule == Survivorship::recent && !fallback.ignore_empty &&
      !fallback.as_timestamp)
    return;
  body.byte(declared ? kDeclared : 0);
  if (declared) body.le(static_cast<std::uint64_t>(declared_at));
  append_choice(body, fallback);
  for (const Clause& clause : clauses) {
    append_text(body, clause.name);
    append_choice(body, clause);
  }
}

void print_policy(const Policy& policy, Buffer& out) {
  const std::size_t start = out.size();
  if (policy.declared_at() != kMinusInfinity) {
    out.append("declared ");
    print_timestamp(policy.declared_at(), out);
    out.append("; ");
  }
  out.append("default ");
  print_choice(policy.fallback(), out);
  for (const Clause& clause : policy.clauses()) {
    out.append(clause.is_group() ? "; group " : "; ");
    print_name(clause.name, out);
    if (clause.is_group()) print_names(clause.members, out);
    out.byte(' ');
    print_choice(clause, out);
    if (out.size() - start > kMaxPolicyText)
      throw Error(Code::limit_exceeded, "policy is too long", "The canonical text of a policy is at most 1 MB long.");
  }
}

namespace {

// Follows the structure of a body; what it leaves open (order, duplicates, limits) is closed by printing and reading
// it.
class BodyChecker {
 public:
  explicit BodyChecker(Reader& reader) : reader_(reader) {}

  void check() {
    const std::uint8_t flags = reader_.byte();
    if (flags > kDeclared) reader_.fail("its policy has unknown flags");
    if (flags != 0 && !is_timestamp(static_cast<std::int64_t>(reader_.le<std::uint64_t>())))
      reader_.fail("a time is out of range");
    choice(false);
    while (reader_.left() > 0) {
      text();
      choice(true);
    }
  }

 private:
  void text() {
    if (!is_utf8_text(reader_.take(reader_.count()))) reader_.fail("a name in it is not valid UTF-8 text");
  }
  void texts() {
    const std::size_t count = reader_.count();
    if (count == 0) reader_.fail("a list of names in it is empty");
    for (std::size_t i = 0; i < count; ++i) text();
  }
  void choice(bool may_be_group) {
    const std::uint8_t bits = reader_.byte();
    if ((bits & ~kChoiceBits) != 0 || (bits & kRuleBits) >= kSurvivorshipCount ||
        (!may_be_group && (bits & kGroup) != 0))
      reader_.fail("its policy has an unknown rule");
    if ((bits & kGroup) != 0) texts();
    if (static_cast<Survivorship>(bits & kRuleBits) == Survivorship::priority) texts();
  }

  Reader& reader_;
};

}  // namespace

void check_policy(ByteSpan body, const char* what, std::pmr::memory_resource* resource) {
  if (body.empty()) return;
  Reader reader(body, what);
  BodyChecker(reader).check();
  Policy policy(resource);
  policy.assign(body);
  Buffer text(resource), again(resource);
  try {
    print_policy(policy, text);
    parse_policy(as_text(text.span()), again, resource);
  } catch (const Error& error) {
    if (error.code() != Code::syntax_error && error.code() != Code::limit_exceeded) throw;
    reader.fail("its policy is not a valid one");
  }
  if (compare_bytes(again.span(), body) != 0) reader.fail("its policy is not in canonical form");
}

int compare_policies(ByteSpan a, ByteSpan b, std::pmr::memory_resource* resource) {
  if (a.empty() || b.empty()) return (a.empty() ? 0 : 1) - (b.empty() ? 0 : 1);
  if (same_bytes(a, b)) return 0;
  Policy left(resource), right(resource);
  left.assign(a);
  right.assign(b);
  if (left.declared_at() != right.declared_at()) return left.declared_at() < right.declared_at() ? -1 : 1;
  Buffer left_text(resource), right_text(resource);
  print_policy(left, left_text);
  print_policy(right, right_text);
  return compare_bytes(left_text.span(), right_text.span());
}

void append_policy_header(Buffer& out, std::size_t clauses) {
  out.byte(kPolicyMagic);
  out.byte(kPolicyVersion);
  out.le<std::uint16_t>(0);
  out.le(static_cast<std::uint32_t>(clauses));
  out.le<std::uint32_t>(0);
}

ByteSpan policy_body(ByteSpan payload) {
  const bool whole = payload.size() >= kPolicyHeader && static_cast<std::uint8_t>(payload[0]) == kPolicyMagic;
  if (whole && (payload[1] != std::byte{kPolicyVersion} || load_le<std::uint16_t>(payload.data() + 2) != 0))
    throw Error(Code::not_supported,
                "unsupported version " + std::to_string(static_cast<int>(payload[1])) + " of type cdp.policy", {},
                "The value was written by a newer version of cdp; update the library.");
  if (!whole || load_le<std::uint32_t>(payload.data() + 8) != 0)
    throw Error(Code::corrupted, "stored value is not a valid cdp.policy");
  return payload.subspan(kPolicyHeader);
}

}  // namespace cdp::core
