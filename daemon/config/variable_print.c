/* SPDX-License-Identifier: Apache-2.0
 *
 * variable_print.c - a variable as -T shows it: as it is written, and where it is from.
 */
#include <stdlib.h>

#include "daemon/config/variable.h"

/* In a libconfig string. Where variables are replaced, a dollar is doubled. */
static void
put_quoted(struct dk_slice text, bool is_expanded, FILE *out)
{
	fputc('"', out);
	for (size_t i = 0; i < text.length; i++) {
		if (text.data[i] == '"' || text.data[i] == '\\')
			fputc('\\', out);
		if (text.data[i] == '$' && is_expanded)
			fputc('$', out);
		fputc(text.data[i], out);
	}
	fputc('"', out);
}

static void
put_text(const char *value, FILE *out)
{
	put_quoted(dk_slice_of(value), true, out);
}

static void
put_integer(const char *value, FILE *out)
{
	long long number = strtoll(value, NULL, 10);

	fprintf(out, "%lld%s", number, number > INT32_MAX || number < INT32_MIN ? "L" : "");
}

static void
put_truth(const char *value, FILE *out)
{
	fputs(value, out);
}

static void
put_list(const char *value, FILE *out)
{
	fputs("( ", out);
	while (*value) {
		size_t length = strcspn(value, ",");

		put_quoted(dk_slice_new(value, length), true, out);
		value += length + (value[length] == ',');
		fputs(*value ? ", " : " ", out);
	}
	fputs(")", out);
}

static const struct row {
	void (*put)(const char *value, FILE *out);
	bool is_told; /* its type is not to be seen in what is put */
} rows[] = {
	[DK_TYPE_TEXT] = { put_text, false },
	[DK_TYPE_INTEGER] = { put_integer, false },
	[DK_TYPE_BOOLEAN] = { put_truth, false },
	[DK_TYPE_DURATION] = { put_text, true },
	[DK_TYPE_SIZE] = { put_text, true },
	[DK_TYPE_LIST] = { put_list, false },
};

/* --- The settings of a declaration --- */

static void
put_bound(const char *name, const char *bound, enum dk_type type, FILE *out)
{
	if (!bound)
		return;
	fprintf(out, " %s = ", name);
	rows[type].put(bound, out);
	fputc(';', out);
}

static void
put_literal(const char *name, const char *text, FILE *out)
{
	if (!text)
		return;
	fprintf(out, " %s = ", name);
	put_quoted(dk_slice_of(text), false, out);
	fputc(';', out);
}

static void
put_choices(const struct dk_node *choices, FILE *out)
{
	if (!choices)
		return;
	fputs(" choices = (", out);
	for (size_t i = 0; i < choices->count; i++) {
		fputs(i ? ", " : " ", out);
		put_quoted(dk_slice_of(choices->inside[i].text), false, out);
	}
	fputs(" );", out);
}

/* Whether the value alone tells all of it. */
static bool
is_plain(const struct dk_declaration *declaration)
{
	const struct dk_rules *rules = &declaration->rules;

	return !rows[rules->type].is_told && !rules->match && !rules->min && !rules->max &&
	       !rules->choices && declaration->need == DK_NEED_VALUE && !declaration->description;
}

static void
put_group(const struct dk_variable *variable, FILE *out)
{
	static const char *const needs[] = {
		[DK_NEED_VALUE] = "",
		[DK_NEED_MORE] = " required = true;",
		[DK_NEED_NOTHING] = " required = false;",
	};
	const struct dk_declaration *declaration = &variable->declaration;
	const struct dk_rules *rules = &declaration->rules;

	fprintf(out, "{ type = \"%s\";", dk_type_name(rules->type));
	if (*variable->value || declaration->need != DK_NEED_NOTHING) {
		fputs(" default = ", out);
		rows[rules->type].put(variable->value, out);
		fputc(';', out);
	}
	put_literal("match", rules->match, out);
	put_bound("min", rules->min, rules->type, out);
	put_bound("max", rules->max, rules->type, out);
	put_choices(rules->choices, out);
	fputs(needs[declaration->need], out);
	put_literal("description", declaration->description, out);
	fputs(" }", out);
}

static void
put_origin(const struct dk_variable *variable, FILE *out)
{
	const struct dk_node *preset = variable->declaration.preset;

	if (!variable->origin)
		fprintf(out, " # %s\n", *variable->value ? "not checked" : "no value");
	else if (variable->is_preset)
		fprintf(out, " # %s:%u\n", preset->place.file, preset->place.line);
	else
		fprintf(out, " # %s\n", variable->origin);
}

/* What is masked keeps no rule that it could not obey. */
void
dk_variable_print(const struct dk_variable *variable, const char *shown, FILE *out)
{
	const struct dk_declaration *declaration = &variable->declaration;

	fprintf(out, "  %s = ", declaration->name);
	if (declaration->rules.is_secret)
		fputs("{ default = \"*****\"; secret = true; }", out);
	else if (shown != variable->value)
		put_text(shown, out);
	else if (is_plain(declaration))
		rows[declaration->rules.type].put(shown, out);
	else
		put_group(variable, out);
	fputc(';', out);
	put_origin(variable, out);
}
