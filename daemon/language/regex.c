/* SPDX-License-Identifier: Apache-2.0
 *
 * regex.c - the door to PCRE2: compiling an expression, matching it, its named groups.
 */
#include "daemon/language/regex.h"

#include <stdlib.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "daemon/base/error.h"
#include "daemon/language/levels.h"

/* Steps of one match: as many as keep steps times length, and so the time, within a bound. */
#define STEPS_MOST 100000u
#define STEPS_LEAST 500u
#define STEPS_TIMES_LENGTH 16000000u
/* Of the interpreter, where there is no just-in-time compiler. */
#define DEPTH_MOST 5000
#define HEAP_MOST_KB 1024

#define OPTIONS                                                                     \
	(PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_DOTALL | PCRE2_DOLLAR_ENDONLY | \
	 PCRE2_DUPNAMES | PCRE2_NEVER_BACKSLASH_C)

struct dk_regex {
	pcre2_code *code;
	pcre2_match_data *data;
	pcre2_match_context *context;
	struct dk_regex_group *groups;
	size_t group_count;
	size_t least;
	uint64_t given_up;
	size_t length;
	char text[];
};

size_t
dk_regex_begin(enum dk_dialect dialect, struct dk_slice text)
{
	char exchange_ends = dk_grammar_of(dialect)->first_separator;
	const char *at = text.data, *end = text.data + text.length;

	if (exchange_ends && text.length > 0) {
		at = memchr(text.data, exchange_ends, text.length);
		at = at ? at + 1 : end;
	}
	return at < end && *at == '~' ? (size_t)(at - text.data) + 1 : 0;
}

/* --- Compiling --- */

/* PCRE2 counts bytes. */
static size_t
count_characters(struct dk_slice text, bool is_utf8)
{
	size_t count = 0;

	for (size_t i = 0; i < text.length; i++)
		count += !is_utf8 || (text.data[i] & 0xc0) != 0x80;
	return count;
}

static int
compile(struct dk_regex *regex, struct dk_slice expression, bool is_utf8, struct dk_error *error)
{
	PCRE2_UCHAR words[256] = "";
	size_t offset;
	int code;

	regex->code = pcre2_compile((PCRE2_SPTR)expression.data, expression.length,
				    OPTIONS | (is_utf8 ? PCRE2_UTF : PCRE2_NEVER_UTF), &code,
				    &offset, NULL);
	if (regex->code)
		return 0;
	pcre2_get_error_message(code, words, sizeof(words));
	return dk_fail(error, "\"%.*s\" is no regular expression: %s after %zu characters",
		       (int)expression.length, expression.data, (const char *)words,
		       count_characters(dk_slice_new(expression.data, offset), is_utf8));
}

/* Where a group's name stands in the expression: between < and >, or ' and '. */
static struct dk_slice
find_name(struct dk_slice expression, struct dk_slice name)
{
	for (size_t i = 1; i + name.length < expression.length; i++) {
		const char *at = expression.data + i;

		if ((at[-1] == '<' || at[-1] == '\'') &&
		    dk_slice_is(dk_slice_new(at, name.length), name) &&
		    (at[name.length] == '>' || at[name.length] == '\''))
			return dk_slice_new(at, name.length);
	}
	abort(); /* there is no other way to write one */
}

/* PCRE2's table of names: for each the group's number in two bytes, then the name and a NUL. */
static void
read_groups(struct dk_regex *regex, struct dk_slice expression)
{
	PCRE2_SPTR table = NULL;
	uint32_t count = 0, size = 0;

	pcre2_pattern_info(regex->code, PCRE2_INFO_NAMECOUNT, &count);
	pcre2_pattern_info(regex->code, PCRE2_INFO_NAMEENTRYSIZE, &size);
	pcre2_pattern_info(regex->code, PCRE2_INFO_NAMETABLE, &table);
	regex->groups = calloc(count + 1, sizeof(*regex->groups));
	if (!regex->groups)
		abort();
	for (; regex->group_count < count; regex->group_count++, table += size)
		regex->groups[regex->group_count] = (struct dk_regex_group){
			.name = find_name(expression, dk_slice_of((const char *)table + 2)),
			.number = (uint32_t)table[0] << 8 | table[1],
			.slot = -1,
		};
}

