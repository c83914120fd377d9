/* SPDX-License-Identifier: Apache-2.0
 *
 * environment.h - a file of environment variables as systemd reads it, for a check that is to see
 * what the service would. The syntax is that of EnvironmentFile= in systemd.exec(5), version 252.
 */
#ifndef DK_CONFIG_ENVIRONMENT_H
#define DK_CONFIG_ENVIRONMENT_H

#include "daemon/config/faults.h"
#include "daemon/config/memory.h"

struct dk_environment;

struct dk_assignment {
	const char *value;
	struct dk_place place;
};

/* A file that may not be read is noted, for a check by another user than the service's; any other
 * failure is a fault. In the plan's memory. */
const struct dk_environment *dk_environment_read(const char *path, struct dk_plan_memory *memory,
						 struct dk_faults *faults);
/* Of the file's text. What systemd passes over is warned of. The path must live as long. */
const struct dk_environment *dk_environment_parse(const char *path, struct dk_slice text,
						  struct dk_plan_memory *memory,
						  struct dk_faults *faults);
/* The last one of the name; NULL: there is none. */
const struct dk_assignment *dk_environment_find(const struct dk_environment *environment,
						const char *name);

#endif
