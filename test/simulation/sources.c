/* SPDX-License-Identifier: Apache-2.0
 *
 * sources.c - brokers that messages come from: one behind a plugin that stores, one with partitions
 * and committed positions, one that wants each message acknowledged.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/flow/pause.h"
#include "test/simulation/simulation.h"

static const char *const prefixes[SOURCES] = { "s", "p", "e" };

/* --- Outside --- */

void
source_produce(struct broker_source *source)
{
	struct simulation *simulation = source->simulation;
	struct ledger *ledger = &simulation->ledger;
	int id = ledger->count++;
	struct entry *entry = &ledger->entries[id];

	memset(entry, 0, sizeof(*entry));
	entry->source = source->number;
	entry->key = (int)chance_below(&simulation->chance, KEYS);
	entry->partition = source->number == SOURCE_PREFIX ? entry->key % PARTITIONS : 0;
	entry->position = source->length[entry->partition];
	if (!(simulation->commits && source->number == SOURCE_PREFIX)) {
		entry->is_poison =
			chance_is(&simulation->chance, simulation->is_deadly ? 30 : 4);
		entry->is_illegal = chance_is(&simulation->chance, 4);
	}
	source->log[entry->partition][source->length[entry->partition]++] = id;
}

int
source_backlog(const struct broker_source *source)
{
	int backlog = 0;

	for (int partition = 0; partition < PARTITIONS; partition++)
		for (int i = 0; i < source->length[partition]; i++)
			backlog += source->number == SOURCE_PREFIX ?
					   i >= source->committed[partition] :
					   !source->is_acknowledged[source->log[partition][i]];
	return backlog;
}

/* --- Inside: the plugin --- */

static void
pass(struct broker_source *source, int id)
{
	struct simulation *simulation = source->simulation;
	struct entry *entry = &simulation->ledger.entries[id];
	struct dk_message message = DK_MESSAGE_NONE;
	struct dk_header header = { DK_SLICE("unit"), DK_SLICE("C"), DK_HEADER_TEXT };
	char address[32], payload[16];

	snprintf(address, sizeof(address), "%s/%d/%s", prefixes[source->number], entry->key,
		 entry->is_illegal ? "no!" : "ok");
	snprintf(payload, sizeof(payload), "id:%02d:%d%d", id, id % 10, id / 10 % 10);
	message.address = dk_slice_of(address);
	message.payload = dk_slice_of(payload);
	message.headers = &header;
	message.header_count = 1;
	message.position = entry->position;
	trace(simulation, "deliver %d of source %d", id, source->number);
	if (source->number == SOURCE_STORES) {
		dk_store(source->subscription, &message, NULL);
		source->is_acknowledged[id] = true;
		return;
	}
	message.stream = source->streams[entry->partition];
	dk_receive(source->subscription, &message, NULL);
}

static bool
may_deliver(const struct broker_source *source, int partition)
{
	if (source->is_stopped || source->is_away ||
	    source->next[partition] >= source->length[partition])
		return false;
	return source->number == SOURCE_STORES ||
	       (source->streams[partition] && !source->is_paused[partition]);
}

void
source_deliver(struct broker_source *source)
{
	int partition = source->number == SOURCE_PREFIX ?
				(int)chance_below(&source->simulation->chance, PARTITIONS) :
				0;
	int id;

	if (!may_deliver(source, partition))
		return;
	id = source->log[partition][source->next[partition]++];
	if (!source->is_acknowledged[id])
		pass(source, id);
}

static void
open_stream(struct broker_source *source, int partition)
{
	source->streams[partition] =
		dk_stream_open(source->source, "stream", (void *)(intptr_t)partition);
	source->is_paused[partition] = false;
	source->next[partition] =
		source->number == SOURCE_PREFIX ? source->committed[partition] : 0;
}

void
source_lose(struct broker_source *source)
{
	int partition = source->number == SOURCE_PREFIX ?
				(int)chance_below(&source->simulation->chance, PARTITIONS) :
				0;

	source->simulation->ledger.had_fault = true;
	if (source->number == SOURCE_STORES) {
		source->next[0] = 0; /* a new connection: what is not acknowledged comes again */
		return;
	}
	trace(source->simulation, "stream %d of source %d is lost or found", partition,
	      source->number);
	if (!source->streams[partition]) {
		open_stream(source, partition);
		return;
	}
	dk_stream_close(source->streams[partition]);
	source->streams[partition] = NULL;
	for (int i = SINK_A; i < ENDPOINTS; i++)
		source->simulation->sinks[i].is_unsure = true;
}

