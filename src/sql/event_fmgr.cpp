// src/sql/event_fmgr.cpp: events by function call, and out of the inbox.
#include <algorithm>

#include "core/bytes/error.hpp"
#include "pg/datum.hpp"
#include "pg/entry.hpp"
#include "sql/space_ingest.hpp"
#include "sql/space_lock.hpp"
#include "sql/space_refusal.hpp"

namespace core = cdp::core;
namespace pg = cdp::pg;
namespace sql = cdp::sql;
namespace query = cdp::pg::query;

namespace {

const query::Statement kTake{
    "DELETE FROM {space}.inbox WHERE ctid OPERATOR(pg_catalog.=) ANY (ARRAY(SELECT i.ctid FROM {space}.inbox AS i"
    " WHERE i.inbox_id OPERATOR(pg_catalog.>) $2 ORDER BY i.inbox_id LIMIT $1 FOR UPDATE SKIP LOCKED))"
    " RETURNING inbox_id, source, received_at, event",
    {INT8OID, INT8OID}};
const query::Statement kRefuse{
    "INSERT INTO {space}.rejected (source, received_at, reason, detail, hint, event)"
    " SELECT r.source, r.received_at, r.reason, r.detail, CASE WHEN r.hint OPERATOR(pg_catalog.<>) '' THEN r.hint END, "
    "r.event"
    " FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2), pg_catalog.unnest($3), pg_catalog.unnest($4), "
    "pg_catalog.unnest($5), pg_catalog.unnest($6)) AS r (source, received_at, reason, detail, hint, event)",
    {TEXTARRAYOID, TIMESTAMPTZARRAYOID, TEXTARRAYOID, TEXTARRAYOID, TEXTARRAYOID, TEXTARRAYOID}};

const query::Statement kPutBack{
    "INSERT INTO {space}.inbox (source, received_at, event)"
    " SELECT r.source, r.received_at, r.event FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2), "
    "pg_catalog.unnest($3)) AS r (source, received_at, event)",
    {TEXTARRAYOID, TIMESTAMPTZARRAYOID, TEXTARRAYOID}};

void require(FunctionCallInfo fcinfo, int argument, const char* what) {
  if (!PG_ARGISNULL(argument)) return;
  ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("%s must not be null", what)));
}

// Raises; inside pg::call only.
Datum text_datum(const std::string& text, bool& null) {
  null = text.empty();
  return null ? Datum{0} : PointerGetDatum(cstring_to_text_with_len(text.data(), static_cast<int>(text.size())));
}

void put(ReturnSetInfo* result, std::size_t position, const sql::Ingestion::Outcome& outcome) {
  pg::call([&] {
    Datum row[7];
    bool nulls[7] = {};
    row[0] = Int32GetDatum(static_cast<std::int32_t>(position));
    row[1] = text_datum(outcome.message_id, nulls[1]);
    row[2] = CStringGetTextDatum(sql::name_of(outcome.status));
    row[3] = text_datum(outcome.reason, nulls[3]);
    row[4] = text_datum(outcome.sentence, nulls[4]);
    row[5] = text_datum(outcome.hint, nulls[5]);
    row[6] = Int64GetDatum(outcome.profile);
    nulls[6] = outcome.profile == 0;
    tuplestore_putvalues(result->setResult, result->setDesc, row, nulls);
  });
}

// Of the inbox, what doesn't go into the space.
class Left {
 public:
  explicit Left(std::pmr::memory_resource* resource) : resource_(resource) {}

  void add(std::string_view source, std::int64_t received_at, const sql::Ingestion::Outcome& outcome,
           std::string_view event) {
    for (const std::string_view text : {source, std::string_view(outcome.reason), std::string_view(outcome.sentence),
                                        std::string_view(outcome.hint), event})
      texts_.emplace_back(text);
    times_.push_back(received_at);
  }
  std::size_t size() const noexcept { return times_.size(); }
  void refuse(const query::Schema& schema) const {
    if (times_.empty()) return;
    schema.run(kRefuse, {column(0), query::array(times_, TIMESTAMPTZOID), column(1), column(2), column(3), column(4)});
  }
  void put_back(const query::Schema& schema) const {
    if (times_.empty()) return;
    schema.run(kPutBack, {column(0), query::array(times_, TIMESTAMPTZOID), column(4)});
  }

