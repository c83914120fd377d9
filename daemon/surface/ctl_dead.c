/* SPDX-License-Identifier: Apache-2.0
 *
 * ctl_dead.c - dead letters: listed, shown, dropped, sent again.
 */
#include <limits.h>
#include <string.h>
#include <sysexits.h>

#include "daemon/surface/ctl.h"

static void
show_letter(const json_t *letter)
{
	printf("%lld  %s  ", ctl_number(letter, "number"), ctl_text(letter, "time"));
	ctl_put(*ctl_text(letter, "route") ? ctl_text(letter, "route") : "(no route)");
	fputs("  ", stdout);
	ctl_put(ctl_text(letter, "from"));
	if (*ctl_text(letter, "to")) {
		fputs(" -> ", stdout);
		ctl_put(ctl_text(letter, "to"));
	}
	printf("  %lld bytes\n    ", ctl_number(letter, "bytes"));
	ctl_put(ctl_text(letter, "reason"));
	putchar('\n');
}

static int
list(struct ctl *ctl)
{
	struct dk_buffer path;
	json_t *answer, *letter;
	size_t i;
	int status;

	ctl_path(&path, "/v1/dead");
	ctl_add(&path, "route", ctl->route);
	ctl_add(&path, "most", ctl->count);
	status = ctl_ask_json(ctl, "GET", &path, &answer);
	if (!answer)
		return status;
	if (ctl->is_json) {
		ctl_put_json(answer);
	} else {
		json_array_foreach(json_object_get(answer, "letters"), i, letter)
			show_letter(letter);
		printf("%lld in the store\n", ctl_number(answer, "count"));
	}
	json_decref(answer);
	return EX_OK;
}

/* The payload, as it is; with --json all of it. */
static int
show(struct ctl *ctl)
{
	struct dk_buffer path;
	json_t *answer;
	int status;

	ctl_path(&path, "/v1/dead");
	ctl_add(&path, "number", ctl->words[1]);
	ctl_add(&path, "raw", ctl->is_json ? NULL : "yes");
	status = ctl_ask(ctl, "GET", &path);
	if (status != EX_OK)
		return status;
	if (ctl->status != 200 || ctl->is_json) {
		status = ctl_read(ctl, &answer);
		if (answer)
			ctl_put_json(answer);
		json_decref(answer);
		return status;
	}
	fwrite(ctl->answer.data, 1, ctl->answer.length, stdout);
	return EX_OK;
}

static int
drop(struct ctl *ctl)
{
	struct dk_buffer path;
	json_t *answer;
	int status;

	ctl_path(&path, "/v1/dead/drop");
	ctl_add(&path, "number", ctl->word_count > 1 ? ctl->words[1] : NULL);
	ctl_add(&path, "route", ctl->route);
	ctl_add(&path, "all", ctl->is_all ? "yes" : NULL);
	status = ctl_ask_json(ctl, "POST", &path, &answer);
	if (answer && ctl->is_json)
		ctl_put_json(answer);
	else if (answer)
		printf("%lld dropped\n", ctl_number(answer, "dropped"));
	json_decref(answer);
	return status;
}

/* The one line that is answered, when all are settled. */
static bool
take(void *context, struct dk_slice line)
{
	*(json_t **)context = json_loadb(line.data, line.length, 0, NULL);
	return false;
}

static void
show_sent(long long settled, long long left)
{
	printf("%lld sent again, and gone from the store%s\n", settled,
	       settled > 0 ? "; what died again is there anew: diolkosctl dead" : "");
	if (left > 0)
		printf("%lld left, for no route wants them any more\n", left);
}

static int
show_replayed(const struct ctl *ctl, const json_t *answer)
{
	bool is_over = ctl_truth(answer, "over");

	if (ctl->is_json)
		ctl_put_json(answer);
	else
		show_sent(ctl_number(answer, "settled"), ctl_number(answer, "left"));
	if (!is_over)
		fputs("diolkosctl: it ended before all had an outcome; the rest is still there\n",
		      stderr);
	return is_over && ctl_number(answer, "left") == 0 ? EX_OK : EX_TEMPFAIL;
}

/* What dies again is a new letter. */
static int
replay(struct ctl *ctl)
{
	struct dk_buffer path;
	json_t *answer = NULL;
	int status;

	ctl_path(&path, "/v1/dead/replay");
	ctl_add(&path, "number", ctl->word_count > 1 ? ctl->words[1] : NULL);
	ctl_add(&path, "route", ctl->route);
	ctl_add(&path, "all", ctl->is_all ? "yes" : NULL);
	status = ctl_follow(ctl, "POST", &path, take, &answer);
	if (status != EX_OK || ctl->status != 200)
		return status != EX_OK ? status : ctl_read(ctl, &answer);
	if (!answer)
		return EX_UNAVAILABLE;
	status = show_replayed(ctl, answer);
	json_decref(answer);
	return status;
}

/* --- The command --- */

static const struct {
	const char *name;
	int least, most; /* words, with its own */
	bool is_for_some;
	ctl_command *run;
} actions[] = { { "list", 1, 1, false, list },
		{ "show", 2, 2, false, show },
		{ "drop", 1, 2, true, drop },
		{ "replay", 1, 2, true, replay } };

static int
tell_choice(const char *name)
{
	fprintf(stderr,
		"diolkosctl: dead %s; list, show NUMBER, or drop or replay NUMBER, --route ROUTE or "
		"--all?\n",
		name);
	return EX_USAGE;
}

int
ctl_dead(struct ctl *ctl)
{
	const char *name = ctl->word_count > 0 ? ctl->words[0] : "list";
	bool is_some = ctl->word_count > 1 || ctl->route || ctl->is_all;
	size_t i = 0;

	if (ctl->word_count == 0)
		return list(ctl);
	while (i < sizeof(actions) / sizeof(actions[0]) && strcmp(actions[i].name, name) != 0)
		i++;
	if (i == sizeof(actions) / sizeof(actions[0]) || ctl->word_count < actions[i].least ||
	    ctl->word_count > actions[i].most)
		return tell_choice(name);
	if (actions[i].is_for_some && !is_some) {
		fprintf(stderr, "diolkosctl: which letters? dead %s NUMBER, --route ROUTE or --all\n",
			name);
		return EX_USAGE;
	}
	if (ctl->word_count > 1 && !ctl_is_number("letter", ctl->words[1], 1, LLONG_MAX))
		return EX_USAGE;
	return actions[i].run(ctl);
}
