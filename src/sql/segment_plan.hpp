// What the planner makes of calls that ask whether a rule is true.
#pragma once

#include "pg/postgres.hpp"

namespace cdp::sql {

// Where the arguments of matches(profile, segment [, as_of]), matched_by(segment, profile) and
// matches_with_events(profile, timeline, segment [, as_of]) stand. -1: there is none.
struct MatchCall {
  explicit MatchCall(Oid function);
  int profile = -1, timeline = -1, segment = -1, as_of = -1;
};

// matches(profile || timeline, segment), as matches_with_events(profile, timeline, segment): it reads the timeline only
// if it has to, and an index on the profile can serve it; not where there is an index on that very expression.
// profile @@ segment as the call of its function where only a part of the rule is worth looking up: of a call, and not
// of an operator that it knows, an index asks which condition to use. Nothing in other cases.
Node* simplify(const SupportRequestSimplify* request);

// The indexable operator that follows from the call.
List* index_condition(SupportRequestIndexCondition* request);

}  // namespace cdp::sql
