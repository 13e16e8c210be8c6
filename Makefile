# Bootstrap: configures out of tree and forwards every goal. BUILD= names the build folder.
BUILD ?= build
CONFIGURE_FLAGS ?=
.DEFAULT_GOAL := all
GOALS := $(filter-out bootstrap,$(or $(MAKECMDGOALS),all))
.PHONY: $(GOALS)
configure: configure.ac Makefile.am
	autoreconf -fi && touch $@
$(BUILD)/Makefile: configure
	mkdir -p $(BUILD) && cd $(BUILD) && $(CURDIR)/configure $(CONFIGURE_FLAGS)
$(firstword $(GOALS)): $(BUILD)/Makefile
	+$(MAKE) --no-print-directory -C $(BUILD) $(GOALS)
$(wordlist 2,99,$(GOALS)): $(firstword $(GOALS)) ;
