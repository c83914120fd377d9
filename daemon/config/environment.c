/* SPDX-License-Identifier: Apache-2.0
 *
 * environment.c - a file of environment variables as systemd reads it.
 */
#include "daemon/config/environment.h"

#include <errno.h>
#include <stdlib.h>

#include "daemon/base/buffer.h"
#include "daemon/base/map.h"
#include "daemon/config/contents.h"

#define LARGEST ((size_t)1 << 20)

struct dk_environment {
	struct dk_map assignments; /* by name */
};

/* Where the reader is, between two characters. */
enum state {
	BEFORE_NAME,
	IN_NAME,
	BEFORE_VALUE, /* also after a quote's end */
	IN_VALUE,
	AFTER_BACKSLASH,
	IN_SINGLE_QUOTES,
	IN_DOUBLE_QUOTES,
	AFTER_QUOTED_BACKSLASH,
	IN_COMMENT,
	AFTER_COMMENTED_BACKSLASH,
};

struct parsing {
	struct dk_environment *environment;
	struct dk_plan_memory *memory;
	struct dk_faults *faults;
	struct dk_place place;
	struct dk_place begin; /* of the assignment */
	struct dk_buffer name, value;
	size_t bare; /* length of the value without white space at its end */
};

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool
is_line_end(char c)
{
	return c == '\n' || c == '\r';
}

/* --- Assignments --- */

