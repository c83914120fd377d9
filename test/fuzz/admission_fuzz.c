/* SPDX-License-Identifier: Apache-2.0
 *
 * admission_fuzz.c - any bytes as a header Authorization: who is admitted brought the token, as it is
 * or in base64.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/surface/admission.h"

#define TOKEN "sesame"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	size_t length;

	if (!text)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	length = strlen(text);
	/* In base64 "sesame" has at least 8 letters, and a colon is before it. */
	if (dk_admission_is_given(text, TOKEN) && !strstr(text, TOKEN) &&
	    length < strlen("Basic ") + 12)
		abort();
	free(text);
	return 0;
}
