#include "phone/phone.hpp"

#include <dlfcn.h>
#include <phonenumbers/logger.h>
#include <phonenumbers/phonenumber.pb.h>
#include <phonenumbers/phonenumberutil.h>

#include <filesystem>

#include "core/bytes/error.hpp"
#include "core/match/unicode.hpp"

namespace cdp::phone {

namespace {

using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;

const PhoneNumberUtil& library() {
  static PhoneNumberUtil* const instance = [] {
    PhoneNumberUtil* const util = PhoneNumberUtil::GetInstance();
    util->SetLogger(new i18n::phonenumbers::NullLogger);  // takes ownership; a server's output is not ours
    return util;
  }();
  return *instance;
}

// Without direction marks and other unseen characters that address books put inside numbers.
std::string visible(std::string_view text) {
  std::string kept;
  kept.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t before = at;
    const UChar32 c = core::next_code_point(text, at);
    if (c >= 0 && u_charType(c) != U_FORMAT_CHAR) kept.append(text, before, at - before);
  }
  return kept;
}

// The region as the library wants it: two capitals, or its word for "none".
std::string known_region(std::optional<std::string_view> region) {
  if (!region) return "ZZ";
  std::string code;
  if (region->size() == 2)
    for (const char c : *region)
      code += core::is_ascii_letter(c) ? static_cast<char>(core::ascii_lower(c) - ('a' - 'A')) : '?';
  if (!code.empty() && library().GetCountryCodeForRegion(code) != 0) return code;
  throw core::Error(core::Code::invalid_parameter,
                    "unrecognized region: \"" + std::string(core::excerpt(*region)) + "\"", {},
                    "Use a two-letter ISO 3166-1 code such as TR, or NULL when numbers carry a country calling code.");
}

}  // namespace

bool normalize(std::string_view text, std::optional<std::string_view> region, core::Buffer& out) {
  const std::string code = known_region(region);
  if (text.size() > kMaxPhoneBytes) return false;
  PhoneNumber number;
  if (library().Parse(visible(text), code, &number) != PhoneNumberUtil::NO_PARSING_ERROR) return false;
  if (!library().IsValidNumber(number)) return false;
  std::string formatted;
  library().Format(number, PhoneNumberUtil::E164, &formatted);
  out.append(formatted);
  return true;
}

std::string library_version() {
  Dl_info info;
  if (dladdr(reinterpret_cast<const void*>(&PhoneNumberUtil::GetInstance), &info) == 0) return {};
  std::error_code error;
  const std::string file = std::filesystem::canonical(info.dli_fname, error).filename().string();
  const std::size_t suffix = file.find(".so.");
  return error || suffix == std::string::npos ? std::string() : file.substr(suffix + 4);
}

}  // namespace cdp::phone
