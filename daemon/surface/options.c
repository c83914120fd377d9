/* SPDX-License-Identifier: Apache-2.0
 *
 * options.c - diolkosd --options: which tables are shown, and in which form.
 */
#include "daemon/surface/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "daemon/host/load.h"
#include "daemon/surface/chapters.h"

#define BOOKS_MAX 64

static const struct form {
	const char *name;
	void (*print)(const struct dk_book *books, size_t count, FILE *out);
} forms[] = {
	{ "text", dk_books_as_text },
	{ "man", dk_books_as_man },
	{ "sample", dk_books_as_sample },
	{ "schema", dk_books_as_schema },
};

#define FORMS (sizeof(forms) / sizeof(forms[0]))

/* NULL, which has been said, when there is none of the name. */
static const struct form *
find_form(const char *name)
{
	for (size_t i = 0; i < FORMS; i++)
		if (!name || strcmp(forms[i].name, name) == 0)
			return &forms[i];
	fprintf(stderr, "diolkosd: there is no form %s; --as", name);
	for (size_t i = 0; i < FORMS; i++)
		fprintf(stderr, "%s %s", i ? "," : "", forms[i].name);
	fputs("?\n", stderr);
	return NULL;
}

/* -1, which has been said, when there is no plugin of the name. */
static int
open_book(struct dk_book *book, struct dk_loader *loader, const char *name)
{
	const struct dk_plugin *plugin;
	struct dk_error error;

	if (strcmp(name, DK_CORE_BOOK) == 0) {
		dk_book_of_core(book);
		return 0;
	}
	plugin = dk_loader_find(loader, NULL, name, &error);
	if (!plugin) {
		fprintf(stderr, "diolkosd: %s\n", error.text);
		return -1;
	}
	dk_book_of_plugin(book, plugin);
	return 0;
}

static int
print(const struct form *form, struct dk_loader *loader, char *names)
{
	static struct dk_book books[BOOKS_MAX];
	size_t count = 0;

	for (char *name; count < BOOKS_MAX && (name = strsep(&names, ","));)
		if (open_book(&books[count++], loader, name) != 0)
			return EX_UNAVAILABLE;
	form->print(books, count, stdout);
	return EX_OK;
}

int
dk_options_command(const char *names, const char *name)
{
	const struct form *form = find_form(name);
	struct dk_loader *loader;
	char *copy;
	int status;

	if (!form)
		return EX_USAGE;
	loader = dk_loader_new();
	copy = strdup(names);
	if (!copy)
		abort();
	status = print(form, loader, copy);
	free(copy);
	dk_loader_free(loader);
	return status;
}
