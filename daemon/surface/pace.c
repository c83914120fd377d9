/* SPDX-License-Identifier: Apache-2.0
 *
 * pace.c - one beat compared with the one before.
 */
#include "daemon/surface/pace.h"

#include <stdlib.h>
#include <string.h>

static void
resize(struct dk_paces *paces, size_t count)
{
	for (size_t i = count; i < paces->count; i++)
		free(paces->list[i].name);
	paces->list = realloc(paces->list, (count + 1) * sizeof(*paces->list));
	if (!paces->list)
		abort();
	if (count > paces->count)
		memset(paces->list + paces->count, 0,
		       (count - paces->count) * sizeof(*paces->list));
	paces->count = count;
}

void
dk_paces_begin(struct dk_paces *paces, size_t count, int64_t now_ms, int64_t now_wall_ms)
{
	if (count != paces->count || !paces->list)
		resize(paces, count);
	paces->now_ms = now_ms;
	paces->now_wall_ms = now_wall_ms;
}

static double
rate(uint64_t now, uint64_t before, int64_t ms)
{
	return now < before || ms <= 0 ? 0 : (double)(now - before) * 1000 / (double)ms;
}

static void
stand_still_from_now(const struct dk_paces *paces, struct dk_pace *pace)
{
	pace->still_ms = paces->now_ms;
	pace->still_wall_ms = paces->now_wall_ms;
}

static void
begin_anew(const struct dk_paces *paces, struct dk_pace *pace, const char *name,
	   const struct dk_step *step)
{
	free(pace->name);
	*pace = (struct dk_pace){ .name = strdup(name), .last = *step };
	if (!pace->name)
		abort();
	stand_still_from_now(paces, pace);
}

struct dk_pace *
dk_paces_take(struct dk_paces *paces, size_t number, const char *name, struct dk_step step)
{
	struct dk_pace *pace = &paces->list[number];
	int64_t ms = paces->now_ms - paces->last_ms;

	if (!pace->name || strcmp(pace->name, name) != 0) {
		begin_anew(paces, pace, name, &step);
		return pace;
	}
	pace->received = rate(step.received, pace->last.received, ms);
	pace->delivered = rate(step.delivered, pace->last.delivered, ms);
	if (!step.could_move || !pace->last.could_move || step.moved != pace->last.moved)
		stand_still_from_now(paces, pace);
	pace->last = step;
	return pace;
}

void
dk_paces_end(struct dk_paces *paces)
{
	paces->last_ms = paces->now_ms;
}

void
dk_paces_clear(struct dk_paces *paces)
{
	resize(paces, 0);
	free(paces->list);
	*paces = (struct dk_paces){ 0 };
}
