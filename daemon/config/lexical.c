/* SPDX-License-Identifier: Apache-2.0
 *
 * lexical.c - what libconfig 1.5 would pass over in silence, or not name, found before it reads the
 * text: NULs, comments never closed, includes that are none; words and signs are in files of their
 * own.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "daemon/config/contents.h"
#include "daemon/config/lexical.h"

#define LARGEST_FILE ((size_t)8 << 20)
#define MOST_INCLUDES 10 /* one in the other; libconfig's own limit */

static char *check_file(struct dk_checking *checking, const char *path,
			const struct dk_scan *includer);

/* --- What is skipped --- */

static void
skip_line(struct dk_scan *scan)
{
	while (scan->at < scan->end && *scan->at != '\n')
		scan->at++;
	if (scan->at == scan->end && scan->includer)
		dk_fault(scan->checking->faults, scan->place,
			 "the comment that ends the file has no line's end; add one?");
}

static void
skip_block(struct dk_scan *scan)
{
	struct dk_place begin = scan->place;

	for (scan->at += 2; scan->at < scan->end; scan->at++) {
		scan->place.line += *scan->at == '\n';
		if (*scan->at == '*' && scan->at + 1 < scan->end && scan->at[1] == '/') {
			scan->at += 2;
			return;
		}
	}
	dk_fault(scan->checking->faults, begin,
		 "the comment that begins here is never closed; is a */ missing?");
	scan->checking->has_gap = true;
}

/* --- Includes --- */

/* Whether a file is included by itself, or too deep. */
static bool
is_loop(const struct dk_scan *scan, const char *path)
{
	int depth = 1;

	for (; scan; scan = scan->includer)
		if (strcmp(scan->place.file, path) == 0 || depth++ > MOST_INCLUDES)
			return true;
	return false;
}

/* libconfig would end the process where the name is a folder's. */
static void
scan_include(struct dk_scan *scan)
{
	static const char word[] = "@include";
	char path[PATH_MAX];
	const char *begin, *end;
	struct stat status;
	const char *why;
	bool is_word;

	begin = scan->at++;
	is_word = (size_t)(scan->end - begin) > sizeof(word) &&
		  memcmp(begin, word, sizeof(word) - 1) == 0;
	begin = is_word ? memchr(begin, '"', (size_t)(scan->end - begin)) : NULL;
	end = begin ? memchr(begin + 1, '"', (size_t)(scan->end - begin - 1)) : NULL;
	if (!end || memchr(scan->at, '\n', (size_t)(end - scan->at))) {
		dk_scan_fault(scan, "an @ begins an include, in a line of its own; @include "
				    "\"FILE\"?");
		skip_line(scan);
		return;
	}
	scan->at = end + 1;
	begin++;
	snprintf(path, sizeof(path), "%s%s%.*s", scan->checking->folder,
		 *scan->checking->folder ? "/" : "", (int)(end - begin), begin);
	why = stat(path, &status) != 0 ? strerror(errno) :
	      S_ISDIR(status.st_mode)  ? "it is a folder; name the file in it?" :
	      !S_ISREG(status.st_mode) ? "it is no plain file" :
					 NULL;
	scan->checking->word_line = 0;
	scan->checking->has_gap |= why != NULL;
	if (why)
		dk_fault(scan->checking->faults, scan->place,
			 "cannot include \"%s\": %s", path, why);
	else if (is_loop(scan, path))
		dk_fault(scan->checking->faults, scan->place,
			 "cannot include \"%s\": it includes this file, or more than %d files "
			 "include each other",
			 path, MOST_INCLUDES);
	else
		free(check_file(scan->checking, path, scan));
	scan->checking->word_line = 0;
}

/* --- The file --- */

