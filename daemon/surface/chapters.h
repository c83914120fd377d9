/* SPDX-License-Identifier: Apache-2.0
 *
 * chapters.h - every table of names, the core's and the plugins', in one shape: for the forms in
 * which diolkosd --options shows them.
 */
#ifndef DK_SURFACE_CHAPTERS_H
#define DK_SURFACE_CHAPTERS_H

#include <stdio.h>

#include "daemon/config/options.h"
#include "daemon/config/words.h"

/* What can be written in one place: of three kinds of tables those that there are. */
struct dk_chapter {
	const char *name;  /* its place in a page: @endpoint@ */
	const char *title; /* "Of an endpoint" */
	const struct dk_word *words;
	const struct dk_options *options;
	const char *(*list)(size_t number, const char **help);
};

/* One name of a chapter. */
struct dk_entry {
	const char *name, *help;
	const struct dk_word *word;	/* NULL: it is no word */
	const struct dk_option *option; /* NULL: it is no option */
};

#define DK_CHAPTERS_MAX 24

/* The core's chapters, or a plugin's. */
struct dk_book {
	const char *name, *summary;
	const struct dk_plugin *plugin; /* NULL: the core */
	struct dk_chapter chapters[DK_CHAPTERS_MAX];
	size_t count;
};

/* Its name in a command: diolkosd --options diolkos. */
#define DK_CORE_BOOK "diolkos"

void dk_book_of_core(struct dk_book *book);
void dk_book_of_plugin(struct dk_book *book, const struct dk_plugin *plugin);
/* NULL when there is none of the name. */
const struct dk_chapter *dk_book_find(const struct dk_book *book, const char *name);

/* The entries from 0 on; false: there are no more. */
bool dk_chapter_entry(const struct dk_chapter *chapter, size_t number, struct dk_entry *entry);
/* What it may be: "number, 0 to 2; 1 when absent". Empty where there is nothing to say. */
const char *dk_entry_describe(const struct dk_entry *entry, char *text, size_t room);

/* The forms, each in a file of its name. */
void dk_books_as_text(const struct dk_book *books, size_t count, FILE *out);
void dk_books_as_man(const struct dk_book *books, size_t count, FILE *out);
void dk_books_as_sample(const struct dk_book *books, size_t count, FILE *out);
void dk_books_as_schema(const struct dk_book *books, size_t count, FILE *out);

#endif
