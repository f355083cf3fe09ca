// Events, single and in batches. The same document gives the same, and what is taken keeps what the result promises.
#include "core/event/batch.hpp"
#include "core/profile/timestamp.hpp"
#include "fuzz/fuzz.hpp"
#include "unit/json_document.hpp"

namespace cdp::fuzz {

namespace {

constexpr std::int64_t kNow = 757'382'400'000'000;  // 2024-01-01

void demand(bool holds, const char* what) {
  if (!holds) same("kept", "broken", what);
}

void check(const core::event::Event& event, const core::event::Limits& limits) {
  demand(core::is_timestamp(event.at) && event.at <= kNow + limits.tolerance, "its time");
  demand(!event.clamped || event.at == kNow, "a clamped time");
  demand(event.message_id.size() <= core::event::kMaxIdentifierBytes, "the size of its id");
  demand(!event.identifiers.empty() && event.identifiers.size() <= limits.identifiers, "the number of its identifiers");
  for (const auto& [type, value] : event.identifiers)
    demand(!type.empty() && !value.empty() && value.size() <= core::event::kMaxIdentifierBytes, "an identifier");
}

}  // namespace

void fuzz(std::string_view input) {
  const core::test::JsonDocument document(input);
  const core::event::Batch batch(document);
  const core::event::Limits limits;
  core::event::Event event(heap), again(heap);
  for (std::size_t i = 0; i < batch.size() && i < 100; ++i) {
    core::event::Incoming incoming = batch[i];
    incoming.received_at = kNow;
    const auto rejection = read_event(document, incoming, limits, event);
    const auto once_more = read_event(document, incoming, limits, again);
    demand(rejection.has_value() == once_more.has_value(), "its fate");
    if (rejection) {
      same(rejection->sentence, once_more->sentence, "what is wrong with it");
      demand(!code_of(rejection->reason).empty() && rejection->sentence.size() < 400, "what is said about it");
      continue;
    }
    check(event, limits);
    demand(event.identifiers == again.identifiers && event.at == again.at, "whom it is about");
  }
}

}  // namespace cdp::fuzz
