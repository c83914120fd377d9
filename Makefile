# SPDX-License-Identifier: Apache-2.0
#
# Diolkos: messages carried between brokers.
#
#   make            the daemon and its plugins, into build/
#   make check      unit tests, simulation, fuzz corpora, layers: under a minute, no broker
#   make test       everything, on real brokers (scripts/test)
#   make demo       the main job, shown (scripts/demo)
#   make bench      the three legs against bare loops over the same libraries, in one run
#   make bench-language   what the configuration language costs, at start and for each message
#   make asan       check and the integration tests under AddressSanitizer and UBSan
#   make tsan       the integration tests under ThreadSanitizer
#   make pages      writes the manual pages, the sample and the schema from the code's tables
#   make fuzz       every fuzz target for a minute each (S=seconds, T=one target)
#   make law        what is put into an address is read back from it, 100 million times (COUNT=)
#   make coverage   lines of daemon/language and daemon/config that check runs: 95 % at least
#   make mutants    plants bugs one at a time; each must be found
#   make install    DESTDIR=, PREFIX=/usr
#   make deb        Debian's packages, into build/deb
#   make test-packages   these on a bare Debian under the real systemd, as root (T=one test)
#   make help       this
#
#   V=1 shows the commands; BUILD=folder builds elsewhere; CC=clang works.

BUILD ?= build
PREFIX ?= /usr
LIBDIR ?= $(PREFIX)/lib/diolkos
CFLAGS ?= -O2 -g
WARNINGS = -Wall -Wextra -Wshadow -Wconversion -Werror
Q = $(if $(V),,@)

PACKAGES = libevent_openssl libevent libconfig jansson libcurl libsystemd libpcre2-8 openssl
FLAGS := -std=gnu17 $(WARNINGS) -fPIC -fvisibility=hidden -I. -D_GNU_SOURCE \
	-DDK_PLUGIN_FOLDER='"$(LIBDIR)/plugins"' $(shell pkg-config --cflags $(PACKAGES))
CORE_LIBS := $(shell pkg-config --libs $(PACKAGES)) -ljq -ldl -lpthread

# What each plugin links.
LIBS_mqtt = -lpaho-mqtt3as -lssl -lcrypto
LIBS_kafka = -lrdkafka -lcrypto
LIBS_rabbitmq = -lrabbitmq -lssl -lcrypto

