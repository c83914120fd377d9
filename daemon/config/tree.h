/* SPDX-License-Identifier: Apache-2.0
 *
 * tree.h - a configuration file as it was read: a plain tree, each node with its place.
 */
#ifndef DK_CONFIG_TREE_H
#define DK_CONFIG_TREE_H

#include "daemon/config/memory.h"
#include "daemon/config/plan.h"

enum dk_node_kind {
	DK_NODE_GROUP, /* { name = …; } */
	DK_NODE_LIST,  /* ( … ) and [ … ] */
	DK_NODE_TEXT,
	DK_NODE_INTEGER,
	DK_NODE_REAL,
	DK_NODE_TRUTH,
};

struct dk_node {
	const char *name; /* "" in a list */
	enum dk_node_kind kind;
	struct dk_place place;
	const char *text;       /* of texts; of other scalars as a person would write them */
	int64_t integer;        /* of integers and truths */
	struct dk_node *inside; /* of groups and lists */
	size_t count;
};

/* Several files read as one. */
struct dk_tree {
	struct dk_node root; /* a group of all that could be read */
	bool is_whole;       /* every file could be */
};

/* A file, and every conf.d/NAME.conf beside it in the order of the names, joined. */
struct dk_tree dk_tree_read(const char *path, struct dk_plan_memory *memory,
			    struct dk_faults *faults);
/* One file with what it includes; NULL when it cannot be read: what is wrong is in faults. The path
 * must live as long as the memory. */
struct dk_node *dk_file_read(const char *path, struct dk_plan_memory *memory,
			     struct dk_faults *faults);
/* A file's text, to be freed, that libconfig would not read wrongly, or in silence: NULL where it
 * has a NUL, an integer that wraps and the like. */
char *dk_lexical_read(const char *path, struct dk_faults *faults);

/* The member of a group; NULL when there is none. */
const struct dk_node *dk_node_find(const struct dk_node *group, const char *name);
/* The name of a member that is near to the name, and perhaps meant so; NULL: none is. */
const char *dk_node_misspelt(const struct dk_node *group, const char *name);
bool dk_node_is_scalar(const struct dk_node *node);
/* "a group", "a text", … */
const char *dk_node_kind_name(const struct dk_node *node);

#endif
