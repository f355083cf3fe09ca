// src/sql/space_patch.cpp: checks changes of rules before anything is done with them.
#include "sql/space_patch.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "core/bytes/error.hpp"
#include "core/bytes/nearest.hpp"
#include "sql/space_lock.hpp"
#include "sql/space_rules.hpp"

namespace cdp::sql {

namespace {

namespace query = pg::query;

const query::Statement kOnlyNew{
    "SELECT pg_catalog.jsonb_build_object("
    " 'types', (SELECT coalesce(pg_catalog.jsonb_object_agg(p.key, '{}'::pg_catalog.jsonb), '{}')"
    "  FROM pg_catalog.jsonb_each(pg_catalog.jsonb_extract_path($1, 'types')) AS p),"
    " 'sources', (SELECT coalesce(pg_catalog.jsonb_object_agg(p.key, '{}'::pg_catalog.jsonb), '{}')"
    "  FROM pg_catalog.jsonb_each(pg_catalog.jsonb_extract_path($1, 'sources')) AS p))",
    {JSONBOID}};
const query::Statement kTryPattern{"SELECT '' OPERATOR(pg_catalog.~) $1", {TEXTOID}};
const query::Statement kTryRegion{"SELECT cdp.normalize_phone('1', $1)", {TEXTOID}};

enum class Kind : std::uint8_t {
  fraction,
  positive,
  positive_or_null,
  natural,
  flag,
  values,
  pattern_or_null,
  region_or_null,
  normaliser_or_null,
  degrees,
  types,
  sources,
};

struct Rule {
  std::string_view name;
  Kind kind;
  std::int32_t most = INT32_MAX;
};

constexpr Rule kSettings[] = {
    {"link_threshold", Kind::fraction},
    {"review_threshold", Kind::fraction},
    {"max_identifiers", Kind::positive, 64},
    {"max_closure", Kind::positive},
    {"hub_alarm", Kind::positive},
    {"blocked_values", Kind::values},
    {"blocked_pattern", Kind::pattern_or_null},
    {"region", Kind::region_or_null},
    {"types", Kind::types},
    {"sources", Kind::sources},
};
constexpr Rule kOfType[] = {
    {"priority", Kind::natural},
    {"normaliser", Kind::normaliser_or_null},
    {"max_per_profile", Kind::positive_or_null},
    {"max_degree", Kind::degrees},
    {"links", Kind::flag},
    {"known", Kind::flag},
    {"newest", Kind::flag},
    {"blocked_values", Kind::values},
    {"blocked_pattern", Kind::pattern_or_null},
};
constexpr Rule kOfSource[] = {{"priority", Kind::natural}, {"trusted", Kind::flag}};
constexpr std::string_view kNormalisers[] = {"email", "email_of_provider", "phone"};

constexpr std::size_t kLongestName = 63;  // bytes of the name of a type or a source

std::string_view text_of(const JsonbValue& value) {
  return {value.val.string.val, static_cast<std::size_t>(value.val.string.len)};
}

// Of an object keys and values in turn, of an array its elements.
struct Values {
  JsonbValue* at;
  std::size_t count;
};
Values values_of(JsonbContainer* container) {
  return pg::call([container] {
    const std::size_t count = JsonContainerSize(container) * (JsonContainerIsObject(container) ? std::size_t{2} : 1);
    Values result{static_cast<JsonbValue*>(palloc(sizeof(JsonbValue) * (count + 1))), 0};
    JsonbIterator* iterator = JsonbIteratorInit(container);
    JsonbValue value;
    for (JsonbIteratorToken token; (token = JsonbIteratorNext(&iterator, &value, true)) != WJB_DONE;)
      if (token == WJB_KEY || token == WJB_VALUE || token == WJB_ELEM) result.at[result.count++] = value;
    return result;
  });
}

bool is_object(const JsonbValue& value) {
  return value.type == jbvBinary && JsonContainerIsObject(value.val.binary.data);
}
bool is_array(const JsonbValue& value) {
  return value.type == jbvBinary && JsonContainerIsArray(value.val.binary.data);
}

// As it was written; without a point or an exponent it is one of the server's integers.
std::string_view number_of(const JsonbValue& value) {
  return pg::call([&value] {
    return std::string_view(DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(value.val.numeric))));
  });
}

class Checker {
 public:
  Checker(const query::Schema& schema, const SpaceRules* with_new) : schema_(schema), with_new_(with_new) {}

