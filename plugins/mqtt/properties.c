/* SPDX-License-Identifier: Apache-2.0
 *
 * properties.c - the properties of MQTT 5 to and from what a message carries.
 *
 * A header is a user property, whose name and value MQTT wants to be text. A value that is not is
 * written in base64 and the name says so, ending in ;base64; such a property is read back as the
 * header that it was. So is a header that would itself be taken for such a property. A name that is
 * not text, and what is longer than MQTT's 65535 bytes, rejects the delivery. A reply address that
 * can be no topic is left out: it is an address at the message's own source, and leads nowhere from
 * here.
 */
#include <stdlib.h>
#include <string.h>

#include "plugins/headers.h"
#include "plugins/mqtt/mqtt.h"
#include "plugins/mqtt/strings.h"
#include "plugins/text.h"

#define CODED DK_SLICE_OF(";base64")
#define MESSAGE_ID DK_SLICE_OF("message-id")
#define DK_SLICE_OF(text) ((struct dk_slice){ text, sizeof(text) - 1 })

/* --- From a packet ------------------------------------------------------------------------- */

static struct dk_slice
slice_of(const MQTTLenString *string)
{
	return (struct dk_slice){ string->data, (size_t)string->len };
}

static bool
is_coded(struct dk_slice name)
{
	return name.length >= CODED.length &&
	       memcmp(name.data + name.length - CODED.length, CODED.data, CODED.length) == 0;
}

/* A property with these is taken for a coded one. */
static bool
seems_coded(struct dk_slice name, struct dk_slice value)
{
	return is_coded(name) && mqtt_base64_read(value, NULL) != SIZE_MAX;
}

size_t
mqtt_properties_headers(const MQTTProperties *list, size_t *room)
{
	size_t count = 0;

	*room = 0;
	for (int i = 0; i < list->count; i++) {
		const MQTTProperty *property = &list->array[i];

		if (property->identifier != MQTTPROPERTY_CODE_USER_PROPERTY)
			continue;
		count++;
		if (is_coded(slice_of(&property->value.data)))
			*room += (size_t)property->value.value.len;
	}
	return count;
}

/* Text is only coded for what it holds, or what it seems to be; else it was bytes. */
static struct dk_header
read_header(const MQTTProperty *property, char **room)
{
	struct dk_slice name = slice_of(&property->value.data);
	struct dk_slice value = slice_of(&property->value.value);
	enum dk_header_type type = DK_HEADER_TEXT;
	size_t length = is_coded(name) ? mqtt_base64_read(value, *room) : SIZE_MAX;

	if (length != SIZE_MAX) {
		name.length -= CODED.length;
		value = (struct dk_slice){ *room, length };
		*room += length;
		type = dk_is_text(value) && (!mqtt_is_string(value) || seems_coded(name, value))
			       ? DK_HEADER_TEXT
			       : DK_HEADER_BINARY;
	}
	return (struct dk_header){ name, value, type };
}

