/* SPDX-License-Identifier: Apache-2.0
 *
 * mailbox.h - other threads' way to the loop: a queue without locks, many writers, one reader.
 *
 * The posts are linked through themselves, so that posting needs no memory and cannot fail. The
 * reader is woken (an eventfd) only when the box was empty.
 */
#ifndef DK_SYSTEM_MAILBOX_H
#define DK_SYSTEM_MAILBOX_H

#include "plugins/plugin.h"

struct dk_mailbox;

struct dk_mailbox *dk_mailbox_new(void); /* NULL: no file descriptor to be had */
void dk_mailbox_free(struct dk_mailbox *mailbox);

/* Readable when there is something in it. */
int dk_mailbox_fd(const struct dk_mailbox *mailbox);

/* Any thread. */
void dk_mailbox_post(struct dk_mailbox *mailbox, struct dk_post *post);

/* The reader: runs all that is in it, in the order in which it was posted. */
void dk_mailbox_run(struct dk_mailbox *mailbox);

#endif
