/* SPDX-License-Identifier: Apache-2.0
 *
 * shipper_target.h - where lines of the log are sent to, and copies of that.
 */
#ifndef DK_SYSTEM_SHIPPER_TARGET_H
#define DK_SYSTEM_SHIPPER_TARGET_H

#include <stdbool.h>

/* Each may be NULL: there is none. */
struct dk_shipper_target {
	const char *url; /* NULL: nothing is sent, and what waits is forgotten */
	const char *username, *password;
	const char *token;       /* sent as Authorization: Bearer */
	const char *header;      /* "Name: value" */
	const char *authorities; /* a file of those that are trusted; NULL: the system's */
};

/* Of a target that is a copy; it begins as { 0 }. */
void dk_shipper_target_copy(struct dk_shipper_target *copy, const struct dk_shipper_target *from);
void dk_shipper_target_clear(struct dk_shipper_target *copy);

bool dk_shipper_target_is(const struct dk_shipper_target *one,
			  const struct dk_shipper_target *other);

#endif
