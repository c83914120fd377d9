/* SPDX-License-Identifier: Apache-2.0
 *
 * stuck.c - a plugin whose endpoints never say that they are closed, as one does whose library
 * hangs.
 */
#include "plugins/plugin.h"

static void *
stuck_open(const struct dk_host *host, struct dk_endpoint *handle, const char *name,
	   const void *config, struct dk_error *error)
{
	(void)host, (void)name, (void)config, (void)error;
	return handle;
}

static void
stuck_close(void *endpoint)
{
	(void)endpoint;
}

const struct dk_plugin dk_plugin = {
	.abi = DK_ABI,
	.size = sizeof(struct dk_plugin),
	.name = "stuck",
	.summary = "never closes",
	.open = stuck_open,
	.close = stuck_close,
};
