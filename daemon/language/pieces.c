/* SPDX-License-Identifier: Apache-2.0
 *
 * pieces.c - a template's pieces, cut into the levels that they make.
 */
#include "daemon/language/pieces.h"

#include <stdlib.h>

#include "daemon/base/buffer.h"
#include "daemon/language/pattern_levels.h"

/* What a level holds besides literals. */
enum holds {
	HOLDS_NOTHING,
	HOLDS_VALUE,
	HOLDS_REST,
};

struct building {
	const struct dk_grammar *grammar;
	struct dk_buffer text;
	struct dk_pattern_level levels[DK_PATTERN_LEVELS_MAX];
	size_t count;
	/* The level that is being made: its text begins at `from`, its first value comes `before`
	 * bytes later, and what stands there between values is forgotten. */
	size_t from, before;
	enum holds holds;
};

/* The last one that there is room for stands for all that come. */
static void
add_level(struct building *building, enum dk_level_kind kind)
{
	struct dk_pattern_level *level = &building->levels[building->count];

	if (building->count == DK_PATTERN_LEVELS_MAX)
		return;
	*level = (struct dk_pattern_level){ .slot = -1, .kind = (uint8_t)kind };
	if (++building->count == DK_PATTERN_LEVELS_MAX)
		level->kind = DK_LEVEL_ANY;
}

static void
add_text_level(struct building *building, enum dk_level_kind kind)
{
	size_t length = building->text.length - building->from;

	if (kind == DK_LEVEL_PARTLY && length == 0)
		kind = DK_LEVEL_ONE;
	add_level(building, kind);
	if (building->levels[building->count - 1].kind == DK_LEVEL_ANY)
		return;
	building->levels[building->count - 1].from = (uint16_t)building->from;
	building->levels[building->count - 1].length = (uint16_t)length;
	building->levels[building->count - 1].before = (uint16_t)building->before;
}

/* A rest makes of its level the first of several, or the last where only what comes after it is
 * known. In AMQP an empty one may be no level at all. */
static void
add_rest(struct building *building)
{
	bool has_before = building->before > 0;
	bool has_after = building->text.length > building->from;

	if (has_before)
		add_text_level(building, DK_LEVEL_PARTLY);
	else if (!has_after && !building->grammar->rest_is_anywhere)
		add_level(building, DK_LEVEL_ONE);
	add_level(building, DK_LEVEL_ANY);
	if (!has_before && has_after)
		add_text_level(building, DK_LEVEL_PARTLY);
}

static void
end_level(struct building *building)
{
	if (building->holds == HOLDS_REST)
		add_rest(building);
	else
		add_text_level(building, building->holds == HOLDS_NOTHING ? DK_LEVEL_LITERAL
									  : DK_LEVEL_PARTLY);
	building->from = building->text.length;
	building->before = 0;
	building->holds = HOLDS_NOTHING;
}

static bool
is_in_exchange(const struct building *building)
{
	return building->count == 0 && building->grammar->first_separator;
}

static void
add_value(struct building *building, bool is_rest)
{
	if (building->holds == HOLDS_NOTHING)
		building->before = building->text.length - building->from;
	building->text.length = building->from + building->before;
	if (is_rest && !is_in_exchange(building))
		building->holds = HOLDS_REST;
	else if (building->holds == HOLDS_NOTHING)
		building->holds = HOLDS_VALUE;
}

/* What comes after a rest is in another level, perhaps: of one level both ends are not known. */
static void
add_literal(struct building *building, struct dk_slice literal)
{
	for (size_t i = 0; i < literal.length; i++) {
		char separator = is_in_exchange(building) ? building->grammar->first_separator
							  : building->grammar->separator;

		if (separator && literal.data[i] == separator)
			end_level(building);
		else if (building->holds != HOLDS_REST || building->before == 0)
			dk_buffer_add(&building->text, dk_slice_new(&literal.data[i], 1));
	}
}

static struct dk_pattern *
finish(const struct building *building)
{
	size_t head = sizeof(struct dk_pattern) + building->count * sizeof(*building->levels);
	struct dk_pattern *pattern = malloc(head + building->text.length + 1);

	if (!pattern)
		abort();
	*pattern = (struct dk_pattern){ .filter = (char *)pattern + head,
					.count = (uint16_t)building->count,
					.is_of_pieces = true };
	memcpy(pattern->levels, building->levels, building->count * sizeof(*building->levels));
	if (building->text.length > 0)
		memcpy(pattern->filter, building->text.data, building->text.length);
	pattern->filter[building->text.length] = '\0';
	return pattern;
}

static bool
is_too_long(const struct dk_pattern_piece *pieces, size_t count)
{
	size_t length = 0;

	for (size_t i = 0; i < count; i++)
		length += pieces[i].literal.data ? pieces[i].literal.length : 0;
	return length > DK_PATTERN_LONGEST;
}

static void
add_pieces(struct building *building, const struct dk_pattern_piece *pieces, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (pieces[i].literal.data)
			add_literal(building, pieces[i].literal);
		else
			add_value(building, pieces[i].is_rest);
	end_level(building);
}

struct dk_pattern *
dk_pattern_of_pieces(enum dk_dialect dialect, const struct dk_pattern_piece *pieces, size_t count)
{
	struct building building = { .grammar = dk_grammar_of(dialect) };
	struct dk_pattern *pattern;

	if (is_too_long(pieces, count))
		add_level(&building, DK_LEVEL_ANY);
	else
		add_pieces(&building, pieces, count);
	pattern = finish(&building);
	dk_buffer_clear(&building.text);
	return pattern;
}
