// cdp.connected_components, cdp.connected_component_ids: components of the pairs that a query returns;
// cdp.members: what is in a cdp.components.
//
// The query's rows stream from the executor into the union-find through a destination receiver: nothing is
// materialised but the identifiers themselves and the result.
#include <charconv>
#include <cstring>
#include <string>

#include "core/identity/components.hpp"
#include "core/identity/components_value.hpp"
#include "pg/datum.hpp"
#include "pg/entry.hpp"
#include "pg/huge_pages.hpp"
#include "pg/interrupt.hpp"

namespace {

using cdp::core::ByteSpan;
using cdp::core::Code;
using cdp::core::ComponentMember;
using cdp::core::Components;
using cdp::core::Error;

// The memory comes first: it must outlive what is in it.
struct Job {
  explicit Job(const cdp::core::ComponentsOptions& options) : components(&memory, options) {}
  cdp::pg::HugePageResource memory;
  Components components;
};

struct Feed {
  DestReceiver receiver;  // first: the server knows only this
  Components* components;
  bool ids;
  Oid types[2];
};

// The order of these eight bytes is the order of the numbers.
constexpr std::uint64_t kSign = std::uint64_t{1} << 63;
struct Id {
  std::byte bytes[8];
};
Id encode_id(std::int64_t id) noexcept {
  Id encoded;
  cdp::core::store_be(encoded.bytes, static_cast<std::uint64_t>(id) ^ kSign);
  return encoded;
}
std::int64_t decode_id(ByteSpan bytes) noexcept {
  return static_cast<std::int64_t>(cdp::core::load_be<std::uint64_t>(bytes.data()) ^ kSign);
}

bool is_text(Oid type) noexcept {
  return type == TEXTOID || type == VARCHAROID || type == BPCHAROID || type == NAMEOID;
}
bool is_id(Oid type) noexcept { return type == INT8OID || type == INT4OID || type == INT2OID; }

[[noreturn]] void fail_columns(bool ids, const std::string& detail, const char* hint) {
  throw Error(Code::datatype_mismatch,
              ids ? "query must return two columns of type bigint" : "query must return two columns of type text",
              detail, hint);
}

void check_columns(Feed& feed, TupleDesc columns) {
  if (columns->natts != 2)
    fail_columns(feed.ids, "Number of columns returned: " + std::to_string(columns->natts) + ".",
                 "Return one pair a row, as in SELECT a, b FROM link.");
  bool fits = true, other_fits = true;
  for (int i = 0; i < 2; ++i) {
    feed.types[i] = getBaseType(TupleDescAttr(columns, i)->atttypid);
    fits = fits && (feed.ids ? is_id(feed.types[i]) : is_text(feed.types[i]));
    other_fits = other_fits && (feed.ids ? is_text(feed.types[i]) : is_id(feed.types[i]));
  }
  if (fits) return;
  const char* const first = format_type_be(TupleDescAttr(columns, 0)->atttypid);
  const char* const second = format_type_be(TupleDescAttr(columns, 1)->atttypid);
  const char* const other = feed.ids ? "Use cdp.connected_components for pairs of text."
                                     : "Use cdp.connected_component_ids for pairs of bigint.";
  const char* const cast =
      feed.ids ? "Cast both columns to bigint, or to text for cdp.connected_components." : "Cast both columns to text.";
  fail_columns(feed.ids, std::string("The query returns columns of type ") + first + " and " + second + ".",
               other_fits ? other : cast);
}

// A text-like value's bytes; `copy` is what has to be freed, if anything.
ByteSpan text_bytes(Datum value, Oid type, void*& copy) {
  if (type == NAMEOID) return cdp::core::as_bytes(NameStr(*DatumGetName(value)));
  auto* const packed = PG_DETOAST_DATUM_PACKED(value);
  if (static_cast<void*>(packed) != DatumGetPointer(value)) copy = packed;
  ByteSpan bytes{reinterpret_cast<const std::byte*>(VARDATA_ANY(packed)),
                 static_cast<std::size_t>(VARSIZE_ANY_EXHDR(packed))};
  if (type == BPCHAROID) {  // the padding is no part of the value
    while (!bytes.empty() && bytes.back() == std::byte{' '}) bytes = bytes.first(bytes.size() - 1);
  }
  return bytes;
}

void take_texts(Feed& feed, const TupleTableSlot& slot) {
  ByteSpan ends[2];
  void* copies[2] = {nullptr, nullptr};
  for (int i = 0; i < 2; ++i)
    if (!slot.tts_isnull[i]) ends[i] = text_bytes(slot.tts_values[i], feed.types[i], copies[i]);
  if (!slot.tts_isnull[0] && !slot.tts_isnull[1]) {
    feed.components->link(ends[0], ends[1]);
  } else if (!slot.tts_isnull[0] || !slot.tts_isnull[1]) {
    feed.components->add(slot.tts_isnull[0] ? ends[1] : ends[0]);
  }
  for (void* const copy : copies)
    if (copy != nullptr) pfree(copy);
}

std::int64_t id_of(Datum value, Oid type) noexcept {
  return type == INT8OID ? DatumGetInt64(value) : type == INT4OID ? DatumGetInt32(value) : DatumGetInt16(value);
}

void take_ids(Feed& feed, const TupleTableSlot& slot) {
  if (slot.tts_isnull[0] && slot.tts_isnull[1]) return;
  Id ends[2];
  for (int i = 0; i < 2; ++i) {
    const int from = slot.tts_isnull[i] ? 1 - i : i;
    ends[i] = encode_id(id_of(slot.tts_values[from], feed.types[from]));
  }
  feed.components->link(ends[0].bytes, ends[1].bytes);
}

extern "C" {

static void feed_startup(DestReceiver* self, int, TupleDesc columns) {
  cdp::pg::guarded_callback([&] { check_columns(*reinterpret_cast<Feed*>(self), columns); });
}

static bool feed_texts(TupleTableSlot* slot, DestReceiver* self) {
  slot_getallattrs(slot);
  cdp::pg::guarded_callback([&] { take_texts(*reinterpret_cast<Feed*>(self), *slot); });
  return true;
}

static bool feed_ids(TupleTableSlot* slot, DestReceiver* self) {
  slot_getallattrs(slot);
  cdp::pg::guarded_callback([&] { take_ids(*reinterpret_cast<Feed*>(self), *slot); });
  return true;
}

static void feed_end(DestReceiver*) {}

}  // extern "C"

void check_is_select(SPIPlanPtr plan) {
  const List* const sources = SPI_plan_get_plan_sources(plan);
  const char* const hint = "Give one query that only reads, without a semicolon and a second statement.";
  if (list_length(sources) != 1)
    throw Error(Code::invalid_parameter, "query must be a single SELECT",
                "Number of statements: " + std::to_string(list_length(sources)) + ".", hint);
  const auto* const source = static_cast<const CachedPlanSource*>(linitial(sources));
  const Query* const query =
      list_length(source->query_list) == 1 ? static_cast<const Query*>(linitial(source->query_list)) : nullptr;
  if (query == nullptr || query->commandType != CMD_SELECT) {
    const bool into = source->commandTag == CMDTAG_SELECT;
    throw Error(Code::invalid_parameter, "query must be a single SELECT",
                std::string("It is ") + (into ? "SELECT INTO" : GetCommandTagName(source->commandTag)) + ".", hint);
  }
  if (query->hasModifyingCTE)
    throw Error(Code::invalid_parameter, "query must be a single SELECT", "It has a data-modifying WITH clause.", hint);
  if (query->rowMarks != NIL)
    throw Error(Code::invalid_parameter, "query must be a single SELECT", "It locks rows.", hint);
}

// Runs the query as the caller, with the caller's snapshot, into `components`.
void run_query(const char* text, Components* components, bool ids) {
  const SPIPlanPtr plan = SPI_prepare_cursor(text, 0, nullptr, CURSOR_OPT_PARALLEL_OK);
  if (plan == nullptr) elog(ERROR, "SPI_prepare failed: %s", SPI_result_code_string(SPI_result));
  check_is_select(plan);
  Feed feed{};
  feed.receiver = {ids ? feed_ids : feed_texts, feed_startup, feed_end, feed_end, DestTuplestore};
  feed.components = components;
  feed.ids = ids;
  SPIExecuteOptions options{};
  options.read_only = true;
  options.must_return_tuples = true;
  options.dest = &feed.receiver;
  const int result = SPI_execute_plan_extended(plan, &options);
  if (result < 0) elog(ERROR, "SPI_execute_plan failed: %s", SPI_result_code_string(result));
}

// Reused space for a text value on its way into a tuple.
struct TextSpace {
  char* data;
  std::size_t room;

