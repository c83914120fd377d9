/* SPDX-License-Identifier: Apache-2.0
 *
 * ctl_reload.c - the configuration is read again, and what comes of it is waited for.
 */
#include <sysexits.h>
#include <unistd.h>

#include "daemon/surface/ctl.h"

#define WAIT_SECONDS 120

/* What was answered to the order, to know a reload from another process by. */
struct order {
	long long count_before, since_ms, pid;
};

static bool
is_another(const struct order *order, const json_t *status)
{
	return ctl_number(status, "since_ms") != order->since_ms ||
	       ctl_number(status, "pid") != order->pid;
}

/* What came of it, as the status says, to be released; NULL while nothing has. The exit status: not
 * EX_OK when nothing will come of it any more. */
static int
find_outcome(struct ctl *ctl, const struct order *order, json_t **outcome)
{
	struct dk_buffer path;
	json_t *answer = NULL;
	const json_t *reload;
	int status;

	*outcome = NULL;
	ctl_path(&path, "/v1/status");
	status = ctl_ask(ctl, "GET", &path);
	if (status != EX_OK || ctl->status != 200)
		return status; /* between two plans it says that it has none */
	status = ctl_read(ctl, &answer);
	reload = json_object_get(answer, "reload");
	if (answer && is_another(order, answer)) {
		fputs("diolkosctl: diolkosd began anew meanwhile, with the configuration as it is "
		      "now; see diolkosctl status\n",
		      stderr);
		status = EX_TEMPFAIL;
	} else if (ctl_number(reload, "count") > order->count_before) {
		*outcome = json_incref((json_t *)reload);
	}
	json_decref(answer);
	return status;
}

/* + came, - went, ~ is another, = stays as it was, ! wants a restart. */
static void
put_changes(const struct ctl *ctl, const json_t *changes)
{
	size_t i;
	json_t *change;

	json_array_foreach(changes, i, change) {
		const char *line = json_string_value(change);

		if (!line)
			continue;
		ctl_put_coloured(ctl,
				 *line == '+' ? CTL_GREEN :
				 *line == '-' ? CTL_RED :
				 *line == '~' || *line == '!' ? CTL_YELLOW :
						CTL_DIM,
				 line);
		putchar('\n');
	}
}

static int
tell_outcome(const struct ctl *ctl, const json_t *outcome)
{
	bool is_good = ctl_truth(outcome, "good");

	if (ctl->is_json) {
		ctl_put_json(outcome);
		return is_good ? EX_OK : EX_CONFIG;
	}
	fputs(ctl_text(outcome, "said"), stderr);
	put_changes(ctl, json_object_get(outcome, "changes"));
	puts(!is_good			     ? "refused: what runs goes on" :
	     ctl_truth(outcome, "changed") ? "read again: it is changed" :
					       "read again: nothing is changed");
	return is_good ? EX_OK : EX_CONFIG;
}

static int
wait_for_outcome(struct ctl *ctl, const struct order *order)
{
	json_t *outcome = NULL;
	int status;

	for (int tenths = 0; tenths < 10 * WAIT_SECONDS && !outcome; tenths++) {
		usleep(100000);
		status = find_outcome(ctl, order, &outcome);
		if (status != EX_OK)
			return status;
	}
	if (!outcome) {
		fputs("diolkosctl: nothing came of it yet; see diolkosctl status\n", stderr);
		return EX_TEMPFAIL;
	}
	status = tell_outcome(ctl, outcome);
	json_decref(outcome);
	return status;
}

int
ctl_reload(struct ctl *ctl)
{
	struct order order;
	struct dk_buffer path;
	json_t *answer;
	int status;

	ctl_path(&path, "/v1/reload");
	status = ctl_ask_json(ctl, "POST", &path, &answer);
	if (!answer)
		return status;
	order = (struct order){ ctl_number(answer, "count_before"), ctl_number(answer, "since_ms"),
				ctl_number(answer, "pid") };
	json_decref(answer);
	return wait_for_outcome(ctl, &order);
}
