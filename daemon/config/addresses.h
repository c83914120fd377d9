/* SPDX-License-Identifier: Apache-2.0
 *
 * addresses.h - endpoint:address, taken apart and compiled to a pattern or a template.
 */
#ifndef DK_CONFIG_ADDRESSES_H
#define DK_CONFIG_ADDRESSES_H

#include "daemon/config/compile.h"

enum dk_address_result {
	DK_ADDRESS_FAULTY = -1, /* with an error */
	DK_ADDRESS_GOOD,
	DK_ADDRESS_TOLD, /* its endpoint is wrong, which was told where that is */
	DK_ADDRESS_OFF,  /* its endpoint is not enabled */
};

/* The endpoint that an address names, and the rest of it, as it is written. */
int dk_address_split(struct dk_compiling *compiling, const char *text, const char **rest,
		     size_t *endpoint, struct dk_error *error);

/* A `from`: fills the struct, and adds its captures. */
int dk_address_compile_from(struct dk_compiling *compiling, const struct dk_node *node,
			    const struct dk_route *route, struct dk_captures *captures,
			    struct dk_from *from, struct dk_error *error);
/* Of a `from` that is none, so that the captures it would have made are not told as unknown. */
void dk_address_guess_captures(const struct dk_compiling *compiling, struct dk_captures *captures,
			       const char *text);

/* A `to` or `dead`: fills the struct. captures == NULL: it can have none. */
int dk_address_compile_to(struct dk_compiling *compiling, const struct dk_node *node,
			  const struct dk_route *route, const struct dk_captures *captures,
			  struct dk_way *way, struct dk_error *error);

#endif
