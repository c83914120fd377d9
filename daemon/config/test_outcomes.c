/* SPDX-License-Identifier: Apache-2.0
 *
 * test_outcomes.c - what became of a test's message, against what the test wants.
 */
#include "daemon/config/test_outcomes.h"

#include "daemon/base/error.h"

/* --- Targets --- */

/* Where a delivery goes, as the file writes it; "dead" for a dead letter. In the plan's memory. */
static const char *
target_of(const struct dk_testing *testing, const struct dk_outlook *outlook)
{
	const struct dk_plan *plan = testing->compiling->plan;

	if (*outlook->fault)
		return "dead";
	return dk_memory_print(testing->compiling->memory, "%s:%s",
			       plan->endpoints[outlook->way->endpoint].name, outlook->address.data);
}

static void
tell(const struct dk_testing *testing, const struct dk_node *node, const char *wanted,
     const char *found)
{
	dk_fault(testing->compiling->faults, node->place, "a test: %s goes to %s, and not to %s",
		 testing->on, found, wanted);
}

/* All that it goes to: for the message. */
static const char *
all_targets(const struct dk_testing *testing)
{
	struct dk_buffer all = { 0 };
	const char *kept;

	for (size_t i = 0; i < testing->seen_count; i++) {
		dk_buffer_print(&all, "%s%s", i ? " and " : "",
				target_of(testing, &testing->seen[i]));
		if (*testing->seen[i].fault)
			dk_buffer_print(&all, " (%s)", testing->seen[i].fault);
	}
	kept = dk_memory_text(testing->compiling->memory, dk_slice_new(all.data, all.length));
	dk_buffer_clear(&all);
	if (testing->seen_count)
		return kept;
	return testing->refused ? dk_memory_print(testing->compiling->memory,
						  "no target (the condition of route %s does not hold)",
						  testing->refused->name)
				: "no target";
}

/* Whether one that no other wanted target was found in is this; it is taken then. */
static bool
take_target(const struct dk_testing *testing, bool *taken, const char *wanted)
{
	for (size_t i = 0; i < testing->seen_count; i++)
		if (!taken[i] && strcmp(target_of(testing, &testing->seen[i]), wanted) == 0)
			return taken[i] = true;
	return false;
}

static bool
is_seen(const struct dk_testing *testing, const char *wanted)
{
	bool none_taken[DK_SEEN_MAX] = { false };

	return take_target(testing, none_taken, wanted);
}

/* "none", "dead", or what names an endpoint; NULL with an error. */
static const char *
read_target(const struct dk_testing *testing, const struct dk_node *node, struct dk_error *error)
{
	const char *wanted, *rest;

	dk_fail(error, "a target is a text like \"endpoint:address\", \"none\" or \"dead\"");
	wanted = node->kind == DK_NODE_TEXT
			 ? dk_variables_expand(testing->compiling->variables, node->text, error)
			 : NULL;
	if (!wanted || strcmp(wanted, "none") == 0 || strcmp(wanted, "dead") == 0)
		return wanted;
	return dk_trial_split(testing->compiling->plan, wanted, &rest, error) < 0 ? NULL : wanted;
}

static void
check_target(const struct dk_testing *testing, const struct dk_node *node, bool *taken)
{
	struct dk_error error;
	const char *wanted = read_target(testing, node, &error);

	if (!wanted)
		dk_fault(testing->compiling->faults, node->place, "a test: to: %s", error.text);
	else if (strcmp(wanted, "none") == 0 ? testing->seen_count == 0
					     : take_target(testing, taken, wanted))
		return;
	else if (is_seen(testing, wanted))
		dk_fault(testing->compiling->faults, node->place,
			 "a test: %s goes to %s less often than is wanted", testing->on, wanted);
	else
		tell(testing, node, wanted, all_targets(testing));
}

void
dk_test_check_targets(struct dk_testing *testing, const struct dk_node *to)
{
	size_t length = to->kind == DK_NODE_LIST ? to->count : 1;
	size_t before = dk_faults_count(testing->compiling->faults);
	bool taken[DK_SEEN_MAX] = { false };

	for (size_t i = 0; i < length; i++)
		check_target(testing, to->kind == DK_NODE_LIST ? &to->inside[i] : to, taken);
	for (size_t i = 0; i < testing->seen_count; i++)
		if (!taken[i] && dk_faults_count(testing->compiling->faults) == before)
			dk_fault(testing->compiling->faults, to->place,
				 "a test: %s goes to %s too, by the route %s", testing->on,
				 target_of(testing, &testing->seen[i]),
				 testing->seen[i].way->route->name);
}

