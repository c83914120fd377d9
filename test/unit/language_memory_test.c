/* SPDX-License-Identifier: Apache-2.0
 *
 * language_memory_test.c - once buffers have grown, matching, conditions and rendering allocate
 * nothing; and a payload is parsed once, if anything asks. Linked with --wrap: see the Makefile.
 */
#include "test/unit/unit.h"

#include <jansson.h>

#include "daemon/language/expression.h"
#include "daemon/language/matcher.h"
#include "daemon/language/template.h"

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
char *__real_strdup(const char *text);
char *__real_strndup(const char *text, size_t length);
json_t *__real_json_loadb(const char *bytes, size_t length, size_t flags, json_error_t *error);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);
char *__wrap_strdup(const char *text);
char *__wrap_strndup(const char *text, size_t length);
json_t *__wrap_json_loadb(const char *bytes, size_t length, size_t flags, json_error_t *error);

static size_t allocated, parsed;

void *
__wrap_malloc(size_t size)
{
	allocated++;
	return __real_malloc(size);
}

void *
__wrap_calloc(size_t count, size_t size)
{
	allocated++;
	return __real_calloc(count, size);
}

void *
__wrap_realloc(void *memory, size_t size)
{
	allocated++;
	return __real_realloc(memory, size);
}

char *
__wrap_strdup(const char *text)
{
	allocated++;
	return __real_strdup(text);
}

char *
__wrap_strndup(const char *text, size_t length)
{
	allocated++;
	return __real_strndup(text, length);
}

json_t *
__wrap_json_loadb(const char *bytes, size_t length, size_t flags, json_error_t *error)
{
	parsed++;
	return __real_json_loadb(bytes, length, flags, error);
}

/* --- Some routes --- */

static const char *const patterns[] = {
	"site/:line/:sensor", "site/#", "+/:line/:rest*", "~site/(?<line>[0-9]+)/(?<sensor>t.*)",
	"site/7/t",	      ":rest*"
};
static const char *const templates[] = {
	"iot/$line/$sensor",
	"a/${line:%05d}/${sensor|upper}",
	"${topic|replace('/', '::')}/${rest|escape}",
	"${timestamp:%Y-%m-%dT%H:%M:%S}",
	"${header.x-n:%08x}${header.none:-nobody}",
	"${key|lower}${line:%-9s}${line:%9.3f}",
};
static const char *const conditions[] = {
	"${line:%03d} == ${line:%03d} && $sensor in ('t', 'u', $line)",
	"${header.x-n} > 41 || $sensor ~ '(t|u).*'",
	"${timestamp:%Y} == '2023' && ${key|lower} != ${key|upper}",
	"${header.x-n} ~ '[0-9]+' && !(${timestamp} ~ '1.*')",
};

#define JSON_TEMPLATES 10

static struct {
	struct dk_captures all;
	struct dk_matcher *matcher;
	struct dk_pattern *patterns[ROWS(patterns)];
	struct dk_template *templates[ROWS(templates)], *json[JSON_TEMPLATES];
	struct dk_expression *conditions[ROWS(conditions)], *condition_of_json;
	struct dk_view view;
	struct dk_buffer out;
	size_t found, held;
	bool asks;
} routes;

static struct dk_template *
new_template(const char *text)
{
	struct dk_scope scope = { .captures = &routes.all };
	struct dk_error error = { "" };
	struct dk_template *template = dk_template_new(dk_slice_of(text), &scope, &error);

	if (!template)
		fail_msg("%s: %s", text, error.text);
	return template;
}

static struct dk_expression *
new_condition(const char *text)
{
	struct dk_scope scope = { .captures = &routes.all };
	struct dk_error error = { "" };
	struct dk_expression *condition = dk_expression_new(dk_slice_of(text), &scope, &error);

	if (!condition)
		fail_msg("%s: %s", text, error.text);
	return condition;
}

static int
make_routes(void **state)
{
	(void)state;
	routes.matcher = dk_matcher_new(DK_MQTT);
	for (size_t i = 0; i < ROWS(patterns); i++) {
		routes.patterns[i] =
			dk_pattern_new(DK_MQTT, dk_slice_of(patterns[i]), &routes.all, NULL);
		assert_non_null(routes.patterns[i]);
		dk_matcher_add(routes.matcher, routes.patterns[i], NULL);
	}
	for (size_t i = 0; i < ROWS(templates); i++)
		routes.templates[i] = new_template(templates[i]);
	for (size_t i = 0; i < ROWS(conditions); i++)
		routes.conditions[i] = new_condition(conditions[i]);
	for (size_t i = 0; i < JSON_TEMPLATES; i++)
		routes.json[i] =
			new_template("${json.user.id}-${json.user.name|lower}-${json.none:-x}");
	routes.condition_of_json =
		new_condition("${json.user.id} == 17 && ${json.user.name:%9s} != ''");
	return 0;
}

