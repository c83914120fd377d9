/* SPDX-License-Identifier: Apache-2.0
 *
 * profiles.c - what routes share: defaults and profiles read, and which of them a route has.
 */
#include "daemon/config/profiles.h"

/* A group of settings that routes share; NULL when there is none, or with a fault. */
struct dk_layer *
dk_read_layer(struct dk_compiling *compiling, const struct dk_node *node, const char *what)
{
	if (!node)
		return NULL;
	if (node->kind == DK_NODE_GROUP)
		return dk_layer_new(compiling->memory, node, what, &compiling->layers);
	dk_fault(compiling->faults, node->place, "%s is %s; { attempts = 5; }?", what,
		 dk_node_kind_name(node));
	return NULL;
}

void
dk_read_profiles(struct dk_compiling *compiling, const struct dk_node *profiles)
{
	if (profiles && profiles->kind != DK_NODE_GROUP)
		dk_fault(compiling->faults, profiles->place,
			 "profiles is %s; profiles = { NAME = { … }; }?",
			 dk_node_kind_name(profiles));
	for (size_t i = 0; profiles && profiles->kind == DK_NODE_GROUP && i < profiles->count;
	     i++) {
		const struct dk_node *node = &profiles->inside[i];
		const char *what = dk_memory_print(compiling->memory, "profile %s", node->name);
		struct dk_layer *layer = dk_read_layer(compiling, node, what);
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

/* `kind` is what a name is none of: "profile"; `example` how one would be written behind the name.
 */
void
dk_fault_absent(struct dk_compiling *compiling, const struct dk_node *node, const char *what,
		const char *kind, const char *nearest, const char *example)
{
	if (nearest)
		dk_fault(compiling->faults, node->place, "%s: there is no %s \"%s\"; \"%s\"?", what,
			 kind, node->text, nearest);
	else
		dk_fault(compiling->faults, node->place,
			 "%s: there is no %s \"%s\"; %ss = { %s = %s; };?", what, kind, node->text,
			 kind, node->text + (*node->text == '$'), example);
}

static void
fault_profile(struct dk_compiling *compiling, const struct dk_node *node, const char *what)
{
	struct dk_suggestion suggestion = { .written = dk_slice_of(node->text) };

	for (const struct dk_layer *layer = compiling->layers; layer; layer = layer->next)
		if (strncmp(layer->what, "profile ", 8) == 0)
			dk_suggest(&suggestion, layer->what + 8);
	dk_fault_absent(compiling, node, what, "profile", suggestion.nearest, "{ … }");
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
const struct dk_layers *
dk_layers_of(struct dk_compiling *compiling, const struct dk_node *node, const char *what,
	     struct dk_layer *defaults, struct dk_layer *file_defaults)
{
	struct dk_layers *layers = dk_memory_take(compiling->memory, sizeof(*layers));
	struct dk_layers without = { .count = 0 };
	struct dk_layer *own = dk_memory_take(compiling->memory, sizeof(*own));
	const struct dk_node *like;

	own->node = node;
	own->what = what;
	add_layer(layers, own);
	without = *layers;
	add_layer(&without, defaults);
	add_layer(&without, file_defaults);
	like = dk_layers_find(&without, "like");
	if (like && like->kind != DK_NODE_LIST)
		add_profile(compiling, layers, like, what);
	for (size_t i = 0; like && like->kind == DK_NODE_LIST && i < like->count; i++)
		add_profile(compiling, layers, &like->inside[i], what);
	add_layer(layers, defaults);
	add_layer(layers, file_defaults);
	return layers;
}
