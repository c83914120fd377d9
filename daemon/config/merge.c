/* SPDX-License-Identifier: Apache-2.0
 *
 * merge.c - a configuration file and those of the folder conf.d beside it, joined to one tree.
 */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>

#include "daemon/base/map.h"
#include "daemon/config/faults.h"
#include "daemon/config/settings.h"
#include "daemon/config/words.h"

#define FOLDER "conf.d"

/* A setting of the top. */
struct part {
	struct dk_node *node; /* of the whole */
	size_t room;          /* in node->inside; 0: it is as it was read */
	struct dk_map names;  /* of its members, once there is more than one file's */
};

struct merging {
	struct dk_plan_memory *memory;
	struct dk_faults *faults;
	struct dk_node *root;
	struct part *parts; /* of the root's members */
	struct dk_map by_name;
};

/* The kinds of a setting of the top that several files may make together: what they hold comes
 * together. 0: any other is given once. */
static unsigned
shared_kinds(const char *name)
{
	const struct dk_word *part = dk_words_find(dk_parts, name);

	for (size_t i = 1; i < dk_settings_group_count; i++)
		if (strcmp(dk_settings_groups[i].name, name) == 0)
			return DK_KIND(GROUP);
	return part ? part->kinds : 0;
}

/* Another of the name; NULL: the name is the node's from now on. In a list nothing has one. */
static const struct dk_node *
claim(struct part *part, struct dk_node *node)
{
	const struct dk_node *other;

	if (part->node->kind != DK_NODE_GROUP)
		return NULL;
	other = dk_map_find(&part->names, dk_slice_of(node->name));
	if (!other)
		dk_map_put(&part->names, dk_slice_of(node->name), node);
	return other;
}

static void
add_member(struct merging *merging, struct part *part, struct dk_node *member)
{
	const struct dk_node *other = claim(part, member);
	struct dk_node *node = part->node, *larger;

	if (other) {
		dk_fault(merging->faults, member->place,
			 "\"%s\" is given twice in %s, here and in %s:%u; remove or rename one?",
			 member->name, node->name, other->place.file, other->place.line);
		return;
	}
	if (node->count == part->room) {
		part->room = 2 * part->room + 16;
		larger = dk_memory_take(merging->memory, part->room * sizeof(*larger));
		if (node->count > 0)
			memcpy(larger, node->inside, node->count * sizeof(*larger));
		node->inside = larger;
	}
	node->inside[node->count++] = *member;
}

/* Before others are added to those of the first file, their names are claimed. */
static void
begin_part(struct part *part)
{
	for (size_t i = 0; part->room == 0 && i < part->node->count; i++)
		claim(part, &part->node->inside[i]);
	part->room = part->room ? part->room : part->node->count;
}

static void
join(struct merging *merging, struct part *part, const struct dk_node *setting)
{
	unsigned kinds = shared_kinds(setting->name);
	const struct dk_place *first = &part->node->place;

	if (!kinds) {
		dk_fault(merging->faults, setting->place,
			 "\"%s\" is given twice, here and in %s:%u; remove one?", setting->name,
			 first->file, first->line);
		return;
	}
	if (!(kinds & 1u << setting->kind) || !(kinds & 1u << part->node->kind)) {
		dk_fault(merging->faults, setting->place,
			 "%s is %s here, and %s in %s:%u; %s in both?", setting->name,
			 dk_node_kind_name(setting), dk_node_kind_name(part->node), first->file,
			 first->line, kinds & DK_KIND(GROUP) ? "a group" : "a list");
		return;
	}
	begin_part(part);
	for (size_t i = 0; i < setting->count; i++)
		add_member(merging, part, &setting->inside[i]);
}

static void
add_file(struct merging *merging, const struct dk_node *file)
{
	for (size_t i = 0; i < file->count; i++) {
		struct dk_slice name = dk_slice_of(file->inside[i].name);
		struct part *part = dk_map_find(&merging->by_name, name);

		if (part) {
			join(merging, part, &file->inside[i]);
			continue;
		}
		part = &merging->parts[merging->root->count];
		part->node = &merging->root->inside[merging->root->count++];
		*part->node = file->inside[i];
		dk_map_put(&merging->by_name, name, part);
	}
}

static struct dk_node
merge(struct dk_node *const *files, size_t count, struct dk_plan_memory *memory,
      struct dk_faults *faults)
{
	struct dk_node root = { .name = "", .kind = DK_NODE_GROUP };
	struct merging merging = { .memory = memory, .faults = faults, .root = &root };
	size_t most = 0;

	for (size_t i = 0; i < count; i++)
		most += files[i] ? files[i]->count : 0;
	root.inside = dk_memory_take(memory, most * sizeof(*root.inside));
	merging.parts = dk_memory_take(memory, most * sizeof(*merging.parts));
	for (size_t i = 0; i < count; i++)
		if (files[i])
			add_file(&merging, files[i]);
	for (size_t i = 0; i < root.count; i++)
		dk_map_clear(&merging.parts[i].names);
	dk_map_clear(&merging.by_name);
	return root;
}

/* --- The folder --- */

/* Not what is hidden; what editors and dpkg leave ends otherwise. */
static int
is_wanted(const struct dirent *entry)
{
	size_t length = strlen(entry->d_name);

	return length > strlen(".conf") && entry->d_name[0] != '.' &&
	       strcmp(entry->d_name + length - strlen(".conf"), ".conf") == 0;
}

static int
compare(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* How many of its files are wanted; -1 with a fault. None where there is no such folder. */
static int
list(const char *folder, struct dirent ***entries, struct dk_faults *faults)
{
	int count = scandir(folder, entries, is_wanted, compare);

	if (count >= 0)
		return count;
	*entries = NULL;
	if (errno == ENOENT)
		return 0;
	dk_fault(faults, (struct dk_place){ folder, 0 }, "cannot be read: %s", strerror(errno));
	return -1;
}

struct dk_tree
dk_tree_read(const char *path, struct dk_plan_memory *memory, struct dk_faults *faults)
{
	const char *slash = strrchr(path, '/');
	const char *folder = dk_memory_print(memory, "%.*s" FOLDER,
					     slash ? (int)(slash - path + 1) : 0, path);
	struct dirent **entries;
	int others = list(folder, &entries, faults);
	size_t count = 1 + (size_t)(others > 0 ? others : 0);
	struct dk_node **files = dk_memory_take(memory, count * sizeof(*files));
	struct dk_tree tree = { .is_whole = others >= 0 };

	files[0] = dk_file_read(path, memory, faults);
	for (size_t i = 1; i < count; i++) {
		files[i] = dk_file_read(dk_memory_print(memory, "%s/%s", folder,
							entries[i - 1]->d_name),
					memory, faults);
		free(entries[i - 1]);
	}
	free(entries);
	for (size_t i = 0; i < count; i++)
		tree.is_whole = tree.is_whole && files[i];
	tree.root = merge(files, count, memory, faults);
	return tree;
}
