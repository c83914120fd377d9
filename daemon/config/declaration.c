/* SPDX-License-Identifier: Apache-2.0
 *
 * declaration.c - what the file says of a variable.
 */
#include "daemon/config/declaration.h"

#include "daemon/config/words.h"

#define NAMES_ROOM 200

enum setting {
	TYPE,
	DEFAULT,
	MATCH,
	MIN,
	MAX,
	CHOICES,
	REQUIRED,
	SECRET,
	PATH,
	DESCRIPTION,
	WORDS,
};

const struct dk_word dk_variable_words[] = {
	[TYPE] = { "type", DK_KIND(TEXT),
		   "What its value must be; when absent, what its default is, else a text.",
		   "type = \"integer\";" },
	[DEFAULT] = { "default", DK_KIND_SCALAR | DK_KIND(LIST),
		      "Its value where neither the environment nor its file has one.", "a text" },
	[MATCH] = { "match", DK_KIND(TEXT),
		    "A regular expression for the whole value; of a list, for each item.",
		    "match = \"[a-z]+\";" },
	[MIN] = { "min", DK_KIND(TEXT) | DK_KIND(INTEGER),
		  "The least that an integer, a duration or a size may be.",
		  "min = 1; or \"10ms\"" },
	[MAX] = { "max", DK_KIND(TEXT) | DK_KIND(INTEGER), "The most that it may be.",
		  "max = 65535; or \"1h\"" },
	[CHOICES] = { "choices", DK_KIND(LIST),
		      "All values that there are; of a list, those that an item may be.",
		      "choices = ( \"a\", \"b\" );" },
	[REQUIRED] = { "required", DK_KIND(TRUTH),
		       "true: its value must not be empty; false: without a value it is empty; "
		       "when absent it must have a value, which may be empty.",
		       "required = true; or false" },
	[SECRET] = { "secret", DK_KIND(TRUTH), "Whether its value is shown by nothing.",
		     "secret = true; or false" },
	[PATH] = { "file", DK_KIND(TEXT),
		   "A file that holds its value, of 64 kB at most, without the line's end that it ends "
		   "with.",
		   "file = \"$CREDENTIALS_DIRECTORY/NAME\";" },
	[DESCRIPTION] = { "description", DK_KIND(TEXT), "What it is for, to be shown by -T.",
			  "a text" },
	[WORDS] = { 0 },
};

/* --- The settings, each of its kind --- */

static void
fault_unknown(const struct dk_node *variable, const struct dk_node *node, struct dk_faults *faults)
{
	struct dk_suggestion suggestion = { .written = dk_slice_of(node->name) };

	char names[NAMES_ROOM] = "";

	dk_words_suggest(dk_variable_words, &suggestion);
	dk_words_names(dk_variable_words, names, sizeof(names));
	if (suggestion.nearest)
		dk_fault(faults, node->place, "the variable %s has no setting \"%s\"; \"%s\"?",
			 variable->name, node->name, suggestion.nearest);
	else
		dk_fault(faults, node->place,
			 "the variable %s has no setting \"%s\"; it has: %s", variable->name,
			 node->name, names);
}

static const struct dk_node *
find_scalar_fault(const struct dk_node *list)
{
	for (size_t i = 0; list->kind == DK_NODE_LIST && i < list->count; i++)
		if (!dk_node_is_scalar(&list->inside[i]))
			return &list->inside[i];
	return NULL;
}

/* Puts it among the settings if it is one of a kind that it may be. */
static void
take(const struct dk_node **settings, const struct dk_node *variable, const struct dk_node *node,
     struct dk_faults *faults)
{
	const struct dk_node *item = find_scalar_fault(node);
	const struct dk_word *word = dk_words_find(dk_variable_words, node->name);

	if (!word)
		fault_unknown(variable, node, faults);
	else if (!(word->kinds & 1u << node->kind))
		dk_fault(faults, node->place, "the variable %s: %s is %s; %s?", variable->name,
			 node->name, dk_node_kind_name(node), word->example);
	else if (item)
		dk_fault(faults, item->place, "the variable %s: an item of %s is %s; a text?",
			 variable->name, node->name, dk_node_kind_name(item));
	else
		settings[word - dk_variable_words] = node;
}

