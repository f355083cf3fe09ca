// Identifiers, consents and totals in the text form of a profile.
#pragma once

#include "core/profile/consents.hpp"
#include "core/profile/identifiers.hpp"
#include "core/profile/totals.hpp"
#include "core/profile/value.hpp"

namespace cdp::core {

// Each prints the object that stands under the key of its kind. The section is a stored one.
void print_identifiers(ByteSpan section, Buffer& out, const Poll& poll = {});
void print_consents(ByteSpan section, Buffer& out, const Poll& poll = {});
void print_totals(ByteSpan section, Buffer& out, const Poll& poll = {});

// What the numeric properties of one event add up to, as print_totals() has it: {"amount": {"sum": 12.5, "count": 3}}
void print_sums(std::span<const Total> properties, Buffer& out);

// Each adds what such an object says. 22P02. The value must live until the set is written.
void add_identifiers(Value object, Identifiers& to);
void add_consents(Value object, Consents& to);
void add_totals(Value object, Totals& to);

}  // namespace cdp::core
