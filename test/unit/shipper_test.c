/* SPDX-License-Identifier: Apache-2.0
 *
 * shipper_test.c - lines on their way to a collector that is this test's own: as it should be,
 * away, slow, refusing, and at the end.
 */
#include "test/unit/folder.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <jansson.h>
#include <netinet/in.h>
#include <sys/time.h>

#include "daemon/system/clock.h"
#include "daemon/system/complaint.h"
#include "daemon/system/log.h"
#include "daemon/system/shipper.h"
#include "test/unit/server.h"

#define PATIENCE_MS 15000
#define LINES 20000

static struct {
	struct server server;
	struct folder folder;
	pthread_mutex_t lock; /* of what the server's thread writes */
	int status;           /* of its answers; 0: it gives none */
	int refused;          /* the n of lines that it answers with 400; 0: none */
	int asked;            /* requests */
	int times[LINES];     /* how often each n came, in what was taken */
	int most, dropped, others, troubles;
	char authorization[64], header[64], type[64], who[64], host[64], instance[64];
	int kept_stderr;
} world = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* --- The collector --- */

static void
note(char *noted, const char *value)
{
	snprintf(noted, 64, "%s", value ? value : "");
}

static void
take_line(const json_t *line)
{
	const json_t *context = json_object_get(line, "context");
	const json_t *fields = json_object_get(line, "fields");
	const char *event = json_string_value(json_object_get(line, "event"));
	json_int_t n = json_integer_value(json_object_get(fields, "n"));

	assert_non_null(event);
	note(world.who, json_string_value(json_object_get(context, "who")));
	note(world.host, json_string_value(json_object_get(context, "host")));
	note(world.instance, json_string_value(json_object_get(context, "instance")));
	world.troubles += strcmp(event, "not-shipped") == 0;
	if (strcmp(event, "dropped") == 0)
		world.dropped += (int)json_integer_value(json_object_get(fields, "lines"));
	else if (strcmp(event, "happened") == 0)
		world.times[n]++;
	else
		world.others++;
}

static bool
has_refused(const json_t *lines)
{
	size_t i;
	json_t *line;

	json_array_foreach(lines, i, line)
		if (world.refused && json_integer_value(json_object_get(json_object_get(
					     line, "fields"), "n")) == world.refused)
			return true;
	return false;
}

static int
take_lines(const json_t *lines)
{
	if (has_refused(lines))
		return 400;
	for (size_t i = 0; world.status == 200 && i < json_array_size(lines); i++)
		take_line(json_array_get(lines, i));
	if ((int)json_array_size(lines) > world.most)
		world.most = (int)json_array_size(lines);
	return world.status;
}

static void
answer(struct evhttp_request *request, void *context)
{
	struct evkeyvalq *headers = evhttp_request_get_input_headers(request);
	struct evbuffer *body = evhttp_request_get_input_buffer(request);
	json_t *lines = json_loadb((const char *)evbuffer_pullup(body, -1),
				   evbuffer_get_length(body), 0, NULL);
	int status;

	(void)context;
	pthread_mutex_lock(&world.lock);
	world.asked++;
	note(world.authorization, evhttp_find_header(headers, "Authorization"));
	note(world.header, evhttp_find_header(headers, "X-Tenant"));
	note(world.type, evhttp_find_header(headers, "Content-Type"));
	status = json_is_array(lines) ? take_lines(lines) : 599;
	pthread_mutex_unlock(&world.lock);
	json_decref(lines);
	if (status)
		evhttp_send_reply(request, status, "As it is", NULL);
}

/* --- What the test does and sees --- */

static void
set_status(int status)
{
	pthread_mutex_lock(&world.lock);
	world.status = status;
	pthread_mutex_unlock(&world.lock);
}

static int
look(const int *number)
{
	int value;

	pthread_mutex_lock(&world.lock);
	value = *number;
	pthread_mutex_unlock(&world.lock);
	return value;
}

static int
count_arrived(int count)
{
	int arrived = 0;

	pthread_mutex_lock(&world.lock);
	for (int i = 1; i <= count; i++)
		arrived += world.times[i] > 0;
	pthread_mutex_unlock(&world.lock);
	return arrived;
}

