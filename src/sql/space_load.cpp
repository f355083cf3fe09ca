// src/sql/space_load.cpp: add_links, evidence in bulk out of a query.
#include <algorithm>
#include <cstring>
#include <tuple>
#include <unordered_map>

#include "core/bytes/error.hpp"
#include "pg/datum.hpp"
#include "pg/entry.hpp"
#include "pg/memory.hpp"
#include "sql/space_name.hpp"
#include "sql/space_progress.hpp"

namespace core = cdp::core;
namespace pg = cdp::pg;
namespace sql = cdp::sql;
namespace identity = cdp::core::identity;
namespace query = cdp::pg::query;

namespace {

using query::Statement;

// What it says again is left alone.
const Statement kPut{
    "INSERT INTO {space}.link AS l (a, b, source_id, rule, confidence, first_seen, last_seen, times)"
    " SELECT n.a, n.b, $1, 0, n.confidence, n.first_seen, n.last_seen, n.times FROM ROWS FROM (pg_catalog.unnest($2), "
    "pg_catalog.unnest($3), pg_catalog.unnest($4), pg_catalog.unnest($5), pg_catalog.unnest($6), pg_catalog.unnest($7))"
    "  AS n (a, b, confidence, first_seen, last_seen, times)"
    " ON CONFLICT (a, b, source_id, rule) DO UPDATE SET confidence = greatest(l.confidence, EXCLUDED.confidence),"
    "  first_seen = least(l.first_seen, EXCLUDED.first_seen), last_seen = greatest(l.last_seen, EXCLUDED.last_seen),"
    "  times = l.times OPERATOR(pg_catalog.+) EXCLUDED.times"
    " WHERE l.confidence OPERATOR(pg_catalog.<) EXCLUDED.confidence"
    "  OR l.first_seen OPERATOR(pg_catalog.>) EXCLUDED.first_seen"
    "  OR l.last_seen OPERATOR(pg_catalog.<) EXCLUDED.last_seen"
    " RETURNING l.a, l.b",
    {INT4OID, INT8ARRAYOID, INT8ARRAYOID, FLOAT8ARRAYOID, TIMESTAMPTZARRAYOID, TIMESTAMPTZARRAYOID, INT8ARRAYOID}};
const Statement kMark{
    "INSERT INTO {space}.dirty (identifier_id, other_id, cause) SELECT d.a, d.b, 'links'"
    " FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2)) AS d (a, b)",
    {INT8ARRAYOID, INT8ARRAYOID}};

constexpr std::size_t kBatch = 50'000;  // rows of a statement
constexpr long kFetched = 10'000;

struct Loaded {
  std::int64_t rows = 0, skipped = 0, identifiers = 0, links = 0;
};

// The query of the caller, by his rights and in his search_path. Columns beyond the fourth are optional.
class Given {
 public:
  explicit Given(const char* text) {
    const SPIPlanPtr inner = pg::call([&] { return prepare(text); });
    const int columns = pg::call([&] { return columns_of(inner); });
    const std::string_view statement = pg::call([&] { return statement_of(inner, text); });
    if (columns < 4 || columns > 7)
      throw core::Error(core::Code::invalid_parameter, "the query returns " + std::to_string(columns) + " columns",
                        "They are: type and value of the one identifier, type and value of the other; and, if wanted, "
                        "confidence, first_seen and last_seen.");
    std::string all = "SELECT c1::pg_catalog.text, c2::pg_catalog.text, c3::pg_catalog.text, c4::pg_catalog.text";
    constexpr const char* kOptional[] = {"pg_catalog.float8", "pg_catalog.timestamptz", "pg_catalog.timestamptz"};
    for (int i = 5; i <= 7; ++i)
      all += (i <= columns ? ", c" + std::to_string(i) : std::string(", NULL")) + "::" + kOptional[i - 5];
    all += " FROM (" + std::string(statement) + "\n) AS q (c1";
    for (int i = 2; i <= columns; ++i) all += ", c" + std::to_string(i);
    all += ")";
    portal_ = pg::call([&] { return SPI_cursor_open(nullptr, prepare(all.c_str()), nullptr, nullptr, false); });
  }
  query::Rows next() const {
    pg::call([this] { SPI_cursor_fetch(portal_, true, kFetched); });
    return {SPI_tuptable, SPI_processed};
  }
  void close() const {
    pg::call([this] { SPI_cursor_close(portal_); });
  }

