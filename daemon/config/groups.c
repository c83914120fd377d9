/* SPDX-License-Identifier: Apache-2.0
 *
 * groups.c - which routes there are: those of `routes`, and those of each group, once for each item
 * of its list; with what defaults, profiles and the group give them.
 */
#include "daemon/config/lists.h"
#include "daemon/config/route.h"
#include "daemon/config/words.h"

#define FAULTY_MAX 3 /* so many routes of one line are told of; the others are likely alike */

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

/* --- Layers --- */

/* A group of settings that routes share; NULL when there is none, or with a fault. */
static struct dk_layer *
read_layer(struct dk_compiling *compiling, const struct dk_node *node, const char *what)
{
	if (!node)
		return NULL;
	if (node->kind == DK_NODE_GROUP)
		return dk_layer_new(compiling->memory, node, what, &compiling->layers);
	dk_fault(compiling->faults, node->place, "%s is %s; { attempts = 5; }?", what,
		 dk_node_kind_name(node));
	return NULL;
}

static void
read_profiles(struct dk_compiling *compiling, const struct dk_node *profiles)
{
	if (profiles && profiles->kind != DK_NODE_GROUP)
		dk_fault(compiling->faults, profiles->place,
			 "profiles is %s; profiles = { NAME = { … }; }?",
			 dk_node_kind_name(profiles));
	for (size_t i = 0; profiles && profiles->kind == DK_NODE_GROUP && i < profiles->count; i++) {
		const struct dk_node *node = &profiles->inside[i];
		const char *what = dk_memory_print(compiling->memory, "profile %s", node->name);
		struct dk_layer *layer = read_layer(compiling, node, what);
		const struct dk_node *like = layer ? dk_node_find(node, "like") : NULL;

		if (like)
			dk_fault(compiling->faults, like->place,
				 "%s: a profile is like no other; name both in the route: like = "
				 "( \"…\", \"…\" )?",
				 what);
		if (layer)
			dk_map_put(&compiling->profiles, dk_slice_of(node->name), layer);
	}
}

static void
add_layer(struct dk_layers *layers, struct dk_layer *layer)
{
	if (!layer)
		return;
	layer->is_named = true;
	layers->list[layers->count++] = layer;
}

/* `kind` is what a name is none of: "profile"; `example` how one would be written behind the name. */
static void
fault_absent(struct dk_compiling *compiling, const struct dk_node *node, const char *what,
	     const char *kind, const char *nearest, const char *example)
{
	if (nearest)
		dk_fault(compiling->faults, node->place, "%s: there is no %s \"%s\"; \"%s\"?", what,
			 kind, node->text, nearest);
	else
		dk_fault(compiling->faults, node->place,
			 "%s: there is no %s \"%s\"; %ss = { %s = %s; };?", what, kind, node->text,
			 kind, node->text, example);
}

static void
fault_profile(struct dk_compiling *compiling, const struct dk_node *node, const char *what)
{
	struct dk_suggestion suggestion = { .written = dk_slice_of(node->text) };

	for (const struct dk_layer *layer = compiling->layers; layer; layer = layer->next)
		if (strncmp(layer->what, "profile ", 8) == 0)
			dk_suggest(&suggestion, layer->what + 8);
	fault_absent(compiling, node, what, "profile", suggestion.nearest, "{ … }");
}

static void
add_profile(struct dk_compiling *compiling, struct dk_layers *layers, const struct dk_node *node,
	    const char *what)
{
	struct dk_layer *layer;

	if (node->kind != DK_NODE_TEXT) {
		dk_fault(compiling->faults, node->place,
			 "%s: like is %s; the name of a profile, or a list of them?", what,
			 dk_node_kind_name(node));
		return;
	}
	layer = dk_map_find(&compiling->profiles, dk_slice_of(node->text));
	if (!layer)
		fault_profile(compiling, node, what);
	else if (layers->count + 3 > DK_LAYERS_MAX)
		dk_fault(compiling->faults, node->place, "%s is like more than %d profiles", what,
			 DK_LAYERS_MAX - 3);
	else
		add_layer(layers, layer);
}

/* The route, its profiles in their order, the group's defaults, the file's. */
static const struct dk_layers *
layers_of(struct dk_compiling *compiling, const struct group *group, const struct dk_node *node,
	  const char *what)
{
	struct dk_layers *layers = dk_memory_take(compiling->memory, sizeof(*layers));
	struct dk_layers without = { .count = 0 };
	struct dk_layer *own = dk_memory_take(compiling->memory, sizeof(*own));
	const struct dk_node *like;

	own->node = node;
	add_layer(layers, own);
	without = *layers;
	add_layer(&without, group->defaults);
	add_layer(&without, group->file_defaults);
	like = dk_layers_find(&without, "like");
	if (like && like->kind != DK_NODE_LIST)
		add_profile(compiling, layers, like, what);
	for (size_t i = 0; like && like->kind == DK_NODE_LIST && i < like->count; i++)
		add_profile(compiling, layers, &like->inside[i], what);
	add_layer(layers, group->defaults);
	add_layer(layers, group->file_defaults);
	return layers;
}

