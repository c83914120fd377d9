/* SPDX-License-Identifier: Apache-2.0
 *
 * base_test.c - buffer, list, map, checksum, error, suggestions.
 */
#include "test/unit/unit.h"

#include "daemon/base/buffer.h"
#include "daemon/base/checksum.h"
#include "daemon/base/error.h"
#include "daemon/base/list.h"
#include "daemon/base/map.h"
#include "daemon/base/suggest.h"

static void
a_buffer_is_always_followed_by_a_nul(void **state)
{
	struct dk_buffer buffer = { 0 };
	char *text;

	(void)state;
	for (size_t i = 0; i < 1000; i++) {
		dk_buffer_add(&buffer, DK_SLICE("x"));
		assert_int_equal(buffer.length, i + 1);
		assert_int_equal(buffer.data[i + 1], '\0');
	}
	dk_buffer_clear(&buffer);
	dk_buffer_add_text(&buffer, "one");
	dk_buffer_print(&buffer, " %s %d", "two", 3);
	dk_buffer_add(&buffer, dk_slice_new(NULL, 0));
	text = dk_buffer_detach(&buffer);
	assert_string_equal(text, "one two 3");
	assert_null(buffer.data);
	free(text);
}

static void
an_empty_buffer_detaches_as_an_empty_string(void **state)
{
	struct dk_buffer buffer = { 0 };
	char *text = dk_buffer_detach(&buffer);

	(void)state;
	assert_string_equal(text, "");
	free(text);
}

static void
a_buffer_keeps_nuls_and_long_prints(void **state)
{
	struct dk_buffer buffer = { 0 };

	(void)state;
	dk_buffer_add(&buffer, DK_SLICE("a\0b"));
	dk_buffer_print(&buffer, "%5000d", 7);
	assert_int_equal(buffer.length, 5003);
	assert_memory_equal(buffer.data, "a\0b ", 4);
	assert_int_equal(buffer.data[5002], '7');
	dk_buffer_clear(&buffer);
}

struct thing {
	int number;
	struct dk_list link;
};

/* The numbers on a list, as digits. */
static void
assert_list(const struct dk_list *list, const char *wanted)
{
	char text[32] = "";
	size_t length = 0;

	DK_EACH(link, list)
		text[length++] = (char)('0' + DK_OF(link, struct thing, link)->number);
	assert_string_equal(text, wanted);
}

static void
a_list_keeps_its_order(void **state)
{
	struct thing things[6];
	struct dk_list list, other;

	(void)state;
	dk_list_init(&list);
	dk_list_init(&other);
	assert_true(dk_list_is_empty(&list));
	assert_null(dk_list_shift(&list));
	for (int i = 0; i < 6; i++) {
		things[i].number = i;
		dk_list_append(i < 4 ? &list : &other, &things[i].link);
	}
	assert_list(&list, "0123");
	dk_list_remove(&things[2].link);
	dk_list_remove(&things[2].link);
	assert_list(&list, "013");
	dk_list_insert_after(&things[0].link, &things[2].link);
	assert_list(&list, "0213");
	dk_list_take_all(&list, &other);
	assert_list(&list, "021345");
	assert_true(dk_list_is_empty(&other));
	dk_list_take_all(&list, &other);
	assert_list(&list, "021345");
	assert_ptr_equal(dk_list_shift(&list), &things[0].link);
	assert_list(&list, "21345");
}

/* RFC 3720 appendix B.4, and the usual check value. */
static void
crc32c_gives_the_known_values(void **state)
{
	unsigned char zeros[32] = { 0 }, ones[32], rising[32], falling[32];
	static const unsigned char read_10[48] = {
		0x01, 0xc0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x14, 0, 0, 0, 0, 0,
		0x04, 0x00, 0, 0, 0, 0x14, 0, 0, 0, 0x18, 0x28, 0, 0, 0, 0, 0, 0, 0, 0x02,
	};

	(void)state;
	for (int i = 0; i < 32; i++) {
		ones[i] = 0xff;
		rising[i] = (unsigned char)i;
		falling[i] = (unsigned char)(31 - i);
	}
	assert_int_equal(dk_crc32c(0, "", 0), 0);
	assert_int_equal(dk_crc32c(0, "123456789", 9), 0xe3069283u);
	assert_int_equal(dk_crc32c(0, zeros, 32), 0x8a9136aau);
	assert_int_equal(dk_crc32c(0, ones, 32), 0x62a8ab43u);
	assert_int_equal(dk_crc32c(0, rising, 32), 0x46dd794eu);
	assert_int_equal(dk_crc32c(0, falling, 32), 0x113fdb5cu);
	assert_int_equal(dk_crc32c(0, read_10, 48), 0xd9963a56u);
}

