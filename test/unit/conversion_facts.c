/* SPDX-License-Identifier: Apache-2.0
 *
 * conversion_facts.c - facts: their memory, what they say, and random ones.
 */
#include "test/unit/conversion.h"

/* --- Memory --- */

static void **kept;
static size_t kept_count, kept_room;

void *
keep(size_t size)
{
	if (kept_count == kept_room) {
		kept_room = kept_room ? 2 * kept_room : 1024;
		kept = realloc(kept, kept_room * sizeof(*kept));
	}
	assert_non_null(kept);
	kept[kept_count] = calloc(1, size ? size : 1);
	assert_non_null(kept[kept_count]);
	return kept[kept_count++];
}

struct dk_slice
keep_bytes(const void *data, size_t length)
{
	char *copy = keep(length);

	if (length > 0)
		memcpy(copy, data, length);
	return (struct dk_slice){ copy, length };
}

struct dk_slice
keep_text(const char *format, ...)
{
	char text[1024];
	va_list values;
	int length;

	va_start(values, format);
	length = vsnprintf(text, sizeof(text), format, values);
	va_end(values);
	assert_in_range(length, 0, sizeof(text) - 1);
	return (struct dk_slice){ keep_bytes(text, (size_t)length + 1).data, (size_t)length };
}

void
keep_nothing(void)
{
	while (kept_count > 0)
		free(kept[--kept_count]);
	free(kept);
	kept = NULL;
	kept_room = 0;
}

static struct dk_slice
keep_slice(struct dk_slice slice)
{
	return slice.data ? keep_bytes(slice.data, slice.length) : slice;
}

void
keep_message(struct dk_message *copy, const struct dk_message *message)
{
	struct dk_header *headers = keep(message->header_count * sizeof(*headers));

	*copy = *message;
	copy->address = keep_slice(message->address);
	copy->key = keep_slice(message->key);
	copy->payload = keep_slice(message->payload);
	copy->content_type = keep_slice(message->content_type);
	copy->correlation_id = keep_slice(message->correlation_id);
	copy->reply_to = keep_slice(message->reply_to);
	copy->message_id = keep_slice(message->message_id);
	for (size_t i = 0; i < message->header_count; i++)
		headers[i] = (struct dk_header){ keep_slice(message->headers[i].name),
						 keep_slice(message->headers[i].value),
						 message->headers[i].type };
	copy->headers = headers;
}

/* --- Facts --- */

void
add_fact(struct facts *facts, const char *field, struct dk_slice name, char kind,
	 struct dk_slice value)
{
	assert_in_range(facts->count, 0, FACTS - 1);
	facts->list[facts->count++] =
		(struct fact){ .field = field, .name = name, .kind = kind, .value = value };
}

void
add_text(struct facts *facts, const char *field, struct dk_slice value)
{
	add_fact(facts, field, (struct dk_slice){ "", 0 }, 'S', value);
}

void
add_number(struct facts *facts, const char *field, int64_t number)
{
	add_text(facts, field, keep_text("%lld", (long long)number));
}

bool
is_field(const struct fact *fact, const char *field)
{
	return strcmp(fact->field, field) == 0;
}

const struct fact *
find_fact(const struct facts *facts, const char *field)
{
	for (size_t i = 0; i < facts->count; i++)
		if (is_field(&facts->list[i], field))
			return &facts->list[i];
	return NULL;
}

int64_t
number_of(const struct fact *fact)
{
	char digits[32] = "";

	memcpy(digits, fact->value.data, fact->value.length < 31 ? fact->value.length : 31);
	return strtoll(digits, NULL, 10);
}

bool
same_slice(struct dk_slice a, struct dk_slice b)
{
	return !a.data == !b.data && a.length == b.length &&
	       (a.length == 0 || memcmp(a.data, b.data, a.length) == 0);
}

bool
is_named(const struct fact *fact, const char *name)
{
	return !name || same_slice(fact->name, (struct dk_slice){ name, strlen(name) });
}

bool
same_fact(const struct fact *a, const struct fact *b)
{
	return is_field(a, b->field) && same_slice(a->name, b->name) && a->kind == b->kind &&
	       (a->is_any || b->is_any || same_slice(a->value, b->value));
}

size_t
count_of(const struct facts *facts, const struct fact *wanted)
{
	size_t count = 0;

	for (size_t i = 0; i < facts->count; i++)
		count += same_fact(&facts->list[i], wanted);
	return count;
}

/* --- Chance --- */

struct dk_slice
invent_bytes(uint64_t *state, unsigned most)
{
	unsigned length = chance_below(state, 10) ? chance_below(state, most + 1) : 0;
	char *bytes = keep(length);

	for (unsigned i = 0; i < length; i++)
		bytes[i] = (char)chance(state);
	return (struct dk_slice){ bytes, length };
}

/* Of one to four bytes; control characters are rare. */
struct dk_slice
invent_text(uint64_t *state, unsigned most)
{
	static const char *const characters[] = {
		"a", "Z", "0", " ", "/", "\"", "\\", "\u00e4", "\u20ac", "\U0001f600", "+", "="
	};
	unsigned length = chance_below(state, 10) ? chance_below(state, most - 3) : 0;
	char *text = keep(length + 4);
	size_t end = 0;

	while (end < length) {
		const char *next = characters[chance_below(state, ROWS(characters))];

		if (chance_below(state, 200) == 0)
			next = "\n";
		memcpy(text + end, next, strlen(next));
		end += strlen(next);
	}
	return (struct dk_slice){ text, end };
}

/* Few, so that they repeat. */
struct dk_slice
invent_name(uint64_t *state)
{
	static const char *const names[] = { "a", "b", "trace-id", "x-origin", "\u00fc", "", "A" };

	return keep_text("%s", names[chance_below(state, ROWS(names))]);
}
