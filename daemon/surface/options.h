/* SPDX-License-Identifier: Apache-2.0
 *
 * options.h - what can be set, for people and for what is made of it: diolkosd --options.
 */
#ifndef DK_SURFACE_OPTIONS_H
#define DK_SURFACE_OPTIONS_H

/* Prints the option tables of plugins, or of the core, by their names with commas between. As text,
 * or in the form of that name; NULL: text. The exit status. */
int dk_options_command(const char *names, const char *form);

#endif