void
source_begin_life(struct broker_source *source)
{
	source->is_away = source->is_stopped = false;
	source->next[0] = 0;
	for (int partition = 0; partition < PARTITIONS; partition++)
		source->streams[partition] = NULL;
	if (source->number == SOURCE_STORES || source->simulation->is_replaying)
		return;
	for (int partition = 0; partition < (source->number == SOURCE_PREFIX ? PARTITIONS : 1);
	     partition++)
		open_stream(source, partition);
}

/* --- What the core calls --- */

static void
pause_source(void *plugin, struct dk_stream *stream)
{
	struct broker_source *source = plugin;

	if (stream)
		source->is_paused[(intptr_t)stream->plugin] = true;
	else
		source->is_away = true;
}

static void
resume_source(void *plugin, struct dk_stream *stream)
{
	struct broker_source *source = plugin;

	if (stream && dk_source_is_paused(source->source))
		ledger_violate(&source->simulation->ledger, "a paused source was resumed");
	if (stream && source->streams[(intptr_t)stream->plugin] != stream)
		ledger_violate(&source->simulation->ledger, "a closed stream was resumed");
	if (stream)
		source->is_paused[(intptr_t)stream->plugin] = false;
	else
		source->is_away = false;
}

static void
commit_up_to(struct broker_source *source, const struct dk_settlement *settlement)
{
	struct ledger *ledger = &source->simulation->ledger;
	int partition = (int)(intptr_t)settlement->stream->plugin;

	if (source->simulation->commits)
		ledger_violate(ledger, "a position that a sink commits was told to its source");
	for (int i = 0; i <= settlement->position; i++)
		if (!ledger_is_fulfilled(ledger, source->log[partition][i]))
			ledger_violate(ledger, "a position was committed past an unfinished one");
	/* The broker may hear of it later, or never. */
	if (!chance_is(&source->simulation->chance, 70))
		ledger->had_fault = true;
	else if (source->committed[partition] <= settlement->position)
		source->committed[partition] = (int)settlement->position + 1;
}

static void
acknowledge(struct broker_source *source, const struct dk_settlement *settlement)
{
	struct ledger *ledger = &source->simulation->ledger;
	int id = source->log[0][settlement->position];
	char wanted[16];

	if (!ledger_is_fulfilled(ledger, id))
		ledger_violate(ledger, "an unfinished message was acknowledged");
	if (source->is_acknowledged[id])
		ledger_violate(ledger, "a message was acknowledged twice");
	snprintf(wanted, sizeof(wanted), "re:%d", id);
	if (settlement->reply && !dk_slice_is(settlement->reply->payload, dk_slice_of(wanted)))
		ledger_violate(ledger, "a reply came back to another message");
	source->is_acknowledged[id] = true;
}

static void
settled(void *plugin, const struct dk_settlement *settlements, size_t count)
{
	struct broker_source *source = plugin;

	for (size_t i = 0; i < count; i++) {
		int partition = (int)(intptr_t)settlements[i].stream->plugin;

		if (source->streams[partition] != settlements[i].stream) {
			ledger_violate(&source->simulation->ledger,
				       "a settlement of an earlier epoch was applied");
			return;
		}
		if (source->number == SOURCE_PREFIX)
			commit_up_to(source, &settlements[i]);
		else
			acknowledge(source, &settlements[i]);
	}
}

static void
rewind_stream(void *plugin, struct dk_stream *stream)
{
	struct broker_source *source = plugin;
	int partition = (int)(intptr_t)stream->plugin;

	dk_stream_close(stream);
	open_stream(source, partition);
}

static void
stop(void *plugin)
{
	((struct broker_source *)plugin)->is_stopped = true;
}

#define COMMON                                                                                     \
	.pause = pause_source, .resume = resume_source, .settled = settled,                        \
	.rewind = rewind_stream, .stop = stop

const struct dk_source_functions source_functions[SOURCES] = {
	[SOURCE_STORES] = { .waiting = DK_STORES, COMMON },
	[SOURCE_PREFIX] = { .waiting = DK_HOLDS, .settling = DK_SETTLES_PREFIX, COMMON },
	[SOURCE_EACH] = { .waiting = DK_HOLDS, .settling = DK_SETTLES_EACH, COMMON },
};
