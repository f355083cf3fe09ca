// Rules as JSON and back.
#include "core/segment/tree.hpp"

#include <set>

#include "core/profile/json.hpp"
#include "event_rules_made.hpp"
#include "segment_text.hpp"

namespace cdp::core {
namespace {

using test::code_of_bytes;
using test::error_of;
using test::EventRules;
using test::printed;
using Bytes = std::string;

auto* const kHeap = std::pmr::new_delete_resource();

Bytes compiled(std::string_view text) {
  Buffer out;
  parse_segment(text, out, {}, kHeap, &test::kZonesOfTests);
  return Bytes(as_text(out.span()));
}

std::string json_of(const Bytes& rule) {
  Buffer out;
  print_tree(Segment(as_bytes(rule)), out);
  return std::string(as_text(out.span()));
}

Bytes rule_of(std::string_view json) {
  Buffer value, out;
  parse_tree(parse_json(json, "jsonb", value, kHeap, {}, kMaxTreeDepth), out, {}, kHeap, &test::kZonesOfTests);
  return Bytes(as_text(out.span()));
}

// The documented shape: a rule, and its JSON.
const std::pair<const char*, const char*> kShapes[] = {
    {"country = \"TR\"", R"({"attribute": "country", "=": "TR"})"},
    {"attr(\"Loyalty Tier\") in (\"gold\", \"silver\")", R"({"attribute": "Loyalty Tier", "in": ["gold", "silver"]})"},
    {"a not in (true, 1.50, \"x\")", R"({"attribute": "a", "not in": [true, 1.5, "x"]})"},
    {"age not between 18 and 30", R"({"attribute": "age", "not between": [18, 30]})"},
    {"a between date \"2026-01-31\" and timestamp \"2026-01-31T10:00:00Z\"",
     R"({"attribute": "a", "between": [{"date": "2026-01-31"}, {"timestamp": "2026-01-31T10:00:00Z"}]})"},
    {"a != 1 and b < 2 and c <= 3 and d > 4 and e >= 5",
     R"({"all": [{"attribute": "a", "!=": 1}, {"attribute": "b", "<": 2}, {"attribute": "c", "<=": 3}, )"
     R"({"attribute": "d", ">": 4}, {"attribute": "e", ">=": 5}]})"},
    {"a like \"x%\" or b not like \"x\" or c ilike \"x\" or d not ilike \"x\" or e starts with \"\\\"\"",
     R"({"any": [{"attribute": "a", "like": "x%"}, {"attribute": "b", "not like": "x"}, {"attribute": "c", "ilike": "x"}, )"
     R"({"attribute": "d", "not ilike": "x"}, {"attribute": "e", "starts with": "\""}]})"},
    {"not tags contains \"vip\"", R"({"not": {"attribute": "tags", "contains": "vip"}})"},
    {"any(tags) contains any (\"a\", \"b\")", R"({"any_value": "tags", "contains any": ["a", "b"]})"},
    {"tags from \"crm\" contains all (1)", R"({"attribute": "tags", "source": "crm", "contains all": [1]})"},
    {"email is known and address.city is unknown",
     R"({"all": [{"attribute": "email", "is": "known"}, {"attribute": "address.city", "is": "unknown"}]})"},
    {"freshness(country) < 1 day", R"({"freshness": "country", "<": [1, "day"]})"},
    {"freshness(a) between 1 hour and 2 weeks", R"({"freshness": "a", "between": [[1, "hour"], [2, "weeks"]]})"},
    {"signed_up within last 30 days", R"({"attribute": "signed_up", "within": {"last": [30, "days"]}})"},
    {"renewal within next 14 months", R"({"attribute": "renewal", "within": {"next": [14, "months"]}})"},
    {"a within since date \"2026-01-01\"", R"({"attribute": "a", "within": {"since": {"date": "2026-01-01"}}})"},
    {"birthday anniversary within between date \"2026-01-01\" and date \"2026-02-01\"",
     R"({"attribute": "birthday", "anniversary within": {"between": [{"date": "2026-01-01"}, {"date": "2026-02-01"}]}})"},
    {"did(\"refund\", last 90 days)", R"({"did": "refund", "window": {"last": [90, "days"]}})"},
    {"count(\"purchase\" where amount > 50 and not category = \"shoes\", last 30 days) >= 2",
     R"({"count": "purchase", "where": {"all": [{"property": "amount", ">": 50}, {"not": {"property": "category", "=": "shoes"}}]}, )"
     R"("window": {"last": [30, "days"]}, ">=": 2})"},
    {"sum(\"p\".amount) > 1", R"({"sum": "p", "property": "amount", ">": 1})"},
    {"avg(\"p\".a where b = 1) > 1", R"({"avg": "p", "property": "a", "where": {"property": "b", "=": 1}, ">": 1})"},
    {"min(\"p\".a) > 1 and max(\"p\".a) < 1",
     R"({"all": [{"min": "p", "property": "a", ">": 1}, {"max": "p", "property": "a", "<": 1}]})"},
    {"distinct(\"view\".product) >= 5", R"({"distinct": "view", "property": "product", ">=": 5})"},
    {"most_frequent(\"view\".category) = \"shoes\"",
     R"({"most_frequent": "view", "property": "category", "=": "shoes"})"},
    {"first(\"purchase\") within last 30 days", R"({"first": "purchase", "within": {"last": [30, "days"]}})"},
    {"last(\"p\") < date \"2026-01-01\"", R"({"last": "p", "<": {"date": "2026-01-01"}})"},
    {"first(\"visit\").campaign = \"spring\"", R"({"first": "visit", "property": "campaign", "=": "spring"})"},
    {"last(\"p\" where a = 1, last 1 year).b is known",
     R"({"last": "p", "property": "b", "where": {"property": "a", "=": 1}, "window": {"last": [1, "year"]}, "is": "known"})"},
    {"days_active(\"login\") = 1", R"({"days_active": "login", "=": 1})"},
    {"days_active(last 30 days) >= 10", R"({"days_active": null, "window": {"last": [30, "days"]}, ">=": 10})"},
    {"funnel(\"view\" where a = 1, \"cart\", within 7 days, strict order, allow reentry, last 30 days) >= 2",
     R"({"funnel": [{"event": "view", "where": {"property": "a", "=": 1}}, {"event": "cart"}], "window": {"last": [30, "days"]}, )"
     R"("within": [7, "days"], "modes": ["strict order", "allow reentry"], ">=": 2})"},
    {"sequence(\"view\" then \"cart\" where a = 1 within 1 hour then not \"refund\" within 7 days, last 30 days)",
     R"({"sequence": [{"event": "view"}, {"event": "cart", "where": {"property": "a", "=": 1}, "within": [1, "hour"]}, )"
     R"({"not": "refund", "within": [7, "days"]}], "window": {"last": [30, "days"]}})"},
    {"has identifier(\"email\") and identifiers(\"device\") > 3",
     R"({"all": [{"has_identifier": "email"}, {"identifiers": "device", ">": 3}]})"},
    {"consent(\"marketing\")", R"({"consent": "marketing"})"},
    {"in segment \"vip\"", R"({"segment": "vip"})"},
    {"did(\"a\", today) and did(\"a\", yesterday) in time zone \"Test/East\"",
     R"({"in_time_zone": "Test/East", "rule": {"all": [{"did": "a", "window": {"this": "day"}}, {"did": "a", "window": {"previous": "day"}}]}})"},
    {"not (a within tomorrow in time zone attr(\"zone\"))",
     R"({"not": {"in_time_zone": {"attribute": "zone"}, "rule": {"attribute": "a", "within": {"next": "day"}}}})"},
    {"a within this week and b within previous year and c within next month",
     R"({"all": [{"attribute": "a", "within": {"this": "week"}}, {"attribute": "b", "within": {"previous": "year"}}, )"
     R"({"attribute": "c", "within": {"next": "month"}}]})"},
    {"a within last 2 calendar weeks or (b within next 1 calendar day in time zone \"UTC\")",
     R"({"any": [{"attribute": "a", "within": {"last": [2, "calendar weeks"]}}, )"
     R"({"in_time_zone": "UTC", "rule": {"attribute": "b", "within": {"next": [1, "calendar day"]}}}]})"},
};

