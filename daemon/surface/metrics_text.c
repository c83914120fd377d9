/* SPDX-License-Identifier: Apache-2.0
 *
 * metrics_text.c - lines of Prometheus' text format.
 */
#include "daemon/surface/metrics_text.h"

#include <inttypes.h>

#define NUMBER_ROOM 32 /* of a number, with its point, and a line's end */

void
dk_metrics_head(struct dk_buffer *out, const char *name, const char *type, const char *help)
{
	dk_buffer_print(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

void
dk_metrics_escape(struct dk_buffer *out, const char *value)
{
	for (; *value; value++) {
		if (*value == '"' || *value == '\\' || *value == '\n')
			dk_buffer_add(out, DK_SLICE("\\"));
		dk_buffer_add(out, *value == '\n' ? DK_SLICE("n") : dk_slice_new(value, 1));
	}
}

/* Into memory that was reserved; each returns where the next byte goes. */

static char *
write_slice(char *end, struct dk_slice slice)
{
	memcpy(end, slice.data, slice.length);
	return end + slice.length;
}

static char *
write_number(char *end, int64_t number)
{
	uint64_t rest = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
	char digits[24], *first = digits + sizeof(digits);

	do
		*--first = (char)('0' + rest % 10);
	while ((rest /= 10) > 0);
	if (number < 0)
		*--first = '-';
	return write_slice(end, dk_slice_new(first, (size_t)(digits + sizeof(digits) - first)));
}

static char *
write_seconds(char *end, int64_t ms)
{
	int rest = (int)(ms % 1000);

	end = write_number(end, ms / 1000);
	*end++ = '.';
	*end++ = (char)('0' + rest / 100);
	*end++ = (char)('0' + rest / 10 % 10);
	*end++ = (char)('0' + rest % 10);
	return end;
}

/* `name{label="value"`, and room for what follows. */
static char *
begin_line(struct dk_buffer *out, const struct dk_sample *sample, struct dk_slice value,
	   size_t more)
{
	char *end;

	dk_buffer_reserve(out, sample->name.length + sample->label.length + value.length + more +
				       NUMBER_ROOM);
	end = write_slice(out->data + out->length, sample->name);
	*end++ = '{';
	end = write_slice(end, sample->label);
	end = write_slice(end, DK_SLICE("=\""));
	end = write_slice(end, value);
	*end++ = '"';
	return end;
}

static void
end_line(struct dk_buffer *out, char *end)
{
	*end++ = '\n';
	*end = '\0';
	out->length = (size_t)(end - out->data);
}

void
dk_metrics_put(struct dk_buffer *out, const struct dk_sample *sample, struct dk_slice value,
	       int64_t number)
{
	char *end = begin_line(out, sample, value, 8);

	end_line(out, write_number(write_slice(end, DK_SLICE("} ")), number));
}

void
dk_metrics_put_seconds(struct dk_buffer *out, const struct dk_sample *sample, struct dk_slice value,
		       int64_t ms)
{
	char *end = begin_line(out, sample, value, 8);

	end_line(out, write_seconds(write_slice(end, DK_SLICE("} ")), ms));
}

void
dk_metrics_put_bucket(struct dk_buffer *out, const struct dk_sample *sample, struct dk_slice value,
		      struct dk_slice bound, int64_t number)
{
	char *end = begin_line(out, sample, value, 16 + bound.length);

	end = write_slice(end, DK_SLICE(",le=\""));
	end = write_slice(end, bound);
	end_line(out, write_number(write_slice(end, DK_SLICE("\"} ")), number));
}

void
dk_metrics_put_bare(struct dk_buffer *out, const char *name, int64_t number)
{
	dk_buffer_print(out, "%s %" PRId64 "\n", name, number);
}