 private:
  query::Argument column(std::size_t number) const {
    std::pmr::vector<std::string_view> column(resource_);
    for (std::size_t i = number; i < texts_.size(); i += 5) column.push_back(texts_[i]);
    return query::array(std::span<const std::string_view>(column));
  }

  std::pmr::memory_resource* resource_;
  std::vector<std::string> texts_;  // five a row
  std::vector<std::int64_t> times_;
};

// One run of the inbox.
class Drain {
 public:
  struct Row {
    std::int64_t id, received_at;
    std::string_view source, event;
    std::size_t first = 0, events = 0;  // in the ingestion
  };
  struct Counts {
    std::int64_t rows = 0, events[4] = {}, last = 0;
  };

  Drain(const query::Schema& schema, const sql::SpaceRules& rules, std::pmr::memory_resource* resource)
      : schema_(schema),
        rules_(rules),
        resource_(resource),
        ingestion_(schema, rules, resource),
        refused_(resource),
        untried_(resource) {}

  Counts run(std::int64_t most, std::int64_t after) {
    const query::Rows taken = schema_.run(kTake, {query::int8(most), query::int8(after)});
    std::pmr::vector<Row> rows(resource_);
    for (std::uint64_t i = 0; i < taken.size(); ++i)
      rows.push_back({taken.int8(i, 1), taken.int8(i, 3), taken.text(i, 2), taken.text(i, 4)});
    std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return a.id < b.id; });
    const auto documents = parse(rows);
    for (std::size_t i = 0; i < rows.size(); ++i) read(rows[i], documents.empty() ? nullptr : documents[i]);
    ingestion_.run();
    Counts counts;
    counts.rows = static_cast<std::int64_t>(rows.size());
    if (!rows.empty()) counts.last = rows.back().id;
    counts.events[static_cast<std::size_t>(sql::EventStatus::rejected)] = static_cast<std::int64_t>(refused_.size());
    for (const Row& row : rows) conclude(row, counts);
    refused_.refuse(schema_);
    untried_.put_back(schema_);
    return counts;
  }

 private:
  static void refuse(sql::Ingestion::Outcome& outcome, const char* reason, std::string sentence, std::string hint) {
    outcome.reason = reason;
    outcome.sentence = std::move(sentence);
    outcome.hint = std::move(hint);
  }

  void read(Row& row, Jsonb* parsed) {
    row.first = ingestion_.size();
    sql::Ingestion::Outcome outcome;
    if (!rules_.has_source(row.source)) {
      refuse(outcome, "unknown_source", "There is no source \"" + std::string(row.source) + "\".",
             "The table source lists them; cdp.set_rules adds one.");
    } else if (Jsonb* const document = parsed != nullptr ? parsed : parse(row.event, outcome)) {
      ingestion_.add(document, row.event.size(), rules_.source(row.source), row.received_at);
      row.events = ingestion_.size() - row.first;
      return;
    }
    refused_.add(row.source, row.received_at, outcome, row.event);
  }

  // Raises.
  static Jsonb* jsonb_of(std::string_view text) {
    char* const copy = pnstrdup(text.data(), text.size());
    return DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(copy)));
  }

  // All of them; none if one is no JSON.
  std::pmr::vector<Jsonb*> parse(const std::pmr::vector<Row>& rows) const {
    std::pmr::vector<Jsonb*> documents(resource_);
    try {
      sql::Subtransaction inside;
      for (const Row& row : rows) documents.push_back(pg::call([&] { return jsonb_of(row.event); }));
      inside.commit();
    } catch (const pg::Error& error) {
      if (!sql::is_of_content(error.data()->sqlerrcode)) throw;
      documents.clear();
    }
    return documents;
  }

  // Nothing for what is no JSON.
  static Jsonb* parse(std::string_view text, sql::Ingestion::Outcome& outcome) {
    try {
      sql::Subtransaction inside;
      Jsonb* const document = pg::call([&] { return jsonb_of(text); });
      inside.commit();
      return document;
    } catch (const pg::Error& error) {
      if (!sql::is_of_content(error.data()->sqlerrcode)) throw;
      const char* const detail = error.data()->detail;
      refuse(outcome, "invalid_json",
             error.data()->message + (detail == nullptr ? std::string() : ": " + std::string(detail)), {});
      return nullptr;
    }
  }

  void conclude(const Row& row, Counts& counts) {
    for (std::size_t i = row.first; i < row.first + row.events; ++i) {
      const sql::Ingestion::Outcome& outcome = ingestion_.outcome(i);
      const bool untried = ingestion_.is_untried(i);
      if (!untried) ++counts.events[static_cast<std::size_t>(outcome.status)];
      if (outcome.status == sql::EventStatus::rejected)
        (untried ? untried_ : refused_)
            .add(row.source, row.received_at, outcome, row.events == 1 ? row.event : ingestion_.text(i));
    }
  }

  const query::Schema& schema_;
  const sql::SpaceRules& rules_;
  std::pmr::memory_resource* resource_;
  sql::Ingestion ingestion_;
  Left refused_, untried_;
};

}  // namespace

