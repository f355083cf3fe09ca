// src/pg/query.cpp: prepared statements, and what they return.
#include "pg/query.hpp"

#include <algorithm>
#include <array>
#include <exception>
#include <list>
#include <unordered_map>

namespace cdp::pg::query {

namespace {

constexpr std::size_t kMostArguments = 16, kMostSchemas = 16;

// The numbers of a statement's argument types: the extension's own get others when it is dropped and created again.
using Types = std::array<Oid, kMostArguments>;

// Plans by schema, the one used last first. The server plans anew by itself what no longer fits, but for argument
// types.
struct Plan {
  SPIPlanPtr plan = nullptr;
  Types types{};
};
struct Plans {
  std::string schema;
  std::unordered_map<const Statement*, Plan> plans;
};
std::list<Plans>& remembered() {
  static std::list<Plans> plans;
  return plans;
}

void forget(const Plans& plans) {
  for (const auto& one : plans.plans) call([&one] { SPI_freeplan(one.second.plan); });
}

Plans& plans_of(std::string_view schema) {
  std::list<Plans>& all = remembered();
  for (auto at = all.begin(); at != all.end(); ++at) {
    if (at->schema != schema) continue;
    all.splice(all.begin(), all, at);
    return all.front();
  }
  if (all.size() == kMostSchemas) {
    forget(all.back());
    all.pop_back();
  }
  all.push_front({std::string(schema), {}});
  return all.front();
}

std::string text_of(const Statement& statement, const std::string& schema) {
  constexpr std::string_view kPlace = "{space}";
  const std::string quoted = call([&] { return quote_identifier(schema.c_str()); });
  std::string text = statement.text;
  for (std::size_t at = text.find(kPlace); at != std::string::npos; at = text.find(kPlace, at + quoted.size()))
    text.replace(at, kPlace.size(), quoted);
  return text;
}

// Raises.
Oid element_of(Oid array) {
  if (array < kProfileArray) return get_element_type(array);
  return type_of(array == kProfileArray ? kProfile : kTimeline);
}

bool has_own_types(const Statement& statement) {
  return std::any_of(statement.types.begin(), statement.types.end(), [](Oid type) { return type >= kProfileArray; });
}

// Raises.
Types types_of(const Statement& statement) {
  Types types{};
  std::size_t count = 0;
  for (const Oid type : statement.types)
    types[count++] = type >= kProfileArray ? get_array_type(element_of(type)) : type;
  return types;
}

SPIPlanPtr prepare(const Statement& statement, const std::string& schema, Types& types) {
  const std::string text = text_of(statement, schema);
  return call([&] {
    types = types_of(statement);
    // One plan for all: to plan a statement takes longer than to run it.
    const SPIPlanPtr plan = SPI_prepare_cursor(text.c_str(), static_cast<int>(statement.types.size()), types.data(),
                                               CURSOR_OPT_GENERIC_PLAN);
    if (plan == nullptr) elog(ERROR, "SPI_prepare_cursor failed: %s", SPI_result_code_string(SPI_result));
    SPI_keepplan(plan);
    return plan;
  });
}

SPIPlanPtr plan_of(const Statement& statement, std::string_view schema) {
  Plans& plans = plans_of(schema);
  if (const auto at = plans.plans.find(&statement); at != plans.plans.end()) {
    const Plan& known = at->second;
    if (!has_own_types(statement) || call([&] { return types_of(statement); }) == known.types) return known.plan;
    const SPIPlanPtr old = known.plan;
    plans.plans.erase(at);
    call([old] { SPI_freeplan(old); });
  }
  Plan& place = plans.plans.try_emplace(&statement).first->second;
  try {
    place.plan = prepare(statement, plans.schema, place.types);
  } catch (...) {
    plans.plans.erase(&statement);
    throw;
  }
  return place.plan;
}

// Tells the planner that tables are large, and that few rows of one have anything in common: else it would read all of
// an index, of a small table because that is cheap, of a large one because it can't know that a customer has few rows.
get_relation_info_hook_type other_hook = nullptr;
void make_large(PlannerInfo* root, Oid table, bool has_parts, RelOptInfo* relation) {
  if (other_hook != nullptr) other_hook(root, table, has_parts, relation);
  constexpr BlockNumber kPages = 100'000;
  constexpr double kRows = 10'000;  // by default a 200th of these are equal in a column
  if (has_parts) return;
  relation->pages = kPages;
  relation->tuples = kRows;
  for (int i = 0; i < list_length(relation->indexlist); ++i) {
    auto* const index = static_cast<IndexOptInfo*>(list_nth(relation->indexlist, i));
    index->pages = kPages / 4;
    index->tuples = kRows;
    index->tree_height = 2;
  }
}

// A plan is made when it is needed first: maybe of an empty table, and kept when that has grown. All that is asked are
// few rows of a large table. (What has no index looks dear then, but isn't worth compiling.) Only while planning: what
// triggers run must not be planned so.
class IndexesOnly {
 public:
  IndexesOnly() noexcept
      : seqscan_(enable_seqscan),
        hashjoin_(enable_hashjoin),
        mergejoin_(enable_mergejoin),
        jit_(jit_enabled),
        hook_(get_relation_info_hook) {
    enable_seqscan = enable_hashjoin = enable_mergejoin = jit_enabled = false;
    if (hook_ == make_large) return;
    other_hook = hook_;
    get_relation_info_hook = make_large;
  }
  IndexesOnly(const IndexesOnly&) = delete;
  IndexesOnly& operator=(const IndexesOnly&) = delete;
  ~IndexesOnly() {
    enable_seqscan = seqscan_;
    enable_hashjoin = hashjoin_;
    enable_mergejoin = mergejoin_;
    jit_enabled = jit_;
    get_relation_info_hook = hook_;
  }

