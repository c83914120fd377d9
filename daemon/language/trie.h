/* SPDX-License-Identifier: Apache-2.0
 *
 * trie.h - the matcher's memory: nodes in one array, literal children in one table of hashes.
 *
 * A node stands for the levels on the way to it. There may be some hundred thousand of them, so
 * they are small: numbers instead of pointers, and no table or allocation of their own.
 */
#ifndef DK_LANGUAGE_TRIE_H
#define DK_LANGUAGE_TRIE_H

#include "daemon/language/matcher.h"
#include "daemon/language/pattern_levels.h"

/* Numbers of nodes; 0, the root's, where there is none. */
struct dk_trie_node {
	const char *text; /* of the literal level that leads here: in the pattern that made it */
	uint32_t hash;	  /* of that text */
	uint32_t length;
	uint32_t parent;
	uint32_t first_child, next_child; /* literal ones */
	uint32_t one;			  /* exactly one level */
	uint32_t rest;			  /* several */
	uint32_t last_entry;		  /* of those that end here, a ring; 0: none */
	uint32_t inner;			  /* of a rest below another: its number; 0: it is none */
};

/* A pattern that ends at a node. The first one, of number 0, is nobody's. */
struct dk_trie_entry {
	const struct dk_pattern *pattern;
	void *value;
	uint32_t next; /* after the last one comes the first */
};

/* A bit for each of the places in an address: before each level, and at the end. */
#define DK_PLACE_WORDS (DK_LEVELS_MAX / 64 + 1)

/* Of an inner rest: the places where a search has gone on from it; those of an earlier search count
 * for nothing. */
struct dk_trie_left {
	uint64_t places[DK_PLACE_WORDS];
	uint64_t search;
};

/* The searches' own, which they change. */
struct dk_trie_scratch {
	uint64_t given_up; /* matches of expressions that were stopped at a limit */
	struct dk_trie_left *left; /* by dk_trie_node.inner - 1 */
	uint64_t search;	   /* counts them */
};

struct dk_matcher {
	enum dk_dialect dialect;
	const struct dk_grammar *grammar;
	struct dk_trie_node *nodes;
	struct dk_trie_entry *entries;
	uint32_t *children; /* numbers of nodes by hash of parent and level; a power of two */
	size_t node_count, node_room, entry_count, entry_room, child_count, child_room;
	size_t inner_count, inner_room;
	struct dk_trie_scratch *scratch;
};

uint32_t dk_trie_hash(struct dk_slice level);
/* The literal child of that text, whose hash it is; 0: none. */
uint32_t dk_trie_child(const struct dk_matcher *matcher, uint32_t parent, uint32_t hash,
		       struct dk_slice level);

#endif
