/* SPDX-License-Identifier: Apache-2.0
 *
 * lexical.c - what libconfig 1.5 would pass over in silence, or not name, found before it reads the
 * file: NULs, numbers that wrap, what is never closed, names given twice, includes that are none.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "daemon/base/checksum.h"
#include "daemon/config/faults.h"
#include "daemon/config/tree.h"

#define LARGEST_FILE (8 << 20)
#define DEEPEST 64
#define MOST_INCLUDES 10 /* one in the other; libconfig's own limit */

/* A name that was given in a group which is still open. */
struct name {
	uint64_t hash;
	struct dk_slice text;
	unsigned line;
};

struct scan {
	const char *at, *end;
	struct dk_place place;
	struct dk_faults *faults;
	const char *folder; /* of the outermost file: included names are relative to it */
	const struct scan *includer;

	struct name *names;
	size_t name_count, name_room;
	size_t first_name[DEEPEST + 1]; /* of each group or list that is open */
	int depth;
};

static int check_file(const char *path, const char *folder, const struct scan *includer,
		      struct dk_faults *faults);

/* --- What is skipped --- */

static void
skip_line(struct scan *scan)
{
	while (scan->at < scan->end && *scan->at != '\n')
		scan->at++;
}

static void
skip_block(struct scan *scan)
{
	struct dk_place begin = scan->place;

	for (scan->at += 2; scan->at < scan->end; scan->at++) {
		scan->place.line += *scan->at == '\n';
		if (*scan->at == '*' && scan->at + 1 < scan->end && scan->at[1] == '/') {
			scan->at += 2;
			return;
		}
	}
	dk_fault(scan->faults, begin,
		 "the comment that begins here is never closed; is a */ missing?");
}

static void
skip_text(struct scan *scan)
{
	struct dk_place begin = scan->place;

	for (scan->at++; scan->at < scan->end && *scan->at != '"'; scan->at++) {
		scan->place.line += *scan->at == '\n';
		if (*scan->at != '\\' || scan->at + 1 >= scan->end)
			continue;
		scan->at++;
		scan->place.line += *scan->at == '\n';
		if (scan->end - scan->at >= 3 && memcmp(scan->at, "x00", 3) == 0)
			dk_fault(scan->faults, scan->place,
				 "there is a NUL (\\x00) in a text, which no text may hold");
	}
	if (scan->at < scan->end)
		scan->at++;
	else
		dk_fault(scan->faults, begin,
			 "the text that begins here is never closed; is a \" missing?");
}

/* --- Numbers --- */

static bool
is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '-' || c == '+' || c == '.' || c == '*';
}

/* An integer without L is of 32 bits, one with it of 64, and both wrap. */
static void
check_number(struct scan *scan, struct dk_slice word)
{
	bool is_hex = word.length > 2 && (word.data[1] == 'x' || word.data[1] == 'X');
	char text[48], *rest;
	long long value;

	if (word.length >= sizeof(text)) {
		dk_fault(scan->faults, scan->place, "%.*s… is too long for a number; a text?",
			 (int)sizeof(text), word.data);
		return;
	}
	memcpy(text, word.data, word.length);
	text[word.length] = '\0';
	errno = 0;
	value = strtoll(text, &rest, is_hex ? 16 : 10);
	if (rest == text || strspn(rest, "L") != strlen(rest))
		return; /* a real number, or libconfig will say that it is none */
	if (errno == ERANGE)
		dk_fault(scan->faults, scan->place, "%s is too large for any integer", text);
	else if (*rest == '\0' && (value > INT32_MAX || value < INT32_MIN))
		dk_fault(scan->faults, scan->place,
			 "%s is too large for a plain integer; %sL, or a text with a unit?", text,
			 text);
}

/* --- Names --- */

static void
keep_name(struct scan *scan, const struct name *name)
{
	if (scan->name_count == scan->name_room) {
		scan->name_room = scan->name_room ? 2 * scan->name_room : 64;
		scan->names = realloc(scan->names, scan->name_room * sizeof(*scan->names));
		if (!scan->names)
			abort();
	}
	scan->names[scan->name_count++] = *name;
}

static void
check_name(struct scan *scan, struct dk_slice text)
{
	struct name name = { dk_hash(DK_HASH_BEGIN, text), text, scan->place.line };

	for (size_t i = scan->first_name[scan->depth]; i < scan->name_count; i++)
		if (scan->names[i].hash == name.hash && dk_slice_is(scan->names[i].text, text)) {
			dk_fault(scan->faults, scan->place,
				 "\"%.*s\" is given twice in one group, here and in line %u; "
				 "remove or rename one?",
				 (int)text.length, text.data, scan->names[i].line);
			return;
		}
	keep_name(scan, &name);
}

