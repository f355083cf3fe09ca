// src/sql/segment_fmgr.cpp: input, output, casts and algebra of cdp.segment.
#include <cstring>

#include "core/bytes/reader.hpp"
#include "pg/entry.hpp"
#include "pg/interrupt.hpp"
#include "sql/segment_gate.hpp"

namespace core = cdp::core;
namespace pg = cdp::pg;
namespace sql = cdp::sql;

namespace {

constexpr std::uint8_t kBinaryVersion = 1;

Datum parsed(std::string_view text) {
  pg::ContextResource resource;
  core::Buffer out(&resource);
  pg::begin_varlena(out);
  core::parse_segment(text, out, pg::poll(), &resource);
  return pg::end_varlena(out);
}

// The last rule that a cast has read, kept by the text's bytes: a parameter or a sub-select is parsed once.
struct LastParse {
  Size text_size, rule_size;
  char* text;
  void* rule;
};

void remember(LastParse* last, std::string_view text, Datum rule, MemoryContext context) {
  if (last->text != nullptr) {
    void *const old_text = last->text, *const old_rule = last->rule;
    *last = LastParse{};
    pfree(old_text);
    pfree(old_rule);
  }
  const Size rule_size = VARSIZE(DatumGetPointer(rule));
  auto* const text_copy = static_cast<char*>(MemoryContextAlloc(context, text.size() + 1));
  void* const rule_copy = MemoryContextAlloc(context, rule_size);
  std::memcpy(text_copy, text.data(), text.size());
  std::memcpy(rule_copy, DatumGetPointer(rule), rule_size);
  *last = {text.size(), rule_size, text_copy, rule_copy};
}

}  // namespace

CDP_FUNCTION(cdp_segment_in) { return parsed(PG_GETARG_CSTRING(0)); }

CDP_FUNCTION(cdp_segment_out) {
  const core::Segment segment = sql::segment_arg(PG_GETARG_DATUM(0));
  pg::ContextResource resource;
  core::Buffer text(&resource);
  core::print_segment(segment, text);
  text.byte(0);
  return CStringGetDatum(reinterpret_cast<char*>(text.release()));
}

// The binary protocol carries a version and the canonical text, which is in the client's encoding as any text of the
// protocol: the stored form stays free to change.
CDP_FUNCTION(cdp_segment_recv) {
  auto* const message = reinterpret_cast<StringInfo>(PG_GETARG_POINTER(0));
  const core::ByteSpan wire(reinterpret_cast<const std::byte*>(message->data + message->cursor),
                            static_cast<std::size_t>(message->len - message->cursor));
  core::Reader reader(wire, "cdp.segment");
  if (reader.byte() != kBinaryVersion) reader.fail("its version is unknown");
  const int left = static_cast<int>(reader.left());
  // Checked here, so that bad bytes are bad bytes of this type, wherever in the value they are.
  const int client = pg_get_client_encoding(), encoding = client == PG_SQL_ASCII ? GetDatabaseEncoding() : client;
  if (pg_encoding_verifymbstr(encoding, message->data + message->cursor + 1, left) != left)
    reader.fail("its text is not valid in the encoding of the client");
  pq_getmsgbyte(message);
  int length = 0;
  const char* const text = pq_getmsgtext(message, left, &length);
  try {
    return parsed({text, static_cast<std::size_t>(length)});
  } catch (const core::Error& error) {
    if (error.code() != core::Code::syntax_error) throw;
    throw core::Error(core::Code::invalid_binary, "invalid binary representation of type cdp.segment",
                      error.message() + ". " + error.detail(), error.hint());
  }
}

CDP_FUNCTION(cdp_segment_send) {
  const core::Segment segment = sql::segment_arg(PG_GETARG_DATUM(0));
  pg::ContextResource resource;
  core::Buffer text(&resource);
  core::print_segment(segment, text);
  return pg::call([&text] {
    StringInfoData message;
    pq_begintypsend(&message);
    pq_sendbyte(&message, kBinaryVersion);
    pq_sendtext(&message, reinterpret_cast<const char*>(text.data()), static_cast<int>(text.size()));
    return PointerGetDatum(pq_endtypsend(&message));
  });
}

