/* SPDX-License-Identifier: Apache-2.0
 *
 * files.h - the real disk behind flow/files.h.
 */
#ifndef DK_SYSTEM_FILES_H
#define DK_SYSTEM_FILES_H

#include "daemon/flow/files.h"

extern const struct dk_files dk_system_files;

/* Makes the folder if it is not there, and holds it alone, until it is let go of or the process
 * ends, however it does. A number for dk_folder_let_go; -1 with an error when it is held already. */
int dk_folder_hold(const char *path, struct dk_error *error);
/* -1: nothing is held. */
void dk_folder_let_go(int held);

#endif
