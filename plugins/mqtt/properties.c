/* SPDX-License-Identifier: Apache-2.0
 *
 * properties.c - the properties of MQTT 5 to and from what a message carries.
 *
 * A header is a user property, whose name and value MQTT wants to be UTF-8: a value that is not is
 * written in base64. What has no text at all in MQTT (a name that is not UTF-8) is left out.
 */
#include <stdlib.h>
#include <string.h>

#include "plugins/headers.h"
#include "plugins/mqtt/mqtt.h"
#include "plugins/text.h"

#define LENGTH_MAX UINT16_MAX

/* --- From a packet ------------------------------------------------------------------------- */

static struct dk_slice
slice_of(const MQTTLenString *string)
{
	return (struct dk_slice){ string->data, (size_t)string->len };
}

size_t
mqtt_properties_headers(const MQTTProperties *list)
{
	size_t count = 0;

	for (int i = 0; i < list->count; i++)
		count += list->array[i].identifier == MQTTPROPERTY_CODE_USER_PROPERTY;
	return count;
}

void
mqtt_properties_read(const MQTTProperties *list, struct dk_message *message,
		     struct dk_header *headers)
{
	message->headers = headers;
	for (int i = 0; i < list->count; i++) {
		const MQTTProperty *property = &list->array[i];

		switch (property->identifier) {
		case MQTTPROPERTY_CODE_USER_PROPERTY:
			headers[message->header_count++] = (struct dk_header){
				slice_of(&property->value.data),
				slice_of(&property->value.value),
				DK_HEADER_TEXT,
			};
			break;
		case MQTTPROPERTY_CODE_CONTENT_TYPE:
			message->content_type = slice_of(&property->value.data);
			break;
		case MQTTPROPERTY_CODE_RESPONSE_TOPIC:
			message->reply_to = slice_of(&property->value.data);
			break;
		case MQTTPROPERTY_CODE_CORRELATION_DATA:
			message->correlation_id = slice_of(&property->value.data);
			break;
		case MQTTPROPERTY_CODE_MESSAGE_EXPIRY_INTERVAL:
			message->expiry_ms = (int64_t)property->value.integer4 * 1000;
			break;
		default:
			break;
		}
	}
}

/* --- To a packet --------------------------------------------------------------------------- */

static bool
is_text(struct dk_slice slice)
{
	return slice.length <= LENGTH_MAX && dk_is_text(slice);
}

static bool
is_topic(struct dk_slice slice)
{
	return slice.length > 0 && is_text(slice) && !memchr(slice.data, '+', slice.length) &&
	       !memchr(slice.data, '#', slice.length);
}

/* Writes at `out` and returns the length. */
static size_t
write_base64(struct dk_slice slice, char *out)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const unsigned char *bytes = (const void *)slice.data;
	char *at = out;

	for (size_t i = 0; i < slice.length; i += 3) {
		size_t left = slice.length - i;
		unsigned three = (unsigned)bytes[i] << 16;

		if (left > 1)
			three |= (unsigned)bytes[i + 1] << 8;
		if (left > 2)
			three |= bytes[i + 2];
		*at++ = digits[three >> 18];
		*at++ = digits[three >> 12 & 63];
		*at++ = left > 1 ? digits[three >> 6 & 63] : '=';
		*at++ = left > 2 ? digits[three & 63] : '=';
	}
	return (size_t)(at - out);
}

/* A place at the end of the list. */
static MQTTProperty *
append(MQTTProperties *list, enum MQTTPropertyCodes code)
{
	MQTTProperty *property = &list->array[list->count++];

	property->identifier = code;
	return property;
}

static MQTTLenString
string_of(struct dk_slice slice)
{
	return (MQTTLenString){ (int)slice.length, (char *)slice.data };
}

static void
append_string(MQTTProperties *list, enum MQTTPropertyCodes code, struct dk_slice slice)
{
	append(list, code)->value.data = string_of(slice);
	list->length += 3 + (int)slice.length;
}

static void
append_header(struct mqtt_properties *properties, const struct dk_header *header, char **text)
{
	struct dk_slice value = header->value;
	MQTTProperty *property;

	if (header->type == DK_HEADER_BINARY || !is_text(value)) {
		size_t length = write_base64(value, *text);

		value = (struct dk_slice){ *text, length };
		*text += length;
	}
	if (!is_text(header->name) || value.length > LENGTH_MAX)
		return;
	property = append(&properties->list, MQTTPROPERTY_CODE_USER_PROPERTY);
	property->value.data = string_of(header->name);
	property->value.value = string_of(value);
	properties->list.length += 5 + (int)header->name.length + (int)value.length;
}

/* Makes room for all that a delivery may have. */
static void
make_room(struct mqtt_properties *properties, const struct dk_delivery *delivery)
{
	size_t headers = dk_headers_count(delivery), count = headers + 4, text = 0;

	for (size_t i = 0; i < headers; i++) {
		const struct dk_header *header = dk_headers_at(delivery, i);

		text += header ? header->value.length / 3 * 4 + 4 : 0;
	}
	if (count > (size_t)properties->list.max_count) {
		properties->list.max_count = (int)count;
		free(properties->list.array);
		properties->list.array = calloc(count, sizeof(*properties->list.array));
	}
	if (text > properties->text_room) {
		properties->text_room = text;
		free(properties->text);
		properties->text = malloc(text);
	}
	if (!properties->list.array || (text > 0 && !properties->text))
		abort();
}

static void
append_expiry(MQTTProperties *list, int64_t expiry_ms)
{
	int64_t seconds = (expiry_ms + 999) / 1000;

	append(list, MQTTPROPERTY_CODE_MESSAGE_EXPIRY_INTERVAL)->value.integer4 =
		seconds < UINT32_MAX ? (unsigned)seconds : UINT32_MAX;
	list->length += 5;
}

static void
append_fields(MQTTProperties *list, const struct dk_message *message)
{
	if (message->content_type.data && is_text(message->content_type))
		append_string(list, MQTTPROPERTY_CODE_CONTENT_TYPE, message->content_type);
	if (message->reply_to.data && is_topic(message->reply_to))
		append_string(list, MQTTPROPERTY_CODE_RESPONSE_TOPIC, message->reply_to);
	if (message->correlation_id.data && message->correlation_id.length <= LENGTH_MAX)
		append_string(list, MQTTPROPERTY_CODE_CORRELATION_DATA, message->correlation_id);
	if (message->expiry_ms >= 0)
		append_expiry(list, message->expiry_ms);
}

void
mqtt_properties_write(struct mqtt_properties *properties, const struct dk_delivery *delivery)
{
	size_t headers = dk_headers_count(delivery);
	char *text;

	make_room(properties, delivery);
	properties->list.count = properties->list.length = 0;
	text = properties->text;
	append_fields(&properties->list, delivery->message);
	for (size_t i = 0; i < headers; i++) {
		const struct dk_header *header = dk_headers_at(delivery, i);

		if (header)
			append_header(properties, header, &text);
	}
}

void
mqtt_properties_free(struct mqtt_properties *properties)
{
	free(properties->list.array);
	free(properties->text);
}
