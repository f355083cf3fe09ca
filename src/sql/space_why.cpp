// src/sql/space_why.cpp: why two identifiers are one customer or two, with what people need to believe it.
#include "core/identity/why.hpp"

#include <charconv>
#include <optional>
#include <string>

#include "core/bytes/error.hpp"
#include "pg/datum.hpp"
#include "pg/entry.hpp"
#include "pg/interrupt.hpp"
#include "pg/memory.hpp"
#include "sql/space_store.hpp"

namespace core = cdp::core;
namespace pg = cdp::pg;
namespace sql = cdp::sql;
namespace identity = cdp::core::identity;
namespace query = cdp::pg::query;

namespace {

using identity::Outcome;
using query::Statement;

// Both ends, and what was sighted of them: of a rejected link what is rejected.
const Statement kStep{
    "SELECT x.type, x.value, x.blocked, x.hub, y.type, y.value, y.blocked, y.hub,"
    "  e.sources, e.confidence, e.first_seen, e.last_seen, e.names"
    " FROM {space}.identifier AS x JOIN {space}.identifier AS y ON y.id OPERATOR(pg_catalog.=) $2"
    " LEFT JOIN LATERAL (SELECT pg_catalog.array_agg(DISTINCT s.source COLLATE pg_catalog.\"C\") AS sources,"
    "   pg_catalog.string_agg(DISTINCT pg_catalog.concat('\"', s.source, '\"') COLLATE pg_catalog.\"C\", ', ') AS "
    "names,"
    "   pg_catalog.max(l.confidence) AS confidence, pg_catalog.min(l.first_seen) AS first_seen,"
    "   pg_catalog.max(l.last_seen) AS last_seen"
    "  FROM {space}.link AS l JOIN {space}.source AS s ON s.source_id OPERATOR(pg_catalog.=) l.source_id"
    "  WHERE l.a OPERATOR(pg_catalog.=) LEAST($1, $2) AND l.b OPERATOR(pg_catalog.=) GREATEST($1, $2)"
    "   AND l.rejected OPERATOR(pg_catalog.=) $3) AS e ON true"
    " WHERE x.id OPERATOR(pg_catalog.=) $1",
    {INT8OID, INT8OID, BOOLOID}};
const Statement kMust{
    "SELECT d.decision_id, d.reason FROM {space}.decision_side AS x"
    " JOIN {space}.decision_side AS y ON y.decision_id OPERATOR(pg_catalog.=) x.decision_id"
    " JOIN {space}.decision AS d ON d.decision_id OPERATOR(pg_catalog.=) x.decision_id"
    " WHERE x.identifier_id OPERATOR(pg_catalog.=) $1 AND y.identifier_id OPERATOR(pg_catalog.=) $2"
    "  AND d.kind OPERATOR(pg_catalog.=) 'must' AND d.withdrawn_at IS NULL",
    {INT8OID, INT8OID}};
// Between the customers of the two.
const Statement kCannot{
    "SELECT d.decision_id, d.reason FROM (SELECT s.decision_id, s.is_right FROM {space}.identifier AS x"
    "   JOIN {space}.identifier AS i ON i.cluster_id OPERATOR(pg_catalog.=) x.cluster_id"
    "   JOIN {space}.decision_side AS s ON s.identifier_id OPERATOR(pg_catalog.=) i.id"
    "   WHERE x.id OPERATOR(pg_catalog.=) $1"
    "  INTERSECT SELECT s.decision_id, NOT s.is_right FROM {space}.identifier AS y"
    "   JOIN {space}.identifier AS i ON i.cluster_id OPERATOR(pg_catalog.=) y.cluster_id"
    "   JOIN {space}.decision_side AS s ON s.identifier_id OPERATOR(pg_catalog.=) i.id"
    "   WHERE y.id OPERATOR(pg_catalog.=) $2) AS b"
    " JOIN {space}.decision AS d ON d.decision_id OPERATOR(pg_catalog.=) b.decision_id"
    " WHERE d.kind OPERATOR(pg_catalog.=) ANY ('{cannot,cannot_lists}') AND d.withdrawn_at IS NULL"
    " ORDER BY d.decision_id LIMIT 1",
    {INT8OID, INT8OID}};
const Statement kRejection{
    "SELECT d.decision_id, d.reason FROM {space}.link AS l JOIN {space}.decision_link AS r"
    "  ON r.a OPERATOR(pg_catalog.=) l.a AND r.b OPERATOR(pg_catalog.=) l.b"
    "  AND r.source_id OPERATOR(pg_catalog.=) l.source_id AND r.rule OPERATOR(pg_catalog.=) l.rule"
    " JOIN {space}.decision AS d ON d.decision_id OPERATOR(pg_catalog.=) r.decision_id"
    " WHERE l.a OPERATOR(pg_catalog.=) LEAST($1, $2) AND l.b OPERATOR(pg_catalog.=) GREATEST($1, $2)"
    "  AND l.rejected AND d.withdrawn_at IS NULL ORDER BY d.decision_id LIMIT 1",
    {INT8OID, INT8OID}};

const Statement kApart{
    "SELECT FROM {space}.identifier AS x JOIN {space}.identifier AS y ON y.id OPERATOR(pg_catalog.=) $2"
    " WHERE x.id OPERATOR(pg_catalog.=) $1 AND x.cluster_id OPERATOR(pg_catalog.<>) y.cluster_id",
    {INT8OID, INT8OID}};

std::string quoted(std::string_view text) { return "\"" + std::string(text) + "\""; }
std::string text_of(double number) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, number).ptr};
}

