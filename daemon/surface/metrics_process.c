/* SPDX-License-Identifier: Apache-2.0
 *
 * metrics_process.c - the process in /proc: proc(5).
 */
#include "daemon/surface/metrics_process.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "daemon/surface/metrics_text.h"
#include "daemon/system/clock.h"

struct process {
	unsigned long user, system; /* ticks */
	unsigned long long start;   /* ticks after the machine's start */
	unsigned long size;	    /* bytes */
	long resident;		    /* pages */
};

/* What follows the command's name, which may have any bytes but ends with the last bracket. */
static bool
read_process(struct process *process)
{
	FILE *file = fopen("/proc/self/stat", "re");
	char line[1024];
	char *end;
	bool is_read;

	if (!file)
		return false;
	is_read = fgets(line, sizeof(line), file) != NULL;
	fclose(file);
	end = is_read ? strrchr(line, ')') : NULL;
	return end && sscanf(end + 1,
			     " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu %*d %*d %*d %*d "
			     "%*d %*d %llu %lu %ld",
			     &process->user, &process->system, &process->start, &process->size,
			     &process->resident) == 5;
}

/* In milliseconds since 1970, by two clocks: a hardened unit is not shown /proc/stat. Once, so that
 * it does not waver. */
static int64_t
start_of(const struct process *process)
{
	static int64_t start_ms;
	struct timespec since_boot;

	if (start_ms == 0 && clock_gettime(CLOCK_BOOTTIME, &since_boot) == 0)
		start_ms =
			dk_clock_wall_ms() -
			((int64_t)since_boot.tv_sec * 1000 + since_boot.tv_nsec / 1000000) +
			(int64_t)(process->start * 1000 / (unsigned long long)sysconf(_SC_CLK_TCK));
	return start_ms;
}

static int64_t
count_descriptors(void)
{
	DIR *folder = opendir("/proc/self/fd");
	int64_t count = -1; /* the folder's own */

	if (!folder)
		return 0;
	for (const struct dirent *entry; (entry = readdir(folder));)
		count += *entry->d_name != '.';
	closedir(folder);
	return count;
}

static void
put(struct dk_buffer *out, const char *name, const char *help, int64_t number)
{
	dk_metrics_head(out, name, "gauge", help);
	dk_metrics_put_bare(out, name, number);
}

static void
put_seconds(struct dk_buffer *out, const char *name, const char *type, const char *help, int64_t ms)
{
	dk_metrics_head(out, name, type, help);
	dk_buffer_print(out, "%s %" PRId64 ".%03d\n", name, ms / 1000, (int)(ms % 1000));
}

static void
put_process(struct dk_buffer *out, const struct process *process)
{
	put_seconds(out, "process_cpu_seconds_total", "counter",
		    "Time of processors that the process has used, in seconds.",
		    (int64_t)(process->user + process->system) * 1000 / sysconf(_SC_CLK_TCK));
	put_seconds(out, "process_start_time_seconds", "gauge",
		    "When the process began, in seconds since 1970.", start_of(process));
	put(out, "process_virtual_memory_bytes", "Address space, in bytes.",
	    (int64_t)process->size);
	put(out, "process_resident_memory_bytes", "Memory in use, in bytes.",
	    process->resident * sysconf(_SC_PAGESIZE));
}

void
dk_metrics_process(struct dk_buffer *out)
{
	struct process process;
	struct rlimit limit;

	if (read_process(&process))
		put_process(out, &process);
	put(out, "process_open_fds", "Descriptors that are open.", count_descriptors());
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY)
		put(out, "process_max_fds", "The most of these that there may be.",
		    (int64_t)limit.rlim_cur);
}
