/* SPDX-License-Identifier: Apache-2.0
 *
 * error.c - one sentence of what went wrong.
 */
#include "daemon/base/error.h"

#include <stdarg.h>
#include <stdio.h>

int
dk_fail(struct dk_error *error, const char *format, ...)
{
	va_list arguments;

	if (!error)
		return -1;
	va_start(arguments, format);
	vsnprintf(error->text, sizeof(error->text), format, arguments);
	va_end(arguments);
	return -1;
}
