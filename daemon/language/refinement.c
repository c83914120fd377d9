/* SPDX-License-Identifier: Apache-2.0
 *
 * refinement.c - what stands behind a name in braces: its default, its format and its filters.
 */
#include "daemon/language/refinement.h"

#include <stdio.h>
#include <stdlib.h>

#include "daemon/base/error.h"
#include "daemon/language/filter.h"

#define FILTERS_MAX 8

struct dk_refinement {
	bool has_preset;
	struct dk_slice preset;
	const char *missing; /* "is missing: …"; NULL: nothing is said */
	struct dk_filter *filters;
	size_t filter_count;
	char text[]; /* what the slices point into; behind it what is missing */
};

/* --- Reading --- */

struct reading {
	struct dk_slice inside; /* of the braces */
	bool is_time;
	struct dk_refinement *refinement;
	struct dk_error *error;
};

static struct dk_filter *
add_filter(struct dk_refinement *refinement)
{
	refinement->filters = realloc(refinement->filters, (refinement->filter_count + 1) *
								   sizeof(*refinement->filters));
	if (!refinement->filters)
		abort();
	return &refinement->filters[refinement->filter_count++];
}

static int
read_filters(struct reading *reading, struct dk_slice text)
{
	struct dk_refinement *refinement = reading->refinement;

	while (text.length > 0) {
		size_t read;

		if (refinement->filter_count == FILTERS_MAX)
			return dk_fail(reading->error, "there are more than %d filters in ${%.*s}",
				       FILTERS_MAX, (int)reading->inside.length,
				       reading->inside.data);
		read = dk_filter_read(text, reading->is_time, add_filter(refinement),
				      reading->error);
		if (read == 0)
			return -1;
		while (read < text.length && text.data[read] == ' ')
			read++;
		if (read < text.length && text.data[read] != '|')
			return dk_fail(reading->error,
				       "\"%.*s\" follows a filter in ${%.*s}; a | between them?",
				       (int)(text.length - read), text.data + read,
				       (int)reading->inside.length, reading->inside.data);
		if (read + 1 == text.length)
			return dk_fail(reading->error, "a | has no filter behind it");
		text = dk_slice_after(text, read < text.length ? read + 1 : read);
	}
	return 0;
}

#define MISSING "is missing: "

static void
set_missing(struct reading *reading, struct dk_slice what)
{
	char *missing = reading->refinement->text + reading->inside.length;

	snprintf(missing, sizeof(MISSING) + what.length, MISSING "%.*s", (int)what.length,
		 what.data);
	if (what.length == 0)
		missing[sizeof(MISSING) - 3] = '\0'; /* without the colon */
	reading->refinement->missing = missing;
}

/* What stands between a colon and the first |. */
static int
read_clause(struct reading *reading, struct dk_slice clause)
{
	struct dk_refinement *refinement = reading->refinement;
	char first = clause.length > 0 ? clause.data[0] : '\0';

	if (dk_slice_has(clause, '$'))
		return dk_fail(reading->error,
			       "there is a $ inside of ${%.*s}: what stands there is a plain text",
			       (int)reading->inside.length, reading->inside.data);
	if (first == '-') {
		refinement->has_preset = true;
		refinement->preset = dk_slice_after(clause, 1);
	} else if (first == '?') {
		set_missing(reading, dk_slice_after(clause, 1));
	} else if (first == '%') {
		return dk_filter_read_format(clause, reading->is_time, add_filter(refinement),
					     reading->error);
	} else {
		return dk_fail(reading->error,
			       "\"${%.*s}\" is not understood; ${NAME}, ${NAME:-default}, "
			       "${NAME:?what is missing}, ${NAME:%%05d} or ${NAME|lower}?",
			       (int)reading->inside.length, reading->inside.data);
	}
	return 0;
}

/* A clause, then filters. */
static int
read_parts(struct reading *reading, size_t length)
{
	struct dk_slice clause = dk_slice_new(reading->refinement->text, length);
	struct dk_slice rest = { NULL, 0 };
	const char *bar = memchr(clause.data, '|', clause.length);

	if (bar) {
		rest = dk_slice_after(clause, (size_t)(bar + 1 - clause.data));
		clause.length = (size_t)(bar - clause.data);
	}
	if (bar && rest.length == 0)
		return dk_fail(reading->error, "a | has no filter behind it");
	while (clause.length > 0 && clause.data[0] == ' ')
		clause = dk_slice_after(clause, 1);
	if (clause.length > 0 && clause.data[0] == ':' &&
	    read_clause(reading, dk_slice_after(clause, 1)) != 0)
		return -1;
	if (clause.length > 0 && clause.data[0] != ':')
		return read_clause(reading, DK_SLICE(""));
	return read_filters(reading, rest);
}

struct dk_refinement *
dk_refinement_read(struct dk_slice inside, size_t name_length, bool is_time,
		   struct dk_error *error)
{
	struct dk_slice text = dk_slice_after(inside, name_length);
	struct reading reading = { .inside = inside, .is_time = is_time, .error = error };

	reading.refinement =
		calloc(1, sizeof(*reading.refinement) + 2 * inside.length + sizeof(MISSING));
	if (!reading.refinement)
		abort();
	memcpy(reading.refinement->text, text.data, text.length);
	if (read_parts(&reading, text.length) == 0)
		return reading.refinement;
	dk_refinement_free(reading.refinement);
	return NULL;
}

void
dk_refinement_free(struct dk_refinement *refinement)
{
	if (refinement)
		free(refinement->filters);
	free(refinement);
}

/* --- For each value --- */

static bool
is_empty(const struct dk_value *value)
{
	return value->kind == DK_VALUE_ABSENT ||
	       (value->kind == DK_VALUE_TEXT && value->text.length == 0);
}

/* Default and filters; the value is in the scratch buffer then, if it was changed. */
const char *
dk_refine(struct dk_refinement *refinement, struct dk_buffer *scratch, struct dk_value *value)
{
	const char *fault = NULL;

	if (is_empty(value) && refinement->missing)
		return refinement->missing;
	if (is_empty(value) && refinement->has_preset)
		*value = dk_value_of(refinement->preset);
	if (refinement->filter_count == 0 || value->kind == DK_VALUE_ABSENT)
		return NULL;
	scratch->length = 0;
	dk_buffer_reserve(scratch, 0);
	dk_value_add(value, scratch);
	for (size_t i = 0; i < refinement->filter_count && !fault; i++)
		fault = refinement->filters[i].apply(&refinement->filters[i], scratch);
	*value = dk_value_of(dk_slice_new(scratch->data, scratch->length));
	return fault;
}

bool
dk_refinement_tells_of_absence(const struct dk_refinement *refinement)
{
	return refinement->has_preset || refinement->missing;
}
