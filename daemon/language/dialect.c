/* SPDX-License-Identifier: Apache-2.0
 *
 * dialect.c - the grammars, and what is legal in them.
 */
#include "daemon/language/dialect.h"

#include "daemon/language/levels.h"

#define KAFKA_LEGAL "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"

static const struct dk_grammar grammars[] = {
	[DK_PLAIN] = { .name = "a plain address", .longest = 65535, .has_controls = true },
	[DK_MQTT] = { .name = "an MQTT topic", .separator = '/', .one = '+', .rest = '#',
		      .rest_may_be_none = true, .illegal = "+#", .longest = 65535,
		      .is_utf8 = true },
	[DK_AMQP] = { .name = "an AMQP routing key", .separator = '.', .first_separator = '/',
		      .one = '*', .rest = '#', .rest_is_anywhere = true, .rest_may_be_none = true,
		      .illegal = "*#", .longest = 511, .is_utf8 = true, .has_controls = true },
	[DK_KAFKA] = { .name = "a Kafka topic", .separator = '.', .legal = KAFKA_LEGAL,
		       .longest = 249 },
	[DK_PATH] = { .name = "a path", .separator = '/', .longest = 4096, .has_controls = true },
};

const struct dk_grammar *
dk_grammar_of(enum dk_dialect dialect)
{
	return &grammars[dialect];
}

/* The length of the UTF-8 sequence at `at`, 0 when it is none: RFC 3629, table of section 4. */
static size_t
utf8_length(const unsigned char *at, size_t left)
{
	static const struct {
		unsigned char first, last, second_first, second_last;
		size_t length;
	} rows[] = {
		{ 0x00, 0x7f, 0, 0, 1 },       { 0xc2, 0xdf, 0x80, 0xbf, 2 },
		{ 0xe0, 0xe0, 0xa0, 0xbf, 3 }, { 0xe1, 0xec, 0x80, 0xbf, 3 },
		{ 0xed, 0xed, 0x80, 0x9f, 3 }, { 0xee, 0xef, 0x80, 0xbf, 3 },
		{ 0xf0, 0xf0, 0x90, 0xbf, 4 }, { 0xf1, 0xf3, 0x80, 0xbf, 4 },
		{ 0xf4, 0xf4, 0x80, 0x8f, 4 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (*at < rows[i].first || *at > rows[i].last)
			continue;
		if (rows[i].length > left)
			return 0;
		if (rows[i].length > 1 &&
		    (at[1] < rows[i].second_first || at[1] > rows[i].second_last))
			return 0;
		for (size_t n = 2; n < rows[i].length; n++)
			if ((at[n] & 0xc0) != 0x80)
				return 0;
		return rows[i].length;
	}
	return 0;
}

static bool
is_utf8(struct dk_slice text)
{
	const unsigned char *at = (const unsigned char *)text.data;
	size_t length;

	for (size_t left = text.length; left > 0; left -= length, at += length) {
		length = utf8_length(at, left);
		if (length == 0)
			return false;
	}
	return true;
}

/* Of a sequence that is legal. */
static uint32_t
utf8_character(const unsigned char *at, size_t length)
{
	uint32_t character = length == 1 ? *at : *at & (0x7fu >> length);

	for (size_t i = 1; i < length; i++)
		character = character << 6 | (at[i] & 0x3fu);
	return character;
}

/* MQTT 5.0 section 1.5.4: control characters and non-characters. A broker may end the connection
 * over one, and mosquitto does: the message would be sent again and again. */
static bool
has_controls(struct dk_slice text)
{
	const unsigned char *at = (const unsigned char *)text.data;
	size_t length;

	for (size_t left = text.length; left > 0; left -= length, at += length) {
		uint32_t character;

		length = utf8_length(at, left);
		character = utf8_character(at, length);
		if (character < 0x20 || (character >= 0x7f && character < 0xa0) ||
		    (character >= 0xfdd0 && character < 0xfdf0) || (character & 0xfffe) == 0xfffe)
			return true;
	}
	return false;
}

static bool
has_any(struct dk_slice text, const char *characters)
{
	for (; *characters; characters++)
		if (dk_slice_has(text, *characters))
			return true;
	return false;
}

static bool
has_only(struct dk_slice text, const char *characters)
{
	for (size_t i = 0; i < text.length; i++)
		if (text.data[i] == '\0' || !strchr(characters, text.data[i]))
			return false;
	return true;
}

/* What is wrong with any part of a name. */
static const char *
text_fault(const struct dk_grammar *grammar, struct dk_slice text)
{
	if (dk_slice_has(text, '\0'))
		return "holds a NUL";
	if (grammar->illegal && has_any(text, grammar->illegal))
		return "holds a wildcard";
	if (grammar->legal && !has_only(text, grammar->legal))
		return "holds a character that is not legal in a Kafka topic (A-Z a-z 0-9 . _ -)";
	if (grammar->is_utf8 && !is_utf8(text))
		return "is not valid UTF-8";
	if (grammar->is_utf8 && !grammar->has_controls && has_controls(text))
		return "holds a control character, which MQTT brokers refuse";
	return NULL;
}

/* Exchange and routing key are short strings: 255 bytes each. */
static const char *
amqp_fault(struct dk_slice address)
{
	const char *slash = memchr(address.data, '/', address.length);

	if (!slash)
		return "has no / between exchange and routing key";
	if (slash - address.data > 255)
		return "has an exchange of more than 255 bytes";
	if (address.data + address.length - slash - 1 > 255)
		return "has a routing key of more than 255 bytes";
	return NULL;
}

static const char *
kafka_fault(struct dk_slice address)
{
	if (dk_slice_is(address, DK_SLICE(".")) || dk_slice_is(address, DK_SLICE("..")))
		return "is . or .., which no Kafka topic may be named";
	return NULL;
}

const char *
dk_dialect_address_fault(enum dk_dialect dialect, struct dk_slice address)
{
	const struct dk_grammar *grammar = dk_grammar_of(dialect);
	const char *fault;

	if (address.length == 0)
		return "is empty";
	if (address.length > grammar->longest)
		return dialect == DK_KAFKA ? "is longer than a Kafka topic may be, 249 bytes" :
					     "is too long";
	fault = text_fault(grammar, address);
	if (!fault && dialect == DK_AMQP)
		fault = amqp_fault(address);
	if (!fault && dialect == DK_KAFKA)
		fault = kafka_fault(address);
	return fault;
}

const char *
dk_dialect_value_fault(enum dk_dialect dialect, struct dk_slice value, bool is_rest)
{
	const struct dk_grammar *grammar = dk_grammar_of(dialect);

	if (!is_rest && grammar->separator && dk_slice_has(value, grammar->separator))
		return "holds the character that parts levels there";
	if (!is_rest && value.length == 0)
		return "is empty";
	return text_fault(grammar, value);
}