static void
scan_token(struct dk_scan *scan)
{
	char next = scan->at + 1 < scan->end ? scan->at[1] : '\0';

	if (*scan->at == '#' || (*scan->at == '/' && next == '/')) {
		skip_line(scan);
	} else if (*scan->at == '/' && next == '*') {
		skip_block(scan);
	} else if (*scan->at == '"') {
		dk_scan_text(scan);
	} else if (*scan->at == '@') {
		scan_include(scan);
	} else if (strchr("{([})]=:;,", *scan->at)) {
		dk_scan_sign(scan);
	} else if (dk_is_word(*scan->at)) {
		dk_scan_word(scan);
	} else if (strchr(DK_BLANKS, *scan->at)) {
		scan->place.line += *scan->at == '\n';
		scan->at++;
	} else {
		dk_scan_stranger(scan);
	}
}

static void
check_nul(struct dk_scan *scan, const char *text, size_t length)
{
	const char *nul = memchr(text, '\0', length);

	if (!nul)
		return;
	for (const char *at = text; at < nul; at++)
		scan->place.line += *at == '\n';
	dk_fault(scan->checking->faults, scan->place,
		 "there is a NUL in the file; is it a text file?");
	scan->checking->has_gap = true;
	scan->end = nul;
	scan->place.line = 1;
}

static void
check_mark(struct dk_scan *scan)
{
	static const char mark[] = "\xef\xbb\xbf";

	if ((size_t)(scan->end - scan->at) < strlen(mark) ||
	    memcmp(scan->at, mark, strlen(mark)) != 0)
		return;
	dk_fault(scan->checking->faults, scan->place,
		 "the file begins with a byte order mark (EF BB BF); save it as UTF-8 without "
		 "one?");
	scan->at += strlen(mark);
}

/* libconfig does not know a comment that the file's end ends. */
static char *
end_line(char *text, size_t *length)
{
	text = realloc(text, *length + 2);
	if (!text)
		abort();
	memcpy(text + *length, "\n", 2);
	++*length;
	return text;
}

/* Includes of includes may be without end for all that anyone waits for it. */
static void
count_length(struct dk_scan *scan)
{
	scan->checking->length += (size_t)(scan->end - scan->at);
	if (scan->includer && scan->checking->length > LARGEST_FILE)
		dk_fault(scan->checking->faults, scan->includer->place,
			 "with \"%s\" more than 8 MB are included", scan->place.file);
}

/* The file's text, to be freed; NULL with a fault when there is none. */
static char *
check_file(struct dk_checking *checking, const char *path, const struct dk_scan *includer)
{
	static const struct dk_contents_limit limit = {
		LARGEST_FILE,
		"is larger than 8 MB; use groups and lists for large numbers of routes",
	};
	struct dk_scan scan = { .checking = checking, .includer = includer };
	struct dk_error error;
	size_t length = 0;
	char *text;

	scan.place = (struct dk_place){ dk_memory_text(checking->memory, dk_slice_of(path)), 1 };
	text = dk_contents_read(path, &limit, &length, &error);
	if (!text) {
		dk_fault(checking->faults, (struct dk_place){ path, 0 }, "%s", error.text);
		return NULL;
	}
	if (!includer)
		text = end_line(text, &length);
	scan.begin = scan.at = text;
	scan.end = text + length;
	count_length(&scan);
	check_nul(&scan, text, length);
	check_mark(&scan);
	while (scan.at < scan.end && checking->length <= LARGEST_FILE && !checking->is_over)
		scan_token(&scan);
	if (!includer && checking->length <= LARGEST_FILE)
		dk_scan_finish(&scan);
	return text;
}

char *
dk_lexical_read(const char *path, struct dk_faults *faults)
{
	struct dk_checking checking = { .faults = faults,
					.memory = dk_memory_new(),
					.open = { { .bracket = '{' } } };
	const char *slash = strrchr(path, '/');
	size_t before = dk_faults_count(faults);
	char *text;

	checking.folder = dk_memory_text(
		checking.memory,
		dk_slice_new(path, slash ? (size_t)(slash - path + (slash == path)) : 0));
	text = check_file(&checking, path, NULL);
	for (int depth = 0; depth <= DK_DEEPEST; depth++)
		dk_map_clear(&checking.open[depth].names);
	dk_memory_free(checking.memory);
	if (dk_faults_count(faults) == before)
		return text;
	free(text);
	return NULL;
}