void
mqtt_properties_read(const MQTTProperties *list, struct dk_message *message,
		     struct dk_header *headers, char *room)
{
	message->headers = headers;
	for (int i = 0; i < list->count; i++) {
		const MQTTProperty *property = &list->array[i];

		switch (property->identifier) {
		case MQTTPROPERTY_CODE_USER_PROPERTY:
			headers[message->header_count++] = read_header(property, &room);
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

/* Name and value as they were, or coded at `text`, which is moved on. */
static void
code_header(const struct dk_header *header, struct dk_slice *name, struct dk_slice *value,
	    char **text)
{
	*name = header->name;
	*value = header->value;
	if (header->type != DK_HEADER_BINARY && mqtt_is_string(*value) &&
	    !seems_coded(*name, *value))
		return;
	value->length = mqtt_base64_write(header->value, *text);
	value->data = *text;
	*text += value->length;
	memcpy(*text, name->data, name->length);
	memcpy(*text + name->length, CODED.data, CODED.length);
	*name = (struct dk_slice){ *text, name->length + CODED.length };
	*text += name->length;
}

static const char *
append_header(struct mqtt_properties *properties, const struct dk_header *header, char **text)
{
	static const char too_long[] = "a header is longer than the 65535 bytes that MQTT has for "
				       "one";
	struct dk_slice name, value;
	MQTTProperty *property;

	if (header->name.length > MQTT_STRING_MAX - CODED.length)
		return "the name of a header is longer than 65535 bytes";
	if (!mqtt_is_string(header->name))
		return "the name of a header holds what MQTT does not take as text, as control "
		       "characters";
	if (header->value.length > MQTT_STRING_MAX)
		return too_long;
	code_header(header, &name, &value, text);
	if (value.length > MQTT_STRING_MAX)
		return too_long;
	property = append(&properties->list, MQTTPROPERTY_CODE_USER_PROPERTY);
	property->value.data = string_of(name);
	property->value.value = string_of(value);
	properties->list.length += 5 + (int)name.length + (int)value.length;
	return NULL;
}

/* Makes room for all that a delivery may have. */
static void
make_room(struct mqtt_properties *properties, const struct dk_delivery *delivery)
{
	size_t headers = dk_headers_count(delivery), count = headers + 6, text = 0;

	for (size_t i = 0; i < headers; i++) {
		const struct dk_header *header = dk_headers_at(delivery, i);

		text += header ? MQTT_BASE64_ROOM(header->value.length) + header->name.length +
					 CODED.length
			       : 0;
	}
	text += MQTT_BASE64_ROOM(delivery->message->message_id.length) + MESSAGE_ID.length +
		CODED.length;
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
	if (!properties->list.array || !properties->text)
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

static const char *
append_fields(MQTTProperties *list, const struct dk_message *message)
{
	if (message->content_type.data) {
		if (!mqtt_is_string(message->content_type))
			return "its content type is what MQTT does not take as text, or longer "
			       "than 65535 bytes";
		append_string(list, MQTTPROPERTY_CODE_CONTENT_TYPE, message->content_type);
	}
	if (message->correlation_id.data) {
		if (message->correlation_id.length > MQTT_STRING_MAX)
			return "its correlation id is longer than 65535 bytes";
		append_string(list, MQTTPROPERTY_CODE_CORRELATION_DATA, message->correlation_id);
	}
	if (message->reply_to.data && !mqtt_topic_fault(message->reply_to))
		append_string(list, MQTTPROPERTY_CODE_RESPONSE_TOPIC, message->reply_to);
	if (message->expiry_ms >= 0)
		append_expiry(list, message->expiry_ms);
	return NULL;
}

/* MQTT has no field for it: it is the last user property of its name. */
static const char *
append_message_id(struct mqtt_properties *properties, const struct dk_delivery *delivery,
		  char **text)
{
	struct dk_header header = { MESSAGE_ID, delivery->message->message_id, DK_HEADER_TEXT };

	if (!header.value.data ||
	    dk_headers_have(delivery->headers, delivery->header_count, MESSAGE_ID))
		return NULL;
	return append_header(properties, &header, text);
}

/* Who published it, in the place of who did before. */
static void
append_publisher(MQTTProperties *list, const char *publisher)
{
	MQTTProperty *property = append(list, MQTTPROPERTY_CODE_USER_PROPERTY);
	struct dk_slice value = { publisher, strlen(publisher) };

	property->value.data = string_of(MQTT_PUBLISHER);
	property->value.value = string_of(value);
	list->length += 5 + (int)MQTT_PUBLISHER.length + (int)value.length;
}

bool
mqtt_is_publisher(const struct dk_header *header)
{
	return header->name.length == MQTT_PUBLISHER.length &&
	       memcmp(header->name.data, MQTT_PUBLISHER.data, MQTT_PUBLISHER.length) == 0;
}

const char *
mqtt_properties_write(struct mqtt_properties *properties, const struct dk_delivery *delivery,
		      const char *publisher)
{
	size_t headers = dk_headers_count(delivery);
	const char *fault;
	char *text;

	make_room(properties, delivery);
	properties->list.count = properties->list.length = 0;
	text = properties->text;
	fault = append_fields(&properties->list, delivery->message);
	for (size_t i = 0; i < headers && !fault; i++) {
		const struct dk_header *header = dk_headers_at(delivery, i);

		if (header && !(publisher && mqtt_is_publisher(header)))
			fault = append_header(properties, header, &text);
	}
	if (!fault)
		fault = append_message_id(properties, delivery, &text);
	if (publisher)
		append_publisher(&properties->list, publisher);
	return fault;
}

void
mqtt_properties_free(struct mqtt_properties *properties)
{
	free(properties->list.array);
	free(properties->text);
}

/* --- Lengths ------------------------------------------------------------------------------- */

/* MQTT's numbers of variable length: MQTT 5.0 section 1.5.5. */
static size_t
measure_number(size_t number)
{
	size_t length = 1;

	while (number >>= 7)
		length++;
	return length;
}

size_t
mqtt_packet_length(const MQTTAsync_message *packet, size_t topic, bool is_5)
{
	size_t properties = (size_t)packet->properties.length;
	size_t rest = 2 + topic + (packet->qos > 0 ? 2 : 0) + (size_t)packet->payloadlen;

	if (is_5)
		rest += measure_number(properties) + properties;
	return 1 + measure_number(rest) + rest;
}
