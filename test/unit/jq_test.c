/* SPDX-License-Identifier: Apache-2.0
 *
 * jq_test.c - conditions as programs of jq: what passes, what is no program, texts put into one.
 */
#include "test/unit/unit.h"

#include "daemon/base/buffer.h"
#include "daemon/language/jq.h"

static void
a_message_passes_when_the_first_result_is_neither_false_nor_null(void **state)
{
	static const struct {
		const char *program, *payload;
		bool passes;
	} rows[] = {
		{ ".total > 100", "{\"total\":101}", true },
		{ ".total > 100", "{\"total\":100}", false },
		{ ".items | any(.price > 100)", "{\"items\":[{\"price\":1},{\"price\":101}]}", true },
		{ ".items | any(.price > 100)", "{\"items\":[]}", false },
		{ ".name", "{\"name\":\"\"}", true },
		{ ".name", "{\"name\":null}", false },
		{ ".name", "{}", false },
		{ "empty", "{}", false },
		{ "false, true", "{}", false },
		{ "true, false", "{}", true },
		{ "error(\"x\")", "{}", false },
		{ ".a.b", "5", false },
		{ "true", "", false },
		{ "true", "{", false },
		{ "true", "{} {}", false },
		{ "true", "null", true },
		{ ". as [$a, $b] | $a == $b", "[1,1]", true },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct dk_error error = { "" };
		struct dk_jq *jq = dk_jq_new(rows[i].program, &error);

		if (!jq)
			fail_msg("%s: %s", rows[i].program, error.text);
		for (int times = 0; times < 3; times++)
			if (dk_jq_holds(jq, dk_slice_of(rows[i].payload)) != rows[i].passes)
				fail_msg("%s of %s", rows[i].program, rows[i].payload);
		assert_false(dk_jq_holds(jq, (struct dk_slice){ NULL, 0 }));
		assert_string_equal(dk_jq_text(jq), rows[i].program);
		dk_jq_free(jq);
	}
}

static void
what_is_no_program_is_refused_in_words_of_jq(void **state)
{
	static const struct {
		const char *program, *error;
	} rows[] = {
		{ ".total >", "jq says: syntax error, unexpected $end at <top-level>, line 1" },
		{ "foo", "jq says: foo/0 is not defined at <top-level>, line 1" },
		{ "$x", "jq says: $x is not defined at <top-level>, line 1" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct dk_error error = { "" };

		assert_null(dk_jq_new(rows[i].program, &error));
		assert_string_equal(error.text, rows[i].error);
	}
}

static void
a_text_put_into_a_program_is_itself(void **state)
{
	static const char *const texts[] = { "berlin", "a\"b", "\\(.x)", "line\nend", "", "ü\\" };

	(void)state;
	for (size_t i = 0; i < ROWS(texts); i++) {
		struct dk_buffer program = { 0 }, payload = { 0 };
		struct dk_jq *jq;

		dk_buffer_add_text(&program, ". == ");
		dk_jq_quote(dk_slice_of(texts[i]), &program);
		dk_jq_quote(dk_slice_of(texts[i]), &payload);
		jq = dk_jq_new(program.data, NULL);
		assert_non_null(jq);
		assert_true(dk_jq_holds(jq, dk_slice_new(payload.data, payload.length)));
		assert_false(dk_jq_holds(jq, DK_SLICE("\"another\"")));
		dk_jq_free(jq);
		dk_buffer_clear(&program);
		dk_buffer_clear(&payload);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_passes_when_the_first_result_is_neither_false_nor_null),
		cmocka_unit_test(what_is_no_program_is_refused_in_words_of_jq),
		cmocka_unit_test(a_text_put_into_a_program_is_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
