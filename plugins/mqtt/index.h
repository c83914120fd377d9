/* SPDX-License-Identifier: Apache-2.0
 *
 * index.h - of many topic filters that do not overlap, finds the one that matches a topic.
 */
#ifndef DK_PLUGINS_MQTT_INDEX_H
#define DK_PLUGINS_MQTT_INDEX_H

#include "plugins/plugin.h"

struct mqtt_index;

/* The filters are borrowed until it is freed. */
struct mqtt_index *mqtt_index_new(const char *const *filters, size_t count);
void mqtt_index_free(struct mqtt_index *index);
/* The filter's number; SIZE_MAX: none matches. */
size_t mqtt_index_find(const struct mqtt_index *index, struct dk_slice topic);

#endif