void
dk_test_check_key(struct dk_testing *testing, const struct dk_node *node)
{
	struct dk_error error;
	const char *wanted = NULL;

	if (node->kind != DK_NODE_TEXT)
		dk_fail(&error, "it is %s; a text?", dk_node_kind_name(node));
	else
		wanted = dk_variables_expand(testing->compiling->variables, node->text, &error);
	if (!wanted)
		dk_fault(testing->compiling->faults, node->place, "a test: key: %s", error.text);
	for (size_t i = 0; wanted && i < testing->seen_count; i++) {
		const struct dk_outlook *seen = &testing->seen[i];
		struct dk_slice key = seen->key.data
					      ? dk_slice_new(seen->key.data, seen->key.length)
					      : testing->message.key;

		if (!*seen->fault && !dk_slice_is(key, dk_slice_of(wanted)))
			dk_fault(testing->compiling->faults, node->place,
				 "a test: %s goes to %s with the key \"%.*s\", and not \"%s\"",
				 testing->on, target_of(testing, seen), (int)key.length,
				 key.data ? key.data : "", wanted);
	}
}

/* The value that a delivery would carry: the route's, else the message's. */
static struct dk_slice
header_of(const struct dk_testing *testing, const struct dk_outlook *seen, struct dk_slice name)
{
	const struct dk_route *route = seen->way->route;

	for (size_t i = 0; i < route->header_count; i++)
		if (dk_slice_is(route->headers[i].name, name))
			return dk_slice_new(seen->headers[i].data, seen->headers[i].length);
	for (size_t i = 0; i < testing->message.header_count; i++)
		if (dk_slice_is(testing->message.headers[i].name, name))
			return testing->message.headers[i].value;
	return (struct dk_slice){ NULL, 0 };
}

static void
tell_header(const struct dk_testing *testing, const struct dk_node *node,
	    const struct dk_outlook *seen, const struct dk_header *wanted, struct dk_slice value)
{
	struct dk_faults *faults = testing->compiling->faults;
	int length = (int)wanted->name.length;

	if (value.data)
		dk_fault(faults, node->place,
			 "a test: %s goes to %s with the header \"%.*s: %.*s\", and not "
			 "\"%.*s: %.*s\"",
			 testing->on, target_of(testing, seen), length, wanted->name.data,
			 (int)value.length, value.data, length, wanted->name.data,
			 (int)wanted->value.length, wanted->value.data);
	else
		dk_fault(faults, node->place,
			 "a test: %s goes to %s without a header %.*s, and not with \"%.*s: %.*s\"",
			 testing->on, target_of(testing, seen), length, wanted->name.data, length,
			 wanted->name.data, (int)wanted->value.length, wanted->value.data);
}

void
dk_test_check_headers(struct dk_testing *testing, const struct dk_node *node)
{
	size_t count;
	const struct dk_header *headers = dk_test_headers(testing, node, &count);

	for (size_t i = 0; i < count * testing->seen_count; i++) {
		const struct dk_header *wanted = &headers[i % count];
		const struct dk_outlook *seen = &testing->seen[i / count];
		struct dk_slice value = header_of(testing, seen, wanted->name);

		if (!*seen->fault && !(value.data && dk_slice_is(value, wanted->value)))
			tell_header(testing, node, seen, wanted, value);
	}
}

void
dk_test_check_route(struct dk_testing *testing, const struct dk_node *node)
{
	const char *wanted = node->text ? node->text : "";
	bool is_taken = false;

	for (size_t i = 0; i < testing->seen_count; i++)
		is_taken |= strcmp(testing->seen[i].way->route->name, wanted) == 0;
	for (size_t i = 0; i < testing->seen_count; i++)
		if (strcmp(testing->seen[i].way->route->name, wanted) != 0)
			dk_fault(testing->compiling->faults, node->place,
				 "a test: %s takes the route %s, and not %s", testing->on,
				 testing->seen[i].way->route->name, wanted);
	if (!is_taken && testing->seen_count == 0)
		dk_fault(testing->compiling->faults, node->place,
			 "a test: %s takes no route, and not %s", testing->on, wanted);
}
