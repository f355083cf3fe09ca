// What the core throws when it must stop: one exception type, one code per kind of cause.
#pragma once

#include <cstdint>
#include <exception>
#include <string>
#include <string_view>
#include <utility>

namespace cdp::core {

// The wall maps each code to one SQLSTATE (src/pg/error.cpp).
enum class Code : std::uint8_t {
  invalid_text,          // 22P02  malformed text of a type
  invalid_binary,        // 22P03  malformed bytes from outside
  invalid_instant,       // 22007  text that is no timestamp
  instant_out_of_range,  // 22008  a timestamp beyond the server's range
  number_out_of_range,   // 22003  a number beyond the server's range
  invalid_parameter,     // 22023  an argument outside its domain
  null_not_allowed,      // 22004  a NULL where a value is needed
  syntax_error,          // 42601  malformed rule
  undefined_object,      // 42704  a name of nothing
  wrong_state,           // 55000  something that is not in the state for it
  undefined_space,       // 3F000  a space that isn't there
  invalid_recursion,     // 42P19  a definition that needs itself
  datatype_mismatch,     // 42804  a query returns other types than asked for
  limit_exceeded,        // 54000  a documented limit
  too_complex,           // 54001  nested too deeply
  out_of_memory,         // 53200  a memory budget is used up
  not_supported,         // 0A000  a newer format, or a documented gap
  corrupted,             // XX001  a stored value that was never valid
  missing_object,        // 58P01  a library or a file that should be there
  bug,                   // XX000  cannot happen
};

class Error : public std::exception {
 public:
  Error(Code code, std::string message, std::string detail = {}, std::string hint = {})
      : code_(code), message_(std::move(message)), detail_(std::move(detail)), hint_(std::move(hint)) {}

  const char* what() const noexcept override { return message_.c_str(); }
  Code code() const noexcept { return code_; }
  const std::string& message() const noexcept { return message_; }
  const std::string& detail() const noexcept { return detail_; }
  const std::string& hint() const noexcept { return hint_; }

 private:
  Code code_;
  std::string message_, detail_, hint_;
};

}  // namespace cdp::core
