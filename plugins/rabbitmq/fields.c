/* SPDX-License-Identifier: Apache-2.0
 *
 * fields.c - values of AMQP's tables as text: numbers as digits, tables and arrays as JSON; and
 * headers as such values.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/rabbitmq/message.h"
#include "plugins/text.h"

#define NUMBER_ROOM 32
#define DEEPEST 32 /* what is nested deeper is null in JSON */

bool
rabbitmq_field_is_nested(const amqp_field_value_t *value)
{
	return value->kind == AMQP_FIELD_KIND_TABLE || value->kind == AMQP_FIELD_KIND_ARRAY;
}

static struct dk_slice
bytes_of(const amqp_field_value_t *value)
{
	return (struct dk_slice){ value->value.bytes.bytes, value->value.bytes.len };
}

enum dk_header_type
rabbitmq_field_type(const amqp_field_value_t *value)
{
	switch (value->kind) {
	case AMQP_FIELD_KIND_UTF8:
		return dk_is_text(bytes_of(value)) ? DK_HEADER_TEXT : DK_HEADER_BINARY;
	case AMQP_FIELD_KIND_TABLE:
	case AMQP_FIELD_KIND_ARRAY:
		return DK_HEADER_TEXT;
	case AMQP_FIELD_KIND_BYTES:
		return DK_HEADER_BINARY;
	case AMQP_FIELD_KIND_BOOLEAN:
		return DK_HEADER_TRUTH;
	case AMQP_FIELD_KIND_TIMESTAMP:
		return DK_HEADER_TIME;
	case AMQP_FIELD_KIND_F32:
	case AMQP_FIELD_KIND_F64:
	case AMQP_FIELD_KIND_DECIMAL:
		return DK_HEADER_REAL;
	case AMQP_FIELD_KIND_I8:
	case AMQP_FIELD_KIND_U8:
	case AMQP_FIELD_KIND_I16:
	case AMQP_FIELD_KIND_U16:
	case AMQP_FIELD_KIND_I32:
	case AMQP_FIELD_KIND_U32:
	case AMQP_FIELD_KIND_I64:
		return DK_HEADER_INTEGER;
	case AMQP_FIELD_KIND_U64:
		return value->value.u64 <= INT64_MAX ? DK_HEADER_INTEGER : DK_HEADER_TEXT;
	default:
		return DK_HEADER_NOTHING;
	}
}

static long long
integer_of(const amqp_field_value_t *value)
{
	switch (value->kind) {
	case AMQP_FIELD_KIND_I8:
		return value->value.i8;
	case AMQP_FIELD_KIND_U8:
		return value->value.u8;
	case AMQP_FIELD_KIND_I16:
		return value->value.i16;
	case AMQP_FIELD_KIND_U16:
		return value->value.u16;
	case AMQP_FIELD_KIND_I32:
		return value->value.i32;
	case AMQP_FIELD_KIND_U32:
		return value->value.u32;
	default:
		return value->value.i64;
	}
}

static double
real_of(const amqp_field_value_t *value)
{
	double real;

	if (value->kind == AMQP_FIELD_KIND_F64)
		return value->value.f64;
	if (value->kind == AMQP_FIELD_KIND_F32)
		return (double)value->value.f32;
	real = value->value.decimal.value;
	for (int i = 0; i < value->value.decimal.decimals; i++)
		real /= 10;
	return real;
}

/* Seconds that no count of milliseconds can hold are of no calendar. */
static long long
time_of(const amqp_field_value_t *value)
{
	return value->value.u64 > INT64_MAX / 1000 ? INT64_MAX : (long long)value->value.u64 * 1000;
}

static size_t
write_number(const amqp_field_value_t *value, char out[NUMBER_ROOM])
{
	switch (rabbitmq_field_type(value)) {
	case DK_HEADER_TRUTH:
		return (size_t)sprintf(out, "%s", value->value.boolean ? "true" : "false");
	case DK_HEADER_TIME:
		return (size_t)sprintf(out, "%lld", time_of(value));
	case DK_HEADER_REAL:
		return (size_t)sprintf(out, "%.17g", real_of(value));
	case DK_HEADER_INTEGER:
		return (size_t)sprintf(out, "%lld", integer_of(value));
	default:
		return (size_t)sprintf(out, "%llu", (unsigned long long)value->value.u64);
	}
}

/* --- JSON --- */

/* Text that is written, or with `at` NULL only measured. */
struct writer {
	char *at;
	size_t length;
};

static void
put(struct writer *writer, const char *text, size_t length)
{
	if (writer->at && length > 0)
		memcpy(writer->at + writer->length, text, length);
	writer->length += length;
}

static void
put_text(struct writer *writer, struct dk_slice text)
{
	put(writer, "\"", 1);
	for (size_t i = 0; i < text.length; i++) {
		unsigned char letter = (unsigned char)text.data[i];
		char escape[8];

		if (letter == '"' || letter == '\\')
			put(writer, escape, (size_t)sprintf(escape, "\\%c", letter));
		else if (letter < 0x20)
			put(writer, escape, (size_t)sprintf(escape, "\\u%04x", letter));
		else
			put(writer, (const char *)&letter, 1);
	}
	put(writer, "\"", 1);
}

static void
put_bytes(struct writer *writer, struct dk_slice bytes)
{
	put(writer, "\"", 1);
	if (writer->at)
		rabbitmq_base64_write(bytes, writer->at + writer->length);
	writer->length += RABBITMQ_BASE64_ROOM(bytes.length);
	put(writer, "\"", 1);
}

