#include "core/match/email.hpp"

#include <idn2.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

#include <algorithm>
#include <array>
#include <memory>
#include <new>

#include "core/match/unicode.hpp"

namespace cdp::core {

namespace {

constexpr std::size_t kMaxLocal = 64, kMaxDomain = 253, kMaxLabel = 63;
constexpr std::size_t kMaxRawLocal = 256, kMaxRawDomain = 1024;  // before composition and punycode shorten them

struct Provider {
  std::string_view domain;
  bool ignores_dots = false;
  std::string_view same_as = {};  // the domain under which the provider delivers to the same mailboxes
};

template <std::size_t N>
constexpr std::array<Provider, N> sorted(std::array<Provider, N> providers) {
  std::sort(providers.begin(), providers.end(),
            [](const Provider& a, const Provider& b) { return a.domain < b.domain; });
  return providers;
}

// Domains whose provider delivers name+tag@ to name@. All but the first two keep their dots.
constexpr auto kProviders = sorted(std::to_array<Provider>({
    {"gmail.com", true, "gmail.com"},
    {"googlemail.com", true, "gmail.com"},
    {"outlook.com"},
    {"outlook.at"},
    {"outlook.be"},
    {"outlook.co.id"},
    {"outlook.com.au"},
    {"outlook.com.br"},
    {"outlook.com.tr"},
    {"outlook.de"},
    {"outlook.dk"},
    {"outlook.es"},
    {"outlook.fr"},
    {"outlook.ie"},
    {"outlook.in"},
    {"outlook.it"},
    {"outlook.jp"},
    {"outlook.my"},
    {"outlook.ph"},
    {"outlook.pt"},
    {"outlook.sa"},
    {"hotmail.com"},
    {"hotmail.be"},
    {"hotmail.ca"},
    {"hotmail.co.id"},
    {"hotmail.co.jp"},
    {"hotmail.co.uk"},
    {"hotmail.com.ar"},
    {"hotmail.com.br"},
    {"hotmail.com.tr"},
    {"hotmail.de"},
    {"hotmail.es"},
    {"hotmail.fr"},
    {"hotmail.it"},
    {"hotmail.nl"},
    {"hotmail.no"},
    {"hotmail.rs"},
    {"hotmail.se"},
    {"live.com"},
    {"live.be"},
    {"live.ca"},
    {"live.co.uk"},
    {"live.com.au"},
    {"live.de"},
    {"live.dk"},
    {"live.fr"},
    {"live.it"},
    {"live.nl"},
    {"live.no"},
    {"live.se"},
    {"msn.com"},
    {"windowslive.com"},
    {"icloud.com"},
    {"me.com"},
    {"mac.com"},
    {"fastmail.com"},
    {"fastmail.fm"},
    {"mailbox.org"},
    {"pobox.com"},
    {"proton.me"},
    {"protonmail.com"},
    {"protonmail.ch"},
    {"pm.me"},
    {"ya.ru"},
    {"yandex.ru"},
    {"yandex.com"},
    {"yandex.com.tr"},
    {"yandex.by"},
    {"yandex.kz"},
}));

const Provider* provider_of(std::string_view domain) noexcept {
  const auto* const found =
      std::lower_bound(kProviders.begin(), kProviders.end(), domain,
                       [](const Provider& provider, std::string_view name) { return provider.domain < name; });
  return found != kProviders.end() && found->domain == domain ? found : nullptr;
}

// A fixed run of characters: addresses are short, so nothing here is ever allocated.
template <std::size_t Capacity>
struct Text {
  char data[Capacity];
  std::size_t size = 0;

