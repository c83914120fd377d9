/* SPDX-License-Identifier: Apache-2.0
 *
 * template.c - a template's text compiled to pieces, and rendered.
 */
#include "daemon/language/template.h"

#include <stdio.h>
#include <stdlib.h>

#include "daemon/base/error.h"
#include "daemon/language/dialect.h"
#include "daemon/language/emit.h"
#include "daemon/language/output.h"
#include "daemon/language/reference.h"

#define PIECES_MAX 1024

struct dk_template {
	size_t count, length;
	char *text;
	struct dk_reference pieces[];
};

/* --- Compiling --- */

/* Slices of pieces are offsets until the text is whole: a growing buffer moves. */
struct compiling {
	const struct dk_scope *scope;
	struct dk_error *error;
	struct dk_buffer text;
	struct dk_reference *pieces;
	size_t count;
};

static char *
at_offset(size_t offset)
{
	return (char *)(uintptr_t)offset;
}

static struct dk_reference *
add_piece(struct compiling *compiling)
{
	compiling->pieces = realloc(compiling->pieces,
				    (compiling->count + 1) * sizeof(*compiling->pieces));
	if (!compiling->pieces)
		abort();
	return &compiling->pieces[compiling->count++];
}

/* What was added to the text from `begin` on is literal. */
static void
add_literal(struct compiling *compiling, size_t begin)
{
	struct dk_reference *last = compiling->count ? &compiling->pieces[compiling->count - 1] : NULL;
	size_t length = compiling->text.length - begin;

	if (length == 0)
		return;
	if (last && last->is_literal) {
		last->name.length += length;
		return;
	}
	*add_piece(compiling) =
		(struct dk_reference){ .is_literal = true, .name = { at_offset(begin), length } };
}

static void
add_reference(struct compiling *compiling, const struct dk_reference *reference,
	      struct dk_slice written)
{
	bool is_braced = written.data[0] == '{';
	size_t begin = compiling->text.length + 2;
	struct dk_reference *piece = add_piece(compiling);

	dk_buffer_add_text(&compiling->text, is_braced ? "$" : "${");
	dk_buffer_add(&compiling->text, written);
	dk_buffer_add_text(&compiling->text, is_braced ? "" : "}");
	*piece = *reference;
	piece->name.data = at_offset(begin);
}

/* What follows a $; returns how much of it was read, 0 with an error. */
static size_t
compile_dollar(struct compiling *compiling, struct dk_slice text)
{
	size_t begin = compiling->text.length, length;
	struct dk_reference reference;

	if (text.length > 0 && text.data[0] == '$') {
		dk_buffer_add(&compiling->text, DK_SLICE("$"));
		add_literal(compiling, begin);
		return 1;
	}
	if (compiling->count >= PIECES_MAX) {
		dk_fail(compiling->error, "it has more than %d parts", PIECES_MAX);
		return 0;
	}
	switch (dk_reference_read(text, compiling->scope, &reference, &compiling->text, &length,
				  compiling->error)) {
	case DK_MEANS_TEXT:
		add_literal(compiling, begin);
		return length;
	case DK_MEANS_REFERENCE:
		add_reference(compiling, &reference, dk_slice_new(text.data, length));
		return length;
	case DK_MEANS_UNKNOWN:
		dk_buffer_add(&compiling->text, DK_SLICE("$"));
		dk_buffer_add(&compiling->text, dk_slice_new(text.data, length));
		add_literal(compiling, begin);
		return length;
	case DK_MEANS_ERROR:
		break;
	}
	return 0;
}

static int
compile(struct compiling *compiling, struct dk_slice text)
{
	while (text.length > 0) {
		const char *dollar = memchr(text.data, '$', text.length);
		size_t plain = dollar ? (size_t)(dollar - text.data) : text.length;
		size_t begin = compiling->text.length, read;

		dk_buffer_add(&compiling->text, dk_slice_new(text.data, plain));
		add_literal(compiling, begin);
		text = dk_slice_after(text, plain);
		if (text.length == 0)
			break;
		read = compile_dollar(compiling, dk_slice_after(text, 1));
		if (read == 0)
			return -1;
		text = dk_slice_after(text, 1 + read);
	}
	return 0;
}

