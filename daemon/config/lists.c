/* SPDX-License-Identifier: Apache-2.0
 *
 * lists.c - named lists of items: all of them, and the items that are in the file itself.
 */
#include "daemon/config/lists.h"

#include "daemon/base/error.h"
#include "daemon/config/list_source.h"

/* --- Items in the file --- */

/* NULL with a fault. */
static const char *
expand(struct dk_lists_reading *reading, const struct dk_item_list *list, const struct dk_node *node)
{
	struct dk_error error;
	const char *text = dk_variables_expand(reading->variables, node->text, &error);

	if (!text)
		dk_fault(reading->faults, node->place, "list %s: %s", list->name, error.text);
	return text;
}

static void
read_field(struct dk_lists_reading *reading, const struct dk_item_list *list, const char *item,
	   const struct dk_node *node, struct dk_node *field)
{
	*field = *node;
	if (!dk_node_is_scalar(node))
		dk_fault(reading->faults, node->place,
			 "list %s: the field %s of %s is %s; a text, a number, true or false?",
			 list->name, node->name, item, dk_node_kind_name(node));
	else
		field->text = expand(reading, list, node);
}

/* All members but the name. NULL: there are none. */
static struct dk_node *
read_fields(struct dk_lists_reading *reading, const struct dk_item_list *list, const char *item,
	    const struct dk_node *node)
{
	struct dk_node *fields;

	if (node->count <= 1)
		return NULL;
	fields = dk_memory_take(reading->memory, sizeof(*fields));
	*fields = (struct dk_node){ .name = item, .kind = DK_NODE_GROUP, .place = node->place };
	fields->inside = dk_memory_take(reading->memory, node->count * sizeof(*fields));
	for (size_t i = 0; i < node->count; i++)
		if (strcmp(node->inside[i].name, "name") != 0)
			read_field(reading, list, item, &node->inside[i],
				   &fields->inside[fields->count++]);
	return fields;
}

static void
read_group(struct dk_lists_reading *reading, const struct dk_item_list *list, const struct dk_node *node,
	   struct dk_items *items)
{
	const struct dk_node *name = dk_node_find(node, "name");
	const char *text;

	if (!name && dk_node_misspelt(node, "name")) {
		dk_fault(reading->faults, node->place,
			 "list %s: an item has no name; \"name\" for \"%s\"?", list->name,
			 dk_node_misspelt(node, "name"));
		return;
	}
	if (!name || name->kind != DK_NODE_TEXT) {
		dk_fault(reading->faults, node->place,
			 "list %s: an item has no name that is a text; { name = \"…\"; }?",
			 list->name);
		return;
	}
	text = expand(reading, list, name);
	if (text)
		dk_items_add(items, text, name->place, read_fields(reading, list, text, node));
}

static void
read_item(struct dk_lists_reading *reading, const struct dk_item_list *list, const struct dk_node *node,
	  struct dk_items *items)
{
	const char *text;

	if (node->kind == DK_NODE_GROUP) {
		read_group(reading, list, node, items);
	} else if (node->kind == DK_NODE_TEXT) {
		text = expand(reading, list, node);
		if (text)
			dk_items_add(items, text, node->place, NULL);
	} else {
		dk_fault(reading->faults, node->place,
			 "list %s: an item is %s; a text, or a group with a name?", list->name,
			 dk_node_kind_name(node));
	}
}

static struct dk_slice
trimmed(struct dk_slice text)
{
	while (text.length > 0 && strchr(" \t\n", text.data[0]))
		text = dk_slice_after(text, 1);
	while (text.length > 0 && strchr(" \t\n", text.data[text.length - 1]))
		text.length--;
	return text;
}

/* Names parted by commas; an empty text has none. */
static void
read_text(struct dk_lists_reading *reading, const struct dk_item_list *list, const struct dk_node *node,
	  struct dk_items *items)
{
	const char *text = expand(reading, list, node);
	struct dk_slice rest = dk_slice_of(text);

	if (trimmed(rest).length == 0)
		return;
	for (;;) {
		struct dk_slice name = { rest.data, strcspn(rest.data, ",") };

		dk_items_add(items, dk_memory_text(reading->memory, trimmed(name)), node->place,
			     NULL);
		if (name.length == rest.length)
			return;
		rest = dk_slice_after(rest, name.length + 1);
	}
}

/* --- All of them --- */

static void
read_own(struct dk_lists_reading *reading, struct dk_item_list *list, const struct dk_node *node)
{
	struct dk_items items = dk_items_begin(list->name, reading->memory, reading->faults);

	if (node->kind == DK_NODE_TEXT)
		read_text(reading, list, node, &items);
	for (size_t i = 0; node->kind == DK_NODE_LIST && i < node->count; i++)
		read_item(reading, list, &node->inside[i], &items);
	dk_items_end(&items, list);
}

static void
read_list(struct dk_lists_reading *reading, struct dk_item_list *list, const struct dk_node *node)
{
	*list = (struct dk_item_list){ .name = node->name, .place = node->place };
	if (node->kind == DK_NODE_GROUP)
		dk_lists_read_source(reading, list, node);
	else if (node->kind == DK_NODE_LIST || node->kind == DK_NODE_TEXT)
		read_own(reading, list, node);
	else
		dk_fault(reading->faults, node->place,
			 "list %s is %s; ( \"…\", { name = \"…\"; } ), or { url = \"…\"; }?",
			 list->name, dk_node_kind_name(node));
}

struct dk_lists *
dk_lists_read(const struct dk_node *group, const struct dk_variables *variables,
	      const char *state, const struct dk_plugin_finder *finder,
	      bool copies_only, struct dk_plan_memory *memory, struct dk_faults *faults)
{
	struct dk_lists_reading reading = { variables, state,  finder,
					    memory,    faults, copies_only };
	struct dk_lists *lists = dk_memory_take(memory, sizeof(*lists));

	if (group && group->kind != DK_NODE_GROUP)
		dk_fault(faults, group->place, "lists is %s; lists = { NAME = ( \"…\" ); }?",
			 dk_node_kind_name(group));
	if (!group || group->kind != DK_NODE_GROUP)
		return lists;
	lists->lists = dk_memory_take(memory, group->count * sizeof(*lists->lists));
	for (size_t i = 0; i < group->count; i++)
		read_list(&reading, &lists->lists[lists->count++], &group->inside[i]);
	return lists;
}

const struct dk_item_list *
dk_lists_find(const struct dk_lists *lists, const char *name)
{
	for (size_t i = 0; i < lists->count; i++)
		if (strcmp(lists->lists[i].name, name) == 0)
			return &lists->lists[i];
	return NULL;
}

void
dk_lists_suggest(const struct dk_lists *lists, struct dk_suggestion *suggestion)
{
	for (size_t i = 0; i < lists->count; i++)
		dk_suggest(suggestion, lists->lists[i].name);
}