TEST(SegmentTree, HasTheDocumentedShape) {
  for (const auto& [text, json] : kShapes) {
    SCOPED_TRACE(text);
    EXPECT_EQ(json_of(compiled(text)), json);
    EXPECT_EQ(rule_of(json), compiled(text));
  }
}

// Every opcode that stands in the stored form is in one of them: who adds one has to say what its JSON is.
void collect(const ProgramNode& node, std::set<int>& opcodes) {
  opcodes.insert(static_cast<int>(node.op));
  const std::byte* at = node.body.data();
  if (is_logic(node.op)) {
    any_operand(node, [&](const ProgramNode& child) {
      collect(child, opcodes);
      return false;
    });
    return;
  }
  if (!is_predicate(node.op)) return;
  const ProgramNode of = trusted_node(at);
  opcodes.insert(static_cast<int>(of.op));
}

TEST(SegmentTree, KnowsEveryKindOfNode) {
  std::set<int> opcodes;
  for (const auto& [text, json] : kShapes) {
    const Bytes rule = compiled(text);
    collect(Segment(as_bytes(rule)).root(), opcodes);
  }
  opcodes.insert(static_cast<int>(Opcode::property));  // in filters alone
  for (int op = 0; op < 0x60; ++op) {
    const auto kind = static_cast<Opcode>(op);
    EXPECT_EQ(is_logic(kind) || is_predicate(kind) || is_subject(kind), opcodes.count(op) == 1) << op;
  }
}

