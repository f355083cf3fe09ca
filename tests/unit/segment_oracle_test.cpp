// Random rules over random customers against an oracle that knows nothing of bytes: it evaluates the tree from which
// the text was made.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "core/profile/builder.hpp"
#include "core/profile/decimal.hpp"
#include "core/profile/timestamp.hpp"
#include "core/segment/worth.hpp"
#include "effort.hpp"
#include "indexed.hpp"

namespace cdp::core {
namespace {

using test::Indexed;

constexpr Truth kYes = Truth::yes, kNo = Truth::no, kUnknown = Truth::unknown;
constexpr std::int64_t kHour = 3'600'000'000, kNow = 800'000'000'000'000;

struct Scalar {
  Type type;   // boolean, number, string, timestamp
  int number;  // also the boolean; hours before now for a timestamp
  std::string text;

  int compare(const Scalar& other) const {
    if (type == Type::string) return text.compare(other.text);
    const int mine = type == Type::timestamp ? -number : number,
              its = type == Type::timestamp ? -other.number : other.number;
    return mine < its ? -1 : (mine > its ? 1 : 0);
  }
};

struct Observation {
  std::optional<Scalar> value;  // nothing: a list
  std::vector<Scalar> list;
  std::string source;
  int age;  // hours
};

using Customer = std::map<std::string, std::vector<Observation>>;  // most recent first

struct Rule {
  std::string text;
  std::function<Truth(const Customer&)> truth;
};

class World {
 public:
  explicit World(unsigned seed) : random_(seed) {}

  int below(int limit) { return static_cast<int>(random_() % static_cast<unsigned>(limit)); }
  template <typename T>
  const T& any_of(const std::vector<T>& from) {
    return from[static_cast<std::size_t>(below(static_cast<int>(from.size())))];
  }

  Scalar scalar() {
    switch (below(6)) {
      case 0: return {Type::boolean, below(2), {}};
      case 1:
      case 2: return {Type::number, below(7) - 3, {}};
      case 3: return {Type::timestamp, below(100) - 50, {}};
      default: return {Type::string, 0, any_of<std::string>({"a", "ab", "b", "", "Ä", "ä\"\\", "é"})};
    }
  }

  Customer customer() {
    Customer made;
    for (const std::string& name : names_) {
      int age = below(10);
      for (int count = below(4); count > 0; --count, age += 1 + below(20)) {
        Observation one{{}, {}, any_of<std::string>({"crm", "web"}), age};
        if (below(4) == 0) {
          for (int items = below(4); items > 0; --items) one.list.push_back(scalar());
        } else {
          one.value = scalar();
        }
        made[name].push_back(one);
      }
    }
    return made;
  }

  Rule rule(int depth);

 private:
  Rule predicate();

