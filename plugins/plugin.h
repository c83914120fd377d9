/* SPDX-License-Identifier: Apache-2.0
 *
 * plugin.h - the whole contract between diolkosd and its plugins, ABI version 2.
 *
 * A plugin is one shared object that exports one constant:
 *
 *	const struct dk_plugin dk_plugin = { .abi = DK_ABI, .name = "kafka", ... };
 *
 * The daemon refuses another ABI before it runs a line of the plugin. Nothing is registered and
 * nothing is called back but through the table of functions, struct dk_host, that open() is given;
 * so a test hands a plugin a table of its own and needs no broker and no daemon.
 *
 * WHAT A PLUGIN DOES. It serves endpoints: configured connections to one outside system, many side
 * by side, so it keeps no globals. An endpoint may be a source (messages come in), a sink
 * (deliveries go out) or both. A plugin holds no policy: when to try again, in which order, how
 * many at once, where dead letters go, is decided by the core, once for all plugins.
 *
 * THE ONE DUTY. A delivery is the duty to say what became of one message on its way to one sink.
 * send() takes deliveries; each one taken is settled exactly once, with settle(). When the last
 * delivery of a message is settled, the message is, and its source hears of it: settled().
 *
 * HOW A SOURCE WAITS. One that can leave its broker waiting for the outcome *holds*: it calls
 * receive() on the loop and acknowledges when settled() is called (Kafka, AMQP, HTTP). One whose
 * library acknowledges when a callback returns *stores*: it calls store() from that callback, which
 * returns when the message is durable in the spool (MQTT over Paho).
 *
 * STREAMS AND EPOCHS. A message's place in a source is a position in a stream: an offset of a
 * partition, a delivery tag of a channel. A stream is opened at each assignment or connect and
 * closed at each revoke or loss: its epoch. Settlements of a closed stream are dropped by the core.
 *
 * THREADS. Everything here is called on the loop's thread and must not block it; a library that
 * blocks gets a thread of the plugin's own, and hands back what it has with post(). From other
 * threads these functions of the host may be called, and no others: post, store, log, trouble,
 * trouble_over and now_ms.
 *
 * OWNERSHIP. Slices and structs that are passed are borrowed until the call returns, unless the
 * comment says *takes*. A delivery is the plugin's from the send() that took it until it settles
 * it; all that it points to lives as long. Buffers may be lent to the core with a message (struct
 * dk_loan): they are given back, on the loop's thread, when nothing refers to them any more.
 *
 * GROWTH. Structs that the daemon gives begin with their size where they may grow; fields are only
 * ever added at the end, and the ABI number changes if anything else does.
 */
#ifndef DK_PLUGIN_H
#define DK_PLUGIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DK_ABI 2

/* --- Words --------------------------------------------------------------------------------- */

/* A borrowed run of bytes, not ended by a NUL. data == NULL: absent, which is not the same as
 * empty (a Kafka tombstone has no payload; "" is a payload of no bytes). */
struct dk_slice {
	const char *data;
	size_t length;
};

/* One sentence of what went wrong, for a person: no capital, no full stop. */
struct dk_error {
	char text[512];
};

#define DK_PRINTF(text, first) __attribute__((format(printf, text, first)))

/* --- Messages ------------------------------------------------------------------------------ */

/* What a header's value was before it was written as text; a binary one is bytes. */
enum dk_header_type {
	DK_HEADER_TEXT,
	DK_HEADER_BINARY,
	DK_HEADER_INTEGER, /* decimal */
	DK_HEADER_REAL,    /* as %.17g prints it */
	DK_HEADER_TRUTH,   /* "true" or "false" */
	DK_HEADER_TIME,    /* milliseconds since 1970, decimal */
	DK_HEADER_NOTHING, /* value is absent */
};

struct dk_header {
	struct dk_slice name;
	struct dk_slice value;
	enum dk_header_type type;
};

enum dk_message_flags {
	DK_RETAINED = 1 << 0,    /* MQTT's retained flag */
	DK_PERSISTENT = 1 << 1,  /* AMQP delivery-mode 2; QoS 1 and 2 of MQTT; always in Kafka */
	DK_REDELIVERED = 1 << 2, /* its source says that it may have been delivered before */
};

/* What a message may have besides its address and its payload. */
enum dk_message_parts {
	DK_HAS_KEY = 1 << 0,
	DK_HAS_TIMESTAMP = 1 << 1,
	DK_HAS_CONTENT_TYPE = 1 << 2,
	DK_HAS_CORRELATION_ID = 1 << 3,
	DK_HAS_REPLY_TO = 1 << 4,
	DK_HAS_MESSAGE_ID = 1 << 5,
	DK_HAS_HEADERS = 1 << 6,
};

