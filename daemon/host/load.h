/* SPDX-License-Identifier: Apache-2.0
 *
 * load.h - plugins: finding them, checking their ABI, keeping them. The only dlopen.
 */
#ifndef DK_HOST_LOAD_H
#define DK_HOST_LOAD_H

#include "plugins/plugin.h"

struct dk_loader;

struct dk_loader *dk_loader_new(void);
/* Plugins stay in memory until the process ends: their libraries have threads and exit handlers
 * that outlive a dlclose. */
void dk_loader_free(struct dk_loader *loader);

/* folder NULL: `plugins` beside the daemon if that is there, else the installed folder. The error
 * says which file was looked for and what to install. For struct dk_plugin_finder. */
const struct dk_plugin *dk_loader_find(void *loader, const char *folder, const char *name,
				       struct dk_error *error);

#endif
