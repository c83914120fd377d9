/* SPDX-License-Identifier: Apache-2.0
 *
 * regex_text.c - an expression as text: what it begins with, and values quoted for it.
 *
 * What an expression begins with must never be more than what all that it matches begins with. So
 * of what is not certain here (flags, comments, verbs, \Q) nothing is said: the syntax is PCRE2's,
 * see its manual pcre2pattern(3), and this reads only the plain part of it.
 */
#include "daemon/language/regex.h"

#define SPECIAL "\\^$.[]|()?*+{}"
#define NOT_CERTAIN SIZE_MAX

static bool
is_one_of(char c, const char *characters)
{
	return c && strchr(characters, c) != NULL;
}

static char
at(struct dk_slice text, size_t place)
{
	return place < text.length ? text.data[place] : '\0';
}

static bool
is_letter_or_digit(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* --- Are there alternatives outside of all groups? --- */

/* ( of a group or an assertion: not of flags, comments, callouts, conditions, verbs. */
static bool
is_plain_group(struct dk_slice text, size_t place)
{
	if (at(text, place + 1) == '*')
		return false;
	return at(text, place + 1) != '?' || is_one_of(at(text, place + 2), ":|=!<>P'");
}

/* \Q, \E and \c change what the next characters mean. */
static bool
is_plain_escape(struct dk_slice text, size_t place)
{
	return at(text, place + 1) && !is_one_of(at(text, place + 1), "QEc");
}

/* Of [:alpha:] in a class, which begins at `place`: its last character. */
static size_t
end_of_name(struct dk_slice text, size_t place)
{
	place += 2;
	while (at(text, place) == '^' || (at(text, place) >= 'a' && at(text, place) <= 'z'))
		place++;
	return at(text, place) == ':' && at(text, place + 1) == ']' ? place + 1 : NOT_CERTAIN;
}

static size_t
end_of_escape(struct dk_slice text, size_t place)
{
	return is_plain_escape(text, place) ? place + 1 : NOT_CERTAIN;
}

static size_t
end_in_class(struct dk_slice text, size_t place)
{
	if (text.data[place] == '\\')
		return end_of_escape(text, place);
	if (text.data[place] == '[' && is_one_of(at(text, place + 1), ":.="))
		return end_of_name(text, place);
	return place;
}

/* Its ]. */
static size_t
end_of_class(struct dk_slice text, size_t place)
{
	place += at(text, place + 1) == '^' ? 2 : 1;
	if (at(text, place) == ']') /* the first one is a character */
		place++;
	while (place < text.length && text.data[place] != ']') {
		place = end_in_class(text, place);
		if (place == NOT_CERTAIN)
			return NOT_CERTAIN;
		place++;
	}
	return place < text.length ? place : NOT_CERTAIN;
}

/* The last character of what begins at `place`: an escape, a class, or a character. */
static size_t
end_of_item(struct dk_slice text, size_t place)
{
	switch (text.data[place]) {
	case '\\':
		return end_of_escape(text, place);
	case '[':
		return end_of_class(text, place);
	case '(':
		return is_plain_group(text, place) ? place : NOT_CERTAIN;
	default:
		return place;
	}
}

static bool
may_have_alternatives(struct dk_slice text)
{
	size_t depth = 0, end;

	if (!dk_slice_has(text, '|'))
		return false;
	for (size_t i = 0; i < text.length; i = end + 1) {
		end = end_of_item(text, i);
		if (end == NOT_CERTAIN || (text.data[i] == '|' && depth == 0))
			return true;
		depth += text.data[i] == '(';
		depth -= text.data[i] == ')' && depth > 0;
	}
	return false;
}

/* --- What it begins with --- */

/* Whether what comes at `place` leaves what stands before it as it is: it may be a quantifier that
 * allows none of it, also behind a comment or the like. */
static bool
leaves_alone(struct dk_slice text, size_t place)
{
	char next = at(text, place);

	if (next == '(')
		return is_plain_group(text, place);
	if (next == '\\')
		return is_plain_escape(text, place);
	return !is_one_of(next, "*?{");
}

/* Its last character; of UTF-8 all of its bytes. */
static void
drop_last(struct dk_buffer *text, size_t begin)
{
	while (text->length > begin && (text->data[--text->length] & 0xc0) == 0x80)
		;
	if (text->data)
		text->data[text->length] = '\0';
}

/* The character that a literal at `place` stands for; 0: there is none. */
static char
literal_at(struct dk_slice text, size_t place)
{
	char c = at(text, place);

	if (c != '\\')
		return is_one_of(c, SPECIAL) ? '\0' : c;
	c = at(text, place + 1);
	return is_letter_or_digit(c) || c < ' ' || c > '~' ? '\0' : c;
}

void
dk_regex_prefix(struct dk_slice expression, struct dk_buffer *prefix)
{
	size_t begin = prefix->length, place = at(expression, 0) == '^';
	char literal;

	if (may_have_alternatives(expression))
		return;
	while ((literal = literal_at(expression, place))) {
		dk_buffer_add(prefix, dk_slice_new(&literal, 1));
		place += expression.data[place] == '\\' ? 2 : 1;
	}
	if (!leaves_alone(expression, place))
		drop_last(prefix, begin);
}

/* --- Quoting --- */

/* A backslash before what is neither letter nor digit always makes it a plain character. */
void
dk_regex_quote(struct dk_slice value, struct dk_buffer *out)
{
	for (size_t i = 0; i < value.length; i++) {
		if (!is_letter_or_digit(value.data[i]) && !(value.data[i] & 0x80))
			dk_buffer_add_text(out, "\\");
		dk_buffer_add(out, dk_slice_new(&value.data[i], 1));
	}
}
