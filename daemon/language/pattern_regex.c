/* SPDX-License-Identifier: Apache-2.0
 *
 * pattern_regex.c - a pattern that is a regular expression: its groups are captures, and what it
 * begins with is what is subscribed to.
 */
#include "daemon/base/error.h"
#include "daemon/language/dialect.h"
#include "daemon/language/parsing.h"

static int
name_groups(struct dk_parsing *parsing)
{
	size_t count;
	struct dk_regex_group *groups = dk_regex_groups(parsing->pattern->regex, &count);

	for (size_t i = 0; i < count; i++) {
		if (!dk_parsing_is_name(groups[i].name))
			return dk_fail(parsing->error,
				       "the group <%.*s> cannot be a capture: a name is made of "
				       "letters, digits and _",
				       (int)groups[i].name.length, groups[i].name.data);
		groups[i].slot = dk_parsing_slot(parsing, groups[i].name, false);
		if (groups[i].slot < 0)
			return -1;
	}
	return 0;
}

/* The whole levels of what the expression begins with, and a rest. In Kafka's filter what it begins
 * with need not end with a level. */
static void
add_prefix(struct dk_parsing *parsing, struct dk_slice prefix)
{
	struct dk_level_cursor cursor = dk_levels_begin(prefix);
	struct dk_slice level = DK_SLICE("");

	cursor.is_first = false; /* the exchange is no part of it */
	while (parsing->pattern->count < DK_PATTERN_LEVELS_MAX - 1 &&
	       dk_levels_next(&cursor, parsing->grammar, &level) && !cursor.is_over) {
		struct dk_pattern_level *literal = dk_parsing_begin(parsing, DK_LEVEL_LITERAL);

		dk_parsing_write(parsing, level);
		dk_parsing_end_literal(parsing, literal);
	}
	if (!parsing->is_posix) {
		dk_parsing_add_wild(parsing, DK_LEVEL_REST, -1);
		return;
	}
	dk_parsing_begin(parsing, DK_LEVEL_REST);
	dk_parsing_write(parsing, cursor.is_over ? level : DK_SLICE(""));
	dk_parsing_write(parsing, DK_SLICE(".*"));
}

/* What it begins with may be illegal; and of MQTT's topics with $ none is matched where the first
 * level is not literal. */
static const char *
prefix_fault(const struct dk_parsing *parsing, struct dk_slice prefix)
{
	if (parsing->dialect == DK_MQTT && prefix.length > 0 && prefix.data[0] == '$' &&
	    !dk_slice_has(prefix, '/'))
		return "begins with $, and the first level of such topics has to be literal";
	return dk_dialect_value_fault(parsing->dialect, prefix, true);
}

int
dk_parsing_regex(struct dk_parsing *parsing, struct dk_slice expression)
{
	struct dk_buffer buffer = { 0 };
	struct dk_slice prefix;
	const char *why;

	if (name_groups(parsing) != 0)
		return -1;
	dk_regex_prefix(expression, &buffer);
	prefix = buffer.length > 0 ? dk_slice_new(buffer.data, buffer.length) : DK_SLICE("");
	why = prefix_fault(parsing, prefix);
	if (why)
		dk_fail(parsing->error, "\"~%.*s\" matches nothing: \"%.*s\" %s",
			(int)expression.length, expression.data, (int)prefix.length, prefix.data,
			why);
	else
		add_prefix(parsing, prefix);
	dk_buffer_clear(&buffer);
	return why ? -1 : 0;
}
