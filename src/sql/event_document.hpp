// jsonb, as it is stored, for the reader of events.
#pragma once

#include <string>

#include "core/event/document.hpp"
#include "pg/query.hpp"

namespace cdp::sql {

class EventDocument final : public core::event::Document {
 public:
  using Field = core::event::Field;

  // Not toasted, and aligned. Fields of other documents are understood, too.
  explicit EventDocument(Jsonb* json) noexcept : json_(json) {}

  Field root() const override;
  Field member(const Field& object, std::string_view key) const override;
  std::size_t size(const Field& array) const override;
  Field element(const Field& array, std::size_t i) const override;
  std::string_view number(const Field& number) const override;

 private:
  Jsonb* json_;
};

// A jsonb of its own, in the current memory context; none of what is absent or null.
pg::query::Argument jsonb_of(const core::event::Field& field);
// With these members, of which those of `over` win; either may be none.
pg::query::Argument joined(const pg::query::Argument& under, const pg::query::Argument& over);
// {"key": value}
pg::query::Argument jsonb_object(std::string_view key, const pg::query::Argument& value);
pg::query::Argument jsonb_string(std::string_view text);
std::string text_of_jsonb(const pg::query::Argument& json);

// Of what an event says, but for the members that change when it is sent again. Equal jsonb has equal digests.
std::uint64_t digest_of(const pg::query::Argument& event, std::uint64_t seed);

}  // namespace cdp::sql