TEST(SegmentTree, GivesTheSameRule) {
  EventRules rules(2031);
  std::vector<std::string> leaves;
  for (const auto& [text, json] : kShapes) leaves.push_back(text);
  const std::function<std::string(int)> random_rule = [&](int depth) -> std::string {
    const int kind = rules.below(5);
    if (depth == 0 || kind == 0) return leaves[static_cast<std::size_t>(rules.below(static_cast<int>(leaves.size())))];
    if (kind == 1) return rules.rule(1).text;
    const std::string a = random_rule(depth - 1);
    if (kind == 2) return "not (" + a + ")";
    return "(" + a + (kind == 3 ? ") and (" : ") or (") + random_rule(depth - 1) + ")";
  };
  for (int round = 0; round < 15'000; ++round) {
    const std::string text = random_rule(round % 5);
    const Bytes rule = compiled(text);
    ASSERT_EQ(rule_of(json_of(rule)), rule) << text;
  }
}

TEST(SegmentTree, TakesWhatScreensWrite) {
  const std::pair<const char*, const char*> kCases[] = {
      {R"({"all": [{"attribute": "a", "=": 1}]})", "a = 1"},
      {R"({"not": {"any": [{"all": [{"attribute": "a", "=": 1}, {"attribute": "b", "=": 2}]}]}})",
       "not (a = 1 and b = 2)"},
      {R"({"all": [{"all": [{"attribute": "a", "=": 1}, {"attribute": "b", "=": 2}]}, {"attribute": "c", "=": 3}]})",
       "a = 1 and b = 2 and c = 3"},
      {R"({"all": [{"any": [{"any": [{"attribute": "a", "=": 1}]}, {"attribute": "b", "=": 2}]}, {"attribute": "c", "=": 3}]})",
       "(a = 1 or b = 2) and c = 3"},
      {R"({"=": "TR", "attribute": "country"})", "country = \"TR\""},
      {R"({"attribute": "a", "in": [2, 1, 1.0]})", "a in (1, 2)"},
      {R"({"attribute": "a", "within": {"last": [1, "days"]}})", "a within last 1 day"},
      {R"({"attribute": "a", "=": {"timestamp": "2026-01-31T00:00:00+03"}})", "a = timestamp \"2026-01-30T21:00:00Z\""},
      // Nothing gets out of its quotes.
      {R"({"attribute": "a\") = 1 or attr(\"b", "=": "\" or c = \"1"})",
       "attr(\"a\\\") = 1 or attr(\\\"b\") = \"\\\" or c = \\\"1\""},
      {R"({"attribute": "last", "source": "\\", "like": "\\\\"})", "attr(\"last\") from \"\\\\\" like \"\\\\\\\\\""},
      {R"({"segment": "a\" or b = 1 /*"})", "in segment \"a\\\" or b = 1 /*\""},
  };
  for (const auto& [json, text] : kCases) {
    SCOPED_TRACE(json);
    EXPECT_EQ(printed(rule_of(json)), text);
  }
}

