/* SPDX-License-Identifier: Apache-2.0
 *
 * list_source.h - where a list's items come from, if not from the configuration itself: its
 * settings, what it gives, what becomes of that.
 */
#ifndef DK_CONFIG_LIST_SOURCE_H
#define DK_CONFIG_LIST_SOURCE_H

#include "daemon/config/fetch.h"
#include "daemon/config/list_items.h"
#include "daemon/config/list_store.h"
#include "daemon/config/options.h"

struct dk_list_source {
	const char *url, *file, *token;
	int64_t refresh_ms, timeout_ms, retry_ms;
	/* Found out once they are set: */
	const char *shown;   /* for words and places: the file, or the url without what is secret */
	const char *request; /* the url that is asked over HTTP */
	const char *prefix;  /* of the keys of Consul's tree; NULL: what it gives is an array */
	struct dk_copy copy;
	const struct dk_plugin_finder *finder;
};

extern const struct dk_options dk_list_table;

struct dk_lists_reading {
	const struct dk_variables *variables;
	const char *state; /* the folder */
	const struct dk_plugin_finder *finder;
	struct dk_plan_memory *memory;
	struct dk_faults *faults;
	bool copies_only; /* what urls give now was tried, and is of no use */
};

/* A list that is a group of settings: list_answer.c. */
void dk_lists_read_source(struct dk_lists_reading *reading, struct dk_item_list *list,
			 const struct dk_node *node);

/* Once all settings are right. */
void dk_list_source_prepare(struct dk_list_source *source, const struct dk_item_list *list,
			    const struct dk_variables *variables, struct dk_plan_memory *memory);
/* All that it gives now, as bytes. -1 with an error that names it. Any thread. */
int dk_list_source_get(const struct dk_list_source *source, struct dk_buffer *bytes,
		       struct dk_error *error);
/* The items in what it gave. */
void dk_list_source_read(const struct dk_list_source *source, struct dk_items *items,
			 struct dk_slice bytes);

#endif
