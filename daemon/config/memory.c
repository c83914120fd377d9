/* SPDX-License-Identifier: Apache-2.0
 *
 * memory.c - what a plan is allocated from: chunks, each filled from its begin.
 *
 * Under AddressSanitizer what is free of a chunk is poisoned, with a gap after all that is taken.
 */
#include "daemon/config/memory.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

/* Enough for pointers, integers and doubles: there are very many small things. Poisoned bytes are told
 * apart eight at a time. */
#define ALIGNMENT ((size_t)8)

#if defined(__clang__)
#define IS_SANITIZED __has_feature(address_sanitizer)
#elif defined(__SANITIZE_ADDRESS__)
#define IS_SANITIZED 1
#else
#define IS_SANITIZED 0
#endif
#if IS_SANITIZED
#include <sanitizer/asan_interface.h>
#define GAP ALIGNMENT
#define TEXT_ALIGNMENT ALIGNMENT
#define POISON(bytes, size) ASAN_POISON_MEMORY_REGION(bytes, size)
#define UNPOISON(bytes, size) ASAN_UNPOISON_MEMORY_REGION(bytes, size)
#else
#define GAP 0
#define TEXT_ALIGNMENT 1
#define POISON(bytes, size) ((void)(bytes))
#define UNPOISON(bytes, size) ((void)(bytes))
#endif

#define SMALLEST_CHUNK ((size_t)64 << 10)
#define LARGEST_CHUNK ((size_t)4 << 20)

struct chunk {
	struct chunk *next;
	size_t size, taken;
	_Alignas(max_align_t) char bytes[];
};

struct kept {
	struct kept *next;
	void (*let_go)(void *thing);
	void *thing;
};

struct dk_plan_memory {
	struct chunk *chunks; /* the first is the one that is being filled */
	size_t next_size;     /* of the next chunk: each is twice the one before */
	struct kept *kept;
};

struct dk_plan_memory *
dk_memory_new(void)
{
	struct dk_plan_memory *memory = calloc(1, sizeof(*memory));

	if (!memory)
		abort();
	memory->next_size = SMALLEST_CHUNK;
	return memory;
}

void
dk_memory_free(struct dk_plan_memory *memory)
{
	for (; memory->kept; memory->kept = memory->kept->next)
		memory->kept->let_go(memory->kept->thing);
	while (memory->chunks) {
		struct chunk *chunk = memory->chunks;

		memory->chunks = chunk->next;
		UNPOISON(chunk->bytes, chunk->size);
		free(chunk);
	}
	free(memory);
}

static struct chunk *
new_chunk(size_t size)
{
	struct chunk *chunk = calloc(1, sizeof(*chunk) + size);

	if (!chunk)
		abort();
	chunk->size = size;
	POISON(chunk->bytes, size);
	return chunk;
}

/* A chunk with room for so much. What is large has its own, behind the one that is filled. */
static struct chunk *
chunk_for(struct dk_plan_memory *memory, size_t size)
{
	struct chunk *first = memory->chunks, *chunk;

	if (first && first->size - first->taken >= size)
		return first;
	if (first && size > SMALLEST_CHUNK / 4) {
		chunk = new_chunk(size);
		chunk->next = first->next;
		first->next = chunk;
		return chunk;
	}
	chunk = new_chunk(size > memory->next_size ? size : memory->next_size);
	if (memory->next_size < LARGEST_CHUNK)
		memory->next_size *= 2;
	chunk->next = first;
	memory->chunks = chunk;
	return chunk;
}

static void *
take(struct dk_plan_memory *memory, size_t size, size_t alignment)
{
	size_t most = size + alignment + GAP;
	struct chunk *chunk;
	size_t begin;

	if (most < size)
		abort();
	chunk = chunk_for(memory, most);
	begin = (chunk->taken + alignment - 1) / alignment * alignment;
	chunk->taken = begin + size + GAP;
	UNPOISON(chunk->bytes + begin, size);
	return chunk->bytes + begin;
}

void *
dk_memory_take(struct dk_plan_memory *memory, size_t size)
{
	return take(memory, size, ALIGNMENT);
}

void
dk_memory_keep(struct dk_plan_memory *memory, void *thing, void (*let_go)(void *thing))
{
	struct kept *kept = dk_memory_take(memory, sizeof(*kept));

	*kept = (struct kept){ memory->kept, let_go, thing };
	memory->kept = kept;
}

char *
dk_memory_text(struct dk_plan_memory *memory, struct dk_slice text)
{
	char *copy = take(memory, text.length + 1, TEXT_ALIGNMENT);

	if (text.length > 0)
		memcpy(copy, text.data, text.length);
	return copy;
}

char *
dk_memory_print(struct dk_plan_memory *memory, const char *format, ...)
{
	va_list arguments, again;
	int length;
	char *text;

	va_start(arguments, format);
	va_copy(again, arguments);
	length = vsnprintf(NULL, 0, format, arguments);
	va_end(arguments);
	if (length < 0)
		abort();
	text = take(memory, (size_t)length + 1, TEXT_ALIGNMENT);
	vsnprintf(text, (size_t)length + 1, format, again);
	va_end(again);
	return text;
}
