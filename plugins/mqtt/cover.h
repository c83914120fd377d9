/* SPDX-License-Identifier: Apache-2.0
 *
 * cover.h - topic filters that do not overlap: pure functions over strings.
 *
 * A broker may deliver a message once for each of a client's filters that match it, and over MQTT
 * 3.1.1 it does not say for which. So what is subscribed to is a cover of the filters that are
 * wanted: no topic matches two of its filters, and each wanted filter lies within one of them.
 *
 * Filters are legal ones by MQTT 5.0 section 4.7; as there, wildcards at the start of a filter do
 * not match a topic that begins with $.
 */
#ifndef DK_PLUGINS_MQTT_COVER_H
#define DK_PLUGINS_MQTT_COVER_H

#include "plugins/plugin.h"

/* Is there a topic that both match? */
bool mqtt_filters_overlap(const char *a, const char *b);
/* Does `wide` match every topic that `narrow` does? */
bool mqtt_filter_contains(const char *wide, const char *narrow);
/* The narrowest filter that contains both; they must overlap. free() frees it. */
char *mqtt_filters_join(const char *a, const char *b);

/* Finds for each filter the one of the cover that contains it: covers[i], which free() frees. */
void mqtt_cover(const char *const *filters, size_t count, char **covers);

#endif
