# Generates the scanner and the parser of rules into build/segment. Include it before the first use of
# SEGMENT_SOURCES; set TOP when it is included from elsewhere than the top of the tree.
SEGMENT_TOP     := $(if $(TOP),$(TOP)/)
SEGMENT_DIR     := $(SEGMENT_TOP)src/core/segment
SEGMENT_OUT     := $(SEGMENT_TOP)build/segment
SEGMENT_SOURCES := $(SEGMENT_OUT)/parser.cpp $(SEGMENT_OUT)/lexer.cpp
GENERATED_OBJS  += $(SEGMENT_SOURCES:.cpp=.o)

# Whoever includes this keeps its own default goal.
ifeq ($(.DEFAULT_GOAL),)
SEGMENT_RESET_GOAL := 1
endif

$(SEGMENT_OUT)/parser.cpp: $(SEGMENT_DIR)/parser.y
	@mkdir -p $(@D)
	bison -Wall -Werror --no-lines --defines=$(@D)/parser.hpp -o $@ $<

$(SEGMENT_OUT)/parser.hpp: $(SEGMENT_OUT)/parser.cpp ;

$(SEGMENT_OUT)/lexer.cpp: $(SEGMENT_DIR)/lexer.l $(SEGMENT_OUT)/parser.hpp
	@mkdir -p $(@D)
	flex --noline -o $@ $<

ifeq ($(SEGMENT_RESET_GOAL),1)
.DEFAULT_GOAL :=
endif
