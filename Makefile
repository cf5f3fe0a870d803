# Foyer. `make help` lists the targets. One file, not recursive; build/<variant>/ mirrors the tree.
# Variants: release (default), debug, asan (address + undefined behaviour), tsan (threads), fuzz (clang, libFuzzer). CC=gcc or clang.

VARIANT ?= release
CC      ?= cc
ifeq ($(origin CC),default)
CC      := gcc
endif
BUILD   := build/$(VARIANT)

PACKAGES_common := sqlite3 libsodium jansson zlib libical
PACKAGES_sync   := libmicrohttpd gnutls libcurl libqrencode libsystemd libpq
PACKAGES_kiosk  := sdl2 SDL2_ttf fribidi

# Asked for only when something is compiled, so that `make test` can install pkg-config first.
pkg_cflags = $(shell pkg-config --cflags $(1) | sed 's/-I/-isystem /g')
pkg_libs   = $(shell pkg-config --libs $(1))
once       = $(eval $(1) := $(2))$($(1))

WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wstrict-prototypes -Wmissing-prototypes \
            -Wold-style-definition -Wpointer-arith -Wcast-qual -Wwrite-strings -Wvla -Wformat=2 -Wundef -Wswitch-enum \
            -Wimplicit-fallthrough -Wnull-dereference -Wdouble-promotion -Werror
ifneq (,$(findstring clang,$(CC)))
WARNINGS += -Wno-gnu-zero-variadic-macro-arguments -Wno-gnu-statement-expression -Wno-missing-field-initializers
else
WARNINGS += -Wduplicated-cond -Wlogical-op -Wno-missing-field-initializers
endif

CFLAGS_release := -O2 -g -D_FORTIFY_SOURCE=3 -fstack-protector-strong -fstack-clash-protection -fPIE
LDFLAGS_release := -pie -Wl,-z,relro,-z,now -Wl,--as-needed
CFLAGS_debug := -O0 -g3 -fPIE
LDFLAGS_debug := -pie
CFLAGS_asan := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined
LDFLAGS_asan := -fsanitize=address,undefined
CFLAGS_tsan := -O1 -g -fno-omit-frame-pointer -fsanitize=thread
LDFLAGS_tsan := -fsanitize=thread
CFLAGS_fuzz := -O1 -g -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined
LDFLAGS_fuzz := -fsanitize=address,undefined

CFLAGS  := -std=gnu17 -D_GNU_SOURCE -I. $(WARNINGS) $(CFLAGS_$(VARIANT)) -ffile-prefix-map=$(CURDIR)=. \
           -fdata-sections -ffunction-sections -MMD -MP
LDFLAGS := $(LDFLAGS_$(VARIANT))

CFLAGS_PKG  = $(call once,CFLAGS_PKG,$(call pkg_cflags,$(PACKAGES_common) $(PACKAGES_sync) $(PACKAGES_kiosk)))
LIBS_common = $(call once,LIBS_common,$(call pkg_libs,$(PACKAGES_common)) -lpthread -lm)
LIBS_sync   = $(call once,LIBS_sync,$(call pkg_libs,$(PACKAGES_sync)))
LIBS_kiosk  = $(call once,LIBS_kiosk,$(call pkg_libs,$(PACKAGES_kiosk)))

# Sources: every .c in a room belongs to the room's library; a program's main file is named for it.
find_c     = $(sort $(shell find $(1) -name '*.c' 2>/dev/null))
MAINS     := sync/foyerd.c sync/foyer.c kiosk/foyer-kiosk.c
SRC_common := $(call find_c,common)
SRC_sync   := $(filter-out $(MAINS),$(call find_c,sync))
SRC_kiosk  := $(filter-out $(MAINS),$(call find_c,kiosk))
SRC_test   := $(filter %_test.c,$(call find_c,tests/unit))
SRC_support := $(call find_c,tests/support)
objects    = $(patsubst %.c,$(BUILD)/%.o,$(1))

