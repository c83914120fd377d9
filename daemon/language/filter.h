/* SPDX-License-Identifier: Apache-2.0
 *
 * filter.h - what is done to a value between its name and its place: ${line|lower},
 * ${name|replace('/', '-')}, ${user|escape}, ${n|%05d}, which ${n:%05d} is short for.
 *
 * lower and upper change the letters A to Z alone, so that no locale matters. escape writes all but
 * the unreserved characters of RFC 3986 section 2.3 as %XX. A format is one conversion of printf(3)
 * (d i u o x X e E f F g G s), of a timestamp those of strftime(3), in UTC.
 */
#ifndef DK_LANGUAGE_FILTER_H
#define DK_LANGUAGE_FILTER_H

#include "daemon/base/buffer.h"

#define DK_FORMAT_MAX 40
#define DK_TIME_MAX 64

struct dk_filter;

/* What a filter does with a text, in place; NULL, or why it cannot: a constant sentence part ("is
 * no integer"). */
typedef const char *dk_filter_function(struct dk_filter *filter, struct dk_buffer *text);

struct dk_filter {
	dk_filter_function *apply;
	struct dk_slice from, to;   /* of replace */
	char format[DK_FORMAT_MAX]; /* as snprintf or strftime take it */
	size_t precision;           /* of a format of texts: so many bytes at most */
	size_t width;               /* of %5d and %05d */
	int64_t second;             /* that was formatted last, for times; and what it came to */
	struct dk_slice formatted;  /* data == NULL: none was */
	char memory[DK_TIME_MAX];
};

/* Reads one filter, "replace('/', '-')", at the start of the text; a format is one of a time where
 * the value is. Slices point into the text. Returns how much was read, 0 with an error. */
size_t dk_filter_read(struct dk_slice text, bool is_time, struct dk_filter *filter,
		      struct dk_error *error);

/* A whole text as a format: of printf, or of a time. 0, or -1 with an error. */
int dk_filter_read_format(struct dk_slice text, bool is_time, struct dk_filter *filter,
			  struct dk_error *error);

/* For manuals: the filters that have a name, from 0 on, with a sentence each. NULL: no more. */
const char *dk_filter_name(size_t number, const char **help);

/* Adds the text with all but unreserved characters as %XX. */
void dk_percent_encode(struct dk_slice text, struct dk_buffer *out);

#endif
