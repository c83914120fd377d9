/* SPDX-License-Identifier: Apache-2.0
 *
 * value.c - what a name stands for in one message.
 */
#include "daemon/language/value.h"

#include <stdio.h>
#include <stdlib.h>

#include "daemon/language/document.h"

#define LONGEST_NUMBER 63 /* of a text that counts as one */

static void
add_integer(int64_t integer, struct dk_buffer *out)
{
	uint64_t rest = integer < 0 ? -(uint64_t)integer : (uint64_t)integer;
	char text[24], *begin = text + sizeof(text);

	do
		*--begin = (char)('0' + rest % 10);
	while (rest /= 10);
	if (integer < 0)
		*--begin = '-';
	dk_buffer_add(out, dk_slice_new(begin, (size_t)(text + sizeof(text) - begin)));
}

static bool
is_integer(double real)
{
	double integer = real > -0x1p63 && real < 0x1p63 ? (double)(int64_t)real : 0.5;

	return real <= integer && real >= integer;
}

static void
add_real(double real, struct dk_buffer *out)
{
	char text[40];
	int digits = 15;

	if (is_integer(real)) {
		add_integer((int64_t)real, out);
		return;
	}
	do
		snprintf(text, sizeof(text), "%.*g", digits, real);
	while (digits++ < 17 && (strtod(text, NULL) < real || strtod(text, NULL) > real));
	dk_buffer_add_text(out, text);
}

void
dk_value_add(const struct dk_value *value, struct dk_buffer *out)
{
	switch (value->kind) {
	case DK_VALUE_ABSENT:
		break;
	case DK_VALUE_TEXT:
		dk_buffer_add(out, value->text);
		break;
	case DK_VALUE_INTEGER:
		add_integer(value->integer, out);
		break;
	case DK_VALUE_REAL:
		add_real(value->real, out);
		break;
	case DK_VALUE_TRUTH:
		dk_buffer_add_text(out, value->truth ? "true" : "false");
		break;
	case DK_VALUE_COMPOUND:
		dk_document_add(value->compound, out);
		break;
	}
}

/* The text as a string; false: it is too long for a number, or none by its first character. */
static bool
copy_number(struct dk_slice text, char *copy)
{
	if (text.length == 0 || text.length > LONGEST_NUMBER ||
	    !strchr("+-.0123456789", text.data[0]))
		return false;
	memcpy(copy, text.data, text.length);
	copy[text.length] = '\0';
	return strspn(copy, "+-.0123456789eE") == text.length;
}

bool
dk_value_number(const struct dk_value *value, double *number)
{
	char copy[LONGEST_NUMBER + 1], *end;

	switch (value->kind) {
	case DK_VALUE_INTEGER:
		*number = (double)value->integer;
		return true;
	case DK_VALUE_REAL:
		*number = value->real;
		return true;
	case DK_VALUE_TEXT:
		if (!copy_number(value->text, copy))
			return false;
		*number = strtod(copy, &end);
		return *end == '\0';
	default:
		return false;
	}
}

bool
dk_value_integer(const struct dk_value *value, int64_t *integer)
{
	struct dk_slice text = value->text;
	bool is_negative, has_sign;
	int64_t sum = 0;

	if (value->kind == DK_VALUE_INTEGER) {
		*integer = value->integer;
		return true;
	}
	if (value->kind != DK_VALUE_TEXT || text.length == 0)
		return false;
	is_negative = text.data[0] == '-';
	has_sign = is_negative || text.data[0] == '+';
	for (size_t i = has_sign; i < text.length; i++) {
		int digit = text.data[i] - '0';

		/* Downwards, for there is one more below 0 than above. */
		if (digit < 0 || digit > 9 || __builtin_mul_overflow(sum, 10, &sum) ||
		    __builtin_sub_overflow(sum, digit, &sum))
			return false;
	}
	if (text.length == has_sign || (!is_negative && sum == INT64_MIN))
		return false;
	*integer = is_negative ? sum : -sum;
	return true;
}

bool
dk_value_is_true(const struct dk_value *value)
{
	double number;

	if (value->kind == DK_VALUE_TRUTH)
		return value->truth;
	if (dk_value_number(value, &number))
		return number < 0 || number > 0;
	return value->kind == DK_VALUE_TEXT && (dk_slice_is(value->text, DK_SLICE("true")) ||
						dk_slice_is(value->text, DK_SLICE("yes")) ||
						dk_slice_is(value->text, DK_SLICE("on")));
}

static bool
is_number(const struct dk_value *value)
{
	return value->kind == DK_VALUE_INTEGER || value->kind == DK_VALUE_REAL;
}

static int
order_of(bool is_less, bool is_more)
{
	return is_less ? -1 : is_more ? 1 : 0;
}

static int
compare_texts(struct dk_slice a, struct dk_slice b)
{
	size_t common = a.length < b.length ? a.length : b.length;
	int order = common ? memcmp(a.data, b.data, common) : 0;

	if (order != 0)
		return order_of(order < 0, true);
	return order_of(a.length < b.length, a.length > b.length);
}

/* Integers exactly: as reals, those beyond 2^53 run together. */
static bool
compare_numbers(const struct dk_value *a, const struct dk_value *b, int *order)
{
	int64_t left, right;
	double x, y;

	if (dk_value_integer(a, &left) && dk_value_integer(b, &right)) {
		*order = order_of(left < right, left > right);
		return true;
	}
	if (!dk_value_number(a, &x) || !dk_value_number(b, &y))
		return false;
	*order = order_of(x < y, x > y);
	return true;
}

/* A truth value is compared as the word for it. */
static bool
text_of(const struct dk_value *value, struct dk_slice *text)
{
	*text = value->kind == DK_VALUE_TEXT  ? value->text :
		value->kind == DK_VALUE_TRUTH ? dk_slice_of(value->truth ? "true" : "false") :
						(struct dk_slice){ NULL, 0 };
	return text->data != NULL;
}

bool
dk_values_compare(const struct dk_value *a, const struct dk_value *b, int *order)
{
	struct dk_slice left, right;

	if (is_number(a) || is_number(b))
		return compare_numbers(a, b, order);
	if (!text_of(a, &left) || !text_of(b, &right))
		return false;
	*order = compare_texts(left, right);
	return true;
}
