// Profiles as strings of bytes: merged, and in their other forms.
#pragma once

#include "bytes_of.hpp"
#include "core/profile/codec.hpp"

namespace cdp::core::test {

inline ProfileView view(const Bytes& profile) { return ProfileView(as_bytes(profile)); }

inline Bytes merge(const Bytes& a, const Bytes& b) {
  ProfileBuilder builder(kHeap);
  builder.add_profile(view(a));
  builder.add_profile(view(b));
  Buffer out;
  builder.write(out);
  return bytes_of(out);
}

inline std::string text_of(const Bytes& profile) {
  Buffer out;
  print_profile(view(profile), out);
  return bytes_of(out);
}

inline Bytes from_text(std::string_view text) {
  ProfileBuilder builder(kHeap);
  Buffer scratch, out;
  parse_profile(text, builder, scratch, kHeap);
  builder.write(out);
  return bytes_of(out);
}

inline Bytes to_binary(const Bytes& profile) {
  Buffer out;
  write_binary_profile(view(profile), out);
  return bytes_of(out);
}

inline Bytes from_binary(std::string_view bytes) {
  ProfileBuilder builder(kHeap);
  Buffer out;
  read_binary_profile(as_bytes(bytes), builder);
  builder.write(out);
  return bytes_of(out);
}

}  // namespace cdp::core::test