/* --- Routes --- */

static bool
is_complete(struct dk_compiling *compiling, const struct dk_layers *layers,
	    const struct dk_node *node)
{
	bool is_group = node->kind == DK_NODE_GROUP;

	if (is_group && dk_layers_find(layers, "from") && dk_layers_find(layers, "to"))
		return true;
	dk_fault(compiling->faults, node->place,
		 "route %s %s %s; %s = { from = \"endpoint:address\"; "
		 "to = \"endpoint:address\"; };?",
		 node->name, is_group ? "has no" : "is",
		 !is_group			? dk_node_kind_name(node) :
		 dk_layers_find(layers, "from") ? "to" :
						  "from",
		 node->name);
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
		layers_of(compiling, group, is_group ? node : &(struct dk_node){ 0 }, what);
	size_t faulty = 0;

	if (group->is_off || !is_complete(compiling, layers, node))
		return;
	if (!group->as) {
		build_for(compiling, group, NULL, node, layers);
		return;
	}
	for (size_t i = 0; i < group->each->count && faulty < FAULTY_MAX; i++)
		faulty += !build_for(compiling, group, &group->each->items[i], node, layers);
	if (faulty == FAULTY_MAX)
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

static void
check_members(struct dk_compiling *compiling, const struct dk_node *node, const char *what)
{
	for (size_t i = 0; i < node->count; i++) {
		struct dk_suggestion suggestion = { .written = dk_slice_of(node->inside[i].name) };
		char names[DK_NAMES_ROOM] = "";

		if (dk_words_find(dk_group_words, node->inside[i].name))
			continue;
		dk_words_suggest(dk_group_words, &suggestion);
		dk_words_names(dk_group_words, names, sizeof(names));
		dk_fault_unknown(compiling, &node->inside[i], what, &suggestion, names);
	}
}

/* The list that `each` names; NULL with a fault. */
static const struct dk_item_list *
find_list(struct dk_compiling *compiling, const struct dk_node *each, const char *what)
{
	const struct dk_item_list *list = NULL;
	struct dk_suggestion suggestion;

	if (each->kind == DK_NODE_TEXT)
		list = dk_lists_find(compiling->plan->lists, each->text);
	if (list)
		return list;
	if (each->kind != DK_NODE_TEXT) {
		dk_fault(compiling->faults, each->place, "%s: each is %s; the name of a list?", what,
			 dk_node_kind_name(each));
		return NULL;
	}
	suggestion = (struct dk_suggestion){ .written = dk_slice_of(each->text) };
	dk_lists_suggest(compiling->plan->lists, &suggestion);
	fault_absent(compiling, each, what, "list", suggestion.nearest, "( \"…\" )");
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
	name = as->kind == DK_NODE_TEXT ? dk_slice_of(as->text) : dk_slice_of("");
	if (name.length > 0 && dk_name_at(name).length == name.length &&
	    !dk_variables_have(compiling->variables, name))
		return as->text;
	dk_fault(compiling->faults, as->place,
		 "%s: as = \"%s\" names the items of the list for $NAME: letters, digits and _, and "
		 "no variable's name",
		 what, as->text ? as->text : "");
	return "item";
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
		dk_fault(compiling->faults, (routes ? routes : node)->place,
			 "%s has no group of routes; %s = { each = \"LIST\"; routes = { … }; };?",
			 what, node->name);
		return;
	}
	check_members(compiling, node, what);
	group.is_off = !dk_is_enabled(compiling, dk_node_find(node, "enabled"), what);
	group.defaults = read_layer(compiling, dk_node_find(node, "defaults"), whose);
	if (each && !group.is_off) {
		group.as = read_as(compiling, node, what);
		group.each = find_list(compiling, each, what);
	}
	if (group.as && !group.each)
		return;
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

	read_profiles(compiling, dk_node_find(root, "profiles"));
	make_room(compiling, root);
	file.file_defaults = read_layer(compiling, dk_node_find(root, "defaults"), "defaults");
	if (is_group(compiling, routes, "NAME = { … };"))
		for (size_t i = 0; i < routes->count; i++)
			build_all(compiling, &file, &routes->inside[i]);
	if (is_group(compiling, groups, "NAME = { each = \"LIST\"; routes = { … }; };"))
		for (size_t i = 0; i < groups->count; i++)
			compile_group(compiling, &groups->inside[i], file.file_defaults);
	dk_layers_finish(compiling->layers, compiling->faults);
}
