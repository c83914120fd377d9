/* SPDX-License-Identifier: Apache-2.0
 *
 * reference.c - what a $NAME or ${…} stands for.
 */
#include "daemon/language/reference.h"

#include <stdio.h>
#include <stdlib.h>

#include "daemon/base/error.h"
#include "daemon/base/suggest.h"
#include "daemon/language/filter.h"

/* --- The message's fields --- */

static void
take_slice(struct dk_slice slice, struct dk_value *value)
{
	*value = (struct dk_value){ .kind = slice.data ? DK_VALUE_TEXT : DK_VALUE_ABSENT,
				    .text = slice };
}

static void
take_capture(const struct dk_reference *reference, struct dk_view *view, struct dk_value *value)
{
	take_slice(view->captures ? view->captures[reference->slot] : (struct dk_slice){ NULL, 0 },
		   value);
}

static void
take_timestamp(const struct dk_reference *reference, struct dk_view *view, struct dk_value *value)
{
	(void)reference;
	*value = (struct dk_value){ .kind = view->message->timestamp_ms < 0 ? DK_VALUE_ABSENT :
									      DK_VALUE_INTEGER,
				    .integer = view->message->timestamp_ms };
}

/* What stands behind the first dot of its name. */
static struct dk_slice
path_of(const struct dk_reference *reference)
{
	const char *dot = memchr(reference->name.data, '.', reference->name.length);

	return dk_slice_after(reference->name, (size_t)(dot + 1 - reference->name.data));
}

/* The last one of the name, which is the one that counts where a sink takes only one. */
static void
take_header(const struct dk_reference *reference, struct dk_view *view, struct dk_value *value)
{
	struct dk_slice name = path_of(reference);

	*value = (struct dk_value){ .kind = DK_VALUE_ABSENT };
	for (size_t i = view->message->header_count; i-- > 0;)
		if (dk_slice_is(view->message->headers[i].name, name)) {
			take_slice(view->message->headers[i].value, value);
			return;
		}
}

static void
take_json(const struct dk_reference *reference, struct dk_view *view, struct dk_value *value)
{
	dk_document_find(&view->document, view->message->payload, path_of(reference), value);
}

#define FIELD(member)                                                                              \
	static void take_##member(const struct dk_reference *reference, struct dk_view *view,      \
				  struct dk_value *value)                                          \
	{                                                                                          \
		(void)reference;                                                                   \
		take_slice(view->message->member, value);                                          \
	}

FIELD(key)
FIELD(address)
FIELD(payload)
FIELD(content_type)
FIELD(correlation_id)
FIELD(reply_to)
FIELD(message_id)

static const struct field {
	const char *name; /* one that ends with a dot has a name or a path behind it */
	void (*take)(const struct dk_reference *reference, struct dk_view *view,
		     struct dk_value *value);
	const char *help;    /* one sentence */
	const char *written; /* for manuals; NULL: as its name */
} fields[] = {
	{ "", take_capture, NULL, NULL },
	{ "key", take_key, "Its key, which a message of Kafka may have.", NULL },
	{ "topic", take_address, "Its whole address at its source.", NULL },
	{ "payload", take_payload, "All of its payload.", NULL },
	{ "timestamp", take_timestamp,
	  "When it was made, in milliseconds since 1970; a format of it is one of strftime(3).",
	  NULL },
	{ "content_type", take_content_type, "The media type of its payload.", NULL },
	{ "correlation_id", take_correlation_id, "What it answers.", NULL },
	{ "reply_to", take_reply_to, "Where it wants its answer.", NULL },
	{ "message_id", take_message_id, "The name that its sender gave it.", NULL },
	{ "header.", take_header, "The header of that name, the last one if there are several.",
	  "header.NAME" },
	{ "json.", take_json,
	  "What stands at that path in a payload that is JSON: names of members, and places in "
	  "lists from 0, with dots between.",
	  "json.PATH" },
};

#define FIELDS (sizeof(fields) / sizeof(fields[0]))

/* The number of the field that a name is; 0: none. */
static size_t
find_field(struct dk_slice name)
{
	for (size_t i = 1; i < FIELDS; i++) {
		struct dk_slice field = dk_slice_of(fields[i].name);
		bool has_more = field.data[field.length - 1] == '.';

		if (has_more && name.length > field.length &&
		    memcmp(name.data, field.data, field.length) == 0)
			return i;
		if (dk_slice_is(name, field))
			return i;
	}
	return 0;
}

