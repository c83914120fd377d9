/* SPDX-License-Identifier: Apache-2.0
 *
 * law.c - what goes into an address comes back out of it: law COUNT [SEED].
 *
 * Each round puts random values into a template. Escaped, the address is legal unless it is too
 * long, a pattern captures the escaped value at its place, and read back it is the value: so two
 * values never become the same text. Unescaped, the value itself is captured, or a fault is told.
 * dk_output_fits() is of the same opinion each time.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "daemon/language/emit.h"
#include "daemon/language/matcher.h"
#include "daemon/language/output.h"
#include "daemon/language/template.h"

/* --- The ways: templates, and what captures at the same place --- */

static const struct row {
	enum dk_dialect dialect;
	const char *template, *pattern; /* without a pattern: the exchange, up to the first / */
} rows[] = {
	{ DK_PLAIN, "$x", ":x" },
	{ DK_PLAIN, "a${x}b", "~a(?<x>.*)b" },
	{ DK_MQTT, "$x", ":x" },
	{ DK_MQTT, "a/$x", "a/:x" },
	{ DK_MQTT, "$x/b", ":x/b" },
	{ DK_MQTT, "a/$x/b", "a/:x/b" },
	{ DK_MQTT, "$x/$y", ":x/:y" },
	{ DK_MQTT, "/$x/a/$y", "/:x/a/:y" },
	{ DK_MQTT, "a-$x-b", "~a-(?<x>.*)-b" },
	{ DK_MQTT, "${x}-b/c", "~(?<x>.*)-b/c" },
	{ DK_MQTT, "%${x}%", "~%(?<x>.*)%" },
	{ DK_MQTT, "$r", ":r*" },
	{ DK_MQTT, "a/$r", "a/:r*" },
	{ DK_MQTT, "$r/b", "~(?<r>.*)/b" },
	{ DK_MQTT, "$x/$r", ":x/:r*" },
	{ DK_AMQP, "e/$x", "e/:x" },
	{ DK_AMQP, "/$x", "/:x" },
	{ DK_AMQP, "e/a.$x", "e/a.:x" },
	{ DK_AMQP, "e/$x.b", "e/:x.b" },
	{ DK_AMQP, "e/a.$x.b", "e/a.:x.b" },
	{ DK_AMQP, "e/$x.$y", "e/:x.:y" },
	{ DK_AMQP, "e/a-$x-b", "e/~a-(?<x>.*)-b" },
	{ DK_AMQP, "e/$r", "e/:r*" },
	{ DK_AMQP, "e/a.$r", "e/a.:r*" },
	{ DK_AMQP, "$x/k", NULL },
	{ DK_AMQP, "$r/k", NULL },
	{ DK_KAFKA, "$x", ":x" },
	{ DK_KAFKA, "a.$x", "a.:x" },
	{ DK_KAFKA, "$x.b", ":x.b" },
	{ DK_KAFKA, "a.$x.b", "a.:x.b" },
	{ DK_KAFKA, "$x.$y", ":x.:y" },
	{ DK_KAFKA, "a-$x-b", "~a-(?<x>.*)-b" },
	{ DK_KAFKA, "_${x}_", "~_(?<x>.*)_" },
	{ DK_KAFKA, "$r", ":r*" },
	{ DK_KAFKA, "a.$r", "a.:r*" },
	{ DK_PATH, "/a/$x", "/a/:x" },
	{ DK_PATH, "/a/$x/b", "/a/:x/b" },
	{ DK_PATH, "/$x/$y", "/:x/:y" },
	{ DK_PATH, "/a-$x-b", "~/a-(?<x>.*)-b" },
	{ DK_PATH, "/a/$r", "/a/:r*" },
};

#define WAYS (sizeof(rows) / sizeof(rows[0]))
#define VALUES 3 /* x, y and the rest r */

static struct way {
	const struct row *row;
	struct dk_captures captures;
	struct dk_template *template;
	struct dk_matcher *matcher;
	struct dk_pattern_piece pieces[8];
	size_t piece_count;
} ways[WAYS];

static const struct dk_captures names = {
	.names = { { "x", 1 }, { "y", 1 }, { "r", 1 } },
	.is_rest = { false, false, true },
	.count = VALUES,
};