  std::string_view view() const noexcept { return {data, size}; }
  bool append(char c) noexcept {
    if (size == Capacity) return false;
    data[size++] = c;
    return true;
  }
  void remove(char c) noexcept {
    std::size_t kept = 0;
    for (const char each : view())
      if (each != c) data[kept++] = each;
    size = kept;
  }
};

// Lower case for ASCII, and the Turkish capital dotted I (also as I with a combining dot) as a plain i: who has
// typed it meant the letter that mail servers know.
template <std::size_t Capacity>
bool lower(std::string_view from, Text<Capacity>& to) noexcept {
  for (std::size_t i = 0; i < from.size(); ++i) {
    const std::string_view pair = from.substr(i, 2);
    if (pair == "\xCC\x87" && to.size != 0 && to.data[to.size - 1] == 'i') {
      ++i;
    } else if (pair == "\xC4\xB0") {
      if (!to.append('i')) return false;
      ++i;
    } else if (!to.append(ascii_lower(from[i]))) {
      return false;
    }
  }
  return true;
}

// RFC 5322 atext, by RFC 6531 also what is not ASCII, if it can be seen (joiners are letters' parts).
bool is_atom_character(UChar32 c) noexcept {
  if (c < 0) return false;
  if (c < 0x80) {
    const char ascii = static_cast<char>(c);
    return is_ascii_letter(ascii) || is_ascii_digit(ascii) ||
           (c != 0 && std::string_view("!#$%&'*+-/=?^_`{|}~").find(ascii) != std::string_view::npos);
  }
  if (c == 0x200C || c == 0x200D) return true;
  return (U_MASK(u_charType(c)) & (U_GC_C_MASK | U_GC_Z_MASK)) == 0;
}

bool is_dot_atom(std::string_view text) noexcept {
  bool after_dot = true;
  for (std::size_t at = 0; at < text.size();) {
    const UChar32 c = next_code_point(text, at);
    if (c == '.' ? after_dot : !is_atom_character(c)) return false;
    after_dot = c == '.';
  }
  return !after_dot;
}

// What lower() does, where putting marks in their order has moved a dot next to its i.
std::int32_t without_dots_on_i(UChar* text, std::int32_t length) noexcept {
  std::int32_t kept = 0;
  for (std::int32_t i = 0; i < length; ++i)
    if (text[i] != 0x0307 || kept == 0 || text[kept - 1] != 'i') text[kept++] = text[i];
  return kept;
}

// Canonical caseless form (Unicode definition D145), composed.
bool fold_local(Text<kMaxRawLocal>& local) noexcept {
  UChar original[kMaxRawLocal], apart[4 * kMaxRawLocal], folded[12 * kMaxRawLocal], composed[12 * kMaxRawLocal];
  UErrorCode error = U_ZERO_ERROR;
  const UNormalizer2* const nfd = unorm2_getNFDInstance(&error);
  const UNormalizer2* const nfc = unorm2_getNFCInstance(&error);
  std::int32_t length = 0;
  u_strFromUTF8(original, std::size(original), &length, local.data, static_cast<std::int32_t>(local.size), &error);
  length = unorm2_normalize(nfd, original, length, apart, std::size(apart), &error);
  length = u_strFoldCase(folded, std::size(folded), apart, length, U_FOLD_CASE_DEFAULT, &error);
  if (U_FAILURE(error)) return false;
  length = without_dots_on_i(folded, length);
  length = unorm2_normalize(nfc, folded, length, composed, std::size(composed), &error);
  u_strToUTF8(local.data, kMaxRawLocal, &length, composed, length, &error);
  if (U_FAILURE(error)) return false;
  local.size = static_cast<std::size_t>(length);
  return true;
}

// Letters, digits and hyphens in labels of 1 to 63; two labels at least; a top label that is no number.
bool is_host_name(std::string_view domain) noexcept {
  std::size_t labels = 0;
  bool number = true;
  for (std::size_t begin = 0; begin <= domain.size();) {
    const std::size_t end = std::min(domain.find('.', begin), domain.size());
    const std::string_view label = domain.substr(begin, end - begin);
    if (label.empty() || label.size() > kMaxLabel || label.front() == '-' || label.back() == '-') return false;
    number = true;
    for (const char c : label) {
      if (!is_ascii_letter(c) && !is_ascii_digit(c) && c != '-') return false;
      number = number && is_ascii_digit(c);
    }
    ++labels;
    begin = end + 1;
  }
  return domain.size() <= kMaxDomain && labels >= 2 && !number;
}

bool has_encoded_label(std::string_view domain) noexcept {
  return domain.starts_with("xn--") || domain.find(".xn--") != std::string_view::npos;
}

// To ASCII by IDNA 2008; labels that came in as punycode are checked by the same way back.
bool encode_domain(Text<kMaxRawDomain>& domain) {
  if (domain.view().find('\0') != std::string_view::npos || !domain.append('\0')) return false;
  std::uint8_t* encoded = nullptr;
  const int result = idn2_lookup_u8(reinterpret_cast<const std::uint8_t*>(domain.data), &encoded,
                                    IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
  const std::unique_ptr<std::uint8_t, void (*)(void*)> owner(encoded, idn2_free);
  if (result == IDN2_MALLOC) throw std::bad_alloc();
  if (result != IDN2_OK) return false;
  const std::string_view ascii = reinterpret_cast<const char*>(encoded);
  if (ascii.size() > kMaxDomain + 1) return false;
  domain.size = 0;
  return lower(ascii, domain);
}

void apply_provider_rules(Text<kMaxRawLocal>& local, std::string_view& domain) noexcept {
  const Provider* const provider = provider_of(domain);
  if (provider == nullptr) return;
  // A '+' in front is no tag: there would be no name left.
  const std::size_t tag = local.view().find('+', 1);
  if (tag != std::string_view::npos) local.size = tag;
  // Such providers give out ASCII names only; marks behind a dot would join the letter before it.
  if (provider->ignores_dots && is_ascii(local.view())) local.remove('.');
  while (local.size != 0 && local.data[local.size - 1] == '.') --local.size;
  if (!provider->same_as.empty()) domain = provider->same_as;
}

}  // namespace

bool normalize_email(std::string_view text, bool provider_rules, Buffer& out) {
  if (text.size() > kMaxEmailInput) return false;
  const std::string_view address = trim_blank(text);
  const std::size_t at_sign = address.rfind('@');
  if (at_sign == std::string_view::npos) return false;

  Text<kMaxRawLocal> local;
  if (!lower(address.substr(0, at_sign), local)) return false;
  if (!is_ascii(local.view()) && !fold_local(local)) return false;
  if (local.size > kMaxLocal || !is_dot_atom(local.view())) return false;

  Text<kMaxRawDomain> host;
  if (!lower(address.substr(at_sign + 1), host)) return false;
  if ((!is_ascii(host.view()) || has_encoded_label(host.view())) && !encode_domain(host)) return false;
  if (host.view().ends_with('.')) --host.size;  // the root of the domain tree, usually left out
  if (!is_host_name(host.view())) return false;

  std::string_view domain = host.view();
  if (provider_rules) apply_provider_rules(local, domain);
  out.reserve(out.size() + local.size + 1 + domain.size());
  out.append(local.view());
  out.byte('@');
  out.append(domain);
  return true;
}

}  // namespace cdp::core
