/* SPDX-License-Identifier: Apache-2.0
 *
 * remember.h - what an endpoint's next run is to know, a text in the state folder: see plugin.h.
 */
#ifndef DK_HOST_REMEMBER_H
#define DK_HOST_REMEMBER_H

#include "daemon/base/error.h"

/* The loop. It is not synced: what a power cut may cost is what was remembered last. -1 with an
 * error. */
int dk_remember(const char *state, const char *endpoint, const char *text, struct dk_error *error);
/* To be freed; NULL: there is none that can be read. */
char *dk_recall(const char *state, const char *endpoint);

#endif
