// Survivorship: the golden value of an attribute, chosen from what is kept of it.
#pragma once

#include <cstdint>

#include "core/profile/evidence.hpp"
#include "core/profile/policy.hpp"

namespace cdp::core {

struct Golden {
  Value value;   // erased: unknown
  bool derived;  // computed, not observed; then without source and time
  std::uint32_t source;
  std::int64_t at;
};

// What the clause chooses. The bytes of a derived value are appended to `memory`, valid until it changes. 22003 when a
// sum leaves the range of numbers.
Golden choose(const Clause& clause, const Evidence& evidence, Buffer& memory, std::pmr::memory_resource* resource);

// Whether the golden value is what all observations would give.
bool is_exact(const Clause& clause, const Evidence& evidence) noexcept;

// Whether entry number `index` is the golden one, or one that a derived value was computed from.
bool is_golden(const Clause& clause, const Evidence& evidence, const Golden& golden, std::size_t index) noexcept;

// Why the golden value won, in a few words.
std::string_view reason_of(const Clause& clause, const Evidence& evidence, const Golden& golden) noexcept;

// Characters of a value's text, which is what `longest` compares.
std::size_t length_of(const Value& value);

}  // namespace cdp::core