static int
free_routes(void **state)
{
	(void)state;
	dk_matcher_free(routes.matcher);
	for (size_t i = 0; i < ROWS(patterns); i++)
		dk_pattern_free(routes.patterns[i]);
	for (size_t i = 0; i < ROWS(templates); i++)
		dk_template_free(routes.templates[i]);
	for (size_t i = 0; i < ROWS(conditions); i++)
		dk_expression_free(routes.conditions[i]);
	for (size_t i = 0; i < JSON_TEMPLATES; i++)
		dk_template_free(routes.json[i]);
	dk_expression_free(routes.condition_of_json);
	dk_view_free(&routes.view);
	dk_buffer_clear(&routes.out);
	return 0;
}

/* --- A message's way --- */

static void
render(const struct dk_template *template)
{
	struct dk_rendering_fault fault;

	routes.out.length = 0;
	dk_template_render(template, &routes.view, &routes.out, &fault);
	dk_template_render_address(template, DK_MQTT, false, &routes.view, &routes.out, &fault);
	dk_template_render_address(template, DK_KAFKA, true, &routes.view, &routes.out, &fault);
}

static void
take(void *context, void *value, const struct dk_slice *captures)
{
	(void)context, (void)value;
	routes.found++;
	routes.view.captures = captures;
	for (size_t i = 0; i < ROWS(templates); i++)
		render(routes.templates[i]);
	for (size_t i = 0; i < ROWS(conditions); i++)
		routes.held += dk_expression_holds(routes.conditions[i], &routes.view);
	for (size_t i = 0; i < JSON_TEMPLATES && routes.asks; i++)
		render(routes.json[i]);
	if (routes.asks)
		routes.held += dk_expression_holds(routes.condition_of_json, &routes.view);
}

static void
carry(unsigned number, struct dk_slice payload)
{
	static const struct dk_header header = { { "x-n", 3 }, { "42", 2 }, DK_HEADER_INTEGER };
	char address[64];
	struct dk_message message = DK_MESSAGE_NONE;

	message.address = dk_slice_new(
		address, (size_t)snprintf(address, sizeof(address), "site/%u/t%u", number, number));
	message.key = DK_SLICE("A Key");
	message.payload = payload;
	message.headers = &header;
	message.header_count = 1;
	message.timestamp_ms = 1700000000000 + number * 400;
	dk_view_show(&routes.view, &message);
	dk_matcher_find(routes.matcher, message.address, take, NULL);
	dk_view_show(&routes.view, NULL);
}

#define PAYLOAD DK_SLICE("{\"user\":{\"id\":17,\"name\":\"Ann\"},\"none\":null}")

static void
nothing_is_allocated_for_a_message(void **state)
{
	(void)state;
	routes.asks = false;
	carry(10000, PAYLOAD); /* the longest: buffers grow */
	allocated = routes.found = routes.held = 0;
	for (unsigned i = 0; i < 10000; i++)
		carry(i, PAYLOAD);
	assert_true(routes.found > 10000 && routes.held > 10000);
	assert_int_equal(allocated, 0);
}

/* What the parser itself takes is its own. */
static void
what_asks_for_json_allocates_nothing_else(void **state)
{
	(void)state;
	routes.asks = true;
	carry(10000, PAYLOAD);
	allocated = 0;
	for (unsigned i = 0; i < 1000; i++)
		carry(i, PAYLOAD);
	assert_int_equal(allocated, 0);
}

static void
a_payload_is_parsed_once_and_only_if_something_asks(void **state)
{
	(void)state;
	parsed = 0;
	routes.asks = false;
	carry(7, PAYLOAD);
	assert_int_equal(parsed, 0);
	routes.asks = true;
	routes.found = 0;
	carry(7, PAYLOAD);
	assert_int_equal(routes.found, 5);
	assert_int_equal(parsed, 1);
	carry(7, DK_SLICE("no json"));
	assert_int_equal(parsed, 2);
	carry(7, (struct dk_slice){ NULL, 0 });
	assert_int_equal(parsed, 2);
}

/* The counter counts. */
static void
a_buffer_that_grows_is_seen(void **state)
{
	(void)state;
	routes.asks = false;
	dk_buffer_clear(&routes.out);
	allocated = 0;
	carry(7, PAYLOAD);
	assert_true(allocated > 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_allocated_for_a_message),
		cmocka_unit_test(what_asks_for_json_allocates_nothing_else),
		cmocka_unit_test(a_payload_is_parsed_once_and_only_if_something_asks),
		cmocka_unit_test(a_buffer_that_grows_is_seen),
	};

	return cmocka_run_group_tests(tests, make_routes, free_routes);
}
