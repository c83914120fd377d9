/* SPDX-License-Identifier: Apache-2.0
 *
 * reference.c - what a $NAME or ${…} stands for.
 */
#include "daemon/language/reference.h"

#include <stdio.h>

#include "daemon/base/error.h"
#include "daemon/base/suggest.h"
#include "daemon/language/message_fields.h"
#include "daemon/language/refinement.h"

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
	for (size_t i = 1; i < DK_MESSAGE_FIELDS && scope->captures && !meant; i++)
		if (!strchr(dk_message_fields[i].name, '.'))
			dk_suggest(&suggestion, dk_message_fields[i].name);
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

static enum dk_meaning
become_constant(const struct reading *reading, const char *text, struct dk_buffer *constant)
{
	struct dk_value value = { .kind = DK_VALUE_ABSENT };
	struct dk_buffer scratch = { 0 };
	const char *fault = NULL;

	if (text)
		value = dk_value_of(dk_slice_of(text));
	if (reading->refinement)
		fault = dk_refine(reading->refinement, &scratch, &value);
	if (fault)
		dk_fail(reading->error, "$%s%.*s%s %s", open_of(reading->name),
			(int)reading->name.length, reading->name.data, close_of(reading->name),
			fault);
	else
		dk_value_add(&value, constant);
	dk_buffer_clear(&scratch);
	return fault ? DK_MEANS_ERROR : DK_MEANS_TEXT;
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
	size_t field = dk_message_field_find(reading->name);

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
	if (value || (slot < 0 && field == 0 && reading->refinement &&
		      dk_refinement_tells_of_absence(reading->refinement)))
		return become_constant(reading, value, constant);
	if (slot < 0 && field == 0)
		return scope->keeps_unknown ? DK_MEANS_UNKNOWN :
					      (enum dk_meaning)fail_unknown(reading);
	*reference = (struct dk_reference){
		.field = (uint8_t)field,
		.slot = (uint8_t)(slot < 0 ? 0 : slot),
		.is_rest = slot >= 0 ? scope->captures->is_rest[slot] : dk_message_fields[field].is_rest,
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
	reading->refinement = dk_refinement_read(
		reading->inside, reading->name.length,
		dk_message_fields[dk_message_field_find(reading->name)].is_time, reading->error);
	return reading->refinement ? 0 : -1;
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
		dk_refinement_free(reading.refinement);
	return meaning;
}

void
dk_reference_clear(struct dk_reference *reference)
{
	dk_refinement_free(reference->refinement);
	reference->refinement = NULL;
}

/* --- For each message --- */

const char *
dk_reference_value(const struct dk_reference *reference, struct dk_view *view,
		   struct dk_buffer *scratch, struct dk_value *value)
{
	*value = (struct dk_value){ .kind = DK_VALUE_ABSENT };
	if (view->message || reference->field == 0)
		dk_message_fields[reference->field].take(reference, view, value);
	return reference->refinement ? dk_refine(reference->refinement, scratch, value) : NULL;
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
	return dk_message_fields[reference->field].needs_document;
}

unsigned
dk_reference_wants(const struct dk_reference *reference)
{
	return reference->refinement && dk_refinement_tells_of_absence(reference->refinement) ?
		       0 :
		       dk_message_fields[reference->field].part;
}
