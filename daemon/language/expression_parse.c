/* SPDX-License-Identifier: Apache-2.0
 *
 * expression_parse.c - an expression's text compiled to nodes.
 */
#include <errno.h>
#include <stdlib.h>

#include "daemon/base/error.h"
#include "daemon/language/expand.h"
#include "daemon/language/expression_nodes.h"

#define DEEPEST 64
#define NODES_MAX 1024 /* and as many operands */

struct parsing {
	struct dk_expression *expression;
	const struct dk_scope *scope;
	struct dk_error *error;
	struct dk_slice rest; /* of the text */
	int depth;
	struct dk_buffer shown; /* the text with variables replaced, up to `copied` */
	const char *copied;
};

/* --- Words --- */

static void
skip(struct parsing *parsing, size_t length)
{
	parsing->rest = dk_slice_after(parsing->rest, length);
	while (parsing->rest.length > 0 && strchr(" \t\r\n", parsing->rest.data[0]))
		parsing->rest = dk_slice_after(parsing->rest, 1);
}

/* Whether the rest begins with the word, which is then skipped. A word of letters ends with one. */
static bool
takes(struct parsing *parsing, const char *word)
{
	size_t length = strlen(word);

	if (parsing->rest.length < length || memcmp(parsing->rest.data, word, length) != 0)
		return false;
	if (dk_is_name_character(word[0], true) && parsing->rest.length > length &&
	    dk_is_name_character(parsing->rest.data[length], false))
		return false;
	skip(parsing, length);
	return true;
}

/* What other languages write, and is written otherwise here. */
static const char *
meant_by(struct dk_slice rest)
{
	static const struct {
		const char *word, *meant;
	} rows[] = {
		{ "==", NULL },
		{ "&&", NULL },
		{ "||", NULL },
		{ "=~", "~ for a regular expression?" },
		{ "=", "== to compare?" },
		{ ">", "!= for unequal?" },
		{ "&", "&& for and?" },
		{ "|", "|| for or?" },
		{ "and", "&& for and?" },
		{ "AND", "&& for and?" },
		{ "or", "|| for or?" },
		{ "OR", "|| for or?" },
		{ "not", "! for not?" },
		{ "NOT", "! for not?" },
		{ "\"", "a text in single quotes, 'text'?" },
		{ "True", "true?" },
		{ "TRUE", "true?" },
		{ "False", "false?" },
		{ "FALSE", "false?" },
		{ "[", "a list in ( )?" },
		{ "!~", "! before a comparison in ( )?" },
	};
	struct dk_slice name = dk_name_at(rest);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (name.length > 0 ? dk_slice_is(name, dk_slice_of(rows[i].word))
				    : strncmp(rest.data, rows[i].word, strlen(rows[i].word)) == 0)
			return rows[i].meant;
	return NULL;
}

static int
fail(struct parsing *parsing, const char *wanted)
{
	size_t length = parsing->rest.length < 40 ? parsing->rest.length : 40;

	while (length < parsing->rest.length && (parsing->rest.data[length] & 0xc0) == 0x80)
		length++; /* not within a character */
	if (length == 0)
		return dk_fail(parsing->error, "it ends where %s is wanted", wanted);
	return dk_fail(parsing->error, "at \"%.*s%s\" %s is wanted", (int)length,
		       parsing->rest.data, length < parsing->rest.length ? "…" : "", wanted);
}

/* Where an operator or a value is wanted, and perhaps one of another language stands, or a text
 * without its quotes, or a name without its $. */
static int
fail_meaning(struct parsing *parsing, const char *wanted, bool is_value)
{
	struct dk_slice name = dk_name_at(parsing->rest);
	const char *meant = meant_by(parsing->rest);
	struct dk_error error;

	fail(parsing, wanted);
	if (!parsing->error || (!meant && !(is_value && name.length > 0)))
		return -1;
	error = *parsing->error;
	if (meant)
		return dk_fail(parsing->error, "%s; %s", error.text, meant);
	return dk_fail(parsing->error, "%s; '%.*s' or $%.*s?", error.text, (int)name.length,
		       name.data, (int)name.length, name.data);
}

/* --- Parts --- */

/* The number of a new one; -1 with an error. */
static int
add_node(struct parsing *parsing, struct dk_node_of_expression node)
{
	struct dk_expression *expression = parsing->expression;

	if (expression->node_count == NODES_MAX) {
		dk_regex_free(node.regex);
		return dk_fail(parsing->error, "it has more than %d conditions", NODES_MAX);
	}
	expression->nodes = realloc(expression->nodes, (expression->node_count + 1) *
							       sizeof(*expression->nodes));
	if (!expression->nodes)
		abort();
	expression->nodes[expression->node_count] = node;
	return (int)expression->node_count++;
}

