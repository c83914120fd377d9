/* SPDX-License-Identifier: Apache-2.0
 *
 * layers.c - a route's settings from several places.
 */
#include "daemon/config/layers.h"

#include "daemon/config/faults.h"

struct dk_layer *
dk_layer_new(struct dk_plan_memory *memory, const struct dk_node *node, const char *what,
	     struct dk_layer **all)
{
	struct dk_layer *layer = dk_memory_take(memory, sizeof(*layer));

	layer->node = node;
	layer->what = what;
	layer->is_asked = dk_memory_take(memory, node->count * sizeof(bool));
	layer->is_known = dk_memory_take(memory, node->count * sizeof(bool));
	layer->nearest = dk_memory_take(memory, node->count * sizeof(char *));
	layer->next = *all;
	*all = layer;
	return layer;
}

const struct dk_node *
dk_layers_find(const struct dk_layers *layers, const char *name)
{
	const struct dk_node *found = NULL;

	for (size_t i = 0; i < layers->count && !found; i++)
		found = dk_node_find(layers->list[i]->node, name);
	return found;
}

void
dk_layers_each(const struct dk_layers *layers,
	       void (*found)(void *context, struct dk_layer *layer, const struct dk_node *node),
	       void *context)
{
	for (size_t i = 0; i < layers->count; i++) {
		const struct dk_node *group = layers->list[i]->node;

		for (size_t n = 0; n < group->count; n++)
			if (dk_layers_find(layers, group->inside[n].name) == &group->inside[n])
				found(context, layers->list[i], &group->inside[n]);
	}
}

void
dk_layer_note(struct dk_layer *layer, const struct dk_node *member, bool is_known,
	      const char *nearest)
{
	size_t number = (size_t)(member - layer->node->inside);

	layer->is_asked[number] = true;
	layer->is_known[number] |= is_known;
	if (!layer->nearest[number])
		layer->nearest[number] = nearest;
}

void
dk_layers_note_built(const struct dk_layers *layers)
{
	for (size_t i = 0; i < layers->count; i++)
		layers->list[i]->is_built = true;
}

/* Of a member that no route has taken, for none is enabled or each has its own, nothing is known.
 */
static void
finish(const struct dk_layer *layer, struct dk_faults *faults)
{
	for (size_t i = 0; i < layer->node->count; i++) {
		const struct dk_node *member = &layer->node->inside[i];

		if (layer->is_known[i] || !layer->is_asked[i])
			continue;
		if (layer->nearest[i])
			dk_fault(faults, member->place, "%s has no setting \"%s\"; \"%s\"?",
				 layer->what, member->name, layer->nearest[i]);
		else
			dk_fault(
				faults, member->place,
				"%s: none of its routes knows a setting \"%s\"; is it misspelt, or "
				"of another plugin?",
				layer->what, member->name);
	}
}

void
dk_layers_finish(const struct dk_layer *all, struct dk_faults *faults)
{
	for (; all; all = all->next) {
		if (all->is_built)
			finish(all, faults);
		else if (!all->is_named && all->node->count > 0 && dk_faults_count(faults) == 0)
			dk_warning(faults, all->node->place, "%s is used by no route", all->what);
	}
}
