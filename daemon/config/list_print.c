/* SPDX-License-Identifier: Apache-2.0
 *
 * list_print.c - lists as -T shows them: to be read again as lists of the file itself.
 */
#include "daemon/config/list_source.h"

struct printing {
	void (*put)(void *context, const char *text);
	void *context;
	FILE *out;
};

/* An integer beyond 32 bits and a real number need a mark to be read as such. */
static void
put_scalar(const struct printing *printing, const struct dk_node *node)
{
	size_t whole = strspn(node->text, "+-0123456789");

	if (node->kind == DK_NODE_TEXT)
		printing->put(printing->context, node->text);
	else if (node->kind == DK_NODE_REAL && node->text[whole] != '.')
		fprintf(printing->out, "%.*s.0%s", (int)whole, node->text, node->text + whole);
	else
		fprintf(printing->out, "%s%s", node->text,
			node->kind == DK_NODE_INTEGER && node->integer != (int32_t)node->integer ?
				"L" :
				"");
}

static void
put_item(const struct printing *printing, const struct dk_item *item)
{
	if (!item->fields) {
		printing->put(printing->context, item->name);
		return;
	}
	fprintf(printing->out, "{ name = \"%s\";", item->name);
	for (size_t i = 0; i < item->fields->count; i++) {
		fprintf(printing->out, " %s = ", item->fields->inside[i].name);
		put_scalar(printing, &item->fields->inside[i]);
		fputc(';', printing->out);
	}
	fputs(" }", printing->out);
}

static void
put_source(const struct printing *printing, const struct dk_list_source *source, bool is_for_people)
{
	for (const struct dk_option *row = dk_list_table.rows; row->name; row++) {
		char room[64];
		const char *text = dk_option_text(row, source, room, sizeof(room));

		if (!text)
			continue;
		if (is_for_people && strcmp(row->name, "url") == 0)
			text = source->shown;
		if (!is_for_people && strcmp(row->name, "token") == 0)
			text = source->token;
		fprintf(printing->out, " %s = ", row->name);
		printing->put(printing->context, text);
		fputc(';', printing->out);
	}
}

static void
put_list(const struct printing *printing, const struct dk_item_list *list, bool is_for_people)
{
	fprintf(printing->out, "  %s = ( #", list->name);
	if (is_for_people)
		fprintf(printing->out, " %s:%u", list->place.file, list->place.line);
	if (list->source)
		put_source(printing, list->source, is_for_people);
	for (size_t i = 0; i < list->count; i++) {
		fputs(i ? ",\n    " : "\n    ", printing->out);
		put_item(printing, &list->items[i]);
	}
	fputs("\n  );\n", printing->out);
}

void
dk_lists_print(const struct dk_lists *lists, bool is_for_people,
	       void (*put)(void *context, const char *text), void *context, FILE *out)
{
	struct printing printing = { put, context, out };

	if (lists->count == 0)
		return;
	fputs("lists = {\n", out);
	for (size_t i = 0; i < lists->count; i++)
		put_list(&printing, &lists->lists[i], is_for_people);
	fputs("};\n", out);
}