LIB_common := $(BUILD)/libfoyer-common.a
LIB_sync   := $(BUILD)/libfoyer-sync.a
LIB_kiosk  := $(BUILD)/libfoyer-kiosk.a
LIB_support := $(BUILD)/libfoyer-test-support.a
PROGRAMS   := $(patsubst %.c,$(BUILD)/bin/%,$(notdir $(wildcard $(MAINS))))
UNIT_TESTS := $(patsubst %.c,$(BUILD)/%,$(SRC_test))

# What the programs read at run time, as it will be installed: build/<variant>/share/foyer.
SHARE  := $(BUILD)/share/foyer
ASSETS := $(sort $(shell find assets -type f -not -path '*/node_modules/*' -not -path 'assets/pictures/*'))
$(SHARE)/%: assets/%
	@mkdir -p $(@D)
	@cp $< $@
.PHONY: assets
assets: $(patsubst assets/%,$(SHARE)/%,$(ASSETS)) $(SHARE)/web/vendor/ready

# Libraries and fonts of the web pages: from npm by the lock file, once for all variants, copied beside the pages without a build step.
NPM_WEB := build/npm/web
$(NPM_WEB)/ready: assets/web/package.json assets/web/package-lock.json
	@mkdir -p $(@D) && cp $^ $(@D)/
	@echo "  npm   $<"
	@cd $(@D) && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@
$(SHARE)/web/vendor/ready: $(NPM_WEB)/ready assets/web/vendor.sh
	@sh assets/web/vendor.sh $(NPM_WEB)/node_modules $(@D)
	@touch $@

.PHONY: all
all: $(PROGRAMS) assets ## build the programs into build/<variant>/bin

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-zA-Z0-9_-]+:.*##' $(MAKEFILE_LIST) | sort | awk -F':.*## ' '{printf "  %-18s %s\n", $$1, $$2}'

# Objects depend on a stamp of the flags, so that a change of flags rebuilds.
$(BUILD)/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(CC) $(CFLAGS) $(LDFLAGS)' | cmp -s - $@ || echo '$(CC) $(CFLAGS) $(LDFLAGS)' > $@
.PHONY: FORCE
FORCE:

$(BUILD)/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	@echo "  cc    $<"
	@$(CC) $(CFLAGS) $(CFLAGS_PKG) -c $< -o $@

