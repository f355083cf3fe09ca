// The keys of rules in JSON, and what may stand together.
#pragma once

#include <string_view>

#include "core/segment/program.hpp"

namespace cdp::core::tree {

// What a subject is compared with.
enum class Compares : std::uint8_t {
  nothing,   // it is a condition by itself
  values,    // everything but windows
  anything,  // of an attribute
  numbers,
  durations,
  times,  // and windows of the past
};

// What a subject takes besides its operator.
enum class Takes : std::uint8_t { name, path, events, property_events, moments, funnel, sequence };

struct SubjectWord {
  std::string_view key;
  Opcode subject;
  Compares compares;
  Takes takes;
  Opcode predicate = Opcode{0};     // of those that compare with nothing
  std::string_view function = key;  // in the text of a rule
};

// The key of a subject: the first one that fits.
inline constexpr SubjectWord kSubjects[] = {
    {"attribute", Opcode::golden, Compares::anything, Takes::path},
    {"any_value", Opcode::observed, Compares::anything, Takes::path, {}, "any"},
    {"freshness", Opcode::freshness, Compares::durations, Takes::path},
    {"property", Opcode::property, Compares::values, Takes::path},
    {"did", Opcode::count, Compares::nothing, Takes::events, Opcode::did},
    {"count", Opcode::count, Compares::numbers, Takes::events},
    {"sum", Opcode::sum, Compares::numbers, Takes::property_events},
    {"avg", Opcode::average, Compares::numbers, Takes::property_events},
    {"min", Opcode::least, Compares::numbers, Takes::property_events},
    {"max", Opcode::greatest, Compares::numbers, Takes::property_events},
    {"distinct", Opcode::distinct, Compares::numbers, Takes::property_events},
    {"most_frequent", Opcode::most_frequent, Compares::values, Takes::property_events},
    {"first", Opcode::first_time, Compares::times, Takes::moments},
    {"last", Opcode::last_time, Compares::times, Takes::moments},
    {"days_active", Opcode::days_active, Compares::numbers, Takes::events},
    {"funnel", Opcode::funnel, Compares::numbers, Takes::funnel},
    {"sequence", Opcode::sequence, Compares::nothing, Takes::sequence, Opcode::found},
    {"has_identifier", Opcode::identifiers, Compares::nothing, Takes::name, Opcode::has_identifier, "has identifier"},
    {"identifiers", Opcode::identifiers, Compares::numbers, Takes::name},
    {"consent", Opcode::consent, Compares::nothing, Takes::name, Opcode::granted},
    {"segment", Opcode::segment, Compares::nothing, Takes::name, Opcode::in_segment},
};

struct OperatorWord {
  std::string_view key;  // as in the text of a rule
  Opcode op;
};
inline constexpr OperatorWord kOperators[] = {
    {"=", Opcode::equal},
    {"!=", Opcode::not_equal},
    {"<", Opcode::less},
    {"<=", Opcode::at_most},
    {">", Opcode::greater},
    {">=", Opcode::at_least},
    {"between", Opcode::between},
    {"not between", Opcode::not_between},
    {"in", Opcode::in},
    {"not in", Opcode::not_in},
    {"like", Opcode::like},
    {"not like", Opcode::not_like},
    {"ilike", Opcode::ilike},
    {"not ilike", Opcode::not_ilike},
    {"starts with", Opcode::starts_with},
    {"contains", Opcode::contains},
    {"contains any", Opcode::contains_any},
    {"contains all", Opcode::contains_all},
    {"is", Opcode::is_known},  // "known" or "unknown"
    {"within", Opcode::within},
    {"anniversary within", Opcode::anniversary_within},
};

inline constexpr std::string_view kOtherKeys[] = {"all",   "any",     "not",  "source",    "where",        "window",
                                                  "modes", "event",   "last", "next",      "this",         "previous",
                                                  "since", "between", "date", "timestamp", "in_time_zone", "rule"};

inline constexpr std::string_view kUnitNames[kUnits] = {"minute", "hour", "day", "week", "month", "year"};

struct ModeWord {
  std::string_view text;
  std::uint8_t bit;
};
inline constexpr ModeWord kModes[] = {{"strict deduplication", funnel_mode::kDeduplication},
                                      {"strict order", funnel_mode::kOrder},
                                      {"strict once", funnel_mode::kOnce},
                                      {"strict increase", funnel_mode::kIncrease},
                                      {"allow reentry", funnel_mode::kReentry}};

constexpr bool is_comparison(Opcode op) noexcept { return op >= Opcode::equal && op <= Opcode::not_between; }

constexpr bool allows(Compares what, Opcode op) noexcept {
  switch (what) {
    case Compares::nothing: return false;
    case Compares::values: return op < Opcode::within;
    case Compares::anything: return true;
    case Compares::times: return is_comparison(op) || op == Opcode::is_known || op == Opcode::within;
    default: return is_comparison(op);
  }
}

}  // namespace cdp::core::tree
