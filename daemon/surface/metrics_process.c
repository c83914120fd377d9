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
#include <unistd.h>

#include "daemon/surface/metrics_text.h"

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

/* Seconds since 1970; 0: it is not told. */
static long long
boot_time(void)
{
	FILE *file = fopen("/proc/stat", "re");
	char line[8192];
	long long seconds = 0;

	while (file && seconds == 0 && fgets(line, sizeof(line), file))
		sscanf(line, "btime %lld", &seconds);
	if (file)
		fclose(file);
	return seconds;
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

/* Ticks of which there are `hertz` a second. */
static void
put_ticks(struct dk_buffer *out, const char *name, const char *type, const char *help,
	  unsigned long long ticks)
{
	unsigned long long hertz = (unsigned long long)sysconf(_SC_CLK_TCK);

	dk_metrics_head(out, name, type, help);
	dk_buffer_print(out, "%s %llu.%02llu\n", name, ticks / hertz, ticks % hertz * 100 / hertz);
}

static void
put_process(struct dk_buffer *out, const struct process *process)
{
	unsigned long long boot = (unsigned long long)boot_time();

	put_ticks(out, "process_cpu_seconds_total", "counter",
		  "Time of processors that the process has used, in seconds.",
		  process->user + process->system);
	put_ticks(out, "process_start_time_seconds", "gauge",
		  "When the process began, in seconds since 1970.",
		  process->start + boot * (unsigned long long)sysconf(_SC_CLK_TCK));
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
