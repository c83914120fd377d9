/* SPDX-License-Identifier: Apache-2.0
 *
 * mqtt_filter.h - does a filter match a topic? MQTT 5.0 section 4.7, byte by byte: to compare with.
 */
#ifndef DK_TEST_MQTT_FILTER_H
#define DK_TEST_MQTT_FILTER_H

#include "test/unit/unit.h"

static inline bool
filter_matches(const char *filter, const char *topic)
{
	if (*topic == '$' && (*filter == '+' || *filter == '#'))
		return false;
	for (;;) {
		if (*filter == '#')
			return true;
		if (*filter == '+') {
			topic += strcspn(topic, "/");
			filter++;
		} else {
			while (*filter && *filter != '/' && *topic == *filter)
				filter++, topic++;
		}
		if (*topic == '\0')
			return *filter == '\0' || strcmp(filter, "/#") == 0;
		if (*topic != '/' || *filter != '/')
			return false;
		topic++, filter++;
	}
}

#endif
