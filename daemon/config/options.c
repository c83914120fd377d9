/* SPDX-License-Identifier: Apache-2.0
 *
 * options.c - option tables at work.
 */
#include "daemon/config/options.h"

#include <errno.h>
#include <stdlib.h>

#include "daemon/base/error.h"
#include "daemon/config/faults.h"

/* --- Values --- */

const struct dk_unit dk_duration_units[] = {
	{ "ms", 1 }, { "s", 1000 }, { "m", 60000 }, { "h", 3600000 }, { "d", 86400000 }, { 0 },
};
const struct dk_unit dk_size_units[] = {
	{ "", 1 }, { "B", 1 }, { "kB", 1 << 10 }, { "KB", 1 << 10 }, { "MB", 1 << 20 },
	{ "GB", 1 << 30 }, { "TB", (int64_t)1 << 40 }, { 0 },
};

static int
read_with_unit(const char *text, const struct dk_unit *units, int64_t *value)
{
	char *end;
	long long number;

	errno = 0;
	number = strtoll(text, &end, 10);
	if (end == text || errno == ERANGE || number < 0)
		return -1;
	while (*end == ' ')
		end++;
	for (; units->name; units++)
		if (strcmp(units->name, end) == 0)
			return __builtin_mul_overflow(number, units->factor, value) ? -1 : 0;
	return -1;
}

int
dk_duration_read(const char *text, int64_t *ms)
{
	return read_with_unit(text, dk_duration_units, ms);
}

int
dk_size_read(const char *text, int64_t *bytes)
{
	return read_with_unit(text, dk_size_units, bytes);
}

static void *
at(const struct dk_option *option, void *values)
{
	return (char *)values + option->offset;
}

static int
read_text(const struct dk_option *option, const char *text, void *values, struct dk_error *error)
{
	(void)error;
	*(const char **)at(option, values) = text;
	return 0;
}

/* In the largest unit that is exact. */
static const char *
with_unit(int64_t value, const struct dk_unit *units, char *text, size_t room)
{
	const struct dk_unit *best = units;

	for (; value != 0 && units->name; units++)
		if (units->factor > best->factor && value % units->factor == 0)
			best = units;
	snprintf(text, room, "%lld%s%s", (long long)(value / best->factor),
		 strchr(best->name, 'B') ? " " : "",
		 best->name);
	return text;
}

const char *
dk_option_number(const struct dk_option *option, int64_t value, char *text, size_t room)
{
	static const struct dk_unit one[] = { { "", 1 }, { 0 } };

	return with_unit(value,
			 option->type == DK_DURATION ? dk_duration_units :
			 option->type == DK_SIZE     ? dk_size_units :
						       one,
			 text, room);
}

/* The range, of what has one. */
static int
keep_number(const struct dk_option *option, int64_t number, const char *text, void *values,
	    struct dk_error *error)
{
	char least[40], most[40];

	if (option->min == 0 && option->max == 0) {
		if (number < 0)
			return dk_fail(error, "%s is negative, which it may not be", text);
	} else if (number < option->min || number > option->max) {
		dk_option_number(option, option->min, least, sizeof(least));
		dk_option_number(option, option->max, most, sizeof(most));
		if (option->max == INT64_MAX)
			return dk_fail(error, "%s is too little; it is at least %s", text, least);
		return dk_fail(error, "%s is out of its range, %s to %s", text, least, most);
	}
	*(int64_t *)at(option, values) = number;
	return 0;
}

static int
read_integer(const struct dk_option *option, const char *text, void *values,
	     struct dk_error *error)
{
	char *end;
	long long number;

	errno = 0;
	number = strtoll(text, &end, 10);
	if (end == text || *end || errno == ERANGE)
		return dk_fail(error, "\"%s\" is no integer; %s?", text,
			       option->preset ? option->preset : "10");
	return keep_number(option, number, text, values, error);
}

