/* SPDX-License-Identifier: Apache-2.0
 *
 * memory.h - what a plan is allocated from: freed at once, with what was made elsewhere for it.
 */
#ifndef DK_CONFIG_MEMORY_H
#define DK_CONFIG_MEMORY_H

#include "daemon/base/slice.h"

struct dk_plan_memory;

struct dk_plan_memory *dk_memory_new(void);
void dk_memory_free(struct dk_plan_memory *memory);

/* Zeroed. No memory: abort, as for all of a plan. */
void *dk_memory_take(struct dk_plan_memory *memory, size_t size);
char *dk_memory_text(struct dk_plan_memory *memory, struct dk_slice text);
char *dk_memory_print(struct dk_plan_memory *memory, const char *format, ...) DK_PRINTF(2, 3);
/* `let_go(thing)` is called at the end, the last one first. */
void dk_memory_keep(struct dk_plan_memory *memory, void *thing, void (*let_go)(void *thing));

#endif