static bool
is_name_ahead(const struct scan *scan)
{
	const char *at = scan->at;

	while (at < scan->end && (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r'))
		at++;
	return at < scan->end && (*at == '=' || *at == ':');
}

static void
scan_word(struct scan *scan)
{
	const char *begin = scan->at;
	struct dk_slice word;

	while (scan->at < scan->end && is_word(*scan->at))
		scan->at++;
	word = dk_slice_new(begin, (size_t)(scan->at - begin));
	if ((*begin >= '0' && *begin <= '9') || *begin == '-' || *begin == '+')
		check_number(scan, word);
	else if (is_name_ahead(scan))
		check_name(scan, word);
}

/* Past the deepest nothing is scanned: libconfig will not be asked about this file. */
static void
open_group(struct scan *scan)
{
	scan->at++;
	if (scan->depth < DEEPEST) {
		scan->first_name[++scan->depth] = scan->name_count;
		return;
	}
	dk_fault(scan->faults, scan->place,
		 "more than %d groups and lists stand in each other; is a closing brace missing?",
		 DEEPEST);
	scan->at = scan->end;
}

static void
close_group(struct scan *scan)
{
	scan->at++;
	if (scan->depth > 0)
		scan->name_count = scan->first_name[scan->depth--];
}

/* --- Includes --- */

/* Whether a file is included by itself, or too deep. */
static bool
is_loop(const struct scan *scan, const char *path)
{
	int depth = 1;

	for (; scan; scan = scan->includer)
		if (strcmp(scan->place.file, path) == 0 || depth++ > MOST_INCLUDES)
			return true;
	return false;
}

/* libconfig would end the process where the name is a folder's. */
static void
scan_include(struct scan *scan)
{
	static const char word[] = "@include";
	char path[PATH_MAX];
	const char *begin, *end;
	struct stat status;
	const char *why;

	begin = scan->at++;
	if ((size_t)(scan->end - begin) < sizeof(word) ||
	    memcmp(begin, word, sizeof(word) - 1) != 0)
		return;
	begin = memchr(begin, '"', (size_t)(scan->end - begin));
	end = begin ? memchr(begin + 1, '"', (size_t)(scan->end - begin - 1)) : NULL;
	if (!end || memchr(scan->at, '\n', (size_t)(end - scan->at)))
		return;
	scan->at = end + 1;
	begin++;
	snprintf(path, sizeof(path), "%s%s%.*s", scan->folder, *scan->folder ? "/" : "",
		 (int)(end - begin), begin);
	why = stat(path, &status) != 0 ? strerror(errno) :
	      S_ISDIR(status.st_mode)  ? "it is a folder; name the file in it?" :
	      !S_ISREG(status.st_mode) ? "it is no plain file" :
					 NULL;
	if (why)
		dk_fault(scan->faults, scan->place, "cannot include \"%s\": %s", path, why);
	else if (is_loop(scan, path))
		dk_fault(scan->faults, scan->place,
			 "cannot include \"%s\": it includes this file, or more than %d files "
			 "include each other",
			 path, MOST_INCLUDES);
	else
		check_file(path, scan->folder, scan, scan->faults);
}

/* --- The file --- */

static void
scan_token(struct scan *scan)
{
	char next = scan->at + 1 < scan->end ? scan->at[1] : '\0';

	if (*scan->at == '#' || (*scan->at == '/' && next == '/')) {
		skip_line(scan);
	} else if (*scan->at == '/' && next == '*') {
		skip_block(scan);
	} else if (*scan->at == '"') {
		skip_text(scan);
	} else if (*scan->at == '@') {
		scan_include(scan);
	} else if (strchr("{([", *scan->at)) {
		open_group(scan);
	} else if (strchr("})]", *scan->at)) {
		close_group(scan);
	} else if (is_word(*scan->at)) {
		scan_word(scan);
	} else {
		scan->place.line += *scan->at == '\n';
		scan->at++;
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

static int
check_file(const char *path, const char *folder, const struct scan *includer,
	   struct dk_faults *faults)
{
	size_t length = 0, before = dk_faults_count(faults);
	char *text = slurp(path, &length, faults);
	struct scan scan = { .at = text, .end = text + length, .place = { path, 1 },
			     .faults = faults, .folder = folder, .includer = includer };

	if (!text)
		return -1;
	check_nul(&scan, text, length);
	while (scan.at < scan.end)
		scan_token(&scan);
	free(scan.names);
	free(text);
	return dk_faults_count(faults) == before ? 0 : -1;
}

int
dk_lexical_check(const char *path, struct dk_faults *faults)
{
	const char *slash = strrchr(path, '/');
	char folder[PATH_MAX] = "";

	if (slash && (size_t)(slash - path) < sizeof(folder) - 1)
		memcpy(folder, path, (size_t)(slash - path + (slash == path)));
	return check_file(path, folder, NULL, faults);
}
