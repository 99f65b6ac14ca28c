# squareoff: build, test and install. `make help` lists what can be asked for.
#
# Folders become libraries, main*.c files become programs, tests/*_test.c become tests: all by
# wildcard, so that a new file needs no edit here. Everything made lies under $(BUILD).
#
# Switches: BUILD=DIR, CC=..., CFLAGS=... (added at the end), sanitize=address,undefined, V=1.

BUILD   ?= build
prefix  ?= /usr/local
CC      := $(if $(filter default undefined,$(origin CC)),gcc,$(CC))
VERSION := $(shell cat VERSION)

bindir  := $(prefix)/bin
datadir := $(prefix)/share/squareoff
docdir  := $(prefix)/share/doc/squareoff
man1dir := $(prefix)/share/man/man1

# ---- kinds of build: each keeps its objects in a folder of its own -------------------------

comma := ,
ifdef sanitize
O        := $(BUILD)/sanitize-$(subst $(comma),-,$(sanitize))
kind     := -fsanitize=$(sanitize) -fno-omit-frame-pointer -fno-sanitize-recover=all
fortify  :=
else ifdef fuzzer
# clang warns about other things than gcc, and gcc has the last word: no -Werror here.
O        := $(BUILD)/fuzzer
kind     := -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -Wno-error
fortify  :=
else
O        := $(BUILD)
kind     :=
fortify  := -D_FORTIFY_SOURCE=3
endif

harden  := -fstack-protector-strong -fstack-clash-protection -fPIE $(fortify) \
           $(if $(filter x86_64,$(shell uname -m)),-fcf-protection)
warn    := -Wall -Wextra -Wconversion -Wshadow -Werror
flags   := -std=gnu11 -O2 -g $(warn) $(harden) $(kind) -I. -I$(O)/gen \
           -I/usr/include/postgresql -D_GNU_SOURCE -DSQ_VERSION='"$(VERSION)"' $(CFLAGS)
ldflags := -pie -Wl,-z,relro,-z,now,-z,noexecstack $(kind) $(LDFLAGS)

# ---- what there is -------------------------------------------------------------------------

