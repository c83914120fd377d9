/* SPDX-License-Identifier: Apache-2.0
 *
 * emit_fuzz.c - any bytes as a value that goes into an address: escaped it may stand in its place
 * and reads back the same; unescaped it may stand there or the reason is told. And any bytes are
 * read back or refused. The first byte is the dialect, the second the place.
 */
#include <stdint.h>
#include <stdlib.h>

#include "daemon/language/dialect.h"
#include "daemon/language/emit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The address's own rules, formed without those of emit.c. */
static bool
may_stand(enum dk_dialect dialect, struct dk_slice text, struct dk_emit_place place)
{
	if (dialect == DK_AMQP && place.is_in_exchange &&
	    (text.length == 0 || dk_slice_has(text, '/')))
		return false;
	if (dialect == DK_MQTT && place.is_first && text.length > 0 && text.data[0] == '$')
		return false;
	return dk_dialect_value_fault(dialect, text, place.is_rest) == NULL;
}

static void
check_escaped(enum dk_dialect dialect, struct dk_slice value, struct dk_emit_place place)
{
	struct dk_buffer escaped = { 0 }, read = { 0 };

	if (dk_emit(dialect, true, value, place, &escaped) ||
	    !may_stand(dialect, dk_slice_new(escaped.data, escaped.length), place))
		abort();
	if (!dk_emit_read(dialect, dk_slice_new(escaped.data, escaped.length), &read) ||
	    !dk_slice_is(dk_slice_new(read.data, read.length), value))
		abort();
	dk_buffer_clear(&escaped);
	dk_buffer_clear(&read);
}

static void
check_as_it_is(enum dk_dialect dialect, struct dk_slice value, struct dk_emit_place place)
{
	struct dk_buffer added = { 0 };

	if (!dk_emit(dialect, false, value, place, &added) && !may_stand(dialect, value, place))
		abort();
	if (!dk_slice_is(dk_slice_new(added.data, added.length), value))
		abort();
	dk_buffer_clear(&added);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dk_emit_place place;
	struct dk_buffer read = { 0 };
	struct dk_slice value;
	enum dk_dialect dialect;

	if (size < 2)
		return 0;
	dialect = (enum dk_dialect)(data[0] % (DK_PATH + 1));
	place = (struct dk_emit_place){ data[1] & 1, (data[1] & 2) && dialect == DK_AMQP,
					data[1] & 4 };
	value = dk_slice_new((const char *)data + 2, size - 2);
	check_escaped(dialect, value, place);
	check_as_it_is(dialect, value, place);
	dk_emit_read(dialect, value, &read);
	dk_buffer_clear(&read);
	return 0;
}
