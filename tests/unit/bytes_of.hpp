// What the tests of values share.
#pragma once

#include <memory_resource>
#include <string>

#include "core/bytes/buffer.hpp"

namespace cdp::core::test {

using Bytes = std::string;

inline std::pmr::memory_resource* const kHeap = std::pmr::new_delete_resource();

inline Bytes bytes_of(const Buffer& buffer) { return Bytes(as_text(buffer.span())); }

}  // namespace cdp::core::test