const char *
dk_reference_field(size_t number, const char **help)
{
	if (number + 1 >= FIELDS)
		return NULL;
	*help = fields[number + 1].help;
	return fields[number + 1].written ? fields[number + 1].written : fields[number + 1].name;
}

/* --- Default and filters --- */

#define FILTERS_MAX 8

struct dk_refinement {
	bool has_preset;
	struct dk_slice preset;
	const char *missing; /* "is missing: …"; NULL: nothing is said */
	struct dk_filter *filters;
	size_t filter_count;
	char text[]; /* what the slices point into; behind it what is missing */
};

static bool
is_empty(const struct dk_value *value)
{
	return value->kind == DK_VALUE_ABSENT ||
	       (value->kind == DK_VALUE_TEXT && value->text.length == 0);
}

/* Default and filters; the value is in the scratch buffer then, if it was changed. */
static const char *
refine(struct dk_refinement *refinement, struct dk_buffer *scratch, struct dk_value *value)
{
	const char *fault = NULL;

	if (is_empty(value) && refinement->missing)
		return refinement->missing;
	if (is_empty(value) && refinement->has_preset)
		take_slice(refinement->preset, value);
	if (refinement->filter_count == 0 || value->kind == DK_VALUE_ABSENT)
		return NULL;
	scratch->length = 0;
	dk_buffer_reserve(scratch, 0);
	dk_value_add(value, scratch);
	for (size_t i = 0; i < refinement->filter_count && !fault; i++)
		fault = refinement->filters[i].apply(&refinement->filters[i], scratch);
	take_slice(dk_slice_new(scratch->data, scratch->length), value);
	return fault;
}

/* --- Reading --- */

struct reading {
	struct dk_slice inside; /* of the braces, or the bare name and all behind it */
	struct dk_slice name;
	const struct dk_scope *scope;
	struct dk_error *error;
	struct dk_refinement *refinement;
};

/* Names have parts with dots between them only in braces. */
static struct dk_slice
dotted_name(struct dk_slice text)
{
	size_t length = dk_name_at(text).length;

	if (length == 0 || length == text.length || text.data[length] != '.')
		return dk_slice_new(text.data, length);
	while (length < text.length && (dk_is_name_character(text.data[length], false) ||
					text.data[length] == '.' || text.data[length] == '-'))
		length++;
	return dk_slice_new(text.data, length);
}

/* A name with a dot is one only in braces. */
static const char *
open_of(struct dk_slice name)
{
	return dk_slice_has(name, '.') ? "{" : "";
}

static const char *
close_of(struct dk_slice name)
{
	return dk_slice_has(name, '.') ? "}" : "";
}

/* Of $header.x, which wants braces, of ${headers.x}, and of $header, which wants a name: what was
 * meant. False: it is nothing like it. */
static bool
guess_path(const struct reading *reading, char *meant, size_t room)
{
	struct dk_slice whole = dotted_name(reading->inside);
	const char *dot = memchr(whole.data, '.', whole.length);
	size_t first = dot ? (size_t)(dot - whole.data) : whole.length;
	struct dk_suggestion suggestion = { .written = { whole.data, first } };

	dk_suggest(&suggestion, "header");
	dk_suggest(&suggestion, "json");
	if (dot && dk_slice_is(suggestion.written, DK_SLICE("payload")))
		suggestion.nearest = "json";
	if (!suggestion.nearest || (!dot && suggestion.distance > 1))
		return false;
	while (dot && whole.length > first && strchr(".-", whole.data[whole.length - 1]))
		whole.length--;
	if (whole.length > first)
		snprintf(meant, room, "%s%.*s", suggestion.nearest, (int)(whole.length - first),
			 dot);
	else
		snprintf(meant, room, "%s.NAME", suggestion.nearest);
	return true;
}

/* The name that was meant; NULL: none is near. */
static const char *
guess(const struct reading *reading, char *path, size_t room)
{
	const struct dk_scope *scope = reading->scope;
	struct dk_suggestion suggestion = { .written = reading->name };
	const char *meant;

	if (scope->captures && guess_path(reading, path, room))
		return path;
	meant = scope->suggest ? scope->suggest(scope->context, reading->name) : NULL;
	for (size_t i = 1; i < FIELDS && scope->captures && !meant; i++)
		if (!strchr(fields[i].name, '.'))
			dk_suggest(&suggestion, fields[i].name);
	return meant ? meant : suggestion.nearest;
}