# The migrations are embedded.
$(BUILD)/common/store/migrations.o: $(wildcard common/store/migrations/*.sql)

define archive
	@mkdir -p $(@D)
	@rm -f $@.new
	@ar rcsD $@.new $^
	@mv $@.new $@
endef
$(LIB_common): $(call objects,$(SRC_common)) ; $(archive)
$(LIB_sync): $(call objects,$(SRC_sync)) ; $(archive)
$(LIB_kiosk): $(call objects,$(SRC_kiosk)) ; $(archive)
$(LIB_support): $(call objects,$(SRC_support)) ; $(archive)

define link
	@mkdir -p $(@D)
	@echo "  ld    $@"
	@$(CC) $(LDFLAGS) -o $@.new $(filter %.o %.a,$^) $(1)
	@mv $@.new $@
endef
$(BUILD)/bin/foyerd: $(BUILD)/sync/foyerd.o $(LIB_sync) $(LIB_common)
	$(call link,$(LIBS_sync) $(LIBS_common))
$(BUILD)/bin/foyer: $(BUILD)/sync/foyer.o $(LIB_sync) $(LIB_common)
	$(call link,$(LIBS_sync) $(LIBS_common))
$(BUILD)/bin/foyer-kiosk: $(BUILD)/kiosk/foyer-kiosk.o $(LIB_kiosk) $(LIB_common)
	$(call link,$(LIBS_kiosk) $(LIBS_common))

# Unit tests: tests/unit/<room>/<module>_test.c, one cmocka program each, linked with what its room may use.
$(BUILD)/tests/unit/kiosk/%_test: $(BUILD)/tests/unit/kiosk/%_test.o $(LIB_support) $(LIB_kiosk) $(LIB_common)
	$(call link,$(LIBS_kiosk) $(LIBS_common) -lcmocka)
$(BUILD)/tests/unit/sync/%_test: $(BUILD)/tests/unit/sync/%_test.o $(LIB_support) $(LIB_sync) $(LIB_common)
	$(call link,$(LIBS_sync) $(LIBS_common) -lcmocka)
$(BUILD)/tests/unit/common/%_test: $(BUILD)/tests/unit/common/%_test.o $(LIB_support) $(LIB_common)
	$(call link,$(LIBS_common) -lcmocka)

# These look at every SQL() of their rooms, so they are linked with all of it.
define link_whole
	@mkdir -p $(@D)
	@echo "  ld    $@"
	@$(CC) $(LDFLAGS) -o $@ $(filter %.o,$^) -Wl,--whole-archive $(filter-out $(LIB_support),$(filter %.a,$^)) \
	  -Wl,--no-whole-archive $(LIB_support) $(1)
endef
$(BUILD)/tests/unit/common/statements_test: $(BUILD)/tests/unit/common/statements_test.o $(LIB_support) $(LIB_common)
	$(call link_whole,$(LIBS_common) -lcmocka)
$(BUILD)/tests/unit/sync/statements_test: $(BUILD)/tests/unit/sync/statements_test.o $(LIB_support) $(LIB_sync) $(LIB_common)
	$(call link_whole,$(LIBS_sync) $(LIBS_common) -lcmocka)

# Benches: tests/bench/<room>_<what>_bench.c, linked with what the room may use; ratios within one run.
BENCHES := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/bench/*_bench.c))
$(BUILD)/tests/bench/store_%: $(BUILD)/tests/bench/store_%.o $(LIB_support) $(LIB_common)
	$(call link,$(LIBS_common) -lcmocka)
$(BUILD)/tests/bench/practice_%: $(BUILD)/tests/bench/practice_%.o $(LIB_support) $(LIB_common)
	$(call link,$(LIBS_common) -lcmocka)
$(BUILD)/tests/bench/sync_%: $(BUILD)/tests/bench/sync_%.o $(LIB_support) $(LIB_sync) $(LIB_common)
	$(call link,$(LIBS_sync) $(LIBS_common) -lcmocka)
$(BUILD)/tests/bench/kiosk_%: $(BUILD)/tests/bench/kiosk_%.o $(LIB_support) $(LIB_kiosk) $(LIB_common)
	$(call link,$(LIBS_kiosk) $(LIBS_common))

.PHONY: bench
bench: ## the figures of the README, as ratios within one run
	@.ci/install-packages build run test
	@$(MAKE) --no-print-directory -j$$(nproc) all benches
	@tests/run-bench $(BUILD)

.PHONY: benches
benches: $(BENCHES)

# The simulator: tests/sim; its disk stands in for the C library's file functions.
SRC_sim    := $(call find_c,tests/sim)
SIM_WRAPS  := open __open_2 mkostemp close read write pread pwrite fsync fstat stat access chmod fchmod mkdir mkdtemp rmdir unlink unlinkat rename \
              opendir readdir closedir dirfd fopen mmap munmap
$(BUILD)/tests/sim/sim: $(call objects,$(SRC_sim)) $(LIB_sync) $(LIB_common)
	$(call link,$(addprefix -Wl$(comma)--wrap=,$(SIM_WRAPS)) $(LIBS_common))
comma := ,

SEEDS ?= 100
SEED  ?= 1
.PHONY: sim
sim: ## simulate SEEDS practices of nodes under faults, from SEED on (tests/sim/README.md)
	@.ci/install-packages build run test
	@$(MAKE) --no-print-directory -j$$(nproc) $(BUILD)/tests/sim/sim
	@$(BUILD)/tests/sim/sim --seed $(SEED) --seeds $(SEEDS) --jobs $$(nproc)

.PHONY: mutations
mutations: ## deliberate mistakes in a copy of the tree: does the simulator find each?
	@.ci/install-packages build run test
	@node tests/sim/mutations.mjs

# Fuzz targets: tests/fuzz/<parser>_fuzz.c, one libFuzzer program each, for VARIANT=fuzz with clang.
SRC_fuzz := $(wildcard tests/fuzz/*.c)
FUZZERS  := $(patsubst %.c,$(BUILD)/%,$(filter %_fuzz.c,$(SRC_fuzz)))
$(BUILD)/tests/fuzz/%_fuzz: $(BUILD)/tests/fuzz/%_fuzz.o $(BUILD)/tests/fuzz/fuzz.o $(BUILD)/tests/fuzz/fuzz_store.o \
                            $(LIB_support) $(LIB_sync) $(LIB_common)
	$(call link,-fsanitize=fuzzer $(LIBS_sync) $(LIBS_common) -lcmocka)
.PHONY: fuzzers
fuzzers: $(FUZZERS)

SECONDS ?= 60
.PHONY: fuzz
fuzz: ## fuzz what faces peers and files (T=parser for one, SECONDS=60 each)
	@.ci/install-packages build test fuzz
	@$(MAKE) --no-print-directory -j$$(nproc) CC=clang VARIANT=fuzz BUILD=build/fuzz fuzzers
	@tests/run-fuzz build/fuzz $(SECONDS) $(T)

.PHONY: unit
unit: $(UNIT_TESTS) ## run the unit tests (T=name for those whose path contains it)
	@tests/run-unit $(BUILD) $(T)

# `make test` is for a fresh machine: packages first, then everything in a make of its own, which finds them.
.PHONY: test
test: ## install what is missing, build, run every test
	@.ci/install-packages build run test fuzz
	@$(MAKE) --no-print-directory -j$$(nproc) all tests
	@tests/run $(BUILD)

.PHONY: tests
tests: $(UNIT_TESTS) $(BUILD)/tests/sim/sim

KILLS ?= 200
.PHONY: crash
crash: ## kill -9 of kiosk and daemons at KILLS random moments of check-ins (SEED=n to repeat)
	@.ci/install-packages build run test
	@$(MAKE) --no-print-directory -j$$(nproc) all
	@mkdir -p $(BUILD)/tmp
	@KILLS=$(KILLS) FOYER_BUILD=$(BUILD) TMPDIR=$(abspath $(BUILD)/tmp) node --test tests/e2e/crash.test.js

.PHONY: demo
demo: ## a practice of three nodes on this machine, with the kiosk; Ctrl-C ends it
	@.ci/install-packages build run demo
	@$(MAKE) --no-print-directory -j$$(nproc) all
	@tests/demo $(BUILD)

.PHONY: check
check: ## formatting, layers, static analysis, clang, unit tests under sanitizers
	@.ci/install-packages build run test check
	@clang-format --dry-run --Werror $$(git ls-files '*.c' '*.h')
	@tests/check/layers
	@$(MAKE) --no-print-directory analyse
	@$(MAKE) --no-print-directory -j$$(nproc) CC=clang VARIANT=debug all tests
	@$(MAKE) --no-print-directory -j$$(nproc) VARIANT=asan unit

.PHONY: analyse
analyse: ## clang-tidy on every source
	@git ls-files 'common/*.c' 'sync/*.c' 'kiosk/*.c' | tests/check/tidy -std=gnu17 -D_GNU_SOURCE -I. $(CFLAGS_PKG)

.PHONY: format
format: ## format the C sources
	clang-format -i $$(git ls-files '*.c' '*.h')

DESTDIR ?=
.PHONY: install
install: all ## into $DESTDIR/usr: programs, shared files, systemd units
	install -Dm755 -t $(DESTDIR)/usr/bin $(PROGRAMS)
	cd $(SHARE) && find . -type f -exec install -Dm644 {} $(abspath $(DESTDIR)/)/usr/share/foyer/{} \;
	install -Dm644 -t $(DESTDIR)/usr/lib/systemd/system firmware/foyerd.service firmware/foyer-kiosk.service

.PHONY: clean
clean: ## remove build/
	rm -rf build

-include $(patsubst %.c,$(BUILD)/%.d,$(SRC_common) $(SRC_sync) $(SRC_kiosk) $(SRC_test) $(SRC_support) $(SRC_sim) $(SRC_fuzz) $(wildcard $(MAINS)) $(wildcard tests/bench/*.c))
.SECONDARY:
