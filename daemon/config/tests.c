/* SPDX-License-Identifier: Apache-2.0
 *
 * tests.c - the tests of a configuration, run.
 */
#include "daemon/config/tests.h"

#include <stdlib.h>

#include "daemon/base/error.h"
#include "daemon/config/algebra.h"
#include "daemon/config/test_outcomes.h"
#include "daemon/config/words.h"
#include "daemon/language/dialect.h"
#include "daemon/language/message_fields.h"

/* --- The message --- */

struct message_values {
	const char *key, *payload, *content_type, *correlation_id, *reply_to, *message_id;
	int64_t timestamp;
};

#define VALUE(member, type) DK_AT(struct message_values, member, type)

static const struct dk_option message_rows[] = {
	{ "key", DK_TEXT, VALUE(key, const char *), .help = "Its key." },
	{ "payload", DK_TEXT, VALUE(payload, const char *), .help = "Its payload." },
	{ "content_type", DK_TEXT, VALUE(content_type, const char *), .help = "Its media type." },
	{ "correlation_id", DK_TEXT, VALUE(correlation_id, const char *),
	  .help = "What it answers." },
	{ "reply_to", DK_TEXT, VALUE(reply_to, const char *), .help = "Where to answer." },
	{ "message_id", DK_TEXT, VALUE(message_id, const char *), .help = "Its name." },
	{ "timestamp", DK_INTEGER, VALUE(timestamp, int64_t), .max = INT64_MAX,
	  .help = "Milliseconds since 1970." },
	{ 0 },
};
const struct dk_options dk_message_table = { sizeof(struct message_values), message_rows, 0, 0, 0 };

const struct dk_word dk_message_words[] = {
	{ "headers", DK_KIND(TEXT) | DK_KIND(LIST),
	  "Its headers: \"name: value\", or a list of them.", NULL },
	{ 0 },
};

/* "name: value" cut in two; false: it has no name. */
static bool
read_header(struct dk_testing *testing, const struct dk_node *node, struct dk_header *header)
{
	const char *colon = node->kind == DK_NODE_TEXT ? strchr(node->text, ':') : NULL;
	const char *text;
	struct dk_error error = { "a header is a text like \"name: value\"" };

	text = colon && colon > node->text ?
		       dk_variables_expand(testing->compiling->variables, node->text, &error) :
		       NULL;
	colon = text ? strchr(text, ':') : NULL;
	if (!colon) {
		dk_fault(testing->compiling->faults, node->place, "a test: headers: %s", error.text);
		return false;
	}
	header->name = dk_slice_new(text, (size_t)(colon - text));
	colon++;
	while (*colon == ' ')
		colon++;
	header->value = dk_slice_of(colon);
	return true;
}

struct dk_header *
dk_test_headers(struct dk_testing *testing, const struct dk_node *node, size_t *count)
{
	size_t length = node->kind == DK_NODE_LIST ? node->count : 1;
	struct dk_header *headers =
		dk_memory_take(testing->compiling->memory, length * sizeof(*headers));

	*count = 0;
	for (size_t i = 0; i < length; i++)
		*count += read_header(testing,
				      node->kind == DK_NODE_LIST ? &node->inside[i] : node,
				      &headers[*count]);
	return headers;
}

/* What no message can have that comes from there: the test would be one of nothing. */
static void
check_lack(struct dk_testing *testing, const struct dk_node *member)
{
	const struct dk_endpoint_plan *source =
		&testing->compiling->plan->endpoints[testing->endpoint];
	size_t field = dk_message_field_find(dk_slice_of(member->name));
	unsigned part = dk_words_find(dk_message_words, member->name) ?
				DK_HAS_HEADERS :
				dk_message_fields[field].part;

	if (dk_algebra_lacks(source, part))
		dk_fault(testing->compiling->faults, member->place,
			 "a test's message sets %s, which no message of %s (%s) ever has",
			 member->name, source->name, source->plugin->name);
}

