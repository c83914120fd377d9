/* SPDX-License-Identifier: Apache-2.0
 *
 * as_text.c - option tables, for people at a terminal.
 */
#include "daemon/surface/chapters.h"

#define WIDTH 78

/* A sentence over as many lines as it takes, each behind a margin. */
static void
print_wrapped(const char *text, FILE *out)
{
	size_t column = 0;

	while (*text) {
		size_t word = strcspn(text, " ");

		if (column > 0 && column + 1 + word > WIDTH) {
			fputc('\n', out);
			column = 0;
		}
		column += (size_t)fprintf(out, "%s%.*s", column > 0 ? " " : "      ", (int)word,
					  text);
		text += word;
		text += strspn(text, " ");
	}
	fputc('\n', out);
}

static void
print_entry(const struct dk_entry *entry, FILE *out)
{
	char what[300];

	dk_entry_describe(entry, what, sizeof(what));
	fprintf(out, *what ? "  %s (%s)\n" : "  %s%s\n", entry->name, what);
	print_wrapped(entry->help, out);
}

void
dk_books_as_text(const struct dk_book *books, size_t count, FILE *out)
{
	for (size_t i = 0; i < count; i++) {
		fprintf(out, "%s%s: %s\n", i ? "\n" : "", books[i].name, books[i].summary);
		for (size_t n = 0; n < books[i].count; n++) {
			struct dk_entry entry;

			fprintf(out, "\n%s\n\n", books[i].chapters[n].title);
			for (size_t e = 0; dk_chapter_entry(&books[i].chapters[n], e, &entry); e++)
				print_entry(&entry, out);
		}
	}
}