/* What a match needs, so that it need not allocate. Without the just-in-time compiler it is slower,
 * no more. */
static void
prepare(struct dk_regex *regex)
{
	uint32_t least = 0;

	pcre2_jit_compile(regex->code, PCRE2_JIT_COMPLETE);
	pcre2_pattern_info(regex->code, PCRE2_INFO_MINLENGTH, &least);
	regex->least = least;
	regex->data = pcre2_match_data_create_from_pattern(regex->code, NULL);
	regex->context = pcre2_match_context_create(NULL);
	if (!regex->data || !regex->context)
		abort();
	pcre2_set_depth_limit(regex->context, DEPTH_MOST);
	pcre2_set_heap_limit(regex->context, HEAP_MOST_KB);
}

struct dk_regex *
dk_regex_new(struct dk_slice expression, bool is_utf8, struct dk_error *error)
{
	struct dk_regex *regex = calloc(1, sizeof(*regex) + expression.length);

	if (!regex)
		abort();
	regex->length = expression.length;
	memcpy(regex->text, expression.data, expression.length);
	if (compile(regex, expression, is_utf8, error) != 0) {
		free(regex);
		return NULL;
	}
	read_groups(regex, expression);
	prepare(regex);
	return regex;
}

void
dk_regex_free(struct dk_regex *regex)
{
	if (!regex)
		return;
	pcre2_match_context_free(regex->context);
	pcre2_match_data_free(regex->data);
	pcre2_code_free(regex->code);
	free(regex->groups);
	free(regex);
}

struct dk_slice
dk_regex_text(const struct dk_regex *regex)
{
	return dk_slice_new(regex->text, regex->length);
}

struct dk_regex_group *
dk_regex_groups(struct dk_regex *regex, size_t *count)
{
	*count = regex->group_count;
	return regex->groups;
}

size_t
dk_regex_least(const struct dk_regex *regex)
{
	return regex->least;
}

/* --- Matching --- */

static uint32_t
steps_for(size_t length)
{
	size_t steps = STEPS_TIMES_LENGTH / (length + 1);

	return steps > STEPS_MOST    ? STEPS_MOST
	       : steps < STEPS_LEAST ? STEPS_LEAST
				     : (uint32_t)steps;
}

static bool
is_limit(int code)
{
	static const int limits[] = { PCRE2_ERROR_MATCHLIMIT, PCRE2_ERROR_DEPTHLIMIT,
				      PCRE2_ERROR_HEAPLIMIT, PCRE2_ERROR_JIT_STACKLIMIT,
				      PCRE2_ERROR_RECURSELOOP };

	for (size_t i = 0; i < sizeof(limits) / sizeof(*limits); i++)
		if (code == limits[i])
			return true;
	return false;
}

/* Of two groups of one name the one that took part. \K may have moved the whole match's beginning,
 * but no group's. */
static void
set_captures(const struct dk_regex *regex, struct dk_slice text, struct dk_slice *captures)
{
	const size_t *ends = pcre2_get_ovector_pointer(regex->data);

	for (size_t i = 0; i < regex->group_count; i++) {
		const struct dk_regex_group *group = &regex->groups[i];
		size_t from = ends[2 * group->number], to = ends[2 * group->number + 1];

		if (from != PCRE2_UNSET && group->slot >= 0)
			captures[group->slot] = dk_slice_new(text.data + from, to - from);
	}
}

bool
dk_regex_match(struct dk_regex *regex, struct dk_slice text, struct dk_slice *captures)
{
	int code;

	pcre2_set_match_limit(regex->context, steps_for(text.length));
	code = pcre2_match(regex->code, (PCRE2_SPTR)text.data, text.length, 0, 0, regex->data,
			   regex->context);
	regex->given_up += is_limit(code);
	if (code < 0)
		return false;
	set_captures(regex, text, captures);
	return true;
}

uint64_t
dk_regex_given_up(const struct dk_regex *regex)
{
	return regex->given_up;
}
