/* SPDX-License-Identifier: Apache-2.0
 *
 * mqtt_text_test.c - what MQTT takes as text, base64, addresses of brokers, and headers there and
 * back as properties.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "plugins/mqtt/address.h"
#include "plugins/mqtt/mqtt.h"
#include "plugins/mqtt/strings.h"

static struct dk_slice
slice_of(const char *text)
{
	return (struct dk_slice){ text, strlen(text) };
}

static void
text_is_what_the_standard_says(void **state)
{
	static const struct {
		const char *text;
		bool is_string;
	} rows[] = {
		{ "", true },
		{ "plain ~", true },
		{ "\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80", true },
		{ "\xEF\xBF\xBD", true }, /* U+FFFD */
		{ "\xC2\xA0", true },	  /* U+A0 */
		{ "\xEF\xB7\x8F", true }, /* U+FDCF */
		{ "\xEF\xB7\xB0", true }, /* U+FDF0 */
		{ "a\x01", false },
		{ "\x1F", false },
		{ "\x7F", false },
		{ "\xC2\x80", false },	       /* U+80 */
		{ "\xC2\x9F", false },	       /* U+9F */
		{ "\xEF\xB7\x90", false },     /* U+FDD0 */
		{ "\xEF\xB7\xAF", false },     /* U+FDEF */
		{ "\xEF\xBF\xBE", false },     /* U+FFFE */
		{ "\xF0\x9F\xBF\xBF", false }, /* U+1FFFF */
		{ "\xF4\x8F\xBF\xBE", false }, /* U+10FFFE */
		{ "\xFF", false },
		{ "\xC0\x80", false },	   /* too long a form */
		{ "\xED\xA0\x80", false }, /* a surrogate */
		{ "\xE2\x82", false },	   /* cut */
	};
	char *longest = malloc(65536);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (mqtt_is_string(slice_of(rows[i].text)) != rows[i].is_string)
			fail_msg("row %zu", i);
	assert_false(mqtt_is_string((struct dk_slice){ "a\0b", 3 }));
	memset(longest, 'x', 65536);
	assert_true(mqtt_is_string((struct dk_slice){ longest, 65535 }));
	assert_false(mqtt_is_string((struct dk_slice){ longest, 65536 }));
	free(longest);
}

static void
topics_have_faults(void **state)
{
	char deep[203];

	(void)state;
	assert_null(mqtt_topic_fault(slice_of("a/b//c")));
	assert_non_null(mqtt_topic_fault(slice_of("")));
	assert_non_null(mqtt_topic_fault(slice_of("a/+")));
	assert_non_null(mqtt_topic_fault(slice_of("#")));
	assert_non_null(mqtt_topic_fault(slice_of("a\x01")));
	memset(deep, '/', sizeof(deep));
	assert_null(mqtt_topic_fault((struct dk_slice){ deep, 200 }));
	assert_non_null(mqtt_topic_fault((struct dk_slice){ deep, 201 }));
}

static void
base64_comes_back(void **state)
{
	char bytes[64], text[MQTT_BASE64_ROOM(64)], back[sizeof(text)];

	(void)state;
	for (size_t length = 0; length <= sizeof(bytes); length++) {
		size_t written;

		for (size_t i = 0; i < length; i++)
			bytes[i] = (char)(i * 37 + length);
		written = mqtt_base64_write((struct dk_slice){ bytes, length }, text);
		assert_int_equal(written, (length + 2) / 3 * 4);
		assert_int_equal(mqtt_base64_read((struct dk_slice){ text, written }, back),
				 length);
		assert_memory_equal(bytes, back, length);
	}
	assert_int_equal(mqtt_base64_write(slice_of("foob"), text), 8);
	assert_memory_equal(text, "Zm9vYg==", 8);
	assert_int_equal(mqtt_base64_read(slice_of("Zg="), back), SIZE_MAX);
	assert_int_equal(mqtt_base64_read(slice_of("Zg%="), back), SIZE_MAX);
	assert_int_equal(mqtt_base64_read(slice_of("Z==="), back), SIZE_MAX);
	assert_int_equal(mqtt_base64_read(slice_of("===="), back), SIZE_MAX);
	/* Whose last digit has bits that say nothing. */
	assert_int_equal(mqtt_base64_read(slice_of("QR=="), back), SIZE_MAX);
	assert_int_equal(mqtt_base64_read(slice_of("QUJ="), back), SIZE_MAX);
	assert_int_equal(mqtt_base64_read(slice_of("QUI="), NULL), 2);
}

