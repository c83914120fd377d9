/* SPDX-License-Identifier: Apache-2.0
 *
 * lexical.c - what libconfig 1.5 would pass over in silence, found before it reads the file.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "daemon/config/faults.h"
#include "daemon/config/tree.h"

#define LARGEST_FILE (8 << 20)

struct scan {
	const char *at, *end;
	struct dk_place place;
	struct dk_faults *faults;
};

static void
skip_line(struct scan *scan)
{
	while (scan->at < scan->end && *scan->at != '\n')
		scan->at++;
}

static void
skip_block(struct scan *scan)
{
	for (scan->at += 2; scan->at < scan->end; scan->at++) {
		scan->place.line += *scan->at == '\n';
		if (*scan->at == '*' && scan->at + 1 < scan->end && scan->at[1] == '/') {
			scan->at += 2;
			return;
		}
	}
}

static void
skip_text(struct scan *scan)
{
	for (scan->at++; scan->at < scan->end && *scan->at != '"'; scan->at++) {
		scan->place.line += *scan->at == '\n';
		if (*scan->at == '\\' && scan->at + 1 < scan->end)
			scan->at++;
	}
	if (scan->at < scan->end)
		scan->at++;
}

static bool
is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '-' || c == '+' || c == '.' || c == '*';
}

/* An integer without L is of 32 bits, and wraps. */
static void
check_word(struct scan *scan, const char *begin)
{
	struct dk_slice word = dk_slice_new(begin, (size_t)(scan->at - begin));
	char text[32];
	char *rest;
	long long value;

	if (word.length >= sizeof(text) - 1) {
		if (strspn(begin, "0123456789") == word.length)
			dk_fault(scan->faults, scan->place, "%.*s is too large for any integer",
				 (int)word.length, word.data);
		return;
	}
	memcpy(text, word.data, word.length);
	text[word.length] = '\0';
	errno = 0;
	value = strtoll(text, &rest, 0);
	if (*rest == '\0' && (errno == ERANGE || value > INT32_MAX || value < INT32_MIN) &&
	    strncmp(text, "0x", 2) != 0)
		dk_fault(scan->faults, scan->place,
			 "%s is too large for a plain integer; %sL, or a text with a unit?", text,
			 text);
}

static void
scan_word(struct scan *scan)
{
	const char *begin = scan->at;

	while (scan->at < scan->end && is_word(*scan->at))
		scan->at++;
	if ((*begin >= '0' && *begin <= '9') || *begin == '-' || *begin == '+')
		check_word(scan, begin);
}

static void
scan_all(struct scan *scan)
{
	while (scan->at < scan->end) {
		char next = scan->at + 1 < scan->end ? scan->at[1] : '\0';

		if (*scan->at == '#' || (*scan->at == '/' && next == '/')) {
			skip_line(scan);
		} else if (*scan->at == '/' && next == '*') {
			skip_block(scan);
		} else if (*scan->at == '"') {
			skip_text(scan);
		} else if (is_word(*scan->at)) {
			scan_word(scan);
		} else {
			scan->place.line += *scan->at == '\n';
			scan->at++;
		}
	}
}

static void
check_nul(struct scan *scan, const char *text, size_t length)
{
	const char *nul = memchr(text, '\0', length);

	if (!nul)
		return;
	for (const char *at = text; at < nul; at++)
		scan->place.line += *at == '\n';
	dk_fault(scan->faults, scan->place, "there is a NUL in the file; is it a text file?");
	scan->end = nul;
	scan->place.line = 1;
}

/* The file's bytes, to be freed; NULL with a fault. */
static char *
slurp(const char *path, size_t *length, struct dk_faults *faults)
{
	struct dk_place place = { path, 0 };
	struct stat status;
	FILE *file = fopen(path, "re");
	char *text;

	if (!file || fstat(fileno(file), &status) != 0) {
		dk_fault(faults, place, "cannot be read: %s", strerror(errno));
		if (file)
			fclose(file);
		return NULL;
	}
	if (!S_ISREG(status.st_mode) || status.st_size > LARGEST_FILE) {
		dk_fault(faults, place, "%s",
			 S_ISDIR(status.st_mode)  ? "is a folder; name the file in it?" :
			 !S_ISREG(status.st_mode) ? "is no plain file" :
						    "is larger than 8 MB; use groups and lists "
						    "for large numbers of routes");
		fclose(file);
		return NULL;
	}
	text = malloc((size_t)status.st_size + 1);
	if (!text)
		abort();
	*length = fread(text, 1, (size_t)status.st_size, file);
	text[*length] = '\0';
	fclose(file);
	return text;
}

int
dk_lexical_check(const char *path, struct dk_faults *faults)
{
	size_t length = 0, before = dk_faults_count(faults);
	char *text = slurp(path, &length, faults);
	struct scan scan = { text, text + length, { path, 1 }, faults };

	if (!text)
		return -1;
	check_nul(&scan, text, length);
	scan_all(&scan);
	free(text);
	return dk_faults_count(faults) == before ? 0 : -1;
}
