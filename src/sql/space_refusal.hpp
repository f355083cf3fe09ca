// Errors that are the fault of what is stored or asked, not of the moment: whoever tries again gets them again.
#pragma once

#include <optional>
#include <string>

#include "core/bytes/error.hpp"
#include "pg/error.hpp"

namespace cdp::sql {

// Data exceptions, limits, damaged data, and what constraints and triggers of the owner refuse.
inline bool is_refusal(int sqlstate) noexcept {
  const int category = ERRCODE_TO_CATEGORY(sqlstate);
  return category == ERRCODE_DATA_EXCEPTION || category == ERRCODE_PROGRAM_LIMIT_EXCEEDED ||
         category == ERRCODE_INTEGRITY_CONSTRAINT_VIOLATION || sqlstate == ERRCODE_RAISE_EXCEPTION ||
         sqlstate == ERRCODE_DATA_CORRUPTED;
}

// Runs `attempt`, which has to roll back what it did before an error leaves it. The error as a sentence, if it is one
// of these.
template <typename Attempt>
std::optional<std::string> refusal_of(const Attempt& attempt) {
  try {
    attempt();
    return std::nullopt;
  } catch (const pg::Error& error) {
    const ErrorData* const data = error.data();
    if (!is_refusal(data->sqlerrcode)) throw;
    std::string sentence = data->message == nullptr ? "error" : data->message;
    if (data->detail != nullptr) sentence.append(": ").append(data->detail);
    return sentence + " (" + unpack_sql_state(data->sqlerrcode) + ")";
  } catch (const core::Error& error) {
    const int sqlstate = pg::sqlstate_of(error.code());
    if (!is_refusal(sqlstate)) throw;
    return error.message() + (error.detail().empty() ? "" : ": " + error.detail()) + " (" + unpack_sql_state(sqlstate) +
           ")";
  }
}

}  // namespace cdp::sql
