// src/sql/segment_rewrite.cpp: forms of `profile @@ rule` that indexes know, and that read no more than they need.
#include "sql/segment_plan.hpp"

#include <string_view>
#include <type_traits>

#include "core/segment/worth.hpp"
#include "pg/interrupt.hpp"
#include "pg/memory.hpp"
#include "pg/zones.hpp"
#include "sql/profile_statistics.hpp"
#include "sql/segment_gate.hpp"

namespace cdp::sql {

namespace {

constexpr std::int16_t kMatches = 1, kCanMatch = 2;  // strategies of profile_ops and segment_ops

template <typename... Types>
Oid function_of(Oid schema, const char* name, Types... types) {
  const Oid arguments[] = {static_cast<Oid>(types)...};
  return GetSysCacheOid3(PROCNAMEARGSNSP, Anum_pg_proc_oid, CStringGetDatum(name),
                         PointerGetDatum(buildoidvector(arguments, sizeof...(types))), ObjectIdGetDatum(schema));
}

bool is_named(Oid function, Oid schema, const char* name) {
  const char* const found = get_func_name(function);
  return found != nullptr && std::string_view(found) == name && get_func_namespace(function) == schema;
}

// The arguments of profile || timeline, or of attach(profile, timeline).
List* attached(Node* expression, Oid schema) {
  Oid function = InvalidOid;
  List* arguments = NIL;
  if (IsA(expression, OpExpr)) {
    function = get_opcode(castNode(OpExpr, expression)->opno);
    arguments = castNode(OpExpr, expression)->args;
  } else if (IsA(expression, FuncExpr)) {
    function = castNode(FuncExpr, expression)->funcid;
    arguments = castNode(FuncExpr, expression)->args;
  }
  return list_length(arguments) == 2 && is_named(function, schema, "attach") ? arguments : NIL;
}

// Whether the index is a whole and valid one of GIN on the expression alone or beside others.
bool has_expression(Oid index_id, Node* expression, int relation) {
  Relation index = index_open(index_id, AccessShareLock);
  const bool usable = index->rd_rel->relam == GIN_AM_OID && index->rd_index->indisvalid &&
                      heap_attisnull(index->rd_indextuple, Anum_pg_index_indpred, nullptr);
  List* const indexed = usable ? RelationGetIndexExpressions(index) : NIL;
  index_close(index, AccessShareLock);
  ChangeVarNodes(reinterpret_cast<Node*>(indexed), 1, relation, 0);
  return list_member(indexed, expression);
}

// Whether the table that the expression is about has an index on it.
bool is_indexed(PlannerInfo* root, Node* expression) {
  int relation = 0;
  if (root == nullptr || !bms_get_singleton_member(pull_varnos(root, expression), &relation)) return false;
  const RangeTblEntry* const entry = rt_fetch(relation, root->parse->rtable);
  if (entry->rtekind != RTE_RELATION) return false;
  Relation table = table_open(entry->relid, AccessShareLock);
  List* const indexes = RelationGetIndexList(table);
  table_close(table, NoLock);
  ListCell* cell = nullptr;
  foreach (cell, indexes)
    if (has_expression(lfirst_oid(cell), expression, relation)) return true;
  return false;
}

Expr* call_of(Oid function, Oid result, List* arguments) {
  return reinterpret_cast<Expr*>(
      makeFuncExpr(function, result, arguments, InvalidOid, InvalidOid, COERCE_EXPLICIT_CALL));
}

bool is_rule(Node* rule) { return IsA(rule, Const) && !castNode(Const, rule)->constisnull; }

bool is_rule_without_events(Node* rule) {
  return is_rule(rule) && (segment_arg(castNode(Const, rule)->constvalue).needs() & core::need::kEvents) == 0;
}

// Whether an index can't tell anything of the rule where events are kept elsewhere.
bool is_only_about_events(Datum rule) {
  const core::Segment segment = segment_arg(rule);
  pg::ContextResource resource;
  return core::lookup_of(segment, std::nullopt, &resource, pg::poll(), core::Events::elsewhere).is_always();
}

// What the rule says without events; nothing when that is nothing.
Expr* without_events(Node* rule, Oid schema) {
  if (is_rule_without_events(rule)) return reinterpret_cast<Expr*>(rule);
  const Oid type = exprType(rule), function = function_of(schema, "without_events", type);
  if (!OidIsValid(function)) return nullptr;
  if (!IsA(rule, Const)) return call_of(function, type, list_make1(rule));
  if (!is_rule(rule) || is_only_about_events(castNode(Const, rule)->constvalue)) return nullptr;
  auto* const left = static_cast<Const*>(copyObjectImpl(rule));
  left->constvalue = OidFunctionCall1(function, left->constvalue);
  return reinterpret_cast<Expr*>(left);
}

}  // namespace

MatchCall::MatchCall(Oid function) {
  Oid* types = nullptr;
  int count = 0;
  get_func_signature(function, &types, &count);
  for (int i = 0; i < count; ++i) {
    HeapTuple tuple = SearchSysCache1(TYPEOID, ObjectIdGetDatum(types[i]));
    if (!HeapTupleIsValid(tuple)) continue;
    const std::string_view name = NameStr(reinterpret_cast<Form_pg_type>(GETSTRUCT(tuple))->typname);
    if (name == "profile") profile = i;
    if (name == "timeline") timeline = i;
    if (name == "segment") segment = i;
    if (name == "timestamptz") as_of = i;
    ReleaseSysCache(tuple);
  }
}

namespace {

Node* separate_events(const FuncExpr* from, const MatchCall& call, List* parts, Node* rule) {
  const Oid schema = get_func_namespace(from->funcid);
  const Oid types[] = {exprType(static_cast<Node*>(linitial(parts))), exprType(static_cast<Node*>(lsecond(parts))),
                       exprType(rule)};
  const char* const name =
      is_named(from->funcid, schema, "matches_in_zone") ? "matches_with_events_in_zone" : "matches_with_events";
  List* arguments = lappend(list_copy(parts), rule);
  if (call.as_of >= 0) arguments = lappend(arguments, list_nth(from->args, call.as_of));
  const Oid function = call.as_of < 0 ? function_of(schema, name, types[0], types[1], types[2])
                                      : function_of(schema, name, types[0], types[1], types[2], TIMESTAMPTZOID);
  return OidIsValid(function) ? reinterpret_cast<Node*>(call_of(function, BOOLOID, arguments)) : nullptr;
}

bool has_choice(Node* rule) {
  if (!is_rule(rule)) return false;
  const core::Segment segment = segment_arg(castNode(Const, rule)->constvalue);
  pg::ContextResource resource;
  return core::has_choice(segment, &resource, pg::poll());
}

// A profile that is fetched and looked at in vain takes as long as so many entries of a range at the default
// random_page_cost of 4. (Measured with a million profiles in memory: 0.12 us an entry; 0.25 us a profile when most
// pages are read, 2 us when few are.)
constexpr double kEntriesPerProfile = 10;

// What of the rule is worth looking up; nothing when that is all of it.
std::optional<Datum> worth_looking_up(const core::Segment& segment, std::optional<std::int64_t> as_of,
                                      const core::KeyStatistics& statistics) {
  pg::ContextResource resource;
  core::Buffer out(&resource);
  pg::begin_varlena(out);
  const double entries = kEntriesPerProfile * random_page_cost / DEFAULT_RANDOM_PAGE_COST;
  if (!core::append_worth_looking_up(segment, as_of, statistics, entries, out, pg::poll(), &resource, &pg::zones()))
    return std::nullopt;
  return pg::end_varlena(out);
}

// The same by the statistics of a column: the rule itself where that is all, or where there are none.
Node* worth_looking_up(const VariableStatData& column, Node* rule, std::optional<std::int64_t> as_of) {
  static_assert(std::is_trivially_destructible_v<std::optional<ProfileColumn>>);  // the server may raise past it
  const auto profiles = read_profiles(column);
  if (!profiles) return rule;
  const auto left = worth_looking_up(segment_arg(castNode(Const, rule)->constvalue), as_of, profiles->keys);
  if (!left) return rule;
  auto* const weaker = static_cast<Const*>(copyObjectImpl(rule));
  weaker->constvalue = *left;
  return reinterpret_cast<Node*>(weaker);
}

// Of what is indexed.
Node* worth_looking_up(PlannerInfo* root, Node* indexed, Node* rule, std::optional<std::int64_t> as_of) {
  if (!has_choice(rule)) return rule;
  VariableStatData column;
  examine_variable(root, indexed, 0, &column);
  Node* const result = worth_looking_up(column, rule, as_of);
  ReleaseVariableStats(column);
  return result;
}

// Whether an index on the column serves rules.
bool is_indexed(Oid table_id, AttrNumber column) {
  Relation table = table_open(table_id, AccessShareLock);
  List* const indexes = RelationGetIndexList(table);
  table_close(table, NoLock);
  bool found = false;
  ListCell* cell = nullptr;
  foreach (cell, indexes) {
    Relation index = index_open(lfirst_oid(cell), AccessShareLock);
    for (int i = 0; i < IndexRelationGetNumberOfKeyAttributes(index); ++i)
      found = found || (index->rd_rel->relam == GIN_AM_OID && index->rd_index->indkey.values[i] == column);
    index_close(index, AccessShareLock);
  }
  return found;
}

// Whether an index on the profile would be asked for less than the rule: by the statistics of its column; those of a
// table with parts may be missing while those of its parts are there.
bool asks_for_less(PlannerInfo* root, Node* profile, Node* rule, std::optional<std::int64_t> as_of) {
  if (root == nullptr || !IsA(profile, Var) || !has_choice(rule)) return false;
  const auto* const var = castNode(Var, profile);
  const RangeTblEntry* const entry = rt_fetch(var->varno, root->parse->rtable);
  if (var->varlevelsup > 0 || entry->rtekind != RTE_RELATION || !is_indexed(entry->relid, var->varattno)) return false;
  VariableStatData column{};
  column.statsTuple = SearchSysCache3(STATRELATTINH, ObjectIdGetDatum(entry->relid), Int16GetDatum(var->varattno),
                                      BoolGetDatum(entry->inh));
  if (!HeapTupleIsValid(column.statsTuple)) return entry->inh;
  const bool less = worth_looking_up(column, rule, as_of) != rule;
  ReleaseSysCache(column.statsTuple);
  return less;
}

// What the index is asked about: nothing stands for any time.
std::optional<std::int64_t> time_asked(const MatchCall& call) {
  if (call.as_of >= 0) return std::nullopt;
  return GetCurrentTransactionStartTimestamp();
}

}  // namespace

Node* simplify(const SupportRequestSimplify* request) {
  const FuncExpr* const from = request->fcall;
  const MatchCall call(from->funcid);
  if (call.timeline >= 0) return nullptr;
  auto* const profile = static_cast<Node*>(list_nth(from->args, call.profile));
  auto* const rule = static_cast<Node*>(list_nth(from->args, call.segment));
  List* const parts = attached(profile, get_func_namespace(from->funcid));
  if (parts != NIL && !is_indexed(request->root, profile)) return separate_events(from, call, parts, rule);
  if (!asks_for_less(request->root, profile, rule, time_asked(call))) return nullptr;
  return static_cast<Node*>(copyObjectImpl(from));
}

// The same for now, a weaker one for another time, and on a profile without its events.
List* index_condition(SupportRequestIndexCondition* request) {
  if (!IsA(request->node, FuncExpr)) return NIL;
  const MatchCall call(request->funcid);
  List* const arguments = castNode(FuncExpr, request->node)->args;
  const bool by_rule = request->indexarg == call.profile;
  if (!by_rule && request->indexarg != call.segment) return NIL;
  const auto argument = [&](int which) { return static_cast<Node*>(list_nth(arguments, which)); };
  Node* const indexed = argument(request->indexarg);
  Node* asked = argument(by_rule ? call.segment : call.profile);
  bool lossy = call.as_of >= 0;
  if (call.timeline >= 0) {
    const Oid schema = get_func_namespace(request->funcid);
    Node* const timeline = argument(call.timeline);
    if (by_rule) {
      lossy = true;
      asked = reinterpret_cast<Node*>(without_events(asked, schema));
    } else {
      const Oid attach = function_of(schema, "attach", exprType(asked), exprType(timeline));
      asked = OidIsValid(attach)
                  ? reinterpret_cast<Node*>(call_of(attach, exprType(asked), list_make2(asked, timeline)))
                  : nullptr;
    }
  }
  if (asked == nullptr || !is_pseudo_constant_for_index(request->root, asked, request->index)) return NIL;
  const Oid op =
      get_opfamily_member(request->opfamily, exprType(indexed), exprType(asked), call.as_of < 0 ? kMatches : kCanMatch);
  if (!OidIsValid(op)) return NIL;
  if (by_rule) {
    Node* const worth = worth_looking_up(request->root, indexed, asked, time_asked(call));
    lossy = lossy || worth != asked;
    asked = worth;
  }
  request->lossy = lossy;
  return list_make1(make_opclause(op, BOOLOID, false, reinterpret_cast<Expr*>(indexed), reinterpret_cast<Expr*>(asked),
                                  InvalidOid, InvalidOid));
}

}  // namespace cdp::sql