// ingest(space, events jsonb, source, received_at) -> setof (position, message_id, status, …)
CDP_FUNCTION(cdp_space_ingest) {
  constexpr const char* kArguments[] = {"space", "events", "source", "time of arrival"};
  for (int i = 0; i < 4; ++i) require(fcinfo, i, kArguments[i]);
  const std::string_view space = pg::text_of(PG_GETARG_DATUM(0)), source = pg::text_of(PG_GETARG_DATUM(2));
  Jsonb* const events = PG_GETARG_JSONB_P(1);
  const std::int64_t received_at = PG_GETARG_TIMESTAMPTZ(3);
  if (TIMESTAMP_NOT_FINITE(received_at))
    ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("time of arrival must be finite")));
  InitMaterializedSRF(fcinfo, 0);
  auto* const result = reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo);
  query::connect();
  {
    pg::ContextResource resource;
    const query::Schema schema(space);
    const auto rules = sql::rules_of(schema);
    sql::Ingestion ingestion(schema, *rules, &resource);
    ingestion.add(events, VARSIZE(events) - VARHDRSZ, rules->source(source), received_at);
    ingestion.run();
    for (std::size_t i = 0; i < ingestion.size(); ++i) put(result, i + 1, ingestion.outcome(i));
  }
  query::finish();
  return Datum{0};
}

// drain_batch(space, most, after) -> (rows, stored, duplicates, unattributed, rejected, last)
CDP_FUNCTION(cdp_space_drain_batch) {
  require(fcinfo, 0, "space");
  require(fcinfo, 1, "number of rows");
  require(fcinfo, 2, "inbox_id");
  const std::string_view space = pg::text_of(PG_GETARG_DATUM(0));
  const std::int64_t most = PG_GETARG_INT64(1), after = PG_GETARG_INT64(2);
  if (most < 1) ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("number of rows must be positive")));
  TupleDesc description;
  if (get_call_result_type(fcinfo, nullptr, &description) != TYPEFUNC_COMPOSITE)
    elog(ERROR, "return type must be a row type");
  description = BlessTupleDesc(description);
  query::connect();
  Drain::Counts counts;
  {
    pg::ContextResource resource;
    const query::Schema schema(space);
    const auto rules = sql::rules_of(schema);
    counts = Drain(schema, *rules, &resource).run(most, after);
  }
  query::finish();
  using Status = sql::EventStatus;
  const auto of = [&](Status status) { return Int64GetDatum(counts.events[static_cast<std::size_t>(status)]); };
  Datum row[] = {Int64GetDatum(counts.rows), of(Status::stored),   of(Status::duplicate),
                 of(Status::unattributed),   of(Status::rejected), Int64GetDatum(counts.last)};
  bool nulls[] = {false, false, false, false, false, counts.rows == 0};
  return HeapTupleGetDatum(heap_form_tuple(description, row, nulls));
}
