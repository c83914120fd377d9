/* SPDX-License-Identifier: Apache-2.0
 *
 * template.c - a template's text compiled to pieces, and rendered.
 */
#include "daemon/language/template.h"

#include <stdlib.h>

#include "daemon/base/buffer.h"
#include "daemon/base/error.h"
#include "daemon/language/dialect.h"

struct piece {
	int slot; /* of a capture; -1: literal */
	size_t from, length; /* of a literal, in `literals` */
};

struct dk_template {
	struct piece *pieces;
	size_t count;
	struct dk_buffer literals;
	char *text;
	struct dk_slice names[DK_CAPTURES_MAX]; /* by slot; in `text_names` */
	bool is_rest[DK_CAPTURES_MAX];
	struct dk_buffer text_names;
};

struct compiling {
	struct dk_template *template;
	const struct dk_scope *scope;
	struct dk_error *error;
	struct dk_buffer text;
};

static struct piece *
add_piece(struct dk_template *template)
{
	template->pieces =
		realloc(template->pieces, (template->count + 1) * sizeof(*template->pieces));
	if (!template->pieces)
		abort();
	return &template->pieces[template->count++];
}

static void
add_literal(struct compiling *compiling, struct dk_slice text)
{
	struct dk_template *template = compiling->template;
	struct piece *last = template->count ? &template->pieces[template->count - 1] : NULL;

	if (!last || last->slot >= 0) {
		last = add_piece(template);
		*last = (struct piece){ -1, template->literals.length, 0 };
	}
	dk_buffer_add(&template->literals, text);
	last->length += text.length;
	dk_buffer_add(&compiling->text, text);
}

static void
add_capture(struct compiling *compiling, int slot, struct dk_slice name)
{
	*add_piece(compiling->template) = (struct piece){ slot, 0, 0 };
	dk_buffer_print(&compiling->text, "${%.*s}", (int)name.length, name.data);
}

static bool
is_name_character(char c, bool is_first)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
	       (!is_first && c >= '0' && c <= '9');
}

static struct dk_slice
read_name(struct dk_slice text)
{
	size_t length = 0;

	while (length < text.length && is_name_character(text.data[length], length == 0))
		length++;
	return dk_slice_new(text.data, length);
}

static int
fail_unknown(struct compiling *compiling, struct dk_slice name)
{
	const struct dk_scope *scope = compiling->scope;
	const char *meant = scope->suggest ? scope->suggest(scope->context, name) : NULL;
	const char *what = scope->captures ?
				   "neither a variable nor a capture" :
				   "not a declared variable (and here are no captures)";

	if (meant)
		return dk_fail(compiling->error, "$%.*s is %s; $%s?", (int)name.length, name.data,
			       what, meant);
	return dk_fail(compiling->error,
		       "$%.*s is %s; declare it in variables, or write $$ if a dollar is meant?",
		       (int)name.length, name.data, what);
}

/* A name's value, or its default, or an error. */
static int
add_name(struct compiling *compiling, struct dk_slice name, struct dk_slice preset)
{
	const struct dk_scope *scope = compiling->scope;
	const char *value = scope->variable ? scope->variable(scope->context, name) : NULL;
	int slot = scope->captures ? dk_captures_find(scope->captures, name) : -1;

	if (value && slot >= 0)
		return dk_fail(compiling->error,
			       "$%.*s is a variable and a capture; name one of them otherwise",
			       (int)name.length, name.data);
	if (slot >= 0)
		add_capture(compiling, slot, name);
	else if (value && (*value || !preset.data))
		add_literal(compiling, dk_slice_of(value));
	else if (preset.data)
		add_literal(compiling, preset);
	else
		return fail_unknown(compiling, name);
	return 0;
}

/* What stands between ${ and }. */
static int
add_braced(struct compiling *compiling, struct dk_slice inside)
{
	struct dk_slice name = read_name(inside);
	struct dk_slice after = dk_slice_after(inside, name.length);

	if (name.length == 0)
		return dk_fail(compiling->error, "\"${%.*s}\" has no name", (int)inside.length,
			       inside.data);
	if (after.length == 0)
		return add_name(compiling, name, (struct dk_slice){ NULL, 0 });
	if (after.length >= 2 && after.data[0] == ':' && after.data[1] == '-')
		return add_name(compiling, name, dk_slice_after(after, 2));
	return dk_fail(compiling->error,
		       "\"${%.*s}\" is not understood: known are ${NAME} and ${NAME:-default}",
		       (int)inside.length, inside.data);
}

