/* SPDX-License-Identifier: Apache-2.0
 *
 * trial.c - a message that nobody sent, and what would become of it.
 */
#include "daemon/config/trial.h"

#include "daemon/base/error.h"
#include "daemon/base/suggest.h"

struct trying {
	struct dk_view view;
	void (*found)(void *context, const struct dk_route *route, struct dk_view *view,
		      bool passes);
	void *context;
};

static void
try_route(void *context, void *value, const struct dk_slice *captures)
{
	struct trying *trying = context;
	const struct dk_route *route = value;

	trying->view.captures = captures;
	trying->found(trying->context, route, &trying->view,
		      dk_route_wants(route, &trying->view));
}

void
dk_trial(const struct dk_plan *plan, size_t endpoint, const struct dk_message *message,
	 void (*found)(void *context, const struct dk_route *route, struct dk_view *view,
		       bool passes),
	 void *context)
{
	const struct dk_endpoint_plan *of = &plan->endpoints[endpoint];
	struct trying trying = { .found = found, .context = context };

	dk_view_show(&trying.view, message);
	for (size_t i = 0; i < of->subscription_count; i++)
		dk_matcher_find(of->subscriptions[i].matcher, message->address, try_route, &trying);
	dk_view_free(&trying.view);
}

static void
note(struct dk_outlook *outlook, const struct dk_rendering_fault *fault, const char *what)
{
	if (fault->why && !*outlook->fault)
		dk_rendering_fault_tell(fault, what, outlook->fault, sizeof(outlook->fault));
}

static void
render(struct dk_outlook *outlook, const struct dk_template *template, struct dk_view *view,
       struct dk_buffer *out, const char *what)
{
	struct dk_rendering_fault fault;

	dk_buffer_add_text(out, "");
	dk_template_render(template, view, out, &fault);
	note(outlook, &fault, what);
}

void
dk_outlook_make(struct dk_outlook *outlook, const struct dk_way *way, struct dk_view *view)
{
	const struct dk_route *route = way->route;
	struct dk_rendering_fault fault;

	memset(outlook, 0, sizeof(*outlook));
	outlook->way = way;
	dk_buffer_add_text(&outlook->address, "");
	dk_template_render_address(way->address, way->dialect, route->escapes, view,
				   &outlook->address, &fault);
	note(outlook, &fault, "the address");
	if (route->key)
		render(outlook, route->key, view, &outlook->key, "the key");
	for (size_t i = 0; i < route->header_count; i++)
		render(outlook, route->headers[i].value, view, &outlook->headers[i],
		       route->headers[i].name.data);
}

void
dk_outlook_clear(struct dk_outlook *outlook)
{
	dk_buffer_clear(&outlook->address);
	dk_buffer_clear(&outlook->key);
	for (size_t i = 0; i < outlook->way->route->header_count; i++)
		dk_buffer_clear(&outlook->headers[i]);
}

static int
fail_endpoint(const struct dk_plan *plan, struct dk_slice name, struct dk_error *error)
{
	struct dk_suggestion suggestion = { .written = name };

	for (size_t i = 0; i < plan->endpoint_count; i++)
		dk_suggest(&suggestion, plan->endpoints[i].name);
	return dk_fail(error, "there is no endpoint \"%.*s\"%s%s%s", (int)name.length, name.data,
		       suggestion.nearest ? "; \"" : "",
		       suggestion.nearest ? suggestion.nearest : "",
		       suggestion.nearest ? "\"?" : "");
}

int
dk_trial_split(const struct dk_plan *plan, const char *text, const char **address,
	       struct dk_error *error)
{
	const char *colon = strchr(text, ':');
	struct dk_slice name = dk_slice_new(text, colon ? (size_t)(colon - text) : 0);

	if (!colon)
		return dk_fail(error, "\"%s\" names no endpoint; endpoint:address?", text);
	*address = colon + 1;
	for (size_t i = 0; i < plan->endpoint_count; i++)
		if (dk_slice_is(dk_slice_of(plan->endpoints[i].name), name))
			return (int)i;
	return fail_endpoint(plan, name, error);
}
