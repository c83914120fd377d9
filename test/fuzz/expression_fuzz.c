/* SPDX-License-Identifier: Apache-2.0
 *
 * expression_fuzz.c - any bytes as a condition, behind a line that is all that the message holds:
 * what is known at start holds for the message too, and what is shown is a condition that holds
 * where the first one does.
 */
#include <stdint.h>
#include <stdlib.h>

#include "daemon/language/expression.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *
variable(void *context, struct dk_slice name)
{
	(void)context;
	return dk_slice_is(name, DK_SLICE("V"))	  ? "value"
	       : dk_slice_is(name, DK_SLICE("Q")) ? "it's"
	       : dk_slice_is(name, DK_SLICE("D")) ? "$x{.*"
	       : dk_slice_is(name, DK_SLICE("L")) ? "a,7,value,,"
						  : NULL;
}

static const struct dk_captures names = { .names = { { "a", 1 }, { "b", 1 } },
					  .is_rest = { false, true },
					  .count = 2 };

static bool
holds(const struct dk_expression *expression, struct dk_slice value)
{
	const struct dk_slice captures[] = { value, { NULL, 0 } };
	const struct dk_header header = { .name = { "x", 1 }, .value = value };
	const struct dk_message message = { .address = value,
					    .key = value,
					    .payload = value,
					    .headers = &header,
					    .header_count = 1,
					    .content_type = value,
					    .timestamp_ms = (int64_t)value.length * 1000000007 };
	struct dk_view view = { .message = &message, .captures = captures };
	bool result = dk_expression_holds(expression, &view);

	dk_view_free(&view);
	return result;
}

static void
check(const struct dk_expression *expression, const struct dk_scope *scope, struct dk_slice value)
{
	const char *shown = dk_expression_text(expression);
	struct dk_expression *again = dk_expression_new(dk_slice_of(shown), scope, NULL);
	enum dk_always always = dk_expression_always(expression);
	bool is_true = holds(expression, value);

	if (always != DK_ALWAYS_EITHER && is_true != (always == DK_ALWAYS_TRUE))
		abort();
	if (!again || holds(again, value) != is_true || dk_expression_always(again) != always ||
	    strcmp(dk_expression_text(again), shown) != 0)
		abort();
	dk_expression_free(again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dk_scope scope = { .variable = variable, .captures = &names };
	struct dk_slice text = { (const char *)data, size }, value = text;
	struct dk_expression *expression;
	struct dk_error error;
	const char *end;

	if (size == 0)
		return 0;
	scope.keeps_unknown = data[0] & 0x80;
	end = memchr(text.data, '\n', text.length);
	value.length = end ? (size_t)(end - text.data) : 0;
	text = dk_slice_after(text, value.length + (end != NULL));
	expression = dk_expression_new(text, &scope, &error);
	if (expression)
		check(expression, &scope, value);
	dk_expression_free(expression);
	return 0;
}
