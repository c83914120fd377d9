/* SPDX-License-Identifier: Apache-2.0
 *
 * ctl_complete.c - what a word of the command line may become: for the shells' completions, which
 * call `diolkosctl complete WORD...` with the words so far, the last of which is the one meant.
 */
#include <string.h>
#include <sysexits.h>

#include "daemon/surface/ctl_tables.h"

static bool
begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

/* A candidate; `end` is what stands behind it. */
static void
offer(const char *text, const char *end, const char *written)
{
	if (begins(text, written))
		printf("%s%s\n", text, end);
}

/* The names of what the daemon has there. */
static void
offer_names(struct ctl *ctl, const char *begin, const char *end, const char *written)
{
	struct dk_buffer path;
	json_t *all, *one;
	size_t i;

	ctl_path(&path, begin);
	if (ctl_ask_json(ctl, "GET", &path, &all) != EX_OK)
		return;
	json_array_foreach(all, i, one)
		offer(ctl_text(one, "name"), end, written);
	json_decref(all);
}

static void
offer_list(const char *const *list, const char *written)
{
	for (; *list; list++)
		offer(*list, "", written);
}

static void
offer_words(struct ctl *ctl, enum ctl_words words, const char *written)
{
	static const char *const levels[] = { "error", "warning", "notice", "info", "debug", NULL };
	static const char *const actions[] = { "list", "show", "drop", "replay", NULL };
	static const char *const plugins[] = { "diolkos", "file", "kafka", "mqtt", "null",
					       "rabbitmq", NULL };

	if (words == CTL_ROUTES || words == CTL_NAMES)
		offer_names(ctl, "/v1/routes", "", written);
	if (words == CTL_ENDPOINTS || words == CTL_NAMES)
		offer_names(ctl, "/v1/endpoints", words == CTL_ENDPOINTS ? ":" : "", written);
	if (words == CTL_DEAD)
		offer_list(actions, written);
	if (words == CTL_LEVELS)
		offer_list(levels, written);
	if (words == CTL_PLUGINS)
		offer_list(plugins, written);
}

static void
offer_options(const struct ctl_row *row, const char *written)
{
	char word[64];

	for (size_t i = 0; i < ctl_option_count; i++) {
		if (!strchr(CTL_COMMON, ctl_options[i].letter) &&
		    !(row && strchr(row->options, ctl_options[i].letter)))
			continue;
		snprintf(word, sizeof(word), "--%s", ctl_options[i].word);
		offer(word, "", written);
	}
}

static const struct ctl_option *
find_option(const char *word)
{
	for (size_t i = 0; *word == '-' && i < ctl_option_count; i++) {
		const struct ctl_option *option = &ctl_options[i];

		if ((word[1] == option->letter && !word[2] && option->is_short) ||
		    (begins(word, "--") && strcmp(word + 2, option->word) == 0))
			return option;
	}
	return NULL;
}

static const struct ctl_row *
find_row(const char *word)
{
	for (size_t i = 0; i < ctl_row_count; i++)
		if (strcmp(ctl_rows[i].name, word) == 0)
			return &ctl_rows[i];
	return NULL;
}

/* What the words before the last have said. */
struct reading {
	const struct ctl_row *row;        /* the command; NULL: none yet */
	const struct ctl_option *pending; /* whose value comes next; NULL: none */
	int words;                        /* behind the command */
};

static void
read_word(struct ctl *ctl, struct reading *reading, const char *word)
{
	const struct ctl_option *option = find_option(word);

	if (reading->pending) {
		if (reading->pending->letter == 's')
			snprintf(ctl->socket, sizeof(ctl->socket), "%s", word);
		if (reading->pending->letter == 'i')
			snprintf(ctl->socket, sizeof(ctl->socket), "/run/diolkos-%s/control", word);
		reading->pending = NULL;
	} else if (*word == '-') {
		reading->pending = option && option->value ? option : NULL;
	} else if (!reading->row) {
		reading->row = find_row(word);
	} else {
		reading->words++;
	}
}

int
ctl_complete(struct ctl *ctl, int count, char **words)
{
	struct reading reading = { 0 };
	const char *written = count > 1 ? words[count - 1] : "";

	ctl->is_quiet = true;
	for (int i = 1; i + 1 < count; i++)
		read_word(ctl, &reading, words[i]);
	if (reading.pending && reading.pending->letter == 'r')
		offer_words(ctl, CTL_ROUTES, written);
	else if (reading.pending)
		return EX_OK;
	else if (*written == '-')
		offer_options(reading.row, written);
	else if (!reading.row)
		for (size_t i = 0; i < ctl_row_count; i++)
			offer(ctl_rows[i].name, "", written);
	else if (reading.words < reading.row->most &&
		 (reading.words == 0 || reading.row->words == CTL_NAMES))
		offer_words(ctl, reading.row->words, written);
	dk_buffer_clear(&ctl->answer);
	return EX_OK;
}