LAYERS = base language model flow system config host
CTL_SOURCES := daemon/surface/diolkosctl.c $(wildcard daemon/surface/ctl_*.c)
CORE_SOURCES := $(foreach layer,$(LAYERS),$(wildcard daemon/$(layer)/*.c)) \
	$(filter-out daemon/surface/main.c $(CTL_SOURCES),$(wildcard daemon/surface/*.c))
CORE := $(CORE_SOURCES:%.c=$(BUILD)/%.o)
PLUGIN_NAMES := $(patsubst plugins/%/,%,$(sort $(dir $(wildcard plugins/*/*.c))))
PLUGINS := $(PLUGIN_NAMES:%=$(BUILD)/plugins/%.so)
# A plugin's files but the one with its descriptor, so that tests may link them side by side.
PLUGIN_PARTS := $(foreach name,$(PLUGIN_NAMES), \
	$(patsubst %.c,$(BUILD)/%.o,$(filter-out plugins/$(name)/$(name).c,$(wildcard plugins/$(name)/*.c))))
UNITS := $(patsubst test/unit/%.c,$(BUILD)/unit/%,$(wildcard test/unit/*_test.c))
# The test that carries messages through all three plugins: a file for each, and their libraries.
CONVERSION := $(patsubst %.c,$(BUILD)/%.o,$(filter-out %_test.c,$(wildcard test/unit/conversion_*.c)))
LIBS_conversion_test = $(LIBS_mqtt) $(LIBS_kafka) $(LIBS_rabbitmq)
LIBS_rabbitmq_fields_test = -lcrypto
# It counts what is allocated, and how often a payload is parsed.
LIBS_language_memory_test = \
	-Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=strdup,--wrap=strndup,--wrap=json_loadb
# It has a clock and a log of its own.
LIBS_complaint_test = -Wl,--wrap=dk_clock_now_ms,--wrap=dk_log
# It hears what is said, and what the loop syncs.
LIBS_change_test = -Wl,--wrap=dk_log,--wrap=dk_journal_sync_all
# It is the journal itself.
LIBS_log_test = -Wl,--wrap=access,--wrap=sd_journal_sendv
# They say themselves what the flow has measured.
LIBS_metrics_test = -Wl,--wrap=dk_gateway_flow,--wrap=dk_flow_dead,--wrap=dk_journal_state \
	-Wl,--wrap=dk_flow_latency,--wrap=dk_flow_route_account,--wrap=dk_flow_route_traffic \
	-Wl,--wrap=dk_route_is_paused
LIBS_page_test = -Wl,--wrap=dk_gateway_flow,--wrap=dk_gateway_source,--wrap=dk_gateway_sink \
	-Wl,--wrap=dk_gateway_is_connected,--wrap=dk_gateway_connects,--wrap=dk_flow_latency \
	-Wl,--wrap=dk_flow_route_account,--wrap=dk_route_is_paused,--wrap=dk_sink_is_paused
LIBS_health_test = -Wl,--wrap=dk_gateway_flow,--wrap=dk_gateway_source,--wrap=dk_gateway_sink \
	-Wl,--wrap=dk_gateway_is_connected,--wrap=dk_gateway_connects,--wrap=dk_sink_state \
	-Wl,--wrap=dk_sink_traffic,--wrap=dk_flow_route_account,--wrap=dk_flow_route_traffic \
	-Wl,--wrap=dk_sink_is_paused,--wrap=dk_source_is_paused,--wrap=dk_route_is_paused
FUZZERS := $(patsubst test/fuzz/%.c,%,$(wildcard test/fuzz/*_fuzz.c))
BARE := $(patsubst test/bench/bare_%.c,$(BUILD)/bare-%,$(wildcard test/bench/bare_*.c))
RIGS = $(BUILD)/audit $(BUILD)/loris $(BUILD)/mock-kafka $(BUILD)/collector $(BUILD)/stuck.so

.PHONY: all check test demo bench bench-language asan tsan fuzz law coverage mutants pages install deb \
	test-packages help rigs units clean FORCE
all: $(BUILD)/diolkosd $(BUILD)/diolkosctl $(PLUGINS)

help:
	@sed -n '3,/^$$/s/^# \{0,1\}//p' Makefile

# A change of the flags rebuilds all.
$(BUILD)/flags: FORCE
	@mkdir -p $(BUILD)
	@echo '$(CC) $(CFLAGS) $(CPPFLAGS) $(LDFLAGS) $(FLAGS)' | cmp -s - $@ || \
		echo '$(CC) $(CFLAGS) $(CPPFLAGS) $(LDFLAGS) $(FLAGS)' > $@

$(BUILD)/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(if $(V),,@echo '  CC      $<')
	$(Q)$(CC) $(FLAGS) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

# What is embedded is no include.
$(BUILD)/daemon/surface/page_files.o: daemon/surface/page.css daemon/surface/page.js

$(BUILD)/core.a: $(CORE)
	$(Q)rm -f $@; ar rcs $@ $^

$(BUILD)/parts.a: $(PLUGIN_PARTS)
	$(Q)rm -f $@; ar rcs $@ $^

$(BUILD)/diolkosd: $(BUILD)/daemon/surface/main.o $(BUILD)/core.a
	$(if $(V),,@echo '  LD      $@')
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(CORE_LIBS)

$(BUILD)/diolkosctl: $(CTL_SOURCES:%.c=$(BUILD)/%.o) $(BUILD)/core.a
	$(if $(V),,@echo '  LD      $@')
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ -lcurl -ljansson $(shell pkg-config --libs ncursesw)

define plugin
$(BUILD)/plugins/$(1).so: $(patsubst %.c,$(BUILD)/%.o,$(wildcard plugins/$(1)/*.c))
	$$(if $$(V),,@echo '  LD      $$@')
	$$(Q)mkdir -p $$(@D)
	$$(Q)$$(CC) -shared $$(CFLAGS) $$(LDFLAGS) -o $$@ $$^ $$(LIBS_$(1)) -lpthread
endef
$(foreach name,$(PLUGIN_NAMES),$(eval $(call plugin,$(name))))

# --- Tests ---
$(BUILD)/unit/conversion_test: $(CONVERSION)
$(BUILD)/unit/%: $(BUILD)/test/unit/%.o $(BUILD)/core.a $(BUILD)/parts.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(LIBS_$*) \
		$(CORE_LIBS) -lcmocka

# A simulated life's memory is gone with it: see test/simulation/memory.c.
WRAP = -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=free,--wrap=strdup

$(BUILD)/simulation: $(patsubst %.c,$(BUILD)/%.o,$(wildcard test/simulation/*.c)) $(BUILD)/core.a
	$(if $(V),,@echo '  LD      $@')
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $(WRAP) -o $@ $^ $(CORE_LIBS)

$(BUILD)/law: $(BUILD)/test/law/law.o $(BUILD)/core.a
	$(if $(V),,@echo '  LD      $@')
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(CORE_LIBS)

$(BUILD)/audit: $(patsubst %.c,$(BUILD)/%.o,$(wildcard test/audit/*.c))
	$(if $(V),,@echo '  LD      $@')
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ -lrdkafka -lrabbitmq -lpaho-mqtt3as -lpthread

$(BUILD)/mock-kafka: $(BUILD)/test/rig/mock-kafka.o
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ -lrdkafka

$(BUILD)/loris: $(BUILD)/test/rig/loris.o
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^

$(BUILD)/collector: $(BUILD)/test/rig/collector.o
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ -levent -ljansson

$(BUILD)/stuck.so: $(BUILD)/test/rig/stuck.o
	$(Q)$(CC) -shared $(CFLAGS) $(LDFLAGS) -o $@ $^

$(BUILD)/plugins/meter.so: $(BUILD)/test/bench/meter.o
	$(Q)$(CC) -shared $(CFLAGS) $(LDFLAGS) -o $@ $^

$(BUILD)/bare-%: $(BUILD)/test/bench/bare_%.o
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ -lrdkafka -lrabbitmq -lpaho-mqtt3as -lpthread

# A corpus is replayed with the ordinary compiler; `make fuzz` searches with clang.
$(BUILD)/replay/%: $(BUILD)/test/fuzz/%.o $(BUILD)/test/fuzz/replay.o $(BUILD)/core.a $(BUILD)/parts.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(CORE_LIBS)

rigs: $(RIGS)
units: $(UNITS)

check: all $(UNITS) $(BUILD)/law $(BUILD)/simulation $(BUILD)/audit $(FUZZERS:%=$(BUILD)/replay/%)
	$(Q)BUILD=$(BUILD) test/check

test:
	$(Q)scripts/test

demo:
	$(Q)scripts/demo

bench: all rigs $(BUILD)/plugins/meter.so $(BARE)
	$(Q)BUILD=$(BUILD) test/bench/run $(LEG)

$(BUILD)/bench-language: $(BUILD)/test/bench/language.o $(BUILD)/core.a
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(CORE_LIBS)

bench-language: all $(BUILD)/bench-language
	$(Q)BUILD=$(BUILD) test/bench/language

pages: all
	$(Q)BUILD=$(BUILD) scripts/pages

mutants:
	$(Q)test/simulation/mutants

SANITIZE = -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
asan:
	$(Q)$(MAKE) --no-print-directory BUILD=build/asan CFLAGS='$(SANITIZE)' check
	$(Q)$(MAKE) --no-print-directory BUILD=build/asan CFLAGS='$(SANITIZE)' all rigs
	$(Q)BUILD=build/asan test/integration/run

# The audit is built without it, for what it shares with the libraries is guarded by atomics of
# theirs, which the sanitizer does not see. So is what they do among themselves.
RACES = -O1 -g -fno-omit-frame-pointer -fsanitize=thread
tsan: all rigs
	$(Q)$(MAKE) --no-print-directory BUILD=build/tsan CFLAGS='$(RACES)' all
	$(Q)$(CC) -O1 -g -shared -fPIC -o build/tsan/c11_threads.so test/rig/c11_threads.c -lpthread
	$(Q)cp $(RIGS) build/tsan
	$(Q)rm -f build/tsan/report.*
	$(Q)BUILD=build/tsan LD_PRELOAD=$(CURDIR)/build/tsan/c11_threads.so TSAN_OPTIONS="\
	suppressions=$(CURDIR)/test/rig/races log_path=$(CURDIR)/build/tsan/report" \
		test/integration/run $(T)
	$(Q)! grep -h . build/tsan/report.* 2>/dev/null

# Counts are added up: those of an earlier run are none of this one.
coverage:
	$(Q)find build/coverage -name '*.gcda' -delete 2>/dev/null; true
	$(Q)SEEDS=$(or $(SEEDS),2000) LAW=100000 $(MAKE) --no-print-directory BUILD=build/coverage \
		CFLAGS='-O0 -g --coverage' WARNINGS=-w check
	$(Q)BUILD=build/coverage test/coverage

# On every processor, each from a seed of its own.
law: $(BUILD)/law
	$(Q)seq $$(nproc) | xargs -P 0 -I SEED $(BUILD)/law $$(( $(or $(COUNT),100000000) / $$(nproc) )) SEED

fuzz:
	$(Q)test/fuzz/run '$(or $(T),$(FUZZERS))' '$(or $(S),60)'

PAGES = $(wildcard daemon/*.1 daemon/*.5 daemon/*.8 plugins/*.3 plugins/*/*.7)
DOCUMENTS = $(DESTDIR)$(PREFIX)/share/doc/diolkos
install: all
	install -D -m 755 -t $(DESTDIR)$(PREFIX)/bin $(BUILD)/diolkosd $(BUILD)/diolkosctl
	for plugin in $(PLUGIN_NAMES); do \
		install -D -m 644 $(BUILD)/plugins/$$plugin.so $(DESTDIR)$(LIBDIR)/plugins/$$plugin.so; done
	install -D -m 644 plugins/plugin.h $(DESTDIR)$(PREFIX)/include/diolkos/plugin.h
	install -d $(DESTDIR)$(dir $(LIBDIR))pkgconfig $(DESTDIR)$(PREFIX)/share/doc/diolkos-dev/examples
	sed 's|@LIBDIR@|$(LIBDIR)|; s|@PREFIX@|$(PREFIX)|' plugins/diolkos.pc.in \
		>$(DESTDIR)$(dir $(LIBDIR))pkgconfig/diolkos.pc
	sed 's|"plugins/plugin.h"|<diolkos/plugin.h>|' plugins/null/null.c \
		>$(DESTDIR)$(PREFIX)/share/doc/diolkos-dev/examples/null.c
	install -m 644 plugins/Makefile.example \
		$(DESTDIR)$(PREFIX)/share/doc/diolkos-dev/examples/Makefile
	install -D -m 644 conf/diolkos.conf $(DESTDIR)/etc/diolkos/diolkos.conf
	for page in $(PAGES); do \
		install -D -m 644 $$page $(DESTDIR)$(PREFIX)/share/man/man$${page##*.}/$${page##*/}; done
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/bash-completion/completions \
		conf/completions/diolkosctl
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/zsh/vendor-completions \
		conf/completions/_diolkosctl
	install -D -m 644 -t $(DOCUMENTS) plugins/CONVERSIONS.md daemon/OPERATIONS.md
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/diolkos/grafana conf/grafana/diolkos.json
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/diolkos/prometheus conf/prometheus/*.yml
	install -D -m 644 -t $(DOCUMENTS)/examples conf/diolkos.conf conf/diolkos.schema.json
	cd conf && find examples -type f -exec install -D -m 644 {} $(abspath $(DOCUMENTS))/{} \;

deb:
	$(Q)scripts/deb

test-packages:
	$(Q)test/packages/run $(T)

clean:
	rm -rf $(BUILD)

# Not those of packages and of whole systems that are tested in.
-include $(shell find $(BUILD) \( -path $(BUILD)/deb -o -path $(BUILD)/packages \) -prune -o \
	-name '*.d' -type f -print 2>/dev/null)
