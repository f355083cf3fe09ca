// A C++ module with nothing in it: what loading any C++ extension costs, to subtract from what cdp costs.
#include <memory>
#include <string>

extern "C" {
#include "postgres.h"

#include "fmgr.h"

PG_MODULE_MAGIC;
}

// Makes the C++ runtime a real dependency, which an unused -lstdc++ is not.
extern "C" int cdp_bench_empty(const char *text) {
  return text == nullptr ? 0 : static_cast<int>(std::make_unique<std::string>(text)->size());
}
