/* SPDX-License-Identifier: Apache-2.0
 *
 * admission.c - a token compared with what was brought.
 */
#include "daemon/surface/admission.h"

#include <strings.h>

#include "daemon/base/base64.h"

/* All of it is looked at, whether or not an earlier byte differs. */
static bool
is_same(struct dk_slice brought, struct dk_slice token)
{
	volatile unsigned char differs = brought.length != token.length;

	for (size_t i = 0; i < token.length; i++)
		differs = (unsigned char)(differs | ((i < brought.length ? brought.data[i] : 0) ^
						     token.data[i]));
	return !differs;
}

/* What follows the scheme's name and a space; no data: it is another scheme. */
static struct dk_slice
after(const char *authorization, struct dk_slice scheme)
{
	if (strncasecmp(authorization, scheme.data, scheme.length) != 0)
		return dk_slice_new(NULL, 0);
	authorization += scheme.length;
	return dk_slice_of(authorization + strspn(authorization, " "));
}

static bool
is_password(struct dk_slice credentials, struct dk_slice token)
{
	struct dk_buffer text = { 0 };
	const char *colon = NULL;
	bool is_right = false;

	if (dk_base64_read(credentials, &text) == 0 && text.length > 0)
		colon = memchr(text.data, ':', text.length);
	if (colon)
		is_right = is_same(dk_slice_new(colon + 1,
						(size_t)(text.data + text.length - colon - 1)),
				   token);
	dk_buffer_clear(&text);
	return is_right;
}

bool
dk_admission_is_given(const char *authorization, const char *token)
{
	struct dk_slice bearer, basic;

	if (!authorization)
		return false;
	bearer = after(authorization, DK_SLICE("Bearer "));
	basic = after(authorization, DK_SLICE("Basic "));
	return (bearer.data && is_same(bearer, dk_slice_of(token))) ||
	       (basic.data && is_password(basic, dk_slice_of(token)));
}
