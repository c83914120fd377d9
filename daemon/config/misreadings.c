/* SPDX-License-Identifier: Apache-2.0
 *
 * misreadings.c - what another system, or another place of the file, would read otherwise: here it
 * is taken as it is, which is legal, and hardly ever meant.
 */
#include <stdio.h>

#include "daemon/config/algebra.h"
#include "daemon/language/filter.h"
#include "daemon/language/levels.h"
#include "daemon/language/regex.h"

/* --- from --- */

/* The wildcard of another system, which is a plain character in this one. */
static void
check_wildcard(struct dk_compiling *compiling, const struct dk_from *from, enum dk_dialect dialect)
{
	const struct dk_grammar *grammar = dk_grammar_of(dialect);
	char other = dialect == DK_MQTT ? '*' : '+';
	const char *at = from->interest.pattern;

	if (dialect != DK_MQTT && dialect != DK_AMQP)
		return;
	for (; (at = strchr(at, other)); at++)
		if ((at == from->interest.pattern || strchr("/.*", at[-1])) &&
		    (!at[1] || at[1] == grammar->separator))
			dk_warning(
				compiling->faults, from->place,
				"route %s: from: \"%s\": a %c is a plain character in %s; %c for "
				"one level, %c for the rest?",
				from->route->name, from->interest.pattern, other, grammar->name,
				grammar->one, grammar->rest);
}

static bool
begins_level(const struct dk_grammar *grammar, const char *pattern, const char *at)
{
	return at == pattern || at[-1] == grammar->separator ||
	       (grammar->first_separator && strchr(pattern, grammar->first_separator) == at - 1);
}

/* A colon before a name that does not begin its level. A variable may hold it: it is then meant. */
static void
check_colon(struct dk_compiling *compiling, const struct dk_from *from, enum dk_dialect dialect)
{
	const struct dk_grammar *grammar = dk_grammar_of(dialect);
	const char *pattern = from->interest.pattern;

	for (const char *at = pattern; (at = strchr(at, ':')); at++) {
		struct dk_slice name = dk_name_at(dk_slice_of(at + 1));

		if (name.length == 0 || begins_level(grammar, pattern, at) || at[-1] == ':')
			continue;
		dk_warning(
			compiling->faults, from->place,
			"route %s: from: \"%s\": :%.*s captures nothing, for it stands amid a "
			"level "
			"of %s, which a %c parts; a level of its own, or a regular expression (~)?",
			from->route->name, pattern, (int)name.length, name.data, grammar->name,
			grammar->separator);
		return;
	}
}

void
dk_misreadings_check_from(struct dk_compiling *compiling, const struct dk_from *from)
{
	enum dk_dialect dialect = compiling->plan->endpoints[from->endpoint].plugin->dialect;

	if (dk_regex_begin(dialect, dk_slice_of(from->interest.pattern)) > 0 || dialect == DK_PLAIN)
		return;
	check_wildcard(compiling, from, dialect);
	check_colon(compiling, from, dialect);
}

/* --- key and headers --- */

/* A text of a route, and where it stands. */
struct made {
	struct dk_compiling *compiling;
	const struct dk_route *route;
	struct dk_place place;
	const char *what; /* "key" or a header's name */
	size_t what_length;
};

/* :x and {x} of a capture, in what is literal. */
static void
check_captures(const struct made *made, struct dk_slice text)
{
	for (size_t i = 0; i + 1 < text.length; i++) {
		struct dk_slice name = dk_name_at(dk_slice_after(text, i + 1));
		size_t end = i + 1 + name.length;
		bool is_braced = text.data[i] == '{' && end < text.length && text.data[end] == '}';

		if ((!is_braced && text.data[i] != ':') || name.length == 0 ||
		    dk_captures_find(made->route->captures, name) < 0)
			continue;
		dk_warning(made->compiling->faults, made->place,
			   "route %s: %.*s: %s%.*s%s stands there as it is; $%.*s?",
			   made->route->name, (int)made->what_length, made->what,
			   is_braced ? "{" : ":", (int)name.length, name.data, is_braced ? "}" : "",
			   (int)name.length, name.data);
		return;
	}
}

/* |lower behind a $name without braces. */
static void
check_filter(const struct made *made, struct dk_slice before, struct dk_slice text)
{
	struct dk_slice name = dk_name_at(dk_slice_after(text, text.length > 0));
	const char *filter, *help;

	if (text.length == 0 || text.data[0] != '|')
		return;
	for (size_t i = 0; (filter = dk_filter_name(i, &help)); i++)
		if (name.length > 0 && strncmp(filter, name.data, name.length) == 0 &&
		    !dk_is_name_character(filter[name.length], false))
			dk_warning(made->compiling->faults, made->place,
				   "route %s: %.*s: |%.*s stands there as it is; ${%.*s|%.*s}?",
				   made->route->name, (int)made->what_length, made->what,
				   (int)name.length, name.data, (int)before.length, before.data,
				   (int)name.length, name.data);
}

static void
check_text(const struct made *made, const struct dk_template *template)
{
	struct dk_template_piece before = { .is_literal = true };

	for (size_t i = 0; template && i < dk_template_count(template); i++) {
		struct dk_template_piece piece = dk_template_piece(template, i);

		if (piece.is_literal)
			check_captures(made, piece.name);
		if (piece.is_literal && !before.is_literal)
			check_filter(made, before.name, piece.name);
		before = piece;
	}
}

void
dk_misreadings_check_texts(struct dk_compiling *compiling, const struct dk_route *route,
			   const struct dk_route_origin *origin)
{
	const struct dk_node *key = dk_layers_find(origin->layers, "key");
	const struct dk_node *headers = dk_layers_find(origin->layers, "headers");
	const struct dk_node *to = dk_layers_find(origin->layers, "to");

	for (size_t i = 0; i < route->way_count; i++)
		check_text(&(struct made){ compiling, route, to->place, "to", 2 },
			   route->ways[i].address);
	if (key)
		check_text(&(struct made){ compiling, route, key->place, "key", 3 }, route->key);
	for (size_t i = 0; headers && i < route->header_count; i++)
		check_text(&(struct made){ compiling, route, headers->place,
					   route->headers[i].name.data,
					   route->headers[i].name.length },
			   route->headers[i].value);
}
