/* SPDX-License-Identifier: Apache-2.0
 *
 * complaint.c - troubles, by who has them and what they are.
 */
#include "daemon/system/complaint.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/list.h"
#include "daemon/system/clock.h"
#include "daemon/system/log.h"

#define FIRST_INTERVAL_MS 5000
#define LONGEST_INTERVAL_MS (10 * 60 * 1000)

struct complaint {
	struct dk_list link;
	char who[128], event[64], reason[512];
	int64_t began_ms, next_ms, interval_ms;
	int64_t times;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static bool are_kept;
static struct dk_list complaints = { &complaints, &complaints };

static struct complaint *
find(const char *who, const char *event)
{
	DK_EACH(link, &complaints) {
		struct complaint *complaint = DK_OF(link, struct complaint, link);

		if (strcmp(complaint->who, who) == 0 && strcmp(complaint->event, event) == 0)
			return complaint;
	}
	return NULL;
}

static struct complaint *
begin(const char *who, const char *event)
{
	struct complaint *complaint = calloc(1, sizeof(*complaint));

	if (!complaint)
		return NULL;
	snprintf(complaint->who, sizeof(complaint->who), "%s", who);
	snprintf(complaint->event, sizeof(complaint->event), "%s", event);
	complaint->began_ms = complaint->next_ms = dk_clock_now_ms();
	complaint->interval_ms = FIRST_INTERVAL_MS;
	dk_list_append(&complaints, &complaint->link);
	return complaint;
}

/* At once the first time, then at intervals that double; at once too when the reason is another. */
static void
say(struct complaint *complaint, const char *reason)
{
	int64_t now = dk_clock_now_ms();
	bool is_new = strncmp(complaint->reason, reason, sizeof(complaint->reason) - 1) != 0;

	complaint->times++;
	if (now < complaint->next_ms && !is_new)
		return;
	snprintf(complaint->reason, sizeof(complaint->reason), "%s", reason);
	dk_log(DK_WARNING, complaint->who, complaint->event,
	       DK_FIELDS(DK_FIELD_TEXT("why", reason), DK_FIELD_NUMBER("times", complaint->times)));
	complaint->next_ms = now + complaint->interval_ms;
	if (complaint->interval_ms < LONGEST_INTERVAL_MS)
		complaint->interval_ms *= 2;
}

static void
end(struct complaint *complaint)
{
	dk_log(DK_NOTICE, complaint->who, complaint->event,
	       DK_FIELDS(DK_FIELD_TEXT("over", "yes"),
			 DK_FIELD_NUMBER("seconds",
					 (dk_clock_now_ms() - complaint->began_ms) / 1000)));
	dk_list_remove(&complaint->link);
	free(complaint);
}

void
dk_complain(const char *who, const char *event, const char *reason)
{
	struct complaint *complaint;

	pthread_mutex_lock(&lock);
	complaint = find(who, event);
	if (!complaint && reason)
		complaint = begin(who, event);
	if (complaint && reason)
		say(complaint, reason);
	else if (complaint && !are_kept)
		end(complaint);
	pthread_mutex_unlock(&lock);
}

void
dk_complaints_each(void (*show)(void *context, const char *who, const char *event,
				const char *reason),
		   void *context)
{
	pthread_mutex_lock(&lock);
	DK_EACH(link, &complaints) {
		const struct complaint *complaint = DK_OF(link, struct complaint, link);

		show(context, complaint->who, complaint->event, complaint->reason);
	}
	pthread_mutex_unlock(&lock);
}

void
dk_complaints_keep(void)
{
	pthread_mutex_lock(&lock);
	are_kept = true;
	pthread_mutex_unlock(&lock);
}

void
dk_complaints_forget(void)
{
	struct dk_list *link;

	pthread_mutex_lock(&lock);
	are_kept = false;
	while ((link = dk_list_shift(&complaints)))
		free(DK_OF(link, struct complaint, link));
	pthread_mutex_unlock(&lock);
}
