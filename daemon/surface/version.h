/* SPDX-License-Identifier: Apache-2.0
 *
 * version.h - which edition this is.
 */
#ifndef DK_SURFACE_VERSION_H
#define DK_SURFACE_VERSION_H

#define DK_VERSION "0.1.0"

#endif