struct dk_stream; /* see below */

/* One message. What a source fills in and what a sink reads; never changed once received.
 * Start from DK_MESSAGE_NONE, in which all is absent. */
struct dk_message {
	struct dk_slice address; /* in the system's own form: topic, or exchange/routing-key */
	struct dk_slice key;
	struct dk_slice payload;
	const struct dk_header *headers; /* in their order; a name may come more than once */
	size_t header_count;

	struct dk_slice content_type;
	struct dk_slice correlation_id;
	struct dk_slice reply_to; /* an address at the message's own source */
	struct dk_slice message_id;
	int64_t timestamp_ms; /* since 1970; -1: absent */
	int64_t expiry_ms;    /* how long it is still wanted; -1: for ever */
	int priority;         /* 0 to 255; -1: absent */
	unsigned flags;       /* enum dk_message_flags */

	struct dk_stream *stream; /* NULL for a source that stores */
	int64_t position;         /* rises within its stream; there may be gaps */
};

#define DK_MESSAGE_NONE ((struct dk_message){ .timestamp_ms = -1, .expiry_ms = -1, .priority = -1 })

/* What a message's slices point into, when that may stay where it is: no copy is made. The headers'
 * array is copied in any case, what it points to is not. give_back is called once, on the loop's
 * thread. */
struct dk_loan {
	void (*give_back)(void *thing);
	void *thing;
};

/* AMQP 1.0's words. The later of two is the worse. */
enum dk_outcome {
	DK_ACCEPTED, /* it is there: the system has taken the responsibility */
	DK_RELEASED, /* not there, or not known; try again: broker away, connection lost, overload */
	DK_DENIED,   /* not allowed: no message of this route will pass until somebody grants it */
	DK_REJECTED, /* this message will never work: too large, refused, no such queue */
};

/* An answer to a message, for request and reply; it goes back the way the message came. */
struct dk_reply {
	struct dk_slice payload;
	const struct dk_header *headers;
	size_t header_count;
	struct dk_slice content_type;
	int status; /* as HTTP's; 0: none */
};

/* --- Options ------------------------------------------------------------------------------- */

/* One row for each option: the only place that knows it. Parsing, error messages, help, the manual
 * page and the sample are made from the rows. An option's value is written into the struct whose
 * size the table names, at `offset`, as the type says: */
enum dk_option_type {
	DK_TEXT,     /* const char *; NULL when absent and without preset */
	DK_SECRET,   /* const char *, never shown */
	DK_INTEGER,  /* int64_t */
	DK_TRUTH,    /* bool */
	DK_DURATION, /* int64_t, milliseconds; written "10ms", "5s", "2m", "1h", "7d" */
	DK_SIZE,     /* int64_t, bytes; written "64 kB", "10 GB" (powers of 1024) */
	DK_CHOICE,   /* int, an index into choices */
};

enum dk_option_flags {
	DK_REQUIRED = 1 << 0, /* of texts and secrets */
	DK_RELOADS = 1 << 1, /* a reload may change it without a new connection */
	DK_NAMES_SYSTEM = 1 << 2, /* endpoints in which all such are alike are of one system */
	DK_URI = 1 << 3, /* of texts: in login and path of a URI (RFC 3986; or of several with commas)
	                  * the values of variables are percent-encoded */
	DK_NAMES_CLIENT = 1 << 5, /* of texts: no two endpoints of one system may have the same */
	DK_DROPS_OWN = 1 << 4, /* of a source's truths: what its endpoint sent does not come back */
};

struct dk_option {
	const char *name; /* as in the file: words with _ between */
	enum dk_option_type type;
	size_t offset;
	const char *preset; /* as a person would write it; NULL: none */
	int64_t min, max;   /* of integers, durations, sizes; both 0: any that is not negative */
	const char *const *choices; /* ends with NULL */
	unsigned flags;
	const char *help; /* one sentence */
};

/* The offset of a member that is of the C type an option's type wants, checked by the compiler. */
#define DK_AT(struct_type, member, c_type)                                                         \
	(offsetof(struct_type, member) +                                                           \
	 0 * sizeof(char[__builtin_types_compatible_p(c_type, __typeof__(((struct_type *)0)->member)) \
				 ? 1                                                               \
				 : -1]))

