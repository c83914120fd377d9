/* SPDX-License-Identifier: Apache-2.0
 *
 * groups.c - which routes there are: those of `routes`, and those of each group, once for each item
 * of its list; with what defaults, profiles and the group give them.
 */
#include "daemon/config/lists.h"
#include "daemon/config/profiles.h"
#include "daemon/config/route.h"
#include "daemon/config/words.h"

#define FAULTY_MAX 2 /* so many routes of one line are told of; the others are likely alike */

/* A group, or the file itself, whose routes are in no group. */
struct group {
	const char *name; /* NULL: the file itself */
	const struct dk_node *routes;
	struct dk_layer *defaults; /* may be NULL, as the file's */
	struct dk_layer *file_defaults;
	const struct dk_item_list *each; /* NULL: its routes are there once */
	bool is_off;
	const char *as;
};

/* --- Routes --- */

static bool
is_complete(struct dk_compiling *compiling, const struct dk_layers *layers,
	    const struct dk_node *node, const char *what)
{
	bool is_group = node->kind == DK_NODE_GROUP;
	const char *missing = dk_layers_find(layers, "from") ? "to" : "from";
	const char *misspelt = is_group ? dk_node_misspelt(node, missing) : NULL;

	if (is_group && dk_layers_find(layers, "from") && dk_layers_find(layers, "to"))
		return true;
	if (misspelt)
		dk_fault(compiling->faults, node->place, "%s has no %s; \"%s\" for \"%s\"?", what,
			 missing, missing, misspelt);
	else
		dk_fault(compiling->faults, node->place,
			 "%s %s %s; %s = { from = \"endpoint:address\"; "
			 "to = \"endpoint:address\"; };?",
			 what, is_group ? "has no" : "is",
			 is_group ? missing : dk_node_kind_name(node), node->name);
	return false;
}

static const char *
name_of(struct dk_compiling *compiling, const struct group *group, const struct dk_item *item,
	const struct dk_node *node)
{
	if (!group->name)
		return node->name;
	if (!item)
		return dk_memory_print(compiling->memory, "%s.%s", group->name, node->name);
	return dk_memory_print(compiling->memory, "%s.%s.%s", group->name, item->name, node->name);
}

/* Whether the item's route is without a fault. */
static bool
build_for(struct dk_compiling *compiling, const struct group *group, const struct dk_item *item,
	  const struct dk_node *node, const struct dk_layers *layers)
{
	size_t before = dk_faults_count(compiling->faults);

	dk_variables_bind(compiling->variables, group->as, item);
	dk_route_build(compiling, name_of(compiling, group, item, node), layers, node->place);
	dk_variables_bind(compiling->variables, NULL, NULL);
	return dk_faults_count(compiling->faults) == before;
}

static void
build_all(struct dk_compiling *compiling, const struct group *group, const struct dk_node *node)
{
	const char *what = dk_memory_print(compiling->memory, "route %s",
					   name_of(compiling, group, NULL, node));
	bool is_group = node->kind == DK_NODE_GROUP;
	const struct dk_layers *layers =
		dk_layers_of(compiling, is_group ? node : &(struct dk_node){ 0 }, what,
			     group->defaults, group->file_defaults);
	size_t faulty = 0, tried;

	if (group->is_off || !is_complete(compiling, layers, node, what))
		return;
	if (!group->as) {
		build_for(compiling, group, NULL, node, layers);
		return;
	}
	for (tried = 0; tried < group->each->count && faulty < FAULTY_MAX; tried++)
		faulty += !build_for(compiling, group, &group->each->items[tried], node, layers);
	if (tried < group->each->count)
		dk_note(compiling->faults, node->place,
			"%s is wrong for %d items of the list %s; the others were not looked at",
			what, FAULTY_MAX, group->each->name);
}

/* --- Groups --- */

const struct dk_word dk_group_words[] = {
	{ "each", DK_KIND(TEXT),
	  "The list for each of whose items its routes are there; without it they are there once.",
	  NULL },
	{ "as", DK_KIND(TEXT), "What the item is called in its routes; item, when it is absent.",
	  NULL },
	{ "enabled", DK_KIND(TRUTH) | DK_KIND(TEXT),
	  "Whether it is there: true, false, or a condition over variables.", NULL },
	{ "defaults", DK_KIND(GROUP), "Settings of its routes that do not say otherwise.", NULL },
	{ "routes", DK_KIND(GROUP), "Its routes.", NULL },
	{ 0 },
};