// segment(text)
CDP_FUNCTION(cdp_segment_from_text) {
  const std::string_view text = pg::text_of(PG_GETARG_DATUM(0));
  const MemoryContext context = fcinfo->flinfo->fn_mcxt;
  auto* last = static_cast<LastParse*>(fcinfo->flinfo->fn_extra);
  if (last == nullptr)
    fcinfo->flinfo->fn_extra = last = static_cast<LastParse*>(MemoryContextAllocZero(context, sizeof(LastParse)));
  if (last->text != nullptr && std::string_view(last->text, last->text_size) == text) {
    void* const copy = palloc(last->rule_size);
    std::memcpy(copy, last->rule, last->rule_size);
    return PointerGetDatum(copy);
  }
  const Datum rule = parsed(text);
  remember(last, text, rule, context);
  return rule;
}

// segment(bytea): a full check
CDP_FUNCTION(cdp_segment_from_bytes) {
  const core::ByteSpan bytes = pg::bytes_of(PG_GETARG_DATUM(0));
  pg::ContextResource resource;
  core::check_segment(bytes, pg::poll(), &resource);
  return pg::new_varlena(bytes, &resource);
}

// to_bytes(segment)
CDP_FUNCTION(cdp_segment_to_bytes) {
  const core::Segment segment = sql::segment_arg(PG_GETARG_DATUM(0));
  pg::ContextResource resource;
  return pg::new_varlena(segment.payload(), &resource);
}

namespace {

Datum combined(FunctionCallInfo fcinfo, core::Opcode op) {
  const core::Segment a = sql::segment_arg(PG_GETARG_DATUM(0)), b = sql::segment_arg(PG_GETARG_DATUM(1));
  pg::ContextResource resource;
  core::Buffer out(&resource);
  pg::begin_varlena(out);
  core::combine_segments(op, a, b, out);
  return pg::end_varlena(out);
}

// Sorts and index searches compare in memory that lives long: what was fetched must not stay in it.
int compared(FunctionCallInfo fcinfo) {
  void* const a = PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(0));
  void* const b = PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(1));
  const int order = core::compare_bytes(sql::segment_arg(PointerGetDatum(a)).payload(),
                                        sql::segment_arg(PointerGetDatum(b)).payload());
  PG_FREE_IF_COPY(a, 0);
  PG_FREE_IF_COPY(b, 1);
  return order;
}

}  // namespace

CDP_FUNCTION(cdp_segment_and) { return combined(fcinfo, core::Opcode::all_of); }
CDP_FUNCTION(cdp_segment_or) { return combined(fcinfo, core::Opcode::any_of); }

CDP_FUNCTION(cdp_segment_not) {
  const core::Segment segment = sql::segment_arg(PG_GETARG_DATUM(0));
  pg::ContextResource resource;
  core::Buffer out(&resource);
  pg::begin_varlena(out);
  core::negate_segment(segment, out);
  return pg::end_varlena(out);
}

CDP_FUNCTION(cdp_segment_eq) { PG_RETURN_BOOL(compared(fcinfo) == 0); }
CDP_FUNCTION(cdp_segment_ne) { PG_RETURN_BOOL(compared(fcinfo) != 0); }
CDP_FUNCTION(cdp_segment_lt) { PG_RETURN_BOOL(compared(fcinfo) < 0); }
CDP_FUNCTION(cdp_segment_le) { PG_RETURN_BOOL(compared(fcinfo) <= 0); }
CDP_FUNCTION(cdp_segment_gt) { PG_RETURN_BOOL(compared(fcinfo) > 0); }
CDP_FUNCTION(cdp_segment_ge) { PG_RETURN_BOOL(compared(fcinfo) >= 0); }
CDP_FUNCTION(cdp_segment_cmp) { PG_RETURN_INT32(compared(fcinfo)); }
CDP_FUNCTION(cdp_segment_hash) { return hashvarlena(fcinfo); }
CDP_FUNCTION(cdp_segment_hash_extended) { return hashvarlenaextended(fcinfo); }

// attributes_used(segment) -> text[]
CDP_FUNCTION(cdp_segment_attributes_used) {
  const core::Segment segment = sql::segment_arg(PG_GETARG_DATUM(0));
  pg::ContextResource resource;
  const auto names = core::attributes_used(segment, &resource);
  return pg::call([&names] {
    auto* const elements = static_cast<Datum*>(palloc(names.size() * sizeof(Datum)));
    for (std::size_t i = 0; i < names.size(); ++i)
      elements[i] = PointerGetDatum(cstring_to_text_with_len(names[i].data(), static_cast<int>(names[i].size())));
    return PointerGetDatum(construct_array(elements, static_cast<int>(names.size()), TEXTOID, -1, false, TYPALIGN_INT));
  });
}
