/* SPDX-License-Identifier: Apache-2.0
 *
 * list_answer.c - what a list's source gives becomes its items; where that is nothing or no list,
 * the last good copy does.
 */
#include <stdlib.h>

#include "daemon/base/checksum.h"
#include "daemon/base/error.h"
#include "daemon/config/list_source.h"

#define NAMES 400 /* room for names that are told */

/* What the bytes hold becomes the list's, whatever is wrong with it. */
static void
take(struct dk_lists_reading *reading, struct dk_item_list *list, struct dk_slice bytes,
     struct dk_faults *faults)
{
	struct dk_items items = dk_items_begin(list->name, reading->memory, faults);

	dk_list_source_read(list->source, &items, bytes);
	dk_items_end(&items, list);
	list->hash = dk_hash(DK_HASH_BEGIN, bytes);
}

/* The first of the faults as a sentence, and how many more there are. */
static void
summarize(const struct dk_faults *faults, struct dk_error *error)
{
	size_t count = dk_faults_count(faults), length;
	char *text = NULL;
	FILE *out = open_memstream(&text, &length);

	if (!out)
		abort();
	dk_faults_print(faults, out);
	fclose(out);
	text[strcspn(text, "\n")] = '\0';
	if (count > 1)
		dk_fail(error, "%.400s (and %zu more)", text, count - 1);
	else
		dk_fail(error, "%.450s", text);
	free(text);
}

/* -1 with an error when the bytes are no list: it is left as it was. */
static int
try(struct dk_lists_reading *reading, struct dk_item_list *list, struct dk_slice bytes, struct dk_error *error)
{
	struct dk_faults *faults = dk_faults_new();
	struct dk_item_list tried = *list;
	int result = 0;

	take(reading, &tried, bytes, faults);
	if (dk_faults_count(faults) > 0) {
		summarize(faults, error);
		result = -1;
	} else {
		*list = tried;
	}
	dk_faults_free(faults);
	return result;
}

static void
clear(void *buffer)
{
	dk_buffer_clear(buffer);
}

/* It may be a list and yet make no good plan: a copy is kept of it only when it does. *Takes* the
 * answer. */
static void
put_by(struct dk_lists_reading *reading, struct dk_item_list *list, struct dk_buffer *answer)
{
	list->answer = dk_memory_take(reading->memory, sizeof(*list->answer));
	*list->answer = *answer;
	*answer = (struct dk_buffer){ 0 };
	dk_memory_keep(reading->memory, list->answer, clear);
}

bool
dk_lists_have_answers(const struct dk_lists *lists)
{
	for (size_t i = 0; i < lists->count; i++)
		if (lists->lists[i].answer)
			return true;
	return false;
}

void
dk_lists_keep(const struct dk_lists *lists, struct dk_faults *faults)
{
	struct dk_error error;

	for (size_t i = 0; i < lists->count; i++) {
		const struct dk_item_list *list = &lists->lists[i];

		if (!list->answer)
			continue;
		if (list->source->finder->keeps_lists &&
		    dk_copy_keep(&list->source->copy,
				 dk_slice_new(list->answer->data, list->answer->length),
				 &error) != 0)
			dk_warning(faults, list->place,
				   "list %s: no copy is kept for when its url is away: %s",
				   list->name, error.text);
		dk_buffer_clear(list->answer);
	}
}

/* "3 days": of the largest unit of which there is one, without what is less. */
static const char *
age_text(int64_t seconds, char *text, size_t room)
{
	static const struct unit {
		int64_t seconds;
		const char *name;
	} units[] = { { 86400, "day" }, { 3600, "hour" }, { 60, "minute" }, { 1, "second" } };
	size_t unit = 0;
	int64_t count;

	seconds = seconds > 0 ? seconds : 0;
	while (unit < 3 && units[unit].seconds > seconds)
		unit++;
	count = seconds / units[unit].seconds;
	snprintf(text, room, "%lld %s%s", (long long)count, units[unit].name,
		 count == 1 ? "" : "s");
	return text;
}

/* `why` its url is of no use. */
static void
use_copy(struct dk_lists_reading *reading, struct dk_item_list *list, const struct dk_error *why)
{
	struct dk_buffer answer = { 0 };
	struct dk_error error;
	char age[40];
	int64_t seconds;

	if (dk_copy_read(&list->source->copy, &answer, &seconds, &error) == 0 &&
	    try(reading, list, dk_slice_new(answer.data, answer.length), &error) == 0)
		dk_warning(reading->faults, list->place,
			   "list %s: %s; its last good copy, %s old, is used", list->name,
			   why->text, age_text(seconds, age, sizeof(age)));
	else
		dk_fault(reading->faults, list->place,
			 "list %s: %s; and there is no last good copy: %s", list->name, why->text,
			 error.text);
	dk_buffer_clear(&answer);
}

