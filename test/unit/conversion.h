/* SPDX-License-Identifier: Apache-2.0
 *
 * conversion.h - what a client of each system sends and gets, as facts, and the way between them
 * through the plugins' own functions and the libraries' own encodings.
 */
#ifndef DK_TEST_CONVERSION_H
#define DK_TEST_CONVERSION_H

#include "plugins/plugin.h"
#include "test/unit/unit.h"

#define FACTS 40
#define SHORT 255

/* One thing that a message says. Of a header there is one for each. */
struct fact {
	const char *field;    /* "payload", "header", ... */
	struct dk_slice name; /* of a header */
	char kind;   /* of an AMQP header, as AMQP writes it; else S, and V: it is there and null */
	bool is_any; /* expected: whatever it says */
	struct dk_slice value; /* numbers as digits; what is nested as AMQP encodes it */
};

struct facts {
	struct fact list[FACTS];
	size_t count;
	bool is_rejected; /* the sink says that it can't be */
};

/* Memory that lives to the end of a batch. */
void *keep(size_t size);
struct dk_slice keep_bytes(const void *data, size_t length);
struct dk_slice keep_text(const char *format, ...) DK_PRINTF(1, 2);
void keep_nothing(void);
/* A message that lives as long. */
void keep_message(struct dk_message *copy, const struct dk_message *message);

void add_fact(struct facts *facts, const char *field, struct dk_slice name, char kind,
	      struct dk_slice value);
void add_text(struct facts *facts, const char *field, struct dk_slice value);
void add_number(struct facts *facts, const char *field, int64_t number);
const struct fact *find_fact(const struct facts *facts, const char *field);
int64_t number_of(const struct fact *fact);
bool is_field(const struct fact *fact, const char *field);
bool is_named(const struct fact *fact, const char *name); /* NULL: whatever its name */
bool same_slice(struct dk_slice a, struct dk_slice b);
bool same_fact(const struct fact *a, const struct fact *b);
size_t count_of(const struct facts *facts, const struct fact *wanted);

struct protocol {
	const char *name;
	void (*begin)(void);
	void (*end)(void);
	/* What clients may send. */
	void (*invent)(uint64_t *state, struct facts *facts);
	/* A client sends, and the plugin's source receives. */
	void (*receive)(const struct facts *sent, struct dk_message *messages, size_t count);
	/* The plugin's sink sends, and a client gets. */
	void (*deliver)(const struct dk_delivery *deliveries, struct facts *got, size_t count);
};

extern const struct protocol mqtt_protocol, rabbitmq_protocol, kafka_protocol;

struct mqtt_endpoint;
/* The source takes a packet, and its topic, from Paho. */
void take_packet(struct mqtt_endpoint *endpoint, char *topic, void *packet,
		 struct dk_message *message);

/* --- What is declared: see plugins/CONVERSIONS.md, which says the same row by row --- */

enum way { MQTT_KAFKA, MQTT_AMQP, KAFKA_MQTT, KAFKA_AMQP, AMQP_MQTT, AMQP_KAFKA, WAYS };

/* When a row counts. */
typedef bool conversion_case(const struct fact *fact, const struct facts *all);
conversion_case is_long, has_long_name, has_bad_name, is_no_string, is_no_text, is_text, is_control,
	is_no_topic, is_coded, is_coded_string, is_no_number, is_no_second, is_zero, is_one,
	is_very_late, is_first_short, is_first_correlation, is_last_good, is_last_bad,
	is_last_topic, is_last_short, is_last_long, is_last_lost, is_last, is_last_alone,
	is_first_alone, is_long_beside, has_nested;
/* The bytes of a user property NAME;base64; SIZE_MAX: it is none. */
size_t decode_fact(const struct fact *fact, char **bytes);
#define CODED ";base64"
#define H "header"

/* Of a way: what a fact becomes. The first row that is its own counts. */
struct row {
	enum way way;
	const char *field, *name; /* of a header, if it is for that one only */
	const char *kinds;	  /* of a header; NULL: any */
	conversion_case *when;	  /* NULL: always */
	const char *to;		  /* NULL: lost; CONVERSION_REJECTED: the delivery is refused */
	const char *to_name;	  /* NULL: its own */
	void (*how)(struct fact *fact); /* NULL: as it is */
	bool goes_on;			/* the rows after this one count too */
};

#define CONVERSION_REJECTED "rejected"

/* What is there though nobody said it. */
struct addition {
	enum way way;
	conversion_case *when;
	const char *field, *name, *value; /* value NULL: any */
};

/* Of a way there and back: what has become of a fact. */
enum fate { KEPT, LOST, CHANGED };

struct trip {
	enum way way; /* there */
	const char *field, *name, *kinds;
	conversion_case *when;
	enum fate fate;
};

/* There and back: what may be there besides. */
struct newcomer {
	enum way way;
	const char *field, *name;
};

extern const struct row conversion_rows[];
extern const struct addition conversion_additions[];
extern const struct trip conversion_trips[];
extern const struct newcomer conversion_newcomers[];
extern const size_t conversion_row_count, conversion_addition_count, conversion_trip_count,
	conversion_newcomer_count;

/* What random messages are made of. */
struct dk_slice invent_text(uint64_t *state, unsigned most);
struct dk_slice invent_bytes(uint64_t *state, unsigned most);
struct dk_slice invent_name(uint64_t *state);
struct dk_slice invent_coded(uint64_t *state); /* base64 */

#endif
