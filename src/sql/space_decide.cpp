// src/sql/space_decide.cpp: what stewards decide: must-links, cannot-links, rejected evidence, and their withdrawal.
#include <algorithm>

#include "core/bytes/error.hpp"
#include "pg/datum.hpp"
#include "pg/entry.hpp"
#include "pg/memory.hpp"
#include "sql/space_write.hpp"

extern "C" {
#include "utils/builtins.h"
}

namespace core = cdp::core;
namespace pg = cdp::pg;
namespace sql = cdp::sql;
namespace identity = cdp::core::identity;
namespace query = cdp::pg::query;

namespace {

using query::Statement;
using Ids = std::pmr::vector<std::int64_t>;

const Statement kFind{
    "SELECT i.id, i.cluster_id FROM {space}.identifier AS i WHERE i.id OPERATOR(pg_catalog.=) ANY ($1)",
    {INT8ARRAYOID}};
const Statement kMembers{"SELECT i.id FROM {space}.identifier AS i WHERE i.cluster_id OPERATOR(pg_catalog.=) $1",
                         {INT8OID}};
const Statement kDecide{"INSERT INTO {space}.decision (kind, reason) VALUES ($1, $2) RETURNING decision_id",
                        {TEXTOID, TEXTOID}};
const Statement kSides{
    "INSERT INTO {space}.decision_side (decision_id, identifier_id, is_right)"
    " SELECT $1, l.id, false FROM pg_catalog.unnest($2) AS l (id)"
    " UNION ALL SELECT $1, r.id, true FROM pg_catalog.unnest($3) AS r (id)",
    {INT8OID, INT8ARRAYOID, INT8ARRAYOID}};
const Statement kLinks{
    "INSERT INTO {space}.decision_link (decision_id, a, b, source_id, rule) SELECT $1, l.a, l.b, l.source_id, l.rule"
    " FROM ROWS FROM (pg_catalog.unnest($2), pg_catalog.unnest($3), pg_catalog.unnest($4), pg_catalog.unnest($5))"
    "  AS l (a, b, source_id, rule)",
    {INT8OID, INT8ARRAYOID, INT8ARRAYOID, INT4ARRAYOID, INT4ARRAYOID}};
#define CDP_DECISION \
  "SELECT d.kind, d.withdrawn_at IS NOT NULL FROM {space}.decision AS d WHERE d.decision_id OPERATOR(pg_catalog.=) $1"
const Statement kDecision{CDP_DECISION, {INT8OID}};
const Statement kLockDecision{CDP_DECISION " FOR UPDATE", {INT8OID}};
#undef CDP_DECISION
const Statement kReplaced{
    "SELECT d.decision_id, d.kind FROM {space}.decision AS d WHERE d.replaced_by OPERATOR(pg_catalog.=) $1", {INT8OID}};
const Statement kDecisionSides{
    "SELECT s.identifier_id, s.is_right FROM {space}.decision_side AS s WHERE s.decision_id OPERATOR(pg_catalog.=) $1"
    " ORDER BY s.identifier_id",
    {INT8OID}};
const Statement kDecisionLinks{
    "SELECT l.a, l.b, l.source_id, l.rule FROM {space}.decision_link AS l"
    " WHERE l.decision_id OPERATOR(pg_catalog.=) $1",
    {INT8OID}};
// Those that no other decision rejects.
const Statement kFreedLinks{
    "SELECT l.a, l.b, l.source_id, l.rule FROM {space}.decision_link AS l"
    " WHERE l.decision_id OPERATOR(pg_catalog.=) $1 AND NOT EXISTS ("
    "  SELECT FROM {space}.decision_link AS o JOIN {space}.decision AS d ON d.decision_id OPERATOR(pg_catalog.=) "
    "o.decision_id"
    "  WHERE o.decision_id OPERATOR(pg_catalog.<>) $1 AND d.withdrawn_at IS NULL AND o.a OPERATOR(pg_catalog.=) l.a"
    "   AND o.b OPERATOR(pg_catalog.=) l.b AND o.source_id OPERATOR(pg_catalog.=) l.source_id"
    "   AND o.rule OPERATOR(pg_catalog.=) l.rule)",
    {INT8OID}};
const Statement kStored{
    "SELECT l.a, l.b, l.source_id, l.rule FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2), "
    "pg_catalog.unnest($3), pg_catalog.unnest($4)) AS w (a, b, source_id, rule)"
    " JOIN {space}.link AS l ON l.a OPERATOR(pg_catalog.=) w.a AND l.b OPERATOR(pg_catalog.=) w.b"
    "  AND l.source_id OPERATOR(pg_catalog.=) w.source_id AND l.rule OPERATOR(pg_catalog.=) w.rule"
    " WHERE NOT l.rejected",
    {INT8ARRAYOID, INT8ARRAYOID, INT4ARRAYOID, INT4ARRAYOID}};
const Statement kWithdraw{
    "UPDATE {space}.decision SET withdrawn_at = pg_catalog.clock_timestamp(), withdrawn_by = CURRENT_USER"
    " WHERE decision_id OPERATOR(pg_catalog.=) $1",
    {INT8OID}};
const Statement kReinstate{
    "UPDATE {space}.decision SET withdrawn_at = NULL, withdrawn_by = NULL, replaced_by = NULL"
    " WHERE decision_id OPERATOR(pg_catalog.=) $1",
    {INT8OID}};

// Evidence, as the table link names it.
struct LinkKeys {
  explicit LinkKeys(std::pmr::memory_resource* resource) : a(resource), b(resource), source(resource), rule(resource) {}
  Ids a, b;
  std::pmr::vector<std::int32_t> source, rule;