static void
read_url(struct dk_lists_reading *reading, struct dk_item_list *list)
{
	struct dk_buffer answer = { 0 };
	struct dk_error why = { "what it gives now makes no good plan" };

	if (reading->copies_only || dk_list_source_get(list->source, &answer, &why) != 0 ||
	    try(reading, list, dk_slice_new(answer.data, answer.length), &why) != 0)
		use_copy(reading, list, &why);
	else
		put_by(reading, list, &answer);
	dk_buffer_clear(&answer);
}

/* A file is the administrator's own: all that is wrong with it is told, and no copy kept. */
static void
read_file(struct dk_lists_reading *reading, struct dk_item_list *list)
{
	struct dk_buffer bytes = { 0 };
	struct dk_error error;

	if (dk_list_source_get(list->source, &bytes, &error) == 0)
		take(reading, list, dk_slice_new(bytes.data, bytes.length), reading->faults);
	else
		dk_fault(reading->faults, list->place, "list %s: %s", list->name, error.text);
	dk_buffer_clear(&bytes);
}

static void
fault_unknown(struct dk_lists_reading *reading, const struct dk_item_list *list, const struct dk_node *node)
{
	struct dk_suggestion suggestion = { .written = dk_slice_of(node->name) };
	char names[NAMES] = "";

	dk_options_suggest(&dk_list_table, &suggestion);
	dk_options_names(&dk_list_table, names, sizeof(names));
	if (suggestion.nearest)
		dk_fault(reading->faults, node->place, "list %s has no setting \"%s\"; \"%s\"?",
			 list->name, node->name, suggestion.nearest);
	else
		dk_fault(reading->faults, node->place, "list %s has no setting \"%s\"; it has: %s",
			 list->name, node->name, names);
}

/* False, with faults, when something is wrong with the settings. */
static bool
read_settings(struct dk_lists_reading *reading, const struct dk_item_list *list, const struct dk_node *node,
	      struct dk_list_source *source)
{
	size_t before = dk_faults_count(reading->faults);
	const char *what = dk_memory_print(reading->memory, "list %s", list->name);

	for (size_t i = 0; i < node->count; i++)
		if (dk_options_know(&dk_list_table, node->inside[i].name))
			dk_options_set(&dk_list_table, source, what, &node->inside[i],
				       reading->variables, reading->faults);
		else
			fault_unknown(reading, list, &node->inside[i]);
	if (dk_faults_count(reading->faults) == before)
		dk_options_finish(&dk_list_table, source, what, node->place, reading->faults);
	return dk_faults_count(reading->faults) == before;
}

void
dk_lists_read_source(struct dk_lists_reading *reading, struct dk_item_list *list, const struct dk_node *node)
{
	struct dk_list_source *source = dk_options_new(&dk_list_table, reading->memory);

	if (!read_settings(reading, list, node, source))
		return;
	source->finder = reading->finder;
	source->copy.state = reading->state;
	dk_list_source_prepare(source, list, reading->variables, reading->memory);
	list->source = source;
	if (source->url)
		read_url(reading, list);
	else
		read_file(reading, list);
}

/* --- While the plan runs --- */

int
dk_lists_look(const struct dk_item_list *list, uint64_t *hash, struct dk_error *error)
{
	struct dk_plan_memory *memory = dk_memory_new();
	struct dk_lists_reading reading = { .memory = memory };
	struct dk_item_list looked_at = *list;
	struct dk_buffer bytes = { 0 };
	int result = -1;

	if (dk_list_source_get(list->source, &bytes, error) == 0)
		result = try(&reading, &looked_at, dk_slice_new(bytes.data, bytes.length), error);
	*hash = looked_at.hash;
	if (result == 0 && list->source->url && list->source->finder->keeps_lists &&
	    looked_at.hash == list->hash)
		dk_copy_confirm(&list->source->copy);
	dk_buffer_clear(&bytes);
	dk_memory_free(memory);
	return result;
}

int64_t
dk_lists_pause_ms(const struct dk_item_list *list, bool was_good)
{
	const struct dk_list_source *source = list->source;

	return was_good || source->refresh_ms < source->retry_ms ? source->refresh_ms :
								   source->retry_ms;
}
