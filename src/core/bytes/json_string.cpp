// src/core/bytes/json_string.cpp: runs of plain bytes are copied whole.
#include "core/bytes/json_string.hpp"

namespace cdp::core {

void print_json_string(std::string_view text, Buffer& out) {
  static constexpr char kHex[] = "0123456789abcdef";
  out.byte('"');
  std::size_t from = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c != '"' && c != '\\') continue;
    out.append(text.substr(from, i - from));
    from = i + 1;
    switch (c) {
      case '"': out.append("\\\""); break;
      case '\\': out.append("\\\\"); break;
      case '\b': out.append("\\b"); break;
      case '\f': out.append("\\f"); break;
      case '\n': out.append("\\n"); break;
      case '\r': out.append("\\r"); break;
      case '\t': out.append("\\t"); break;
      default:
        out.append("\\u00");
        out.byte(static_cast<std::uint8_t>(kHex[c >> 4]));
        out.byte(static_cast<std::uint8_t>(kHex[c & 15]));
    }
  }
  out.append(text.substr(from));
  out.byte('"');
}

}  // namespace cdp::core