const char* name_of(Outcome outcome) noexcept {
  switch (outcome) {
    case Outcome::active: return "active";
    case Outcome::rejected: return "rejected";
    case Outcome::blocked: return "blocked";
    case Outcome::not_linking: return "not_linking";
    case Outcome::below_threshold: return "below_threshold";
    case Outcome::review: return "review";
    case Outcome::hub: return "hub";
    case Outcome::limit: return "limit";
    case Outcome::cannot_link: return "cannot_link";
    case Outcome::trust: return "trust";
  }
  return nullptr;
}

// Writes the rows of an answer.
class Answer {
 public:
  Answer(const query::Schema& schema, const sql::SpaceRules& rules, ReturnSetInfo* result)
      : schema_(schema), rules_(rules), result_(result) {}

  // About the two themselves.
  void begin(std::int64_t a, std::int64_t b, const identity::WhyNot& why) {
    if (why.together) return put(0, a, b, "together", "They are one customer: cdp.explain_merge says why.", false);
    const identity::Verdict& forbidden = why.forbidden;
    if (forbidden.outcome == Outcome::limit) return put(0, a, b, "limit", limit(forbidden), false);
    if (forbidden.outcome == Outcome::cannot_link) {
      const std::string reason = decided("Kept apart", kCannot, a, b);
      return put(0, a, b, "cannot_link", reason, false);
    }
    if (!why.path.empty())
      return put(0, a, b, "obstacles", "Links lead from one to the other, but not all of them join: see the steps.",
                 false);
    if (why.complete) return put(0, a, b, "unlinked", "Nothing leads from one to the other.", false);
    put(0, a, b, "too_far", "Nothing was found to lead from one to the other near both.", false);
  }

  // `joined`: links that join lead from the beginning to the end.
  void steps(std::span<const identity::PathStep> path, bool joined) {
    std::int32_t number = 0;
    for (const identity::PathStep& step : path) {
      ++number;
      if (step.must) {
        const std::string reason = decided("Joined", kMust, step.a, step.b);
        put(number, step.a, step.b, "must", reason, false);
      } else {
        take(number, step, joined);
      }
    }
  }

 private:
  void take(std::int32_t number, const identity::PathStep& step, bool joined) {
    const Outcome outcome = step.verdict.outcome;
    if (outcome == Outcome::active && !joined && apart(step.a, step.b))
      return put(number, step.a, step.b, "parked",
                 "The link waits: its customers are too large to be decided while evidence comes in.", false);
    std::string reason;
    switch (outcome) {
      case Outcome::rejected: reason = decided("This evidence was rejected", kRejection, step.a, step.b); break;
      case Outcome::cannot_link: reason = decided("Kept apart", kCannot, step.a, step.b); break;
      case Outcome::limit: reason = limit(step.verdict); break;
      default: break;
    }
    put(number, step.a, step.b, name_of(outcome), std::move(reason), outcome == Outcome::rejected, outcome);
  }

  bool apart(std::int64_t a, std::int64_t b) const {
    return schema_.run(kApart, {query::int8(a), query::int8(b)}).size() != 0;
  }

  std::string limit(const identity::Verdict& verdict) const {
    const identity::Type& type = rules_.rules().types[verdict.type];
    return "Together they would have more than " + std::to_string(type.max_per_profile) +
           (type.max_per_profile == 1 ? " identifier" : " identifiers") + " of type " + quoted(type.name) + ".";
  }

  // Remembers the decision for the row that is written next.
  std::string decided(const char* what, const Statement& statement, std::int64_t a, std::int64_t b) {
    const query::Rows rows = schema_.run(statement, {query::int8(a), query::int8(b)});
    if (rows.size() == 0) return std::string(what) + ".";
    decision_ = rows.int8(0, 1);
    return std::string(what) + " by decision " + std::to_string(*decision_) +
           (rows.is_null(0, 2) ? std::string(".") : ": " + quoted(rows.text(0, 2)) + ".");
  }

