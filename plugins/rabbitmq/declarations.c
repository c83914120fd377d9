/* SPDX-License-Identifier: Apache-2.0
 *
 * declarations.c - what a sink's targets want to be there: a copy for the publishing thread, for a
 * reload may take the targets away.
 */
#include <stdlib.h>
#include <string.h>

#include "plugins/rabbitmq/rabbitmq.h"

static char *
copy(const char *text)
{
	char *copied = strdup(text);

	if (!copied)
		abort();
	return copied;
}

static int
compare(const void *a, const void *b)
{
	const struct rabbitmq_declaration *x = a, *y = b;
	int order = strcmp(x->address, y->address);

	return order ? order : x->queue_type - y->queue_type;
}

static void
let_go(struct rabbitmq_declaration *declaration)
{
	free(declaration->route);
	free(declaration->address);
}

/* Many routes may go to one exchange. */
static void
tidy(struct rabbitmq_declarations *declarations)
{
	size_t kept = 0;

	qsort(declarations->list, declarations->count, sizeof(*declarations->list), compare);
	for (size_t i = 0; i < declarations->count; i++)
		if (kept > 0 && compare(&declarations->list[kept - 1], &declarations->list[i]) == 0)
			let_go(&declarations->list[i]);
		else
			declarations->list[kept++] = declarations->list[i];
	declarations->count = kept;
}

struct rabbitmq_declarations *
rabbitmq_declarations_new(const struct dk_target *const *targets, size_t count)
{
	struct rabbitmq_declarations *declarations =
		calloc(1, sizeof(*declarations) + count * sizeof(*declarations->list));

	if (!declarations)
		abort();
	for (size_t i = 0; i < count; i++) {
		const struct rabbitmq_to *to = targets[i]->options;

		if (to->declare)
			declarations->list[declarations->count++] = (struct rabbitmq_declaration){
				copy(targets[i]->route), copy(targets[i]->template),
				targets[i]->is_literal, to->queue_type
			};
	}
	tidy(declarations);
	return declarations;
}

void
rabbitmq_declarations_free(struct rabbitmq_declarations *declarations)
{
	for (size_t i = 0; declarations && i < declarations->count; i++)
		let_go(&declarations->list[i]);
	free(declarations);
}

bool
rabbitmq_declarations_have(const struct rabbitmq_declarations *declarations,
			   const struct rabbitmq_declaration *declaration)
{
	return declarations && bsearch(declaration, declarations->list, declarations->count,
				       sizeof(*declaration), compare);
}
