/* SPDX-License-Identifier: Apache-2.0
 *
 * emit.c - a value put into an address.
 */
#include "daemon/language/emit.h"

#include "daemon/language/dialect.h"
#include "daemon/language/levels.h"

/* In AMQP the first / ends the exchange, and without one all goes to queues by their names; in MQTT
 * what begins with $ is the broker's own. A value that stands there must not bring it about. */
static const char *
fault_of(enum dk_dialect dialect, struct dk_slice value, struct dk_emit_place place)
{
	if (dialect == DK_AMQP && place.is_in_exchange && dk_slice_has(value, '/'))
		return "holds a /, which would end the exchange";
	if (dialect == DK_AMQP && place.is_in_exchange && value.length == 0)
		return "is empty, which is no name of an exchange";
	if (dialect == DK_MQTT && place.is_first && value.length > 0 && value.data[0] == '$')
		return "begins with a $, which only the broker's own topics do";
	return dk_dialect_value_fault(dialect, value, place.is_rest);
}

/* How many bytes from here on are a name of dots, which is none: . and .. are folders in a path,
 * and no name of a Kafka topic, where a rest is all of it. */
static size_t
dots_at(enum dk_dialect dialect, struct dk_slice value, size_t at)
{
	struct dk_slice name = dk_slice_after(value, at);
	const char *slash;

	if ((dialect != DK_PATH && (dialect != DK_KAFKA || at > 0)) || name.length == 0 ||
	    (at > 0 && value.data[at - 1] != '/'))
		return 0;
	slash = dialect == DK_PATH ? memchr(name.data, '/', name.length) : NULL;
	name.length = slash ? (size_t)(slash - name.data) : name.length;
	return dk_slice_is(name, DK_SLICE(".")) || dk_slice_is(name, DK_SLICE("..")) ? name.length :
										       0;
}

static bool
leads_elsewhere(enum dk_dialect dialect, struct dk_slice value)
{
	for (size_t at = 0; dialect == DK_PATH && at < value.length; at++)
		if (dots_at(dialect, value, at) > 0)
			return true;
	return false;
}

/* --- Escaping --- */

static char
escape_character(enum dk_dialect dialect)
{
	return dialect == DK_KAFKA ? '_' : '%';
}

static void
add_escaped(enum dk_dialect dialect, unsigned char c, struct dk_buffer *out)
{
	const char *digits = dialect == DK_KAFKA ? "0123456789abcdef" : "0123456789ABCDEF";
	char escaped[3] = { escape_character(dialect), digits[c >> 4], digits[c & 15] };

	if (dialect == DK_KAFKA && c == '_')
		dk_buffer_add(out, DK_SLICE("__"));
	else
		dk_buffer_add(out, dk_slice_new(escaped, 3));
}

/* Whether a character must be escaped: it is the escape character, or could not stand there. */
static bool
is_unsafe(enum dk_dialect dialect, struct dk_slice character, struct dk_emit_place place)
{
	if (character.data[0] == escape_character(dialect))
		return true;
	place.is_rest |= character.data[0] != dk_grammar_of(dialect)->separator;
	return fault_of(dialect, character, place) != NULL;
}

static void
add_character(enum dk_dialect dialect, struct dk_slice character, struct dk_emit_place place,
	      struct dk_buffer *out)
{
	if (!is_unsafe(dialect, character, place)) {
		dk_buffer_add(out, character);
		return;
	}
	for (size_t i = 0; i < character.length; i++)
		add_escaped(dialect, (unsigned char)character.data[i], out);
}

static void
add_safely(enum dk_dialect dialect, struct dk_slice value, struct dk_emit_place place,
	   struct dk_buffer *out)
{
	const char escape = escape_character(dialect);
	bool is_utf8 = dk_grammar_of(dialect)->is_utf8;
	size_t length, dots = 0;

	if (value.length == 0 && (!place.is_rest || place.is_in_exchange))
		dk_buffer_add(out, dk_slice_new(&escape, 1));
	for (size_t at = 0; at < value.length; at += length) {
		length = is_utf8 ? dk_utf8_length(dk_slice_after(value, at)) : 1;
		length = length ? length : 1;
		dots = dots ? dots : dots_at(dialect, value, at);
		if (dots > 0 && dots--)
			add_escaped(dialect, '.', out);
		else
			add_character(dialect, dk_slice_new(value.data + at, length), place, out);
		place.is_first = false;
	}
}

const char *
dk_emit(enum dk_dialect dialect, bool escapes, struct dk_slice value, struct dk_emit_place place,
	struct dk_buffer *out)
{
	if (escapes) {
		add_safely(dialect, value, place, out);
		return NULL;
	}
	dk_buffer_add(out, value);
	if (leads_elsewhere(dialect, value))
		return "is or holds . or .., which lead to another folder";
	return fault_of(dialect, value, place);
}

/* --- Reading back --- */

static int
digit_of(char c)
{
	return c >= '0' && c <= '9' ? c - '0' :
	       c >= 'a' && c <= 'f' ? c - 'a' + 10 :
	       c >= 'A' && c <= 'F' ? c - 'A' + 10 :
				      -1;
}

/* What stands behind an escape character; how much of it was read, 0: it is none. */
static size_t
read_escape(enum dk_dialect dialect, struct dk_slice text, char *c)
{
	int high, low;

	if (dialect == DK_KAFKA && text.length > 0 && text.data[0] == '_') {
		*c = '_';
		return 1;
	}
	if (text.length < 2)
		return 0;
	high = digit_of(text.data[0]);
	low = digit_of(text.data[1]);
	if (high < 0 || low < 0)
		return 0;
	*c = (char)(high << 4 | low);
	return 2;
}

bool
dk_emit_read(enum dk_dialect dialect, struct dk_slice escaped, struct dk_buffer *out)
{
	const char escape = escape_character(dialect);

	if (escaped.length == 1 && escaped.data[0] == escape)
		return true;
	for (size_t at = 0; at < escaped.length; at++) {
		char c = escaped.data[at];
		size_t read;

		if (c == escape) {
			read = read_escape(dialect, dk_slice_after(escaped, at + 1), &c);
			if (read == 0)
				return false;
			at += read;
		}
		dk_buffer_add(out, dk_slice_new(&c, 1));
	}
	return true;
}
