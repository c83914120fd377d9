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
#define SPARE_MOST 4 /* lines out of turn: one more each SPARE_MS */
#define SPARE_MS 60000
#define QUIET_MS 60000 /* over for so long, it is forgotten */

struct complaint {
	struct dk_list link;
	char who[128], event[64], reason[512];
	int64_t began_ms, over_ms, next_ms, interval_ms, spared_ms;
	int64_t times; /* since it was said */
	int spare;
	bool is_over, is_said; /* is_said: since it began, or came again */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static bool are_kept;
static struct dk_list complaints = { &complaints, &complaints };
static size_t count;

static const char rest_who[] = "diolkosd", rest_event[] = "more-troubles";

/* --- Those that there are --- */

/* Of names that are too long the beginning counts. */
static bool
is_of(const struct complaint *complaint, const char *who, const char *event)
{
	return strncmp(complaint->who, who, sizeof(complaint->who) - 1) == 0 &&
	       strncmp(complaint->event, event, sizeof(complaint->event) - 1) == 0;
}

static struct complaint *
find(const char *who, const char *event)
{
	DK_EACH(link, &complaints) {
		struct complaint *complaint = DK_OF(link, struct complaint, link);

		if (is_of(complaint, who, event))
			return complaint;
	}
	return NULL;
}

static void
let_go(struct complaint *complaint)
{
	dk_list_remove(&complaint->link);
	free(complaint);
	count--;
}

static struct complaint *
add(const char *who, const char *event)
{
	struct complaint *complaint = calloc(1, sizeof(*complaint));

	if (!complaint)
		return NULL;
	snprintf(complaint->who, sizeof(complaint->who), "%s", who);
	snprintf(complaint->event, sizeof(complaint->event), "%s", event);
	complaint->is_over = true;
	complaint->over_ms = dk_clock_now_ms() - QUIET_MS;
	dk_list_append(&complaints, &complaint->link);
	count++;
	return complaint;
}

static bool
is_forgotten(const struct complaint *complaint)
{
	return complaint->is_over && dk_clock_now_ms() - complaint->over_ms >= QUIET_MS;
}

/* --- Saying --- */

static bool
take_spare(struct complaint *complaint)
{
	int64_t now = dk_clock_now_ms(), gained = (now - complaint->spared_ms) / SPARE_MS;

	if (gained > 0 && complaint->spare < SPARE_MOST) {
		complaint->spare = gained < SPARE_MOST - complaint->spare ?
					   complaint->spare + (int)gained :
					   SPARE_MOST;
		complaint->spared_ms = now;
	}
	if (complaint->spare == 0)
		return false;
	complaint->spare--;
	return true;
}

static void
say(struct complaint *complaint)
{
	int64_t now = dk_clock_now_ms();

	dk_log(DK_WARNING, complaint->who, complaint->event,
	       DK_FIELDS(DK_FIELD_TEXT("why", complaint->reason),
			 DK_FIELD_NUMBER("times", complaint->times)));
	complaint->times = 0;
	complaint->is_said = true;
	complaint->next_ms = now + complaint->interval_ms;
	if (complaint->interval_ms < LONGEST_INTERVAL_MS)
		complaint->interval_ms *= 2;
}

/* It is there, or there again. */
static void
begin(struct complaint *complaint)
{
	int64_t now = dk_clock_now_ms();

	if (is_forgotten(complaint)) {
		complaint->next_ms = complaint->spared_ms = now;
		complaint->interval_ms = FIRST_INTERVAL_MS;
		complaint->spare = SPARE_MOST;
		complaint->times = 0;
	}
	complaint->is_over = complaint->is_said = false;
	complaint->began_ms = now;
}

static void
hear(struct complaint *complaint, const char *reason)
{
	bool is_new = complaint->is_over ||
		      strncmp(complaint->reason, reason, sizeof(complaint->reason) - 1) != 0;

	if (complaint->is_over)
		begin(complaint);
	snprintf(complaint->reason, sizeof(complaint->reason), "%s", reason);
	complaint->times++;
	if (dk_clock_now_ms() >= complaint->next_ms || (is_new && take_spare(complaint)))
		say(complaint);
}

/* Nobody was told that it was there again: nobody need be told that it is over. */
static void
end(struct complaint *complaint)
{
	int64_t now = dk_clock_now_ms();

	if (complaint->is_said)
		dk_log(DK_NOTICE, complaint->who, complaint->event,
		       DK_FIELDS(DK_FIELD_TEXT("over", "yes"),
				 DK_FIELD_NUMBER("seconds", (now - complaint->began_ms) / 1000)));
	complaint->is_over = true;
	complaint->over_ms = now;
}

/* --- The rest: what is beyond the most that are known --- */

static void
hear_rest(const char *who, const char *event, const char *reason)
{
	struct complaint *rest = find(rest_who, rest_event);
	char text[512];

	snprintf(text, sizeof(text), "%s %s: %s", who, event, reason);
	if (!rest)
		rest = add(rest_who, rest_event);
	if (!rest)
		return;
	if (!rest->is_over) /* which of them it is is nothing new */
		snprintf(rest->reason, sizeof(rest->reason), "%s", text);
	hear(rest, text);
}

static void
end_rest(void)
{
	struct complaint *rest = find(rest_who, rest_event);

	if (rest && !rest->is_over)
		end(rest);
}

/* --- The whole --- */

/* Those that are over, and were not there again. */
static void
forget_old(void)
{
	struct dk_list *next;

	for (struct dk_list *link = complaints.next; link != &complaints; link = next) {
		struct complaint *complaint = DK_OF(link, struct complaint, link);

		next = link->next;
		if (is_forgotten(complaint))
			let_go(complaint);
	}
	if (count < DK_COMPLAINTS_MAX)
		end_rest();
}

static void
complain(const char *who, const char *event, const char *reason)
{
	struct complaint *complaint = find(who, event);

	if (!complaint && count >= DK_COMPLAINTS_MAX)
		forget_old();
	if (!complaint && count >= DK_COMPLAINTS_MAX)
		hear_rest(who, event, reason);
	else if (complaint || (complaint = add(who, event)))
		hear(complaint, reason);
}

void
dk_complain(const char *who, const char *event, const char *reason)
{
	struct complaint *complaint;

	pthread_mutex_lock(&lock);
	if (reason)
		complain(who, event, reason);
	else if (!are_kept && (complaint = find(who, event)) && !complaint->is_over)
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

		if (!complaint->is_over)
			show(context, complaint->who, complaint->event, complaint->reason);
	}
	pthread_mutex_unlock(&lock);
}

void
dk_complaints_look(void)
{
	int64_t now = dk_clock_now_ms();

	pthread_mutex_lock(&lock);
	forget_old();
	DK_EACH(link, &complaints) {
		struct complaint *complaint = DK_OF(link, struct complaint, link);

		if (!complaint->is_over && complaint->times > 0 && now >= complaint->next_ms)
			say(complaint);
	}
	pthread_mutex_unlock(&lock);
}

void
dk_complaints_drop(const char *who, const char *event)
{
	struct dk_list *next;

	pthread_mutex_lock(&lock);
	for (struct dk_list *link = complaints.next; link != &complaints; link = next) {
		struct complaint *complaint = DK_OF(link, struct complaint, link);

		next = link->next;
		if (is_of(complaint, who, event ? event : complaint->event))
			let_go(complaint);
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
	pthread_mutex_lock(&lock);
	are_kept = false;
	while (!dk_list_is_empty(&complaints))
		let_go(DK_OF(complaints.next, struct complaint, link));
	pthread_mutex_unlock(&lock);
}
