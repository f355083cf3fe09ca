// src/sql/jsonb.cpp: reading jsonb and numeric in place.
//
// The layout of jsonb is public (utils/jsonb.h). That of numeric is not, but it is the on-disk format, which cannot
// change without breaking pg_upgrade; the regression tests compare with numeric's own output.
#include "sql/jsonb.hpp"

#include "core/profile/decimal.hpp"
#include "pg/interrupt.hpp"

namespace cdp::sql {

namespace {

constexpr std::uint16_t kNumericShort = 0x8000, kNumericSpecial = 0xC000, kSignMask = 0xC000, kNegative = 0x4000;
constexpr std::uint16_t kShortNegative = 0x2000, kShortWeightSign = 0x0040, kShortWeight = 0x003F;
constexpr unsigned kShortScaleShift = 7;

// A numeric is a header and base-10000 digits, the first one counting 10000^weight. `numeric` has its varlena length of
// four bytes, and ends where its container says.
void append_numeric(core::ByteSpan numeric, core::Buffer& out) {
  const auto read = [numeric](std::size_t at) {
    std::uint16_t value;
    std::memcpy(&value, numeric.data() + at, sizeof value);
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
  const std::size_t count = (numeric.size() - at) / 2;
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

}  // namespace

void JsonbReader::write(core::ValueWriter& writer) const {
  const core::Poll poll = pg::poll();
  if (is_object()) {
    writer.begin_object();
    walk_members(
        [&](std::string_view key, JEntry entry, const std::byte* data, std::uint32_t offset, std::uint32_t length) {
          writer.key(key);
          write_value(entry, data, offset, length, writer);
          return true;
        });
  } else {
    const std::uint32_t count = word(0) & JB_CMASK;
    const std::byte* const data = container_ + 4 + 4 * std::size_t{count};
    std::uint32_t offset = 0;
    writer.begin_array();
    for (std::uint32_t i = 0; i < count; ++i) {
      const JEntry entry = word(1 + i);
      const std::uint32_t length = length_of(entry, offset);
      write_value(entry, data, offset, length, writer);
      offset += length;
    }
  }
  poll();  // the end moves all of the content
  writer.end();
}

void JsonbReader::write_value(JEntry entry, const std::byte* data, std::uint32_t offset, std::uint32_t length,
                              core::ValueWriter& writer) {
  if (JBE_ISSTRING(entry)) {
    writer.string(core::as_text({data + offset, length}));
  } else if (JBE_ISNUMERIC(entry)) {
    // Padding that aligns it counts as its own.
    const std::uint32_t start = INTALIGN(offset);
    core::Buffer& payload = writer.scratch();
    payload.clear();
    append_numeric({data + start, length - (start - offset)}, payload);
    writer.scalar(core::Type::number, payload.span());
  } else if (JBE_ISBOOL(entry)) {
    writer.boolean(JBE_ISBOOL_TRUE(entry));
  } else if (JBE_ISNULL(entry)) {
    writer.null();
  } else {
    JsonbReader({data + INTALIGN(offset), length}).write(writer);
  }
}

Datum to_numeric(core::Value number) {
  constexpr std::int32_t kMostShortScale = 63;
  std::pmr::vector<std::uint16_t> digits;
  const core::Numeral numeral = core::take_apart(number.bytes, digits);
  pg::ContextResource resource;
  core::Buffer out(&resource);
  pg::begin_varlena(out);
  const auto put = [&out](std::uint16_t value) { std::memcpy(out.extend(sizeof value), &value, sizeof value); };
  if (numeral.scale <= kMostShortScale && numeral.weight >= -kShortWeightSign && numeral.weight <= kShortWeight) {
    const unsigned weight = static_cast<unsigned>(numeral.weight) & (kShortWeight | kShortWeightSign);
    put(static_cast<std::uint16_t>(kNumericShort | (numeral.negative ? kShortNegative : 0U) |
                                   static_cast<unsigned>(numeral.scale) << kShortScaleShift | weight));
  } else {
    put(static_cast<std::uint16_t>((numeral.negative ? kNegative : 0U) | static_cast<unsigned>(numeral.scale)));
    put(static_cast<std::uint16_t>(numeral.weight));
  }
  for (const std::uint16_t digit : digits) put(digit);
  return pg::end_varlena(out);
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