static void
compile(struct way *way, const struct row *row)
{
	struct dk_scope scope = { .captures = &names };
	struct dk_error error;
	struct dk_pattern *pattern;

	way->row = row;
	way->captures = names;
	way->template = dk_template_new(dk_slice_of(row->template), &scope, &error);
	if (!way->template)
		abort();
	for (size_t i = 0; i < dk_template_count(way->template); i++) {
		struct dk_template_piece piece = dk_template_piece(way->template, i);

		way->pieces[way->piece_count++] = (struct dk_pattern_piece){
			piece.is_literal ? piece.name : (struct dk_slice){ NULL, 0 }, piece.is_rest
		};
	}
	if (!row->pattern)
		return;
	pattern = dk_pattern_new(way->row->dialect, dk_slice_of(row->pattern), &way->captures,
				 &error);
	way->matcher = dk_matcher_new(way->row->dialect);
	if (!pattern)
		abort();
	dk_matcher_add(way->matcher, pattern, way);
}

/* --- Chance --- */

static uint64_t state;

/* xorshift64*. */
static uint64_t
chance(void)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return state * 0x2545f4914f6cdd1du;
}

static size_t
chance_below(size_t limit)
{
	return (chance() >> 33) % limit;
}

#define LONGEST 40000

static char *
add_character(char *end)
{
	static const unsigned char leads[] = { 0xc2, 0xdf, 0xe0, 0xe2, 0xed, 0xef, 0xf0, 0xf4 };
	static const unsigned char seconds[] = { 0x80, 0x9f, 0xa0, 0xb7, 0xbf, 0x85, 0x90, 0x8f };
	uint64_t random = chance() >> 32;
	unsigned char lead = leads[random & 7];

	*end++ = (char)lead;
	*end++ = (char)seconds[random >> 3 & 7];
	if (lead >= 0xe0)
		*end++ = (char)(0x80 | (random >> 6 & 1 ? 0x3f : random >> 8 & 0x3f));
	if (lead >= 0xf0)
		*end++ = (char)(0x80 | (random >> 7 & 1 ? 0x3e : random >> 16 & 0x3f));
	return end;
}

/* What a value is made of: something that is plain, or means something somewhere. */
static char *
add_segment(char *end)
{
	static const char *const texts[] = { "/",  ".", "..",  "+",   "#",  "*",  "%",
					     "_",  "$", "%2F", "_2e", "__", "%%", "%4",
					     "_f", "-", "-b",  "a-",  "a",  "B7", "é",
					     "🚢",  " ", ":",   "~",   "./", "/.", "\x7f" };
	size_t kind = chance_below(8);
	const char *text;

	if (kind < 5) {
		text = texts[chance_below(sizeof(texts) / sizeof(texts[0]))];
		return stpcpy(end, text);
	}
	if (kind == 5)
		return add_character(end);
	*end = kind == 6 ? (char)('a' + chance_below(26)) : (char)chance();
	return end + 1;
}

/* Now and then it is long, or what a value was escaped to before. */
static struct dk_slice
make_value(char *room, struct dk_slice before)
{
	size_t kind = chance_below(4096);
	size_t most = kind == 0 ? chance_below(LONGEST - 8) : kind < 64 ? 250 : chance_below(16);
	char *end = room;

	if (kind >= 3840 && before.length < 1000) {
		memcpy(room, before.data, before.length);
		return dk_slice_new(room, before.length);
	}
	while (end < room + most)
		end = add_segment(end);
	return dk_slice_new(room, (size_t)(end - room));
}

/* --- A round --- */

static struct {
	const struct way *way;
	struct dk_slice values[VALUES];
	char rooms[VALUES][LONGEST];
	struct dk_view view;
	struct dk_buffer address, read;
	struct dk_rendering_fault fault;
	bool escapes;
	size_t found; /* matches that gave what they had to give */
} now;

static uint64_t escaped, taken, refused, too_long, empty;

static void
dump(const char *what, struct dk_slice text)
{
	fprintf(stderr, "  %s = \"", what);
	for (size_t i = 0; i < text.length && i < 400; i++)
		fprintf(stderr, text.data[i] >= ' ' && text.data[i] <= '~' ? "%c" : "\\x%02x",
			(unsigned char)text.data[i]);
	fprintf(stderr, "\" (%zu bytes)\n", text.length);
}

static void
complain(const char *what)
{
	fprintf(stderr, "%s: dialect %d, %s, %s\n", what, (int)now.way->row->dialect,
		now.way->row->template, now.escapes ? "escaped" : "not escaped");
	dump("x", now.values[0]);
	dump("y", now.values[1]);
	dump("r", now.values[2]);
	dump("address", dk_slice_new(now.address.data, now.address.length));
	fprintf(stderr, "  fault: %s\n", now.fault.why ? now.fault.why : "none");
	exit(1);
}