static int
fail_unknown(const struct reading *reading)
{
	const struct dk_scope *scope = reading->scope;
	char path[128];
	const char *meant = guess(reading, path, sizeof(path)), *advice = NULL;
	const char *what = scope->captures ?
				   "neither a variable nor a capture" :
				   "not a declared variable (and here are no captures)";
	const char *open = open_of(reading->name), *close = close_of(reading->name);

	if (meant)
		return dk_fail(reading->error, "$%s%.*s%s is %s; $%s%s%s?", open,
			       (int)reading->name.length, reading->name.data, close, what,
			       open_of(dk_slice_of(meant)), meant, close_of(dk_slice_of(meant)));
	if (scope->advise)
		advice = scope->advise(scope->context, reading->name);
	if (advice && !scope->captures)
		what = "not a declared variable";
	return dk_fail(reading->error, "$%s%.*s%s is %s; %s", open, (int)reading->name.length,
		       reading->name.data, close, what,
		       advice ? advice
			      : "declare it in variables, or write $$ if a dollar is meant?");
}

static int
fail_twice(const struct reading *reading, const char *what, const char *and)
{
	return dk_fail(reading->error, "$%s%.*s%s is %s and %s; name one of them otherwise",
		       open_of(reading->name), (int)reading->name.length, reading->name.data,
		       close_of(reading->name), what, and);
}

static struct dk_filter *
add_filter(struct dk_refinement *refinement)
{
	refinement->filters = realloc(refinement->filters, (refinement->filter_count + 1) *
								   sizeof(*refinement->filters));
	if (!refinement->filters)
		abort();
	return &refinement->filters[refinement->filter_count++];
}

static void
free_refinement(struct dk_refinement *refinement)
{
	if (refinement)
		free(refinement->filters);
	free(refinement);
}

/* Its formats are those of a time. */
static bool
is_time(const struct reading *reading)
{
	return dk_slice_is(reading->name, DK_SLICE("timestamp"));
}

static int
read_filters(struct reading *reading, struct dk_slice text)
{
	struct dk_refinement *refinement = reading->refinement;

	while (text.length > 0) {
		size_t read;

		if (refinement->filter_count == FILTERS_MAX)
			return dk_fail(reading->error, "there are more than %d filters in ${%.*s}",
				       FILTERS_MAX, (int)reading->inside.length,
				       reading->inside.data);
		read = dk_filter_read(text, is_time(reading), add_filter(refinement),
				      reading->error);
		if (read == 0)
			return -1;
		while (read < text.length && text.data[read] == ' ')
			read++;
		if (read < text.length && text.data[read] != '|')
			return dk_fail(reading->error,
				       "\"%.*s\" follows a filter in ${%.*s}; a | between them?",
				       (int)(text.length - read), text.data + read,
				       (int)reading->inside.length, reading->inside.data);
		if (read + 1 == text.length)
			return dk_fail(reading->error, "a | has no filter behind it");
		text = dk_slice_after(text, read < text.length ? read + 1 : read);
	}
	return 0;
}

#define MISSING "is missing: "

static void
set_missing(struct reading *reading, struct dk_slice what)
{
	char *missing = reading->refinement->text + reading->inside.length;

	snprintf(missing, sizeof(MISSING) + what.length, MISSING "%.*s", (int)what.length,
		 what.data);
	if (what.length == 0)
		missing[sizeof(MISSING) - 3] = '\0'; /* without the colon */
	reading->refinement->missing = missing;
}

