/* SPDX-License-Identifier: Apache-2.0
 *
 * output.c - an address against a template's pieces.
 *
 * Between two rests there is a run of literals and values, and each of them may be put as early as
 * it can: whatever fits behind a later place fits behind the earlier one too, for a value that
 * begins earlier is only longer. So nothing is tried twice but the levels that a run spans, where it
 * begins after a rest.
 */
#include "daemon/language/output.h"

#define NOWHERE SIZE_MAX

/* What parts levels: up to its first place in the address, and after that. */
static const struct {
	char first, other;
} separators[] = {
	[DK_PLAIN] = { '\0', '\0' }, [DK_MQTT] = { '/', '/' }, [DK_AMQP] = { '/', '.' },
	[DK_KAFKA] = { '.', '.' },   [DK_PATH] = { '/', '/' },
};

struct fitting {
	const struct dk_pattern_piece *pieces;
	struct dk_slice address;
	char first, other;
	size_t key; /* where AMQP's routing key begins; 0 elsewhere */
};

/* The pieces between two rests, and where the address is parted. */
struct run {
	size_t next, end; /* pieces */
	size_t at;
	size_t values; /* that begin there and are not parted from each other: a byte each at least
			*/
};

/* Up to where a value that begins here may reach. */
static size_t
end_of_level(const struct fitting *fitting, size_t from)
{
	size_t length = fitting->address.length;
	char separator = from < fitting->key ? fitting->first : fitting->other;
	const char *found = separator && from < length
				    ? memchr(fitting->address.data + from, separator, length - from)
				    : NULL;

	return found ? (size_t)(found - fitting->address.data) : length;
}

/* Literals side by side. */
struct literals {
	size_t from, to; /* pieces */
	size_t length;
};

static struct literals
next_literals(const struct fitting *fitting, const struct run *run)
{
	struct literals literals = { run->next, run->next, 0 };

	while (literals.to < run->end && fitting->pieces[literals.to].literal.data)
		literals.length += fitting->pieces[literals.to++].literal.length;
	return literals;
}

static bool
are_at(const struct fitting *fitting, const struct literals *literals, size_t at)
{
	if (at > fitting->address.length || fitting->address.length - at < literals->length)
		return false;
	for (size_t i = literals->from; i < literals->to; i++) {
		struct dk_slice literal = fitting->pieces[i].literal;

		if (memcmp(fitting->address.data + at, literal.data, literal.length) != 0)
			return false;
		at += literal.length;
	}
	return true;
}

/* Behind the values before them, as early as may be; those that end the address have one place. */
static bool
take_literals(const struct fitting *fitting, struct run *run, bool is_last)
{
	struct literals literals = next_literals(fitting, run);
	size_t at = run->at + run->values;
	size_t most = run->values ? end_of_level(fitting, run->at) : run->at;

	if (is_last && literals.to == run->end && fitting->address.length >= at + literals.length)
		at = fitting->address.length - literals.length;
	while (at <= most && !are_at(fitting, &literals, at))
		at++;
	*run = (struct run){ literals.to, run->end, at + literals.length, 0 };
	return at <= most;
}

/* Where a run that begins at `at` ends, as early as it can; of the last one: at the address's end.
 * NOWHERE: it does not fit. */
static size_t
take_run(const struct fitting *fitting, struct run run, bool is_last)
{
	size_t end;

	while (run.next < run.end)
		if (!fitting->pieces[run.next].literal.data) {
			run.values++;
			run.next++;
		} else if (!take_literals(fitting, &run, is_last)) {
			return NOWHERE;
		}
	end = run.values ? end_of_level(fitting, run.at) : run.at;
	if (is_last)
		return end == fitting->address.length && end >= run.at + run.values ? end : NOWHERE;
	return run.at + run.values <= end ? run.at + run.values : NOWHERE;
}

/* What comes after a rest that begins at run.at. A value and what comes after it, if they do not fit
 * in one place of a level, fit in no later one: each level is looked through once. */
static size_t
take_run_anywhere(const struct fitting *fitting, struct run run, bool is_last)
{
	bool is_in_exchange = run.at < fitting->key;
	size_t to = is_in_exchange ? fitting->key - 1 : fitting->address.length;
	struct literals literals = next_literals(fitting, &run);
	bool has_values = literals.to < run.end;
	size_t end = NOWHERE;

	for (run.at += is_in_exchange; run.at <= to && end == NOWHERE; run.at++) {
		if (!are_at(fitting, &literals, run.at))
			continue;
		end = take_run(fitting, run, is_last);
		if (has_values)
			run.at = end_of_level(fitting, run.at);
	}
	return end;
}

bool
dk_output_fits(enum dk_dialect dialect, const struct dk_pattern_piece *pieces, size_t count,
	       struct dk_slice address)
{
	struct fitting fitting = { pieces, address, separators[dialect].first,
				   separators[dialect].other, 0 };
	struct run run = { 0 };
	bool is_behind_rest = false;

	if (fitting.first != fitting.other) {
		fitting.key = 1; /* for that: it begins behind the first / */
		fitting.key = end_of_level(&fitting, 0) + 1;
	}
	for (;;) {
		while (run.end < count &&
		       (pieces[run.end].literal.data || !pieces[run.end].is_rest))
			run.end++;
		run.at = is_behind_rest ? take_run_anywhere(&fitting, run, run.end == count)
					: take_run(&fitting, run, run.end == count);
		if (run.at == NOWHERE || run.end == count)
			return run.at != NOWHERE;
		run.next = ++run.end;
		is_behind_rest = true;
	}
}