/* A table of options with the struct they fill. */
struct dk_options {
	size_t size; /* of the struct; 0: no options */
	const struct dk_option *rows; /* ends with a row without name */
	/* For names that no row has: returns 0 when taken (the values are borrowed), -1 with an
	 * error that names what is wrong. NULL: unknown names are errors. */
	int (*other)(void *values, const char *name, const char *value, struct dk_error *error);
	/* What no row can say: rules between options. Called once all are filled in. */
	int (*check)(const void *values, struct dk_error *error);
	/* Frees what `other` kept in the struct. */
	void (*clean)(void *values);
};

/* --- Addresses ----------------------------------------------------------------------------- */

/* The grammar of a system's addresses: how levels are parted, which wildcards there are, which
 * names are legal. The core reads patterns and checks rendered addresses by it. */
enum dk_dialect {
	DK_PLAIN, /* one level, no wildcards, no NUL */
	DK_MQTT,  /* levels by /; + and #; MQTT 5.0 section 4.7 */
	DK_AMQP,  /* exchange/routing-key, the key's words by .; * and #; AMQP 0-9-1 section 3.1.3.3 */
	DK_KAFKA, /* levels by .; [A-Za-z0-9._-]{1,249}, not . or .. */
	DK_PATH,  /* levels by / */
};

/* --- Sources ------------------------------------------------------------------------------- */

/* One route's wish for messages of this endpoint. */
struct dk_interest {
	const char *route;
	const char *pattern; /* as in the file, variables replaced */
	const char *filter;  /* the same in the system's own wildcards; in Kafka's dialect a topic, or
	                      * a regular expression that begins with ^ */
	const void *options; /* of the plugin's `from` table */
	/* Out, by name_subscriptions: interests of the same name share one subscription. A string
	 * that free() frees; the core takes it. Left NULL: the filter is the name. The name is
	 * written into the spool, so it must be the same in the next run of the same file. */
	char *subscription;
};

/* One subscription: what brings messages, and the only routes they are matched against. It lives as
 * long as the endpoint; its interests until subscribe() or resubscribe() gives others. */
struct dk_subscription {
	const char *name;
	const struct dk_interest *const *interests;
	size_t interest_count;
	void *plugin; /* the plugin's own */
};

/* One epoch of one partition, channel, or session. Made by stream_open. */
struct dk_stream {
	const char *name; /* for people: "iot.berlin/3" */
	uint64_t epoch;   /* never the same twice in one run */
	void *plugin;     /* the plugin's own, as given to stream_open */
};

/* What a source is told. With DK_SETTLES_PREFIX: every message of the stream up to and including
 * `position` is settled. With DK_SETTLES_EACH: this one is; its outcome is DK_ACCEPTED also when it
 * was dead-lettered, for then it is safe elsewhere; `reply` may be NULL. */
struct dk_settlement {
	struct dk_stream *stream;
	int64_t position;
	enum dk_outcome outcome;
	const struct dk_reply *reply;
};

enum dk_waiting {
	DK_HOLDS,
	DK_STORES,
};

enum dk_settling {
	DK_SETTLES_PREFIX,
	DK_SETTLES_EACH,
};

struct dk_source_functions {
	enum dk_waiting waiting;
	enum dk_settling settling; /* of a source that holds */

	/* While the file is read: is this interest one that the system can serve? May be NULL. */
	int (*check)(const void *config, const struct dk_interest *interest,
		     struct dk_error *error);
	/* While the file is read: names the subscriptions. May be NULL. */
	int (*name_subscriptions)(const void *config, struct dk_interest *interests, size_t count,
				  struct dk_error *error);
	/* Once, after open and before connect. The array lives as long as the endpoint, or until
	 * resubscribe() gives another. */
	void (*subscribe)(void *endpoint, struct dk_subscription *const *subscriptions,
			  size_t count);
	/* A reload wants other subscriptions, or other interests of them, of an endpoint that lives,
	 * connected or not. Those that stay are the same structs, and bring messages meanwhile; of a
	 * source that holds nothing is unsettled, as far as that could be waited for. Those that have
	 * gone are left at the broker, too. NULL: the endpoint is closed and another opened. */
	void (*resubscribe)(void *endpoint, struct dk_subscription *const *subscriptions,
			    size_t count);
	/* No more messages of this stream until resume; a few that are on their way may still come.
	 * May be called from within receive(). For a source that stores, stream is NULL: the spool is
	 * full, leave the broker. resume() must not call receive() before it has returned. */
	void (*pause)(void *endpoint, struct dk_stream *stream);
	void (*resume)(void *endpoint, struct dk_stream *stream);
	/* Once for each turn of the loop in which something was settled, and at once for a settlement
	 * with a reply. Not for sources that store. */
	void (*settled)(void *endpoint, const struct dk_settlement *settlements, size_t count);
	/* A sink that commits positions could not: close the stream, and begin again, in a new one,
	 * at the last committed position. NULL: such sinks are refused. */
	void (*rewind)(void *endpoint, struct dk_stream *stream);
	/* The first step of a drain: no new messages from now on, but settlements still come. */
	void (*stop)(void *endpoint);
	/* While the file is read: why messages of this interest may be lost before they are
	 * received, a sentence part ("quality of service 0"); NULL: they are not. May be NULL. */
	const char *(*doubt)(const void *config, const struct dk_interest *interest);
	/* While the file is read: what messages of this endpoint may have (enum dk_message_parts);
	 * what is not in it no message of it ever has. NULL: all. */
	unsigned (*brings)(const void *config);
};

