/* SPDX-License-Identifier: Apache-2.0
 *
 * index.h - of many topic filters, finds those that match a topic, or one that overlaps another.
 */
#ifndef DK_PLUGINS_MQTT_INDEX_H
#define DK_PLUGINS_MQTT_INDEX_H

#include "plugins/plugin.h"

struct mqtt_index;

struct mqtt_index *mqtt_index_new(void);
void mqtt_index_free(struct mqtt_index *index);

/* Adds a filter under a number. It is borrowed until the index is freed. */
void mqtt_index_add(struct mqtt_index *index, const char *filter, size_t number);
/* Takes out what was added of that text. */
void mqtt_index_remove(struct mqtt_index *index, const char *filter);

/* Calls `found` with the number of each filter that matches the topic, until it says no more. */
void mqtt_index_match(const struct mqtt_index *index, struct dk_slice topic,
		      bool (*found)(void *context, size_t number), void *context);
/* One that matches; SIZE_MAX: none does. */
size_t mqtt_index_find(const struct mqtt_index *index, struct dk_slice topic);
/* One that there is a topic for that it and this filter match; SIZE_MAX: none. */
size_t mqtt_index_overlap(const struct mqtt_index *index, const char *filter);

#endif
