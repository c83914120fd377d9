/* SPDX-License-Identifier: Apache-2.0
 *
 * endpoint_files.h - the files that an endpoint's options name: certificates, keys, passwords. When
 * what is in them changes, the endpoint is another, though its options are not.
 */
#ifndef DK_CONFIG_ENDPOINT_FILES_H
#define DK_CONFIG_ENDPOINT_FILES_H

#include "daemon/config/plan.h"

/* A hash of the contents of all of them. A file that cannot be read counts as empty. */
uint64_t dk_endpoint_files(const struct dk_endpoint_plan *endpoint);

#endif