  void take(const query::Rows& rows) {
    for (std::uint64_t i = 0; i < rows.size(); ++i) {
      a.push_back(rows.int8(i, 1));
      b.push_back(rows.int8(i, 2));
      source.push_back(rows.int4(i, 3));
      rule.push_back(rows.int4(i, 4));
    }
  }
};

identity::DecisionChange::Kind kind_of(std::string_view kind) noexcept {
  using Kind = identity::DecisionChange::Kind;
  return kind == "must" ? Kind::must : kind == "cannot" ? Kind::cannot : Kind::cannot_lists;
}

// A decision, or several at once, on its way into the graph.
class Steward : public sql::SpaceWork {
 public:
  Steward(const query::Schema& schema, const sql::SpaceRules& rules, std::pmr::memory_resource* resource)
      : schema_(schema), rules_(rules), resource_(resource), ids_(resource), decisions_(resource), links_(resource) {}

  // Returns the decision.
  std::int64_t decide() {
    sql::write_space(schema_, rules_, *this, resource_);
    if (parked_) warn();
    return decision_;
  }

  // Whoever is concerned has to be there: 42704.
  Ids clusters() override {
    Ids ids(ids_, resource_), clusters(resource_);
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    const query::Rows rows = schema_.run(kFind, {query::array(ids)});
    Ids found(resource_);
    for (std::uint64_t i = 0; i < rows.size(); ++i) {
      found.push_back(rows.int8(i, 1));
      clusters.push_back(rows.int8(i, 2));
    }
    std::sort(found.begin(), found.end());
    for (const std::int64_t id : ids)
      if (!std::binary_search(found.begin(), found.end(), id))
        throw core::Error(core::Code::undefined_object, "identifier " + std::to_string(id) + " does not exist", {},
                          "The column id of the table identifier has those there are; see cdp.identifier_id.");
    std::sort(clusters.begin(), clusters.end());
    clusters.erase(std::unique(clusters.begin(), clusters.end()), clusters.end());
    return clusters;
  }

  identity::Changes changes() override { return {links_, decisions_, {}}; }
  sql::Cause cause() const override { return {"decision", std::nullopt, decision_}; }
  void planned(const identity::Plan& plan) override {
    parked_ = std::any_of(plan.parked.begin(), plan.parked.end(),
                          [](const identity::Parked& one) { return one.cause == identity::Parked::Cause::closure; });
  }

