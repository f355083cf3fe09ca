# cdp: a customer data platform inside PostgreSQL.
#   make, make install, make installcheck     plain PGXS
#   make demo, make test, make bench          own throw-away server; install what is missing first
#   make format, make lint, make clean

EXTENSION   = cdp
# The one place of the version is cdp.control; tools/check-metadata compares the others with it.
EXTVERSION := $(shell sed -n "s/^default_version = '\(.*\)'/\1/p" cdp.control)
MODULE_big  = cdp
DATA_built  = sql/cdp--$(EXTVERSION).sql
DOCS        = README.md

CORE_OBJS  := $(patsubst %.cpp,%.o,$(sort $(wildcard src/core/*/*.cpp))) $(GENERATED_OBJS)
OBJS        = $(CORE_OBJS) $(patsubst %.cpp,%.o,$(sort $(wildcard src/pg/*.cpp src/sql/*.cpp)))
REGRESS     = $(patsubst sql/%.sql,%,$(sort $(wildcard sql/[a-z]*.sql)))
REGRESS    := $(filter-out cdp--%,$(REGRESS))

PG_CONFIG  ?= pg_config
PG_INCLUDE := $(shell $(PG_CONFIG) --includedir-server)
# -isystem: warnings in the server's headers are not ours. The generated parsers include by path.
PG_CPPFLAGS = -Isrc -isystem $(PG_INCLUDE) -DCDP_VERSION='"$(EXTVERSION)"'
CXX_DIALECT = -std=c++20 -fvisibility=hidden -fvisibility-inlines-hidden
PG_CXXFLAGS = $(CXX_DIALECT) -Wall -Wextra -Werror -Wno-register -Wno-unknown-warning-option -MMD -MP
SHLIB_LINK  = -lstdc++ -licui18n -licuuc -Wl,--as-needed
EXTRA_CLEAN = $(OBJS:.o=.d) build sql/cdp--*.sql

PGXS := $(shell $(PG_CONFIG) --pgxs)
include $(PGXS)

BITCODE_CXXFLAGS += $(CXX_DIALECT)

sql/cdp--$(EXTVERSION).sql: $(sort $(wildcard sql/install/*.sql)) cdp.control
	cat $(filter %.sql,$^) > $@

-include $(OBJS:.o=.d)