TEST(SegmentTree, SaysWhatIsWrongWhere) {
  struct Case {
    const char *json, *message, *place, *hint;
  };
  const Case kCases[] = {
      {"1", "expected an object", "At $.", "A rule is an object"},
      {"[]", "expected an object", "At $.", "A rule is an object"},
      {"{}", "nothing of what it is about", "At $.", "\"attribute\""},
      {R"({"atribute": "a", "=": 1})", "unknown key \"atribute\"", "At $.", "\"attribute\""},
      {R"({"all": []})", "an array is empty", "At $.all.", ""},
      {R"({"all": {}})", "expected an array of rules", "At $.all.", ""},
      {R"({"any": [{"attribute": "a", "=": 1}, 7]})", "expected an object", "At $.any[1].", ""},
      {R"({"all": [{"segment": "x"}], "any": []})", "misplaced key \"any\"", "At $.", ""},
      {R"({"attribute": "a"})", "no operator", "At $.", "\"=\""},
      {R"({"attribute": "a", "eq": 1})", "unknown key \"eq\"", "At $.", ""},
      {R"({"attribute": "a", "lik": "x"})", "unknown key \"lik\"", "At $.", "\"like\""},
      {R"({"attribute": "a", "=": 1, "<": 2})", "two operators", "At $.", ""},
      {R"({"attribute": "a", "=": null})", "expected a value", "At $.\"=\".", "\"unknown\""},
      {R"({"attribute": "a", "=": []})", "expected a value", "At $.\"=\".", ""},
      {R"({"attribute": "a", "=": {"time": "x"}})", "unknown key \"time\"", "At $.\"=\".", ""},
      {R"({"attribute": "a", "=": {"date": "2026-13-01"}})", "invalid date", "At $.\"=\".date.", "2026-01-31"},
      {R"({"attribute": "a", "=": {"date": "2026-01-01T10:00:00Z"}})", "invalid date", "At $.\"=\".date.", ""},
      {R"({"attribute": "a", "=": {"timestamp": ""}})", "invalid timestamp", "At $.\"=\".timestamp.", ""},
      {R"({"attribute": "a", "in": []})", "an array is empty", "At $.in.", ""},
      {R"({"attribute": "a", "in": [1, {}]})", "expected a time", "At $.in[1].", ""},
      {R"({"attribute": "a", "between": [1]})", "two values", "At $.between.", ""},
      {R"({"attribute": "a", "like": 1})", "expected a string", "At $.like.", ""},
      {R"({"attribute": "a", "like": "x\\"})", "backslash", "At $.", "backslash"},
      {R"({"attribute": "a", "is": "knwon"})", "expected \"known\"", "At $.is.", "\"known\""},
      {R"({"attribute": "", "=": 1})", "a name is empty", "At $.attribute.", ""},
      {R"({"attribute": 1, "=": 1})", "expected a string", "At $.attribute.", ""},
      {R"({"attribute": "a", "within": {}})", "a window is empty", "At $.within.", "[30, \"days\"]"},
      {R"({"attribute": "a", "within": {"last": [30, "dais"]}})", "unknown unit", "At $.within.last.", "\"days\""},
      {R"({"attribute": "a", "within": {"last": [-1, "days"]}})", "expected a duration", "At $.within.last.", ""},
      {R"({"attribute": "a", "within": {"last": [1.5, "days"]}})", "expected a duration", "At $.within.last.", ""},
      {R"({"attribute": "a", "within": {"last": [99999999999, "days"]}})", "too long", "At $.", "10000 years"},
      {R"({"attribute": "a", "anniversary within": {"last": [1, "hour"]}})", "don't fit", "At $.", "whole day"},
      {R"({"freshness": "a", "<": [1, "month"]})", "differ in length", "At $.\"<\".", "days or weeks"},
      {R"({"freshness": "a", "in": []})", "does not apply", "At $.", ""},
      {R"({"count": "a", ">=": "2"})", "expected a number", "At $.\">=\".", ""},
      {R"({"count": "a", "is": "known"})", "does not apply", "At $.", ""},
      {R"({"sum": "a", ">=": 2})", "key \"property\" is missing", "At $.", ""},
      {R"({"count": "a", "property": "b", ">=": 2})", "misplaced key \"property\"", "At $.", ""},
      {R"({"count": "a", "sum": "b", ">=": 2})", "misplaced key \"sum\"", "At $.", ""},
      {R"({"did": "a", ">=": 2})", "misplaced key \">=\"", "At $.", ""},
      {R"({"did": "a", "window": {"next": [1, "day"]}})", "misplaced key \"next\"", "At $.window.", ""},
      {R"({"did": "a", "where": {"attribute": "b", "=": 1}})", "misplaced key \"attribute\"", "At $.where.",
       "\"property\""},
      {R"({"did": "a", "where": {"all": [{"property": "b", "within": {}}]}})", "does not apply", "At $.where.all[0].",
       ""},
      {R"({"property": "b", "=": 1})", "nothing of what it is about", "At $.", ""},
      {R"({"last": "a", "=": 1})", "expected a time", "At $.\"=\".", ""},
      {R"({"last": "a", "like": "b"})", "does not apply", "At $.", ""},
      {R"({"days_active": null, "=": 1})", "needs \"window\"", "At $.", ""},
      {R"({"funnel": [{"event": "a"}], "=": 1})", "key \"within\" is missing", "At $.", ""},
      {R"({"funnel": ["a"], "within": [1, "day"], "=": 1})", "expected an object", "At $.funnel[0].", ""},
      {R"({"funnel": [{"not": "a"}], "within": [1, "day"], "=": 1})", "nothing of its event", "At $.funnel[0].", ""},
      {R"({"funnel": [{"event": "a"}], "within": [1, "day"], "modes": ["strict odrer"], "=": 1})", "unknown mode",
       "At $.modes[0].", "\"strict order\""},
      {R"({"funnel": [{"event": "a"}], "within": [1, "day"], "modes": ["allow reentry"], "=": 1})", "don't fit",
       "At $.", "strict order"},
      {R"({"sequence": [{"event": "a"}]})", "at least two steps", "At $.sequence.", ""},
      {R"({"sequence": [{"not": "a"}, {"event": "a"}]})", "nothing of its event", "At $.sequence[0].",
       "{\"event\": \"view\"}"},
      {R"({"sequence": [{"event": "a"}, {"where": {}}]})", "nothing of its event", "At $.sequence[1].", ""},
      {R"({"and": []})", "unknown key \"and\"", "At $.", "\"all\""},
      {R"({"or": []})", "unknown key \"or\"", "At $.", "\"any\""},
      {R"({"did": "a", "window": "last 30 days"})", "expected an object", "At $.window.", "[30, \"days\"]"},
      {R"({"funnel": ["view"], "within": [1, "day"], "=": 1})", "expected an object", "At $.funnel[0].", "\"event\""},
      {R"({"in_time_zone": "UTC"})", "key \"rule\" is missing", "At $.", ""},
      {R"({"in_time_zone": "Nowhere", "rule": {"attribute": "a", "=": 1}})", "unknown time zone", "At $.in_time_zone.",
       "IANA"},
      {R"({"in_time_zone": 3, "rule": {"attribute": "a", "=": 1}})", "expected a time zone", "At $.in_time_zone.",
       "attribute"},
      {R"({"in_time_zone": {"atribute": "z"}, "rule": {"attribute": "a", "=": 1}})", "unknown key \"atribute\"",
       "At $.in_time_zone.", ""},
      {R"({"all": [{"in_time_zone": "UTC", "rule": {"attribute": "a"}}]})", "no operator", "At $.all[0].rule.", ""},
      {R"({"did": "a", "where": {"in_time_zone": "UTC", "rule": {"property": "b", "=": 1}}})", "nothing of what",
       "At $.where.", ""},
      {R"({"did": "a", "window": {"this": "hour"}})", "expected \"day\"", "At $.window.this.", ""},
      {R"({"did": "a", "window": {"previous": [1, "day"]}})", "expected \"day\"", "At $.window.previous.", ""},
      {R"({"did": "a", "window": {"last": [1, "calendar hours"]}})", "units of the calendar", "At $.window.last.", ""},
      {R"({"freshness": "a", "<": [1, "calendar days"]})", "unknown unit", "At $.\"<\".", ""},
      {R"({"a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1,"h":1,"i":1})", "too many keys", "At $.", ""},
  };
  for (const Case& one : kCases) {
    SCOPED_TRACE(one.json);
    const Error error = error_of([&] { rule_of(one.json); });
    EXPECT_EQ(error.code(), Code::invalid_text);
    EXPECT_NE(error.message().find(one.message), std::string::npos) << error.message();
    EXPECT_EQ(error.detail(), one.place);
    EXPECT_NE(error.hint().find(one.hint), std::string::npos) << error.hint();
  }
}

