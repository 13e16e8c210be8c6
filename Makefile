# Bootstrap: installs what is missing (contrib/setup), configures out of tree, and forwards every
# goal. Nothing is ever built in the source folder.
#   make [GOAL...] [BUILD=build] [CONFIGURE_FLAGS=...]   CONFIGURE_FLAGS configures BUILD anew
#   make SETUP=no ...                                     leaves the machine's packages alone
# Fuzzing needs clang and its sanitizers in all of the code: a build folder of its own.
ifneq ($(filter fuzz,$(MAKECMDGOALS)),)
BUILD ?= build-fuzz
CONFIGURE_FLAGS ?= CXX=clang++ CXXFLAGS="-O1 -g -fsanitize=fuzzer-no-link,address,undefined -fsanitize-ignorelist=$(CURDIR)/tests/fuzz/ignorelist"
endif
BUILD ?= build
CONFIGURE_FLAGS ?=
SETUP ?= yes
.DEFAULT_GOAL := all
GOALS := $(or $(MAKECMDGOALS),all)
FIRST := $(firstword $(GOALS))
setup = $(if $(filter yes,$(SETUP)),contrib/setup $(1))

# What a goal needs beyond the build itself.
NEEDS := $(if $(filter check check-faults soak distcheck bench bench-baseline layout,$(GOALS)),check validate) $(if $(filter run,$(GOALS)),run) \
	$(if $(filter lint,$(GOALS)),lint) $(if $(filter fuzz,$(GOALS)),fuzz) $(if $(filter check-vm,$(GOALS)),vm validate) \
	$(if $(filter validate conformance,$(GOALS)),validate)

# A build folder whose flags differ from the ones asked for is configured again.
FLAGS_FILE := $(BUILD)/.configure-flags
ifneq ($(strip $(CONFIGURE_FLAGS)),)
ifneq ($(strip $(CONFIGURE_FLAGS)),$(strip $(file <$(FLAGS_FILE))))
.PHONY: $(BUILD)/Makefile
endif
endif

.PHONY: $(GOALS)
$(FIRST): $(BUILD)/Makefile
	@$(call setup,$(NEEDS))
	+@$(MAKE) --no-print-directory $(if $(findstring -j,$(MAKEFLAGS)),,-j$(shell nproc)) -C $(BUILD) $(GOALS)
$(filter-out $(FIRST),$(GOALS)): $(FIRST) ;

# A newer configure is no reason to configure here: the Makefile in $(BUILD) does it with its own flags.
$(BUILD)/Makefile: | configure
	@$(call setup,build $(filter fuzz,$(NEEDS)))
	mkdir -p $(BUILD)
	cd $(BUILD) && $(CURDIR)/configure $(CONFIGURE_FLAGS)
	@printf '%s\n' '$(subst ','\'',$(CONFIGURE_FLAGS))' >$(FLAGS_FILE)

configure: configure.ac
	@$(call setup,autotools)
	autoreconf -fi
	touch $@
Makefile Makefile.am configure.ac: ;
