// src/sql/segment_plan.cpp: what the planner asks about rules: how many profiles match, and with which index.
#include <algorithm>

#include "core/profile/timestamp.hpp"
#include "pg/entry.hpp"
#include "sql/profile_keys.hpp"
#include "sql/profile_statistics.hpp"
#include "sql/segment_gate.hpp"
#include "sql/segment_plan.hpp"

namespace core = cdp::core;
namespace pg = cdp::pg;
namespace sql = cdp::sql;

namespace {

// Without statistics, or of a rule that isn't known: as the server thinks of containment.
constexpr double kUnknownShare = 0.001;
constexpr int kMostRules = 100;  // of a column, that are looked at

enum class Side { neither, profile, segment };

Side side_of(Oid type) {
  const Oid base = getBaseType(type), cdp = get_namespace_oid("cdp", true);
  const auto is = [=](const char* name) {
    return OidIsValid(base) && base == GetSysCacheOid2(TYPENAMENSP, Anum_pg_type_oid, CStringGetDatum(name), cdp);
  };
  return is("profile") ? Side::profile : (is("segment") ? Side::segment : Side::neither);
}

// What is asked of a profile: at a time or at any, with the events in it or with others.
struct Question {
  std::optional<std::int64_t> as_of;
  core::Events events = core::Events::inside;
};

// Of the profiles in the column, how many an index would find for the rule.
double share_found(const sql::ProfileColumn& column, const core::Segment& rule, const Question& question) {
  pg::ContextResource resource;
  return core::share_of(core::lookup_of(rule, question.as_of, &resource, pg::poll(), question.events), column.keys);
}

// Some of the rules in a column, from its statistics, and for how many of all each one stands.
struct Rules {
  int count = 0;
  Datum rule[2 * kMostRules];
  double weight[2 * kMostRules];

  void add(Datum datum, double of) {
    rule[count] = datum;
    weight[count++] = of;
  }
};

Rules* read_rules(const VariableStatData& column) {
  auto* const rules = new (palloc(sizeof(Rules))) Rules;
  if (!HeapTupleIsValid(column.statsTuple)) return rules;
  AttStatsSlot common{}, histogram{};
  double left = sql::known_share(column);
  if (get_attstatsslot(&common, column.statsTuple, STATISTIC_KIND_MCV, InvalidOid,
                       ATTSTATSSLOT_VALUES | ATTSTATSSLOT_NUMBERS) &&
      side_of(common.valuetype) == Side::segment) {
    for (int i = 0; i < std::min(common.nvalues, kMostRules); ++i) {
      rules->add(common.values[i], common.numbers[i]);
      left -= common.numbers[i];
    }
  }
  if (get_attstatsslot(&histogram, column.statsTuple, STATISTIC_KIND_HISTOGRAM, InvalidOid, ATTSTATSSLOT_VALUES) &&
      side_of(histogram.valuetype) == Side::segment) {
    const int count = std::min(histogram.nvalues, kMostRules);
    for (int i = 0; i < count; ++i)
      rules->add(histogram.values[static_cast<std::int64_t>(i) * histogram.nvalues / count],
                 std::max(left, 0.0) / count);
  }
  return rules;
}

// Statistics may have been brought in from elsewhere.
double sane(double share) {
  return share >= 0 && share <= 1 ? share : (share > 1 ? 1 : (share < 0 ? 0 : kUnknownShare));
}

// A share of rules that is seen in a sample of so many is at least that of half a rule of it.
double seen_in_sample(double share, const Rules& rules) {
  return std::max(sane(share), 0.5 / std::max(rules.count, 1));
}

// Of the rules in the column, the share that an index would find for the profile.
double share_of_rules(const VariableStatData& column, Datum profile) {
  const Rules* const rules = read_rules(column);
  if (rules->count == 0) return kUnknownShare;
  const core::ByteSpan payload = sql::profile_payload(profile);
  pg::ContextResource resource;
  const auto keys = sql::keys_of(payload, sql::Keys::facts_for_rules, &resource);
  double share = 0;
  for (int i = 0; i < rules->count; ++i) {
    const core::Segment rule = pg::call([&] { return sql::segment_arg(rules->rule[i]); });
    const auto needed = core::necessary_keys(rule, &resource, pg::poll());
    if (std::any_of(needed.begin(), needed.end(),
                    [&](const auto& one) { return std::binary_search(keys.begin(), keys.end(), one.key); }))
      share += rules->weight[i];
  }
  return seen_in_sample(share, *rules);
}

// Profile and rule, where one is a column and the other a constant.
double restriction(PlannerInfo* root, List* arguments, int relation, const Question& question) {
  VariableStatData column;
  Node* other = nullptr;
  bool on_left = false;
  if (!get_restriction_variable(root, arguments, relation, &column, &other, &on_left)) return kUnknownShare;
  double share = kUnknownShare;
  if (IsA(other, Const)) {
    const auto* const constant = castNode(Const, other);
    const Side side = side_of(column.vartype), asked = side_of(constant->consttype);
    if (side == Side::neither || asked == Side::neither || side == asked) {
      // Somebody else's operator.
    } else if (constant->constisnull) {
      share = 0;
    } else if (side == Side::segment) {
      share = share_of_rules(column, constant->constvalue);
    } else if (const auto profiles = sql::read_profiles(column)) {
      share = profiles->known * share_found(*profiles, sql::segment_arg(constant->constvalue), question);
    }
  }
  ReleaseVariableStats(column);
  return sane(share);
}

// Of all pairs of a profile and a rule from two columns: the average over rules.
double joined(PlannerInfo* root, List* arguments, SpecialJoinInfo* join, const Question& question) {
  VariableStatData left, right;
  bool reversed = false;
  get_join_variables(root, arguments, join, &left, &right, &reversed);
  const Side of_left = side_of(left.vartype), of_right = side_of(right.vartype);
  double share = kUnknownShare;
  if (of_left != Side::neither && of_right != Side::neither && of_left != of_right) {
    const Rules* const rules = read_rules(of_left == Side::segment ? left : right);
    const auto profiles = sql::read_profiles(of_left == Side::profile ? left : right);
    if (profiles && rules->count > 0) {
      share = 0;
      for (int i = 0; i < rules->count; ++i)
        share += rules->weight[i] * share_found(*profiles, sql::segment_arg(rules->rule[i]), question);
      share *= profiles->known;
    }
  }
  ReleaseVariableStats(left);
  ReleaseVariableStats(right);
  return sane(share);
}

// What the operator looks at: @@ is about now, @~ about any time.
std::optional<std::int64_t> time_of(Oid op) {
  const char* const name = get_opname(op);
  if (name != nullptr && std::string_view(name) == "@@") return GetCurrentTransactionStartTimestamp();
  return std::nullopt;
}

// Of a call of matches or its like.
std::optional<std::int64_t> time_of(PlannerInfo* root, const List* arguments, const sql::MatchCall& call) {
  if (call.as_of < 0) return GetCurrentTransactionStartTimestamp();
  Node* const as_of = estimate_expression_value(root, static_cast<Node*>(list_nth(arguments, call.as_of)));
  if (!IsA(as_of, Const) || castNode(Const, as_of)->constisnull) return std::nullopt;
  const std::int64_t time = DatumGetTimestampTz(castNode(Const, as_of)->constvalue);
  if (time == core::kInfinity || time == core::kMinusInfinity) return std::nullopt;
  return time;
}

}  // namespace

