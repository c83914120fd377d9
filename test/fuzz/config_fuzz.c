/* SPDX-License-Identifier: Apache-2.0
 *
 * config_fuzz.c - any bytes as a configuration file: read, printed and explained, or refused with a
 * sentence, but never more.
 */
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "test/unit/plugins.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
show(const struct dk_plan *plan, FILE *out)
{
	static const char *const addresses[] = { "plant:a/b", "lake:a.b", "erp:x/a.b", "a", ":" };
	struct dk_error error;

	dk_plan_print(plan, out);
	for (size_t i = 0; i < sizeof(addresses) / sizeof(*addresses); i++)
		dk_plan_explain(plan, addresses[i], DK_MESSAGE_NONE, false, out, &error);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int file = -1;
	static FILE *nowhere;
	static char path[64];
	struct dk_faults *faults = dk_faults_new();
	struct dk_plan *plan;

	if (file < 0) {
		file = memfd_create("config", MFD_CLOEXEC);
		nowhere = fopen("/dev/null", "we");
		snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	}
	if (ftruncate(file, 0) != 0 || pwrite(file, data, size, 0) != (ssize_t)size)
		abort();
	plan = dk_plan_read(&(struct dk_plan_reading){ .path = path, .finder = &fake_finder, .is_check = true, .runs_tests = true },
			    faults);
	if (!plan == (dk_faults_count(faults) == 0))
		abort();
	if (plan)
		show(plan, nowhere);
	dk_faults_print(faults, nowhere);
	dk_plan_free(plan);
	dk_faults_free(faults);
	return 0;
}
