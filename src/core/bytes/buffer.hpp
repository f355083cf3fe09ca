// A growing run of bytes in memory of the caller's choosing; what the wall returns to the server is such a run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory_resource>
#include <string_view>

#include "core/bytes/error.hpp"
#include "core/bytes/load.hpp"

namespace cdp::core {

inline constexpr std::size_t kMaxValueBytes = 0x3FFFFFFF;  // what a varlena can hold

class Buffer {
 public:
  explicit Buffer(std::pmr::memory_resource* resource = std::pmr::get_default_resource()) noexcept
      : resource_(resource) {}
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  ~Buffer() {
    if (data_ != nullptr) resource_->deallocate(data_, capacity_, kAlignment);
  }

  std::byte* data() noexcept { return data_; }
  const std::byte* data() const noexcept { return data_; }
  std::size_t size() const noexcept { return size_; }
  ByteSpan span(std::size_t from = 0) const noexcept { return {data_ + from, size_ - from}; }
  void clear() noexcept { size_ = 0; }
  void truncate(std::size_t size) noexcept { size_ = size; }

  // Room for `more` bytes at the end, which become part of the value. 54000 beyond 1 GB.
  std::byte* extend(std::size_t more) {
    if (more > capacity_ - size_) grow(more);
    std::byte* const end = data_ + size_;
    size_ += more;
    return end;
  }

  void reserve(std::size_t total) {
    if (total > capacity_) grow(total - size_);
  }

  void append(ByteSpan bytes) { copy_short(extend(bytes.size()), bytes.data(), bytes.size()); }
  void append(std::string_view text) { append(as_bytes(text)); }
  void byte(std::uint8_t value) { *extend(1) = static_cast<std::byte>(value); }

  template <std::unsigned_integral T>
  void le(T value) {
    store_le(extend(sizeof(T)), value);
  }
  template <std::unsigned_integral T>
  void be(T value) {
    store_be(extend(sizeof(T)), value);
  }

  // LEB128: seven bits a byte, low bits first, always the shortest form.
  void varint(std::uint64_t value) {
    std::byte encoded[10];
    std::size_t length = 0;
    while (value >= 0x80) {
      encoded[length++] = static_cast<std::byte>(value | 0x80);
      value >>= 7;
    }
    encoded[length++] = static_cast<std::byte>(value);
    std::memcpy(extend(length), encoded, length);
  }

  // Hands the memory to the caller: the resource's owner frees it from now on.
  std::byte* release() noexcept {
    std::byte* const data = data_;
    data_ = nullptr;
    size_ = capacity_ = 0;
    return data;
  }

 private:
  static constexpr std::size_t kAlignment = 8;

  void grow(std::size_t more) {
    if (more > kMaxValueBytes - size_) throw Error(Code::limit_exceeded, "value exceeds the maximum size of 1 GB");
    const std::size_t needed = size_ + more;
    std::size_t capacity = capacity_ < 64 ? 64 : capacity_ * 2;
    if (capacity < needed) capacity = needed;
    if (capacity > kMaxValueBytes) capacity = kMaxValueBytes;
    auto* const data = static_cast<std::byte*>(resource_->allocate(capacity, kAlignment));
    if (size_ != 0) std::memcpy(data, data_, size_);
    if (data_ != nullptr) resource_->deallocate(data_, capacity_, kAlignment);
    data_ = data;
    capacity_ = capacity;
  }

  std::pmr::memory_resource* resource_;
  std::byte* data_ = nullptr;
  std::size_t size_ = 0, capacity_ = 0;
};

}  // namespace cdp::core
