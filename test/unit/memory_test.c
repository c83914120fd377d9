/* SPDX-License-Identifier: Apache-2.0
 *
 * memory_test.c - what a plan is allocated from: zeroed, aligned, apart from each other, all freed.
 */
#include "test/unit/unit.h"

#include "daemon/config/memory.h"

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#endif

static const size_t sizes[] = { 0, 1, 15, 16, 17, 4095, 16384, 16385, 65536, 1 << 20, 5 << 20 };

/* Each is filled with its own byte when it was seen to be zero; none has another's afterwards. */
static void
what_is_taken_is_zeroed_aligned_and_its_own(void **state)
{
	struct dk_plan_memory *memory = dk_memory_new();
	unsigned char *taken[20 * ROWS(sizes)];

	(void)state;
	for (size_t i = 0; i < ROWS(taken); i++) {
		size_t size = sizes[i % ROWS(sizes)];

		taken[i] = dk_memory_take(memory, size);
		assert_non_null(taken[i]);
		assert_int_equal((uintptr_t)taken[i] % _Alignof(int64_t), 0);
		for (size_t j = 0; j < size; j++)
			if (taken[i][j] != 0)
				fail_msg("byte %zu of %zu is not zero", j, size);
		memset(taken[i], (int)i, size);
	}
	for (size_t i = 0; i < ROWS(taken); i++)
		for (size_t j = 0; j < sizes[i % ROWS(sizes)]; j++)
			if (taken[i][j] != (unsigned char)i)
				fail_msg("byte %zu of the %zuth was written by another", j, i);
	dk_memory_free(memory);
}

static void
texts_are_copied_and_printed(void **state)
{
	struct dk_plan_memory *memory = dk_memory_new();
	char *long_one = dk_memory_print(memory, "%0*d", 100000, 7);

	(void)state;
	assert_string_equal(dk_memory_text(memory, dk_slice_new("abcdef", 3)), "abc");
	assert_string_equal(dk_memory_text(memory, dk_slice_new(NULL, 0)), "");
	assert_string_equal(dk_memory_print(memory, "%s-%d", "a", 5), "a-5");
	assert_int_equal(strlen(long_one), 100000);
	assert_int_equal(long_one[99999], '7');
	dk_memory_free(memory);
}

static char let_go[8];

static void
note_letting_go(void *thing)
{
	strcat(let_go, thing);
}

static void
the_last_that_is_kept_is_let_go_first(void **state)
{
	struct dk_plan_memory *memory = dk_memory_new();

	(void)state;
	let_go[0] = '\0';
	dk_memory_keep(memory, dk_memory_text(memory, dk_slice_of("a")), note_letting_go);
	dk_memory_take(memory, 1 << 20);
	dk_memory_keep(memory, dk_memory_text(memory, dk_slice_of("b")), note_letting_go);
	dk_memory_keep(memory, dk_memory_text(memory, dk_slice_of("c")), note_letting_go);
	assert_string_equal(let_go, "");
	dk_memory_free(memory);
	assert_string_equal(let_go, "cba");
}

/* By AddressSanitizer, where it is there. */
static void
a_byte_too_many_is_found(void **state)
{
#ifdef __SANITIZE_ADDRESS__
	struct dk_plan_memory *memory = dk_memory_new();

	for (size_t i = 0; i < ROWS(sizes); i++) {
		char *taken = dk_memory_take(memory, sizes[i]);

		assert_null(__asan_region_is_poisoned(taken, sizes[i]));
		assert_true(__asan_address_is_poisoned(taken + sizes[i]));
	}
	dk_memory_free(memory);
#else
	skip();
#endif
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_taken_is_zeroed_aligned_and_its_own),
		cmocka_unit_test(texts_are_copied_and_printed),
		cmocka_unit_test(the_last_that_is_kept_is_let_go_first),
		cmocka_unit_test(a_byte_too_many_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