 protected:
  void concern(std::span<const std::int64_t> ids) { ids_.insert(ids_.end(), ids.begin(), ids.end()); }
  void concern(const LinkKeys& keys) {
    concern(keys.a);
    concern(keys.b);
  }
  void change(const LinkKeys& keys, identity::SightingChange::Act act) {
    links_.clear();
    for (std::size_t i = 0; i < keys.a.size(); ++i) {
      identity::Sighting sighting;
      sighting.source = rules_.source_of(keys.source[i]);
      sighting.rule = static_cast<std::uint32_t>(keys.rule[i]);
      links_.push_back({act, keys.a[i], keys.b[i], sighting});
    }
  }

  void warn() const {
    const std::string space(schema_.name());
    pg::call([&] {
      ereport(WARNING,
              (errmsg("decision %lld waits for cdp.resolve", static_cast<long long>(decision_)),
               errdetail("To decide who is concerned takes more than max_closure (%u) identifiers.",
                         rules_.rules().max_closure),
               errhint("Until then they stay as they are: CALL cdp.resolve(%s).", quote_literal_cstr(space.c_str()))));
    });
  }

  const query::Schema& schema_;
  const sql::SpaceRules& rules_;
  std::pmr::memory_resource* resource_;
  Ids ids_;
  std::int64_t decision_ = 0;
  bool parked_ = false;
  std::pmr::vector<identity::DecisionChange> decisions_;
  std::pmr::vector<identity::SightingChange> links_;
};

// States a decision about identifiers.
class Verdict final : public Steward {
 public:
  Verdict(const query::Schema& schema, const sql::SpaceRules& rules, std::pmr::memory_resource* resource,
          const char* kind, query::Argument reason, std::span<const std::int64_t> left,
          std::span<const std::int64_t> right)
      : Steward(schema, rules, resource),
        kind_(kind),
        reason_(reason),
        left_(left.begin(), left.end(), resource),
        right_(right.begin(), right.end(), resource) {
    for (Ids* side : {&left_, &right_}) {
      std::sort(side->begin(), side->end());
      side->erase(std::unique(side->begin(), side->end()), side->end());
      concern(*side);
    }
  }

  void prepare() override { decision_ = schema_.run(kDecide, {query::text(kind_), reason_}).int8(0, 1); }

  identity::Changes changes() override {
    decisions_.assign(1, {kind_of(kind_), false, decision_, left_, right_});
    return Steward::changes();
  }

  void conclude(bool) override {
    schema_.run(kSides, {query::int8(decision_), query::array(left_), query::array(right_)});
  }

 private:
  const char* kind_;
  query::Argument reason_;
  Ids left_, right_;
};

// Rejects evidence.
class Rejection final : public Steward {
 public:
  Rejection(const query::Schema& schema, const sql::SpaceRules& rules, std::pmr::memory_resource* resource,
            query::Argument reason, const LinkKeys& keys)
      : Steward(schema, rules, resource), reason_(reason), keys_(keys) {
    concern(keys_);
    change(keys_, identity::SightingChange::Act::reject);
  }

  void prepare() override { decision_ = schema_.run(kDecide, {query::text("reject"), reason_}).int8(0, 1); }
  void conclude(bool) override {
    schema_.run(kLinks, {query::int8(decision_), query::array(keys_.a), query::array(keys_.b),
                         query::array(keys_.source), query::array(keys_.rule)});
  }

 private:
  query::Argument reason_;
  const LinkKeys& keys_;
};

// Withdraws a decision; what it replaced holds again.
class Withdrawal final : public Steward {
 public:
  Withdrawal(const query::Schema& schema, const sql::SpaceRules& rules, std::pmr::memory_resource* resource,
             std::int64_t decision)
      : Steward(schema, rules, resource), sides_{Ids(resource), Ids(resource)}, replaced_(resource) {
    decision_ = decision;
    kind_ = kind(kDecision);
    if (kind_ == "reject") {
      LinkKeys keys(resource);
      keys.take(schema.run(kDecisionLinks, {query::int8(decision)}));
      concern(keys);
      return;
    }
    const query::Rows rows = schema.run(kDecisionSides, {query::int8(decision)});
    for (std::uint64_t i = 0; i < rows.size(); ++i) sides_[rows.boolean(i, 2) ? 1 : 0].push_back(rows.int8(i, 1));
    concern(sides_[0]);
    concern(sides_[1]);
  }

