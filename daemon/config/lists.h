/* SPDX-License-Identifier: Apache-2.0
 *
 * lists.h - named lists of items, which groups make routes of: from the file itself, from a text,
 * from a JSON file, from a URL.
 *
 *	lists = {
 *	  tenants   = ( "acme", { name = "globex"; rate = 5; } );
 *	  regions   = "$REGIONS";                                 # parted by commas
 *	  shops     = { file = "/etc/diolkos/shops.json"; };
 *	  customers = { url = "https://host/customers.json"; refresh = "60s"; };
 *	  stores    = { url = "consul://127.0.0.1:8500/diolkos/stores/"; };
 *	};
 *
 * JSON is an array of strings or of objects with "name"; their other members are fields. Consul's
 * key-value store (GET /v1/kv of its HTTP API) gives the value of one key, which is such an array;
 * or, where the url ends with /, every key below it as an item, its value an object of fields or
 * empty.
 *
 * An item's name becomes part of the names and addresses of routes, so it is of 1 to 64 letters,
 * digits, _ and -. A member whose name could not be that of a setting is left out. A source may give 8 MB and a list may have 100,000 items. What a url gave last is
 * kept in the state folder, for when it is away or gives what is no list.
 */
#ifndef DK_CONFIG_LISTS_H
#define DK_CONFIG_LISTS_H

#include "daemon/base/buffer.h"
#include "daemon/base/suggest.h"
#include "daemon/config/tree.h"
#include "daemon/config/variables.h"

#define DK_ITEMS_MAX 100000
#define DK_ITEM_NAME_MAX 64
#define DK_LIST_BYTES_MAX ((size_t)8 << 20)

struct dk_item {
	const char *name;
	struct dk_place place;        /* in the configuration, or in what its source gave */
	const struct dk_node *fields; /* a group of scalars; NULL: it has none */
};

struct dk_list_source; /* see list_source.h */

struct dk_item_list {
	const char *name;
	struct dk_place place;
	const struct dk_item *items;
	size_t count;
	const struct dk_list_source *source; /* NULL: its items are in the configuration itself */
	uint64_t hash;                       /* of what the source gave, as dk_lists_look says it */
	struct dk_buffer *answer; /* of a url, that no copy is kept of yet; NULL: there is none */
};

struct dk_lists {
	struct dk_item_list *lists; /* in the order of the file */
	size_t count;
};

/* From the file's `lists`, which may be NULL; never NULL itself. What is wrong is in the faults, and
 * a warning where a last good copy is used. `finder` says whether urls are asked and copies kept.
 * With copies_only no url is asked. */
struct dk_lists *dk_lists_read(const struct dk_node *group, const struct dk_variables *variables,
			       const char *state, const struct dk_plugin_finder *finder,
			       bool copies_only, struct dk_plan_memory *memory,
			       struct dk_faults *faults);

/* Once the plan is good: what urls gave is kept as the last good copies. */
void dk_lists_keep(const struct dk_lists *lists, struct dk_faults *faults);
/* Whether one of them was given by a url, and not by a copy. */
bool dk_lists_have_answers(const struct dk_lists *lists);

/* NULL when there is none of the name. */
const struct dk_item_list *dk_lists_find(const struct dk_lists *lists, const char *name);
void dk_lists_suggest(const struct dk_lists *lists, struct dk_suggestion *suggestion);

/* Asks the source of a list that has one, on any thread. 0 with the hash of what it gives now; -1
 * with an error, which names the list, when it cannot be had or is no list. */
int dk_lists_look(const struct dk_item_list *list, uint64_t *hash, struct dk_error *error);
/* How long until the source is to be asked again, by what it said last. */
int64_t dk_lists_pause_ms(const struct dk_item_list *list, bool was_good);

/* As -T shows them: every item, and where they came from as a comment; or, for no person, without
 * places and with secrets. `put` writes a text in quotes. */
void dk_lists_print(const struct dk_lists *lists, bool is_for_people,
		    void (*put)(void *context, const char *text), void *context, FILE *out);

#endif
