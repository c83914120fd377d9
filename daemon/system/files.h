/* SPDX-License-Identifier: Apache-2.0
 *
 * files.h - the real disk behind flow/files.h.
 */
#ifndef DK_SYSTEM_FILES_H
#define DK_SYSTEM_FILES_H

#include "daemon/flow/files.h"

extern const struct dk_files dk_system_files;

#endif
