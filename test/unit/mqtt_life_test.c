/* SPDX-License-Identifier: Apache-2.0
 *
 * mqtt_life_test.c - an endpoint that is closed while its broker is away, it is to stay away, or
 * the broker has refused something: each session ends, whatever is asked of it afterwards.
 */
#include "plugins/mqtt/mqtt.h"
#include "test/unit/unit.h"

#define SESSIONS 2

/* --- What life.c asks of the other parts, and of the host ----------------------------------- */

void
mqtt_session_order(struct mqtt_session *session, enum mqtt_order order)
{
	session->order = order;
}

void
mqtt_source_free(struct mqtt_source *source)
{
	(void)source;
}

void
mqtt_sink_free(struct mqtt_sink *sink)
{
	(void)sink;
}

static bool is_closed;

static void
closed(struct dk_endpoint *handle)
{
	(void)handle;
	is_closed = true;
}

static struct dk_timer *
timer_new(struct dk_endpoint *handle, void (*due)(void *argument), void *argument)
{
	(void)handle, (void)due, (void)argument;
	return NULL;
}

static void
timer_set(struct dk_timer *timer, int64_t after_ms)
{
	(void)timer, (void)after_ms;
}

static void
timer_free(struct dk_timer *timer)
{
	(void)timer;
}

static const struct dk_host host = {
	.size = sizeof(host),
	.closed = closed,
	.timer_new = timer_new,
	.timer_set = timer_set,
	.timer_free = timer_free,
};

/* --- The tests ------------------------------------------------------------------------------ */

static const struct mqtt_config config = { .connect_timeout_ms = 1000 };
static const struct mqtt_role source = { .name = "source", .is_source = true };
static const struct mqtt_role sink = { .name = "sink" };
static struct mqtt_session sessions[SESSIONS];

static struct mqtt_endpoint *
make_endpoint(enum mqtt_place place)
{
	struct mqtt_endpoint *endpoint = calloc(1, sizeof(*endpoint));

	assert_non_null(endpoint);
	endpoint->host = &host;
	endpoint->config = &config;
	endpoint->addresses = calloc(1, sizeof(char *));
	endpoint->addresses[0] = strdup("mqtt://127.0.0.1");
	endpoint->address_count = 1;
	endpoint->is_wanted = true;
	endpoint->session_count = SESSIONS;
	for (size_t i = 0; i < SESSIONS; i++) {
		sessions[i] = (struct mqtt_session){
			.endpoint = endpoint,
			.role = i == 0 ? &source : &sink,
			.place = place,
		};
		endpoint->sessions[i] = &sessions[i];
	}
	is_closed = false;
	return endpoint;
}

static void
assert_both_end(void)
{
	for (size_t i = 0; i < SESSIONS; i++) {
		assert_int_equal(sessions[i].order, MQTT_END);
		assert_int_not_equal(sessions[i].place, MQTT_THERE);
	}
}

/* The spool of one that was told to stay away has room again, or is full, while it closes. */
static void
after_its_closing_nothing_else_is_ordered(void **state)
{
	static const enum mqtt_place places[] = { MQTT_AWAY, MQTT_COMING, MQTT_THERE,
						  MQTT_LEAVING };

	(void)state;
	for (size_t i = 0; i < ROWS(places); i++) {
		struct mqtt_endpoint *endpoint = make_endpoint(places[i]);

		endpoint->is_paused = true;
		mqtt_life_close(endpoint);
		assert_both_end();
		mqtt_life_resume(endpoint, NULL);
		assert_both_end();
		mqtt_life_pause(endpoint, NULL);
		assert_both_end();
		mqtt_life_news(&sessions[0], MQTT_LOST, "lost");
		mqtt_life_news(&sessions[1], MQTT_LEFT, "");
		assert_both_end();
		mqtt_life_news(&sessions[0], MQTT_OVER, "");
		assert_false(is_closed);
		mqtt_life_news(&sessions[1], MQTT_OVER | MQTT_LOST, "lost");
		assert_true(is_closed);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(after_its_closing_nothing_else_is_ordered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