static void
addresses_are_read(void **state)
{
	static const struct {
		const char *uri, *host, *port;
		bool is_tls, is_web;
	} rows[] = {
		{ "mqtt://a", "a", "1883", false, false },
		{ "tcp://1.2.3.4:5", "1.2.3.4", "5", false, false },
		{ "mqtts://a.example", "a.example", "8883", true, false },
		{ "ssl://[::1]:1", "::1", "1", true, false },
		{ "mqtt://[fe80::1]", "fe80::1", "1883", false, false },
		{ "ws://a/path:1/@", "a", "80", false, true },
		{ "wss://a:8443/", "a", "8443", true, true },
		{ "mqtt://", NULL, NULL, false, false },
		{ "mqtt://[::1", NULL, NULL, false, false },
		{ "mqtt://a:", NULL, NULL, false, false },
		{ "mqtt://a:0", NULL, NULL, false, false },
		{ "mqtt://a:65536", NULL, NULL, false, false },
		{ "mqtt://a:1x", NULL, NULL, false, false },
		{ "mqtt://[::1]x", NULL, NULL, false, false },
		{ "mqtt://a/b", NULL, NULL, false, false },
		{ "mqtt://u@a", NULL, NULL, false, false },
		{ "http://a", NULL, NULL, false, false },
		{ "", NULL, NULL, false, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct mqtt_address address;
		struct dk_error error;
		bool is_well = mqtt_address_read(rows[i].uri, &address, &error) == 0;

		if (is_well != (rows[i].host != NULL))
			fail_msg("%s", rows[i].uri);
		if (!is_well)
			continue;
		assert_string_equal(address.host, rows[i].host);
		assert_string_equal(address.port, rows[i].port);
		assert_int_equal(address.is_tls, rows[i].is_tls);
		assert_int_equal(address.is_web, rows[i].is_web);
	}
}

static void
lists_of_addresses_are_split(void **state)
{
	size_t count;
	char **list = mqtt_addresses_split(" a , b,,c\t", &count);

	(void)state;
	assert_int_equal(count, 4);
	assert_string_equal(list[0], "a");
	assert_string_equal(list[1], "b");
	assert_string_equal(list[2], "");
	assert_string_equal(list[3], "c");
	mqtt_addresses_free(list, count);
}

/* --- Headers ------------------------------------------------------------------------------- */

struct crossing {
	struct mqtt_properties properties;
	struct dk_message there, back;
	struct dk_header headers[8];
	char room[1024];
	const char *fault;
};

/* Writes the message's properties, and reads what was written. */
static void
cross(struct crossing *crossing, const char *publisher)
{
	const struct dk_delivery delivery = { .message = &crossing->there };
	size_t room;

	crossing->fault = mqtt_properties_write(&crossing->properties, &delivery, publisher);
	if (crossing->fault)
		return;
	assert_in_range(mqtt_properties_headers(&crossing->properties.list, &room), 0, 8);
	assert_in_range(room, 0, sizeof(crossing->room));
	crossing->back = DK_MESSAGE_NONE;
	mqtt_properties_read(&crossing->properties.list, &crossing->back, crossing->headers,
			     crossing->room);
}

static void
headers_come_back_as_they_were(void **state)
{
	static const struct dk_header headers[] = {
		{ { "plain", 5 }, { "a=b", 3 }, DK_HEADER_TEXT },
		{ { "empty", 5 }, { "", 0 }, DK_HEADER_TEXT },
		{ { "control", 7 }, { "a\nb", 3 }, DK_HEADER_TEXT },
		{ { "bytes", 5 }, { "\xFF\x00\x80", 3 }, DK_HEADER_BINARY },
		{ { "text", 4 }, { "looks so", 8 }, DK_HEADER_BINARY },
		{ { "", 0 }, { "\xFF", 1 }, DK_HEADER_BINARY },
		{ { "seems;base64", 12 }, { "QQ==", 4 }, DK_HEADER_TEXT },
		{ { ";base64", 7 }, { "", 0 }, DK_HEADER_TEXT },
	};
	const size_t count = sizeof(headers) / sizeof(*headers);
	struct crossing crossing = { .there = DK_MESSAGE_NONE };

	(void)state;
	crossing.there.headers = headers;
	crossing.there.header_count = count;
	cross(&crossing, NULL);
	assert_null(crossing.fault);
	assert_int_equal(crossing.back.header_count, count);
	for (size_t i = 0; i < count; i++) {
		const struct dk_header *back = &crossing.headers[i];

		assert_int_equal(back->type, headers[i].type);
		assert_int_equal(back->name.length, headers[i].name.length);
		assert_memory_equal(back->name.data, headers[i].name.data, back->name.length);
		assert_int_equal(back->value.length, headers[i].value.length);
		assert_memory_equal(back->value.data, headers[i].value.data, back->value.length);
	}
	mqtt_properties_free(&crossing.properties);
}

/* What is no base64 though its name says so is left as it is. */
static void
a_name_that_lies_is_left_alone(void **state)
{
	static const struct dk_header lies[] = {
		{ { "x;base64", 8 }, { "no!", 3 }, DK_HEADER_TEXT },
		{ { "x;base64", 8 }, { "QR==", 4 }, DK_HEADER_TEXT },
	};
	struct crossing crossing = { .there = DK_MESSAGE_NONE };

	(void)state;
	crossing.there.headers = lies;
	crossing.there.header_count = 2;
	cross(&crossing, NULL);
	for (size_t i = 0; i < 2; i++) {
		const MQTTProperty *written = &crossing.properties.list.array[i];

		assert_int_equal(written->value.data.len, 8);
		assert_int_equal(crossing.headers[i].name.length, 8);
		assert_int_equal(crossing.headers[i].value.length, lies[i].value.length);
	}
	mqtt_properties_free(&crossing.properties);
}

static void
a_message_id_is_the_last_user_property(void **state)
{
	static const struct dk_header first = { { "message-id", 10 }, { "1", 1 }, DK_HEADER_TEXT };
	struct crossing crossing = { .there = DK_MESSAGE_NONE };

	(void)state;
	crossing.there.headers = &first;
	crossing.there.header_count = 1;
	crossing.there.message_id = slice_of("22");
	cross(&crossing, NULL);
	assert_int_equal(crossing.back.header_count, 2);
	assert_int_equal(crossing.headers[0].value.length, 1);
	assert_int_equal(crossing.headers[1].name.length, 10);
	assert_memory_equal(crossing.headers[1].value.data, "22", 2);
	mqtt_properties_free(&crossing.properties);
}

static void
what_mqtt_cannot_carry_is_a_fault(void **state)
{
	static char large[65536];
	const struct dk_slice too_long = { large, sizeof(large) }, control = { "a\x01", 2 };
	const struct dk_slice none = { NULL, 0 };
	const struct {
		struct dk_slice content_type, correlation, name, value;
		enum dk_header_type type;
	} rows[] = {
		{ control, none, { "n", 1 }, { "v", 1 }, DK_HEADER_TEXT },
		{ too_long, none, { "n", 1 }, { "v", 1 }, DK_HEADER_TEXT },
		{ none, too_long, { "n", 1 }, { "v", 1 }, DK_HEADER_TEXT },
		{ none, none, control, { "v", 1 }, DK_HEADER_TEXT },
		{ none, none, too_long, { "v", 1 }, DK_HEADER_TEXT },
		{ none, none, { "n", 1 }, too_long, DK_HEADER_TEXT },
		{ none, none, { "n", 1 }, { large, 49152 }, DK_HEADER_BINARY },
	};

	(void)state;
	memset(large, 'x', sizeof(large));
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct dk_header header = { rows[i].name, rows[i].value, rows[i].type };
		struct crossing crossing = { .there = DK_MESSAGE_NONE };

		crossing.there.content_type = rows[i].content_type;
		crossing.there.correlation_id = rows[i].correlation;
		crossing.there.headers = &header;
		crossing.there.header_count = 1;
		cross(&crossing, NULL);
		if (!crossing.fault)
			fail_msg("row %zu", i);
		mqtt_properties_free(&crossing.properties);
	}
}

