/* SPDX-License-Identifier: Apache-2.0
 *
 * settings.h - the settings of the daemon itself: a table for each group of them.
 */
#ifndef DK_CONFIG_SETTINGS_H
#define DK_CONFIG_SETTINGS_H

#include "daemon/config/compile.h"

/* A group of settings; that of the empty name is the file itself. All fill struct dk_settings. */
struct dk_settings_group {
	const char *name;
	const char *help; /* one sentence */
	const struct dk_options *table;
};
extern const struct dk_settings_group dk_settings_groups[];
extern const size_t dk_settings_group_count;

void dk_compile_settings(struct dk_compiling *compiling, const struct dk_node *root);

#endif
