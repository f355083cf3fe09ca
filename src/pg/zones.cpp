// src/pg/zones.cpp: names and days of the server's time zones.
#include "pg/zones.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "pg/guard.hpp"
#include "pg/postgres.hpp"

namespace cdp::pg {

namespace {

using Handle = core::Zones::Handle;

constexpr std::size_t kLongestName = 63;

// Direct-mapped: what the server would have to read files for, names that are no zones among it.
struct KnownName {
  char text[kLongestName + 1];
  const pg_tz* zone;
};
std::array<KnownName, 128> known_names;

struct KnownDay {
  const pg_tz* zone;
  std::int64_t day, start;
};
std::array<KnownDay, 256> known_days;

bool same(const char* a, std::string_view b) noexcept {
  return std::strlen(a) == b.size() && pg_strncasecmp(a, b.data(), b.size()) == 0;
}
bool begins(std::string_view text, std::string_view with) noexcept {
  return text.size() >= with.size() && pg_strncasecmp(text.data(), with.data(), with.size()) == 0;
}

// Etc/GMT, a sign, and one or two digits.
bool is_fixed_offset(std::string_view name) noexcept {
  constexpr std::string_view kPrefix = "Etc/GMT";
  if (!begins(name, kPrefix) || name.size() == kPrefix.size()) return false;
  name.remove_prefix(kPrefix.size());
  if (name == "0") return true;
  const bool sign = name[0] == '+' || name[0] == '-';
  return sign && name.size() <= 3 && name.size() > 1 && name.find_first_not_of("0123456789", 1) == name.npos &&
         (name.size() == 2 || name[1] == '1');
}

// Only such names are zones when the server knows them. With digits a name could be a POSIX string, which the server
// would keep for ever.
bool may_be_zone(std::string_view name) noexcept {
  bool digits = false;
  for (const char c : name) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    const bool digit = (c >= '0' && c <= '9') || c == '+';
    if (!letter && !digit && c != '/' && c != '_' && c != '-') return false;
    digits = digits || digit;
  }
  for (const std::string_view other : {"localtime", "posixrules", "Factory", "posix/", "right/"})
    if (begins(name, other)) return false;
  return !name.empty() && name.size() <= kLongestName && (!digits || is_fixed_offset(name));
}

const pg_tz* load(const char* name) {
  return call([name]() -> const pg_tz* {
    pg_tz* const zone = pg_tzset(name);
    if (zone == nullptr || !pg_tz_acceptable(zone)) return nullptr;
    // Of a POSIX string the server makes capitals.
    return pg_strncasecmp(name, "Etc/", 4) == 0 && std::strncmp(pg_get_timezone_name(zone), "Etc/", 4) != 0 ? nullptr
                                                                                                            : zone;
  });
}

Handle find(std::string_view name) {
  if (!may_be_zone(name)) return nullptr;
  std::uint32_t hash = 0;
  for (const char c : name)
    hash = hash * 31 + static_cast<std::uint8_t>(pg_ascii_tolower(static_cast<unsigned char>(c)));
  KnownName& known = known_names[hash % known_names.size()];
  if (!same(known.text, name)) {
    KnownName found{};
    name.copy(found.text, name.size());
    found.zone = load(found.text);
    known = found;
  }
  return known.zone;
}

std::string_view name_of(Handle zone) {
  return pg_get_timezone_name(const_cast<pg_tz*>(static_cast<const pg_tz*>(zone)));
}

// From one change of the clocks to the next the local time is the time and an offset.
std::int64_t search_start(const pg_tz* zone, std::int64_t day) noexcept {
  constexpr std::int64_t kDays = POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE;
  const pg_time_t midnight = (day + kDays) * SECS_PER_DAY;
  pg_time_t from = midnight - 2 * SECS_PER_DAY, change = 0;
  for (;;) {
    long offset = 0, next_offset = 0;
    int summer = 0, next_summer = 0;
    const int found = pg_next_dst_boundary(&from, &offset, &summer, &change, &next_offset, &next_summer, zone);
    const pg_time_t start = std::max<pg_time_t>(from, midnight - offset);
    if (found != 1 || start < change) return (start - kDays * SECS_PER_DAY) * USECS_PER_SEC;
    from = change;
  }
}

std::int64_t start_of_day(Handle handle, std::int64_t day) {
  const auto* const zone = static_cast<const pg_tz*>(handle);
  KnownDay& known =
      known_days[(static_cast<std::uint64_t>(day) ^ (reinterpret_cast<std::uintptr_t>(zone) >> 6)) % known_days.size()];
  if (known.zone != zone || known.day != day) known = {zone, day, search_start(zone, day)};
  return known.start;
}

}  // namespace

const core::Zones& zones() noexcept {
  static constexpr core::Zones kZones{find, name_of, start_of_day};
  return kZones;
}

}  // namespace cdp::pg