mains     := $(wildcard tui/main*.c db/main*.c net/main*.c net/simulator/main*.c)
core_src  := $(wildcard core/*.c)
db_src    := $(filter-out $(mains),$(wildcard db/*.c))
net_src   := $(filter-out $(mains),$(wildcard net/*.c net/simulator/*.c))
tui_src   := $(filter-out $(mains),$(wildcard tui/*.c))

core_lib  := $(O)/libsquareoff.a
db_lib    := $(O)/libsqdb.a
net_lib   := $(O)/libsqnet.a
tui_lib   := $(O)/libsqtui.a
libs      := $(tui_lib) $(net_lib) $(db_lib) $(core_lib)
syslibs   := -luv -lwebsockets -lcrypto -lcjson -lsqlite3 -lpq -lsodium -loath -linih -lncursesw -ltinfo -lm -lpthread -ldl

programs  := $(if $(wildcard tui/main*.c),$(O)/squareoff) \
             $(if $(wildcard db/main*.c),$(O)/squareoff-admin) \
             $(if $(wildcard net/main*.c),$(O)/squareoffd) \
             $(if $(wildcard net/simulator/main*.c),$(O)/squareoff-exchange)

tests_src := $(wildcard tests/*_test.c)
bench_src := $(wildcard tests/bench_*.c)
sim_src   := $(wildcard tests/sim.c tests/sim_*.c)
fuzz_src  := $(filter-out tests/fuzz_main.c,$(wildcard tests/fuzz_*.c))
# What is left in tests/ is shared by the programs there.
help_src  := $(filter-out $(tests_src) $(bench_src) $(sim_src) $(fuzz_src) tests/fuzz_main.c,\
             $(wildcard tests/*.c))
help_lib  := $(O)/libsqtests.a

obj        = $(patsubst %.c,$(O)/obj/%.o,$(1))
tests_bin := $(tests_src:%.c=$(O)/%)
bench_bin := $(bench_src:%.c=$(O)/%)
sim_bin   := $(if $(sim_src),$(O)/tests/sim)
replay_bin := $(fuzz_src:tests/fuzz_%.c=$(O)/tests/replay_%)
fuzz_bin  := $(fuzz_src:%.c=$(O)/%)

jobs       = $(if $(filter -j%,$(MAKEFLAGS)),,-j$(shell nproc))
quiet     := $(if $(V),,@)
say        = $(if $(V),@:,@printf '  %-5s %s\n' $(1) $(patsubst $(O)/%,%,$@))

.DEFAULT_GOAL := all
.PHONY: all tests replays programs run serve test bench bench-deps deps sim planted kill chaos fuzz check format install \
        uninstall clean help setup setup-test FORCE
.SECONDARY:
.DELETE_ON_ERROR:

all: $(programs) $(if $(core_src),$(core_lib)) ## build the programs (into build/)
programs: $(programs)
tests: $(tests_bin) $(sim_bin) $(core_lib)
replays: $(replay_bin)
fuzzers: $(fuzz_bin)

# ---- how it is made ------------------------------------------------------------------------

# Written anew only when the command line changed: then everything is compiled again.
$(O)/flags: export line = $(CC) $(flags)
$(O)/flags: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' "$$line" | cmp -s - $@ || printf '%s\n' "$$line" > $@

# The same for the list of sources: a file that went must leave its library too.
$(O)/sources: export line = $(core_src) $(db_src) $(net_src) $(tui_src) $(help_src)
$(O)/sources: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' "$$line" | cmp -s - $@ || printf '%s\n' "$$line" > $@

$(O)/obj/%.o: %.c $(O)/flags
	@mkdir -p $(@D)
	$(call say,CC)
	$(quiet)$(CC) $(flags) -MMD -MP -c -o $@ $<

define archive
	@mkdir -p $(@D)
	$(call say,AR)
	$(quiet)rm -f $@ && ar rcsD $@ $(filter %.o,$^)
endef

define link
	@mkdir -p $(@D)
	$(call say,LD)
	$(quiet)$(CC) $(ldflags) $(1) -o $@ $(filter %.o,$^) \
	    -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(2) $(syslibs)
endef

$(core_lib): $(call obj,$(core_src)) $(O)/sources
	$(archive)
$(db_lib): $(call obj,$(db_src)) $(O)/sources
	$(archive)
$(net_lib): $(call obj,$(net_src)) $(O)/sources
	$(archive)
$(tui_lib): $(call obj,$(tui_src)) $(O)/sources
	$(archive)
$(help_lib): $(call obj,$(help_src)) $(O)/sources
	$(archive)

$(O)/squareoff: $(call obj,$(wildcard tui/main*.c)) $(libs)
	$(call link)
$(O)/squareoff-admin: $(call obj,$(wildcard db/main*.c)) $(libs)
	$(call link)
$(O)/squareoffd: $(call obj,$(wildcard net/main*.c)) $(net_lib) $(db_lib) $(core_lib)
	$(call link)
$(O)/squareoff-exchange: $(call obj,$(wildcard net/simulator/main*.c)) $(libs)
	$(call link)

$(O)/tests/%_test: $(O)/obj/tests/%_test.o $(help_lib) $(libs)
	$(call link,,-lcmocka)
# The load generator speaks TLS by itself.
$(O)/tests/bench_server: syslibs += -lssl -lcrypto
$(O)/tests/bench_%: $(O)/obj/tests/bench_%.o $(help_lib) $(libs)
	$(call link,,-lcmocka)
$(O)/tests/sim: $(call obj,$(sim_src)) $(help_lib) $(libs)
	$(call link)
$(O)/tests/replay_%: $(O)/obj/tests/fuzz_%.o $(O)/obj/tests/fuzz_main.o $(help_lib) $(libs)
	$(call link)
$(O)/tests/fuzz_%: $(O)/obj/tests/fuzz_%.o $(help_lib) $(libs)
	$(call link,-fsanitize=fuzzer)

# The readers of configurations lie in main files, which no library holds.
$(O)/tests/replay_console_config $(O)/tests/fuzz_console_config: \
    $(call obj,tui/main_config.c tui/main_paths.c)
$(O)/tests/replay_server_config $(O)/tests/fuzz_server_config: $(call obj,net/main_config.c)

# The assembler takes the themes in; the compiler's list of dependencies does not know of it.
$(O)/obj/tui/theme_file.o: $(wildcard themes/*.theme)

-include $(shell find $(O)/obj -name '*.d' 2>/dev/null)

# ---- what is done with it ------------------------------------------------------------------

setup:
	@scripts/setup.sh run
setup-test:
	@scripts/setup.sh run test

run: setup ## install what is missing, build, open the drill (args="..." for more options)
	@$(MAKE) --no-print-directory $(jobs) programs
	@exec $(O)/squareoff --drill $(args)

serve: setup ## a server and a simulated exchange on the sample day, until Ctrl-C (port=N)
	@$(MAKE) --no-print-directory $(jobs) programs
	@BUILD=$(O) scripts/serve.sh $(port)

test: setup-test ## install what the tests need, build, run every test
	@$(MAKE) --no-print-directory $(jobs) programs tests replays
	@BUILD=$(O) CC="$(CC)" scripts/test.sh

deps: $(if $(core_src),$(core_lib)) ## check the rules between folders, and what core asks of the system
	@BUILD=$(O) CC="$(CC)" scripts/deps.sh

kill: programs ## kills the console in mid-close, again and again: times=N seed=S
	scripts/kill_chaos.py --times $(or $(times),50) --seed $(or $(seed),1) --build $(O)

chaos: programs ## kills and stops servers while consoles close: minutes=N seed=S
	scripts/server_chaos.py --minutes $(or $(minutes),5) --seed $(or $(seed),1) --build $(O)

planted: ## plants bugs in a copy of the sources: which seed of the simulation finds each (seeds=N)
	scripts/planted.py --seeds $(or $(seeds),2000)

sim: $(sim_bin) ## seeded simulation: seeds=N first=S
	$(O)/tests/sim --seeds $(or $(seeds),100) --first $(or $(first),1)
	$(O)/tests/sim --owners --seeds $(or $(seeds),100) --first $(or $(first),1)

bench: $(bench_bin) $(programs) ## run the benches, ending with one table
	@BUILD=$(O) scripts/bench.sh

bench-deps: ## install the Debian peers that some benches compare with
	@scripts/setup.sh run bench

fuzz: ## fuzz every parser: seconds=N for each (default 60)
	@scripts/setup.sh run fuzz
	@$(MAKE) --no-print-directory $(jobs) CC=clang fuzzer=1 fuzzers
	@BUILD=$(BUILD)/fuzzer scripts/fuzz.sh $(or $(seconds),60)

check: ## layout, clang-tidy, cppcheck, shellcheck
	@scripts/setup.sh run test check
	@scripts/check.sh

format: ## lay out every C file by .clang-format
	clang-format -i $(wildcard $(addsuffix /*.[ch],core db net net/simulator tui tests))

install: programs ## install programs, themes, drill day, documents (prefix=, DESTDIR=)
	install -d $(addprefix $(DESTDIR),$(bindir) $(datadir)/themes $(datadir)/drill $(docdir) $(man1dir))
	install -m 755 $(programs) $(DESTDIR)$(bindir)
	install -m 644 $(wildcard themes/*.theme) $(DESTDIR)$(datadir)/themes
	install -m 644 $(wildcard drill/*) $(DESTDIR)$(datadir)/drill
	install -m 644 $(wildcard *.md docs/*.md) LICENSE $(DESTDIR)$(docdir)
	install -m 644 $(wildcard docs/man/*.1) $(DESTDIR)$(man1dir)

uninstall: ## remove what install put there
	rm -f $(addprefix $(DESTDIR)$(bindir)/,squareoff squareoff-admin squareoffd squareoff-exchange)
	rm -f $(addprefix $(DESTDIR)$(man1dir)/,$(notdir $(wildcard docs/man/*.1)))
	rm -rf $(DESTDIR)$(datadir) $(DESTDIR)$(docdir)

clean: ## remove everything made
	rm -rf $(BUILD)

help: ## this list
	@printf 'squareoff %s\n\n' $(VERSION)
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1 \2/p' Makefile | \
	    while read -r name what; do printf '  make %-11s %s\n' "$$name" "$$what"; done
	@printf '\nSwitches: BUILD=DIR CC=... CFLAGS=... V=1 sanitize=address,undefined\n'
