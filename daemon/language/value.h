/* SPDX-License-Identifier: Apache-2.0
 *
 * value.h - what a name stands for in one message: absent, a text, a number, a truth value, or a
 * part of a JSON document.
 */
#ifndef DK_LANGUAGE_VALUE_H
#define DK_LANGUAGE_VALUE_H

#include "daemon/base/buffer.h"

enum dk_value_kind {
	DK_VALUE_ABSENT, /* also JSON's null */
	DK_VALUE_TEXT,
	DK_VALUE_INTEGER,
	DK_VALUE_REAL,
	DK_VALUE_TRUTH,
	DK_VALUE_COMPOUND, /* an object or a list of a JSON document */
};

struct dk_value {
	enum dk_value_kind kind;
	struct dk_slice text; /* borrowed from the message, or from a buffer that its giver names */
	int64_t integer;
	double real;
	bool truth;
	void *compound; /* of document.c */
};

/* A text; one that has no data is absent. */
static inline struct dk_value
dk_value_of(struct dk_slice text)
{
	return (struct dk_value){ .kind = text.data ? DK_VALUE_TEXT : DK_VALUE_ABSENT,
				  .text = text };
}

/* Adds what the value is as text: a real without a fraction as an integer, up to 2^63, another with
 * 15 digits at most, or as many more as it takes to read back the same; a compound as compact JSON;
 * nothing for an absent one. */
void dk_value_add(const struct dk_value *value, struct dk_buffer *out);

/* As a number: of an integer, a real, or a text that is one as a whole. */
bool dk_value_number(const struct dk_value *value, double *number);
/* Of texts and integers, exactly. */
bool dk_value_integer(const struct dk_value *value, int64_t *integer);
/* True, a number that is not 0, or one of the words true, yes and on. */
bool dk_value_is_true(const struct dk_value *value);

/* -1, 0 or 1, numbers as numbers where both are, else as text, byte by byte; false: they cannot be
 * compared, for one is absent or a compound, or only one is a number. */
bool dk_values_compare(const struct dk_value *a, const struct dk_value *b, int *order);

#endif
