// src/pg/expanded.cpp: logs that growing values share, and who frees them.
#include "pg/expanded.hpp"

#include <algorithm>
#include <cstring>

#include "pg/entry.hpp"

namespace cdp::pg {

namespace {

// A log this long is merged, unless the value that it began with takes a good part of it.
constexpr std::size_t kMergeAbove = 64 * 1024;
constexpr std::size_t kSmallest = 512;
// None begins with more, so that none is longer than twice this: what is merged takes a few times the room of its parts
// at most, and stays below 1 GB.
constexpr std::size_t kMost = 32 * 1024 * 1024;
constexpr unsigned kLongestWait = 64;

// In a memory context of its own below TopMemoryContext, for as long as somebody refers to it.
struct Log {
  MemoryContext context;
  std::byte* bytes;
  std::size_t used, room, limit;
  std::size_t references;
};

}  // namespace

struct Growing {
  ExpandedObjectHeader header;  // the server finds the object by it: first
  GrowingType* type;
  Log* log;            // none: flat is there instead
  std::size_t length;  // of what it sees of the log
  Load load;
  struct varlena* flat;
  MemoryContextCallback release;

  void let_go() noexcept {
    Log* const shared = log;
    log = nullptr;
    if (shared != nullptr && --shared->references == 0) MemoryContextDelete(shared->context);
  }

  // Makes the flat form, which is in no need of the log.
  void settle() {
    if (flat != nullptr) return;
    ContextResource resource(header.eoh_context);
    core::Buffer out(&resource);
    begin_varlena(out);
    type->merge_(Parts({log->bytes, length}), out);
    flat = reinterpret_cast<struct varlena*>(DatumGetPointer(end_varlena(out)));
    let_go();
  }