static void
put_string(struct writer *writer, struct dk_slice bytes)
{
	if (dk_is_text(bytes))
		put_text(writer, bytes);
	else
		put_bytes(writer, bytes);
}

static void put_value(struct writer *writer, const amqp_field_value_t *value, int depth);

static void
put_table(struct writer *writer, const amqp_table_t *table, int depth)
{
	put(writer, "{", 1);
	for (int i = 0; i < table->num_entries; i++) {
		const amqp_bytes_t *key = &table->entries[i].key;

		put(writer, ",", i > 0);
		put_string(writer, (struct dk_slice){ key->bytes, key->len });
		put(writer, ":", 1);
		put_value(writer, &table->entries[i].value, depth);
	}
	put(writer, "}", 1);
}

static void
put_array(struct writer *writer, const amqp_array_t *array, int depth)
{
	put(writer, "[", 1);
	for (int i = 0; i < array->num_entries; i++) {
		put(writer, ",", i > 0);
		put_value(writer, &array->entries[i], depth);
	}
	put(writer, "]", 1);
}

/* JSON has no word for what is no number. */
static void
put_number(struct writer *writer, const amqp_field_value_t *value)
{
	char text[NUMBER_ROOM];
	size_t length = write_number(value, text);

	if (strchr(text, 'n') && rabbitmq_field_type(value) == DK_HEADER_REAL)
		put(writer, "null", 4);
	else
		put(writer, text, length);
}

static void
put_value(struct writer *writer, const amqp_field_value_t *value, int depth)
{
	if (value->kind == AMQP_FIELD_KIND_TABLE && depth < DEEPEST)
		put_table(writer, &value->value.table, depth + 1);
	else if (value->kind == AMQP_FIELD_KIND_ARRAY && depth < DEEPEST)
		put_array(writer, &value->value.array, depth + 1);
	else if (value->kind == AMQP_FIELD_KIND_UTF8)
		put_string(writer, bytes_of(value));
	else if (value->kind == AMQP_FIELD_KIND_BYTES)
		put_bytes(writer, bytes_of(value));
	else if (rabbitmq_field_is_nested(value) || rabbitmq_field_type(value) == DK_HEADER_NOTHING)
		put(writer, "null", 4);
	else
		put_number(writer, value);
}

/* --- From AMQP --- */

size_t
rabbitmq_field_room(const amqp_field_value_t *value)
{
	struct writer measure = { NULL, 0 };

	if (value->kind == AMQP_FIELD_KIND_UTF8 || value->kind == AMQP_FIELD_KIND_BYTES)
		return value->value.bytes.len;
	if (!rabbitmq_field_is_nested(value))
		return NUMBER_ROOM;
	put_value(&measure, value, 0);
	return measure.length;
}

char *
rabbitmq_field_text(const amqp_field_value_t *value, char *out)
{
	struct writer writer = { out, 0 };

	if (rabbitmq_field_is_nested(value))
		put_value(&writer, value, 0);
	else if (value->kind == AMQP_FIELD_KIND_UTF8 || value->kind == AMQP_FIELD_KIND_BYTES)
		put(&writer, value->value.bytes.bytes, value->value.bytes.len);
	else
		writer.length = write_number(value, out);
	return out + writer.length;
}

/* --- To AMQP --- */

/* The number that the header's text is; false: it is none, or none of that type. */
static bool
read_number(const struct dk_header *header, amqp_field_value_t *value)
{
	char digits[NUMBER_ROOM], *end = digits;

	if (header->value.length == 0 || header->value.length >= sizeof(digits))
		return false;
	memcpy(digits, header->value.data, header->value.length);
	digits[header->value.length] = '\0';
	errno = 0;
	if (header->type == DK_HEADER_REAL) {
		value->kind = AMQP_FIELD_KIND_F64;
		value->value.f64 = strtod(digits, &end);
		return *end == '\0';
	}
	value->kind = AMQP_FIELD_KIND_I64;
	value->value.i64 = strtoll(digits, &end, 10);
	if (*end != '\0' || errno != 0)
		return false;
	if (header->type == DK_HEADER_TIME) { /* AMQP's begin with 1970 */
		if (value->value.i64 < 0)
			return false;
		value->kind = AMQP_FIELD_KIND_TIMESTAMP;
		value->value.u64 = (uint64_t)value->value.i64 / 1000;
	}
	return true;
}

static amqp_field_value_t
string_of(const struct dk_header *header)
{
	bool is_text = header->type != DK_HEADER_BINARY && dk_is_text(header->value);

	return (amqp_field_value_t){
		.kind = is_text ? AMQP_FIELD_KIND_UTF8 : AMQP_FIELD_KIND_BYTES,
		.value.bytes = { header->value.length, (void *)header->value.data },
	};
}

amqp_field_value_t
rabbitmq_field_of(const struct dk_header *header)
{
	amqp_field_value_t value = { .kind = AMQP_FIELD_KIND_VOID };

	switch (header->type) {
	case DK_HEADER_NOTHING:
		return value;
	case DK_HEADER_TRUTH:
		value.kind = AMQP_FIELD_KIND_BOOLEAN;
		value.value.boolean = header->value.length > 0 && header->value.data[0] == 't';
		return value;
	case DK_HEADER_INTEGER:
	case DK_HEADER_REAL:
	case DK_HEADER_TIME:
		return read_number(header, &value) ? value : string_of(header);
	default:
		return string_of(header);
	}
}