static void
read_member(struct dk_testing *testing, const struct dk_node *member, struct message_values *values)
{
	struct dk_compiling *compiling = testing->compiling;
	struct dk_suggestion suggestion = { .written = dk_slice_of(member->name) };
	char names[DK_NAMES_ROOM] = "";

	check_lack(testing, member);
	if (dk_words_find(dk_message_words, member->name)) {
		testing->message.headers =
			dk_test_headers(testing, member, &testing->message.header_count);
	} else if (dk_options_know(&dk_message_table, member->name)) {
		dk_options_set(&dk_message_table, values, "a test's message", member,
			       compiling->variables, compiling->faults);
	} else {
		dk_options_suggest(&dk_message_table, &suggestion);
		dk_words_suggest(dk_message_words, &suggestion);
		dk_words_names(dk_message_words, names, sizeof(names));
		dk_options_names(&dk_message_table, names, sizeof(names));
		dk_fault_unknown(compiling, member, "a test's message", &suggestion, names);
	}
}

static void
read_message(struct dk_testing *testing, const struct dk_node *node)
{
	struct message_values values = { .timestamp = -1 };

	testing->message = DK_MESSAGE_NONE;
	if (node && node->kind != DK_NODE_GROUP)
		dk_fault(testing->compiling->faults, node->place,
			 "a test's message is %s; { payload = \"…\"; headers = ( \"name: value\" ); "
			 "}?",
			 dk_node_kind_name(node));
	for (size_t i = 0; node && node->kind == DK_NODE_GROUP && i < node->count; i++)
		read_member(testing, &node->inside[i], &values);
	testing->message.key = dk_slice_of(values.key);
	testing->message.payload = dk_slice_of(values.payload ? values.payload : "");
	testing->message.content_type = dk_slice_of(values.content_type);
	testing->message.correlation_id = dk_slice_of(values.correlation_id);
	testing->message.reply_to = dk_slice_of(values.reply_to);
	testing->message.message_id = dk_slice_of(values.message_id);
	testing->message.timestamp_ms = values.timestamp;
}

/* --- The test --- */

static void
see(void *context, const struct dk_route *route, struct dk_view *view, bool passes)
{
	struct dk_testing *testing = context;

	if (!passes)
		testing->refused = route;
	for (size_t i = 0; passes && i < route->way_count; i++)
		if (testing->seen_count < DK_SEEN_MAX)
			dk_outlook_make(&testing->seen[testing->seen_count++], &route->ways[i],
					view);
		else
			dk_fault(testing->compiling->faults, testing->node->place,
				 "a test: %s goes to more than %d targets, and a test looks at no "
				 "more; fewer, or none for it?",
				 testing->on, DK_SEEN_MAX);
}

enum word {
	ON,
	MESSAGE,
	TO,
	KEY,
	HEADERS,
	ROUTE,
	ENABLED,
	WORDS,
};

const struct dk_word dk_test_words[] = {
	[ON] = { "on", DK_KIND(TEXT), "Where the message is: endpoint:address.", NULL },
	[MESSAGE] = { "message", DK_KIND(GROUP), "What else is known of it.", NULL },
	[TO] = { "to", DK_KIND(TEXT) | DK_KIND(LIST),
		 "Where it must go, and nowhere else: endpoint:address, or a list of them; none, "
		 "if no route takes it; dead, if it cannot be delivered.",
		 NULL },
	[KEY] = { "key", DK_KIND(TEXT), "The key that it must have there.", NULL },
	[HEADERS] = { "headers", DK_KIND(TEXT) | DK_KIND(LIST),
		      "Headers that it must have there: \"name: value\", or a list of them.", NULL },
	[ROUTE] = { "route", DK_KIND(TEXT), "The only route that may take it.", NULL },
	[ENABLED] = { "enabled", DK_KIND(TRUTH) | DK_KIND(TEXT),
		      "Whether the test is run: true, false, or a condition over variables.", NULL },
	[WORDS] = { 0 },
};

