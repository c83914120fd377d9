/* SPDX-License-Identifier: Apache-2.0
 *
 * output_test.c - rendered addresses against their templates' pieces, by hand and against all ways
 * to part them.
 */
#include "test/unit/unit.h"

#include <unistd.h>

#include "daemon/language/output.h"

/* clang-format off */
#define VALUE { { NULL, 0 }, false }
#define REST { { NULL, 0 }, true }
#define TEXT(text) { { "" text, sizeof(text) - 1 }, false }
/* clang-format on */

static void
an_address_fits_its_template_or_a_value_broke_out(void **state)
{
	static const struct {
		enum dk_dialect dialect;
		struct dk_pattern_piece pieces[6];
		size_t count;
		const char *address;
		bool fits;
	} rows[] = {
		{ DK_MQTT, { TEXT("a/b") }, 1, "a/b", true },
		{ DK_MQTT, { TEXT("a/b") }, 1, "a/bc", false },
		{ DK_MQTT, { TEXT("a/b") }, 1, "a/", false },
		{ DK_MQTT, { TEXT("a/"), VALUE }, 2, "a/x", true },
		{ DK_MQTT, { TEXT("a/"), VALUE }, 2, "a/", false },
		{ DK_MQTT, { TEXT("a/"), VALUE }, 2, "a/x/y", false },
		{ DK_MQTT, { TEXT("a/"), VALUE }, 2, "a/x.y", true },
		{ DK_MQTT, { TEXT("a/"), REST }, 2, "a/x/y", true },
		{ DK_MQTT, { TEXT("a/"), REST }, 2, "a/", true },
		{ DK_MQTT, { TEXT("a/"), REST }, 2, "b/x", false },
		{ DK_MQTT, { VALUE, TEXT("/"), VALUE }, 3, "x/y", true },
		{ DK_MQTT, { VALUE, TEXT("/"), VALUE }, 3, "x/y/z", false },
		{ DK_MQTT, { VALUE, TEXT("-"), VALUE }, 3, "x-y-z", true },
		{ DK_MQTT, { VALUE, TEXT("-"), VALUE }, 3, "x-", false },
		{ DK_MQTT, { VALUE, VALUE }, 2, "xy", true },
		{ DK_MQTT, { VALUE, VALUE }, 2, "x", false },
		{ DK_MQTT, { VALUE, TEXT("a"), TEXT("b") }, 3, "xaab", true },
		{ DK_MQTT, { VALUE, TEXT(""), TEXT("b") }, 3, "xyb", true },
		{ DK_MQTT, { VALUE, TEXT("ab") }, 2, "xabab", true },
		{ DK_MQTT, { REST, TEXT("-"), VALUE }, 3, "a-b/c-d", true },
		{ DK_MQTT, { REST, TEXT("-"), VALUE }, 3, "a-b/c", false },
		{ DK_MQTT, { REST, TEXT("/x/"), REST }, 3, "a/x/x/b", true },
		{ DK_MQTT, {}, 0, "", true },
		{ DK_MQTT, {}, 0, "a", false },
		{ DK_AMQP, { TEXT("x/cmd."), VALUE, TEXT(".k") }, 3, "x/cmd.a.k", true },
		{ DK_AMQP, { TEXT("x/cmd."), VALUE, TEXT(".k") }, 3, "x/cmd.a.b.k", false },
		{ DK_AMQP, { TEXT("x/cmd."), VALUE, TEXT(".k") }, 3, "x/cmd.a/b.k", true },
		{ DK_AMQP, { VALUE, TEXT("/k") }, 2, "a.b/k", true },
		{ DK_AMQP, { VALUE, TEXT("/k") }, 2, "a/b/k", false },
		{ DK_AMQP, { REST, TEXT("/k") }, 2, "a/b/k", false },
		{ DK_AMQP, { REST, TEXT("/k") }, 2, "/k", false },
		{ DK_AMQP, { REST, TEXT("/"), REST }, 3, "a.b/c/d.e", true },
		{ DK_AMQP, { TEXT("x/"), REST }, 2, "x/a.b", true },
		{ DK_AMQP, { TEXT("/"), VALUE }, 2, "/q", true },
		{ DK_KAFKA, { TEXT("iot."), VALUE }, 2, "iot.a", true },
		{ DK_KAFKA, { TEXT("iot."), VALUE }, 2, "iot.a.b", false },
		{ DK_PATH, { TEXT("/a/"), VALUE, TEXT("/b") }, 3, "/a/1/b", true },
		{ DK_PATH, { TEXT("/a/"), VALUE, TEXT("/b") }, 3, "/a/1/2/b", false },
		{ DK_PLAIN, { TEXT("a"), VALUE }, 2, "a/b.c", true },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		if (dk_output_fits(rows[i].dialect, rows[i].pieces, rows[i].count,
				   dk_slice_of(rows[i].address)) != rows[i].fits)
			fail_msg("row %zu: %s", i, rows[i].address);
}

/* --- By property --- */

#define PIECES 6

/* Whether a value may be so, from `from` to `to` - 1. */
static bool
may_be(enum dk_dialect dialect, const struct dk_pattern_piece *piece, const char *address,
       size_t from, size_t to)
{
	const char *slash = strchr(address, '/');
	size_t exchange = slash ? (size_t)(slash - address) : strlen(address);
	bool is_in_exchange = dialect == DK_AMQP && from <= exchange;

	if (from == to && (!piece->is_rest || is_in_exchange))
		return false;
	for (size_t i = from; i < to; i++) {
		if (dialect == DK_AMQP && i == exchange)
			return false;
		if (piece->is_rest)
			continue;
		if (dialect == DK_AMQP	 ? i > exchange && address[i] == '.'
		    : dialect == DK_MQTT ? address[i] == '/'
					 : address[i] == '.')
			return false;
	}
	return true;
}

/* All ways, one after the other. */
static bool
slow_fits(enum dk_dialect dialect, const struct dk_pattern_piece *pieces, size_t count,
	  const char *address, size_t at)
{
	size_t length = strlen(address);

	if (count == 0)
		return at == length;
	if (pieces->literal.data)
		return strncmp(address + at, pieces->literal.data, pieces->literal.length) == 0 &&
		       slow_fits(dialect, pieces + 1, count - 1, address,
				 at + pieces->literal.length);
	for (size_t to = at; to <= length; to++)
		if (may_be(dialect, pieces, address, at, to) &&
		    slow_fits(dialect, pieces + 1, count - 1, address, to))
			return true;
	return false;
}

static void
make_pieces(uint64_t *seed, struct dk_pattern_piece *pieces, size_t count)
{
	static const char *const texts[] = { "a", "b", "/", ".", "a/", "/b", "ab", "aa", "", ".a" };

	for (size_t i = 0; i < count; i++) {
		pieces[i] = (struct dk_pattern_piece){ { NULL, 0 }, chance_below(seed, 3) == 0 };
		if (chance_below(seed, 2))
			pieces[i].literal = dk_slice_of(texts[chance_below(seed, ROWS(texts))]);
	}
}

/* Something that may well fit. */
static void
make_address(uint64_t *seed, const struct dk_pattern_piece *pieces, size_t count, char *address)
{
	static const char letters[] = "aab/.";

	for (size_t i = 0; i < count; i++) {
		size_t length = pieces[i].literal.length;

		if (pieces[i].literal.data)
			memcpy(address, pieces[i].literal.data, length);
		for (length = pieces[i].literal.data ? length : 0;
		     !pieces[i].literal.data && length < chance_below(seed, 4); length++)
			address[length] = letters[chance_below(seed, 5)];
		address += length;
	}
	*address = '\0';
}

static void
an_address_fits_if_and_only_if_there_is_a_way_to_part_it(void **state)
{
	static const enum dk_dialect dialects[] = { DK_MQTT, DK_AMQP, DK_KAFKA };
	uint64_t seed = 21;
	size_t seen[2] = { 0 };

	(void)state;
	for (size_t i = 0; i < 400000; i++) {
		enum dk_dialect dialect = dialects[i % ROWS(dialects)];
		struct dk_pattern_piece pieces[PIECES];
		size_t count = 1 + chance_below(&seed, PIECES);
		char address[64];
		bool fits;

		make_pieces(&seed, pieces, count);
		make_address(&seed, pieces, count, address);
		fits = slow_fits(dialect, pieces, count, address, 0);
		if (dk_output_fits(dialect, pieces, count, dk_slice_of(address)) != fits)
			fail_msg("number %zu: %s %s", i, address, fits ? "fits" : "does not fit");
		seen[fits]++;
	}
	assert_true(seen[0] > 50000 && seen[1] > 50000);
}

/* Where each byte could begin what does not fit: a publisher must not hold up the loop by it. What
 * takes the square of the length does not end before the alarm. */
static void
a_long_address_costs_no_more_than_its_length(void **state)
{
	static const struct dk_pattern_piece pieces[] = { REST,	      TEXT("-"), VALUE,
							  TEXT("="), VALUE,     TEXT(".json") };
	static const char end[] = "/b-x=y.json";
	size_t dashes = 8000000;
	char *address = malloc(dashes + sizeof(end));

	(void)state;
	assert_non_null(address);
	memset(address, '-', dashes);
	memcpy(address + dashes, end, sizeof(end));
	alarm(60);
	assert_true(dk_output_fits(DK_MQTT, pieces, ROWS(pieces), dk_slice_of(address)));
	address[dashes + sizeof(end) - 2] = 'x';
	assert_false(dk_output_fits(DK_MQTT, pieces, ROWS(pieces), dk_slice_of(address)));
	alarm(0);
	free(address);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_fits_its_template_or_a_value_broke_out),
		cmocka_unit_test(an_address_fits_if_and_only_if_there_is_a_way_to_part_it),
		cmocka_unit_test(a_long_address_costs_no_more_than_its_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