/* What follows a $; returns how much of it was read, 0 with an error. */
static size_t
compile_dollar(struct compiling *compiling, struct dk_slice text)
{
	const char *brace;
	struct dk_slice name;

	if (text.length > 0 && text.data[0] == '$') {
		add_literal(compiling, DK_SLICE("$"));
		return 1;
	}
	if (text.length > 0 && text.data[0] == '{') {
		brace = memchr(text.data, '}', text.length);
		if (!brace) {
			dk_fail(compiling->error, "a ${ has no }; ${NAME}?");
			return 0;
		}
		name = dk_slice_new(text.data + 1, (size_t)(brace - text.data - 1));
		return add_braced(compiling, name) == 0 ? name.length + 2 : 0;
	}
	name = read_name(text);
	if (name.length == 0) {
		dk_fail(compiling->error, "a $ has no name after it; $$ if a dollar is meant?");
		return 0;
	}
	return add_name(compiling, name, (struct dk_slice){ NULL, 0 }) == 0 ? name.length : 0;
}

static int
compile(struct compiling *compiling, struct dk_slice text)
{
	while (text.length > 0) {
		const char *dollar = memchr(text.data, '$', text.length);
		size_t plain = dollar ? (size_t)(dollar - text.data) : text.length;
		size_t read;

		if (plain > 0)
			add_literal(compiling, dk_slice_new(text.data, plain));
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

/* The captures' names, for messages: copied, so that a template stands alone. */
static void
keep_names(struct dk_template *template, const struct dk_captures *captures)
{
	size_t at = 0;

	for (size_t i = 0; captures && i < captures->count; i++)
		dk_buffer_add(&template->text_names, captures->names[i]);
	for (size_t i = 0; captures && i < captures->count; i++) {
		template->names[i] =
			dk_slice_new(template->text_names.data + at, captures->names[i].length);
		template->is_rest[i] = captures->is_rest[i];
		at += captures->names[i].length;
	}
}

struct dk_template *
dk_template_new(struct dk_slice text, const struct dk_scope *scope, struct dk_error *error)
{
	struct dk_template *template = calloc(1, sizeof(*template));
	struct compiling compiling = { template, scope, error, { 0 } };

	if (!template)
		abort();
	if (compile(&compiling, text) != 0) {
		dk_buffer_clear(&compiling.text);
		dk_template_free(template);
		return NULL;
	}
	template->text = dk_buffer_detach(&compiling.text);
	keep_names(template, scope->captures);
	return template;
}

void
dk_template_free(struct dk_template *template)
{
	if (!template)
		return;
	free(template->pieces);
	free(template->text);
	dk_buffer_clear(&template->literals);
	dk_buffer_clear(&template->text_names);
	free(template);
}

bool
dk_template_is_literal(const struct dk_template *template)
{
	for (size_t i = 0; i < template->count; i++)
		if (template->pieces[i].slot >= 0)
			return false;
	return true;
}

const char *
dk_template_text(const struct dk_template *template)
{
	return template->text;
}

size_t
dk_template_length(const struct dk_template *template, const struct dk_slice *captures)
{
	size_t length = 0;

	for (size_t i = 0; i < template->count; i++)
		length += template->pieces[i].slot < 0 ? template->pieces[i].length :
							 captures[template->pieces[i].slot].length;
	return length;
}

char *
dk_template_render(const struct dk_template *template, const struct dk_slice *captures, char *out)
{
	for (size_t i = 0; i < template->count; i++) {
		const struct piece *piece = &template->pieces[i];
		struct dk_slice value =
			piece->slot < 0 ?
				dk_slice_new(template->literals.data + piece->from, piece->length) :
				captures[piece->slot];

		if (value.length > 0)
			memcpy(out, value.data, value.length);
		out += value.length;
	}
	return out;
}

/* Where in an address a value stands. */
struct place {
	bool is_first;       /* nothing stands before it */
	bool is_in_exchange; /* no / stands before it */
};

/* In AMQP the first / ends the exchange, and without one all goes to queues by their names; in MQTT
 * what begins with $ is the broker's own. A value that stands there must not bring it about. */
static const char *
value_fault(enum dk_dialect dialect, struct dk_slice value, bool is_rest, struct place place)
{
	if (dialect == DK_AMQP && place.is_in_exchange && dk_slice_has(value, '/'))
		return "holds a /, which would end the exchange";
	if (dialect == DK_AMQP && place.is_in_exchange && value.length == 0)
		return "is empty, which is no name of an exchange";
	if (dialect == DK_MQTT && place.is_first && value.length > 0 && value.data[0] == '$')
		return "begins with a $, which only the broker's own topics do";
	return dk_dialect_value_fault(dialect, value, is_rest);
}

const char *
dk_template_fault(const struct dk_template *template, enum dk_dialect dialect,
		  const struct dk_slice *captures, struct dk_slice *culprit)
{
	struct place place = { true, true };

	for (size_t i = 0; i < template->count; i++) {
		const struct piece *piece = &template->pieces[i];
		const char *fault;

		if (piece->slot < 0) {
			place.is_first &= piece->length == 0;
			if (memchr(template->literals.data + piece->from, '/', piece->length))
				place.is_in_exchange = false;
			continue;
		}
		fault = value_fault(dialect, captures[piece->slot], template->is_rest[piece->slot],
				    place);
		place.is_first &= captures[piece->slot].length == 0;
		if (!fault)
			continue;
		if (culprit)
			*culprit = template->names[piece->slot];
		return fault;
	}
	return NULL;
}
