/* SPDX-License-Identifier: Apache-2.0
 *
 * control_page.c - the status page, its parts, and the values that its script asks for.
 */
#include "daemon/surface/control_inside.h"
#include "daemon/surface/page.h"

static struct dk_page_request
page_request(const struct dk_control *control, const struct dk_http_call *call)
{
	return (struct dk_page_request){ .gateway = dk_carrier_gateway(control->carrier),
					 .plan = dk_carrier_plan(control->carrier),
					 .search = dk_http_parameter(call, "search"),
					 .first = dk_http_parameter(call, "first"),
					 .address = dk_http_parameter(call, "address") };
}

void
dk_give_page(struct dk_control *control, struct dk_http_call *call)
{
	struct dk_page_request request = page_request(control, call);
	struct dk_buffer page = { 0 };

	dk_page_write(&request, &page);
	dk_http_say(call, "Content-Security-Policy", DK_PAGE_POLICY);
	dk_http_say(call, "Referrer-Policy", "no-referrer");
	dk_http_answer(call, 200, "text/html; charset=utf-8", &page);
}

void
dk_give_page_values(struct dk_control *control, struct dk_http_call *call)
{
	struct dk_page_request request = page_request(control, call);
	struct dk_buffer values = { 0 };

	dk_page_write_values(&request, &values);
	dk_http_answer(call, 200, "application/json", &values);
}

static void
give_file(struct dk_http_call *call, const char *type, struct dk_slice file)
{
	struct dk_buffer body = { 0 };

	dk_buffer_add(&body, file);
	dk_http_answer(call, 200, type, &body);
}

void
dk_give_page_style(struct dk_control *control, struct dk_http_call *call)
{
	(void)control;
	give_file(call, "text/css; charset=utf-8", dk_page_style());
}

void
dk_give_page_script(struct dk_control *control, struct dk_http_call *call)
{
	(void)control;
	give_file(call, "text/javascript; charset=utf-8", dk_page_script());
}