/* Whether this value is captured where it stands: all that its template names. */
static bool
is_value(size_t number, struct dk_slice captured)
{
	now.read.length = 0;
	if (!now.escapes)
		return dk_slice_is(captured, now.values[number]);
	return dk_emit_read(now.way->row->dialect, captured, &now.read) &&
	       dk_slice_is(dk_slice_new(now.read.data, now.read.length), now.values[number]);
}

static void
check_captures(void *context, void *value, const struct dk_slice *captures)
{
	(void)context, (void)value;
	for (size_t i = 0; i < now.way->piece_count; i++) {
		int slot = dk_template_piece(now.way->template, i).slot;

		if (slot >= 0 && !captures[slot].data)
			complain("not captured");
		if (slot >= 0 && !is_value((size_t)slot, captures[slot]))
			complain("captured as something else");
	}
	now.found++;
}

static void
check_way_back(void)
{
	struct dk_slice address = dk_slice_new(now.address.data, now.address.length);
	struct dk_slice captures[VALUES] = { { NULL, 0 } };
	const char *slash;

	now.found = 0;
	if (now.way->matcher) {
		dk_matcher_find(now.way->matcher, address, check_captures, NULL);
	} else {
		slash = memchr(address.data, '/', address.length);
		for (size_t i = 0; slash && i < VALUES; i++)
			captures[i] = dk_slice_new(address.data, (size_t)(slash - address.data));
		check_captures(NULL, NULL, captures);
	}
	if (now.found != 1)
		complain("not matched");
	if (!dk_output_fits(now.way->row->dialect, now.way->pieces, now.way->piece_count, address))
		complain("does not fit");
}

/* By a rule of its own, not the dialect's. */
static bool
is_too_long(void)
{
	static const size_t longest[] = { 65535, 65535, 511, 249, 4096 };
	const char *slash = memchr(now.address.data, '/', now.address.length);
	size_t exchange = slash ? (size_t)(slash - now.address.data) : 0;

	return now.address.length > longest[now.way->row->dialect] ||
	       (now.way->row->dialect == DK_AMQP &&
		(exchange > 255 || now.address.length - exchange - 1 > 255));
}

/* A rest that is all of an address may be empty, and then is none. */
static void
check_escaped(void)
{
	if (now.address.length == 0) {
		if (!now.fault.why || strcmp(now.fault.why, "is empty") != 0 ||
		    now.values[2].length)
			complain("empty");
		empty++;
		return;
	}
	if (!now.fault.why == is_too_long())
		complain("refused");
	too_long += is_too_long();
	escaped += !is_too_long();
	check_way_back();
}

static void
play(void)
{
	struct dk_slice before = dk_slice_new(now.address.data, now.address.length);

	now.way = &ways[chance_below(WAYS)];
	now.escapes = chance_below(4) > 0;
	for (size_t i = 0; i < VALUES; i++)
		now.values[i] = make_value(now.rooms[i], before);
	now.address.length = 0;
	dk_template_render_address(now.way->template, now.way->row->dialect, now.escapes, &now.view,
				   &now.address, &now.fault);
	if (now.escapes) {
		check_escaped();
	} else if (now.fault.why) {
		refused++;
	} else {
		taken++;
		check_way_back();
	}
}

int
main(int count, char **words)
{
	uint64_t rounds = count > 1 ? strtoull(words[1], NULL, 10) : 100000000;
	uint64_t seed = count > 2 ? strtoull(words[2], NULL, 10) : 1;
	time_t began = time(NULL);

	state = seed * 0x9e3779b97f4a7c15u + 1;
	now.view.captures = now.values;
	dk_buffer_reserve(&now.address, 0);
	dk_buffer_reserve(&now.read, 0);
	for (size_t i = 0; i < WAYS; i++)
		compile(&ways[i], &rows[i]);
	for (uint64_t i = 0; i < rounds; i++)
		play();
	printf("%llu rounds from seed %llu: %llu escaped, %llu too long, %llu empty; %llu taken as "
	       "they were, %llu refused; %lld s\n",
	       (unsigned long long)rounds, (unsigned long long)seed, (unsigned long long)escaped,
	       (unsigned long long)too_long, (unsigned long long)empty, (unsigned long long)taken,
	       (unsigned long long)refused, (long long)(time(NULL) - began));
	return escaped < rounds / 4 || taken < rounds / 100 || refused < rounds / 100;
}
