/* SPDX-License-Identifier: Apache-2.0
 *
 * memory.c - what a life allocates is gone with it, also when it dies in the middle of something:
 * the allocator of the simulation's binary (linked with --wrap), a run of bytes that starts anew.
 *
 * Under AddressSanitizer the ordinary allocator is used, so that it sees each use after free.
 */
#include <stdlib.h>
#include <string.h>

#include "test/simulation/simulation.h"

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void __real_free(void *memory);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);
void __wrap_free(void *memory);
char *__wrap_strdup(const char *text);

#define RUN_SIZE ((size_t)64 << 20)

static char *run;
static size_t used;
static bool is_living;

void
memory_begin_life(void)
{
#ifndef __SANITIZE_ADDRESS__
	if (!run)
		run = __real_malloc(RUN_SIZE);
	used = 0;
	is_living = true;
#endif
}

void
memory_end_life(void)
{
	is_living = false;
}

void *
__wrap_malloc(size_t size)
{
	size_t *block;

	if (!is_living)
		return __real_malloc(size);
	size = (size + 15) & ~(size_t)15;
	if (used + size + 16 > RUN_SIZE)
		abort();
	block = (size_t *)(void *)(run + used);
	*block = size;
	used += size + 16;
	return (char *)block + 16;
}

static bool
is_ours(const void *memory)
{
	return run && (const char *)memory >= run && (const char *)memory < run + RUN_SIZE;
}

void *
__wrap_calloc(size_t count, size_t size)
{
	if (!is_living)
		return __real_calloc(count, size);
	return memset(__wrap_malloc(count * size), 0, count * size);
}

void *
__wrap_realloc(void *memory, size_t size)
{
	void *larger;

	if (!is_living || (memory && !is_ours(memory)))
		return __real_realloc(memory, size);
	larger = __wrap_malloc(size);
	if (memory) {
		size_t before = *(size_t *)(void *)((char *)memory - 16);

		memcpy(larger, memory, before < size ? before : size);
	}
	return larger;
}

void
__wrap_free(void *memory)
{
	if (!is_ours(memory))
		__real_free(memory);
}

char *
__wrap_strdup(const char *text)
{
	size_t length = strlen(text) + 1;

	return memcpy(__wrap_malloc(length), text, length);
}
