// Who is who, as evidence comes in: what a change does to the partition, without deciding everything anew. The result
// is that of decide() over all evidence, as long as nothing is parked.
//
// New evidence e = (a, b) in clusters A and B, where forbidding is hereditary (see forest.hpp):
// 1. A = B: nothing changes. Whatever was refused meets clusters at least as large; whatever united still does.
// 2. A and B may be one: they are united, whatever was refused around them.
// 3. They may not, and e ranks after the last link that united A or B: e is refused; both were whole when e came.
//    Likewise if each end is, or was linked by what ranks before e with, an identifier of a type of which a profile has
//    one: both ends had theirs when e came, even if their clusters were not whole yet. (Without this a shared e-mail
//    that every new user is refused would be decided anew, with all of them, every time.)
// 4. Else the closure is decided anew: everything connected through eligible links, refused ones too, and whole
// clusters.
//
// Trust isn't hereditary while trusted links are being taken. So a trusted link between two known clusters falls under
// 4 if the last link of either is untrusted, for then either may be of several trusted parts; else each is one of them.
//
// A link that gains rank is new; one that loses rank or its eligibility matters only inside a cluster: 4. So do a
// must-link and its removal, a cannot-link inside a cluster, the removal of one (as a lifted limit), an identifier that
// becomes a hub or ceases to be one, and whatever is touched by changed rules. Changes may come many at a time: those
// of 1 to 3 first, then the closures, since the order of arrival is all the same.
#pragma once

#include "core/bytes/poll.hpp"
#include "core/identity/plan.hpp"

namespace cdp::core::identity {

// 42704 for an identifier that isn't stored; 22023 for decisions that contradict each other, as decide().
Plan plan_changes(Store& store, const Rules& rules, const Changes& changes, std::pmr::memory_resource* resource,
                  Poll poll = {});

}  // namespace cdp::core::identity