static int
read_truth(const struct dk_option *option, const char *text, void *values, struct dk_error *error)
{
	static const char *const words[] = { "false", "true", "no", "yes", "off", "on" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(words[i], text) == 0) {
			*(bool *)at(option, values) = i % 2;
			return 0;
		}
	return dk_fail(error, "\"%s\" is neither true nor false; true, yes, on, false, no or off?",
		       text);
}

static int
read_duration(const struct dk_option *option, const char *text, void *values,
	      struct dk_error *error)
{
	int64_t ms;

	if (dk_duration_read(text, &ms) != 0)
		return dk_fail(error,
			       "\"%s\" is no duration; \"10ms\", \"5s\", \"2m\", \"1h\" or "
			       "\"7d\"?",
			       text);
	return keep_number(option, ms, text, values, error);
}

static int
read_size(const struct dk_option *option, const char *text, void *values, struct dk_error *error)
{
	int64_t bytes;

	if (dk_size_read(text, &bytes) != 0)
		return dk_fail(error, "\"%s\" is no size; \"64 kB\" or \"10 GB\"?", text);
	return keep_number(option, bytes, text, values, error);
}

static int
read_choice(const struct dk_option *option, const char *text, void *values,
	    struct dk_error *error)
{
	struct dk_suggestion suggestion = { .written = dk_slice_of(text) };
	char all[256] = "";
	size_t length = 0;

	for (int i = 0; option->choices[i]; i++) {
		if (strcmp(option->choices[i], text) == 0) {
			*(int *)at(option, values) = i;
			return 0;
		}
		dk_suggest(&suggestion, option->choices[i]);
		if (length < sizeof(all))
			length += (size_t)snprintf(all + length, sizeof(all) - length, "%s%s",
						   i ? ", " : "", option->choices[i]);
	}
	if (suggestion.nearest)
		return dk_fail(error, "\"%s\" is none of %s; \"%s\"?", text, all,
			       suggestion.nearest);
	return dk_fail(error, "\"%s\" is none of %s", text, all);
}

/* --- Types: a row for each --- */

static const struct type {
	int (*read)(const struct dk_option *option, const char *text, void *values,
		    struct dk_error *error);
	const char *example;
} types[] = {
	[DK_TEXT] = { read_text, "a text" },
	[DK_SECRET] = { read_text, "a text" },
	[DK_INTEGER] = { read_integer, "an integer" },
	[DK_TRUTH] = { read_truth, "true or false" },
	[DK_DURATION] = { read_duration, "a duration like \"10ms\"" },
	[DK_SIZE] = { read_size, "a size like \"64 kB\"" },
	[DK_CHOICE] = { read_choice, "a text" },
};

/* --- Tables --- */

struct cleaning {
	const struct dk_options *table;
	void *values;
};

static void
clean(void *context)
{
	struct cleaning *cleaning = context;

	cleaning->table->clean(cleaning->values);
}

void
dk_options_preset(const struct dk_options *table, void *values)
{
	struct dk_error error;

	for (const struct dk_option *row = table->rows; row && row->name; row++)
		if (row->preset && types[row->type].read(row, row->preset, values, &error) != 0)
			abort(); /* a plugin's own preset is none: its author must know */
}

void *
dk_options_new(const struct dk_options *table, struct dk_plan_memory *memory)
{
	void *values = table->size ? dk_memory_take(memory, table->size) : NULL;

	if (values)
		dk_options_preset(table, values);
	if (values && table->clean) {
		struct cleaning *cleaning = dk_memory_take(memory, sizeof(*cleaning));

		*cleaning = (struct cleaning){ table, values };
		dk_memory_keep(memory, cleaning, clean);
	}
	return values;
}

static const struct dk_option *
find(const struct dk_options *table, const char *name)
{
	for (const struct dk_option *row = table->rows; row && row->name; row++)
		if (strcmp(row->name, name) == 0)
			return row;
	return NULL;
}

bool
dk_options_know(const struct dk_options *table, const char *name)
{
	return find(table, name) || table->other;
}

