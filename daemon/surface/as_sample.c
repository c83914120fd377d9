/* SPDX-License-Identifier: Apache-2.0
 *
 * as_sample.c - option tables as settings to be copied into a file, each with its default and a
 * comment behind it; each table behind a comment with its place: # @route@
 */
#include "daemon/surface/chapters.h"

#define COMMENT 32 /* the column of comments */
#define WIDTH 92   /* what stands before a table in a page comes on top */

/* The sentence, over as many lines as it takes. `column` is where the setting ended. */
static void
put_comment(const char *text, size_t column, FILE *out)
{
	bool begins = true;

	while (*text) {
		size_t word = strcspn(text, " ");

		if (!begins && column + 1 + word > WIDTH) {
			fputc('\n', out);
			column = 0;
			begins = true;
		}
		if (begins) {
			int margin = column < COMMENT ? (int)(COMMENT - column) : 1;

			column += (size_t)fprintf(out, "%*s#", margin, "");
		}
		begins = false;
		column += (size_t)fprintf(out, " %.*s", (int)word, text);
		text += word;
		text += strspn(text, " ");
	}
	fputc('\n', out);
}

/* What a setting looks like that has no default. */
static const char *
example_of(const struct dk_entry *entry)
{
	if (entry->word && !(entry->word->kinds & DK_KIND_SCALAR))
		return entry->word->kinds & DK_KIND(LIST) ? "()" : "{}";
	if (entry->word && (entry->word->kinds & DK_KIND_SCALAR & ~DK_KIND(TEXT)) == DK_KIND(TRUTH))
		return "true";
	return "\"\"";
}

static bool
is_bare(const struct dk_option *option)
{
	return option->type == DK_INTEGER || option->type == DK_TRUTH;
}

static void
put_entry(const struct dk_entry *entry, FILE *out)
{
	const struct dk_option *option = entry->option;
	bool is_absent = option && !option->preset && !(option->flags & DK_REQUIRED);
	char text[300];
	int length;

	if (option && option->preset && is_bare(option))
		snprintf(text, sizeof(text), "%s", option->preset);
	else if (option && option->preset)
		snprintf(text, sizeof(text), "\"%s\"",
			 strcmp(option->preset, "\n") == 0 ? "\\n" : option->preset);
	else
		snprintf(text, sizeof(text), "%s", example_of(entry));
	length = fprintf(out, "%s%s = %s;", is_absent ? "# " : "", entry->name, text);
	put_comment(entry->help, (size_t)length, out);
}

void
dk_books_as_sample(const struct dk_book *books, size_t count, FILE *out)
{
	for (size_t i = 0; i < count; i++)
		for (size_t n = 0; n < books[i].count; n++) {
			const struct dk_chapter *chapter = &books[i].chapters[n];
			struct dk_entry entry;

			if (chapter->list)
				continue;
			fprintf(out, "# @%s@\n", chapter->name);
			for (size_t e = 0; dk_chapter_entry(chapter, e, &entry); e++)
				put_entry(&entry, out);
		}
}