/* --- Sinks --------------------------------------------------------------------------------- */

/* One `to` of one route. */
struct dk_target {
	const char *route;
	const char *template; /* as in the file, variables replaced */
	bool is_literal;      /* the template has no captures: every address is this */
	const void *options;  /* of the plugin's `to` table */
};

/* One message on its way over one route to one sink. */
struct dk_delivery {
	const struct dk_message *message;
	const struct dk_target *target;
	struct dk_slice address;         /* rendered, and legal in the plugin's dialect */
	struct dk_slice key;             /* the route's, else the message's; may be absent */
	const struct dk_header *headers; /* the route's own, besides message->headers: of the same
	                                  * name they replace it */
	size_t header_count;
	uint64_t order;           /* hash of the order key: chooses among channels */
	unsigned attempts;        /* how often it was sent before */
	struct dk_delivery *next; /* the plugin's, from taken to settled: to make lists of */
	void *plugin;             /* the plugin's, likewise */
};

struct dk_sink_functions {
	/* It commits a message's source position together with the message (a Kafka transaction).
	 * Such a sink settles all deliveries of a commit together; released, the source rewinds. */
	bool commits_positions;

	/* While the file is read: can it be an address here? May be NULL. */
	int (*check)(const void *config, const struct dk_target *target, struct dk_error *error);
	/* The most deliveries that may be unsettled at once. */
	size_t (*window)(const void *config);
	/* After open and before connect, and again, connected or not, at each reload: all targets that
	 * deliveries offered from now on have. They are borrowed for the call. */
	void (*aim)(void *endpoint, const struct dk_target *const *targets, size_t count);
	/* Takes deliveries from the front and returns how many it took; it must settle those, and
	 * not within this call. Fewer than count: no more are offered until ready() is called or
	 * one is settled. Called between up() and down(). The array is borrowed. */
	size_t (*send)(void *endpoint, struct dk_delivery *const *deliveries, size_t count);
	/* While the file is read: why a delivery may be lost after it was settled as accepted, a
	 * sentence part; NULL: it is not. May be NULL. */
	const char *(*doubt)(const void *config, const struct dk_target *target);
};

/* --- Hooks --------------------------------------------------------------------------------- */

/* They look and do not touch. Each may be NULL. */
struct dk_hook_functions {
	void (*message)(void *endpoint, const struct dk_message *message);
	void (*delivery)(void *endpoint, const struct dk_delivery *delivery);
	void (*outcome)(void *endpoint, const struct dk_delivery *delivery,
			enum dk_outcome outcome, const char *reason);
};

/* --- The host ------------------------------------------------------------------------------ */

struct dk_endpoint; /* the core's side of an endpoint */
struct dk_watch;
struct dk_timer;

enum dk_watch_events {
	DK_READABLE = 1 << 0,
	DK_WRITABLE = 1 << 1,
};

/* Something handed to the loop from another thread. It lives in a struct of the plugin's and is in
 * the mailbox from post() until run() is called with it: not to be posted again before. */
struct dk_post {
	struct dk_post *next; /* the mailbox's */
	void (*run)(struct dk_post *post);
};

enum dk_level {
	DK_ERROR,
	DK_WARNING,
	DK_NOTICE,
	DK_INFO,
	DK_DEBUG,
};

/* A field of a log line. An array of them ends with one without name. */
struct dk_field {
	const char *name;
	const char *text; /* NULL: the number is meant */
	int64_t number;
};

#define DK_FIELD_TEXT(field_name, value) { .name = (field_name), .text = (value) }
#define DK_FIELD_NUMBER(field_name, value) { .name = (field_name), .number = (value) }
#define DK_FIELDS(...) ((const struct dk_field[]){ __VA_ARGS__, { .name = NULL } })