static struct dk_operand *
add_operand(struct parsing *parsing)
{
	struct dk_expression *expression = parsing->expression;
	struct dk_operand *operand;

	expression->operands = realloc(expression->operands, (expression->operand_count + 1) *
								     sizeof(*expression->operands));
	if (!expression->operands)
		abort();
	operand = &expression->operands[expression->operand_count++];
	*operand = (struct dk_operand){ .is_constant = true };
	return operand;
}

/* 'text'; NULL data when the rest is none. */
static struct dk_slice
take_quoted(struct parsing *parsing)
{
	struct dk_slice text = { NULL, 0 };
	const char *end;

	if (parsing->rest.length == 0 || parsing->rest.data[0] != '\'')
		return text;
	end = memchr(parsing->rest.data + 1, '\'', parsing->rest.length - 1);
	if (!end)
		return text;
	text = dk_slice_new(parsing->rest.data + 1, (size_t)(end - parsing->rest.data - 1));
	skip(parsing, text.length + 2);
	return text;
}

static int
parse_number(struct parsing *parsing, struct dk_value *value)
{
	size_t length = 0;
	struct dk_value text = { .kind = DK_VALUE_TEXT };

	while (length < parsing->rest.length && parsing->rest.data[length] != '\0' &&
	       strchr("+-.0123456789eE", parsing->rest.data[length]))
		length++;
	text.text = dk_slice_new(parsing->rest.data, length);
	value->kind = DK_VALUE_INTEGER;
	if (!dk_value_integer(&text, &value->integer)) {
		value->kind = DK_VALUE_REAL;
		if (!dk_value_number(&text, &value->real))
			return fail(parsing, "a number");
	}
	value->text = text.text;
	skip(parsing, length);
	return 0;
}

/* What a variable is, or a text with variables in it, that takes the place of what is written up to
 * `end`: a number, or a text or a regular expression in quotes; `dollar` is put before each $ that it
 * has. A value that holds a quote itself cannot be written so. */
static void
show(struct parsing *parsing, struct dk_slice value, const char *dollar, const char *quote,
     const char *begin, const char *end)
{
	if (*quote && dk_slice_has(value, *quote))
		return;
	dk_buffer_add(&parsing->shown,
		      dk_slice_new(parsing->copied, (size_t)(begin - parsing->copied)));
	dk_buffer_add_text(&parsing->shown, quote);
	for (size_t i = 0; i < value.length; i++) {
		if (value.data[i] == '$')
			dk_buffer_add_text(&parsing->shown, dollar);
		dk_buffer_add(&parsing->shown, dk_slice_new(&value.data[i], 1));
	}
	dk_buffer_add_text(&parsing->shown, quote);
	parsing->copied = end;
}

/* Of a variable: a text, or a number where it is declared as one. */
static void
take_constant(struct parsing *parsing, struct dk_operand *operand, struct dk_buffer *text,
	      const char *end)
{
	const struct dk_scope *scope = parsing->scope;
	struct dk_value value = { .kind = DK_VALUE_TEXT,
				  .text = dk_slice_new(text->data, text->length) };

	operand->constant = value;
	operand->kept = text->data;
	if (scope->is_number && scope->is_number(scope->context, operand->reference.name)) {
		if (dk_value_integer(&value, &operand->constant.integer))
			operand->constant.kind = DK_VALUE_INTEGER;
		else if (dk_value_number(&value, &operand->constant.real))
			operand->constant.kind = DK_VALUE_REAL;
	}
	show(parsing, value.text, "$", operand->constant.kind == DK_VALUE_TEXT ? "'" : "",
		      parsing->rest.data, end);
}

/* A variable is known, a field is a reference. */
static int
parse_name(struct parsing *parsing, struct dk_operand *operand)
{
	struct dk_buffer constant = { 0 };
	struct dk_slice after = dk_slice_after(parsing->rest, 1);
	size_t length;

	switch (dk_reference_read(after, parsing->scope, &operand->reference, &constant, &length,
				  parsing->error)) {
	case DK_MEANS_TEXT:
		dk_buffer_add_text(&constant, "");
		take_constant(parsing, operand, &constant, after.data + length);
		break;
	case DK_MEANS_REFERENCE:
		operand->is_constant = false;
		break;
	case DK_MEANS_UNKNOWN: /* it is written, and so it is a text */
		operand->constant.kind = DK_VALUE_TEXT;
		operand->constant.text = dk_slice_new(parsing->rest.data, length + 1);
		break;
	case DK_MEANS_ERROR:
		return -1;
	}
	skip(parsing, length + 1);
	return 0;
}

