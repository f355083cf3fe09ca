#include "core/event/message.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace cdp::core::event {

ShortId short_id(std::string_view message_id) noexcept {
  constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  XXH64_hash_t rest = XXH3_64bits(message_id.data(), message_id.size());
  ShortId id;
  for (char& digit : id.text) {
    digit = kDigits[rest & 63];
    rest >>= 6;
  }
  return id;
}

}  // namespace cdp::core::event
