/* SPDX-License-Identifier: Apache-2.0
 *
 * journal_log.c - lines for systemd's journal, with their fields as it has them.
 */
#include "daemon/system/journal_log.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#define SD_JOURNAL_SUPPRESS_LOCATION /* it would be this file's */
#include <systemd/sd-journal.h>
#include <unistd.h>

#define SOCKET "/run/systemd/journal/socket"
#define FIELDS_MAX 32

/* The fields of a line, as NAME=value one after the other, and where each of them is. */
struct record {
	char text[2 * DK_LOG_LINE_ROOM];
	size_t length;
	struct iovec pieces[FIELDS_MAX];
	int count;
};

bool
dk_journal_log_is_stderr(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	struct stat status;
	char text[64];

	if (!stream || fstat(STDERR_FILENO, &status) != 0)
		return false;
	snprintf(text, sizeof(text), "%ju:%ju", (uintmax_t)status.st_dev, (uintmax_t)status.st_ino);
	return strcmp(stream, text) == 0;
}

/* What does not fit is cut off. */
static void DK_PRINTF(2, 3)
put(struct record *record, const char *format, ...)
{
	size_t room = sizeof(record->text) - record->length;
	char *begin = record->text + record->length;
	va_list values;
	int length;

	if (record->count == FIELDS_MAX)
		return;
	va_start(values, format);
	length = vsnprintf(begin, room, format, values);
	va_end(values);
	if (length < 0 || room < 2)
		return;
	if ((size_t)length >= room)
		length = (int)room - 1;
	record->pieces[record->count++] = (struct iovec){ begin, (size_t)length };
	record->length += (size_t)length;
}

/* Capitals, digits and _, as the journal wants names: systemd.journal-fields(7). */
static void
upper(const char *name, char *text, size_t room)
{
	size_t length = 0;

	for (; *name && length + 1 < room; name++) {
		bool is_small = *name >= 'a' && *name <= 'z';
		bool is_plain = (*name >= 'A' && *name <= 'Z') || (*name >= '0' && *name <= '9');

		text[length++] = is_small ? (char)(*name - 'a' + 'A') : is_plain ? *name : '_';
	}
	text[length] = '\0';
}

static void
put_field(struct record *record, const struct dk_field *field)
{
	char name[56];

	upper(field->name, name, sizeof(name));
	if (field->text)
		put(record, "DIOLKOS_%s=%s", name, field->text);
	else
		put(record, "DIOLKOS_%s=%" PRId64, name, field->number);
}

bool
dk_journal_log_send(const struct dk_log_entry *entry)
{
	static const int priorities[] = { 3, 4, 5, 6, 7 }; /* of syslog(3), by level */
	struct dk_log_line message;
	struct record record = { .length = 0, .count = 0 };

	if (access(SOCKET, F_OK) != 0) /* of which the library says nothing */
		return false;
	dk_log_line_message(&message, entry);
	put(&record, "MESSAGE=%.*s", (int)message.length, message.text);
	put(&record, "PRIORITY=%d", priorities[entry->level]);
	put(&record, "SYSLOG_IDENTIFIER=diolkosd");
	put(&record, "DIOLKOS_WHO=%s", entry->who);
	put(&record, "DIOLKOS_EVENT=%s", entry->event);
	for (const struct dk_field *field = entry->fields; field && field->name; field++)
		put_field(&record, field);
	return sd_journal_sendv(record.pieces, record.count) == 0;
}
