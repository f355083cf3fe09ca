// Errors that are the fault of what is stored or asked, not of the moment: whoever tries again gets them again.
#pragma once

#include <optional>
#include <string>

#include "core/bytes/error.hpp"
#include "pg/error.hpp"

namespace cdp::sql {

// Data exceptions and limits.
inline bool is_of_content(int sqlstate) noexcept {
  const int category = ERRCODE_TO_CATEGORY(sqlstate);
  return category == ERRCODE_DATA_EXCEPTION || category == ERRCODE_PROGRAM_LIMIT_EXCEEDED;
}
// These, damaged data, and what constraints and triggers of the owner refuse.
inline bool is_refusal(int sqlstate) noexcept {
  return is_of_content(sqlstate) || ERRCODE_TO_CATEGORY(sqlstate) == ERRCODE_INTEGRITY_CONSTRAINT_VIOLATION ||
         sqlstate == ERRCODE_RAISE_EXCEPTION || sqlstate == ERRCODE_DATA_CORRUPTED;
}

struct Refusal {
  int sqlstate;
  std::string sentence, hint;  // message and detail; empty if there is none
};

// Runs `attempt`, which has to roll back what it did before an error leaves it. The error, if it is one of these.
template <typename Attempt>
std::optional<Refusal> refusal_of(const Attempt& attempt) {
  const auto text = [](const char* of) { return of == nullptr ? std::string() : std::string(of); };
  const auto sentence = [](const std::string& message, const std::string& detail) {
    return detail.empty() ? message : message + ": " + detail;
  };
  try {
    attempt();
    return std::nullopt;
  } catch (const pg::Error& error) {
    const ErrorData& data = *error.data();
    if (!is_refusal(data.sqlerrcode)) throw;
    return Refusal{data.sqlerrcode, sentence(text(data.message), text(data.detail)), text(data.hint)};
  } catch (const core::Error& error) {
    const int sqlstate = pg::sqlstate_of(error.code());
    if (!is_refusal(sqlstate)) throw;
    return Refusal{sqlstate, sentence(error.message(), error.detail()), error.hint()};
  }
}

}  // namespace cdp::sql
