// Provokes, behind the wall, every way in which an error can cross it. Never installed with the product;
// wall.sql declares the functions, tests/pg/wall_test.cpp calls them.
#include <chrono>
#include <stdexcept>
#include <string_view>
#include <vector>

#include "core/bytes/error.hpp"
#include "pg/datum.hpp"
#include "pg/entry.hpp"
#include "pg/interrupt.hpp"
#include "pg/memory.hpp"

extern "C" {
PG_MODULE_MAGIC;
}

namespace pg = cdp::pg;
namespace core = cdp::core;

namespace {

// Objects of it that are alive: whatever an error skips is found by counting.
int live = 0;

struct Counted {
  Counted() noexcept { ++live; }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;
  ~Counted() { --live; }
  std::vector<char> heap = std::vector<char>(1000);  // what a skipped destructor would leak
};

struct CannotConstruct {
  CannotConstruct() { throw core::Error(core::Code::invalid_parameter, "constructor failed"); }
};

void add_context(void*) { errcontext("testing the wall"); }

// Plain server code: an error with every field.
void raise_in_server() {
  ErrorContextCallback callback{error_context_stack, add_context, nullptr};
  error_context_stack = &callback;
  ereport(ERROR, (errcode(ERRCODE_INVALID_BINARY_REPRESENTATION), errmsg("server message"), errdetail("Server detail."),
                  errhint("Server hint.")));
}

// A callback of ours under a function of the server, under a guard of ours.
template <typename Body>
void raise_in_callback(Body body) {
  const Counted outer;
  int numbers[] = {3, 1, 2};
  const auto compare = [](const void*, const void*, void* argument) -> int {
    return pg::guarded_callback([&] {
      const Counted inner;
      (*static_cast<Body*>(argument))();
      return 0;
    });
  };
  pg::call([&] { qsort_arg(numbers, 3, sizeof(int), compare, &body); });
}

struct NamedCode {
  const char* name;
  core::Code code;
};

constexpr NamedCode kCodes[] = {
    {"invalid_text", core::Code::invalid_text},
    {"invalid_binary", core::Code::invalid_binary},
    {"invalid_parameter", core::Code::invalid_parameter},
    {"null_not_allowed", core::Code::null_not_allowed},
    {"syntax_error", core::Code::syntax_error},
    {"datatype_mismatch", core::Code::datatype_mismatch},
    {"limit_exceeded", core::Code::limit_exceeded},
    {"too_complex", core::Code::too_complex},
    {"out_of_memory", core::Code::out_of_memory},
    {"not_supported", core::Code::not_supported},
    {"corrupted", core::Code::corrupted},
    {"missing_object", core::Code::missing_object},
    {"bug", core::Code::bug},
};

void fail(std::string_view kind) {
  const Counted counted;
  for (const NamedCode& named : kCodes)
    if (kind == named.name) throw core::Error(named.code, "core message", "Core detail.", "Core hint.");
  if (kind == "runtime_error") throw std::runtime_error("standard message");
  if (kind == "bad_alloc") throw std::bad_alloc();
  if (kind == "int") throw 42;
  if (kind == "invalid_utf8") throw core::Error(core::Code::invalid_text, "bad \xC3\x28 bytes");
  if (kind == "long_message") throw core::Error(core::Code::invalid_text, std::string(1'000'000, 'x'));
  if (kind == "server") pg::call(raise_in_server);
  if (kind == "callback_core") raise_in_callback([] { throw core::Error(core::Code::syntax_error, "core message"); });
  if (kind == "callback_server") raise_in_callback([] { pg::call(raise_in_server); });
  if (kind == "huge_allocation") {
    pg::ContextResource resource;
    std::pmr::vector<char> vector(&resource);
    vector.reserve(std::size_t{1} << 61);
  }
  if (kind == "invalid_allocation") {
    pg::ContextResource resource;
    resource.deallocate(resource.allocate(SIZE_MAX - 7), SIZE_MAX - 7);
  }
  if (kind == "aligned_allocation") {
    pg::ContextResource resource;
    std::pmr::unsynchronized_pool_resource pool(&resource);
    for (const std::size_t alignment : {8, 16, 64, 4096}) {
      void* const memory = resource.allocate(100, alignment);
      if (reinterpret_cast<std::uintptr_t>(memory) % alignment != 0) throw std::runtime_error("not aligned");
      std::memset(memory, 1, 100);
      resource.deallocate(memory, 100, alignment);
      pool.deallocate(pool.allocate(1000), 1000);
    }
    throw core::Error(core::Code::invalid_parameter, "all aligned");
  }
  if (kind == "foreign_context") {
    MemoryContextSwitchTo(TopMemoryContext);
    throw core::Error(core::Code::invalid_text, "core message");
  }
  if (kind == "constructor") pg::construct<CannotConstruct>(CurrentMemoryContext);
}

}  // namespace

// fail(kind text) -> void: raises the error of that kind.
CDP_FUNCTION(wall_fail) {
  fail(pg::text_of(PG_GETARG_DATUM(0)));
  PG_RETURN_VOID();
}

// live() -> int4: objects alive now.
CDP_FUNCTION(wall_live) { PG_RETURN_INT32(live); }

// spin(seconds int4) -> void: a long loop of the core that polls, as long as nobody stops it.
CDP_FUNCTION(wall_spin) {
  const Counted counted;
  const core::Poll poll = pg::poll();
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(PG_GETARG_INT32(0));
  while (std::chrono::steady_clock::now() < end) poll();
  PG_RETURN_VOID();
}

// construct() -> int4: an object in the context of the call; returns how many are alive in its presence.
CDP_FUNCTION(wall_construct) {
  pg::construct<Counted>(CurrentMemoryContext);
  PG_RETURN_INT32(live);
}

// construct_and_reset() -> int4: the same in a context of its own, which is reset; returns how many are left.
CDP_FUNCTION(wall_construct_and_reset) {
  const MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "cdp wall", ALLOCSET_SMALL_SIZES);
  pg::construct<Counted>(context);
  pg::construct<Counted>(context);
  MemoryContextReset(context);
  const int left = live;
  MemoryContextDelete(context);
  PG_RETURN_INT32(left);
}

// soft_in(cstring) -> soft: leaves in another context than it came in: the context must be put back before anything is
// kept or returned.
CDP_FUNCTION(wall_soft_in) {
  const char* const text = PG_GETARG_CSTRING(0);
  const MemoryContext caller = MemoryContextSwitchTo(TopMemoryContext);
  fail(text);
  MemoryContextSwitchTo(caller);
  PG_RETURN_CSTRING(pstrdup(text));
}

CDP_FUNCTION(wall_soft_out) { PG_RETURN_CSTRING(pstrdup(PG_GETARG_CSTRING(0))); }
