// The events of a document: of {"batch": […]}, of an array, or the one that it is.
#pragma once

#include "core/event/event.hpp"

namespace cdp::core::event {

// The document must outlive it. A batch that is no array counts as an event, and is refused as one.
class Batch {
 public:
  explicit Batch(const Document& document);

  std::size_t size() const noexcept { return size_; }
  // With sentAt and context of the batch, which stand for what an event doesn't say itself. Its size and the time of
  // its arrival are left to the caller.
  Incoming operator[](std::size_t i) const;

 private:
  const Document& document_;
  Field events_, sent_at_, context_;
  std::size_t size_ = 1;
  bool listed_ = false;
};

}  // namespace cdp::core::event
