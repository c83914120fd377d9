/* SPDX-License-Identifier: Apache-2.0
 *
 * template_fuzz.c - any bytes as a template and two captured values: rendered to the length that
 * was promised, and never to more levels than the template gave.
 */
#include <stdint.h>
#include <stdlib.h>

#include "daemon/language/dialect.h"
#include "daemon/language/levels.h"
#include "daemon/language/template.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *
variable(void *context, struct dk_slice name)
{
	(void)context;
	return dk_slice_is(name, DK_SLICE("V")) ? "value" : NULL;
}

static const struct dk_captures names = {
	.names = { { "a", 1 }, { "b", 1 } }, .is_rest = { false, false }, .count = 2
};

static size_t
count_levels(enum dk_dialect dialect, struct dk_slice address)
{
	struct dk_level_cursor cursor = dk_levels_begin(address);
	struct dk_slice level;
	size_t count = 0;

	while (dk_levels_next(&cursor, dk_grammar_of(dialect), &level))
		count++;
	return count;
}

/* To be freed. */
static struct dk_slice
render(const struct dk_template *template, const struct dk_slice *captures)
{
	size_t length = dk_template_length(template, captures);
	char *text = malloc(length + 1);

	if (!text || dk_template_render(template, captures, text) != text + length)
		abort();
	return dk_slice_new(text, length);
}

static void
check(const struct dk_template *template, enum dk_dialect dialect, const struct dk_slice *captures)
{
	static const struct dk_slice plain[] = { { "x", 1 }, { "x", 1 } };
	struct dk_slice given = render(template, plain), rendered = render(template, captures);
	struct dk_slice culprit;

	if (!dk_template_fault(template, dialect, captures, &culprit) &&
	    !dk_dialect_address_fault(dialect, rendered) &&
	    count_levels(dialect, rendered) != count_levels(dialect, given))
		abort();
	free((void *)(uintptr_t)given.data);
	free((void *)(uintptr_t)rendered.data);
}

/* Up to the next newline. */
static struct dk_slice
cut(struct dk_slice *text)
{
	const char *end = text->length ? memchr(text->data, '\n', text->length) : NULL;
	struct dk_slice line = { text->data, end ? (size_t)(end - text->data) : text->length };

	*text = dk_slice_after(*text, line.length + (end != NULL));
	return line;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct dk_scope scope = { variable, NULL, NULL, &names };
	struct dk_slice text = { (const char *)data + 1, size - 1 };
	struct dk_slice captures[2];
	struct dk_template *template;
	struct dk_error error;

	if (size == 0)
		return 0;
	captures[0] = cut(&text);
	captures[1] = cut(&text);
	template = dk_template_new(text, &scope, &error);
	if (template)
		check(template, (enum dk_dialect)(data[0] % (DK_PATH + 1)), captures);
	dk_template_free(template);
	return 0;
}