/* Bit by bit, as the definition says. */
static uint32_t
slow_crc32c(const unsigned char *data, size_t length)
{
	uint32_t crc = ~0u;

	for (size_t i = 0; i < length; i++) {
		crc ^= data[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc & 1 ? crc >> 1 ^ 0x82f63b78u : crc >> 1;
	}
	return ~crc;
}

static void
crc32c_goes_on_from_any_cut(void **state)
{
	uint64_t seed = 1;
	unsigned char data[67];

	(void)state;
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (unsigned char)chance(&seed);
	for (size_t length = 0; length <= sizeof(data); length++)
		for (size_t cut = 0; cut <= length; cut++)
			assert_int_equal(dk_crc32c(dk_crc32c(0, data, cut), data + cut,
						   length - cut),
					 slow_crc32c(data, length));
}

/* FNV-1a's published values. */
static void
a_map_finds_what_was_put(void **state)
{
	static char names[1000][8];
	struct dk_map map = { 0 };

	(void)state;
	assert_null(dk_map_find(&map, DK_SLICE("0")));
	for (size_t i = 0; i < ROWS(names); i++) {
		snprintf(names[i], sizeof(names[i]), "%zu", i);
		dk_map_put(&map, dk_slice_of(names[i]), names[i]);
	}
	for (size_t i = 0; i < ROWS(names); i++)
		assert_ptr_equal(dk_map_find(&map, dk_slice_of(names[i])), names[i]);
	assert_null(dk_map_find(&map, DK_SLICE("1000")));
	assert_null(dk_map_find(&map, DK_SLICE("")));
	dk_map_put(&map, DK_SLICE("7"), names[8]);
	assert_ptr_equal(dk_map_find(&map, DK_SLICE("7")), names[8]);
	assert_int_equal(map.count, ROWS(names));
	dk_map_clear(&map);
	assert_null(dk_map_find(&map, DK_SLICE("7")));
}

static void
the_hash_never_changes(void **state)
{
	(void)state;
	assert_true(dk_hash(DK_HASH_BEGIN, DK_SLICE("")) == 0xcbf29ce484222325u);
	assert_true(dk_hash(DK_HASH_BEGIN, DK_SLICE("a")) == 0xaf63dc4c8601ec8cu);
	assert_true(dk_hash(DK_HASH_BEGIN, DK_SLICE("foobar")) == 0x85944171f73967e8u);
	assert_true(dk_hash(dk_hash(DK_HASH_BEGIN, DK_SLICE("foo")), DK_SLICE("bar")) ==
		    0x85944171f73967e8u);
}

static void
an_error_is_cut_to_its_room(void **state)
{
	struct dk_error error;

	(void)state;
	assert_int_equal(dk_fail(&error, "%s is %d", "it", 5), -1);
	assert_string_equal(error.text, "it is 5");
	assert_int_equal(dk_fail(&error, "%2000d", 5), -1);
	assert_int_equal(strlen(error.text), sizeof(error.text) - 1);
	assert_int_equal(dk_fail(NULL, "nobody listens"), -1);
}

static void
the_nearest_name_is_suggested(void **state)
{
	static const char *const names[] = { "username", "password", "qos", "queue", "declare",
					     "key", "state", "" };
	static const struct {
		const char *written, *nearest;
	} rows[] = {
		{ "user_name", "username" }, { "usrname", "username" }, { "passwort", "password" },
		{ "quos", "qos" },	     { "queu", "queue" },	{ "declared", "declare" },
		{ "keys", "key" },	     { "sate", "state" },	{ "flubber", NULL },
		{ "xyz", NULL },	     { "qo", "qos" },	     { "PASSWORD", "password" },
		{ "user", "username" },	     { "queue_name", "queue" },	{ "us", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct dk_suggestion suggestion = { .written = dk_slice_of(rows[i].written) };

		for (size_t j = 0; j + 1 < ROWS(names); j++)
			dk_suggest(&suggestion, names[j]);
		if (!rows[i].nearest != !suggestion.nearest ||
		    (rows[i].nearest && strcmp(rows[i].nearest, suggestion.nearest) != 0))
			fail_msg("%s: %s", rows[i].written,
				 suggestion.nearest ? suggestion.nearest : "none");
	}
}

static void
a_name_too_long_to_compare_is_not_suggested(void **state)
{
	char written[80], name[80];
	struct dk_suggestion suggestion = { .written = { written, 79 } };

	(void)state;
	memset(written, 'a', sizeof(written));
	memset(name, 'a', sizeof(name));
	name[70] = '\0';
	dk_suggest(&suggestion, name);
	assert_null(suggestion.nearest);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_buffer_is_always_followed_by_a_nul),
		cmocka_unit_test(an_empty_buffer_detaches_as_an_empty_string),
		cmocka_unit_test(a_buffer_keeps_nuls_and_long_prints),
		cmocka_unit_test(a_list_keeps_its_order),
		cmocka_unit_test(a_map_finds_what_was_put),
		cmocka_unit_test(crc32c_gives_the_known_values),
		cmocka_unit_test(crc32c_goes_on_from_any_cut),
		cmocka_unit_test(the_hash_never_changes),
		cmocka_unit_test(an_error_is_cut_to_its_room),
		cmocka_unit_test(the_nearest_name_is_suggested),
		cmocka_unit_test(a_name_too_long_to_compare_is_not_suggested),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