std::string repeated(const char* before, int times, const std::string& inside, const char* after) {
  std::string text;
  for (int i = 0; i < times; ++i) text += before;
  text += inside;
  for (int i = 0; i < times; ++i) text += after;
  return text;
}

TEST(SegmentTree, IsBounded) {
  const std::string leaf = R"({"attribute": "a", "=": 1})";
  const auto code = [](const std::string& json) { return error_of([&] { rule_of(json); }).code(); };
  for (const char* before : {R"({"not": )", R"({"all": [{"segment": "x"}, {"any": [{"segment": "x"}, )"}) {
    const bool negation = before[2] == 'n';
    const auto nested = [&](int levels) {
      return repeated(before, negation ? levels : levels / 2, leaf, negation ? "}" : "]}]}");
    };
    EXPECT_EQ(json_of(rule_of(nested(1000))), nested(1000));
    EXPECT_EQ(code(nested(1002)), Code::too_complex);
    EXPECT_EQ(code(nested(100'000)), Code::too_complex);
  }
  EXPECT_EQ(printed(rule_of(repeated(R"({"all": [)", 1000, leaf, "]}"))), "a = 1");
  EXPECT_EQ(code(repeated(R"({"all": [)", 1001, leaf, "]}")), Code::too_complex);
  const auto string = [](std::size_t length) {
    return R"({"attribute": "a", "=": ")" + std::string(length, 'x') + "\"}";
  };
  EXPECT_EQ(printed(rule_of(string(kMaxRuleText - 6))).size(), kMaxRuleText);
  EXPECT_EQ(code(string(kMaxRuleText - 5)), Code::limit_exceeded);
  std::string many = R"({"attribute": "a", "in": [0)";
  for (int i = 1; i < 400'000; ++i) many += ", " + std::to_string(i);
  EXPECT_EQ(code(many + "]}"), Code::limit_exceeded);
}

// Any value, of the words of rules in wrong places.
TEST(SegmentTree, SurvivesRandomJson) {
  EventRules rules(2032);
  std::vector<std::string> words = {"$", "1", "-1", "30", "\"a\"", "\"days\"", "null", "true", "{}", "[]"};
  for (const auto& [text, json] : kShapes) words.push_back(json);
  int accepted = 0;
  for (int round = 0; round < 60'000; ++round) {
    std::string json = words[static_cast<std::size_t>(10 + rules.below(static_cast<int>(words.size()) - 10))];
    // Replaces something between two quotes, colons, commas with something else.
    for (int changes = 1 + rules.below(2); changes > 0; --changes) {
      std::size_t from = static_cast<std::size_t>(rules.below(static_cast<int>(json.size())));
      from = json.find_first_of("[{:,", from);
      if (from == std::string::npos) continue;
      const std::size_t to = json.find_first_of(",}]", from + 1);
      if (to == std::string::npos) continue;
      json = json.substr(0, from + 1) + words[static_cast<std::size_t>(rules.below(static_cast<int>(words.size())))] +
             json.substr(to);
    }
    try {
      const Bytes rule = rule_of(json);
      ASSERT_NO_THROW(check_segment(as_bytes(rule), {}, kHeap, &test::kZonesOfTests)) << json;
      ASSERT_EQ(rule_of(json_of(rule)), rule) << json;
      ++accepted;
    } catch (const Error& error) {
      ASSERT_EQ(error.code(), Code::invalid_text) << json << error.message();
    }
  }
  EXPECT_GT(accepted, 1'000);
}

}  // namespace
}  // namespace cdp::core