/* As in every string: variables are replaced, and $$ is a dollar. */
static int
replace_variables(struct parsing *parsing, struct dk_operand *operand)
{
	struct dk_slice written = operand->constant.text;
	struct dk_buffer expanded = { 0 };
	int status = dk_expand(written, parsing->scope, &expanded, parsing->error);

	operand->constant.text = dk_slice_new(expanded.data, expanded.length);
	operand->kept = expanded.data;
	if (status == 0)
		show(parsing, operand->constant.text, "$", "'", written.data - 1,
		     written.data + written.length + 1);
	return status;
}

static int
parse_text(struct parsing *parsing, struct dk_operand *operand)
{
	operand->constant.kind = DK_VALUE_TEXT;
	operand->constant.text = take_quoted(parsing);
	if (!operand->constant.text.data)
		return fail(parsing, "a ' at the end of the text");
	return dk_slice_has(operand->constant.text, '$') ? replace_variables(parsing, operand) : 0;
}

static int
parse_into(struct parsing *parsing, struct dk_operand *operand)
{
	char first = parsing->rest.length > 0 ? parsing->rest.data[0] : '\0';
	struct dk_value *value = &operand->constant;

	if (first == '$')
		return parse_name(parsing, operand);
	if (first == '\'')
		return parse_text(parsing, operand);
	if (first != '\0' && strchr("+-.0123456789", first))
		return parse_number(parsing, value);
	value->kind = DK_VALUE_TRUTH;
	value->truth = takes(parsing, "true");
	if (!value->truth && !takes(parsing, "false"))
		return fail_meaning(parsing, "a value ($NAME, ${header.x}, 'text', 100, true)",
				    true);
	value->text = dk_slice_of(value->truth ? "true" : "false");
	return 0;
}

static int
fail_many(struct parsing *parsing)
{
	return dk_fail(parsing->error, "it has more than %d values", NODES_MAX);
}

/* The number of the operand; -1 with an error. */
static int
parse_value(struct parsing *parsing)
{
	if (parsing->expression->operand_count == NODES_MAX)
		return fail_many(parsing);
	if (parse_into(parsing, add_operand(parsing)) != 0)
		return -1;
	return (int)parsing->expression->operand_count - 1;
}

/* --- Comparisons --- */

static const struct {
	const char *word;
	enum dk_operator operator;
} comparisons[] = {
	{ "==", DK_EQUAL },	  { "!=", DK_UNEQUAL },	     { "<=", DK_LESS_OR_EQUAL },
	{ ">=", DK_MORE_OR_EQUAL }, { "<", DK_LESS },	     { ">", DK_MORE },
	{ "in", DK_IN },	  { "~", DK_MATCHES },
};

#define COMPARISONS (sizeof(comparisons) / sizeof(comparisons[0]))

/* A list with commas, of a value that is known: each of its items becomes an operand. An empty one
 * has none, and a comma at the end is the last item's. */
static int
split_list(struct parsing *parsing, struct dk_node_of_expression *node)
{
	struct dk_value list = parsing->expression->operands[node->right].constant;
	struct dk_slice rest = list.text;

	if (!parsing->expression->operands[node->right].is_constant || list.kind != DK_VALUE_TEXT)
		return dk_fail(parsing->error,
			       "what stands behind in is a list: in ('a', 'b'), or in $LIST of a "
			       "variable");
	for (node->right++; rest.length > 0; node->count++) {
		const char *comma = memchr(rest.data, ',', rest.length);
		size_t length = comma ? (size_t)(comma - rest.data) : rest.length;

		if (parsing->expression->operand_count == NODES_MAX)
			return fail_many(parsing);
		add_operand(parsing)->constant =
			(struct dk_value){ .kind = DK_VALUE_TEXT,
					   .text = dk_slice_new(rest.data, length) };
		rest = dk_slice_after(rest, length + (comma != NULL));
	}
	return 0;
}

static int
parse_list(struct parsing *parsing, struct dk_node_of_expression *node)
{
	int value;

	node->right = parsing->expression->operand_count;
	if (!takes(parsing, "("))
		return parse_value(parsing) < 0 ? -1 : split_list(parsing, node);
	do {
		value = parse_value(parsing);
		if (value < 0)
			return -1;
		node->count++;
	} while (takes(parsing, ","));
	return takes(parsing, ")") ? 0 : fail(parsing, "a , or a )");
}

