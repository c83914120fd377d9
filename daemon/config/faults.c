/* SPDX-License-Identifier: Apache-2.0
 *
 * faults.c - what is wrong with a configuration.
 */
#include "daemon/config/faults.h"

#include <stdarg.h>
#include <stdlib.h>

#include "daemon/base/buffer.h"

struct fault {
	char *file;
	unsigned line;
	size_t number; /* in the order in which they were found */
	char *text;
};

struct dk_faults {
	struct fault *list;
	size_t count;
};

struct dk_faults *
dk_faults_new(void)
{
	struct dk_faults *faults = calloc(1, sizeof(*faults));

	if (!faults)
		abort();
	return faults;
}

void
dk_faults_free(struct dk_faults *faults)
{
	for (size_t i = 0; i < faults->count; i++) {
		free(faults->list[i].file);
		free(faults->list[i].text);
	}
	free(faults->list);
	free(faults);
}

size_t
dk_faults_count(const struct dk_faults *faults)
{
	return faults->count;
}

/* An option that two plugins know is wrong for both. */
static bool
is_told(const struct dk_faults *faults, const struct fault *fault)
{
	for (size_t i = faults->count; i > 0 && faults->list[i - 1].line == fault->line; i--)
		if (strcmp(faults->list[i - 1].text, fault->text) == 0 &&
		    strcmp(faults->list[i - 1].file, fault->file) == 0)
			return true;
	return false;
}

void
dk_fault(struct dk_faults *faults, struct dk_place place, const char *format, ...)
{
	struct fault fault = { strdup(place.file ? place.file : ""), place.line, faults->count,
			       NULL };
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vasprintf(&fault.text, format, arguments);
	va_end(arguments);
	faults->list = realloc(faults->list, (faults->count + 1) * sizeof(fault));
	if (length < 0 || !fault.file || !faults->list)
		abort();
	if (is_told(faults, &fault)) {
		free(fault.file);
		free(fault.text);
		return;
	}
	faults->list[faults->count++] = fault;
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
	dk_buffer_add_text(&hidden, rest);
	free(text);
	return dk_buffer_detach(&hidden);
}

void
dk_faults_hide(struct dk_faults *faults, const char *secret)
{
	for (size_t i = 0; i < faults->count; i++)
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
		const struct fault *fault = &faults->list[i];

		if (fault->line > 0)
			fprintf(out, "%s:%u: %s\n", fault->file, fault->line, fault->text);
		else
			fprintf(out, "%s: %s\n", fault->file, fault->text);
	}
}