/* What stands between a colon and the first |. */
static int
read_clause(struct reading *reading, struct dk_slice clause)
{
	struct dk_refinement *refinement = reading->refinement;
	char first = clause.length > 0 ? clause.data[0] : '\0';

	if (dk_slice_has(clause, '$'))
		return dk_fail(reading->error,
			       "there is a $ inside of ${%.*s}: what stands there is a plain text",
			       (int)reading->inside.length, reading->inside.data);
	if (first == '-') {
		refinement->has_preset = true;
		refinement->preset = dk_slice_after(clause, 1);
	} else if (first == '?') {
		set_missing(reading, dk_slice_after(clause, 1));
	} else if (first == '%') {
		return dk_filter_read_format(clause, is_time(reading), add_filter(refinement),
					     reading->error);
	} else {
		return dk_fail(reading->error,
			       "\"${%.*s}\" is not understood; ${NAME}, ${NAME:-default}, "
			       "${NAME:?what is missing}, ${NAME:%%05d} or ${NAME|lower}?",
			       (int)reading->inside.length, reading->inside.data);
	}
	return 0;
}

static void
make_refinement(struct reading *reading, struct dk_slice text)
{
	reading->refinement = calloc(1, sizeof(*reading->refinement) + 2 * reading->inside.length +
						sizeof(MISSING));
	if (!reading->refinement)
		abort();
	memcpy(reading->refinement->text, text.data, text.length);
}

/* What stands behind the name: a clause, then filters. */
static int
read_refinement(struct reading *reading, struct dk_slice text)
{
	struct dk_slice clause, rest = { NULL, 0 };
	const char *bar;

	make_refinement(reading, text);
	clause = dk_slice_new(reading->refinement->text, text.length);
	bar = memchr(clause.data, '|', clause.length);
	if (bar) {
		rest = dk_slice_after(clause, (size_t)(bar + 1 - clause.data));
		clause.length = (size_t)(bar - clause.data);
	}
	if (bar && rest.length == 0)
		return dk_fail(reading->error, "a | has no filter behind it");
	while (clause.length > 0 && clause.data[0] == ' ')
		clause = dk_slice_after(clause, 1);
	if (clause.length > 0 && clause.data[0] == ':' &&
	    read_clause(reading, dk_slice_after(clause, 1)) != 0)
		return -1;
	if (clause.length > 0 && clause.data[0] != ':')
		return read_clause(reading, DK_SLICE(""));
	return read_filters(reading, rest);
}

static enum dk_meaning
become_constant(const struct reading *reading, const char *text, struct dk_buffer *constant)
{
	struct dk_value value = { .kind = DK_VALUE_ABSENT };
	struct dk_buffer scratch = { 0 };
	const char *fault = NULL;

	if (text)
		take_slice(dk_slice_of(text), &value);
	if (reading->refinement)
		fault = refine(reading->refinement, &scratch, &value);
	if (fault)
		dk_fail(reading->error, "$%s%.*s%s %s", open_of(reading->name),
			(int)reading->name.length, reading->name.data, close_of(reading->name),
			fault);
	else
		dk_value_add(&value, constant);
	dk_buffer_clear(&scratch);
	return fault ? DK_MEANS_ERROR : DK_MEANS_TEXT;
}

static bool
has_preset(const struct reading *reading)
{
	return reading->refinement &&
	       (reading->refinement->has_preset || reading->refinement->missing);
}

/* A variable's value that may not stand where it is wanted. */
static bool
is_refused(const struct reading *reading, const char *value)
{
	const struct dk_scope *scope = reading->scope;
	const char *why = value && scope->check ?
				  scope->check(scope->context, reading->name, value) :
				  NULL;

	if (why)
		dk_fail(reading->error, "${%.*s} is \"%s\", which %s", (int)reading->name.length,
			reading->name.data, value, why);
	return why != NULL;
}

static enum dk_meaning
resolve(struct reading *reading, struct dk_reference *reference, struct dk_buffer *constant)
{
	const struct dk_scope *scope = reading->scope;
	const char *value = scope->variable ? scope->variable(scope->context, reading->name) : NULL;
	int slot = scope->captures ? dk_captures_find(scope->captures, reading->name) : -1;
	size_t field = find_field(reading->name);

	if (value && slot >= 0)
		return fail_twice(reading, "a variable", "a capture");
	if (scope->captures && field > 0 && (value || slot >= 0))
		return fail_twice(reading, value ? "a variable" : "a capture",
				  "a field of the message");
	if (!scope->captures && field > 0 && !value)
		return dk_fail(reading->error,
			       "$%s%.*s%s is a field of a message, and here is no message yet",
			       open_of(reading->name), (int)reading->name.length,
			       reading->name.data, close_of(reading->name));
	reference->name = reading->name;
	if (is_refused(reading, value))
		return DK_MEANS_ERROR;
	if (value || (slot < 0 && field == 0 && has_preset(reading)))
		return become_constant(reading, value, constant);
	if (slot < 0 && field == 0)
		return scope->keeps_unknown ? DK_MEANS_UNKNOWN :
					      (enum dk_meaning)fail_unknown(reading);
	*reference = (struct dk_reference){
		.field = (uint8_t)field,
		.slot = (uint8_t)(slot < 0 ? 0 : slot),
		.is_rest = slot >= 0 ? scope->captures->is_rest[slot] :
				       fields[field].take == take_address,
		.name = reading->name,
		.refinement = reading->refinement,
	};
	return DK_MEANS_REFERENCE;
}

