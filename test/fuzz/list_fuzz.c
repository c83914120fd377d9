/* SPDX-License-Identifier: Apache-2.0
 *
 * list_fuzz.c - any bytes as what a list's source gives: an array of items, and Consul's answer. Read
 * to items of legal and different names, or refused with a sentence, but never more.
 */
#include <stdint.h>
#include <stdlib.h>

#include "daemon/config/list_items.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_scalar(const struct dk_node *field)
{
	if (!*field->name || !dk_node_is_scalar(field) || !field->text)
		abort();
}

static void
check_item(const struct dk_item_list *list, size_t number)
{
	const struct dk_item *item = &list->items[number];
	size_t length = strlen(item->name);

	if (length == 0 || length > DK_ITEM_NAME_MAX || strpbrk(item->name, "/. +#*:$\"\\"))
		abort();
	for (size_t i = 0; i < number; i++)
		if (strcmp(list->items[i].name, item->name) == 0)
			abort();
	for (size_t i = 0; item->fields && i < item->fields->count; i++)
		check_scalar(&item->fields->inside[i]);
}

/* Every line that is named is one of the text. */
static void
check(struct dk_item_list *list, struct dk_slice text, const struct dk_faults *faults)
{
	size_t lines = 1;

	for (size_t i = 0; i < text.length; i++)
		lines += text.data[i] == '\n';
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i].place.line > lines)
			abort();
	for (size_t i = 0; dk_faults_count(faults) == 0 && i < list->count; i++)
		check_item(list, i);
}

static void
read_text(struct dk_slice text, const char *prefix)
{
	static FILE *nowhere;
	struct dk_plan_memory *memory = dk_memory_new();
	struct dk_faults *faults = dk_faults_new();
	struct dk_items items = dk_items_begin("l", memory, faults);
	struct dk_item_list list = { .name = "l" };

	if (!nowhere)
		nowhere = fopen("/dev/null", "we");
	if (prefix)
		dk_items_read_consul(&items, text, "f/", prefix);
	else
		dk_items_read_json(&items, text, "f");
	dk_items_end(&items, &list);
	check(&list, text, faults);
	dk_faults_print(faults, nowhere);
	dk_faults_free(faults);
	dk_memory_free(memory);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dk_slice text = dk_slice_new((const char *)data, size);

	read_text(text, NULL);
	read_text(text, "a/");
	return 0;
}