  core::ByteSpan flat_payload() const noexcept {
    return {reinterpret_cast<const std::byte*>(VARDATA(flat)), VARSIZE(flat) - VARHDRSZ};
  }
};

namespace {

Size get_flat_size(ExpandedObjectHeader* header) {
  auto* const value = reinterpret_cast<Growing*>(header);
  return guarded_callback([value] {
    value->settle();
    return static_cast<Size>(VARSIZE(value->flat));
  });
}

// The server has asked for the size before.
void flatten_into(ExpandedObjectHeader* header, void* result, Size allocated) {
  std::memcpy(result, reinterpret_cast<Growing*>(header)->flat, allocated);
}

constexpr ExpandedObjectMethods kMethods = {get_flat_size, flatten_into};

Growing* growing_in(Datum expanded) noexcept {
  ExpandedObjectHeader* const header = DatumGetEOHP(expanded);
  return header->eoh_methods == &kMethods ? reinterpret_cast<Growing*>(header) : nullptr;
}

// A value that sees no log yet. Raises.
Growing& new_value(GrowingType& type) {
  MemoryContext const context = AllocSetContextCreate(CurrentMemoryContext, "cdp value", ALLOCSET_SMALL_SIZES);
  auto* const value = static_cast<Growing*>(MemoryContextAllocZero(context, sizeof(Growing)));
  EOH_init_header(&value->header, &kMethods, context);
  value->type = &type;
  value->release.arg = value;
  value->release.func = [](void* argument) { static_cast<Growing*>(argument)->let_go(); };
  MemoryContextRegisterResetCallback(context, &value->release);
  return *value;
}

// An empty log in a context below `owner`, with room for `needed` bytes and more. Raises.
Log& new_log(MemoryContext owner, std::size_t needed) {
  MemoryContext const context = AllocSetContextCreate(owner, "cdp log", ALLOCSET_SMALL_SIZES);
  auto* const log = static_cast<Log*>(MemoryContextAlloc(context, sizeof(Log)));
  const std::size_t room = std::max(kSmallest, 2 * needed);
  *log = {context, nullptr, 0, room, std::max(kMergeAbove, 2 * needed), 0};
  log->bytes = static_cast<std::byte*>(MemoryContextAlloc(context, room));
  return *log;
}

void make_room(Log& log, std::size_t more) {
  if (log.used + more <= log.room) return;
  const std::size_t room = std::max(std::min(2 * log.room, log.limit), log.used + more);
  log.bytes = static_cast<std::byte*>(repalloc(log.bytes, room));
  log.room = room;
}

void put(Log& log, core::ByteSpan part) noexcept {
  core::store_le(log.bytes + log.used, static_cast<std::uint32_t>(part.size()));
  std::memcpy(log.bytes + log.used + Parts::kHead, part.data(), part.size());
  log.used += Parts::kHead + part.size();
}

// The value sees all of the log from now on.
Datum see(Growing& value, Log& log, const Load& load) noexcept {
  ++log.references;
  value.log = &log;
  value.length = log.used;
  value.load = load;
  return EOHPGetRWDatum(&value.header);
}

// Whether the call's first argument is a variable of PL/pgSQL, or whatever else comes from outside the expression.
bool is_of_variable(FunctionCallInfo fcinfo) noexcept {
  const Node* const call = fcinfo->flinfo == nullptr ? nullptr : fcinfo->flinfo->fn_expr;
  const List* const arguments = call == nullptr       ? NIL
                                : IsA(call, OpExpr)   ? reinterpret_cast<const OpExpr*>(call)->args
                                : IsA(call, FuncExpr) ? reinterpret_cast<const FuncExpr*>(call)->args
                                                      : NIL;
  if (arguments == NIL) return false;
  const auto* first = static_cast<const Node*>(linitial(arguments));
  while (IsA(first, RelabelType))
    first = reinterpret_cast<const Node*>(reinterpret_cast<const RelabelType*>(first)->arg);
  return IsA(first, Param) && reinterpret_cast<const Param*>(first)->paramkind == PARAM_EXTERN;
}

}  // namespace

Growing* GrowingType::find(Datum datum) const noexcept {
  if (!VARATT_IS_EXTERNAL_EXPANDED(DatumGetPointer(datum))) return nullptr;
  Growing* const value = growing_in(datum);
  return value != nullptr && value->type == this ? value : nullptr;
}

// A value that has been read, or whose log another value sees more of, is merged the flat way: it has its flat form, or
// gets it, and that costs no more than to begin a log with it.
Datum GrowingType::append(Growing& to, core::ByteSpan part) {
  Log* const log = to.log;
  if (log == nullptr || (to.length != log->used && log->references > 1)) return 0;
  log->used = to.length;  // nobody sees what was added and given up
  const std::size_t more = Parts::kHead + part.size();
  Load load = to.load;
  if (log->used + more > log->limit || !admit_(load, Parts({log->bytes, log->used}).first(), part)) {
    to.settle();
    return begin(to.flat_payload(), part);
  }
  wait_ = 0;
  next_wait_ = 1;
  make_room(*log, more);
  Growing& sum = new_value(*this);
  put(*log, part);
  return see(sum, *log, load);
}

Datum GrowingType::begin(FunctionCallInfo fcinfo, core::ByteSpan left, core::ByteSpan right) {
  if (!is_of_variable(fcinfo)) return 0;
  if (wait_ > 0) {
    --wait_;
    return 0;
  }
  wait_ = next_wait_;
  next_wait_ = std::min(2 * next_wait_, kLongestWait);
  return begin(left, right);
}

Datum GrowingType::begin(core::ByteSpan left, core::ByteSpan right) {
  const std::size_t needed = left.size() + right.size() + 2 * Parts::kHead;
  Load load{};
  if (needed > kMost || !admit_(load, {}, left) || !admit_(load, left, right)) return 0;
  Growing& sum = new_value(*this);
  Log& log = new_log(sum.header.eoh_context, needed);
  put(log, left);
  put(log, right);
  MemoryContextSetParent(log.context, TopMemoryContext);  // outlives this value if others share it
  return see(sum, log, load);
}

core::ByteSpan flat_bytes(Datum expanded) {
  Growing* const value = growing_in(expanded);
  if (value == nullptr) return bytes_of(expanded);
  value->settle();
  return value->flat_payload();
}

}  // namespace cdp::pg