/* Whether all are known. */
static bool
check_members(struct dk_compiling *compiling, const struct dk_node *node, const char *what)
{
	size_t before = dk_faults_count(compiling->faults);

	for (size_t i = 0; i < node->count; i++) {
		struct dk_suggestion suggestion = { .written = dk_slice_of(node->inside[i].name) };
		char names[DK_NAMES_ROOM] = "";

		if (dk_words_find(dk_group_words, node->inside[i].name))
			continue;
		dk_words_suggest(dk_group_words, &suggestion);
		dk_words_names(dk_group_words, names, sizeof(names));
		dk_fault_unknown(compiling, &node->inside[i], what, &suggestion, names);
	}
	return dk_faults_count(compiling->faults) == before;
}

/* The list that `each` names; NULL with a fault. */
static const struct dk_item_list *
find_list(struct dk_compiling *compiling, const struct dk_node *each, const char *what)
{
	const struct dk_item_list *list = NULL;
	struct dk_suggestion suggestion;
	const char *name;

	if (each->kind == DK_NODE_TEXT)
		list = dk_lists_find(compiling->plan->lists, each->text);
	if (list)
		return list;
	if (each->kind != DK_NODE_TEXT) {
		dk_fault(compiling->faults, each->place,
			 "%s: each is %s; lists = { NAME = ( \"…\" ); }; and each = \"NAME\"?",
			 what, dk_node_kind_name(each));
		return NULL;
	}
	name = each->text + (each->text[0] == '$');
	suggestion = (struct dk_suggestion){ .written = dk_slice_of(name) };
	dk_lists_suggest(compiling->plan->lists, &suggestion);
	if (dk_variables_have(compiling->variables, suggestion.written) && !suggestion.nearest)
		dk_fault(
			compiling->faults, each->place,
			"%s: each names a list, and %s is a variable; lists = { NAME = \"$%s\"; }; "
			"and each = \"NAME\"?",
			what, name, name);
	else
		dk_fault_absent(compiling, each, what, "list", suggestion.nearest, "( \"…\" )");
	return NULL;
}

/* What the items are called in the group's routes: `as`, else "item". */
static const char *
read_as(struct dk_compiling *compiling, const struct dk_node *node, const char *what)
{
	const struct dk_node *as = dk_node_find(node, "as");
	struct dk_slice name;

	if (!as)
		return "item";
	name = dk_slice_of(as->kind == DK_NODE_TEXT ? as->text : "");
	if (as->kind != DK_NODE_TEXT)
		dk_fault(compiling->faults, as->place,
			 "%s: as is %s; the name of an item, as = \"tenant\" for $tenant?", what,
			 dk_node_kind_name(as));
	else if (name.length == 0 || dk_name_at(name).length != name.length)
		dk_fault(compiling->faults, as->place,
			 "%s: as: the items cannot be written as $%s: a name is of letters, digits "
			 "and _; as = \"tenant\" for $tenant?",
			 what, as->text);
	else if (dk_variables_have(compiling->variables, name))
		dk_fault(compiling->faults, as->place,
			 "%s: as: $%s is a variable; another name for the items?", what, as->text);
	else
		return as->text;
	return "item";
}

static void
fault_without_routes(struct dk_compiling *compiling, const struct dk_node *node,
		     const struct dk_node *routes, const char *what)
{
	const char *misspelt =
		node->kind == DK_NODE_GROUP ? dk_node_misspelt(node, "routes") : NULL;

	if (routes || !misspelt)
		dk_fault(compiling->faults, (routes ? routes : node)->place,
			 "%s has no group of routes; %s = { each = \"LIST\"; routes = { … }; };?",
			 what, node->name);
	else
		dk_fault(compiling->faults, node->place, "%s has no routes; \"routes\" for \"%s\"?",
			 what, misspelt);
}

static void
compile_group(struct dk_compiling *compiling, const struct dk_node *node,
	      struct dk_layer *file_defaults)
{
	const char *what = dk_memory_print(compiling->memory, "group %s", node->name);
	const char *whose = dk_memory_print(compiling->memory, "group %s: defaults", node->name);
	const struct dk_node *each = dk_node_find(node, "each");
	const struct dk_node *routes = dk_node_find(node, "routes");
	struct group group = { .name = node->name, .routes = routes, .file_defaults = file_defaults };