/* What a plugin may call. On the loop's thread, but for those marked "any thread". */
struct dk_host {
	size_t size; /* of this struct, as the daemon knows it */

	/* The endpoint's life. connect() is called; sooner or later the plugin answers with up or
	 * down. After down, connect() is called again, later and later. A plugin whose library
	 * connects by itself has no connect, and may still say up and down. Before down is called,
	 * streams are closed and deliveries settled that cannot survive. */
	void (*up)(struct dk_endpoint *endpoint);
	void (*down)(struct dk_endpoint *endpoint, const char *reason);
	/* After close(): all is over, the endpoint's memory may be let go. */
	void (*closed)(struct dk_endpoint *endpoint);

	/* Source. A received message may be refused by nobody: it is the core's from here on. */
	void (*receive)(struct dk_subscription *subscription, const struct dk_message *message,
			const struct dk_loan *loan);
	/* Any thread, for one endpoint one call at a time. Returns when the message is durable. If
	 * the disk does not take it, this waits, and in the end the process ends; it never returns
	 * without the message safe. */
	void (*store)(struct dk_subscription *subscription, const struct dk_message *message,
		      const struct dk_loan *loan);
	struct dk_stream *(*stream_open)(struct dk_endpoint *endpoint, const char *name,
					 void *plugin);
	void (*stream_close)(struct dk_stream *stream);

	/* Sink. reason is a sentence for a person; NULL only with DK_ACCEPTED. */
	void (*settle)(struct dk_delivery *delivery, enum dk_outcome outcome, const char *reason,
		       const struct dk_reply *reply);
	void (*ready)(struct dk_endpoint *endpoint);

	/* The loop. Watches and timers end with their endpoint, or before, by hand. */
	struct dk_watch *(*watch)(struct dk_endpoint *endpoint, int fd, unsigned events,
				  void (*ready)(void *argument, unsigned events), void *argument);
	void (*unwatch)(struct dk_watch *watch);
	struct dk_timer *(*timer_new)(struct dk_endpoint *endpoint, void (*due)(void *argument),
				      void *argument);
	void (*timer_set)(struct dk_timer *timer, int64_t after_ms); /* once; -1: not any more */
	void (*timer_free)(struct dk_timer *timer);
	void (*post)(struct dk_endpoint *endpoint, struct dk_post *post); /* any thread */
	int64_t (*now_ms)(void); /* any thread; monotonic */

	/* Words. Any thread. event is one past-tense word or several with -: "connected". */
	void (*log)(struct dk_endpoint *endpoint, enum dk_level level, const char *event,
		    const struct dk_field *fields);
	/* A trouble that lasts is said at growing intervals, and once when it is over. */
	void (*trouble)(struct dk_endpoint *endpoint, const char *event, const char *reason);
	void (*trouble_over)(struct dk_endpoint *endpoint, const char *event);

	/* What the endpoint's next run is to know: a text, in the state folder, in the place of the one
	 * before. The loop waits for the file, so seldom; a power cut may bring the one before back. */
	void (*remember)(struct dk_endpoint *endpoint, const char *text);
	/* What was remembered last, in this run or an earlier one; to be freed. NULL: nothing. */
	char *(*recall)(struct dk_endpoint *endpoint);
};

/* --- The plugin ---------------------------------------------------------------------------- */

struct dk_plugin {
	uint32_t abi; /* DK_ABI; first for ever */
	uint32_t size; /* sizeof(struct dk_plugin) */
	const char *name;
	const char *summary; /* one line */
	enum dk_dialect dialect;

	struct dk_options endpoint; /* rows of an endpoint */
	struct dk_options from;     /* rows of a route's source side */
	struct dk_options to;       /* rows of a route's sink side */

	/* Makes an endpoint; connects nothing yet. config is the struct that the `endpoint` table
	 * filled; it lives until closed(). NULL with an error when it cannot be. */
	void *(*open)(const struct dk_host *host, struct dk_endpoint *handle, const char *name,
		      const void *config, struct dk_error *error);
	void (*connect)(void *endpoint); /* NULL: the library does it by itself */
	/* Ends the endpoint: what was taken and is not settled is settled as released, what was
	 * settled is committed; then closed() is called, from here or later. */
	void (*close)(void *endpoint);

	const struct dk_source_functions *source; /* NULL: no source */
	const struct dk_sink_functions *sink;     /* NULL: no sink */
	const struct dk_hook_functions *hooks;    /* NULL: no hooks */
};

#ifdef __GNUC__
__attribute__((visibility("default")))
#endif
extern const struct dk_plugin dk_plugin;

#endif
