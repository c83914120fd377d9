/* SPDX-License-Identifier: Apache-2.0
 *
 * audit.h - the parts of audit, which sends numbered records and accounts for every one of them.
 *
 * It shares no code with the daemon, so that no mistake can hide by being made twice. A record
 * (record.c) tells by itself who it is and whether it is whole. A sender (sender.c) hands out
 * records and hears of their acknowledgement; a drain (drain.c) is told of each arrival; both write
 * a journal (journal.c), and history.c compares the journals. Each protocol has one file.
 */
#ifndef AUDIT_H
#define AUDIT_H

#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* --- options.c: the command line --- */

struct options {
	const char *broker, *address, *run, *log, *client_id;
	const char *vhost, *exchange, *queue, *binding, *filter, *topic;
	uint64_t count, keys, first, size, rate, window, partitions;
	uint64_t until, quiet_ms, patience_ms;
};

void options_read(struct options *options, int count, char **words);
void options_help(FILE *out);

/* The host and port of --broker. */
void options_broker(const struct options *options, char host[256], int *port);

/* Ends the program; what was asked cannot be done. */
__attribute__((noreturn, format(printf, 1, 2))) void die(const char *format, ...);

/* --- record.c: one checked record --- */

#define RUN_SIZE 24
#define RECORD_MINIMUM 192

struct record {
	char run[RUN_SIZE];
	uint64_t key, sequence, id, nonce;
};

/* The record as a payload of exactly `size` bytes; a short one is as long as it must be. */
size_t record_write(char *buffer, size_t size, const struct record *record);

/* Whether the payload is, to the last byte, what was written. What can be read of a changed one
 * is in `record`; its run is "?" if nothing can. */
bool record_read(const char *data, size_t size, struct record *record);

/* --- journal.c: what happened, a line each, which outlives a crash of its writer --- */

int journal_open(const char *path);
void journal_attempt(int journal, const struct record *record);
void journal_acknowledged(int journal, const struct record *record);
void journal_seen(int journal, const struct record *record, bool intact, const char *place);

/* --- sender.c: which record is next, and which are still without an answer --- */

struct sender {
	const struct options *options;
	int journal;
	pthread_mutex_t lock;
	uint8_t *acknowledged;
	uint64_t lowest, next, done, in_flight, taken, refused;
	uint64_t nonce_seed;
	double began;
	char *payload;
};

void sender_open(struct sender *sender, const struct options *options);
/* The next record to send, or false while the window is full or the rate reached. */
bool sender_take(struct sender *sender, struct record *record, size_t *size);
void sender_acknowledge(struct sender *sender, uint64_t id);
/* The broker took it from us but will not have it: it counts as sent and not acknowledged. */
void sender_refuse(struct sender *sender, uint64_t id);
/* After a lost connection: all that has no answer is sent again, in order. */
void sender_rewind(struct sender *sender);
bool sender_is_done(struct sender *sender);
int sender_close(struct sender *sender);
/* --address with the key's number for %k. */
void sender_address(const struct sender *sender, uint64_t key, char *out, size_t size);

double seconds_now(void);

/* --- drain.c: what arrives, and when that is all --- */

struct drain {
	const struct options *options;
	int journal;
	pthread_mutex_t lock;
	uint8_t *known;
	uint64_t known_size, arrivals, distinct;
	double last;
};

void drain_open(struct drain *drain, const struct options *options);
void drain_arrival(struct drain *drain, const void *data, size_t size, const char *place);
bool drain_is_over(struct drain *drain);
int drain_close(struct drain *drain);

/* --- history.c: the account --- */

struct account {
	uint64_t sent, acknowledged, seen, dead, lost, forgiven, invented, changed, twice,
		reordered, split, recovered;
};

struct history;
struct history *history_new(void);
void history_free(struct history *history);
void history_sent(struct history *history, FILE *journal);
void history_seen(struct history *history, FILE *journal);
void history_dead(struct history *history, FILE *journal);
/* What another history has lost, as it wrote it. */
void history_forgive(struct history *history, FILE *lost);
void history_write_lost(const struct history *history, FILE *lost);
struct account history_account(const struct history *history);

/* --- The commands --- */

int check_command(int count, char **words);
int selftest_command(int count, char **words);

void mqtt_prepare(const struct options *options);
void mqtt_send(struct sender *sender);
void mqtt_drain(struct drain *drain);
void kafka_prepare(const struct options *options);
void kafka_send(struct sender *sender);
void kafka_drain(struct drain *drain);
void amqp_prepare(const struct options *options);
void amqp_send(struct sender *sender);
void amqp_drain(struct drain *drain);

#endif