  // Under the locks of all whom it concerns, which whoever decides about them takes, too, and before it.
  identity::Changes changes() override {
    kind(kLockDecision);
    if (kind_ == "reject") {
      LinkKeys keys(resource_);
      keys.take(schema_.run(kFreedLinks, {query::int8(decision_)}));
      change(keys, identity::SightingChange::Act::restore);
      return Steward::changes();
    }
    replaced_.clear();
    const query::Rows before = schema_.run(kReplaced, {query::int8(decision_)});
    for (std::uint64_t i = 0; i < before.size(); ++i)
      replaced_.emplace_back(before.int8(i, 1), std::string(before.text(i, 2)));
    decisions_.assign(1, {kind_of(kind_), true, decision_, sides_[0], sides_[1]});
    for (const auto& [key, kind] : replaced_) decisions_.push_back({kind_of(kind), false, key, sides_[0], sides_[1]});
    return Steward::changes();
  }

  void conclude(bool) override {
    schema_.run(kWithdraw, {query::int8(decision_)});
    for (const auto& one : replaced_) schema_.run(kReinstate, {query::int8(one.first)});
  }

 private:
  // 42704, 55000 if it doesn't hold.
  std::string kind(const Statement& statement) const {
    const query::Rows row = schema_.run(statement, {query::int8(decision_)});
    const std::string name = "decision " + std::to_string(decision_);
    if (row.size() == 0) throw core::Error(core::Code::undefined_object, name + " does not exist");
    if (row.boolean(0, 2))
      throw core::Error(core::Code::wrong_state, name + " does not hold any longer", {},
                        "The columns withdrawn_at and replaced_by of the table decision say since when, and what "
                        "replaced it.");
    return std::string(row.text(0, 1));
  }

  std::string kind_;
  Ids sides_[2];
  std::pmr::vector<std::pair<std::int64_t, std::string>> replaced_;
};

// Who else is in the customer of these, who have to be of one; 22023 if nobody else is.
Ids rest_of(const query::Schema& schema, std::span<const std::int64_t> given, std::pmr::memory_resource* resource) {
  Ids ids(given.begin(), given.end(), resource), rest(resource);
  std::sort(ids.begin(), ids.end());
  std::int64_t cluster = 0;
  {
    const query::Rows rows = schema.run(kFind, {query::array(ids)});
    for (std::uint64_t i = 0; i < rows.size(); ++i) {
      if (i > 0 && rows.int8(i, 2) != cluster)
        throw core::Error(core::Code::invalid_parameter, "the identifiers are not of one customer");
      cluster = rows.int8(i, 2);
    }
    if (rows.size() == 0) return rest;
  }
  const query::Rows rows = schema.run(kMembers, {query::int8(cluster)});
  for (std::uint64_t i = 0; i < rows.size(); ++i)
    if (!std::binary_search(ids.begin(), ids.end(), rows.int8(i, 1))) rest.push_back(rows.int8(i, 1));
  if (rest.empty())
    throw core::Error(core::Code::invalid_parameter, "nothing is left of the customer",
                      "All its identifiers are given.");
  return rest;
}

void require(FunctionCallInfo fcinfo, int argument, const char* what) {
  if (!PG_ARGISNULL(argument)) return;
  ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("%s must not be null", what)));
}
query::Argument reason_arg(FunctionCallInfo fcinfo, int argument) {
  if (PG_ARGISNULL(argument)) return {0, true};
  return {PG_GETARG_DATUM(argument)};
}

// Raises, as all that reads arguments.
template <typename T>
std::span<const T> array_arg(FunctionCallInfo fcinfo, int argument, const char* what) {
  require(fcinfo, argument, what);
  ArrayType* const array = PG_GETARG_ARRAYTYPE_P(argument);
  if (array_contains_nulls(array))
    ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("%s must not contain nulls", what)));
  const int count = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
  return {reinterpret_cast<const T*>(ARR_DATA_PTR(array)), static_cast<std::size_t>(count)};
}