static int
parse_regex(struct parsing *parsing, struct dk_node_of_expression *node)
{
	const char *begin = parsing->rest.data;
	struct dk_slice text = take_quoted(parsing), value;
	struct dk_buffer expanded = { 0 };

	if (!text.data)
		return fail(parsing, "a regular expression in quotes, like 'ab+',");
	if (dk_expand_quoted(text, parsing->scope, dk_regex_quote, &expanded, parsing->error) == 0) {
		value = dk_slice_new(expanded.data, expanded.length);
		node->regex = dk_regex_new(value, true, parsing->error);
		if (!dk_slice_is(value, text) && !memmem(value.data, value.length, "${", 2))
			show(parsing, value, "", "'", begin, parsing->rest.data);
	}
	dk_buffer_clear(&expanded);
	return node->regex ? 0 : -1;
}

static int
parse_right(struct parsing *parsing, struct dk_node_of_expression *node)
{
	int right;

	if (node->operator == DK_IN)
		return parse_list(parsing, node);
	if (node->operator == DK_MATCHES)
		return parse_regex(parsing, node);
	right = parse_value(parsing);
	node->right = (size_t)right;
	return right < 0 ? -1 : 0;
}

static int
parse_comparison(struct parsing *parsing)
{
	struct dk_node_of_expression node = { .operator = DK_IS_TRUE };
	int left = parse_value(parsing);

	if (left < 0)
		return -1;
	node.left = (size_t)left;
	for (size_t i = 0; i < COMPARISONS; i++) {
		if (!takes(parsing, comparisons[i].word))
			continue;
		node.operator = comparisons[i].operator;
		if (parse_right(parsing, &node) != 0)
			return -1;
		break;
	}
	return add_node(parsing, node);
}

/* --- Conditions --- */

static int parse_or(struct parsing *parsing);

static int
parse_one(struct parsing *parsing)
{
	int inside;

	if (takes(parsing, "!")) {
		inside = parsing->depth++ < DEEPEST ? parse_one(parsing) :
						      fail(parsing, "less nesting");
		parsing->depth--;
		return inside < 0 ? -1 :
				    add_node(parsing, (struct dk_node_of_expression){
							      .operator = DK_NOT,
							      .left = (size_t)inside });
	}
	if (!takes(parsing, "("))
		return parse_comparison(parsing);
	inside = parsing->depth++ < DEEPEST ? parse_or(parsing) : fail(parsing, "less nesting");
	parsing->depth--;
	if (inside >= 0 && !takes(parsing, ")"))
		return fail(parsing, "&&, || or a )");
	return inside;
}

/* What is joined by one operator, from the left. */
static int
parse_joined(struct parsing *parsing, const char *word, enum dk_operator operator,
	     int (*parse)(struct parsing *parsing))
{
	int left = parse(parsing), right;

	while (left >= 0 && takes(parsing, word)) {
		right = parse(parsing);
		if (right < 0)
			return -1;
		left = add_node(parsing, (struct dk_node_of_expression){
						 .operator = operator,
						 .left = (size_t)left,
						 .right = (size_t)right });
	}
	return left;
}

static int
parse_and(struct parsing *parsing)
{
	return parse_joined(parsing, "&&", DK_AND, parse_one);
}

static int
parse_or(struct parsing *parsing)
{
	return parse_joined(parsing, "||", DK_OR, parse_and);
}

struct dk_expression *
dk_expression_new(struct dk_slice text, const struct dk_scope *scope, struct dk_error *error)
{
	struct dk_expression *expression = calloc(1, sizeof(*expression));
	struct parsing parsing = { .expression = expression, .scope = scope, .error = error };
	int root;

	if (!expression || !(expression->text = strndup(text.data ? text.data : "", text.length)))
		abort();
	parsing.rest = dk_slice_of(expression->text);
	parsing.copied = expression->text;
	skip(&parsing, 0);
	root = parse_or(&parsing);
	if (root >= 0 && parsing.rest.length > 0)
		root = fail_meaning(&parsing, "a comparison (== != < <= > >= in ~), && or ||",
				    false);
	dk_buffer_add_text(&parsing.shown, parsing.copied);
	expression->shown = dk_buffer_detach(&parsing.shown);
	if (root < 0) {
		dk_expression_free(expression);
		return NULL;
	}
	expression->root = (size_t)root;
	return expression;
}