static void
clear(struct compiling *compiling)
{
	for (size_t i = 0; i < compiling->count; i++)
		dk_reference_clear(&compiling->pieces[i]);
	free(compiling->pieces);
	dk_buffer_clear(&compiling->text);
}

/* One block: the pieces, then the text. There may be very many templates. */
static struct dk_template *
finish(struct compiling *compiling)
{
	size_t pieces = compiling->count * sizeof(struct dk_reference);
	struct dk_template *template =
		malloc(sizeof(*template) + pieces + compiling->text.length + 1);

	if (!template)
		abort();
	template->count = compiling->count;
	template->length = compiling->text.length;
	template->text = (char *)template->pieces + pieces;
	if (pieces > 0)
		memcpy(template->pieces, compiling->pieces, pieces);
	if (compiling->text.length > 0)
		memcpy(template->text, compiling->text.data, compiling->text.length);
	template->text[compiling->text.length] = '\0';
	for (size_t i = 0; i < template->count; i++) {
		struct dk_slice *name = &template->pieces[i].name;

		name->data = template->text + (uintptr_t)name->data;
	}
	free(compiling->pieces);
	dk_buffer_clear(&compiling->text);
	return template;
}

struct dk_template *
dk_template_new(struct dk_slice text, const struct dk_scope *scope, struct dk_error *error)
{
	struct compiling compiling = { .scope = scope, .error = error };

	if (compile(&compiling, text) == 0)
		return finish(&compiling);
	clear(&compiling);
	return NULL;
}

void
dk_template_free(struct dk_template *template)
{
	if (!template)
		return;
	for (size_t i = 0; i < template->count; i++)
		dk_reference_clear(&template->pieces[i]);
	free(template);
}

/* --- What it is --- */

bool
dk_template_is_literal(const struct dk_template *template)
{
	return template->count == 0 || (template->count == 1 && template->pieces[0].is_literal);
}

const char *
dk_template_text(const struct dk_template *template)
{
	return template->text;
}

void
dk_template_write(const struct dk_template *template, struct dk_buffer *out)
{
	for (size_t i = 0; i < template->count; i++) {
		const struct dk_reference *piece = &template->pieces[i];
		const char *end;

		if (!piece->is_literal) {
			end = i + 1 < template->count && template->pieces[i + 1].is_literal ?
				      template->pieces[i + 1].name.data :
			      i + 1 < template->count ?
				      template->pieces[i + 1].name.data - 2 :
				      template->text + template->length;
			dk_buffer_add(out, DK_SLICE("${"));
			dk_buffer_add(out,
				      dk_slice_new(piece->name.data,
						   (size_t)(end - piece->name.data)));
			continue;
		}
		for (size_t n = 0; n < piece->name.length; n++)
			dk_buffer_add(out, piece->name.data[n] == '$' ?
						   DK_SLICE("$$") :
						   dk_slice_new(&piece->name.data[n], 1));
	}
}

bool
dk_template_needs_document(const struct dk_template *template)
{
	for (size_t i = 0; i < template->count; i++)
		if (!template->pieces[i].is_literal &&
		    dk_reference_needs_document(&template->pieces[i]))
			return true;
	return false;
}

void
dk_template_each_wanted(const struct dk_template *template,
			void (*found)(void *context, unsigned part, struct dk_slice name),
			void *context)
{
	for (size_t i = 0; i < template->count; i++) {
		const struct dk_reference *piece = &template->pieces[i];

		if (!piece->is_literal && dk_reference_wants(piece))
			found(context, dk_reference_wants(piece), piece->name);
	}
}

size_t
dk_template_count(const struct dk_template *template)
{
	return template->count;
}