  // What the evidence and its ends tell.
  std::string reason_of(Outcome outcome, const query::Rows& row) const {
    const auto end = [&](bool first) {
      return std::string(row.text(0, first ? 1 : 5)) + " " + quoted(row.text(0, first ? 2 : 6));
    };
    const identity::Rules& rules = rules_.rules();
    const std::string sources = row.is_null(0, 13) ? std::string() : std::string(row.text(0, 13));
    const std::string confidence = row.is_null(0, 10) ? std::string("unknown") : text_of(row.float8(0, 10));
    switch (outcome) {
      case Outcome::blocked: return end(row.boolean(0, 3)) + " is blocked: it identifies nobody.";
      case Outcome::not_linking:
        return "Identifiers of type " + quoted(row.text(0, rules.types[rules_.type(row.text(0, 1))].links ? 5 : 1)) +
               " never join customers.";
      case Outcome::below_threshold:
        return "Its confidence is " + confidence + ": from " + text_of(rules.review_threshold) +
               " on a link is worth a look, from " + text_of(rules.threshold) + " on it joins.";
      case Outcome::review:
        return "Its confidence is " + confidence + ": worth a look, but a link joins from " + text_of(rules.threshold) +
               " on.";
      case Outcome::hub: return end(row.boolean(0, 4)) + " has too many neighbours: such a hub joins nobody.";
      case Outcome::trust:
        return "Nobody but " + sources + " links them, which isn't trusted to unite two known customers.";
      default: return "Linked by " + sources + ".";
    }
  }

  void put(std::int32_t number, std::int64_t a, std::int64_t b, const char* outcome, std::string reason, bool rejected,
           Outcome why = Outcome::active) {
    const query::Rows row = schema_.run(kStep, {query::int8(a), query::int8(b), {BoolGetDatum(rejected)}});
    if (row.size() != 1) throw core::Error(core::Code::undefined_object, "identifier does not exist");
    if (reason.empty()) reason = reason_of(why, row);
    const std::optional<std::int64_t> decision = std::exchange(decision_, std::nullopt);
    pg::call([&] {
      Datum values[14] = {Int32GetDatum(number),
                          Int64GetDatum(a),
                          row.value(0, 1),
                          row.value(0, 2),
                          Int64GetDatum(b),
                          row.value(0, 5),
                          row.value(0, 6),
                          CStringGetTextDatum(outcome),
                          PointerGetDatum(cstring_to_text_with_len(reason.data(), static_cast<int>(reason.size())))};
      bool nulls[14] = {};
      for (int i = 0; i < 4; ++i) {
        values[9 + i] = row.value(0, 9 + i);
        nulls[9 + i] = row.is_null(0, 9 + i);
      }
      nulls[13] = !decision;
      values[13] = Int64GetDatum(decision.value_or(0));
      tuplestore_putvalues(result_->setResult, result_->setDesc, values, nulls);
    });
  }

  const query::Schema& schema_;
  const sql::SpaceRules& rules_;
  ReturnSetInfo* result_;
  std::optional<std::int64_t> decision_;
};

// Calls `body` with the answer to write, the store, and the two identifiers.
template <typename Body>
Datum answer(FunctionCallInfo fcinfo, const Body& body) {
  constexpr const char* kArguments[] = {"space", "identifier", "identifier"};
  for (int i = 0; i < 3; ++i)
    if (PG_ARGISNULL(i))
      ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("%s must not be null", kArguments[i])));
  const std::int64_t a = PG_GETARG_INT64(1), b = PG_GETARG_INT64(2);
  if (a == b) ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("the two identifiers are the same")));
  const std::string_view space = pg::text_of(PG_GETARG_DATUM(0));
  InitMaterializedSRF(fcinfo, 0);
  query::connect();
  {
    pg::ContextResource resource;
    const query::Schema schema(space, true);
    const auto rules = sql::rules_of(schema);
    sql::SpaceStore store(schema, *rules, &resource);
    Answer rows(schema, *rules, reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo));
    body(rows, store, rules->rules(), a, b, &resource);
  }
  query::finish();
  return Datum{0};
}

}  // namespace

// explain_merge(space, a, b) -> setof (step, …)
CDP_FUNCTION(cdp_space_explain_merge) {
  return answer(fcinfo, [](Answer& rows, auto& store, const auto& rules, auto a, auto b, auto* resource) {
    rows.steps(identity::explain_merge(store, rules, a, b, resource, pg::poll()), true);
  });
}

// why_not(space, a, b) -> setof (step, …)
CDP_FUNCTION(cdp_space_why_not) {
  return answer(fcinfo, [](Answer& rows, auto& store, const auto& rules, auto a, auto b, auto* resource) {
    const identity::WhyNot why = identity::why_not(store, rules, a, b, rules.max_closure, resource, pg::poll());
    rows.begin(a, b, why);
    rows.steps(why.path, false);
  });
}
