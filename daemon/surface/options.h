/* SPDX-License-Identifier: Apache-2.0
 *
 * options.h - a plugin's options, for people: diolkosd --options.
 */
#ifndef DK_SURFACE_OPTIONS_H
#define DK_SURFACE_OPTIONS_H

/* Prints the plugin's option tables. The exit status. */
int dk_options_command(const char *plugin);

#endif