  Datum put(ByteSpan bytes) {
    constexpr std::size_t kLongestShort = VARATT_SHORT_MAX - VARHDRSZ_SHORT;
    if (bytes.size() + VARHDRSZ > room) {
      if (data != nullptr) pfree(data);
      room = bytes.size() + VARHDRSZ + 256;
      if (room > MaxAllocSize) room = MaxAllocSize;
      data = static_cast<char*>(palloc(room));
    }
    char* to = VARDATA(data);
    if (bytes.size() <= kLongestShort) {
      SET_VARSIZE_SHORT(data, bytes.size() + VARHDRSZ_SHORT);
      to = VARDATA_SHORT(data);
    } else {
      SET_VARSIZE(data, bytes.size() + VARHDRSZ);
    }
    if (!bytes.empty()) std::memcpy(to, bytes.data(), bytes.size());
    return PointerGetDatum(data);
  }
};

// The two columns of a result, on their way into its tuplestore. Plain data: the server may jump over it.
class ResultRows {
 public:
  ResultRows(FunctionCallInfo fcinfo, bool ids)
      : result_(reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo)), ids_(ids) {}

  void put(const ComponentMember& member) {
    constexpr std::size_t kTupleOverhead = 256;
    if (ids_) return put(Int64GetDatum(decode_id(member.identifier)), Int64GetDatum(decode_id(member.component)));
    if (member.identifier.size() + member.component.size() > MaxAllocSize - kTupleOverhead)
      throw Error(Code::limit_exceeded, "identifier and component together exceed the maximum size of 1 GB");
    const Datum identifier = spaces_[0].put(member.identifier);
    put(identifier, spaces_[1].put(member.component));
  }

