// The binary protocol of audiences; what it takes is also combined, listed and counted.
#include "core/audience/audience.hpp"
#include "fuzz/fuzz.hpp"

namespace cdp::fuzz {

namespace {

std::string combined(core::SetOperation operation, core::Audience a, core::Audience b) {
  core::Buffer out;
  core::combine_audiences(operation, a, b, out, heap, {});
  return text_of(out);
}

}  // namespace

void fuzz(std::string_view input) {
  core::Buffer stored, wire, rebuilt, some, others;
  core::read_binary_audience(core::as_bytes(input), stored, {});
  const core::Audience audience(stored.span());
  core::write_binary_audience(audience, wire);
  same(text_of(wire), input, "what is sent again");
  if (audience.cardinality() > 100'000) return;  // a few bytes can stand for any number of ids
  core::AudienceBuilder all(heap, {}), even(heap, {}), odd(heap, {});
  core::AudienceIds ids(audience);
  while (const auto id = ids.next()) {
    all.add(*id);
    (*id % 3 == 0 ? even : odd).add(*id);
  }
  all.write(rebuilt);
  even.write(some);
  odd.write(others);
  same(text_of(rebuilt), text_of(stored), "what its ids give");
  const core::Audience a(some.span()), b(others.span());
  same(combined(core::SetOperation::union_of, a, b), text_of(stored), "the union of its parts");
  same(combined(core::SetOperation::difference, audience, a), text_of(others), "it without a part");
  same(combined(core::SetOperation::intersection, audience, b), text_of(others), "what it shares with a part");
  same(combined(core::SetOperation::symmetric_difference, audience, b), text_of(some), "what it does not");
}

}  // namespace cdp::fuzz