/* A value alone is a default. */
static void
take_all(const struct dk_node **settings, const struct dk_node *variable, struct dk_faults *faults)
{
	const struct dk_node *item = find_scalar_fault(variable);

	if (item)
		dk_fault(faults, item->place, "the variable %s: an item is %s; a text?",
			 variable->name, dk_node_kind_name(item));
	else if (variable->kind != DK_NODE_GROUP)
		settings[DEFAULT] = variable;
	for (size_t i = 0; variable->kind == DK_NODE_GROUP && i < variable->count; i++)
		take(settings, variable, &variable->inside[i], faults);
}

/* --- Their meaning --- */

static enum dk_type
type_of_preset(const struct dk_node *preset)
{
	static const enum dk_type types[] = {
		[DK_NODE_TEXT] = DK_TYPE_TEXT,	    [DK_NODE_REAL] = DK_TYPE_TEXT,
		[DK_NODE_INTEGER] = DK_TYPE_INTEGER, [DK_NODE_TRUTH] = DK_TYPE_BOOLEAN,
		[DK_NODE_LIST] = DK_TYPE_LIST,
	};

	return preset ? types[preset->kind] : DK_TYPE_TEXT;
}

static enum dk_type
read_type(const struct dk_node *const *settings, const char *variable, struct dk_faults *faults)
{
	enum dk_type type = type_of_preset(settings[DEFAULT]);
	struct dk_error error;

	if (settings[TYPE] && dk_type_read(settings[TYPE]->text, &type, &error) != 0)
		dk_fault(faults, settings[TYPE]->place, "the variable %s: type: %s", variable,
			 error.text);
	return type;
}

static const char *
text_of(const struct dk_node *node)
{
	return node ? node->text : NULL;
}

static enum dk_need
need_of(const struct dk_node *required)
{
	if (!required)
		return DK_NEED_VALUE;
	return required->integer ? DK_NEED_MORE : DK_NEED_NOTHING;
}

/* Also what is only meant to be one, and wrongly written. */
static bool
is_secret(const struct dk_node *node)
{
	const struct dk_node *secret =
		node->kind == DK_NODE_GROUP ? dk_node_find(node, "secret") : NULL;

	return secret && (secret->kind != DK_NODE_TRUTH || secret->integer);
}

/* What libconfig takes for a name and $NAME does not. */
static void
check_name(const struct dk_node *node, struct dk_faults *faults)
{
	static const char legal[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";

	if (node->name[strspn(node->name, legal)])
		dk_fault(faults, node->place,
			 "the variable %s cannot be written as $%s: a name is of letters, digits "
			 "and _",
			 node->name, node->name);
}

static void
check(const struct dk_declaration *declaration, struct dk_faults *faults)
{
	const struct dk_node *preset = declaration->preset;
	struct dk_error error;

	if (dk_rules_check_themselves(&declaration->rules, &error) != 0)
		dk_fault(faults, declaration->place, "the variable %s: %s", declaration->name,
			 error.text);
	if (preset && preset->kind == DK_NODE_LIST && declaration->rules.type != DK_TYPE_LIST)
		dk_fault(faults, preset->place, "the variable %s is of type %s, its default a list",
			 declaration->name, dk_type_name(declaration->rules.type));
}

struct dk_declaration
dk_declaration_read(const struct dk_node *node, struct dk_faults *faults)
{
	const struct dk_node *settings[WORDS] = { NULL };
	struct dk_declaration declaration = { .name = node->name, .place = node->place };
	size_t before = dk_faults_count(faults);

	check_name(node, faults);
	take_all(settings, node, faults);
	declaration.rules = (struct dk_rules){
		.type = read_type(settings, node->name, faults),
		.match = text_of(settings[MATCH]),
		.min = text_of(settings[MIN]),
		.max = text_of(settings[MAX]),
		.choices = settings[CHOICES],
		.is_secret = is_secret(node),
	};
	declaration.need = need_of(settings[REQUIRED]);
	declaration.preset = settings[DEFAULT];
	declaration.file = settings[PATH];
	declaration.description = text_of(settings[DESCRIPTION]);
	check(&declaration, faults);
	declaration.is_good = dk_faults_count(faults) == before;
	return declaration;
}
