/* SPDX-License-Identifier: Apache-2.0
 *
 * list_json.c - items from JSON, also from Consul's. The only file that knows jansson.
 *
 * The library does not tell where a value stood, so a line is found by walking through the text,
 * which by then is known to be JSON.
 */
#include <jansson.h>
#include <stdlib.h>

#include "daemon/base/base64.h"
#include "daemon/config/list_items.h"

/* --- Lines --- */

struct walk {
	const char *at, *end;
	unsigned line;
};

static struct walk
walk_of(struct dk_slice text)
{
	const char *begin = text.data ? text.data : "";

	return (struct walk){ begin, begin + text.length, 1 };
}

static void
step(struct walk *walk)
{
	walk->line += *walk->at == '\n';
	walk->at++;
}

static void
skip_space(struct walk *walk)
{
	while (walk->at < walk->end && strchr(" \t\r\n", *walk->at))
		step(walk);
}

static void
skip_text(struct walk *walk)
{
	for (walk->at++; walk->at < walk->end && *walk->at != '"'; walk->at++)
		walk->at += *walk->at == '\\';
	walk->at++;
}

/* Past the elements of an array, or the members of an object, up to this one. */
static void
skip_to(struct walk *walk, size_t number)
{
	int depth = 0;

	for (skip_space(walk); number > 0 && walk->at < walk->end;) {
		char c = *walk->at;

		if (c == '"') {
			skip_text(walk);
			continue;
		}
		depth += c == '[' || c == '{';
		depth -= c == ']' || c == '}';
		number -= c == ',' && depth == 0;
		step(walk);
	}
	skip_space(walk);
}

/* Into what begins here. */
static void
enter(struct walk *walk)
{
	skip_space(walk);
	if (walk->at < walk->end)
		step(walk);
	skip_space(walk);
}

/* --- Reading --- */

struct reading {
	struct dk_items *items;
	const char *file;
	struct walk walk; /* at the element that is read */
};

static struct dk_place
place_of(const struct reading *reading)
{
	return (struct dk_place){ reading->file, reading->walk.line };
}

static struct dk_place
place_of_member(const struct reading *reading, size_t number)
{
	struct walk walk = reading->walk;

	enter(&walk);
	skip_to(&walk, number);
	return (struct dk_place){ reading->file, walk.line };
}

static const char *
kind_name(const json_t *value)
{
	static const char *const names[] = {
		[JSON_OBJECT] = "an object",   [JSON_ARRAY] = "an array",
		[JSON_STRING] = "a string",    [JSON_INTEGER] = "an integer",
		[JSON_REAL] = "a real number", [JSON_TRUE] = "true",
		[JSON_FALSE] = "false",        [JSON_NULL] = "null",
	};

	return names[json_typeof(value)];
}

/* NULL with a fault. To be let go by json_decref. */
static json_t *
parse(const struct dk_items *items, struct dk_slice text, const char *file)
{
	json_error_t error;
	json_t *root = json_loadb(text.data ? text.data : "", text.length,
				  JSON_REJECT_DUPLICATES, &error);

	if (!root)
		dk_fault(items->faults,
			 (struct dk_place){ file, error.line > 0 ? (unsigned)error.line : 0 },
			 "list %s: no JSON that can be read: %s", items->list, error.text);
	return root;
}

static char *
keep_text(const struct dk_items *items, const json_t *value)
{
	return dk_memory_text(items->memory,
			      dk_slice_new(json_string_value(value), json_string_length(value)));
}

/* False: it is none of what a field may be. */
static bool
read_scalar(const struct dk_items *items, const json_t *value, struct dk_node *node)
{
	switch (json_typeof(value)) {
	case JSON_STRING:
		node->kind = DK_NODE_TEXT;
		node->text = keep_text(items, value);
		return true;
	case JSON_INTEGER:
		node->kind = DK_NODE_INTEGER;
		node->integer = json_integer_value(value);
		node->text = dk_memory_print(items->memory, "%lld", (long long)node->integer);
		return true;
	case JSON_REAL:
		node->kind = DK_NODE_REAL;
		node->text = dk_memory_print(items->memory, "%.15g", json_real_value(value));
		return true;
	case JSON_TRUE:
	case JSON_FALSE:
		node->kind = DK_NODE_TRUTH;
		node->integer = json_is_true(value);
		node->text = node->integer ? "true" : "false";
		return true;
	default:
		return false;
	}
}

static void
read_field(const struct reading *reading, const char *item, const char *name, const json_t *value,
	   size_t number, struct dk_node *node)
{
	const struct dk_items *items = reading->items;

	node->name = dk_memory_text(items->memory, dk_slice_of(name));
	node->place = place_of(reading);
	if (!read_scalar(items, value, node))
		dk_fault(items->faults, place_of_member(reading, number),
			 "list %s: the field %s of %s is %s; a string, a number, true or false?",
			 items->list, name, item, kind_name(value));
}

