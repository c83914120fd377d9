/* SPDX-License-Identifier: Apache-2.0
 *
 * faults.c - what is wrong with a configuration, and what is to be said of it besides.
 */
#include "daemon/config/faults.h"

#include <stdarg.h>
#include <stdlib.h>

#include "daemon/base/buffer.h"
#include "daemon/base/map.h"

enum severity {
	ERROR,
	WARNING,
	NOTE,
};

#define SEVERITIES (NOTE + 1)

static const char *const words[SEVERITIES] = { "", "warning: ", "note: " };

struct fault {
	char *file;
	unsigned line;
	enum severity severity;
	size_t number; /* in the order in which they were found */
	char *told;    /* all of it, as it was when it was found */
	char *text;
};

struct dk_faults {
	struct fault *list;
	size_t count, room;
	size_t counts[SEVERITIES]; /* how many were found */
	struct dk_map told;
};

struct dk_faults *
dk_faults_new(void)
{
	struct dk_faults *faults = calloc(1, sizeof(*faults));

	if (!faults)
		abort();
	return faults;
}

static void
clear(struct fault *fault)
{
	free(fault->file);
	free(fault->told);
	free(fault->text);
}

void
dk_faults_free(struct dk_faults *faults)
{
	for (size_t i = 0; i < faults->count; i++)
		clear(&faults->list[i]);
	dk_map_clear(&faults->told);
	free(faults->list);
	free(faults);
}

size_t
dk_faults_count(const struct dk_faults *faults)
{
	return faults->counts[ERROR];
}

size_t
dk_faults_warnings(const struct dk_faults *faults)
{
	return faults->counts[WARNING];
}

static void
make_room(struct dk_faults *faults)
{
	if (faults->count < faults->room)
		return;
	faults->room = faults->room ? 2 * faults->room : 16;
	faults->list = realloc(faults->list, faults->room * sizeof(*faults->list));
	if (!faults->list)
		abort();
}

/* All of a line, without the end. To be freed. */
static char *
line_of(const struct fault *fault)
{
	char *line;
	int length = fault->line > 0 ? asprintf(&line, "%s:%u: %s%s", fault->file, fault->line,
						words[fault->severity], fault->text) :
				       asprintf(&line, "%s: %s%s", fault->file,
						words[fault->severity], fault->text);

	if (length < 0)
		abort();
	return line;
}

/* Told once, though it may be found again: an option that two plugins know is wrong for both, a
 * file that two include for both. */
static void
add(struct dk_faults *faults, enum severity severity, struct dk_place place, const char *format,
    va_list arguments)
{
	struct fault fault = { strdup(place.file ? place.file : ""), place.line, severity,
			       faults->count, NULL, NULL };

	if (!fault.file || vasprintf(&fault.text, format, arguments) < 0)
		abort();
	faults->counts[severity]++;
	fault.told = line_of(&fault);
	if (dk_map_find(&faults->told, dk_slice_of(fault.told))) {
		clear(&fault);
		return;
	}
	dk_map_put(&faults->told, dk_slice_of(fault.told), fault.told);
	make_room(faults);
	faults->list[faults->count++] = fault;
}

void
dk_fault(struct dk_faults *faults, struct dk_place place, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	add(faults, ERROR, place, format, arguments);
	va_end(arguments);
}

void
dk_warning(struct dk_faults *faults, struct dk_place place, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	add(faults, WARNING, place, format, arguments);
	va_end(arguments);
}

void
dk_note(struct dk_faults *faults, struct dk_place place, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	add(faults, NOTE, place, format, arguments);
	va_end(arguments);
}

#define LEAST_HIDDEN 6 /* of a secret whose end an error had no room for */

/* How much of the secret the text ends with: a long one may have been cut. */
static size_t
cut_length(const char *text, const char *secret)
{
	size_t length = strlen(text), cut = strlen(secret);

	for (cut = cut < length ? cut : length; cut >= LEAST_HIDDEN; cut--)
		if (memcmp(text + length - cut, secret, cut) == 0)
			return cut;
	return 0;
}

void
dk_faults_weaken(struct dk_faults *faults, const struct dk_faults *others)
{
	faults->counts[WARNING] += faults->counts[ERROR];
	faults->counts[ERROR] = 0;
	for (size_t i = 0; i < faults->count; i++)
		if (faults->list[i].severity == ERROR)
			faults->list[i].severity = WARNING;
	for (size_t i = 0; i < others->count; i++) {
		const struct fault *other = &others->list[i];
		struct dk_place place = { other->file, other->line };

		if (other->severity == NOTE)
			dk_note(faults, place, "%s", other->text);
		else
			dk_warning(faults, place, "%s", other->text);
	}
}

/* The text without the secret, in its place; the old one is freed. */
static char *
hide(char *text, const char *secret)
{
	struct dk_buffer hidden = { 0 };
	const char *rest = text, *found;

	for (; (found = strstr(rest, secret)); rest = found + strlen(secret)) {
		dk_buffer_add(&hidden, dk_slice_new(rest, (size_t)(found - rest)));
		dk_buffer_add_text(&hidden, "*****");
	}
	dk_buffer_add(&hidden, dk_slice_new(rest, strlen(rest) - cut_length(rest, secret)));
	dk_buffer_add_text(&hidden, cut_length(rest, secret) ? "*****" : "");
	free(text);
	return dk_buffer_detach(&hidden);
}

void
dk_faults_hide(struct dk_faults *faults, const char *secret)
{
	for (size_t i = 0; i < faults->count; i++)
		if (strstr(faults->list[i].text, secret) ||
		    cut_length(faults->list[i].text, secret))
			faults->list[i].text = hide(faults->list[i].text, secret);
}

static int
compare(const void *a, const void *b)
{
	const struct fault *left = a, *right = b;
	int files = strcmp(left->file, right->file);

	if (files != 0)
		return files;
	if (left->line != right->line)
		return left->line < right->line ? -1 : 1;
	return left->number < right->number ? -1 : 1;
}

void
dk_faults_print(const struct dk_faults *faults, FILE *out)
{
	if (faults->count > 0)
		qsort(faults->list, faults->count, sizeof(*faults->list), compare);
	for (size_t i = 0; i < faults->count; i++) {
		char *line = line_of(&faults->list[i]);

		fprintf(out, "%s\n", line);
		free(line);
	}
}
