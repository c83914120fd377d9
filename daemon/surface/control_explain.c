/* SPDX-License-Identifier: Apache-2.0
 *
 * control_explain.c - what would become of a message.
 */
#include <stdio.h>
#include <stdlib.h>

#include "daemon/surface/control_inside.h"

void
dk_give_explanation(struct dk_control *control, struct dk_http_call *call)
{
	struct dk_asked_message asked;
	struct dk_error error;
	char *text = NULL;
	size_t length;
	FILE *out;

	if (dk_asked_message(control, call, &asked) != 0)
		return;
	out = open_memstream(&text, &length);
	if (!out)
		abort();
	asked.message.payload = dk_slice_of(dk_http_parameter(call, "payload"));
	dk_plan_explain(dk_carrier_plan(control->carrier), dk_http_parameter(call, "address"),
			asked.message, dk_http_parameter(call, "all") != NULL, out, &error);
	fclose(out);
	dk_answer_text(call, 200, "text/plain; charset=utf-8", text);
}
