/* SPDX-License-Identifier: Apache-2.0
 *
 * rules.c - what a variable's value may be.
 */
#include "daemon/config/rules.h"

#include <errno.h>
#include <stdlib.h>

#include "daemon/base/suggest.h"
#include "daemon/config/options.h"
#include "daemon/language/regex.h"

/* --- Types: a row for each --- */

static int
read_integer(const char *text, int64_t *value)
{
	char *end;

	errno = 0;
	*value = strtoll(text, &end, 10);
	if (!strchr("0123456789+-", *text) || end == text || *end || errno == ERANGE)
		return -1;
	return 0;
}

static const char *const truths[] = { "false", "true", "no", "yes", "off", "on" };

static int
read_truth(const char *text, int64_t *value)
{
	for (size_t i = 0; i < sizeof(truths) / sizeof(truths[0]); i++)
		if (strcmp(truths[i], text) == 0) {
			*value = i % 2;
			return 0;
		}
	return -1;
}

static const struct type {
	const char *name;
	int (*read)(const char *text, int64_t *value); /* NULL: it may be any text */
	bool has_order;
	const char *refusal;
	const char *placeholder;
	const char *help; /* one sentence */
} types[] = {
	[DK_TYPE_TEXT] = { "text", .placeholder = "placeholder", .help = "Any text." },
	[DK_TYPE_INTEGER] = { "integer", read_integer, true, "is no integer; 8080?", "0",
			      "A whole number of 64 bits; 007 becomes 7." },
	[DK_TYPE_BOOLEAN] = { "boolean", read_truth, false,
			      "is neither true nor false; true, yes, on, false, no or off?",
			      "false",
			      "true or false; yes and on become true, no and off become false." },
	[DK_TYPE_DURATION] = { "duration", dk_duration_read, true,
			       "is no duration; \"10ms\", \"5s\", \"2m\", \"1h\" or \"7d\"?", "0s",
			       "A number and its unit." },
	[DK_TYPE_SIZE] = { "size", dk_size_read, true, "is no size; \"64 kB\" or \"10 GB\"?", "0",
			   "A number of bytes, perhaps with a unit." },
	[DK_TYPE_LIST] = { "list", .placeholder = "placeholder",
			   .help = "Texts with commas between, none of which has a comma." },
};

#define TYPES (sizeof(types) / sizeof(types[0]))

int
dk_type_read(const char *name, enum dk_type *type, struct dk_error *error)
{
	struct dk_suggestion suggestion = { .written = dk_slice_of(name) };

	for (size_t i = 0; i < TYPES; i++) {
		*type = (enum dk_type)i;
		if (strcmp(types[i].name, name) == 0)
			return 0;
		dk_suggest(&suggestion, types[i].name);
	}
	return dk_fail(error,
		       "\"%s\" is no type; it is text, integer, boolean, duration, size or "
		       "list%s%s%s",
		       name, suggestion.nearest ? "; \"" : "",
		       suggestion.nearest ? suggestion.nearest : "",
		       suggestion.nearest ? "\"?" : "");
}

const char *
dk_type_name(enum dk_type type)
{
	return types[type].name;
}

const char *
dk_type_entry(size_t number, const char **help)
{
	if (number >= TYPES)
		return NULL;
	*help = types[number].help;
	return types[number].name;
}

bool
dk_type_has_order(enum dk_type type)
{
	return types[type].has_order;
}

const char *
dk_type_text(enum dk_type type, const char *value, struct dk_plan_memory *memory)
{
	int64_t number;

	if (type == DK_TYPE_BOOLEAN && read_truth(value, &number) == 0)
		return truths[number];
	if (type == DK_TYPE_INTEGER && read_integer(value, &number) == 0)
		return dk_memory_print(memory, "%lld", (long long)number);
	return value;
}

const char *
dk_rules_placeholder(const struct dk_rules *rules)
{
	if (rules->choices && rules->choices->count > 0)
		return rules->choices->inside[0].text;
	return rules->min ? rules->min : types[rules->type].placeholder;
}

/* --- Rules --- */

static int
check_range(const struct dk_rules *rules, int64_t number, struct dk_error *error)
{
	int64_t least = INT64_MIN, most = INT64_MAX;

	if (rules->min)
		types[rules->type].read(rules->min, &least);
	if (rules->max)
		types[rules->type].read(rules->max, &most);
	if (number >= least && number <= most)
		return 0;
	if (rules->min && rules->max)
		return dk_fail(error, "is out of its range, %s to %s", rules->min, rules->max);
	return rules->min ? dk_fail(error, "is too little; it is at least %s", rules->min) :
			    dk_fail(error, "is too much; it is at most %s", rules->max);
}

static bool
is_choice(const struct dk_node *choices, struct dk_slice value)
{
	for (size_t i = 0; i < choices->count; i++)
		if (dk_slice_is(dk_slice_of(choices->inside[i].text), value))
			return true;
	return false;
}

