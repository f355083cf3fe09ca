// Rules to and from text, for the tests of segments.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "core/segment/segment.hpp"

namespace cdp::core::test {

using Bytes = std::string;

inline Bytes compiled(std::string_view text) {
  Buffer out;
  parse_segment(text, out);
  return Bytes(as_text(out.span()));
}

inline std::string printed(const Bytes& rule) {
  Buffer out;
  print_segment(Segment(as_bytes(rule)), out);
  return std::string(as_text(out.span()));
}

template <typename Body>
Error error_of(Body&& body) {
  try {
    body();
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "no error";
  return {Code::bug, ""};
}

inline Code code_of_bytes(const Bytes& bytes) {
  try {
    check_segment(as_bytes(bytes));
  } catch (const Error& error) {
    return error.code();
  }
  return Code::bug;  // stands for: accepted
}

}  // namespace cdp::core::test
