/* SPDX-License-Identifier: Apache-2.0
 *
 * expression.c - what an expression is for a message, or for all.
 */
#include "daemon/language/expression_nodes.h"

#include <stdlib.h>

/* What makes values known; without a view only those that are constant are. */
struct evaluation {
	const struct dk_expression *expression;
	struct dk_view *view;
};

/* Whether it is known. A value that cannot be made (a format of what is no number) is absent. */
static bool
value_of(const struct evaluation *evaluation, size_t number, int side, struct dk_value *value)
{
	const struct dk_operand *operand = &evaluation->expression->operands[number];

	*value = operand->constant;
	if (operand->is_constant)
		return true;
	if (!evaluation->view)
		return false;
	if (dk_reference_value(&operand->reference, evaluation->view,
			       &evaluation->view->scratch[side], value))
		value->kind = DK_VALUE_ABSENT;
	return true;
}

static bool
holds(enum dk_operator operator, int order)
{
	switch (operator) {
	case DK_EQUAL:
		return order == 0;
	case DK_UNEQUAL:
		return order != 0;
	case DK_LESS:
		return order < 0;
	case DK_LESS_OR_EQUAL:
		return order <= 0;
	case DK_MORE:
		return order > 0;
	default:
		return order >= 0;
	}
}

static enum dk_always
always(bool is_true)
{
	return is_true ? DK_ALWAYS_TRUE : DK_ALWAYS_FALSE;
}

static enum dk_always
compare(const struct evaluation *evaluation, enum dk_operator operator, size_t left, size_t right)
{
	struct dk_value a, b;
	int order;

	if (!value_of(evaluation, left, 0, &a) || !value_of(evaluation, right, 1, &b))
		return DK_ALWAYS_EITHER;
	return always(dk_values_compare(&a, &b, &order) && holds(operator, order));
}

static enum dk_always
is_in(const struct evaluation *evaluation, const struct dk_node_of_expression *node)
{
	enum dk_always found = DK_ALWAYS_FALSE;

	for (size_t i = 0; i < node->count && found != DK_ALWAYS_TRUE; i++) {
		enum dk_always one = compare(evaluation, DK_EQUAL, node->left, node->right + i);

		found = one == DK_ALWAYS_FALSE ? found : one;
	}
	return found;
}

static enum dk_always
matches(const struct evaluation *evaluation, const struct dk_node_of_expression *node)
{
	struct dk_value value;
	struct dk_slice text;

	if (!value_of(evaluation, node->left, 0, &value))
		return DK_ALWAYS_EITHER;
	text = value.text;
	if (value.kind == DK_VALUE_ABSENT)
		return DK_ALWAYS_FALSE;
	if (!text.data) { /* of the message: what is constant has its text */
		struct dk_buffer *scratch = &evaluation->view->scratch[1];

		scratch->length = 0;
		dk_value_add(&value, scratch);
		text = dk_slice_new(scratch->data, scratch->length);
	}
	return always(dk_regex_match(node->regex, text, NULL));
}

static enum dk_always
is_true(const struct evaluation *evaluation, size_t operand)
{
	struct dk_value value;

	return value_of(evaluation, operand, 0, &value) ? always(dk_value_is_true(&value)) :
							  DK_ALWAYS_EITHER;
}

static enum dk_always evaluate(const struct evaluation *evaluation, size_t number);

/* One that decides does so whatever the other is. */
static enum dk_always
join(const struct evaluation *evaluation, const struct dk_node_of_expression *node,
     enum dk_always deciding)
{
	enum dk_always left = evaluate(evaluation, node->left), right;

	if (left == deciding)
		return deciding;
	right = evaluate(evaluation, node->right);
	return right == deciding || left != DK_ALWAYS_EITHER ? right : DK_ALWAYS_EITHER;
}

static enum dk_always
evaluate(const struct evaluation *evaluation, size_t number)
{
	const struct dk_node_of_expression *node = &evaluation->expression->nodes[number];
	enum dk_always result;

	switch (node->operator) {
	case DK_OR:
		return join(evaluation, node, DK_ALWAYS_TRUE);
	case DK_AND:
		return join(evaluation, node, DK_ALWAYS_FALSE);
	case DK_NOT:
		result = evaluate(evaluation, node->left);
		return result == DK_ALWAYS_EITHER ? result : always(result == DK_ALWAYS_FALSE);
	case DK_IS_TRUE:
		return is_true(evaluation, node->left);
	case DK_IN:
		return is_in(evaluation, node);
	case DK_MATCHES:
		return matches(evaluation, node);
	default:
		return compare(evaluation, node->operator, node->left, node->right);
	}
}

bool
dk_expression_holds(const struct dk_expression *expression, struct dk_view *view)
{
	struct evaluation evaluation = { expression, view };

	return evaluate(&evaluation, expression->root) == DK_ALWAYS_TRUE;
}

enum dk_always
dk_expression_always(const struct dk_expression *expression)
{
	struct evaluation evaluation = { expression, NULL };

	return evaluate(&evaluation, expression->root);
}

void
dk_expression_free(struct dk_expression *expression)
{
	if (!expression)
		return;
	for (size_t i = 0; i < expression->operand_count; i++) {
		dk_reference_clear(&expression->operands[i].reference);
		free(expression->operands[i].kept);
	}
	for (size_t i = 0; i < expression->node_count; i++)
		dk_regex_free(expression->nodes[i].regex);
	free(expression->operands);
	free(expression->nodes);
	free(expression->text);
	free(expression->shown);
	free(expression);
}

const char *
dk_expression_text(const struct dk_expression *expression)
{
	return expression->shown;
}

void
dk_expression_add_constants(const struct dk_expression *expression, struct dk_buffer *out)
{
	for (size_t i = 0; i < expression->operand_count; i++)
		if (expression->operands[i].kept) {
			dk_buffer_add_text(out, expression->operands[i].kept);
			dk_buffer_add_text(out, "\n");
		}
	for (size_t i = 0; i < expression->node_count; i++)
		if (expression->nodes[i].regex) {
			dk_buffer_add(out, dk_regex_text(expression->nodes[i].regex));
			dk_buffer_add_text(out, "\n");
		}
}

bool
dk_expression_needs_document(const struct dk_expression *expression)
{
	for (size_t i = 0; i < expression->operand_count; i++)
		if (!expression->operands[i].is_constant &&
		    dk_reference_needs_document(&expression->operands[i].reference))
			return true;
	return false;
}

void
dk_expression_each_wanted(const struct dk_expression *expression,
			  void (*found)(void *context, unsigned part, struct dk_slice name),
			  void *context)
{
	for (size_t i = 0; i < expression->operand_count; i++) {
		const struct dk_reference *reference = &expression->operands[i].reference;

		if (!expression->operands[i].is_constant && dk_reference_wants(reference))
			found(context, dk_reference_wants(reference), reference->name);
	}
}