  std::mt19937 random_;
  const std::vector<std::string> names_{"a", "b", "c", "d"};
};

std::string written(const Scalar& value) {
  Buffer out;
  switch (value.type) {
    case Type::boolean: return value.number != 0 ? "true" : "false";
    case Type::number: return std::to_string(value.number);
    case Type::string: print_json_string(value.text, out); break;
    default:
      out.append("timestamp \"");
      print_timestamp(kNow - value.number * kHour, out);
      out.byte('"');
  }
  return std::string(as_text(out.span()));
}

void append(Buffer& out, const Scalar& value) {
  Buffer payload;
  if (value.type == Type::boolean) payload.byte(static_cast<std::uint8_t>(value.number));
  if (value.type == Type::number) append_decimal(payload, std::int64_t{value.number});
  if (value.type == Type::string) payload.append(value.text);
  if (value.type == Type::timestamp) append_timestamp_payload(payload, kNow - value.number * kHour);
  append_value(out, {value.type, payload.span()});
}

std::string stored(const Customer& customer) {
  ProfileBuilder builder(std::pmr::new_delete_resource());
  for (const auto& [name, observations] : customer) {
    for (const Observation& one : observations) {
      Buffer bytes, items;
      if (one.value) {
        append(bytes, *one.value);
      } else {
        items.varint(one.list.size());
        for (const Scalar& item : one.list) append(items, item);
        append_value(bytes, {Type::array, items.span()});
      }
      const std::byte* at = builder.copy(bytes.span()).data();
      builder.add_observation(name, trusted_value(at), one.source, kNow - one.age * kHour);
    }
  }
  Buffer out;
  builder.write(out);
  return std::string(as_text(out.span()));
}

Truth truth(bool yes) { return yes ? kYes : kNo; }
Truth negated(Truth t) { return t == kUnknown ? t : truth(t == kNo); }
Truth either(Truth a, Truth b) {
  if (a == kYes || b == kYes) return kYes;
  return a == kNo && b == kNo ? kNo : kUnknown;
}
Truth both(Truth a, Truth b) { return negated(either(negated(a), negated(b))); }

using Test = std::function<Truth(const Observation&)>;
using Comparison = std::function<Truth(const Scalar&)>;

Comparison compares(const std::string& op, const Scalar& constant) {
  return [op, constant](const Scalar& value) {
    if (value.type != constant.type) return kUnknown;
    const int order = value.compare(constant);
    if (op == "=") return truth(order == 0);
    if (op == "!=") return truth(order != 0);
    if (op == "<") return truth(order < 0);
    if (op == "<=") return truth(order <= 0);
    return op == ">" ? truth(order > 0) : truth(order >= 0);
  };
}

Test of_scalar(const Comparison& comparison) {
  return [comparison](const Observation& one) { return one.value ? comparison(*one.value) : kUnknown; };
}

Comparison among(const std::vector<Scalar>& list) {
  return [list](const Scalar& value) {
    Truth result = kNo;
    for (const Scalar& item : list) result = either(result, compares("=", item)(value));
    return result;
  };
}

Rule World::predicate() {
  const std::string name = any_of(names_), source = any_of<std::string>({"crm", "web", "shop"});
  std::vector<Scalar> list;
  std::string items;
  for (int i = below(4); i >= 0; --i) {
    list.push_back(scalar());
    items += (items.empty() ? "" : ", ") + written(list.back());
  }
  const Scalar low = scalar(), high = below(2) == 0 ? scalar() : low;
  std::string operation;
  Test test;
  bool known = false, unknown = false;
  switch (below(9)) {
    case 0:
      operation = "between " + written(low) + " and " + written(high);
      test = of_scalar([=](const Scalar& v) { return both(compares(">=", low)(v), compares("<=", high)(v)); });
      break;
    case 1:
      operation = "not between " + written(low) + " and " + written(high);
      test = of_scalar([=](const Scalar& v) { return negated(both(compares(">=", low)(v), compares("<=", high)(v))); });
      break;
    case 2:
      operation = "in (" + items + ")";
      test = of_scalar(among(list));
      break;
    case 3:
      operation = "not in (" + items + ")";
      test = of_scalar([in = among(list)](const Scalar& v) { return negated(in(v)); });
      break;
    case 4: {
      const bool every = below(2) == 0;
      operation = std::string("contains ") + (every ? "all (" : "any (") + items + ")";
      test = [=](const Observation& one) {
        if (one.value) return kUnknown;
        Truth result = truth(every);
        for (const Scalar& wanted : list) {
          Truth held = kNo;
          for (const Scalar& item : one.list) held = either(held, compares("=", wanted)(item));
          result = every ? both(result, held) : either(result, held);
        }
        return result;
      };
      break;
    }
    case 5: known = true, operation = "is known"; break;
    case 6: unknown = true, operation = "is unknown"; break;
    case 7: {
      const int hours = below(60);
      operation = "within last " + std::to_string(hours) + " hours";
      test = of_scalar([=](const Scalar& v) {
        return v.type == Type::timestamp ? truth(v.number >= 0 && v.number < hours) : kUnknown;
      });
      break;
    }
    default: {
      const std::string op = any_of<std::string>({"=", "!=", "<", "<=", ">", ">="});
      operation = op + " " + written(low);
      test = of_scalar(compares(op, low));
    }
  }
  const auto decide = [=](const Customer& customer, const std::function<bool(const Observation&)>& reads) {
    Truth result = kNo;
    bool seen = false;
    if (const auto found = customer.find(name); found != customer.end()) {
      for (const Observation& one : found->second) {
        if (!reads(one)) continue;
        if (!known && !unknown) result = either(result, test(one));
        seen = true;
      }
    }
    if (known || unknown) return truth(seen == known);
    return seen ? result : kUnknown;
  };
  switch (below(4)) {
    case 0:
      return {"any(" + name + ") " + operation,
              [=](const Customer& c) { return decide(c, [](const auto&) { return true; }); }};
    case 1:
      return {name + " from \"" + source + "\" " + operation, [=](const Customer& c) {
                bool first = true;
                return decide(
                    c, [&](const Observation& one) { return one.source == source && std::exchange(first, false); });
              }};
    default:
      return {name + " " + operation, [=](const Customer& c) {
                bool first = true;
                return decide(c, [&](const Observation&) { return std::exchange(first, false); });
              }};
  }
}

Rule World::rule(int depth) {
  if (depth == 0 || below(3) == 0) return predicate();
  const Rule a = rule(depth - 1);
  if (below(3) == 0) return {"not (" + a.text + ")", [a](const Customer& c) { return negated(a.truth(c)); }};
  const Rule b = rule(depth - 1);
  if (below(2) == 0)
    return {"(" + a.text + ") and (" + b.text + ")",
            [a, b](const Customer& c) { return both(a.truth(c), b.truth(c)); }};
  return {"(" + a.text + ") or (" + b.text + ")", [a, b](const Customer& c) { return either(a.truth(c), b.truth(c)); }};
}

TEST(SegmentOracle, AgreesOnRandomRulesAndCustomers) {
  World world(test::seed(2026));
  std::vector<std::pair<Customer, std::string>> customers;
  for (int i = 0; i < 60; ++i) {
    Customer made = world.customer();
    std::string bytes = stored(made);
    customers.emplace_back(std::move(made), std::move(bytes));
  }
  int counts[3] = {};
  for (int round = 0; round < test::rounds(4'000); ++round) {
    const Rule rule = world.rule(4);
    Buffer program, text, again;
    parse_segment(rule.text, program);
    print_segment(Segment(program.span()), text);
    parse_segment(as_text(text.span()), again);
    ASSERT_EQ(as_text(again.span()), as_text(program.span())) << rule.text;
    if (round % 10 == 0) check_segment(program.span());
    for (const auto& [customer, bytes] : customers) {
      const Truth expected = rule.truth(customer);
      ASSERT_EQ(evaluate(Segment(program.span()), ProfileView(as_bytes(bytes)), kNow), expected) << rule.text;
      ++counts[static_cast<int>(expected)];
    }
  }
  for (const int count : counts) EXPECT_GT(count, 10'000);
  test::report_combinations(counts);
}

TEST(SegmentOracle, IndexesMissNoMatch) {
  World world(test::seed(11));
  std::vector<std::pair<std::string, Indexed>> customers;
  for (int i = 0; i < 60; ++i) {
    const std::string bytes = stored(world.customer());
    customers.emplace_back(bytes, Indexed(bytes));
  }
  auto* const heap = std::pmr::get_default_resource();
  KeyCounter counter(100, heap);
  for (const auto& [bytes, indexed] : customers) counter.add(indexed.with_paths);
  counter.finish();
  const KeyStatistics statistics = counter.statistics();
  int matches = 0, others = 0, found_now = 0, found_ever = 0, percolated = 0, weaker = 0;
  for (int round = 0; round < test::rounds(4'000); ++round) {
    Buffer program;
    parse_segment(world.rule(4).text, program);
    const Segment segment(program.span());
    const std::int64_t as_of = kNow + (world.below(200) - 100) * kHour;
    const Lookup now = lookup_of(segment, as_of, heap), ever = lookup_of(segment, std::nullopt, heap);
    const auto necessary = necessary_keys(segment, heap);
    Buffer worth;
    weaker += append_worth_looking_up(segment, as_of, statistics, 10, worth, {}, heap, nullptr);
    const Lookup part = worth.size() == 0 ? now : lookup_of(Segment(worth.span()), as_of, heap);
    for (const auto& [bytes, indexed] : customers) {
      const bool matched = evaluate(segment, ProfileView(as_bytes(bytes)), as_of) == kYes;
      const bool at = indexed.found_by(now), any = indexed.found_by(ever), one = indexed.has_one_of(necessary);
      ASSERT_FALSE(matched && !at);
      ASSERT_FALSE(at && !any);
      ASSERT_FALSE(at && !indexed.found_by(part));
      ASSERT_FALSE(matched && !one);
      ASSERT_FALSE(any && !one);  // both operator classes answer segment @~ profile
      ++(matched ? matches : others);
      found_now += !matched && at;
      found_ever += !matched && any;
      percolated += !matched && one;
    }
  }
  EXPECT_GT(matches, 10'000);
  EXPECT_GT(weaker, 500);
  // Not by letting everybody through.
  EXPECT_LT(found_now, others * 65 / 100);
  EXPECT_LT(found_ever, others * 7 / 10);
  EXPECT_LT(percolated, others * 8 / 10);
}

}  // namespace
}  // namespace cdp::core