  void check(Jsonb* patch) {
    if (!JB_ROOT_IS_OBJECT(patch))
      throw core::Error(core::Code::invalid_parameter, "invalid rules", "They are not an object.",
                        "Give an object such as {\"types\": {\"email\": {\"max_per_profile\": 3}}}.");
    check_members(&patch->root, kSettings);
  }

 private:
  [[noreturn]] void fail(std::string detail, std::string hint = {}) const {
    throw core::Error(core::Code::invalid_parameter, "invalid rule \"" + path_ + "\"", std::move(detail),
                      std::move(hint));
  }
  // While `body` runs the path is longer by a name.
  template <typename Body>
  void within(std::string_view name, const Body& body) {
    const std::size_t before = path_.size();
    if (before > 0) path_ += '.';
    const int kept = pg::call(
        [&] { return pg_mbcliplen(name.data(), static_cast<int>(name.size()), static_cast<int>(kLongestName)); });
    path_.append(name.substr(0, static_cast<std::size_t>(kept)));
    if (static_cast<std::size_t>(kept) < name.size()) path_ += "...";
    body();
    path_.resize(before);
  }

  void check_members(JsonbContainer* object, std::span<const Rule> rules) {
    const Values members = values_of(object);
    for (std::size_t i = 0; i < members.count; i += 2) {
      const std::string_view name = text_of(members.at[i]);
      within(name, [&] {
        const auto rule = std::find_if(rules.begin(), rules.end(), [&](const Rule& one) { return one.name == name; });
        if (rule == rules.end()) {
          std::vector<std::string_view> names;
          for (const Rule& one : rules) names.push_back(one.name);
          fail_unknown("There is no such rule.", name, names);
        }
        check_value(*rule, members.at[i + 1]);
      });
    }
  }

  [[noreturn]] void fail_unknown(const char* detail, std::string_view name,
                                 std::span<const std::string_view> names) const {
    const std::string_view near = core::nearest(name, names);
    if (!near.empty()) fail(detail, "Perhaps you meant \"" + std::string(near) + "\".");
    std::string all;
    for (const std::string_view one : names) all += (all.empty() ? "\"" : ", \"") + std::string(one) + "\"";
    fail(detail, "There are " + all + ".");
  }

  void check_value(const Rule& rule, const JsonbValue& value) {
    switch (rule.kind) {
      case Kind::fraction: return check_fraction(value);
      case Kind::positive: return check_integer(value, 1, rule.most);
      case Kind::positive_or_null: return value.type == jbvNull ? void() : check_integer(value, 1, rule.most);
      case Kind::natural: return check_integer(value, 0, rule.most);
      case Kind::flag:
        if (value.type != jbvBool) fail("It is true or false.");
        return;
      case Kind::values: return check_values(value);
      case Kind::pattern_or_null: return check_pattern(value);
      case Kind::region_or_null: return check_region(value);
      case Kind::normaliser_or_null: return check_normaliser(value);
      case Kind::degrees: return check_degrees(value);
      case Kind::types: return check_named(value, kOfType);
      case Kind::sources: return check_named(value, kOfSource);
    }
  }

  void check_named(const JsonbValue& value, std::span<const Rule> rules) {
    if (!is_object(value)) fail("It is an object of names, each with an object of rules.");
    const Values members = values_of(value.val.binary.data);
    for (std::size_t i = 0; i < members.count; i += 2) {
      const std::string_view name = text_of(members.at[i]);
      within(name, [&] {
        if (name.empty() || name.size() > kLongestName)
          fail("A name has 1 to " + std::to_string(kLongestName) + " bytes.");
        if (members.at[i + 1].type == jbvNull) return;
        if (!is_object(members.at[i + 1])) fail("It is an object of rules, or null, which removes it.");
        check_members(members.at[i + 1].val.binary.data, rules);
      });
    }
  }