// matchsel(root, operator, arguments, relation): of profile @@ segment, segment @@ profile, and of @~
CDP_FUNCTION(cdp_segment_matchsel) {
  return Float8GetDatum(restriction(reinterpret_cast<PlannerInfo*>(PG_GETARG_POINTER(0)),
                                    reinterpret_cast<List*>(PG_GETARG_POINTER(2)), PG_GETARG_INT32(3),
                                    {time_of(PG_GETARG_OID(1))}));
}

// matchjoinsel(root, operator, arguments, kind of join, join)
CDP_FUNCTION(cdp_segment_matchjoinsel) {
  return Float8GetDatum(joined(reinterpret_cast<PlannerInfo*>(PG_GETARG_POINTER(0)),
                               reinterpret_cast<List*>(PG_GETARG_POINTER(2)),
                               reinterpret_cast<SpecialJoinInfo*>(PG_GETARG_POINTER(4)), {time_of(PG_GETARG_OID(1))}));
}

// Support of matches, matched_by and matches_with_events
CDP_FUNCTION(cdp_segment_matches_support) {
  auto* const request = reinterpret_cast<Node*>(PG_GETARG_POINTER(0));
  if (IsA(request, SupportRequestSimplify))
    return PointerGetDatum(sql::simplify(castNode(SupportRequestSimplify, request)));
  if (IsA(request, SupportRequestIndexCondition))
    return PointerGetDatum(sql::index_condition(castNode(SupportRequestIndexCondition, request)));
  if (!IsA(request, SupportRequestSelectivity)) return PointerGetDatum(nullptr);
  auto* const estimate = castNode(SupportRequestSelectivity, request);
  const sql::MatchCall call(estimate->funcid);
  List* const both = list_make2(list_nth(estimate->args, call.profile), list_nth(estimate->args, call.segment));
  const Question question{time_of(estimate->root, estimate->args, call),
                          call.timeline < 0 ? core::Events::inside : core::Events::elsewhere};
  estimate->selectivity = estimate->is_join ? joined(estimate->root, both, estimate->sjinfo, question)
                                            : restriction(estimate->root, both, estimate->varRelid, question);
  return PointerGetDatum(request);
}
