/* SPDX-License-Identifier: Apache-2.0
 *
 * memory.c - what a plan is allocated from.
 */
#include "daemon/config/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

struct kept {
	struct kept *next;
	void (*let_go)(void *thing);
	void *thing;
};

struct dk_plan_memory {
	struct kept *kept;
};

struct dk_plan_memory *
dk_memory_new(void)
{
	struct dk_plan_memory *memory = calloc(1, sizeof(*memory));

	if (!memory)
		abort();
	return memory;
}

void
dk_memory_free(struct dk_plan_memory *memory)
{
	while (memory->kept) {
		struct kept *kept = memory->kept;

		memory->kept = kept->next;
		kept->let_go(kept->thing);
		free(kept);
	}
	free(memory);
}

void
dk_memory_keep(struct dk_plan_memory *memory, void *thing, void (*let_go)(void *thing))
{
	struct kept *kept = malloc(sizeof(*kept));

	if (!kept)
		abort();
	*kept = (struct kept){ memory->kept, let_go, thing };
	memory->kept = kept;
}

void *
dk_memory_take(struct dk_plan_memory *memory, size_t size)
{
	void *taken = calloc(1, size + 1);

	if (!taken)
		abort();
	dk_memory_keep(memory, taken, free);
	return taken;
}

char *
dk_memory_text(struct dk_plan_memory *memory, struct dk_slice text)
{
	char *copy = dk_memory_take(memory, text.length + 1);

	if (text.length > 0)
		memcpy(copy, text.data, text.length);
	return copy;
}

char *
dk_memory_print(struct dk_plan_memory *memory, const char *format, ...)
{
	va_list arguments;
	char *text = NULL;
	int length;

	va_start(arguments, format);
	length = vasprintf(&text, format, arguments);
	va_end(arguments);
	if (length < 0)
		abort();
	dk_memory_keep(memory, text, free);
	return text;
}
