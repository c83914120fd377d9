/* SPDX-License-Identifier: Apache-2.0
 *
 * ctl_dead.c - dead letters: listed, shown, dropped.
 */
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

static const struct {
	const char *name;
	int least; /* words, with its own */
	ctl_command *run;
} actions[] = { { "list", 1, list }, { "show", 2, show }, { "drop", 1, drop } };

int
ctl_dead(struct ctl *ctl)
{
	const char *name = ctl->word_count > 0 ? ctl->words[0] : "list";

	if (ctl->word_count == 0)
		return list(ctl);
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if (strcmp(actions[i].name, name) == 0 && ctl->word_count >= actions[i].least)
			return actions[i].run(ctl);
	fprintf(stderr,
		"diolkosctl: dead %s; list, show NUMBER, drop NUMBER, drop --route ROUTE, drop --all? "
		"To send letters again, end diolkosd and use diolkosd --dead replay\n",
		name);
	return EX_USAGE;
}