/* The closing brace: none that stands in quotes behind a |. */
static const char *
find_brace(struct dk_slice text)
{
	bool is_quoted = false, has_bar = false;

	for (size_t i = 0; i < text.length; i++) {
		has_bar |= text.data[i] == '|';
		if (has_bar && text.data[i] == '\'')
			is_quoted = !is_quoted;
		if (text.data[i] == '}' && !is_quoted)
			return text.data + i;
	}
	return NULL;
}

/* The name, and behind it what there is in braces. */
static int
cut(struct reading *reading, struct dk_slice text, size_t *length)
{
	const char *brace;

	if (text.length == 0 || text.data[0] != '{') {
		reading->name = dk_name_at(text);
		reading->inside = text;
		*length = reading->name.length;
		return *length > 0 ? 0 :
				     dk_fail(reading->error, "a $ has no name after it; $$ if a "
							     "dollar is meant?");
	}
	text = dk_slice_after(text, 1);
	brace = find_brace(text);
	if (!brace)
		return dk_fail(reading->error, "a ${ has no }; ${NAME}?");
	reading->inside = dk_slice_new(text.data, (size_t)(brace - text.data));
	reading->name = dotted_name(reading->inside);
	*length = reading->inside.length + 2;
	if (reading->name.length == 0)
		return dk_fail(reading->error, "\"${%.*s}\" has no name; ${NAME}, without a space?",
			       (int)reading->inside.length, reading->inside.data);
	if (reading->inside.length == reading->name.length)
		return 0;
	return read_refinement(reading, dk_slice_after(reading->inside, reading->name.length));
}

enum dk_meaning
dk_reference_read(struct dk_slice text, const struct dk_scope *scope,
		  struct dk_reference *reference, struct dk_buffer *constant, size_t *length,
		  struct dk_error *error)
{
	struct reading reading = { .scope = scope, .error = error };
	enum dk_meaning meaning = DK_MEANS_ERROR;

	*reference = (struct dk_reference){ 0 };
	if (cut(&reading, text, length) == 0)
		meaning = resolve(&reading, reference, constant);
	if (meaning != DK_MEANS_REFERENCE)
		free_refinement(reading.refinement);
	return meaning;
}

void
dk_reference_clear(struct dk_reference *reference)
{
	free_refinement(reference->refinement);
	reference->refinement = NULL;
}

/* --- For each message --- */

const char *
dk_reference_value(const struct dk_reference *reference, struct dk_view *view,
		   struct dk_buffer *scratch, struct dk_value *value)
{
	*value = (struct dk_value){ .kind = DK_VALUE_ABSENT };
	if (view->message || reference->field == 0)
		fields[reference->field].take(reference, view, value);
	return reference->refinement ? refine(reference->refinement, scratch, value) : NULL;
}

const char *
dk_reference_text(const struct dk_reference *reference, struct dk_view *view, struct dk_slice *text)
{
	struct dk_buffer *scratch = &view->scratch[0];
	struct dk_value value;
	const char *fault = dk_reference_value(reference, view, scratch, &value);

	if (!fault && value.kind == DK_VALUE_ABSENT && reference->field > 0)
		fault = "is absent";
	if (value.kind == DK_VALUE_TEXT || value.kind == DK_VALUE_ABSENT) {
		*text = value.text;
		return fault;
	}
	scratch->length = 0;
	dk_value_add(&value, scratch);
	*text = dk_slice_new(scratch->data, scratch->length);
	return fault;
}

bool
dk_reference_needs_document(const struct dk_reference *reference)
{
	return fields[reference->field].take == take_json;
}
