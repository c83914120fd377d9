/* SPDX-License-Identifier: Apache-2.0
 *
 * conversion_cases.c - when a row of what is declared counts.
 */
#include "plugins/mqtt/strings.h"
#include "plugins/text.h"
#include "test/unit/conversion.h"

#define WHEN(name, condition)                                       \
	bool name(const struct fact *fact, const struct facts *all) \
	{                                                           \
		(void)fact;                                         \
		(void)all;                                          \
		return condition;                                   \
	}

static bool
has_header(const struct facts *all, const char *name)
{
	for (size_t i = 0; i < all->count; i++)
		if (is_field(&all->list[i], "header") &&
		    same_slice(all->list[i].name, (struct dk_slice){ name, strlen(name) }))
			return true;
	return false;
}

static bool
has_short(const struct facts *all, const char *field)
{
	const struct fact *fact = find_fact(all, field);

	return fact && fact->value.length <= SHORT;
}

static bool
has_kind(const struct facts *all, const char *kinds)
{
	for (size_t i = 0; i < all->count; i++)
		if (is_field(&all->list[i], "header") && strchr(kinds, all->list[i].kind))
			return true;
	return false;
}

static bool
is_at_end(const struct fact *fact, const struct facts *all, bool is_last)
{
	for (size_t i = 0; i < all->count; i++)
		if (same_slice(all->list[i].name, fact->name) &&
		    (is_last ? &all->list[i] > fact : &all->list[i] < fact) &&
		    is_field(&all->list[i], "header") && all->list[i].kind != 'V' &&
		    (is_last || all->list[i].value.length <= SHORT))
			return false;
	return true;
}

/* Of those of its name, whatever their length. */
static bool
is_first(const struct fact *fact, const struct facts *all)
{
	for (const struct fact *other = all->list; other < fact; other++)
		if (is_field(other, "header") && same_slice(other->name, fact->name))
			return false;
	return true;
}

/* Whether what a header is named for is there too. */
static bool
has_field(const struct fact *fact, const struct facts *all)
{
	return find_fact(all, keep_text("%.*s", (int)fact->name.length, fact->name.data).data);
}

size_t
decode_fact(const struct fact *fact, char **bytes)
{
	size_t suffix = sizeof(CODED) - 1;

	*bytes = keep(fact->value.length);
	if (fact->name.length < suffix ||
	    memcmp(fact->name.data + fact->name.length - suffix, CODED, suffix) != 0)
		return SIZE_MAX;
	return mqtt_base64_read(fact->value, *bytes);
}

static bool
decodes_to_string(const struct fact *fact)
{
	char *bytes;
	size_t length = decode_fact(fact, &bytes);

	return length != SIZE_MAX && mqtt_is_string((struct dk_slice){ bytes, length });
}

static bool
is_number(struct dk_slice text)
{
	for (size_t i = 0; i < text.length; i++)
		if (text.data[i] < '0' || text.data[i] > '9')
			return false;
	return text.length > 0;
}

WHEN(is_long, fact->value.length > SHORT)
WHEN(has_long_name, fact->name.length > SHORT)
WHEN(has_bad_name, !mqtt_is_string(fact->name))
WHEN(is_no_string, !mqtt_is_string(fact->value))
WHEN(is_no_text, !dk_is_text(fact->value))
WHEN(is_text, dk_is_text(fact->value))
WHEN(is_control, dk_is_text(fact->value) && !mqtt_is_string(fact->value))
WHEN(is_no_topic, mqtt_topic_fault(fact->value) != NULL)
WHEN(is_coded, decode_fact(fact, &(char *){ NULL }) != SIZE_MAX)
WHEN(is_coded_string, decodes_to_string(fact))
WHEN(is_no_number, !is_number(fact->value))
WHEN(is_no_second, number_of(fact) % 1000 != 0)
WHEN(is_zero, number_of(fact) == 0)
WHEN(is_one, number_of(fact) == 1)
WHEN(is_very_late, number_of(fact) > 315360000)
WHEN(is_long_beside, fact->value.length > SHORT && has_header(all, "amqp-correlation-id"))
WHEN(is_first_short, fact->value.length <= SHORT && is_at_end(fact, all, false))
WHEN(is_first_correlation, fact->value.length <= SHORT && is_at_end(fact, all, false) &&
				   !has_short(all, "correlation-id"))
WHEN(is_last_good, mqtt_is_string(fact->value) && is_at_end(fact, all, true))
WHEN(is_last_bad, !mqtt_is_string(fact->value) && is_at_end(fact, all, true))
WHEN(is_last_topic, !mqtt_topic_fault(fact->value) && is_at_end(fact, all, true))
WHEN(is_last_short, fact->value.length <= SHORT && is_at_end(fact, all, true))
WHEN(is_last_long, fact->value.length > SHORT && is_at_end(fact, all, true))
WHEN(is_last_lost, mqtt_topic_fault(fact->value) && is_at_end(fact, all, true))
WHEN(is_last, is_at_end(fact, all, true))
WHEN(is_last_alone, is_at_end(fact, all, true) && !has_field(fact, all))
WHEN(is_first_alone, is_first(fact, all) && !find_fact(all, "correlation-id"))
WHEN(has_nested, has_kind(all, "FA"))