  void check_fraction(const JsonbValue& value) const {
    double number = -1;
    if (value.type == jbvNumeric)
      number = pg::call([&value] {
        return DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow, NumericGetDatum(value.val.numeric)));
      });
    if (!(number >= 0 && number <= 1)) fail("It is a number from 0 to 1.");
  }

  void check_integer(const JsonbValue& value, std::int64_t least, std::int64_t most) const {
    const std::string_view digits = value.type == jbvNumeric ? number_of(value) : std::string_view();
    bool integer = !digits.empty() && digits.size() <= 10;
    std::int64_t number = 0;
    for (const char c : digits.substr(0, 11)) {
      integer = integer && c >= '0' && c <= '9';
      number = number * 10 + (c - '0');
    }
    if (!integer || number < least || number > most)
      fail("It is an integer from " + std::to_string(least) + " to " + std::to_string(most) + ".");
  }

  void check_values(const JsonbValue& value) const {
    if (!is_array(value)) fail("It is an array of strings.");
    const Values elements = values_of(value.val.binary.data);
    for (std::size_t i = 0; i < elements.count; ++i) {
      if (elements.at[i].type != jbvString) fail("It is an array of strings.");
      const std::string_view text = text_of(elements.at[i]);
      if (std::any_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; }))
        fail("Values are compared in lower case.", "Write them in lower case.");
    }
  }

  // What is wrong with it, if that is this kind of error: it comes out of a subtransaction, and so may be caught.
  std::optional<std::string> refused_by(const query::Statement& statement, std::string_view text, int sqlstate) const {
    try {
      Subtransaction inside;
      schema_.run(statement, {query::text(text)});
      inside.commit();
      return std::nullopt;
    } catch (const pg::Error& error) {
      if (error.data()->sqlerrcode != sqlstate) throw;
      return error.data()->message;
    }
  }

  // Whatever the server makes of it.
  void check_pattern(const JsonbValue& value) const {
    if (value.type == jbvNull) return;
    if (value.type != jbvString) fail("It is a regular expression, or null.");
    if (const auto reason = refused_by(kTryPattern, text_of(value), ERRCODE_INVALID_REGULAR_EXPRESSION))
      fail("The server says: " + *reason + ".");
  }

  // Whoever reads numbers by it must know it.
  void check_region(const JsonbValue& value) const {
    if (value.type == jbvNull) return;
    const std::string_view text = value.type == jbvString ? text_of(value) : std::string_view();
    if (text.size() != 2 || !std::all_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; }) ||
        refused_by(kTryRegion, text, ERRCODE_INVALID_PARAMETER_VALUE))
      fail("It is a country of ISO 3166-1 that has telephones, such as \"DE\", or null.");
  }

  void check_normaliser(const JsonbValue& value) const {
    if (value.type == jbvNull) return;
    if (value.type != jbvString) fail("It is the name of a normaliser, or null.");
    const std::string_view name = text_of(value);
    if (std::find(std::begin(kNormalisers), std::end(kNormalisers), name) == std::end(kNormalisers))
      fail_unknown("There is no such normaliser.", name, kNormalisers);
  }

  void check_degrees(const JsonbValue& value) {
    if (!is_object(value)) fail("It is an object of types and the neighbours of each that are allowed.");
    const Values members = values_of(value.val.binary.data);
    for (std::size_t i = 0; i < members.count; i += 2) {
      const std::string_view name = text_of(members.at[i]);
      within(name, [&] {
        check_integer(members.at[i + 1], 0, INT32_MAX);
        if (with_new_ == nullptr || with_new_->has_type(name)) return;
        std::vector<std::string_view> names;
        for (const core::identity::Type& type : with_new_->rules().types) names.push_back(type.name);
        fail_unknown("There is no such type of identifiers.", name, names);
      });
    }
  }

  const query::Schema& schema_;
  const SpaceRules* with_new_;
  std::string path_;
};

Jsonb* jsonb_of(query::Argument patch) {
  return pg::call([&patch] { return DatumGetJsonbP(patch.value); });
}

}  // namespace

query::Argument no_patch() {
  return {pg::call([] { return DirectFunctionCall1(jsonb_in, CStringGetDatum("{}")); })};
}

query::Argument only_new(const query::Schema& schema, query::Argument patch) {
  const query::Rows row = schema.run(kOnlyNew, {patch});
  return {pg::call([&row] { return PointerGetDatum(PG_DETOAST_DATUM_COPY(row.value(0, 1))); })};
}

void check_patch(const query::Schema& schema, query::Argument patch) {
  Checker(schema, nullptr).check(jsonb_of(patch));
}
void check_names(const query::Schema& schema, query::Argument patch, const SpaceRules& with_new) {
  Checker(schema, &with_new).check(jsonb_of(patch));
}

}  // namespace cdp::sql