/* Those without a function are read before. */
static void (*const checks[WORDS])(struct dk_testing *testing, const struct dk_node *node) = {
	[TO] = dk_test_check_targets,
	[KEY] = dk_test_check_key,
	[HEADERS] = dk_test_check_headers,
	[ROUTE] = dk_test_check_route,
};

static void
check_member(struct dk_testing *testing, const struct dk_node *member)
{
	const struct dk_word *word = dk_words_find(dk_test_words, member->name);
	struct dk_suggestion suggestion = { .written = dk_slice_of(member->name) };
	char names[DK_NAMES_ROOM] = "";

	if (word && checks[word - dk_test_words])
		checks[word - dk_test_words](testing, member);
	if (word)
		return;
	dk_words_suggest(dk_test_words, &suggestion);
	dk_words_names(dk_test_words, names, sizeof(names));
	dk_fault_unknown(testing->compiling, member, "a test", &suggestion, names);
}

/* Where its message is; false with a fault. */
static bool
read_on(struct dk_testing *testing)
{
	const struct dk_node *on = testing->node->kind == DK_NODE_GROUP ?
					   dk_node_find(testing->node, "on") :
					   NULL;
	struct dk_error error = { "it does not say what comes; { on = \"endpoint:address\"; "
				  "to = \"endpoint:address\"; }?" };
	const char *rest, *why;
	int number = -1;

	if (on && on->kind == DK_NODE_TEXT)
		testing->on = dk_variables_expand(testing->compiling->variables, on->text, &error);
	if (testing->on)
		number = dk_trial_split(testing->compiling->plan, testing->on, &rest, &error);
	if (number < 0) {
		dk_fault(testing->compiling->faults, (on ? on : testing->node)->place,
			 "a test: %s", error.text);
		return false;
	}
	testing->endpoint = (size_t)number;
	why = dk_dialect_address_fault(testing->compiling->plan->endpoints[number].plugin->dialect,
				       dk_slice_of(rest));
	if (why) {
		dk_fault(testing->compiling->faults, on->place,
			 "a test: on: \"%s\" %s; the address of a message?", rest, why);
		return false;
	}
	read_message(testing, dk_node_find(testing->node, "message"));
	testing->message.address = dk_slice_of(rest);
	return true;
}

/* One of what is only there with some values of the variables may be run with those alone. */
static bool
is_enabled(const struct dk_testing *testing)
{
	return testing->node->kind != DK_NODE_GROUP ||
	       dk_is_enabled(testing->compiling, dk_node_find(testing->node, "enabled"), "a test");
}

static void
run(struct dk_testing *testing)
{
	if (!is_enabled(testing) || !read_on(testing))
		return;
	if (!dk_node_find(testing->node, "to") && !dk_node_misspelt(testing->node, "to"))
		dk_fault(testing->compiling->faults, testing->node->place,
			 "a test has no to; to = \"endpoint:address\", \"none\" or \"dead\"?");
	dk_trial(testing->compiling->plan, testing->endpoint, &testing->message, see, testing);
	for (size_t i = 0; i < testing->node->count; i++)
		check_member(testing, &testing->node->inside[i]);
	for (size_t i = 0; i < testing->seen_count; i++)
		dk_outlook_clear(&testing->seen[i]);
}

void
dk_tests_run(struct dk_compiling *compiling, const struct dk_node *tests)
{
	struct dk_testing *testing;

	if (tests && tests->kind != DK_NODE_LIST)
		dk_fault(compiling->faults, tests->place,
			 "tests is %s; tests = ( { on = \"…\"; to = \"…\"; } );?",
			 dk_node_kind_name(tests));
	for (size_t i = 0; tests && tests->kind == DK_NODE_LIST && i < tests->count; i++) {
		testing = calloc(1, sizeof(*testing));
		if (!testing)
			abort();
		testing->compiling = compiling;
		testing->node = &tests->inside[i];
		run(testing);
		free(testing);
		compiling->plan->test_count++;
	}
}