static bool
is_name(const char *text)
{
	static const char legal[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";

	return *text && !(*text >= '0' && *text <= '9') && !text[strspn(text, legal)];
}

/* In the plan's memory, without white space at its end; the buffer is empty then. */
static const char *
take(struct parsing *parsing, struct dk_buffer *buffer, size_t length)
{
	const char *text = dk_memory_text(parsing->memory, dk_slice_new(buffer->data, length));

	buffer->length = 0;
	return text;
}

static enum state
assign(struct parsing *parsing)
{
	struct dk_assignment *assignment =
		dk_memory_take(parsing->memory, sizeof(*assignment));
	size_t length = parsing->name.length;
	const char *name;

	while (length > 0 && is_space(parsing->name.data[length - 1]))
		length--;
	name = take(parsing, &parsing->name, length);
	assignment->value = take(parsing, &parsing->value, parsing->bare);
	assignment->place = parsing->begin;
	if (is_name(name))
		dk_map_put(&parsing->environment->assignments, dk_slice_of(name), assignment);
	else
		dk_warning(parsing->faults, parsing->begin,
			   "\"%s\" is no name of a variable: systemd passes over it; NAME=value?",
			   name);
	return BEFORE_NAME;
}

/* To the value, of which it is no white space at the end. */
static enum state
keep(struct parsing *parsing, char c, enum state next)
{
	dk_buffer_add(&parsing->value, dk_slice_new(&c, 1));
	parsing->bare = parsing->value.length;
	return next;
}

/* --- States: what a character makes of each --- */

static enum state
before_name(struct parsing *parsing, char c)
{
	if (c == '#' || c == ';')
		return IN_COMMENT;
	if (is_space(c))
		return BEFORE_NAME;
	parsing->begin = parsing->place;
	parsing->name.length = parsing->value.length = parsing->bare = 0;
	dk_buffer_add(&parsing->name, dk_slice_new(&c, 1));
	return IN_NAME;
}

static enum state
in_name(struct parsing *parsing, char c)
{
	if (c == '=')
		return BEFORE_VALUE;
	if (is_line_end(c)) {
		dk_warning(parsing->faults, parsing->begin,
			   "there is no = in this line: systemd passes over it; NAME=value?");
		return BEFORE_NAME;
	}
	dk_buffer_add(&parsing->name, dk_slice_new(&c, 1));
	return IN_NAME;
}

static enum state
before_value(struct parsing *parsing, char c)
{
	if (is_line_end(c))
		return assign(parsing);
	if (is_space(c))
		return BEFORE_VALUE;
	switch (c) {
	case '\'':
		return IN_SINGLE_QUOTES;
	case '"':
		return IN_DOUBLE_QUOTES;
	case '\\':
		return AFTER_BACKSLASH;
	default:
		return keep(parsing, c, IN_VALUE);
	}
}

static enum state
in_value(struct parsing *parsing, char c)
{
	if (is_line_end(c))
		return assign(parsing);
	if (c == '\\') {
		parsing->bare = parsing->value.length;
		return AFTER_BACKSLASH;
	}
	if (!is_space(c))
		return keep(parsing, c, IN_VALUE);
	dk_buffer_add(&parsing->value, dk_slice_new(&c, 1));
	return IN_VALUE;
}

/* A line's end is taken away, and the value goes on in the next line. */
static enum state
after_backslash(struct parsing *parsing, char c)
{
	return is_line_end(c) ? IN_VALUE : keep(parsing, c, IN_VALUE);
}

static enum state
in_single_quotes(struct parsing *parsing, char c)
{
	return c == '\'' ? BEFORE_VALUE : keep(parsing, c, IN_SINGLE_QUOTES);
}

static enum state
in_double_quotes(struct parsing *parsing, char c)
{
	if (c == '"')
		return BEFORE_VALUE;
	return c == '\\' ? AFTER_QUOTED_BACKSLASH : keep(parsing, c, IN_DOUBLE_QUOTES);
}

/* As in a shell, a backslash that has nothing to take the meaning of stays. */
static enum state
after_quoted_backslash(struct parsing *parsing, char c)
{
	if (c == '\n')
		return IN_DOUBLE_QUOTES;
	if (!strchr("\"\\`$", c))
		keep(parsing, '\\', IN_DOUBLE_QUOTES);
	return keep(parsing, c, IN_DOUBLE_QUOTES);
}

static enum state
in_comment(struct parsing *parsing, char c)
{
	(void)parsing;
	if (c == '\\')
		return AFTER_COMMENTED_BACKSLASH;
	return is_line_end(c) ? BEFORE_NAME : IN_COMMENT;
}

/* A comment goes on in the next line, too. */
static enum state
after_commented_backslash(struct parsing *parsing, char c)
{
	(void)parsing, (void)c;
	return IN_COMMENT;
}

static enum state (*const states[])(struct parsing *parsing, char c) = {
	[BEFORE_NAME] = before_name,
	[IN_NAME] = in_name,
	[BEFORE_VALUE] = before_value,
	[IN_VALUE] = in_value,
	[AFTER_BACKSLASH] = after_backslash,
	[IN_SINGLE_QUOTES] = in_single_quotes,
	[IN_DOUBLE_QUOTES] = in_double_quotes,
	[AFTER_QUOTED_BACKSLASH] = after_quoted_backslash,
	[IN_COMMENT] = in_comment,
	[AFTER_COMMENTED_BACKSLASH] = after_commented_backslash,
};

/* --- The file --- */

/* What the end of the file cuts off is assigned as it is. */
static void
end(struct parsing *parsing, enum state state)
{
	if (state == IN_NAME)
		in_name(parsing, '\n');
	else if (state >= BEFORE_VALUE && state < IN_COMMENT)
		assign(parsing);
	if (state == IN_SINGLE_QUOTES || state == IN_DOUBLE_QUOTES)
		dk_warning(parsing->faults, parsing->begin,
			   "the quote that begins here is never closed; is a %c missing?",
			   state == IN_DOUBLE_QUOTES ? '"' : '\'');
}

static void
clear(void *environment)
{
	dk_map_clear(&((struct dk_environment *)environment)->assignments);
}

const struct dk_environment *
dk_environment_parse(const char *path, struct dk_slice text, struct dk_plan_memory *memory,
		     struct dk_faults *faults)
{
	struct dk_environment *environment = dk_memory_take(memory, sizeof(*environment));
	struct parsing parsing = { .environment = environment,
				   .memory = memory,
				   .faults = faults,
				   .place = { path, 1 } };
	enum state state = BEFORE_NAME;

	dk_memory_keep(memory, environment, clear);
	for (size_t i = 0; i < text.length && text.data[i]; i++) {
		state = states[state](&parsing, text.data[i]);
		parsing.place.line += text.data[i] == '\n';
	}
	end(&parsing, state);
	dk_buffer_clear(&parsing.name);
	dk_buffer_clear(&parsing.value);
	return environment;
}

const struct dk_environment *
dk_environment_read(const char *path, struct dk_plan_memory *memory, struct dk_faults *faults)
{
	static const struct dk_contents_limit limit = { LARGEST, "is larger than 1 MB" };
	const struct dk_environment *environment;
	struct dk_place place = { path, 0 };
	struct dk_error error;
	size_t length = 0;
	char *text = dk_contents_read(path, &limit, &length, &error);

	if (!text && errno == EACCES)
		dk_note(faults, place, "not read, as the service would: it %s", error.text);
	else if (!text)
		dk_fault(faults, place, "%s", error.text);
	environment = dk_environment_parse(path, dk_slice_new(text, length), memory, faults);
	free(text);
	return environment;
}

const struct dk_assignment *
dk_environment_find(const struct dk_environment *environment, const char *name)
{
	return dk_map_find(&environment->assignments, dk_slice_of(name));
}
