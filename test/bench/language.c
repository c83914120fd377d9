/* SPDX-License-Identifier: Apache-2.0
 *
 * language.c - what the language costs for each message: matching random addresses against so many
 * routes, rendering a template, a condition.
 *
 *	language match ROUTES COUNT	nanoseconds and matches for each address
 *	language render COUNT		nanoseconds for each piece, by template
 *	language when COUNT		nanoseconds for each condition
 *
 * Everything that is counted happens in measured(): callgrind's --toggle-collect.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "daemon/language/expression.h"
#include "daemon/language/matcher.h"
#include "daemon/language/template.h"

#define ADDRESSES 4096 /* different ones, by turns */

static double
now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static uint64_t seed = 88172645463325252u;

static unsigned
chance_below(unsigned limit)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned)((seed >> 33) % limit);
}

/* --- Matching: tenants of at most 100 routes each --- */

struct bench {
	struct dk_matcher *matcher;
	char addresses[ADDRESSES][64];
	size_t lengths[ADDRESSES];
	size_t found;
};

static void
count(void *context, void *value, const struct dk_slice *captures)
{
	(void)value, (void)captures;
	++*(size_t *)context;
}

static void
add_pattern(struct bench *bench, unsigned number)
{
	static struct dk_captures captures;
	char *text = malloc(64);
	struct dk_pattern *pattern;
	struct dk_error error;

	if (!text)
		abort();
	captures.count = 0;
	snprintf(text, 64, "tenant/t%05u/:line/k%02u/:sensor", number / 100, number % 100);
	pattern = dk_pattern_new(DK_MQTT, dk_slice_of(text), &captures, &error);
	if (!pattern)
		abort();
	dk_matcher_add(bench->matcher, pattern, pattern);
}

static void
make_addresses(struct bench *bench, unsigned routes)
{
	for (size_t i = 0; i < ADDRESSES; i++) {
		unsigned route = chance_below(routes);

		bench->lengths[i] = (size_t)snprintf(
			bench->addresses[i], sizeof(bench->addresses[i]),
			"tenant/t%05u/l%u/k%02u/s%u", route / 100, chance_below(20), route % 100,
			chance_below(1000));
	}
}

__attribute__((noinline)) static void
measured(struct bench *bench, size_t rounds)
{
	for (size_t i = 0; i < rounds; i++) {
		size_t at = i % ADDRESSES;

		dk_matcher_find(bench->matcher,
				dk_slice_new(bench->addresses[at], bench->lengths[at]), count,
				&bench->found);
	}
}

static int
match(unsigned routes, size_t rounds)
{
	struct bench *bench = calloc(1, sizeof(*bench));
	double began, ns;

	if (!bench)
		abort();
	bench->matcher = dk_matcher_new(DK_MQTT);
	for (unsigned i = 0; i < routes; i++)
		add_pattern(bench, i);
	make_addresses(bench, routes);
	measured(bench, rounds < 100000 ? 0 : rounds / 10); /* to warm up, but for callgrind */
	bench->found = 0;
	began = now_ns();
	measured(bench, rounds);
	ns = now_ns() - began;
	printf("%u %.1f %zu\n", routes, ns / (double)rounds, bench->found);
	return bench->found == rounds ? 0 : 1;
}

/* --- Rendering and conditions --- */

#define TEXT(literal) { literal, sizeof(literal) - 1 }

static const struct dk_captures captures = {
	.names = { TEXT("line"), TEXT("sensor") }, .count = 2
};
static const struct dk_header headers[] = { { TEXT("type"), TEXT("order"), DK_HEADER_TEXT } };
static const struct dk_message message = {
	.address = TEXT("site/7"),
	.key = TEXT("7/t"),
	.payload = TEXT("{\"user\":{\"id\":17,\"name\":\"Ann\"},\"total\":101.5,\"state\":\"open\"}"),
	.headers = headers,
	.header_count = 1,
	.timestamp_ms = 1700000000123,
};
static const struct dk_slice values[] = { TEXT("line-7"), TEXT("temperature") };

static const struct dk_scope scope = { .captures = &captures };

static void
render_one(const char *text, bool is_address, size_t rounds)
{
	struct dk_template *template = dk_template_new(dk_slice_of(text), &scope, NULL);
	struct dk_view view = { .captures = values };
	struct dk_buffer out = { 0 };
	struct dk_rendering_fault fault;
	double began = now_ns();

	if (!template)
		abort();
	dk_view_show(&view, &message); /* JSON is parsed once for a message */
	for (size_t i = 0; i < rounds; i++) {
		out.length = 0;
		if (!(is_address ? dk_template_render_address(template, DK_KAFKA, false, &view, &out,
							      &fault) :
				   dk_template_render(template, &view, &out, &fault)))
			abort();
	}
	printf("%-58s %6.1f\n", text,
	       (now_ns() - began) / (double)rounds / (double)dk_template_count(template));
	dk_view_free(&view);
	dk_buffer_clear(&out);
	dk_template_free(template);
}

static int
render(size_t rounds)
{
	static const struct {
		const char *text;
		bool is_address;
	} rows[] = {
		{ "iot.berlin", false },
		{ "$line/$sensor", false },
		{ "$line.$sensor", true },
		{ "iot.${line}.${sensor}.values", true },
		{ "${key}", false },
		{ "type ${header.type}", false },
		{ "${line|upper}", false },
		{ "${sensor|replace('e', 'E')}", false },
		{ "user-${json.user.id}", false },
		{ "${json.user.id:%05d}", false },
		{ "${timestamp:%Y-%m-%d}", false },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		render_one(rows[i].text, rows[i].is_address, rounds);
	return 0;
}

static int
when(size_t rounds)
{
	static const char *const rows[] = {
		"${header.type} == 'order'",
		"${header.type} == 'order' && ${json.total} > 100",
		"${json.state} in ('new', 'open', 'paid')",
		"$line ~ 'line-[0-9]+'",
	};

	for (size_t n = 0; n < sizeof(rows) / sizeof(rows[0]); n++) {
		struct dk_expression *expression =
			dk_expression_new(dk_slice_of(rows[n]), &scope, NULL);
		struct dk_view view = { .captures = values };
		double began = now_ns();

		dk_view_show(&view, &message);
		for (size_t i = 0; i < rounds; i++)
			if (!dk_expression_holds(expression, &view))
				abort();
		printf("%-58s %6.1f\n", rows[n], (now_ns() - began) / (double)rounds);
		dk_view_free(&view);
		dk_expression_free(expression);
	}
	return 0;
}

int
main(int argument_count, char **arguments)
{
	if (argument_count == 4 && strcmp(arguments[1], "match") == 0)
		return match((unsigned)atoi(arguments[2]), (size_t)atol(arguments[3]));
	if (argument_count == 3 && strcmp(arguments[1], "render") == 0)
		return render((size_t)atol(arguments[2]));
	if (argument_count == 3 && strcmp(arguments[1], "when") == 0)
		return when((size_t)atol(arguments[2]));
	fputs("language match ROUTES COUNT | render COUNT | when COUNT\n", stderr);
	return 2;
}
