/* SPDX-License-Identifier: Apache-2.0
 *
 * admission_test.c - who may ask at the address.
 */
#include "test/unit/unit.h"

#include "daemon/surface/admission.h"

#define TOKEN "open:sesame-0123"

/* In base64: `dGVzdDo` begins "test:", `OnRlc3Q` ":test". */
static void
the_token_alone_is_admitted(void **state)
{
	static const struct {
		const char *authorization;
		bool is_given;
	} rows[] = {
		{ NULL, false },
		{ "", false },
		{ TOKEN, false },
		{ "Bearer", false },
		{ "Bearer ", false },
		{ "Bearer " TOKEN, true },
		{ "bearer  " TOKEN, true },
		{ "BEARER " TOKEN, true },
		{ "Bearer " TOKEN "4", false },
		{ "Bearer open:sesame-012", false },
		{ "Bearer open:sesame-0124", false },
		{ "Bearer Open:sesame-0123", false },
		{ "Bearer" TOKEN, false },
		{ "Digest " TOKEN, false },
		{ "Basic " TOKEN, false },
		{ "Basic ", false },
		{ "Basic =", false },
		{ "Basic ====", false },
		/* prometheus:open:sesame-0123, :open:sesame-0123 */
		{ "Basic cHJvbWV0aGV1czpvcGVuOnNlc2FtZS0wMTIz", true },
		{ "basic Om9wZW46c2VzYW1lLTAxMjM=", true },
		/* open:sesame-0123, which is the password sesame-0123; a user alone */
		{ "Basic b3BlbjpzZXNhbWUtMDEyMw==", false },
		{ "Basic cHJvbWV0aGV1cw==", false },
		{ "Basic Om9wZW46c2VzYW1lLTAxMjMK", false },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		if (dk_admission_is_given(rows[i].authorization, TOKEN) != rows[i].is_given)
			fail_msg("%s", rows[i].authorization ? rows[i].authorization : "none");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_token_alone_is_admitted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
