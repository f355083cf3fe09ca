# cdp: a customer data platform inside PostgreSQL.
#   make, make install, make installcheck     plain PGXS
#   make demo, make test, make bench          own throw-away server; install what is missing first
#   make fuzz FUZZ_SECONDS=60                 every parser against made-up input, each for so long
#   make differential COMBINATIONS=100000000   rules decided in every way there is, over random customers
#   make crash ROUNDS=50                      servers that die while a space changes
#   make compare                              funnels, sequences and retention against ClickHouse (needs npm)
#   make format, make lint, make clean
# PG_MAJOR=17 builds for, and tests against, another installed PostgreSQL.

OWN_GOALS = demo test bench compare fuzz differential crash format lint
ifneq ($(filter $(OWN_GOALS),$(MAKECMDGOALS)),)
# These must work before there is any PostgreSQL to ask, so they do without PGXS.
.PHONY: $(OWN_GOALS)
demo test bench compare crash: export PG_MAJOR := $(shell tools/pg-major)

# DATA is the demo's, to PGXS it would mean files to install.
demo bench:
	@tools/packages build $@
	@tools/writable sh -c '$(MAKE) -s -j "$$(nproc)" DATA= && exec $(if $(filter demo,$@),examples/demo,bench/run)'

test:
	@tools/packages build test
	@tools/writable tests/run

fuzz:
	@tools/packages build fuzz
	@tools/writable tests/fuzz/run $(or $(FUZZ_SECONDS),60)

differential:
	@tools/packages build test
	@tools/writable tests/differential $(COMBINATIONS)

crash:
	@tools/packages build test
	@tools/writable sh -c '$(MAKE) -s -j "$$(nproc)" DATA= && exec tests/crash $(or $(ROUNDS),50)'

compare:
	@tools/packages build compare
	@tools/writable tests/compare/run

format:
	@tools/packages lint
	clang-format -i $(shell find src tests -name '*.[ch]pp')

lint:
	@tools/packages build test lint
	@tools/lint

else

EXTENSION   = cdp
# The one place of the version is cdp.control; tools/check-metadata compares the others with it.
EXTVERSION := $(shell sed -n "s/^default_version = '\(.*\)'/\1/p" cdp.control)
MODULE_big  = cdp
DATA_built  = sql/cdp--$(EXTVERSION).sql
DOCS        = README.md

include $(wildcard src/core/*/rules.mk)
CORE_OBJS  := $(patsubst %.cpp,%.o,$(sort $(wildcard src/core/*/*.cpp))) $(GENERATED_OBJS)
OBJS        = $(CORE_OBJS) $(patsubst %.cpp,%.o,$(sort $(wildcard src/pg/*.cpp src/sql/*.cpp)))
REGRESS     = $(patsubst sql/%.sql,%,$(sort $(wildcard sql/[a-z]*.sql)))
REGRESS    := $(filter-out cdp--%,$(REGRESS))
REGRESS_OPTS = --load-extension=cdp --encoding=UTF8 --no-locale

PG_CONFIG  ?= $(if $(PG_MAJOR),/usr/lib/postgresql/$(PG_MAJOR)/bin/)pg_config
PG_INCLUDE := $(shell $(PG_CONFIG) --includedir-server)
# -isystem: warnings in the server's headers are not ours. The generated parsers include by path.
PG_CPPFLAGS = -Isrc -isystem $(PG_INCLUDE) -DCDP_VERSION='"$(EXTVERSION)"'
CXX_DIALECT = -std=c++20 -fvisibility=hidden -fvisibility-inlines-hidden
WARNINGS    = -Wall -Wextra -Werror -Wno-register -Wno-unknown-warning-option
PG_CXXFLAGS = $(CXX_DIALECT) $(WARNINGS) -MMD -MP
SHLIB_LINK  = -lstdc++ -licui18n -licuuc -lidn2 -Wl,--as-needed
EXTRA_CLEAN = $(OBJS:.o=.d) build sql/cdp--*.sql

PGXS := $(shell $(PG_CONFIG) --pgxs)
include $(PGXS)

# The bitcode is built by clang: the second compiler that the code has to please.
# Constructor aliases in bitcode abort the backend when the JIT inlines a call of one ("cast<FunctionSummary>").
BITCODE_CXXFLAGS += $(CXX_DIALECT) $(WARNINGS) -Xclang -mno-constructor-aliases

# What bison writes counts errors that nobody asks for.
$(GENERATED_OBJS) $(GENERATED_OBJS:.o=.bc): WARNINGS += -Wno-unused-but-set-variable

# Objects that were built for another server or version are out of date.
BUILT_FOR := $(shell $(PG_CONFIG) --version) $(EXTVERSION)
ifneq ($(file <build/built-for),$(BUILT_FOR))
$(shell mkdir -p build)$(file >build/built-for,$(BUILT_FOR))
endif
$(patsubst %.cpp,%.o,$(wildcard src/*/*.cpp src/*/*/*.cpp)): build/built-for
$(patsubst %.cpp,%.bc,$(wildcard src/*/*.cpp src/*/*/*.cpp)): build/built-for

# A bitcode file is as old as its object, which knows the headers.
$(OBJS:.o=.bc): %.bc: %.o

# The second module: libphonenumber costs every backend that loads it milliseconds and megabytes, so it is
# loaded by the first call of a function that needs it.
PHONE_OBJS := $(patsubst %.cpp,%.o,$(sort $(wildcard src/phone/*.cpp))) src/pg/error.o
PHONE_BITCODE := $(if $(filter yes,$(with_llvm)),$(PHONE_OBJS:.o=.bc))

cdp_phone$(DLSUFFIX): $(PHONE_OBJS)
	$(LINK.shared) -o $@ $^ $(LDFLAGS) $(LDFLAGS_SL) -lphonenumber -licuuc -lstdc++

all: cdp_phone$(DLSUFFIX) $(PHONE_BITCODE)
install: install-phone
uninstall: uninstall-phone
clean: clean-phone
.PHONY: install-phone uninstall-phone clean-phone
install-phone: cdp_phone$(DLSUFFIX) $(PHONE_BITCODE) installdirs
	$(INSTALL_SHLIB) $< '$(DESTDIR)$(pkglibdir)/'
	$(if $(PHONE_BITCODE),$(call install_llvm_module,cdp_phone,$(PHONE_OBJS)))
uninstall-phone:
	rm -f '$(DESTDIR)$(pkglibdir)/cdp_phone$(DLSUFFIX)'
	$(if $(PHONE_BITCODE),$(call uninstall_llvm_module,cdp_phone))
clean-phone:
	rm -f cdp_phone$(DLSUFFIX) src/phone/*.o src/phone/*.bc src/phone/*.d

sql/cdp--$(EXTVERSION).sql: $(sort $(wildcard sql/install/*.sql)) cdp.control
	cat $(filter %.sql,$^) > $@

-include $(OBJS:.o=.d) $(PHONE_OBJS:.o=.d)

endif
