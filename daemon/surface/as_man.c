/* SPDX-License-Identifier: Apache-2.0
 *
 * as_man.c - option tables as lists of mdoc(7), each behind a comment with its place: .\" @route@
 * scripts/pages puts them there.
 */
#include "daemon/surface/chapters.h"

/* In a text or in quotes: nothing in it is meant for the formatter. */
static void
put_escaped(char c, FILE *out)
{
	if (c == '\\')
		fputs("\\e", out);
	else if (c == '"')
		fputs("\\(dq", out);
	else
		fputc(c, out);
}

static void
put_quoted(const char *text, FILE *out)
{
	fputc('"', out);
	for (; *text; text++)
		put_escaped(*text, out);
	fputc('"', out);
}

/* Each sentence begins a line, and no line a request. */
static void
put_sentences(const char *text, FILE *out)
{
	bool begins_line = true;

	for (; *text; text++) {
		if (begins_line && (*text == '.' || *text == '\''))
			fputs("\\&", out);
		begins_line = text[0] == ' ' && text[-1] == '.';
		if (begins_line)
			fputc('\n', out);
		else
			put_escaped(*text, out);
	}
	fputc('\n', out);
}

static void
put_entry(const struct dk_entry *entry, FILE *out)
{
	char what[300];

	fputs(".It Ic ", out);
	put_quoted(entry->name, out);
	if (*dk_entry_describe(entry, what, sizeof(what))) {
		fputs(" Pq ", out);
		put_quoted(what, out);
	}
	fputc('\n', out);
	put_sentences(entry->help, out);
}

void
dk_books_as_man(const struct dk_book *books, size_t count, FILE *out)
{
	for (size_t i = 0; i < count; i++)
		for (size_t n = 0; n < books[i].count; n++) {
			struct dk_entry entry;

			fprintf(out, ".\\\" @%s@\n.Bl -tag -width Ds\n", books[i].chapters[n].name);
			for (size_t e = 0; dk_chapter_entry(&books[i].chapters[n], e, &entry); e++)
				put_entry(&entry, out);
			fputs(".El\n", out);
		}
}
