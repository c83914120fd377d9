/* SPDX-License-Identifier: Apache-2.0
 *
 * ctl_tap.c - deliveries of a route, as they are settled.
 */
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "daemon/surface/ctl.h"

struct tapping {
	const struct ctl *ctl;
	long long left; /* to be shown; 0: without end */
	bool is_ended;  /* by the daemon */
};

static enum ctl_colour
colour_of(const char *outcome)
{
	return strcmp(outcome, "accepted") == 0 ? CTL_GREEN :
	       strcmp(outcome, "released") == 0 ? CTL_YELLOW :
						  CTL_RED;
}

static void
show_headers(const json_t *headers)
{
	size_t i;
	json_t *header;

	json_array_foreach(headers, i, header) {
		ctl_put_value("    ", header, "name");
		fputs(": ", stdout);
		ctl_put_value("", header, "value");
		putchar('\n');
	}
}

static void
show_sight(const struct ctl *ctl, const json_t *line)
{
	const char *outcome = ctl_text(line, "outcome");

	printf("%s ", ctl_text(line, "time"));
	ctl_put_coloured(ctl, colour_of(outcome), outcome);
	ctl_put_value(ctl_truth(line, "dead_letter") ? " dead letter of " : " ", line, "from");
	ctl_put_value(" -> ", line, "to");
	ctl_put_value("  key ", line, "key");
	printf("  %lld bytes", ctl_number(line, "bytes"));
	ctl_put_value("  ", line, "reason");
	putchar('\n');
	show_headers(json_object_get(line, "headers"));
	if (ctl_put_value("    ", line, "payload") || ctl_put_value("    ", line, "hex"))
		putchar('\n');
}

static void
show_line(struct tapping *tapping, const json_t *line)
{
	const json_t *missed = json_object_get(line, "not_shown");

	if (missed)
		fprintf(stderr, "%lld not shown\n", json_integer_value(missed));
	else if (json_object_get(line, "ended"))
		fprintf(stderr, "diolkosctl: the tap has ended: %s\n", ctl_text(line, "ended"));
	else
		show_sight(tapping->ctl, line);
}

static bool
take(void *context, struct dk_slice text)
{
	struct tapping *tapping = context;
	json_t *line = json_loadb(text.data, text.length, JSON_ALLOW_NUL, NULL);
	bool is_sight = line && json_object_get(line, "outcome");

	tapping->is_ended |= line && json_object_get(line, "ended");
	if (tapping->ctl->is_json)
		printf("%.*s\n", (int)text.length, text.data);
	else if (line)
		show_line(tapping, line);
	json_decref(line);
	fflush(stdout);
	return !(is_sight && tapping->left > 0 && --tapping->left == 0) && !ferror(stdout);
}

int
ctl_tap(struct ctl *ctl)
{
	struct tapping tapping = { .ctl = ctl };
	struct dk_buffer path;
	json_t *error;
	int status;

	tapping.left = ctl->count ? strtoll(ctl->count, NULL, 10) : 0;
	ctl_path(&path, "/v1/tap");
	ctl_add(&path, "route", ctl->words[0]);
	ctl_add(&path, "every", ctl->every);
	ctl_add(&path, "payload", ctl->bytes);
	ctl_add(&path, "hex", ctl->is_hex ? "yes" : NULL);
	status = ctl_follow(ctl, "GET", &path, take, &tapping);
	if (status == EX_OK && ctl->status != 200)
		return ctl_read(ctl, &error);
	return status == EX_OK && tapping.is_ended ? EX_TEMPFAIL : status;
}
