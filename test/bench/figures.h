/* SPDX-License-Identifier: Apache-2.0
 *
 * figures.h - what the bare loops have in common: arguments by name, and the line of figures.
 */
#ifndef TEST_BENCH_FIGURES_H
#define TEST_BENCH_FIGURES_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

struct figures {
	double began, cpu;
};

static inline double
figures_cpu(struct rusage *used)
{
	getrusage(RUSAGE_SELF, used);
	return (double)(used->ru_utime.tv_sec + used->ru_stime.tv_sec) +
	       (double)(used->ru_utime.tv_usec + used->ru_stime.tv_usec) / 1e6;
}

static inline double
figures_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static inline struct figures
figures_begin(void)
{
	struct rusage used;

	return (struct figures){ figures_now(), figures_cpu(&used) };
}

static inline void
figures_print(struct figures since, long count)
{
	struct rusage used;
	double cpu = figures_cpu(&used) - since.cpu;
	double seconds = figures_now() - since.began;

	printf("messages=%ld seconds=%.3f rate=%.0f cpu_us=%.2f rss_kb=%ld\n", count, seconds,
	       (double)count / seconds, cpu * 1e6 / (double)count, used.ru_maxrss);
}

/* The value that follows --name; without it the program ends. */
static inline const char *
argument(int count, char **words, const char *name)
{
	for (int i = 1; i + 1 < count; i++)
		if (strcmp(words[i], name) == 0)
			return words[i + 1];
	fprintf(stderr, "%s wants %s\n", words[0], name);
	exit(2);
}

static inline void
die(const char *what, const char *why)
{
	fprintf(stderr, "%s: %s\n", what, why);
	exit(1);
}

#endif
