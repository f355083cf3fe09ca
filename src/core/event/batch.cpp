#include "core/event/batch.hpp"

namespace cdp::core::event {

Batch::Batch(const Document& document) : document_(document), events_(document.root()) {
  if (events_.kind == Field::Kind::object) {
    const Field batch = document.member(events_, "batch");
    const Field::Kind type = document.member(events_, "type").kind;
    if (batch.kind == Field::Kind::array && (type == Field::Kind::absent || type == Field::Kind::null)) {
      sent_at_ = document.member(events_, "sentAt");
      context_ = document.member(events_, "context");
      events_ = batch;
    }
  }
  listed_ = events_.kind == Field::Kind::array;
  if (listed_) size_ = document.size(events_);
}

Incoming Batch::operator[](std::size_t i) const {
  Incoming incoming;
  incoming.object = listed_ ? document_.element(events_, i) : events_;
  incoming.sent_at = sent_at_;
  incoming.context = context_;
  return incoming;
}

}  // namespace cdp::core::event
