/* SPDX-License-Identifier: Apache-2.0
 *
 * journal.c - one line for each attempt, acknowledgement and arrival, written at once.
 *
 * Each line is one write(2) to a file opened for appending: a crash of this program loses none
 * that was written, and threads do not mix their lines. history.c ignores a torn last line.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "audit.h"

int
journal_open(const char *path)
{
	int journal;

	if (!path)
		die("--log FILE is missing");
	journal = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	if (journal < 0)
		die("%s: %s", path, strerror(errno));
	return journal;
}

__attribute__((format(printf, 2, 3))) static void
write_line(int journal, const char *format, ...)
{
	char line[512];
	va_list values;
	int length;

	va_start(values, format);
	length = vsnprintf(line, sizeof line, format, values);
	va_end(values);
	if (length < 0 || length >= (int)sizeof line ||
	    write(journal, line, (size_t)length) != length)
		die("the journal can't be written: %s", strerror(errno));
}

void
journal_attempt(int journal, const struct record *record)
{
	write_line(journal, "attempt %s %" PRIu64 " %" PRIu64 " %" PRIu64 " %016" PRIx64 "\n",
		   record->run, record->id, record->key, record->sequence, record->nonce);
}

void
journal_acknowledged(int journal, const struct record *record)
{
	write_line(journal, "acknowledged %s %" PRIu64 "\n", record->run, record->id);
}

void
journal_seen(int journal, const struct record *record, bool intact, const char *place)
{
	write_line(journal, "seen %s %" PRIu64 " %" PRIu64 " %" PRIu64 " %016" PRIx64 " %s %s\n",
		   record->run, record->id, record->key, record->sequence, record->nonce,
		   intact ? "intact" : "changed", place);
}
