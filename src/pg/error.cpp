// The one map from exceptions to SQLSTATEs.
#include "pg/error.hpp"

#include <cstring>
#include <exception>
#include <new>
#include <string_view>

#include "core/bytes/error.hpp"
#include "pg/guard.hpp"

namespace cdp::pg {

int sqlstate_of(core::Code code) noexcept {
  switch (code) {
    case core::Code::invalid_text: return ERRCODE_INVALID_TEXT_REPRESENTATION;
    case core::Code::invalid_binary: return ERRCODE_INVALID_BINARY_REPRESENTATION;
    case core::Code::invalid_instant: return ERRCODE_INVALID_DATETIME_FORMAT;
    case core::Code::instant_out_of_range: return ERRCODE_DATETIME_VALUE_OUT_OF_RANGE;
    case core::Code::number_out_of_range: return ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE;
    case core::Code::invalid_parameter: return ERRCODE_INVALID_PARAMETER_VALUE;
    case core::Code::null_not_allowed: return ERRCODE_NULL_VALUE_NOT_ALLOWED;
    case core::Code::syntax_error: return ERRCODE_SYNTAX_ERROR;
    case core::Code::undefined_object: return ERRCODE_UNDEFINED_OBJECT;
    case core::Code::wrong_state: return ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE;
    case core::Code::undefined_space: return ERRCODE_INVALID_SCHEMA_NAME;
    case core::Code::invalid_recursion: return ERRCODE_INVALID_RECURSION;
    case core::Code::datatype_mismatch: return ERRCODE_DATATYPE_MISMATCH;
    case core::Code::limit_exceeded: return ERRCODE_PROGRAM_LIMIT_EXCEEDED;
    case core::Code::too_complex: return ERRCODE_STATEMENT_TOO_COMPLEX;
    case core::Code::out_of_memory: return ERRCODE_OUT_OF_MEMORY;
    case core::Code::not_supported: return ERRCODE_FEATURE_NOT_SUPPORTED;
    case core::Code::corrupted: return ERRCODE_DATA_CORRUPTED;
    case core::Code::missing_object: return ERRCODE_UNDEFINED_FILE;
    case core::Code::bug: break;
  }
  return ERRCODE_INTERNAL_ERROR;
}

namespace {

bool is_bad_input(core::Code code) noexcept {
  return code == core::Code::invalid_text || code == core::Code::invalid_binary || code == core::Code::syntax_error ||
         code == core::Code::invalid_parameter || code == core::Code::number_out_of_range ||
         code == core::Code::invalid_instant || code == core::Code::instant_out_of_range ||
         code == core::Code::limit_exceeded || code == core::Code::too_complex;
}

// Never throws, never raises: out of memory degrades to a fixed text. What is not valid in the database's encoding
// (an error may quote hostile bytes) must not reach the client: each byte of it beyond ASCII becomes a question mark.
const char* keep(std::string_view text) noexcept {
  constexpr int kLongest = 64 * 1024;  // longer texts tell nobody anything
  if (text.empty()) return nullptr;
  int length = kLongest;
  if (text.size() <= static_cast<std::size_t>(kLongest)) {
    length = static_cast<int>(text.size());
  } else {
    length = pg_mbcliplen(text.data(), kLongest + 1, kLongest);
  }
  auto* const copy = static_cast<char*>(
      MemoryContextAllocExtended(CurrentMemoryContext, static_cast<std::size_t>(length) + 1, MCXT_ALLOC_NO_OOM));
  if (copy == nullptr) return "out of memory";
  std::memcpy(copy, text.data(), static_cast<std::size_t>(length));
  copy[length] = '\0';
  if (!pg_verifymbstr(copy, length, true)) {
    for (char* at = copy; at != copy + length; ++at)
      if (*at == '\0' || static_cast<unsigned char>(*at) >= 0x80) *at = '?';
  }
  return copy;
}

}  // namespace

void PendingError::capture() noexcept {
  *this = PendingError{nullptr, ERRCODE_INTERNAL_ERROR, false, nullptr, nullptr, nullptr};
  try {
    throw;
  } catch (const Error& error) {
    original = error.data();
  } catch (const core::Error& error) {
    sqlstate = sqlstate_of(error.code());
    soft = is_bad_input(error.code());
    message = keep(error.message());
    detail = keep(error.detail());
    hint = keep(error.hint());
  } catch (const std::bad_alloc&) {
    sqlstate = ERRCODE_OUT_OF_MEMORY;
    message = "out of memory";
  } catch (const std::exception& error) {
    message = keep(error.what());
  } catch (...) {
    message = "unrecognized C++ exception";
  }
}

void PendingError::raise() const {
  if (original != nullptr) ReThrowError(original);
  ereport(ERROR, (errcode(sqlstate), errmsg_internal("%s", message != nullptr ? message : "unrecognized error"),
                  detail != nullptr ? errdetail_internal("%s", detail) : 0, hint != nullptr ? errhint("%s", hint) : 0));
  pg_unreachable();
}

Datum PendingError::raise_or_save([[maybe_unused]] FunctionCallInfo fcinfo) const {
#if PG_VERSION_NUM >= 160000
  if (soft && original == nullptr && fcinfo->context != nullptr && IsA(fcinfo->context, ErrorSaveContext)) {
    errsave(fcinfo->context,
            (errcode(sqlstate), errmsg_internal("%s", message != nullptr ? message : "unrecognized error"),
             detail != nullptr ? errdetail_internal("%s", detail) : 0, hint != nullptr ? errhint("%s", hint) : 0));
    return static_cast<Datum>(0);
  }
#endif
  raise();
}

void throw_current_error(MemoryContext caller) {
  MemoryContextSwitchTo(caller);
  ErrorData* volatile copy = nullptr;
  {
    // Copying can itself run out of memory, which would raise again.
    ExceptionStackGuard restore;
    sigjmp_buf trap;
    if (sigsetjmp(trap, 0) == 0) {
      PG_exception_stack = &trap;
      copy = CopyErrorData();
    }
  }
  MemoryContextSwitchTo(caller);
  FlushErrorState();
  if (copy == nullptr) throw std::bad_alloc();
  throw Error(copy);
}

}  // namespace cdp::pg
