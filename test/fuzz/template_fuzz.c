/* SPDX-License-Identifier: Apache-2.0
 *
 * template_fuzz.c - any bytes as a template, and two captured values, of which the first is all that
 * the message holds: rendered to an address, escaped and not, it is legal, fits the template and
 * never has more levels than it gave; or a fault is told.
 */
#include <stdint.h>
#include <stdlib.h>

#include "daemon/language/dialect.h"
#include "daemon/language/levels.h"
#include "daemon/language/output.h"
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

/* What a template writes of itself is a template, and writes the same. */
static void
check_written(const struct dk_template *template, const struct dk_scope *scope)
{
	struct dk_buffer written = { 0 }, twice = { 0 };
	struct dk_template *again;

	dk_template_write(template, &written);
	again = dk_template_new(dk_slice_new(written.data, written.length), scope, NULL);
	if (!again)
		abort();
	dk_template_write(again, &twice);
	if (!dk_slice_is(dk_slice_new(written.data, written.length),
			 dk_slice_new(twice.data, twice.length)))
		abort();
	dk_template_free(again);
	dk_buffer_clear(&written);
	dk_buffer_clear(&twice);
}

/* A message whose every field is the first value. */
static struct dk_message
message_of(struct dk_slice value, struct dk_header *header)
{
	*header = (struct dk_header){ .name = { "x", 1 }, .value = value };
	return (struct dk_message){ .address = value, .key = value, .payload = value,
				    .headers = header, .header_count = 1, .content_type = value,
				    .correlation_id = value, .reply_to = value, .message_id = value,
				    .timestamp_ms = (int64_t)value.length * 1000000007 };
}

/* With no filter that writes a separator of its own, each name is one level or a rest. */
static bool
is_plain(const struct dk_template *template)
{
	for (size_t i = 0; i < dk_template_count(template); i++) {
		struct dk_template_piece piece = dk_template_piece(template, i);

		if (!piece.is_literal && (piece.slot < 0 || piece.is_rest))
			return false;
	}
	return true;
}

#define PIECES 64

static bool
fits(const struct dk_template *template, enum dk_dialect dialect, struct dk_slice address)
{
	struct dk_pattern_piece pieces[PIECES];
	size_t count = dk_template_count(template);

	for (size_t i = 0; i < count && i < PIECES; i++) {
		struct dk_template_piece piece = dk_template_piece(template, i);

		pieces[i] = (struct dk_pattern_piece){
			piece.is_literal ? piece.name : (struct dk_slice){ NULL, 0 }, piece.is_rest
		};
	}
	return count > PIECES || dk_output_fits(dialect, pieces, count, address);
}

static void
check_address(const struct dk_template *template, enum dk_dialect dialect, struct dk_slice address,
	      struct dk_slice plain)
{
	if (!dk_template_is_literal(template) &&
	    (dk_dialect_address_fault(dialect, address) || !fits(template, dialect, address)))
		abort();
	if (is_plain(template) && count_levels(dialect, address) != count_levels(dialect, plain))
		abort();
}

static void
check(const struct dk_template *template, enum dk_dialect dialect, bool escapes,
      const struct dk_slice *captures)
{
	static const struct dk_slice plain[] = { { "x", 1 }, { "x", 1 } };
	struct dk_header header;
	struct dk_message message = message_of(captures[0], &header);
	struct dk_view view = { .message = &message, .captures = captures };
	struct dk_buffer given = { 0 }, rendered = { 0 };
	struct dk_rendering_fault fault;
	char told[256];
	bool is_good;

	dk_buffer_reserve(&given, 0);
	dk_buffer_reserve(&rendered, 0);
	is_good = dk_template_render_address(template, dialect, escapes, &view, &rendered, &fault);
	if (!is_good)
		dk_rendering_fault_tell(&fault, "the address", told, sizeof(told));
	view.captures = plain;
	dk_template_render(template, &view, &given, &fault);
	if (is_good)
		check_address(template, dialect, dk_slice_new(rendered.data, rendered.length),
			      dk_slice_new(given.data, given.length));
	dk_buffer_clear(&given);
	dk_buffer_clear(&rendered);
	dk_view_free(&view);
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
	struct dk_scope scope = { .variable = variable, .captures = &names };
	struct dk_slice text = { (const char *)data + 1, size - 1 };
	struct dk_slice captures[2];
	struct dk_template *template;
	struct dk_error error;

	if (size == 0)
		return 0;
	captures[0] = cut(&text);
	captures[1] = cut(&text);
	scope.keeps_unknown = data[0] & 0x80;
	template = dk_template_new(text, &scope, &error);
	if (template) {
		check_written(template, &scope);
		check(template, (enum dk_dialect)(data[0] % (DK_PATH + 1)), true, captures);
		check(template, (enum dk_dialect)(data[0] % (DK_PATH + 1)), false, captures);
	}
	dk_template_free(template);
	return 0;
}