 private:
  bool seqscan_, hashjoin_, mergejoin_, jit_;
  get_relation_info_hook_type hook_;
};

template <typename T, typename ToDatum>
Argument array_of(std::span<const T> values, Oid element, const ToDatum& to_datum) {
  return {call([&] {
    auto* const elements = static_cast<Datum*>(palloc(sizeof(Datum) * (values.size() + 1)));
    for (std::size_t i = 0; i < values.size(); ++i) elements[i] = to_datum(values[i]);
    std::int16_t length;
    bool by_value;
    char alignment;
    get_typlenbyvalalign(element, &length, &by_value, &alignment);
    return PointerGetDatum(
        construct_array(elements, static_cast<int>(values.size()), element, length, by_value, alignment));
  })};
}

}  // namespace

Oid type_of(Oid type) {
  if (type != kProfile && type != kTimeline) return type;
  const char* const name = type == kProfile ? "profile" : "timeline";
  const Oid found = GetSysCacheOid2(TYPENAMENSP, Anum_pg_type_oid, CStringGetDatum(name),
                                    ObjectIdGetDatum(get_namespace_oid("cdp", false)));
  if (!OidIsValid(found))
    ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT), errmsg("type cdp.%s does not exist", name)));
  return found;
}

Argument array(std::span<const std::int64_t> values, Oid element) {
  return array_of(values, element, [](std::int64_t value) { return Int64GetDatum(value); });
}
Argument array(std::span<const std::int32_t> values) {
  return array_of(values, INT4OID, [](std::int32_t value) { return Int32GetDatum(value); });
}
Argument array(std::span<const double> values) {
  return array_of(values, FLOAT8OID, [](double value) { return Float8GetDatum(value); });
}
Argument array(std::span<const bool> values) {
  return array_of(values, BOOLOID, [](bool value) { return BoolGetDatum(value); });
}
Argument array(std::span<const std::string_view> values) {
  return array_of(values, TEXTOID, [](std::string_view value) {
    return PointerGetDatum(cstring_to_text_with_len(value.data(), static_cast<int>(value.size())));
  });
}
Argument varlena_array(std::span<const Datum> values, Oid array) {
  return {call([&] {
    return PointerGetDatum(construct_array(const_cast<Datum*>(values.data()), static_cast<int>(values.size()),
                                           element_of(array), -1, false, TYPALIGN_INT));
  })};
}
Argument text(std::string_view value) {
  return {
      call([&] { return PointerGetDatum(cstring_to_text_with_len(value.data(), static_cast<int>(value.size()))); })};
}

