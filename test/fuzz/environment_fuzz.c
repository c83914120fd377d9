/* SPDX-License-Identifier: Apache-2.0
 *
 * environment_fuzz.c - any bytes as a file of environment variables: no value is longer than what
 * it was read from, no place behind its end.
 */
#include <stdint.h>
#include <stdlib.h>

#include "daemon/config/environment.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = { "A", "NAME", "_", "" };
	struct dk_plan_memory *memory = dk_memory_new();
	struct dk_faults *faults = dk_faults_new();
	const struct dk_environment *environment = dk_environment_parse(
		"file", dk_slice_new((const char *)data, size), memory, faults);

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const struct dk_assignment *found = dk_environment_find(environment, names[i]);

		if (found && (!*names[i] || strlen(found->value) > size ||
			      found->place.line == 0 || found->place.line > size + 1))
			abort();
	}
	if (dk_faults_count(faults) > 0)
		abort();
	dk_faults_free(faults);
	dk_memory_free(memory);
	return 0;
}