/* Whether a setting could have the name. */
static bool
is_name(const char *name)
{
	static const char legal[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-0123456789";

	return *name && strspn(name, "_-0123456789") == 0 &&
	       !name[strspn(name, legal)];
}

/* All members but the name. NULL: there are none. */
static struct dk_node *
read_fields(const struct reading *reading, json_t *object, const char *item)
{
	struct dk_plan_memory *memory = reading->items->memory;
	struct dk_node *fields;
	const char *name;
	size_t number = 0;
	json_t *value;

	if (json_object_size(object) == (json_object_get(object, "name") ? 1 : 0))
		return NULL;
	fields = dk_memory_take(memory, sizeof(*fields));
	*fields = (struct dk_node){ .name = item, .kind = DK_NODE_GROUP,
				    .place = place_of(reading) };
	fields->inside = dk_memory_take(memory, json_object_size(object) * sizeof(*fields));
	json_object_foreach(object, name, value) {
		if (strcmp(name, "name") != 0 && is_name(name))
			read_field(reading, item, name, value, number,
				   &fields->inside[fields->count++]);
		number++;
	}
	return fields;
}

static void
read_object(const struct reading *reading, json_t *object, size_t number)
{
	const json_t *name = json_object_get(object, "name");
	const char *kept;

	if (!json_is_string(name)) {
		dk_fault(reading->items->faults, place_of(reading),
			 "list %s: item %zu has no \"name\" that is a string; "
			 "{ \"name\": \"…\" }?",
			 reading->items->list, number);
		return;
	}
	kept = keep_text(reading->items, name);
	dk_items_add(reading->items, kept, place_of(reading), read_fields(reading, object, kept));
}

static void
read_item(const struct reading *reading, json_t *value, size_t number)
{
	if (json_is_object(value))
		read_object(reading, value, number);
	else if (json_is_string(value))
		dk_items_add(reading->items, keep_text(reading->items, value), place_of(reading),
			     NULL);
	else
		dk_fault(reading->items->faults, place_of(reading),
			 "list %s: item %zu is %s; a string, or an object with a \"name\"?",
			 reading->items->list, number, kind_name(value));
}

/* Calls back for each element of an array, with the walk at it, as long as there may be more. */
static void
each_element(struct dk_items *items, struct dk_slice text, const char *file,
	     void (*call)(struct reading *reading, json_t *value, size_t number, const char *prefix),
	     const char *prefix)
{
	struct reading reading = { items, file, walk_of(text) };
	json_t *root = parse(items, text, file);
	json_t *value;
	size_t number;

	if (root && !json_is_array(root))
		dk_fault(items->faults, (struct dk_place){ file, 1 },
			 "list %s: the whole is %s; an array: [ \"…\", { \"name\": \"…\" } ]?",
			 items->list, kind_name(root));
	enter(&reading.walk);
	json_array_foreach(root, number, value) {
		call(&reading, value, number + 1, prefix);
		if (items->is_full)
			break;
		skip_to(&reading.walk, 1);
	}
	json_decref(root);
}

static void
read_json_item(struct reading *reading, json_t *value, size_t number, const char *prefix)
{
	(void)prefix;
	read_item(reading, value, number);
}

void
dk_items_read_json(struct dk_items *items, struct dk_slice text, const char *file)
{
	each_element(items, text, file, read_json_item, NULL);
}

/* --- Consul: [ { "Key": "diolkos/stores/berlin", "Value": base64 or null, … }, … ] --- */

/* The fields that a key's value holds; a place in it is in the key's own name. */
static struct dk_node *
read_value(struct dk_items *items, struct dk_slice value, const char *file, const char *item)
{
	struct reading reading = { items, file, walk_of(value) };
	struct dk_node *fields = NULL;
	json_t *root;

	skip_space(&reading.walk);
	if (reading.walk.at == reading.walk.end)
		return NULL;
	root = parse(items, value, file);
	if (root && !json_is_object(root))
		dk_fault(items->faults, place_of(&reading),
			 "list %s: the value of %s is %s; an object of fields, or nothing?",
			 items->list, item, kind_name(root));
	else if (root && json_object_get(root, "name"))
		dk_fault(items->faults, place_of(&reading),
			 "list %s: the value of %s has a \"name\"; its name is the key's",
			 items->list, item);
	else if (root)
		fields = read_fields(&reading, root, item);
	json_decref(root);
	return fields;
}

static void
read_key(struct dk_items *items, const char *file, const char *name, const json_t *value)
{
	const char *place = dk_memory_print(items->memory, "%s%s", file, name);
	char *item = dk_memory_text(items->memory, dk_slice_of(name));
	struct dk_buffer bytes = { 0 };

	if (json_is_string(value) &&
	    dk_base64_read(dk_slice_new(json_string_value(value), json_string_length(value)),
			   &bytes) != 0)
		dk_fault(items->faults, (struct dk_place){ place, 0 },
			 "list %s: the value of %s is no base64", items->list, name);
	else
		dk_items_add(items, item, (struct dk_place){ place, 0 },
			     read_value(items, dk_slice_new(bytes.data, bytes.length), place,
					item));
	dk_buffer_clear(&bytes);
}

/* What is not Consul's form is refused, and the folder itself, which is a key too, left out. */
static void
read_entry(struct reading *reading, json_t *entry, size_t number, const char *prefix)
{
	const char *key = json_string_value(json_object_get(entry, "Key"));
	size_t length = strlen(prefix);

	if (!key || strncmp(key, prefix, length) != 0)
		dk_fault(reading->items->faults, place_of(reading),
			 "list %s: entry %zu has no \"Key\" below %s; is this Consul?",
			 reading->items->list, number, prefix);
	else if (key[length])
		read_key(reading->items, reading->file, key + length,
			 json_object_get(entry, "Value"));
}

void
dk_items_read_consul(struct dk_items *items, struct dk_slice text, const char *file,
		     const char *prefix)
{
	each_element(items, text, file, read_entry, prefix);
}
