/* SPDX-License-Identifier: Apache-2.0
 *
 * base64.c - bytes as text and back: RFC 4648 section 4.
 */
#include <openssl/evp.h>
#include <string.h>

#include "plugins/rabbitmq/message.h"

char *
rabbitmq_base64_write(struct dk_slice bytes, char *out)
{
	return out + EVP_EncodeBlock((unsigned char *)out, (const unsigned char *)bytes.data,
				     (int)bytes.length);
}

/* The library takes = for a letter, counts it as bytes, and steps over spaces at both ends. */
ssize_t
rabbitmq_base64_read(struct dk_slice text, char *out)
{
	size_t length = text.length;

	while (length > 0 && text.length - length < 2 && text.data[length - 1] == '=')
		length--;
	if (text.length % 4 != 0 || memchr(text.data, '=', length) ||
	    EVP_DecodeBlock((unsigned char *)out, (const unsigned char *)text.data,
			    (int)text.length) != (int)(text.length / 4 * 3))
		return -1;
	return (ssize_t)(length * 3 / 4);
}
