/* SPDX-License-Identifier: Apache-2.0
 *
 * shipper_target.c - copies of where lines of the log are sent to.
 */
#include "daemon/system/shipper_target.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define AT(member) offsetof(struct dk_shipper_target, member)

static const size_t texts[] = { AT(url),    AT(username), AT(password),
				AT(token),  AT(header),   AT(authorities) };

#define TEXTS (sizeof(texts) / sizeof(texts[0]))

static const char *
text_of(const struct dk_shipper_target *target, size_t number)
{
	return *(const char *const *)(const void *)((const char *)target + texts[number]);
}

static void
set_text(struct dk_shipper_target *target, size_t number, const char *text)
{
	*(const char **)(void *)((char *)target + texts[number]) = text;
}

void
dk_shipper_target_clear(struct dk_shipper_target *copy)
{
	for (size_t i = 0; i < TEXTS; i++)
		free((void *)(uintptr_t)text_of(copy, i));
	*copy = (struct dk_shipper_target){ 0 };
}

void
dk_shipper_target_copy(struct dk_shipper_target *copy, const struct dk_shipper_target *from)
{
	dk_shipper_target_clear(copy);
	for (size_t i = 0; i < TEXTS; i++) {
		const char *text = text_of(from, i);
		char *made = text ? strdup(text) : NULL;

		if (text && !made)
			abort();
		set_text(copy, i, made);
	}
}

bool
dk_shipper_target_is(const struct dk_shipper_target *one, const struct dk_shipper_target *other)
{
	for (size_t i = 0; i < TEXTS; i++) {
		const char *a = text_of(one, i), *b = text_of(other, i);

		if (!a != !b || (a && strcmp(a, b) != 0))
			return false;
	}
	return true;
}
