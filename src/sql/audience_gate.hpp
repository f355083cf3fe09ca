// The one gate through which a stored audience enters C++.
#pragma once

#include "core/audience/log.hpp"
#include "pg/expanded.hpp"
#include "pg/interrupt.hpp"

namespace cdp::sql {

// The bytes of argument 0 or 1. A value from out of line is remembered until another one comes in its place: a scan
// that compares each row with the same audience, or a join that goes through all of them, fetches it once. May raise.
core::ByteSpan remembered_bytes(FunctionCallInfo fcinfo, int argument);

// What a function over audiences works with: the result's memory goes to the server, the rest ends with the function.
// Arguments are fetched before it is made.
struct AudienceWork {
  pg::ContextResource memory;
  core::Buffer result{&memory}, scratch{&memory}, second_scratch{&memory};

  core::Audience read(core::ByteSpan value) {
    return core::audience_log::canonical(value, scratch, &memory, pg::poll());
  }
  core::Audience read_second(core::ByteSpan value) {
    return core::audience_log::canonical(value, second_scratch, &memory, pg::poll());
  }
};

}  // namespace cdp::sql
