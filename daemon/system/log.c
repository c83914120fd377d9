/* SPDX-License-Identifier: Apache-2.0
 *
 * log.c - lines on standard error or in the journal, each written at once.
 */
#include "daemon/system/log.h"

#include <unistd.h>

#include "daemon/system/clock.h"
#include "daemon/system/journal_log.h"
#include "daemon/system/shipper.h"

static atomic_int wanted_level = DK_INFO;
static atomic_int wanted_form = DK_LOG_AUTO;

void
dk_log_set_level(enum dk_level level)
{
	atomic_store(&wanted_level, (int)level);
}

enum dk_level
dk_log_level(void)
{
	return (enum dk_level)atomic_load_explicit(&wanted_level, memory_order_relaxed);
}

const atomic_int *
dk_log_level_place(void)
{
	return &wanted_level;
}

void
dk_log_set_form(enum dk_log_form form)
{
	atomic_store(&wanted_form, (int)form);
}

/* --- Forms --- */

static void
write_line(const struct dk_log_line *line)
{
	ssize_t written = write(STDERR_FILENO, line->text, line->length);

	(void)written; /* where would one say that the log is broken? */
}

static void
write_text(const struct dk_log_entry *entry)
{
	struct dk_log_line line;

	dk_log_line_text(&line, entry);
	write_line(&line);
}

static void
write_json(const struct dk_log_entry *entry)
{
	struct dk_log_line line;

	dk_log_line_json(&line, entry, NULL);
	write_line(&line);
}

static void
write_journal(const struct dk_log_entry *entry)
{
	if (!dk_journal_log_send(entry))
		write_text(entry);
}

/* What standard error is does not change: it is looked at once. */
static void
write_auto(const struct dk_log_entry *entry)
{
	static atomic_int found = DK_LOG_AUTO;
	int form = atomic_load(&found);

	if (form == DK_LOG_AUTO) {
		form = dk_journal_log_is_stderr() ? DK_LOG_JOURNAL : DK_LOG_TEXT;
		atomic_store(&found, form);
	}
	if (form == DK_LOG_JOURNAL)
		write_journal(entry);
	else
		write_text(entry);
}

static void (*const forms[])(const struct dk_log_entry *entry) = {
	[DK_LOG_AUTO] = write_auto,
	[DK_LOG_TEXT] = write_text,
	[DK_LOG_JSON] = write_json,
	[DK_LOG_JOURNAL] = write_journal,
};

void
dk_log(enum dk_level level, const char *who, const char *event, const struct dk_field *fields)
{
	struct dk_log_entry entry = { .level = level,
				      .who = who ? who : "diolkosd",
				      .event = event,
				      .fields = fields };

	if (level > dk_log_level())
		return;
	entry.wall_ms = dk_clock_wall_ms();
	forms[atomic_load(&wanted_form)](&entry);
	dk_shipper_put(&entry);
}