template <typename Body>
std::int64_t in_space(std::string_view space, const Body& body) {
  query::connect();
  std::int64_t result;
  {
    pg::ContextResource resource;
    const query::Schema schema(space);
    const auto rules = sql::rules_of(schema);
    result = body(schema, *rules, &resource);
  }
  query::finish();
  return result;
}

std::int64_t decide_pair(FunctionCallInfo fcinfo, const char* kind) {
  require(fcinfo, 0, "space");
  require(fcinfo, 1, "identifier");
  require(fcinfo, 2, "identifier");
  const std::int64_t a = PG_GETARG_INT64(1), b = PG_GETARG_INT64(2);
  const query::Argument reason = reason_arg(fcinfo, 3);
  if (a == b) ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("the two identifiers are the same")));
  return in_space(pg::text_of(PG_GETARG_DATUM(0)), [&](const auto& schema, const auto& rules, auto* resource) {
    return Verdict(schema, rules, resource, kind, reason, {&a, 1}, {&b, 1}).decide();
  });
}

}  // namespace

// join(space, a, b, reason) -> the decision
CDP_FUNCTION(cdp_space_join) { PG_RETURN_INT64(decide_pair(fcinfo, "must")); }

// cut(space, a, b, reason) -> the decision
CDP_FUNCTION(cdp_space_cut) { PG_RETURN_INT64(decide_pair(fcinfo, "cannot")); }

// part(space, left bigint[], right bigint[], reason) -> the decision; split has no right: the rest of the customer
CDP_FUNCTION(cdp_space_part) {
  require(fcinfo, 0, "space");
  const auto left = array_arg<std::int64_t>(fcinfo, 1, "identifiers");
  const bool split = PG_NARGS() == 3;
  const auto right = split ? std::span<const std::int64_t>() : array_arg<std::int64_t>(fcinfo, 2, "identifiers");
  const query::Argument reason = reason_arg(fcinfo, split ? 2 : 3);
  if (left.empty() || (!split && right.empty()))
    ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("there are no identifiers")));
  PG_RETURN_INT64(in_space(pg::text_of(PG_GETARG_DATUM(0)), [&](const auto& schema, const auto& rules, auto* resource) {
    const Ids rest = split ? rest_of(schema, left, resource) : Ids(right.begin(), right.end(), resource);
    return Verdict(schema, rules, resource, "cannot_lists", reason, left, rest).decide();
  }));
}

// reject(space, a bigint[], b bigint[], source_id integer[], rule integer[], reason) -> the decision, NULL for nothing
CDP_FUNCTION(cdp_space_reject) {
  require(fcinfo, 0, "space");
  const auto a = array_arg<std::int64_t>(fcinfo, 1, "links"), b = array_arg<std::int64_t>(fcinfo, 2, "links");
  const auto source = array_arg<std::int32_t>(fcinfo, 3, "links"), rule = array_arg<std::int32_t>(fcinfo, 4, "links");
  const query::Argument reason = reason_arg(fcinfo, 5);
  if (a.size() != b.size() || a.size() != source.size() || a.size() != rule.size())
    ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("the parts of the links do not match")));
  const std::int64_t decision =
      in_space(pg::text_of(PG_GETARG_DATUM(0)), [&](const auto& schema, const auto& rules, auto* resource) {
        LinkKeys keys(resource);
        keys.take(schema.run(kStored, {query::array(a), query::array(b), query::array(source), query::array(rule)}));
        return keys.a.empty() ? 0 : Rejection(schema, rules, resource, reason, keys).decide();
      });
  if (decision == 0) PG_RETURN_NULL();
  PG_RETURN_INT64(decision);
}

// undo(space, decision)
CDP_FUNCTION(cdp_space_undo) {
  require(fcinfo, 0, "space");
  require(fcinfo, 1, "decision");
  const std::int64_t decision = PG_GETARG_INT64(1);
  in_space(pg::text_of(PG_GETARG_DATUM(0)), [&](const auto& schema, const auto& rules, auto* resource) {
    return Withdrawal(schema, rules, resource, decision).decide();
  });
  PG_RETURN_VOID();
}
