/* SPDX-License-Identifier: Apache-2.0
 *
 * ctl_message.c - a message that is described on the command line: explained, or sent.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "daemon/surface/ctl.h"

static void
add_message(struct dk_buffer *path, const struct ctl *ctl)
{
	ctl_add(path, "address", ctl->words[0]);
	ctl_add(path, "key", ctl->key);
	for (size_t i = 0; i < ctl->header_count; i++)
		ctl_add(path, "header", ctl->headers[i]);
}

int
ctl_explain(struct ctl *ctl)
{
	struct dk_buffer path;
	json_t *error;
	int status;

	ctl_path(&path, "/v1/explain");
	add_message(&path, ctl);
	ctl_add(&path, "payload", ctl->payload);
	ctl_add(&path, "all", ctl->is_all ? "yes" : NULL);
	status = ctl_ask(ctl, "GET", &path);
	if (status != EX_OK)
		return status;
	if (ctl->status != 200)
		return ctl_read(ctl, &error);
	if (ctl->is_json) {
		json_t *json = json_pack("{s:s}", "text", ctl->answer.data);

		ctl_put_json(json);
		json_decref(json);
	} else {
		fputs(ctl->answer.data, stdout);
	}
	return EX_OK;
}

/* --- Sending --- */

static int
read_all(FILE *file, struct dk_buffer *payload)
{
	char piece[65536];
	size_t length;

	while ((length = fread(piece, 1, sizeof(piece), file)) > 0)
		dk_buffer_add(payload, dk_slice_new(piece, length));
	return ferror(file) ? -1 : 0;
}

/* From a file, from standard input, or from the command line. */
static int
read_payload(const struct ctl *ctl, struct dk_buffer *payload)
{
	const char *word = ctl->word_count > 1 ? ctl->words[1] : NULL;
	const char *name = ctl->file ? ctl->file : word && strcmp(word, "-") == 0 ? "-" : NULL;
	FILE *file = stdin;
	int result;

	if (!name) {
		dk_buffer_add_text(payload, word ? word : "");
		return EX_OK;
	}
	if (strcmp(name, "-") != 0)
		file = fopen(name, "re");
	result = file ? read_all(file, payload) : -1;
	if (result != 0)
		fprintf(stderr, "diolkosctl: %s: %s\n", name, strerror(errno));
	if (file && file != stdin)
		fclose(file);
	return result == 0 ? EX_OK : EX_NOINPUT;
}

/* Whether each was accepted. */
static bool
show_deliveries(const struct ctl *ctl, const json_t *answer)
{
	bool is_good = true;
	size_t i;
	json_t *delivery;

	json_array_foreach(json_object_get(answer, "deliveries"), i, delivery) {
		const char *outcome = ctl_text(delivery, "outcome");
		bool is_accepted = strcmp(outcome, "accepted") == 0;

		is_good &= is_accepted;
		if (ctl->is_json)
			continue;
		ctl_put_coloured(ctl,
				 is_accepted			  ? CTL_GREEN :
				 strcmp(outcome, "waiting") == 0 ? CTL_YELLOW :
								    CTL_RED,
				 outcome);
		fputs("  ", stdout);
		ctl_put(ctl_text(delivery, "route"));
		fputs("  ", stdout);
		ctl_put(ctl_text(delivery, "to"));
		if (*ctl_text(delivery, "reason")) {
			fputs("  ", stdout);
			ctl_put(ctl_text(delivery, "reason"));
		}
		putchar('\n');
	}
	return is_good;
}

static int
show_sent(const struct ctl *ctl, const json_t *answer)
{
	const char *state = ctl_text(answer, "state");
	bool is_good = show_deliveries(ctl, answer);

	if (ctl->is_json)
		ctl_put_json(answer);
	if (strcmp(state, "waiting") == 0)
		fputs("diolkosctl: what waits goes on while diolkosd runs, and is gone when it "
		      "ends\n",
		      stderr);
	else if (strcmp(state, "ended") == 0)
		fputs("diolkosctl: diolkosd let go of what waited; it is gone\n", stderr);
	if (strcmp(state, "settled") != 0)
		return EX_TEMPFAIL;
	return is_good ? EX_OK : EX_DATAERR;
}

int
ctl_send(struct ctl *ctl)
{
	struct dk_buffer payload = { 0 }, path;
	json_t *answer = NULL;
	int status = read_payload(ctl, &payload);

	if (status == EX_OK) {
		ctl_path(&path, "/v1/send");
		add_message(&path, ctl);
		status = ctl_post(ctl, &path, dk_slice_new(payload.data, payload.length));
	}
	dk_buffer_clear(&payload);
	if (status != EX_OK)
		return status;
	status = ctl_read(ctl, &answer);
	if (!answer)
		return ctl->status == 404 ? EX_DATAERR : status;
	status = show_sent(ctl, answer);
	json_decref(answer);
	return status;
}
