// The one gate through which a stored audience enters C++.
#pragma once

#include "core/audience/log.hpp"
#include "pg/datum.hpp"
#include "pg/interrupt.hpp"

namespace cdp::sql {

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