static void
wait_for(const int *number, int wanted)
{
	int64_t since = dk_clock_now_ms();

	while (look(number) < wanted && dk_clock_now_ms() < since + PATIENCE_MS)
		usleep(2000);
	assert_true(look(number) >= wanted);
}

static void
wait_for_lines(int count)
{
	int64_t since = dk_clock_now_ms();

	while (count_arrived(count) < count && dk_clock_now_ms() < since + PATIENCE_MS)
		usleep(2000);
	assert_int_equal(count_arrived(count), count);
}

static void
say(int from, int to)
{
	for (int n = from; n <= to; n++)
		dk_log(DK_INFO, "plant", "happened", DK_FIELDS(DK_FIELD_NUMBER("n", n)));
}

static void
ship_to(const char *path, int64_t queue)
{
	char url[64], context[DK_LOG_CONTEXT_ROOM] = "";
	struct dk_shipper_options options = { .target = { .url = url,
							  .username = "diolkos",
							  .password = "geheim",
							  .header = "X-Tenant: acme" },
					      .queue = queue,
					      .context = context };

	snprintf(url, sizeof(url), "http://127.0.0.1:%d%s", world.server.port, path);
	dk_log_line_member(context, "host", "here");
	dk_log_line_member(context, "instance", "berlin");
	dk_shipper_set(&options);
}

/* What stands in the log here; to be freed. */
static char *
local_log(void)
{
	size_t length;
	char *bytes = file_read(&world.folder, "log", &length), *text = strndup(bytes, length);

	free(bytes);
	return text;
}

static void
assert_logged(const char *words)
{
	char *text = local_log();

	if (!strstr(text, words))
		fail_msg("no \"%s\" in %s", words, text);
	free(text);
}

static int
begin(void **state)
{
	int file;

	(void)state;
	folder_make(&world.folder);
	file = open(folder_file(&world.folder, "log"), O_CREAT | O_TRUNC | O_WRONLY | O_APPEND,
		    0600);
	assert_true(file >= 0);
	world.kept_stderr = dup(STDERR_FILENO);
	dup2(file, STDERR_FILENO);
	close(file);
	dk_log_set_form(DK_LOG_TEXT);
	memset(world.times, 0, sizeof(world.times));
	world.refused = world.asked = world.most = 0;
	world.dropped = world.others = world.troubles = 0;
	world.status = 200;
	server_begin(&world.server, answer, NULL);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	dk_shipper_end();
	dk_complaints_forget();
	server_end(&world.server);
	dup2(world.kept_stderr, STDERR_FILENO);
	close(world.kept_stderr);
	folder_remove(&world.folder);
	return 0;
}

/* --- Tests --- */

static void
lines_arrive_in_an_array_with_their_context(void **state)
{
	(void)state;
	ship_to("/logs", 1 << 20);
	say(1, 100);
	wait_for_lines(100);
	assert_string_equal(world.who, "plant");
	assert_string_equal(world.host, "here");
	assert_string_equal(world.instance, "berlin");
	assert_string_equal(world.type, "application/json");
	assert_string_equal(world.header, "acme");
	assert_string_equal(world.authorization, "Basic ZGlvbGtvczpnZWhlaW0=");
	assert_true(look(&world.most) > 1);
	assert_logged(" info plant happened n=100\n");
}

/* It is said here, at growing intervals, and never sent. */
static void
a_collector_that_fails_is_tried_again(void **state)
{
	(void)state;
	set_status(500);
	ship_to("/", 1 << 20);
	say(1, 50);
	wait_for(&world.asked, 2);
	set_status(429);
	wait_for(&world.asked, 3);
	say(51, 100);
	set_status(200);
	wait_for_lines(100);
	for (int i = 1; i <= 100; i++)
		assert_int_equal(world.times[i], 1);
	assert_int_equal(world.troubles, 0);
	assert_logged(" warning log not-shipped why=\"http://127.0.0.1:");
	assert_logged("the answer has status 500\" times=1\n");
	assert_logged(" notice log not-shipped over=yes");
}

