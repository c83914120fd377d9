/* SPDX-License-Identifier: Apache-2.0
 *
 * world.c - the real world, as the flow sees it: what flow/world.h asks for, from the system.
 */
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "daemon/host/logging.h"
#include "daemon/host/running.h"
#include "daemon/model/received.h"
#include "daemon/system/clock.h"
#include "daemon/system/complaint.h"
#include "daemon/system/files.h"
#include "daemon/system/log.h"

static int64_t
now_ms(void *context)
{
	(void)context;
	return dk_clock_now_ms();
}

static int64_t
wall_ms(void *context)
{
	(void)context;
	return dk_clock_wall_ms();
}

static uint64_t
chance(void *context)
{
	(void)context;
	return (uint64_t)random();
}

static void
turn_after(void *context, int64_t after_ms)
{
	struct dk_gateway *gateway = context;
	int64_t at = dk_clock_now_ms() + after_ms;

	if (gateway->turn_at_ms >= 0 && gateway->turn_at_ms <= at)
		return;
	gateway->turn_at_ms = at;
	dk_loop_timer_set(gateway->turn_timer, after_ms);
}

/* The turn itself follows every round of events. */
void
dk_world_turn_is_due(void *argument)
{
	struct dk_gateway *gateway = argument;

	gateway->turn_at_ms = -1;
}

static void
hand_over(void *context, struct dk_source *source, struct dk_received *received)
{
	(void)context;
	dk_handover_put(dk_source_host(source), received);
}

static void
sleep_ms(void *context, int64_t ms)
{
	struct timespec time = { (time_t)(ms / 1000), (long)(ms % 1000 * 1000000) };

	(void)context;
	nanosleep(&time, NULL);
}

/* EX_TEMPFAIL of sysexits.h. No exit handlers: a library might acknowledge in one. */
static void __attribute__((noreturn))
give_up(void *context, const char *reason)
{
	(void)context;
	dk_log(DK_ERROR, NULL, "gave-up",
	       DK_FIELDS(DK_FIELD_TEXT("why", reason),
			 DK_FIELD_TEXT("so", "nothing was acknowledged; the broker sends again")));
	dk_logging_end();
	_exit(75);
}

static void
sync_later(void *context, struct dk_journal *journal)
{
	struct dk_gateway *gateway = context;

	dk_syncer_request(gateway->syncer, journal);
}

static void
say(void *context, enum dk_level level, const char *who, const char *event,
    const struct dk_field *fields)
{
	(void)context;
	dk_log(level, who, event, fields);
}

static void
complain(void *context, const char *who, const char *event, const char *reason)
{
	(void)context;
	dk_complain(who, event, reason);
}

struct dk_world
dk_world_of(struct dk_gateway *gateway)
{
	return (struct dk_world){
		.now_ms = now_ms,
		.wall_ms = wall_ms,
		.random = chance,
		.turn_after = turn_after,
		.hand_over = hand_over,
		.sleep = sleep_ms,
		.give_up = give_up,
		.sync_later = sync_later,
		.log = say,
		.log_level = dk_log_level_place(),
		.trouble = complain,
		.files = &dk_system_files,
		.context = gateway,
	};
}