static void
a_reply_address_that_is_no_topic_is_left_out(void **state)
{
	struct crossing crossing = { .there = DK_MESSAGE_NONE };

	(void)state;
	crossing.there.reply_to = slice_of("answers/here");
	cross(&crossing, NULL);
	assert_int_equal(crossing.back.reply_to.length, 12);
	crossing.there.reply_to = slice_of("amq.reply#+");
	cross(&crossing, NULL);
	assert_null(crossing.fault);
	assert_null(crossing.back.reply_to.data);
	mqtt_properties_free(&crossing.properties);
}

static void
the_publisher_is_the_last_one(void **state)
{
	static const struct dk_header other = { { "diolkos-publisher", 17 },
						{ "x", 1 },
						DK_HEADER_TEXT };
	struct crossing crossing = { .there = DK_MESSAGE_NONE };

	(void)state;
	crossing.there.headers = &other;
	crossing.there.header_count = 1;
	cross(&crossing, "me");
	assert_int_equal(crossing.back.header_count, 1);
	assert_memory_equal(crossing.headers[0].value.data, "me", 2);
	mqtt_properties_free(&crossing.properties);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_what_the_standard_says),
		cmocka_unit_test(topics_have_faults),
		cmocka_unit_test(base64_comes_back),
		cmocka_unit_test(addresses_are_read),
		cmocka_unit_test(lists_of_addresses_are_split),
		cmocka_unit_test(headers_come_back_as_they_were),
		cmocka_unit_test(a_name_that_lies_is_left_alone),
		cmocka_unit_test(a_message_id_is_the_last_user_property),
		cmocka_unit_test(what_mqtt_cannot_carry_is_a_fault),
		cmocka_unit_test(a_reply_address_that_is_no_topic_is_left_out),
		cmocka_unit_test(the_publisher_is_the_last_one),
	};

	return cmocka_run_group_tests_name("mqtt_text", tests, NULL, NULL);
}