bool
dk_options_list(const struct dk_options *table, const char *name)
{
	return find(table, name) != NULL;
}

void
dk_options_suggest(const struct dk_options *table, struct dk_suggestion *suggestion)
{
	for (const struct dk_option *row = table->rows; row && row->name; row++)
		dk_suggest(suggestion, row->name);
}

/* Whether the names, parted by commas, have this one. */
static bool
has_name(const char *names, const char *name)
{
	size_t length = strlen(name);

	for (const char *at = names; (at = strstr(at, name)); at += length)
		if ((at == names || at[-1] == ' ') && (!at[length] || at[length] == ','))
			return true;
	return false;
}

void
dk_options_names(const struct dk_options *table, char *names, size_t room)
{
	for (const struct dk_option *row = table->rows; row && row->name; row++) {
		size_t length = strlen(names);

		if (!has_name(names, row->name))
			snprintf(names + length, room - length, "%s%s", length ? ", " : "",
				 row->name);
	}
}

const char *
dk_options_set(const struct dk_options *table, void *values, const char *what,
	       const struct dk_node *node, const struct dk_variables *variables,
	       struct dk_faults *faults)
{
	const struct dk_option *row = find(table, node->name);
	const char *colon = *what ? ": " : "";
	struct dk_error error;
	const char *text;
	int result;

	if (!dk_node_is_scalar(node)) {
		dk_fault(faults, node->place, "%s%s%s is %s; %s?", what, colon, node->name,
			 dk_node_kind_name(node), row ? types[row->type].example : "a text");
		return NULL;
	}
	text = row && row->flags & DK_URI ?
		       dk_variables_expand_uri(variables, node->text, &error) :
		       dk_variables_expand(variables, node->text, &error);
	if (text)
		result = row ? types[row->type].read(row, text, values, &error) :
			       table->other(values, node->name, text, &error);
	if (text && result == 0)
		return text;
	dk_fault(faults, node->place, "%s%s%s: %s", what, colon, node->name, error.text);
	return NULL;
}

bool
dk_options_require(const struct dk_options *table, void *values, const char *what,
		   struct dk_place place, const struct dk_node *given, struct dk_faults *faults)
{
	bool is_complete = true;

	for (const struct dk_option *row = table->rows; row && row->name; row++) {
		if (!(row->flags & DK_REQUIRED) || *(const char **)at(row, values))
			continue;
		is_complete = false;
		if (!given ||
		    !(dk_node_find(given, row->name) || dk_node_misspelt(given, row->name)))
			dk_fault(faults, place, "%s has no %s; %s = \"…\"; (%s)", what, row->name,
				 row->name, row->help);
	}
	return is_complete;
}

void
dk_options_finish(const struct dk_options *table, void *values, const char *what,
		  struct dk_place place, struct dk_faults *faults)
{
	struct dk_error error;

	if (dk_options_require(table, values, what, place, NULL, faults) && values &&
	    table->check && table->check(values, &error) != 0)
		dk_fault(faults, place, "%s: %s", what, error.text);
}

const char *
dk_option_text(const struct dk_option *option, const void *values, char *text, size_t room)
{
	const void *value = (const char *)values + option->offset;

	switch (option->type) {
	case DK_TEXT:
		return *(const char *const *)value;
	case DK_SECRET:
		return *(const char *const *)value ? "*****" : NULL;
	case DK_TRUTH:
		return *(const bool *)value ? "true" : "false";
	case DK_CHOICE:
		return option->choices[*(const int *)value];
	case DK_INTEGER:
	case DK_DURATION:
	case DK_SIZE:
		return dk_option_number(option, *(const int64_t *)value, text, room);
	}
	return NULL;
}

bool
dk_option_is_same(const struct dk_option *option, const void *values, const void *others)
{
	char one[64], two[64];
	const char *a = dk_option_text(option, values, one, sizeof(one));
	const char *b = dk_option_text(option, others, two, sizeof(two));

	return a && b ? strcmp(a, b) == 0 : a == b;
}
