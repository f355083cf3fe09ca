// The binary protocol of types whose value is a text: a version and the canonical text, in the client's encoding as any
// text of the protocol, so the stored form stays free to change.
#pragma once

#include "core/bytes/reader.hpp"
#include "pg/guard.hpp"

namespace cdp::sql {

inline constexpr std::uint8_t kWireVersion = 1;

// The text of a message, as parse(std::string_view) makes a value of it. 22P03, naming `type`, for anything else.
template <typename Parse>
Datum receive_text(FunctionCallInfo fcinfo, const char* type, Parse&& parse) {
  auto* const message = reinterpret_cast<StringInfo>(PG_GETARG_POINTER(0));
  const core::ByteSpan wire(reinterpret_cast<const std::byte*>(message->data + message->cursor),
                            static_cast<std::size_t>(message->len - message->cursor));
  core::Reader reader(wire, type);
  if (reader.byte() != kWireVersion) reader.fail("its version is unknown");
  const int left = static_cast<int>(reader.left());
  // Checked here, so that bad bytes are bad bytes of this type, wherever in the value they are.
  const int client = pg_get_client_encoding(), encoding = client == PG_SQL_ASCII ? GetDatabaseEncoding() : client;
  if (pg_encoding_verifymbstr(encoding, message->data + message->cursor + 1, left) != left)
    reader.fail("its text is not valid in the encoding of the client");
  pq_getmsgbyte(message);
  int length = 0;
  const char* const text = pq_getmsgtext(message, left, &length);
  try {
    return parse(std::string_view(text, static_cast<std::size_t>(length)));
  } catch (const core::Error& error) {
    if (error.code() != core::Code::syntax_error) throw;
    throw core::Error(core::Code::invalid_binary, std::string("invalid binary representation of type ") + type,
                      error.message() + ". " + error.detail(), error.hint());
  }
}

inline Datum send_text(const core::Buffer& text) {
  return pg::call([&text] {
    StringInfoData message;
    pq_begintypsend(&message);
    pq_sendbyte(&message, kWireVersion);
    pq_sendtext(&message, reinterpret_cast<const char*>(text.data()), static_cast<int>(text.size()));
    return PointerGetDatum(pq_endtypsend(&message));
  });
}

}  // namespace cdp::sql
