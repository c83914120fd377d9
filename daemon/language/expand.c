/* SPDX-License-Identifier: Apache-2.0
 *
 * expand.c - texts in which variables alone may stand.
 */
#include "daemon/language/expand.h"

#include "daemon/base/error.h"
#include "daemon/language/reference.h"
#include "daemon/language/template.h"

static int
fail_unsteady(struct dk_slice text, struct dk_error *error)
{
	return dk_fail(
		error,
		"\"%.*s\" holds what is known for each message only; here variables may stand",
		(int)text.length, text.data);
}

int
dk_expand(struct dk_slice text, const struct dk_scope *scope, struct dk_buffer *out,
	  struct dk_error *error)
{
	struct dk_template *template = dk_template_new(text, scope, error);
	bool is_literal = template && dk_template_is_literal(template);

	if (is_literal)
		dk_buffer_add_text(out, dk_template_text(template));
	else if (template)
		fail_unsteady(text, error);
	dk_template_free(template);
	return is_literal ? 0 : -1;
}

/* What stands at a ${, quoted; how much of the text it is is set. */
static int
add_quoted(struct dk_slice text, const struct dk_scope *scope,
	   void (*quote)(struct dk_slice value, struct dk_buffer *out), struct dk_buffer *out,
	   size_t *length, struct dk_error *error)
{
	struct dk_buffer value = { 0 };
	struct dk_reference reference;
	enum dk_meaning meaning = dk_reference_read(dk_slice_after(text, 1), scope, &reference,
						    &value, length, error);

	++*length;
	dk_reference_clear(&reference);
	if (meaning == DK_MEANS_TEXT)
		quote(dk_slice_new(value.data, value.length), out);
	if (meaning == DK_MEANS_UNKNOWN)
		quote(dk_slice_new(text.data, *length), out);
	if (meaning == DK_MEANS_REFERENCE)
		fail_unsteady(dk_slice_new(text.data, *length), error);
	dk_buffer_clear(&value);
	return meaning == DK_MEANS_TEXT || meaning == DK_MEANS_UNKNOWN ? 0 : -1;
}

int
dk_expand_quoted(struct dk_slice text, const struct dk_scope *scope,
		 void (*quote)(struct dk_slice value, struct dk_buffer *out), struct dk_buffer *out,
		 struct dk_error *error)
{
	const char *dollar;
	size_t length;

	while ((dollar = memmem(text.data, text.length, "${", 2))) {
		dk_buffer_add(out, dk_slice_new(text.data, (size_t)(dollar - text.data)));
		text = dk_slice_after(text, (size_t)(dollar - text.data));
		if (add_quoted(text, scope, quote, out, &length, error) != 0)
			return -1;
		text = dk_slice_after(text, length);
	}
	dk_buffer_add(out, text);
	return 0;
}
