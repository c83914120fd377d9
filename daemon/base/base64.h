/* SPDX-License-Identifier: Apache-2.0
 *
 * base64.h - text back to bytes: RFC 4648 section 4.
 */
#ifndef DK_BASE_BASE64_H
#define DK_BASE_BASE64_H

#include "daemon/base/buffer.h"

/* Adds the bytes. -1: it is no base64, and the buffer may have some of them. */
int dk_base64_read(struct dk_slice text, struct dk_buffer *bytes);

#endif