 private:
  static SPIPlanPtr prepare(const char* text) {
    const SPIPlanPtr plan = SPI_prepare(text, 0, nullptr);
    if (plan == nullptr) elog(ERROR, "SPI_prepare failed: %s", SPI_result_code_string(SPI_result));
    return plan;
  }
  static int columns_of(SPIPlanPtr plan) {
    const List* const sources = SPI_plan_get_plan_sources(plan);
    if (list_length(sources) != 1 || !SPI_is_cursor_plan(plan))
      ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("the query must be one that returns rows")));
    return static_cast<const CachedPlanSource*>(linitial(sources))->resultDesc->natts;
  }
  // Without a semicolon at its end, and what follows that.
  static std::string_view statement_of(SPIPlanPtr plan, const char* text) {
    const auto* const source = static_cast<const CachedPlanSource*>(linitial(SPI_plan_get_plan_sources(plan)));
    const RawStmt* const statement = source->raw_parse_tree;
    const std::string_view rest =
        std::string_view(text).substr(static_cast<std::size_t>(std::max(statement->stmt_location, 0)));
    return statement->stmt_len == 0 ? rest : rest.substr(0, static_cast<std::size_t>(statement->stmt_len));
  }

  Portal portal_ = nullptr;
};

class Load {
 public:
  Load(const query::Schema& schema, const sql::SpaceRules& rules, identity::SourceIndex source,
       std::pmr::memory_resource* resource)
      : schema_(schema),
        rules_(rules),
        source_(rules.source_id(source)),
        resource_(resource),
        texts_(resource),
        scratch_(resource),
        places_(resource),
        names_(resource),
        pairs_(resource) {}

  Loaded run(const char* text) {
    read(text);
    settle();
    put();
    return loaded_;
  }

 private:
  struct Key {
    identity::TypeIndex type;
    std::string_view value;
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const noexcept {
      return std::hash<std::string_view>()(key.value) ^ key.type * std::size_t{0x9E3779B97F4A7C15};
    }
  };
  struct Pair {
    std::int64_t a, b;  // places of names, then ids
    double confidence;
    std::int64_t first_seen, last_seen, times;
  };

  void read(const char* text);
  void take(const query::Rows& rows, std::uint64_t row);
  std::uint32_t name(std::string_view type, std::string_view value);
  void settle();
  void combine();
  void put();
  void put(std::span<const Pair> pairs);

  const query::Schema& schema_;
  const sql::SpaceRules& rules_;
  std::int32_t source_;
  std::pmr::memory_resource* resource_;
  std::pmr::monotonic_buffer_resource texts_, scratch_;  // that stay; of the rows at hand
  std::pmr::unordered_map<Key, std::uint32_t, KeyHash> places_;
  std::pmr::vector<sql::Name> names_;
  std::pmr::vector<Pair> pairs_;
  Loaded loaded_;
};

void Load::read(const char* text) {
  const Given given(text);
  pg::RowContext memory;
  for (;;) {
    const query::Rows rows = given.next();
    if (rows.size() == 0) break;
    for (std::uint64_t i = 0; i < rows.size(); ++i) take(rows, i);
    memory.reset();
    scratch_.release();
    loaded_.rows += static_cast<std::int64_t>(rows.size());
    sql::report_progress("add_links", schema_.name(), "reading", loaded_.rows, 0);
  }
  given.close();
}

void Load::take(const query::Rows& rows, std::uint64_t row) {
  for (const int column : {1, 2, 3, 4}) {
    if (!rows.is_null(row, column)) continue;
    ++loaded_.skipped;
    return;
  }
  const std::uint32_t a = name(rows.text(row, 1), rows.text(row, 2)), b = name(rows.text(row, 3), rows.text(row, 4));
  if (a == b) {
    ++loaded_.skipped;
    return;
  }
  const double confidence = rows.is_null(row, 5) ? 1 : rows.float8(row, 5);
  if (!(confidence >= 0 && confidence <= 1))
    throw core::Error(core::Code::invalid_parameter, "confidence must be between 0 and 1");
  const std::int64_t first = rows.is_null(row, 6) ? GetCurrentTransactionStartTimestamp() : rows.int8(row, 6);
  const std::int64_t last = rows.is_null(row, 7) ? first : rows.int8(row, 7);
  if (last < first) throw core::Error(core::Code::invalid_parameter, "last_seen is before first_seen");
  pairs_.push_back({a, b, confidence, first, last, 1});
}

std::uint32_t Load::name(std::string_view type_name, std::string_view value) {
  const identity::TypeIndex type = rules_.type(type_name);
  const sql::Spelled spelled = sql::spell(schema_, rules_, type, value, &scratch_);
  if (const auto known = places_.find({type, spelled.value}); known != places_.end()) return known->second;
  auto* const copy = static_cast<char*>(texts_.allocate(spelled.value.size() + 1, 1));
  std::memcpy(copy, spelled.value.data(), spelled.value.size());
  const std::string_view kept(copy, spelled.value.size());
  const auto place = static_cast<std::uint32_t>(names_.size());
  names_.push_back({rules_.rules().types[type].name, kept, type, spelled.readable});
  places_.emplace(Key{type, kept}, place);
  return place;
}

