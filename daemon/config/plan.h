/* SPDX-License-Identifier: Apache-2.0
 *
 * plan.h - the whole checked configuration, compiled: one immutable value.
 */
#ifndef DK_CONFIG_PLAN_H
#define DK_CONFIG_PLAN_H

#include <stdio.h>

#include "daemon/flow/route.h"

/* A place in a file, for messages. */
struct dk_place {
	const char *file;
	unsigned line;
};

/* What is wrong with a configuration: all of it, in the order of the file. Errors, and warnings
 * and notes, which keep nobody from starting. */
struct dk_faults;

/* Settings of the daemon itself; each is a row of the table in options.c. */
struct dk_settings {
	const char *state;          /* folder of spool and dead letters */
	const char *plugins;        /* folder of the plugins; NULL: the one beside the daemon */
	int64_t drain_ms;           /* how long a shutdown waits for outcomes */
	int64_t store_timeout_ms;   /* how long a store that fails is tried before the process ends */
	const char *spool_sync;     /* as it is written */
	int64_t spool_sync_ms;      /* 0: "always" */
	int64_t spool_size;         /* bytes, the high mark, for each source that stores */
	int64_t dead_size;          /* bytes of the store of dead letters */
	const char *control_socket; /* NULL: the preset */
	const char *http_listen;    /* NULL: at no address */
	const char *http_token;     /* NULL: nobody there need bring one */
	const char *http_certificate, *http_private_key; /* NULL: no TLS; in the certificate's file */
	const char *http_ca;        /* NULL: no certificates of clients are asked for */
	int log_level;              /* enum dk_level */
	int log_form;               /* enum dk_log_form */
	const char *log_instance;   /* which daemon of its host it is */
	const char *log_http;       /* the collector's url; NULL: there is none. Its settings: */
	const char *log_http_username, *log_http_password, *log_http_token, *log_http_header,
		*log_http_ca;
	int64_t log_http_queue;
	int unresolved;             /* 1: a name that nobody knows stays as it is written */
};

/* Where a source's messages come from, and which routes they are matched against. */
struct dk_subscription_plan {
	const char *name;
	const struct dk_interest **interests;
	size_t interest_count;
	struct dk_matcher *matcher; /* its values are const struct dk_route * */
};

/* An option that no row of its plugin's table has, as it was given: for -T. */
struct dk_given {
	const char *name, *text;
};

/* One `from` of a route. */
struct dk_from {
	struct dk_interest interest; /* as it was before its subscription had a name */
	const struct dk_interest *placed; /* as its subscription has it */
	const struct dk_pattern *pattern;
	const struct dk_route *route;
	size_t endpoint;
	struct dk_place place;
};

/* What of a route is for people and for checks alone. */
struct dk_route_origin {
	const struct dk_layers *layers; /* where its settings come from */
	struct dk_place place;
	struct dk_from *froms;
	size_t from_count;
};

struct dk_endpoint_plan {
	const char *name;
	struct dk_place place;
	const struct dk_node *node; /* for the places of its settings */
	const struct dk_plugin *plugin;
	void *config;           /* what the plugin's endpoint table filled */
	int64_t in_flight;      /* the source's window: messages, and bytes */
	int64_t in_flight_bytes;
	struct dk_subscription_plan *subscriptions; /* none: it is no source in this plan */
	size_t subscription_count;
	bool is_sink; /* some route goes to it */
	struct dk_given *others;
	size_t other_count;
	uint64_t files; /* a hash of what is in the files that its options name */
};

struct dk_plan {
	struct dk_settings settings;
	struct dk_endpoint_plan *endpoints;
	size_t endpoint_count;
	struct dk_route *routes;
	struct dk_route_origin *origins; /* by route number */
	size_t route_count;
	struct dk_from *froms; /* in the order of their routes */
	size_t from_count;
	size_t test_count; /* that were run, each with success */
	struct dk_variables *variables; /* for -T */
	const struct dk_lists *lists;   /* for -T, and to be looked at while it runs */
	struct dk_plan_memory *memory;  /* what all of it is allocated from */
};

struct dk_request;
struct dk_buffer;

/* What a file is read with. */
struct dk_plugin_finder {
	/* Finds a plugin by the name in the file; NULL with an error that says which file was looked
	 * for and what to install. */
	const struct dk_plugin *(*find)(void *context, const char *folder, const char *name,
					struct dk_error *error);
	void *context;
	/* Asks a list's url: dk_fetch of fetch.h; any thread. NULL: no url is asked. */
	int (*fetch)(const struct dk_request *request, struct dk_buffer *answer,
		     struct dk_error *error);
	bool keeps_lists; /* whether last good copies of lists are written into the state folder */
};

/* What to read, and for what. */
struct dk_plan_reading {
	const char *path;
	const struct dk_plugin_finder *finder;
	const char *environment; /* a file of variables that the service gets; NULL: none */
	bool is_check; /* nothing will be carried: a secret that may not be read is only noted */
	bool runs_tests; /* those of the file; one that fails is a fault */
	bool falls_back; /* where the lists' urls give what makes no good plan, their copies are used */
};

/* Reads, resolves, checks and compiles a file with those of conf.d beside it and what they include.
 * NULL when anything is wrong: `faults` then holds every error. Nothing is connected; besides these
 * files only those that variables name and what lists are made from is read. The reading is borrowed
 * as long as the plan lives. Any thread, one call at a time. */
struct dk_plan *dk_plan_read(const struct dk_plan_reading *reading, struct dk_faults *faults);
void dk_plan_free(struct dk_plan *plan);

struct dk_faults *dk_faults_new(void);
void dk_faults_free(struct dk_faults *faults);
/* How many errors were found, also those that are told once for several. */
size_t dk_faults_count(const struct dk_faults *faults);
size_t dk_faults_warnings(const struct dk_faults *faults);
/* One line each: `file:line: what is wrong; what is meant?`, with `warning: ` or `note: ` before
 * what is no error. */
void dk_faults_print(const struct dk_faults *faults, FILE *out);

/* The resolved whole, as `-T` shows it: variables replaced, presets filled in, secrets masked. */
void dk_plan_print(const struct dk_plan *plan, FILE *out);

/* What would become of a message at `endpoint:address`: each route that takes it with its captures,
 * the rendered address, key and headers, and what is promised; for the others of that endpoint why
 * not; many of these are told by their number, unless all are wanted. Of the message all but the
 * address counts. Returns -1 with an error when the endpoint is not known. */
int dk_plan_explain(const struct dk_plan *plan, const char *address, struct dk_message message,
		    bool is_all, FILE *out, struct dk_error *error);

#endif
