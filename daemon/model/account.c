/* SPDX-License-Identifier: Apache-2.0
 *
 * account.c - the differences that are always 0.
 */
#include "daemon/model/account.h"

int64_t
dk_route_difference(const struct dk_route_account *account)
{
	return (int64_t)(account->created + account->recovered - account->delivered -
			 account->dead - account->stale - account->rerouted -
			 account->in_flight);
}

int64_t
dk_source_difference(const struct dk_source_account *account)
{
	return (int64_t)(account->received + account->recovered - account->routed -
			 account->filtered - account->unrouted);
}