 private:
  void put(Datum identifier, Datum component) {
    Datum values[2] = {identifier, component};
    bool nulls[2] = {false, false};
    tuplestore_putvalues(result_->setResult, result_->setDesc, values, nulls);
  }

  ReturnSetInfo* result_;
  bool ids_;
  TextSpace spaces_[2] = {};
};

void put_result(Components& components, FunctionCallInfo fcinfo, bool ids) {
  ResultRows rows(fcinfo, ids);
  Components::Cursor cursor;
  ComponentMember members[Components::kCursorBatch];
  while (const std::size_t count = components.next(cursor, members))
    for (std::size_t i = 0; i < count; ++i) rows.put(members[i]);
}

Datum connected(FunctionCallInfo fcinfo, bool ids) {
  if (PG_ARGISNULL(0)) throw Error(Code::null_not_allowed, "query must not be null");
  const char* const query = text_to_cstring(PG_GETARG_TEXT_PP(0));
  InitMaterializedSRF(fcinfo, 0);
  SPI_connect();
  cdp::core::ComponentsOptions options;
  options.budget = static_cast<std::size_t>(maintenance_work_mem) * 1024;
  options.hint =
      "Raise maintenance_work_mem, or pass fewer or shorter identifiers, such as one for each group that is known to "
      "belong together.";
  options.seed = static_cast<std::uint64_t>(GetCurrentTimestamp()) ^ static_cast<std::uint64_t>(MyProcPid) << 40;
  options.poll = cdp::pg::poll();
  // In SPI's memory context, which ends with SPI_finish, or with the transaction after an error.
  Components& components = cdp::pg::construct<Job>(CurrentMemoryContext, options)->components;
  run_query(query, &components, ids);
  components.finish();
  put_result(components, fcinfo, ids);
  SPI_finish();
  return static_cast<Datum>(0);
}

// A value taken apart, owned by a memory context while rows are put.
struct Opened {
  explicit Opened(ByteSpan value)
      : scratch(&memory), decoded(cdp::core::canonical_components(value, scratch, &memory, cdp::pg::poll()), &memory) {}
  cdp::pg::HugePageResource memory;
  cdp::core::Buffer scratch;
  cdp::core::DecodedComponents decoded;
};

}  // namespace

CDP_FUNCTION(cdp_components_members) {
  const ByteSpan value = cdp::pg::bytes_of(PG_GETARG_DATUM(0));
  InitMaterializedSRF(fcinfo, 0);
  const cdp::core::DecodedComponents& decoded = cdp::pg::construct<Opened>(CurrentMemoryContext, value)->decoded;
  ResultRows rows(fcinfo, false);
  for (std::size_t i = 0; i < decoded.identifiers.size(); ++i) {
    CHECK_FOR_INTERRUPTS();
    rows.put({decoded.identifiers[i], decoded.identifiers[decoded.least[i]]});
  }
  return static_cast<Datum>(0);
}

// The same as numbers, labelled by the least number.
CDP_FUNCTION(cdp_components_member_ids) {
  const ByteSpan value = cdp::pg::bytes_of(PG_GETARG_DATUM(0));
  InitMaterializedSRF(fcinfo, 0);
  auto* const result = reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo);
  const cdp::core::DecodedComponents& decoded = cdp::pg::construct<Opened>(CurrentMemoryContext, value)->decoded;
  const std::size_t count = decoded.identifiers.size();
  auto* const numbers = static_cast<std::int64_t*>(MemoryContextAllocHuge(CurrentMemoryContext, (count + 1) * 16));
  auto* const least = numbers + count;  // by the position of the least member in byte order
  for (std::size_t i = 0; i < count; ++i) {
    CHECK_FOR_INTERRUPTS();
    const std::string_view text = cdp::core::as_text(decoded.identifiers[i]);
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), numbers[i]);
    if (error != std::errc() || end != text.data() + text.size())
      ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                      errmsg("identifier \"%.*s\" is not a bigint",
                             static_cast<int>(std::min<std::size_t>(text.size(), 64)), text.data()),
                      errhint("Use cdp.members for components of text.")));
    least[i] = INT64_MAX;
  }
  for (std::size_t i = 0; i < count; ++i) least[decoded.least[i]] = std::min(least[decoded.least[i]], numbers[i]);
  for (std::size_t i = 0; i < count; ++i) {
    CHECK_FOR_INTERRUPTS();
    Datum row[2] = {Int64GetDatum(numbers[i]), Int64GetDatum(least[decoded.least[i]])};
    bool nulls[2] = {false, false};
    tuplestore_putvalues(result->setResult, result->setDesc, row, nulls);
  }
  return static_cast<Datum>(0);
}

CDP_FUNCTION(cdp_connected_components) { return connected(fcinfo, false); }
CDP_FUNCTION(cdp_connected_component_ids) { return connected(fcinfo, true); }