static void
what_does_not_fit_is_dropped_and_counted(void **state)
{
	int64_t since;
	int arrived;

	(void)state;
	set_status(500);
	ship_to("/", 1 << 16);
	since = dk_clock_now_ms();
	say(1, 5000);
	assert_true(dk_clock_now_ms() - since < 2000);
	wait_for(&world.asked, 1);
	set_status(200);
	wait_for(&world.dropped, 1);
	arrived = count_arrived(5000);
	assert_true(arrived > 100);
	assert_int_equal(arrived + look(&world.dropped), 5000);
	assert_int_equal(world.times[1], 1);
	assert_logged(" warning log dropped lines=");
}

static void
a_collector_that_hangs_holds_nobody_up(void **state)
{
	int64_t since;

	(void)state;
	set_status(0);
	ship_to("/", 1 << 20);
	say(1, 1);
	wait_for(&world.asked, 1);
	since = dk_clock_now_ms();
	say(2, 1000);
	assert_true(dk_clock_now_ms() - since < 1000);
	since = dk_clock_now_ms();
	dk_shipper_end();
	assert_in_range(dk_clock_now_ms() - since, DK_SHIPPER_END_MS - 100,
			DK_SHIPPER_END_MS + 400);
	assert_logged(" warning log dropped lines=1000\n");
}

static void
at_the_end_what_waits_is_sent(void **state)
{
	int64_t since = dk_clock_now_ms();

	(void)state;
	ship_to("/", 1 << 20);
	say(1, 100);
	dk_shipper_end();
	assert_int_equal(count_arrived(100), 100);
	assert_true(dk_clock_now_ms() - since < DK_SHIPPER_END_MS);
	say(101, 101); /* which is for nobody */
}

static void
one_line_that_is_refused_takes_no_other_along(void **state)
{
	(void)state;
	world.refused = 37;
	ship_to("/", 1 << 20);
	say(1, 100);
	wait_for(&world.dropped, 1);
	assert_int_equal(count_arrived(100), 99);
	assert_int_equal(world.times[37], 0);
	assert_int_equal(world.dropped, 1);
}

static void
another_target_gets_what_the_first_did_not_take(void **state)
{
	struct dk_shipper_options none = { .target = { .url = NULL }, .queue = 1 << 20,
					   .context = "" };

	(void)state;
	set_status(0);
	ship_to("/a", 1 << 20);
	say(1, 10);
	wait_for(&world.asked, 1);
	set_status(200);
	ship_to("/b", 1 << 21);
	wait_for_lines(10);
	dk_shipper_set(&none);
	say(11, 20);
	ship_to("/c", 1 << 20);
	say(21, 21);
	wait_for(&world.times[21], 1);
	for (int i = 11; i <= 20; i++)
		assert_int_equal(world.times[i], 0);
}

/* Their order is each thread's own. */
static void *
say_a_quarter(void *argument)
{
	int from = *(const int *)argument;

	say(from, from + 999);
	return NULL;
}

static void
many_threads_say_all_that_they_have(void **state)
{
	pthread_t threads[4];
	int from[4] = { 1, 1001, 2001, 3001 };

	(void)state;
	ship_to("/", 16 << 20);
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, say_a_quarter, &from[i]), 0);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	wait_for_lines(4000);
	for (int i = 1; i <= 4000; i++)
		assert_int_equal(world.times[i], 1);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(lines_arrive_in_an_array_with_their_context, begin,
						end),
		cmocka_unit_test_setup_teardown(a_collector_that_fails_is_tried_again, begin, end),
		cmocka_unit_test_setup_teardown(what_does_not_fit_is_dropped_and_counted, begin,
						end),
		cmocka_unit_test_setup_teardown(a_collector_that_hangs_holds_nobody_up, begin, end),
		cmocka_unit_test_setup_teardown(at_the_end_what_waits_is_sent, begin, end),
		cmocka_unit_test_setup_teardown(one_line_that_is_refused_takes_no_other_along,
						begin, end),
		cmocka_unit_test_setup_teardown(another_target_gets_what_the_first_did_not_take,
						begin, end),
		cmocka_unit_test_setup_teardown(many_threads_say_all_that_they_have, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
