// Events of JSON text, read and put into words.
#pragma once

#include <string>
#include <vector>

#include "bytes_of.hpp"
#include "core/event/batch.hpp"
#include "core/profile/timestamp.hpp"
#include "json_document.hpp"

namespace cdp::core::event {

inline std::int64_t time_of(std::string_view text) { return parse_timestamp(text).value(); }

inline const std::int64_t kReceived = time_of("2026-01-02T04:00:00Z");

// What is read of one document.
struct Reading {
  explicit Reading(std::string_view json, std::int64_t received_at = kReceived, const Limits& limits = {})
      : document(json), batch(document) {
    Event event(test::kHeap);
    for (std::size_t i = 0; i < batch.size(); ++i) {
      Incoming incoming = batch[i];
      incoming.received_at = received_at;
      rejections.push_back(read_event(document, incoming, limits, event));
      events.push_back(event);
    }
  }

  test::JsonDocument document;
  Batch batch;
  std::vector<Event> events;
  std::vector<std::optional<Rejection>> rejections;
};

inline std::string shown(const Rejection& rejection) {
  return std::string(code_of(rejection.reason)) + ": " + rejection.sentence + " " + rejection.hint;
}

// Its identifiers: "user_id=u1 email=a@example.com".
inline std::string persons_of(const Event& event) {
  std::string text;
  for (const auto& [type, value] : event.identifiers)
    text += (text.empty() ? "" : " ") + std::string(type) + "=" + std::string(value);
  return text;
}

inline std::string at_of(const Event& event) {
  Buffer text;
  print_timestamp(event.at, text);
  return test::bytes_of(text) + (event.clamped ? " clamped" : "");
}

// Of the only event of the document, or what is wrong with it.
template <typename Show>
std::string of(const Reading& reading, Show&& show) {
  if (reading.events.size() != 1) return "not one event";
  return reading.rejections[0] ? shown(*reading.rejections[0]) : show(reading.events[0]);
}

inline std::string persons(std::string_view json) { return of(Reading(json), persons_of); }
inline std::string at(std::string_view json, std::int64_t received_at = kReceived) {
  return of(Reading(json, received_at), at_of);
}
inline std::string message_id(std::string_view json) {
  return of(Reading(json), [](const Event& event) { return std::string(event.message_id); });
}

// The code alone, or "taken".
inline std::string fate(std::string_view json, const Limits& limits = {}) {
  const Reading reading(json, kReceived, limits);
  if (reading.rejections.size() != 1) return "not one event";
  return reading.rejections[0] ? std::string(code_of(reading.rejections[0]->reason)) : "taken";
}

}  // namespace cdp::core::event
