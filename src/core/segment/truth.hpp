// Three-valued logic, as in SQL.
#pragma once

#include "core/segment/segment.hpp"

namespace cdp::core::rule {

constexpr Truth truth(bool yes) noexcept { return yes ? Truth::yes : Truth::no; }

constexpr Truth negated(Truth truth) noexcept {
  return truth == Truth::unknown ? truth : (truth == Truth::yes ? Truth::no : Truth::yes);
}

constexpr Truth both(Truth a, Truth b) noexcept {
  if (a == Truth::no || b == Truth::no) return Truth::no;
  return a == Truth::yes && b == Truth::yes ? Truth::yes : Truth::unknown;
}

// a op b, of things that have an order.
constexpr bool holds(Opcode op, int order) noexcept {
  switch (op) {
    case Opcode::equal: return order == 0;
    case Opcode::not_equal: return order != 0;
    case Opcode::less: return order < 0;
    case Opcode::at_most: return order <= 0;
    case Opcode::greater: return order > 0;
    default: return order >= 0;
  }
}

}  // namespace cdp::core::rule
