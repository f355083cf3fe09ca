// src/sql/jsonb.cpp: reading jsonb and numeric in place.
//
// The layout of jsonb is public (utils/jsonb.h). That of numeric is not, but it is the on-disk format, which cannot
// change without breaking pg_upgrade; the regression tests compare with numeric's own output.
#include "sql/jsonb.hpp"

#include "core/profile/decimal.hpp"

namespace cdp::sql {

namespace {

constexpr std::uint16_t kNumericShort = 0x8000, kNumericSpecial = 0xC000, kSignMask = 0xC000, kNegative = 0x4000;
constexpr std::uint16_t kShortNegative = 0x2000, kShortWeightSign = 0x0040, kShortWeight = 0x003F;

// A numeric is a header and base-10000 digits, the first one counting 10000^weight.
void append_numeric(const char* numeric, core::Buffer& out) {
  const auto* const bytes = reinterpret_cast<const std::byte*>(numeric);
  const std::size_t size = VARSIZE_ANY(numeric);
  const auto read = [bytes](std::size_t at) {
    std::uint16_t value;
    std::memcpy(&value, bytes + at, sizeof value);
    return value;
  };
  const std::uint16_t header = read(VARHDRSZ);
  if ((header & kSignMask) == kNumericSpecial)
    throw core::Error(core::Code::invalid_parameter, "NaN and infinity are not attribute values");
  bool negative;
  int weight;
  std::size_t at;
  if ((header & kNumericShort) != 0) {
    negative = (header & kShortNegative) != 0;
    weight = (header & kShortWeight) | ((header & kShortWeightSign) != 0 ? ~static_cast<int>(kShortWeight) : 0);
    at = VARHDRSZ + 2;
  } else {
    negative = (header & kSignMask) == kNegative;
    weight = static_cast<std::int16_t>(read(VARHDRSZ + 2));
    at = VARHDRSZ + 4;
  }
  constexpr std::size_t kNear = 64;
  std::uint8_t near[kNear];
  const std::size_t count = (size - at) / 2;
  std::pmr::vector<std::uint8_t> far;
  std::uint8_t* digits = near;
  if (2 * count > kNear) {
    far.resize(2 * count);
    digits = far.data();
  }
  for (std::size_t i = 0; i < count; ++i, at += 2) {
    const std::uint16_t digit = read(at);
    digits[2 * i] = static_cast<std::uint8_t>(digit / 100);
    digits[2 * i + 1] = static_cast<std::uint8_t>(digit % 100);
  }
  core::append_decimal(out, negative, 2 * (weight + 1), {digits, 2 * count});
}

void write_container(const JsonbContainer* container, core::ValueWriter& writer) {
  const int count = static_cast<int>(JsonContainerSize(container));
  if (JsonContainerIsArray(container)) {
    const char* const base = reinterpret_cast<const char*>(&container->children[count]);
    std::uint32_t at = 0;
    writer.begin_array();
    for (int i = 0; i < count; ++i) {
      write_child(container, i, at, base, writer);
      at += getJsonbLength(container, i);
    }
    writer.end();
    return;
  }
  const char* const base = reinterpret_cast<const char*>(&container->children[2 * count]);
  std::uint32_t key_at = 0, value_at = getJsonbOffset(container, count);
  writer.begin_object();
  for (int i = 0; i < count; ++i) {
    const std::uint32_t key_length = getJsonbLength(container, i);
    writer.key({base + key_at, key_length});
    write_child(container, count + i, value_at, base, writer);
    key_at += key_length;
    value_at += getJsonbLength(container, count + i);
  }
  writer.end();
}

}  // namespace

void write_child(const JsonbContainer* container, int index, std::uint32_t offset, const char* base,
                 core::ValueWriter& writer) {
  const JEntry entry = container->children[index];
  if (JBE_ISSTRING(entry)) {
    writer.string({base + offset, getJsonbLength(container, index)});
  } else if (JBE_ISNUMERIC(entry)) {
    core::Buffer& payload = writer.scratch();
    payload.clear();
    append_numeric(base + INTALIGN(offset), payload);
    writer.scalar(core::Type::number, payload.span());
  } else if (JBE_ISBOOL(entry)) {
    writer.boolean(JBE_ISBOOL_TRUE(entry));
  } else if (JBE_ISNULL(entry)) {
    writer.null();
  } else {
    write_container(reinterpret_cast<const JsonbContainer*>(base + INTALIGN(offset)), writer);
  }
}

Datum to_jsonb(core::Value value) {
  pg::ContextResource resource;
  core::Buffer text(&resource);
  core::print_json(value, text);
  text.byte(0);
  const char* const json = reinterpret_cast<const char*>(text.data());
  return pg::call([json] { return DirectFunctionCall1(jsonb_in, CStringGetDatum(json)); });
}

}  // namespace cdp::sql
