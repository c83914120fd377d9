/* SPDX-License-Identifier: Apache-2.0
 *
 * expression.h - a condition on a message, compiled: ${header.type} == 'order' && ${json.total} > 100
 *
 *	expression	= both { "||" both }
 *	both		= one { "&&" one }
 *	one		= "!" one | "(" expression ")" | value [ comparison ]
 *	comparison	= ( "==" | "!=" | "<" | "<=" | ">" | ">=" ) value
 *			| "in" ( "(" value { "," value } ")" | value )
 *			| "~" 'regular expression'
 *	value		= $NAME | ${…} | 'text' | number | true | false
 *
 * Two values are compared as numbers when one of them is a number (an integer, a real, of JSON or as
 * written here), else as text, byte by byte. What is absent, or is no number where one is wanted,
 * makes a comparison false, != too. A value alone is true when it is true, a number that is not 0,
 * or one of the words true, yes and on. What is behind in, when it is one value, is a list with
 * commas, like a variable of type list; an empty one has no items. A regular expression is PCRE2's,
 * and has to match the whole value. In a text variables are replaced and $$ is a dollar, as in every
 * string; in a regular expression only ${NAME} is, by what stands for the value itself.
 */
#ifndef DK_LANGUAGE_EXPRESSION_H
#define DK_LANGUAGE_EXPRESSION_H

#include "daemon/language/names.h"
#include "daemon/language/view.h"

struct dk_expression;

/* NULL with an error. The scope's captures outlive it. */
struct dk_expression *dk_expression_new(struct dk_slice text, const struct dk_scope *scope,
					struct dk_error *error);
void dk_expression_free(struct dk_expression *expression);

bool dk_expression_holds(const struct dk_expression *expression, struct dk_view *view);

/* What it is for every message. */
enum dk_always { DK_ALWAYS_FALSE, DK_ALWAYS_TRUE, DK_ALWAYS_EITHER };
enum dk_always dk_expression_always(const struct dk_expression *expression);

/* As it was written, with variables replaced. */
const char *dk_expression_text(const struct dk_expression *expression);
/* Adds all that variables made of it, a line each: what its text leaves out, as a value with a quote,
 * is there, so that two of the same text and constants are the same. */
void dk_expression_add_constants(const struct dk_expression *expression, struct dk_buffer *out);

/* Whether the payload is parsed for it. */
bool dk_expression_needs_document(const struct dk_expression *expression);
/* Calls back for each reference that has no value without a part of the message, with its name. */
void dk_expression_each_wanted(const struct dk_expression *expression,
			       void (*found)(void *context, unsigned part, struct dk_slice name),
			       void *context);

#endif
