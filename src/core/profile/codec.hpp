// A profile as text and in the binary protocol.
#pragma once

#include "core/bytes/poll.hpp"
#include "core/profile/builder.hpp"

namespace cdp::core {

// Text: a JSON document that holds everything the profile keeps, deterministic, independent of settings.
void print_profile(const ProfileView& profile, Buffer& out, const Poll& poll = {});
// Adds what the text describes. 22P02 when it describes no profile. `scratch` holds the values until write().
void parse_profile(std::string_view text, ProfileBuilder& builder, Buffer& scratch, std::pmr::memory_resource* resource,
                   const Poll& poll = {});

// The same for a document that has become a value, nested at most kDocumentDepth deep.
inline constexpr int kDocumentDepth = kMaxValueDepth + 6;  // profile, attributes, attribute, sources, element, point
void interpret_profile(Value document, ProfileBuilder& builder, const Poll& poll = {});

// Binary protocol: independent of byte order, without the directory.
void write_binary_profile(const ProfileView& profile, Buffer& out);
// Adds what the bytes describe; everything is checked. 22P03, also for bytes that are not in canonical form.
void read_binary_profile(ByteSpan bytes, ProfileBuilder& builder, const Poll& poll = {});

}  // namespace cdp::core
