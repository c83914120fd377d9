/* SPDX-License-Identifier: Apache-2.0
 *
 * leftover.c - spools in the state folder of endpoints that bring nothing any more: what is in them
 * waits until one of that name does, and an administrator is to know.
 */
#include <stdio.h>

#include "daemon/base/error.h"
#include "daemon/flow/spool.h"
#include "daemon/host/running.h"
#include "daemon/system/log.h"

#define SEGMENT ((size_t)1 << 20) /* nothing is written */

void
dk_leftover_tell(const char *state, const char *name, struct dk_spool *spool)
{
	uint64_t messages = dk_spool_messages(spool);
	char folder[4096];

	if (messages == 0)
		return;
	snprintf(folder, sizeof(folder), "%s/spool/%s", state, name);
	dk_log(DK_WARNING, name, "spool-left",
	       DK_FIELDS(DK_FIELD_NUMBER("messages", (int64_t)messages),
			 DK_FIELD_TEXT("folder", folder),
			 DK_FIELD_TEXT("why", "the endpoint brings nothing any more; they go on when "
					      "one of that name does, by its routes")));
}

static bool
is_source(const struct dk_gateway *gateway, const char *name)
{
	for (size_t i = 0; i < gateway->plan->endpoint_count; i++)
		if (gateway->endpoints[i]->source &&
		    strcmp(gateway->plan->endpoints[i].name, name) == 0)
			return true;
	return false;
}

static void
look_at(void *argument, const char *name)
{
	const struct dk_gateway *gateway = argument;
	const char *state = gateway->plan->settings.state;
	struct dk_spool_options options = { .name = name, .segment_size = SEGMENT };
	struct dk_spool *spool;
	char folder[4096];

	if (*name == '.' || is_source(gateway, name))
		return;
	snprintf(folder, sizeof(folder), "%s/spool/%s", state, name);
	options.folder = folder;
	spool = dk_spool_open(&gateway->world, &options, NULL);
	if (spool)
		dk_leftover_tell(state, name, spool);
	dk_spool_close(spool);
}

void
dk_leftover_look(const struct dk_gateway *gateway)
{
	const struct dk_files *files = gateway->world.files;
	char folder[4096];

	snprintf(folder, sizeof(folder), "%s/spool", gateway->plan->settings.state);
	files->list_folder(files->context, folder, look_at, (void *)(uintptr_t)gateway, NULL);
}
