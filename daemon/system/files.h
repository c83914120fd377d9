/* SPDX-License-Identifier: Apache-2.0
 *
 * files.h - the real disk behind flow/files.h.
 */
#ifndef DK_SYSTEM_FILES_H
#define DK_SYSTEM_FILES_H

#include "daemon/flow/files.h"

extern const struct dk_files dk_system_files;

/* Makes the folder if it is not there, and holds it for this process alone, until it ends however
 * it does. -1 with an error when another process holds it. */
int dk_folder_hold(const char *path, struct dk_error *error);

#endif
