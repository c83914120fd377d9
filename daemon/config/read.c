/* SPDX-License-Identifier: Apache-2.0
 *
 * read.c - a configuration file read into a tree. The only file that knows libconfig.
 */
#include <libconfig.h>
#include <stdlib.h>

#include "daemon/base/suggest.h"
#include "daemon/config/faults.h"
#include "daemon/config/tree.h"

#define DEEPEST 64

struct reading {
	struct dk_plan_memory *memory;
	struct dk_faults *faults;
	const char *path;
	const char *folder;   /* of the path, with a / at its end where there is any */
	const char *written;  /* the last file besides `path`, as its @include names it */
	const char *included; /* and with the folder: its name is kept once */
};

static const char *
file_of(struct reading *reading, const char *written)
{
	if (!written)
		return reading->path;
	if (!reading->written || strcmp(written, reading->written) != 0) {
		reading->written = dk_memory_text(reading->memory, dk_slice_of(written));
		reading->included =
			dk_memory_print(reading->memory, "%s%s", reading->folder, written);
	}
	return reading->included;
}

static struct dk_place
place_of(struct reading *reading, const config_setting_t *setting)
{
	return (struct dk_place){ file_of(reading, config_setting_source_file(setting)),
				  config_setting_source_line(setting) };
}

static enum dk_node_kind
kind_of(const config_setting_t *setting)
{
	switch (config_setting_type(setting)) {
	case CONFIG_TYPE_GROUP:
		return DK_NODE_GROUP;
	case CONFIG_TYPE_LIST:
	case CONFIG_TYPE_ARRAY:
		return DK_NODE_LIST;
	case CONFIG_TYPE_INT:
	case CONFIG_TYPE_INT64:
		return DK_NODE_INTEGER;
	case CONFIG_TYPE_FLOAT:
		return DK_NODE_REAL;
	case CONFIG_TYPE_BOOL:
		return DK_NODE_TRUTH;
	default:
		return DK_NODE_TEXT;
	}
}

static void
read_scalar(struct reading *reading, const config_setting_t *setting, struct dk_node *node)
{
	const char *text;

	switch (node->kind) {
	case DK_NODE_INTEGER:
		node->integer = config_setting_get_int64(setting);
		node->text = dk_memory_print(reading->memory, "%lld", (long long)node->integer);
		break;
	case DK_NODE_REAL:
		node->text = dk_memory_print(reading->memory, "%.15g",
					     config_setting_get_float(setting));
		break;
	case DK_NODE_TRUTH:
		node->integer = config_setting_get_bool(setting) != 0;
		node->text = node->integer ? "true" : "false";
		break;
	default:
		text = config_setting_get_string(setting);
		node->text = dk_memory_text(reading->memory, dk_slice_of(text ? text : ""));
		break;
	}
}

static void
read_setting(struct reading *reading, const config_setting_t *setting, struct dk_node *node,
	     int depth)
{
	const char *name = config_setting_name(setting);

	node->name = dk_memory_text(reading->memory, dk_slice_of(name ? name : ""));
	node->kind = kind_of(setting);
	node->place = place_of(reading, setting);
	if (node->kind != DK_NODE_GROUP && node->kind != DK_NODE_LIST) {
		read_scalar(reading, setting, node);
		return;
	}
	if (depth == DEEPEST) {
		dk_fault(reading->faults, node->place, "more than %d levels of nesting", DEEPEST);
		return;
	}
	node->count = (size_t)config_setting_length(setting);
	node->inside = dk_memory_take(reading->memory, node->count * sizeof(*node));
	for (size_t i = 0; i < node->count; i++)
		read_setting(reading, config_setting_get_elem(setting, (unsigned)i),
			     &node->inside[i], depth + 1);
}

static void
tell_syntax(struct reading *reading, const config_t *config)
{
	struct dk_place place = { file_of(reading, config_error_file(config)),
				  (unsigned)config_error_line(config) };
	const char *text = config_error_text(config);
	static const struct {
		const char *text, *told;
	} rows[] = {
		{ "syntax error", "syntax error here or just before; is a = or a closing quote, "
				  "brace or bracket missing?" },
		{ "duplicate setting name",
		  "a name is given twice in one group; remove or rename one?" },
		{ "mismatched element type in array",
		  "what stands between [ and ] is all of one kind; ( ) for a list of several?" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(text, rows[i].text) == 0)
			text = rows[i].told;
	dk_fault(reading->faults, place, "%s", text);
}

struct dk_node *
dk_file_read(const char *path, struct dk_plan_memory *memory, struct dk_faults *faults)
{
	const char *slash = strrchr(path, '/');
	struct reading reading = { .memory = memory, .faults = faults, .path = path };
	char *text = dk_lexical_read(path, faults);
	struct dk_node *root = NULL;
	config_t config;

	if (!text)
		return NULL;
	reading.folder = dk_memory_text(
		memory, dk_slice_new(path, slash ? (size_t)(slash - path) + 1 : 0));
	config_init(&config);
	/* An included file's name is relative to the file, not to where the daemon runs. */
	if (slash)
		config_set_include_dir(&config, reading.folder);
	if (config_read_string(&config, text)) {
		root = dk_memory_take(memory, sizeof(*root));
		read_setting(&reading, config_root_setting(&config), root, 0);
	} else {
		tell_syntax(&reading, &config);
	}
	config_destroy(&config);
	free(text);
	return root;
}

const struct dk_node *
dk_node_find(const struct dk_node *group, const char *name)
{
	for (size_t i = 0; group && i < group->count; i++)
		if (strcmp(group->inside[i].name, name) == 0)
			return &group->inside[i];
	return NULL;
}

const char *
dk_node_misspelt(const struct dk_node *group, const char *name)
{
	for (size_t i = 0; i < group->count; i++) {
		struct dk_suggestion suggestion = {
			.written = dk_slice_of(group->inside[i].name),
		};

		dk_suggest(&suggestion, name);
		if (suggestion.nearest && strcmp(name, group->inside[i].name) != 0)
			return group->inside[i].name;
	}
	return NULL;
}

bool
dk_node_is_scalar(const struct dk_node *node)
{
	return node->kind != DK_NODE_GROUP && node->kind != DK_NODE_LIST;
}

const char *
dk_node_kind_name(const struct dk_node *node)
{
	static const char *const names[] = {
		[DK_NODE_GROUP] = "a group",     [DK_NODE_LIST] = "a list",
		[DK_NODE_TEXT] = "a text",       [DK_NODE_INTEGER] = "an integer",
		[DK_NODE_REAL] = "a real number", [DK_NODE_TRUTH] = "a truth value",
	};

	return names[node->kind];
}
