/* SPDX-License-Identifier: Apache-2.0
 *
 * dead.c - the store of dead letters, listed, shown and dropped.
 */
#include "daemon/surface/dead.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#include "daemon/base/slice.h"
#include "daemon/flow/letters.h"
#include "daemon/system/files.h"
#include "daemon/system/log.h"

struct command {
	const char *name;
	bool is_change; /* no daemon may have the store at the same time */
	/* What it does with each letter. Returns what to add to the count. */
	unsigned (*each)(struct dk_letters *letters, const struct dk_letter *letter);
	const char *done; /* what was done with so many */
};

/* What came from outside must not write to a terminal as it likes. */
static void
print_text(struct dk_slice text)
{
	for (size_t i = 0; i < text.length; i++) {
		unsigned char c = (unsigned char)text.data[i];

		if (c < ' ' || c == 0x7f)
			printf("\\x%02x", c);
		else
			putchar(c);
	}
}

static void
print_time(int64_t wall_ms)
{
	time_t seconds = (time_t)(wall_ms / 1000);
	struct tm parts;
	char text[32] = "?";

	if (wall_ms >= 0 && localtime_r(&seconds, &parts))
		strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &parts);
	fputs(text, stdout);
}

static unsigned
list(struct dk_letters *letters, const struct dk_letter *letter)
{
	(void)letters;
	printf("%" PRIu64 "  ", letter->number);
	print_time(letter->buried_ms);
	fputs("  ", stdout);
	print_text(letter->route.length > 0 ? letter->route : dk_slice_of("(no route)"));
	fputs("  ", stdout);
	print_text(letter->endpoint);
	putchar(':');
	print_text(letter->message.address);
	if (letter->target.length > 0) {
		fputs(" -> ", stdout);
		print_text(letter->target);
	}
	printf("  %zu bytes\n    ", letter->message.payload.length);
	print_text(letter->reason);
	putchar('\n');
	return 1;
}

static unsigned
drop(struct dk_letters *letters, const struct dk_letter *letter)
{
	dk_letters_remove(letters, letter->number);
	return 1;
}

static const struct command commands[] = {
	{ "list", false, list, "in the store" },
	{ "drop", true, drop, "dropped" },
};

static struct dk_letters *
open_letters(const struct dk_plan *plan, bool is_change)
{
	struct dk_letters *letters = NULL;
	struct dk_error error;
	char folder[4096];

	snprintf(folder, sizeof(folder), "%s/dead", plan->settings.state);
	if (!is_change || dk_folder_hold(plan->settings.state, &error) >= 0)
		letters = dk_letters_open(&dk_system_files, folder,
					  dk_letters_segment(plan->settings.dead_size), &error);
	if (!letters)
		fprintf(stderr, "diolkosd: %s\n", error.text);
	return letters;
}

static int
run(const struct command *command, struct dk_letters *letters, const char *route)
{
	struct dk_journal_state state = dk_journal_state(dk_letters_journal(letters));
	struct dk_letter letter;
	struct dk_error error;
	unsigned count = 0;

	while (dk_letters_next(letters, &letter))
		if (!route || dk_slice_is(dk_slice_of(route), letter.route))
			count += command->each(letters, &letter);
	if (dk_letters_flush(letters, &error) != 0 ||
	    dk_journal_sync_all(dk_letters_journal(letters), &error) != 0) {
		fprintf(stderr, "diolkosd: %s\n", error.text);
		return EX_IOERR;
	}
	printf("%u %s\n", count, command->done);
	if (state.damaged_bytes > 0)
		printf("%" PRIu64 " bytes are damaged and were set aside\n", state.damaged_bytes);
	return EX_OK;
}

/* The payload, as it is. */
static int
show(struct dk_letters *letters, uint64_t number)
{
	struct dk_letter letter;

	while (dk_letters_next(letters, &letter))
		if (letter.number == number) {
			fwrite(letter.message.payload.data, 1, letter.message.payload.length,
			       stdout);
			return EX_OK;
		}
	fprintf(stderr, "diolkosd: there is no letter %" PRIu64 "; --dead list?\n", number);
	return EX_USAGE;
}

static const struct command *
find(const char *what)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		if (strcmp(commands[i].name, what) == 0)
			return &commands[i];
	return NULL;
}

int
dk_dead_command(const struct dk_plan *plan, const char *what, const char *route)
{
	const struct command *command = find(what);
	struct dk_letters *letters;
	char *end;
	uint64_t number = strtoull(what, &end, 10);
	int status;

	if (!command && (*end || end == what || number == 0)) {
		fprintf(stderr, "diolkosd: --dead %s; list, replay, drop, or a letter's number?\n",
			what);
		return EX_USAGE;
	}
	letters = open_letters(plan, command && command->is_change);
	if (!letters)
		return EX_UNAVAILABLE;
	status = command ? run(command, letters, route) : show(letters, number);
	dk_letters_close(letters);
	return status;
}

int
dk_dead_log_replay(const struct dk_gateway *gateway, const struct dk_plan *plan,
		   const struct dk_replay *replay)
{
	struct dk_replay_account account = dk_replay_account(replay);
	uint64_t delivered = 0, dead = 0;

	for (size_t i = 0; i < plan->route_count; i++) {
		const struct dk_route_account *route =
			dk_flow_route_account(dk_gateway_flow(gateway), i);

		delivered += route->delivered;
		dead += route->dead;
	}
	dk_log(dead > 0 ? DK_WARNING : DK_INFO, "dead-letters", "replayed",
	       DK_FIELDS(DK_FIELD_NUMBER("taken", (int64_t)account.taken),
			 DK_FIELD_NUMBER("delivered", (int64_t)delivered),
			 DK_FIELD_NUMBER("dead_again", (int64_t)dead),
			 DK_FIELD_NUMBER("left", (int64_t)account.left)));
	return dead > 0 || account.left > 0 ? EX_UNAVAILABLE : EX_OK;
}
