// src/sql/audience_union.cpp: audience | audience.
#include "pg/entry.hpp"
#include "sql/audience_gate.hpp"

namespace core = cdp::core;
namespace pg = cdp::pg;
namespace sql = cdp::sql;

namespace {

// Nothing but its length can forbid a union. What is under construction isn't a set yet.
bool admit(pg::Load&, core::ByteSpan, core::ByteSpan part) { return !core::is_audience_log(part); }

// The first set may be much longer than the others: it is copied but once.
void merge(const pg::Parts& parts, core::Buffer& out) {
  pg::ContextResource resource;
  std::pmr::vector<core::ByteSpan> sets(&resource);
  parts.for_each([&sets](core::ByteSpan part) { sets.push_back(part); });
  const core::Audience first(sets.front());
  sets.erase(sets.begin());
  core::Buffer others(&resource);
  core::audience_log::unite(std::move(sets), others, &resource, pg::poll());
  core::combine_audiences(core::SetOperation::union_of, first, core::Audience(others.span()), out, &resource,
                          pg::poll());
}

constinit pg::GrowingType growing(admit, merge);

}  // namespace

CDP_FUNCTION(cdp_audience_union) {
  return growing.add(
      fcinfo,
      [fcinfo](int argument) {
        const core::ByteSpan value = sql::remembered_bytes(fcinfo, argument);
        core::check_audience(value);
        return value;
      },
      [](core::ByteSpan left, core::ByteSpan right) {
        sql::AudienceWork work;
        const core::Audience first = work.read(left), second = work.read_second(right);
        pg::begin_varlena(work.result);
        core::combine_audiences(core::SetOperation::union_of, first, second, work.result, &work.memory, pg::poll());
        return pg::end_varlena(work.result);
      });
}