/* A secret is not helped with: what is near to it would tell of it. */
static int
fail_choice(const struct dk_rules *rules, struct dk_slice value, struct dk_error *error)
{
	struct dk_suggestion suggestion = { .written = value };
	char all[256] = "";
	size_t length = 0;

	if (rules->is_secret)
		return dk_fail(error, "is none of its choices");
	for (size_t i = 0; i < rules->choices->count; i++) {
		dk_suggest(&suggestion, rules->choices->inside[i].text);
		if (length < sizeof(all))
			length += (size_t)snprintf(all + length, sizeof(all) - length, "%s%s",
						   i ? ", " : "", rules->choices->inside[i].text);
	}
	if (suggestion.nearest)
		return dk_fail(error, "is none of %s; \"%s\"?", all, suggestion.nearest);
	return dk_fail(error, "is none of %s", all);
}

static int
check_choice(const struct dk_rules *rules, struct dk_slice value, struct dk_error *error)
{
	if (!rules->choices || is_choice(rules->choices, value))
		return 0;
	return fail_choice(rules, value, error);
}

/* Nothing is captured. */
static struct dk_regex *
compile(const char *match, struct dk_error *error)
{
	struct dk_regex *regex = dk_regex_new(dk_slice_of(match), true, error);
	struct dk_regex_group *groups;
	size_t count = 0;

	groups = regex ? dk_regex_groups(regex, &count) : NULL;
	for (size_t i = 0; i < count; i++)
		groups[i].slot = -1;
	return regex;
}

static int
check_match(const struct dk_rules *rules, struct dk_slice value, struct dk_error *error)
{
	struct dk_regex *regex;
	bool is_matched;

	if (!rules->match)
		return 0;
	regex = compile(rules->match, error);
	if (!regex)
		return 0; /* told of the rules themselves */
	is_matched = dk_regex_match(regex, value, NULL);
	dk_regex_free(regex);
	return is_matched ? 0 : dk_fail(error, "does not match %s", rules->match);
}

static int
check_item(const struct dk_rules *rules, struct dk_slice item, struct dk_error *error)
{
	struct dk_error why;

	if (check_choice(rules, item, &why) == 0 && check_match(rules, item, &why) == 0)
		return 0;
	if (rules->is_secret)
		return dk_fail(error, "has an item that %s", why.text);
	return dk_fail(error, "has an item \"%.*s\", which %s", (int)item.length, item.data,
		       why.text);
}

static int
check_items(const struct dk_rules *rules, const char *value, struct dk_error *error)
{
	while (*value) {
		size_t length = strcspn(value, ",");

		if (check_item(rules, dk_slice_new(value, length), error) != 0)
			return -1;
		value += length + (value[length] == ',');
	}
	return 0;
}

int
dk_rules_check(const struct dk_rules *rules, const char *value, struct dk_error *error)
{
	const struct type *type = &types[rules->type];
	int64_t number;

	if (rules->type == DK_TYPE_LIST)
		return check_items(rules, value, error);
	if (type->read && type->read(value, &number) != 0)
		return dk_fail(error, "%s", type->refusal);
	if (type->has_order && check_range(rules, number, error) != 0)
		return -1;
	if (check_choice(rules, dk_slice_of(value), error) != 0)
		return -1;
	return check_match(rules, dk_slice_of(value), error);
}

static int
read_bound(const struct dk_rules *rules, const char *name, const char *text, int64_t *bound,
	   struct dk_error *error)
{
	if (!text)
		return 0;
	if (!types[rules->type].has_order)
		return dk_fail(error, "%s is for integers, durations and sizes, not for a %s", name,
			       types[rules->type].name);
	if (types[rules->type].read(text, bound) == 0)
		return 0;
	return dk_fail(error, "%s, \"%s\", %s", name, text, types[rules->type].refusal);
}

static int
check_choices(const struct dk_rules *rules, struct dk_error *error)
{
	const struct type *type = &types[rules->type];
	int64_t number;

	for (size_t i = 0; type->read && rules->choices && i < rules->choices->count; i++)
		if (type->read(rules->choices->inside[i].text, &number) != 0)
			return dk_fail(error, "the choice \"%s\" %s",
				       rules->choices->inside[i].text, type->refusal);
	return 0;
}

int
dk_rules_check_themselves(const struct dk_rules *rules, struct dk_error *error)
{
	int64_t least = INT64_MIN, most = INT64_MAX;
	struct dk_regex *regex;

	if (read_bound(rules, "min", rules->min, &least, error) != 0 ||
	    read_bound(rules, "max", rules->max, &most, error) != 0)
		return -1;
	if (least > most)
		return dk_fail(error, "min, %s, is more than max, %s", rules->min, rules->max);
	if (check_choices(rules, error) != 0)
		return -1;
	if (!rules->match)
		return 0;
	regex = compile(rules->match, error);
	if (!regex)
		return -1;
	dk_regex_free(regex);
	return 0;
}