	if (node->kind != DK_NODE_GROUP || !routes || routes->kind != DK_NODE_GROUP) {
		fault_without_routes(compiling, node, routes, what);
		return;
	}
	if (!check_members(compiling, node, what) && !each)
		return;
	group.is_off = !dk_is_enabled(compiling, dk_node_find(node, "enabled"), what);
	group.defaults = dk_read_layer(compiling, dk_node_find(node, "defaults"), whose);
	if (each && !group.is_off) {
		group.as = read_as(compiling, node, what);
		group.each = find_list(compiling, each, what);
	} else if (!each && dk_node_find(node, "as")) {
		dk_fault(compiling->faults, dk_node_find(node, "as")->place,
			 "%s has an as, and no each whose items it would name; each = \"LIST\"?",
			 what);
	}
	if (group.as && !group.each)
		return;
	if (group.each && group.each->count == 0)
		dk_warning(compiling->faults, each->place,
			   "%s has no routes: the list %s has no items; enabled = false, if that is meant?",
			   what, group.each->name);
	for (size_t i = 0; i < routes->count; i++)
		build_all(compiling, &group, &routes->inside[i]);
}

/* --- How many there will be --- */

static size_t
length_of(const struct dk_node *node)
{
	return !node ? 1 : node->kind == DK_NODE_LIST ? node->count : 1;
}

/* At most; a `from` may also be a profile's, or a default. */
static size_t
longest_from(const struct dk_compiling *compiling, const struct dk_node *root)
{
	const struct dk_node *defaults = dk_node_find(root, "defaults");
	size_t most = length_of(defaults ? dk_node_find(defaults, "from") : NULL), here;

	for (const struct dk_layer *layer = compiling->layers; layer; layer = layer->next) {
		here = length_of(dk_node_find(layer->node, "from"));
		most = here > most ? here : most;
	}
	return most;
}

static void
count(const struct dk_node *routes, size_t items, size_t longest, size_t *route_count,
      size_t *from_count)
{
	for (size_t i = 0; routes && routes->kind == DK_NODE_GROUP && i < routes->count; i++) {
		const struct dk_node *from = dk_node_find(&routes->inside[i], "from");

		*route_count += items;
		*from_count += items * (from ? length_of(from) : longest);
	}
}

static size_t
items_of(const struct dk_compiling *compiling, const struct dk_node *group)
{
	const struct dk_node *each = dk_node_find(group, "each");
	const struct dk_item_list *list = each && each->kind == DK_NODE_TEXT ?
					     dk_lists_find(compiling->plan->lists, each->text) :
					     NULL;

	return list ? list->count : 1;
}

static void
make_room(struct dk_compiling *compiling, const struct dk_node *root)
{
	const struct dk_node *groups = dk_node_find(root, "groups");
	size_t longest = longest_from(compiling, root), routes = 0, froms = 0;
	struct dk_plan *plan = compiling->plan;

	count(dk_node_find(root, "routes"), 1, longest, &routes, &froms);
	for (size_t i = 0; groups && groups->kind == DK_NODE_GROUP && i < groups->count; i++) {
		const struct dk_node *defaults = dk_node_find(&groups->inside[i], "defaults");
		size_t own = length_of(defaults ? dk_node_find(defaults, "from") : NULL);

		count(dk_node_find(&groups->inside[i], "routes"),
		      items_of(compiling, &groups->inside[i]), own > longest ? own : longest,
		      &routes, &froms);
	}
	plan->routes = dk_memory_take(compiling->memory, routes * sizeof(*plan->routes));
	plan->origins = dk_memory_take(compiling->memory, routes * sizeof(*plan->origins));
	plan->froms = dk_memory_take(compiling->memory, froms * sizeof(*plan->froms));
}

static bool
is_group(struct dk_compiling *compiling, const struct dk_node *node, const char *example)
{
	if (!node || node->kind == DK_NODE_GROUP)
		return node != NULL;
	dk_fault(compiling->faults, node->place, "%s is %s; %s = { %s };?", node->name,
		 dk_node_kind_name(node), node->name, example);
	return false;
}

void
dk_compile_routes(struct dk_compiling *compiling, const struct dk_node *root)
{
	const struct dk_node *routes = dk_node_find(root, "routes");
	const struct dk_node *groups = dk_node_find(root, "groups");
	struct group file = { .routes = routes };

	dk_read_profiles(compiling, dk_node_find(root, "profiles"));
	make_room(compiling, root);
	file.file_defaults = dk_read_layer(compiling, dk_node_find(root, "defaults"), "defaults");
	if (is_group(compiling, routes, "NAME = { … };"))
		for (size_t i = 0; i < routes->count; i++)
			build_all(compiling, &file, &routes->inside[i]);
	if (is_group(compiling, groups, "NAME = { each = \"LIST\"; routes = { … }; };"))
		for (size_t i = 0; i < groups->count; i++)
			compile_group(compiling, &groups->inside[i], file.file_defaults);
	dk_layers_finish(compiling->layers, compiling->faults);
}
