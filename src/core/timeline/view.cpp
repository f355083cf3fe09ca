// src/core/timeline/view.cpp: reading a stored timeline in place.
#include "core/timeline/view.hpp"

#include "core/profile/decimal.hpp"

namespace cdp::core {

std::string_view TimelineView::name(std::uint32_t name) const noexcept {
  const std::byte* at = names_;
  for (;; --name) {
    const std::size_t length = trusted_varint(at);
    if (name == 0) return as_text({at, length});
    at += length;
  }
}

std::optional<Folded> TimelineView::folded(std::uint32_t name) const noexcept {
  std::optional<Folded> found;
  for_each_folded([&](std::uint32_t candidate, const Folded& part) {
    if (candidate == name) found = part;
  });
  return found;
}

const std::byte* TimelineView::dictionary() const noexcept {
  return for_each_folded([](std::uint32_t, const Folded&) {});
}

std::uint64_t TimelineView::dictionary_size() const noexcept {
  const std::byte* at = dictionary();
  return (flags_ & timeline::kDictionary) == 0 ? 0 : trusted_varint(at);
}

Value TimelineView::dictionary_value(std::uint64_t index) const noexcept {
  const std::byte* at = dictionary();
  trusted_varint(at);
  for (; index > 0; --index) trusted_value(at);
  return trusted_value(at);
}

std::optional<std::uint64_t> TimelineView::find_value(Value value) const noexcept {
  const std::byte* at = dictionary();
  const std::uint64_t count = (flags_ & timeline::kDictionary) == 0 ? 0 : trusted_varint(at);
  for (std::uint64_t i = 0; i < count; ++i)
    if (trusted_value(at) == value) return i;
  return std::nullopt;
}

ColumnReader TimelineView::column_reader() const noexcept {
  const std::byte* const end = payload_.data() + payload_.size();
  std::uint64_t values = 0;
  const std::byte* const at = for_each_value([&values](Value) { ++values; });
  return {at, end, count_, timeline::index_width(values)};
}

std::optional<TimelineColumn> TimelineView::message_ids() const noexcept {
  if (!has_message_ids()) return std::nullopt;
  ColumnReader reader = column_reader();
  reader.read_body(static_cast<std::uint8_t>(*reader.at_++));
  return reader.column_;
}

ColumnReader TimelineView::columns() const noexcept {
  ColumnReader reader = column_reader();
  if (has_message_ids()) reader.read_body(static_cast<std::uint8_t>(*reader.at_++));
  if ((flags_ & timeline::kProperties) != 0) reader.left_ = trusted_varint(reader.at_);
  return reader;
}

PropertyColumns TimelineView::property(std::string_view key) const noexcept {
  PropertyColumns found;
  for (ColumnReader reader = columns(); reader.next();)
    if (reader.key() == key) (reader.column().is_numbers() ? found.numbers_ : found.others_) = reader.column();
  found.dictionary_ = dictionary();
  return found;
}

void ColumnReader::read_body(std::uint8_t head) noexcept {
  column_ = TimelineColumn();
  column_.numbers_ = (head & timeline::kNumbers) != 0;
  unsigned width = index_width_;
  if (column_.numbers_) {
    column_.scale_ = static_cast<unsigned>(*at_++);
    width = static_cast<unsigned>(*at_++);
    column_.base_ = unzigzag(trusted_varint(at_));
  }
  column_.presence_ = read_presence(head);
  column_.values_ = timeline::PackedBits(at_, end_, width);
  at_ += timeline::packed_size(column_.presence_.count(), width);
}

timeline::Presence ColumnReader::read_presence(std::uint8_t head) noexcept {
  if ((head & timeline::kSome) != 0) {
    const timeline::PackedBits bits(at_, end_, 1);
    at_ += timeline::packed_size(events_, 1);
    return timeline::Presence::bitmap(bits, events_);
  }
  if ((head & timeline::kFew) == 0) return timeline::Presence::all(events_);
  const auto count = static_cast<std::uint32_t>(trusted_varint(at_));
  const timeline::PackedBits list(at_, end_, timeline::index_width(events_));
  at_ += timeline::packed_size(count, list.width());
  return timeline::Presence::list(list, count);
}

bool ColumnReader::next() noexcept {
  if (left_ == 0) return false;
  --left_;
  const auto head = static_cast<std::uint8_t>(*at_++);
  if ((head & timeline::kSameKey) == 0) {
    const std::size_t length = trusted_varint(at_);
    key_ = as_text({at_, length});
    at_ += length;
  }
  read_body(head);
  return true;
}

std::optional<Value> PropertyColumns::value(std::uint32_t event, Buffer& scratch) const {
  if (const auto rank = numbers_ ? numbers_->presence().find(event) : std::nullopt) {
    scratch.clear();
    append_decimal(scratch, numbers_->scaled(*rank), numbers_->scale());
    return Value{Type::number, scratch.span()};
  }
  const auto rank = others_ ? others_->presence().find(event) : std::nullopt;
  if (!rank) return std::nullopt;
  const std::byte* at = dictionary_;
  trusted_varint(at);
  for (std::uint64_t index = others_->index(*rank); index > 0; --index) trusted_value(at);
  return trusted_value(at);
}

}  // namespace cdp::core