// In the order in which everybody inserts.
void Load::settle() {
  std::pmr::vector<std::uint32_t> order(resource_), place(names_.size(), resource_);
  for (std::uint32_t i = 0; i < names_.size(); ++i) order.push_back(i);
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return std::tie(names_[a].type, names_[a].value) < std::tie(names_[b].type, names_[b].value);
  });
  std::pmr::vector<sql::Name> sorted(resource_);
  sorted.reserve(names_.size());
  for (std::uint32_t i = 0; i < order.size(); ++i) {
    sorted.push_back(names_[order[i]]);
    place[order[i]] = i;
  }
  names_ = std::move(sorted);
  for (Pair& pair : pairs_) pair.a = place[pair.a], pair.b = place[pair.b];
  pg::RowContext memory;
  for (std::size_t i = 0; i < names_.size(); i += kBatch) {
    sql::report_progress("add_links", schema_.name(), "identifiers", static_cast<std::int64_t>(i),
                         static_cast<std::int64_t>(names_.size()));
    loaded_.identifiers +=
        sql::settle_names(schema_, std::span(names_).subspan(i, std::min(kBatch, names_.size() - i)), resource_);
    memory.reset();
  }
}

// Of a pair: confidence = max, first_seen = min, last_seen = max.
void Load::combine() {
  for (Pair& pair : pairs_) {
    const auto [a, b] = std::minmax(names_[pair.a].id, names_[pair.b].id);
    pair.a = a, pair.b = b;
  }
  std::sort(pairs_.begin(), pairs_.end(),
            [](const Pair& x, const Pair& y) { return std::tie(x.a, x.b) < std::tie(y.a, y.b); });
  std::size_t kept = 0;
  for (const Pair& pair : pairs_) {
    if (kept > 0 && pairs_[kept - 1].a == pair.a && pairs_[kept - 1].b == pair.b) {
      Pair& one = pairs_[kept - 1];
      one.confidence = std::max(one.confidence, pair.confidence);
      one.first_seen = std::min(one.first_seen, pair.first_seen);
      one.last_seen = std::max(one.last_seen, pair.last_seen);
      one.times += pair.times;
    } else {
      pairs_[kept++] = pair;
    }
  }
  pairs_.resize(kept);
}

void Load::put() {
  combine();
  pg::RowContext memory;
  for (std::size_t i = 0; i < pairs_.size(); i += kBatch) {
    sql::report_progress("add_links", schema_.name(), "links", static_cast<std::int64_t>(i),
                         static_cast<std::int64_t>(pairs_.size()));
    put(std::span(pairs_).subspan(i, std::min(kBatch, pairs_.size() - i)));
    memory.reset();
  }
}

void Load::put(std::span<const Pair> pairs) {
  std::pmr::vector<std::int64_t> a(resource_), b(resource_), first(resource_), last(resource_), times(resource_);
  std::pmr::vector<double> confidence(resource_);
  for (const Pair& pair : pairs) {
    a.push_back(pair.a);
    b.push_back(pair.b);
    confidence.push_back(pair.confidence);
    first.push_back(pair.first_seen);
    last.push_back(pair.last_seen);
    times.push_back(pair.times);
  }
  const query::Rows rows =
      schema_.run(kPut, {query::int4(source_), query::array(a), query::array(b), query::array(confidence),
                         query::array(first, TIMESTAMPTZOID), query::array(last, TIMESTAMPTZOID), query::array(times)});
  a.clear(), b.clear();
  for (std::uint64_t i = 0; i < rows.size(); ++i) {
    a.push_back(rows.int8(i, 1));
    b.push_back(rows.int8(i, 2));
  }
  if (!a.empty()) schema_.run(kMark, {query::array(a), query::array(b)});
  loaded_.links += static_cast<std::int64_t>(rows.size());
}

}  // namespace

// add_links(space, query, source) -> rows, skipped, identifiers, links
CDP_FUNCTION(cdp_space_add_links) {
  for (int i = 0; i < 3; ++i)
    if (PG_ARGISNULL(i))
      ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("space, query and source must not be null")));
  const std::string_view space = pg::text_of(PG_GETARG_DATUM(0)), source = pg::text_of(PG_GETARG_DATUM(2));
  const char* const query_text = text_to_cstring(PG_GETARG_TEXT_PP(1));
  TupleDesc row;
  if (get_call_result_type(fcinfo, nullptr, &row) != TYPEFUNC_COMPOSITE) elog(ERROR, "a row was expected");
  Loaded loaded;
  query::connect();
  {
    pg::ContextResource resource;
    const query::Schema schema(space);
    const auto rules = sql::rules_of(schema);
    loaded = Load(schema, *rules, rules->source(source), &resource).run(query_text);
    sql::end_progress();
  }
  query::finish();
  Datum values[] = {Int64GetDatum(loaded.rows), Int64GetDatum(loaded.skipped), Int64GetDatum(loaded.identifiers),
                    Int64GetDatum(loaded.links)};
  bool nulls[4] = {};
  return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(row), values, nulls));
}