struct dk_template_piece
dk_template_piece(const struct dk_template *template, size_t number)
{
	const struct dk_reference *piece = &template->pieces[number];
	bool is_capture = !piece->is_literal && piece->field == 0 && !piece->refinement;

	return (struct dk_template_piece){ piece->name, piece->is_literal, piece->is_rest,
					   is_capture ? piece->slot : -1 };
}

/* --- Rendering --- */

static void
note(struct dk_rendering_fault *fault, const char *why, struct dk_slice name)
{
	if (why && !fault->why)
		*fault = (struct dk_rendering_fault){ why, name };
}

void
dk_rendering_fault_tell(const struct dk_rendering_fault *fault, const char *what, char *text,
			size_t room)
{
	bool has_dots = dk_slice_has(fault->name, '.');

	if (fault->name.length > 0)
		snprintf(text, room, "$%s%.*s%s %s", has_dots ? "{" : "", (int)fault->name.length,
			 fault->name.data, has_dots ? "}" : "", fault->why);
	else
		snprintf(text, room, "%s %s", what, fault->why);
}

bool
dk_template_render(const struct dk_template *template, struct dk_view *view, struct dk_buffer *out,
		   struct dk_rendering_fault *fault)
{
	*fault = (struct dk_rendering_fault){ .why = NULL };
	for (size_t i = 0; i < template->count; i++) {
		const struct dk_reference *piece = &template->pieces[i];
		struct dk_slice text = piece->name;

		if (!piece->is_literal)
			note(fault, dk_reference_text(piece, view, &text),
			     piece->name);
		dk_buffer_add(out, text);
	}
	return !fault->why;
}

static void
emit(const struct dk_reference *reference, enum dk_dialect dialect, bool escapes,
     struct dk_emit_place place, struct dk_view *view, struct dk_buffer *out,
     struct dk_rendering_fault *fault)
{
	struct dk_slice text;
	const char *why = dk_reference_text(reference, view, &text);
	const char *why_not;

	place.is_rest = reference->is_rest;
	why_not = dk_emit(dialect, escapes, text, place, out);
	note(fault, why ? why : why_not, reference->name);
}

/* The second opinion: whether the address can be parted into the pieces again. */
static bool
fits(const struct dk_template *template, enum dk_dialect dialect, struct dk_slice address)
{
	struct dk_pattern_piece pieces[template->count];

	for (size_t i = 0; i < template->count; i++)
		pieces[i] = (struct dk_pattern_piece){ template->pieces[i].is_literal ?
							       template->pieces[i].name :
							       (struct dk_slice){ NULL, 0 },
						       template->pieces[i].is_rest };
	return dk_output_fits(dialect, pieces, template->count, address);
}

static const char *
address_fault(const struct dk_template *template, enum dk_dialect dialect, struct dk_slice address)
{
	const char *why = dk_dialect_address_fault(dialect, address);

	if (!why && !fits(template, dialect, address))
		return "does not fit its template: a value has broken out of its place";
	return why;
}

bool
dk_template_render_address(const struct dk_template *template, enum dk_dialect dialect, bool escapes,
			   struct dk_view *view, struct dk_buffer *out,
			   struct dk_rendering_fault *fault)
{
	size_t begin = out->length;
	struct dk_emit_place place = { .is_in_exchange = dialect == DK_AMQP };

	*fault = (struct dk_rendering_fault){ .why = NULL };
	for (size_t i = 0; i < template->count; i++) {
		const struct dk_reference *piece = &template->pieces[i];

		place.is_first = out->length == begin;
		if (piece->is_literal)
			dk_buffer_add(out, piece->name);
		else
			emit(piece, dialect, escapes, place, view, out, fault);
		if (piece->is_literal && dk_slice_has(piece->name, '/'))
			place.is_in_exchange = false;
	}
	if (!fault->why && !dk_template_is_literal(template))
		fault->why = address_fault(template, dialect,
					   dk_slice_new(out->data + begin, out->length - begin));
	return !fault->why;
}
