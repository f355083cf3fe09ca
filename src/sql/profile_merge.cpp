// src/sql/profile_merge.cpp: profile || profile.
#include "core/profile/consents.hpp"
#include "core/profile/decimal.hpp"
#include "core/profile/format.hpp"
#include "core/profile/identifiers.hpp"
#include "pg/entry.hpp"
#include "pg/expanded.hpp"
#include "pg/interrupt.hpp"
#include "sql/profile_gate.hpp"

namespace core = cdp::core;
namespace pg = cdp::pg;
namespace sql = cdp::sql;
namespace format = cdp::core::format;

namespace {

// What a load counts.
enum Counted : std::size_t { attributes, sources, identifiers, consents };

// Whether every number is of 64 bits: then no sum that a policy asks for can leave the range.
bool has_small_numbers(const core::ProfileView& profile) {
  for (std::uint32_t i = 0; i < profile.size(); ++i) {
    bool small = true;
    profile.attribute(i).cursor().for_each_value([&small](const core::Value& value) {
      small = small && (value.type != core::Type::number || core::decimal_to_scaled(value.bytes).has_value());
    });
    if (!small) return false;
  }
  return true;
}

// Whether the facts of one section stay below their limit.
template <typename Fact>
bool fits(std::uint64_t& facts, core::ByteSpan section) {
  if (section.empty()) return true;
  pg::ContextResource resource;
  facts += core::facts::count_facts<Fact>(section, &resource);
  return facts <= core::facts::kMost;
}

bool admit(pg::Load& load, core::ByteSpan first, core::ByteSpan part) {
  const core::ProfileView profile(part);
  const bool is_first = first.empty();
  load[attributes] += profile.size();
  load[sources] += profile.source_count();
  if (load[attributes] > format::kMaxAttributes || load[sources] > format::kMaxSources) return false;
  if (!fits<core::Identifier>(load[identifiers], profile.section(core::Section::identifiers))) return false;
  if (!fits<core::Consent>(load[consents], profile.section(core::Section::consents))) return false;
  // Events and their totals have sums of their own.
  if (!is_first && !profile.section(core::Section::totals).empty()) return false;
  if (!is_first && !profile.section(core::Section::timeline).empty()) return false;
  const core::ByteSpan policy = profile.section(core::Section::policy);
  if (!is_first && !core::same_bytes(policy, core::ProfileView(first).section(core::Section::policy)))
    return policy.empty() && !core::observes(profile);
  return policy.empty() || has_small_numbers(profile);
}

void merge(const pg::Parts& parts, core::Buffer& out) {
  pg::ContextResource resource;
  core::ProfileBuilder builder(&resource);
  const core::Poll poll = pg::poll();
  parts.for_each([&](core::ByteSpan part) {
    poll();
    builder.add_profile(core::ProfileView(part));
  });
  builder.write(out, poll);
}

constinit pg::GrowingType growing(admit, merge);

}  // namespace

CDP_FUNCTION(cdp_profile_merge) {
  return growing.add(
      fcinfo, [fcinfo](int argument) { return sql::profile_payload(PG_GETARG_DATUM(argument)); },
      [fcinfo](core::ByteSpan left, core::ByteSpan right) {
        core::ProfileBuilder& builder = sql::profile_scratch(fcinfo).builder;
        builder.add_profile(core::ProfileView(left));
        builder.add_profile(core::ProfileView(right));
        return sql::finish_profile(builder);
      });
}