// When an error of a nested statement passes by, the server isn't back at the level that has the rows: it frees them.
Rows::~Rows() {
  if (table_ != nullptr && std::uncaught_exceptions() == 0) SPI_freetuptable(table_);
}

bool Rows::is_null(std::uint64_t row, int column) const noexcept {
  return heap_attisnull(table_->vals[row], column, table_->tupdesc);
}

Datum Rows::value(std::uint64_t row, int column) const noexcept {
  bool null;
  return heap_getattr(table_->vals[row], column, table_->tupdesc, &null);
}

std::string_view Rows::text(std::uint64_t row, int column) const {
  const Datum stored = value(row, column);
  return call([stored] {
    auto* const packed = PG_DETOAST_DATUM_PACKED(stored);
    return std::string_view(VARDATA_ANY(packed), VARSIZE_ANY_EXHDR(packed));
  });
}

std::string Schema::qualified(const char* table) const {
  const std::string name(name_);
  return call([&] { return quote_qualified_identifier(name.c_str(), table); });
}

Oid Schema::table(const char* table) const {
  const std::string name(name_);
  return call([&] {
    const Oid schema = get_namespace_oid(name.c_str(), true);
    return OidIsValid(schema) ? get_relname_relid(table, schema) : InvalidOid;
  });
}

namespace {

struct Values {
  explicit Values(std::initializer_list<Argument> arguments) {
    std::size_t count = 0;
    for (const Argument& one : arguments) {
      values[count] = one.value;
      nulls[count++] = one.null ? 'n' : ' ';
    }
  }
  std::array<Datum, kMostArguments> values;
  std::array<char, kMostArguments> nulls;
};

// The one plan that executing it uses then. What it reads is locked, so that the plan stays as it is.
void plan_for_few(SPIPlanPtr plan) {
  const IndexesOnly looked_up;
  call([plan] {
    if (CachedPlan* const made = SPI_plan_get_cached_plan(plan)) ReleaseCachedPlan(made, CurrentResourceOwner);
  });
}

Rows run_plan(SPIPlanPtr plan, Values& arguments, bool read_only) {
  call([&] {
    const int result = SPI_execute_plan(plan, arguments.values.data(), arguments.nulls.data(), read_only, 0);
    if (result < 0) elog(ERROR, "SPI_execute_plan failed: %s", SPI_result_code_string(result));
  });
  return {SPI_tuptable, SPI_processed};
}

constexpr long kFetched = 10'000;  // rows at a time

}  // namespace

Rows Schema::execute(const Statement& statement, std::initializer_list<Argument> arguments, bool read_only) const {
  const SPIPlanPtr plan = plan_of(statement, name_);
  Values values(arguments);
  plan_for_few(plan);
  return run_plan(plan, values, read_only);
}

Rows Schema::sweep(const Statement& statement, std::initializer_list<Argument> arguments) const {
  Values values(arguments);
  return run_plan(plan_of(statement, name_), values, look_only_);
}

Rows Schema::newest(const Statement& statement) const {
  const SPIPlanPtr plan = plan_of(statement, name_);
  call([&] {
    const Snapshot snapshot = RegisterSnapshot(GetLatestSnapshot());
    const int result = SPI_execute_snapshot(plan, nullptr, nullptr, snapshot, InvalidSnapshot, true, false, 0);
    if (result < 0) elog(ERROR, "SPI_execute_snapshot failed: %s", SPI_result_code_string(result));
    UnregisterSnapshot(snapshot);
  });
  return {SPI_tuptable, SPI_processed};
}

Cursor::Cursor(const Schema& schema, const Statement& statement, std::initializer_list<Argument> arguments) {
  const SPIPlanPtr plan = plan_of(statement, schema.name());
  Values values(arguments);
  const bool read_only = schema.look_only_;
  portal_ = call([&] { return SPI_cursor_open(nullptr, plan, values.values.data(), values.nulls.data(), read_only); });
}

Rows Cursor::next() const {
  call([this] { SPI_cursor_fetch(portal_, true, kFetched); });
  return {SPI_tuptable, SPI_processed};
}

}  // namespace cdp::pg::query
