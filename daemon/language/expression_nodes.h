/* SPDX-License-Identifier: Apache-2.0
 *
 * expression_nodes.h - a compiled expression, shared by its parser and what evaluates it.
 */
#ifndef DK_LANGUAGE_EXPRESSION_NODES_H
#define DK_LANGUAGE_EXPRESSION_NODES_H

#include "daemon/language/expression.h"
#include "daemon/language/reference.h"
#include "daemon/language/regex.h"

enum dk_operator {
	DK_OR,
	DK_AND,
	DK_NOT,
	DK_IS_TRUE, /* of a value */
	DK_EQUAL,
	DK_UNEQUAL,
	DK_LESS,
	DK_LESS_OR_EQUAL,
	DK_MORE,
	DK_MORE_OR_EQUAL,
	DK_IN,      /* the values from `right` on, `count` of them */
	DK_MATCHES, /* the regular expression */
};

/* left and right are numbers of nodes where the operator joins conditions, else of operands. */
struct dk_node_of_expression {
	enum dk_operator operator;
	size_t left, right, count;
	struct dk_regex *regex;
};

struct dk_operand {
	bool is_constant;
	struct dk_value constant; /* with its text, also of a number or a truth value */
	char *kept; /* what a constant's text points into; NULL: into the expression's text */
	struct dk_reference reference;
};

struct dk_expression {
	char *text;  /* a copy, into which operands point */
	char *shown; /* the same with variables replaced */
	struct dk_node_of_expression *nodes;
	size_t node_count, root;
	struct dk_operand *operands;
	size_t operand_count;
};

#endif
