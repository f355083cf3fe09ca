// Types of identifiers and sources that a change of the rules names: which it makes, and which it removes, by null.
#pragma once

#include "pg/query.hpp"

namespace cdp::sql {

// A NOTICE for each that is new, and nearly called like one that there is: it may be a slip.
void tell_new_names(const pg::query::Schema& schema, pg::query::Argument patch);
// 22023 if it removes what there isn't, 55000 what is in use.
void check_removed(const pg::query::Schema& schema, pg::query::Argument patch);
pg::query::Argument without_removed(const pg::query::Schema& schema, pg::query::Argument patch);
// By the change with what it removes.
void remove_names(const pg::query::Schema& schema, pg::query::Argument patch);

}  // namespace cdp::sql
