/* SPDX-License-Identifier: Apache-2.0
 *
 * view.h - one message as templates and expressions see it.
 */
#ifndef DK_LANGUAGE_VIEW_H
#define DK_LANGUAGE_VIEW_H

#include "daemon/language/document.h"

/* The buffers keep their memory from message to message, so that nothing is allocated for one. */
struct dk_view {
	const struct dk_message *message; /* NULL: there is none */
	const struct dk_slice *captures;  /* by slot; may be NULL where a route has none */
	struct dk_document document;
	struct dk_buffer scratch[2];      /* for values that are made: filtered, formatted */
};

/* Another message; the buffers stay. */
static inline void
dk_view_show(struct dk_view *view, const struct dk_message *message)
{
	dk_document_clear(&view->document);
	view->message = message;
}

static inline void
dk_view_free(struct dk_view *view)
{
	dk_document_clear(&view->document);
	dk_buffer_clear(&view->scratch[0]);
	dk_buffer_clear(&view->scratch[1]);
}

#endif
