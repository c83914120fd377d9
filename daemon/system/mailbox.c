/* SPDX-License-Identifier: Apache-2.0
 *
 * mailbox.c - other threads' way to the loop.
 */
#include "daemon/system/mailbox.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct dk_mailbox {
	_Atomic(struct dk_post *) newest; /* each points to the one posted before it */
	int fd;
};

struct dk_mailbox *
dk_mailbox_new(void)
{
	struct dk_mailbox *mailbox = calloc(1, sizeof(*mailbox));

	if (!mailbox)
		return NULL;
	mailbox->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (mailbox->fd < 0) {
		free(mailbox);
		return NULL;
	}
	return mailbox;
}

void
dk_mailbox_free(struct dk_mailbox *mailbox)
{
	close(mailbox->fd);
	free(mailbox);
}

int
dk_mailbox_fd(const struct dk_mailbox *mailbox)
{
	return mailbox->fd;
}

void
dk_mailbox_post(struct dk_mailbox *mailbox, struct dk_post *post)
{
	struct dk_post *before = atomic_load_explicit(&mailbox->newest, memory_order_relaxed);
	uint64_t one = 1;

	do
		post->next = before;
	while (!atomic_compare_exchange_weak_explicit(&mailbox->newest, &before, post,
						      memory_order_acq_rel,
						      memory_order_relaxed));
	if (!before && write(mailbox->fd, &one, sizeof(one)) < 0)
		abort(); /* cannot be: the counter never comes near its limit */
}

static struct dk_post *
reversed(struct dk_post *newest)
{
	struct dk_post *oldest = NULL;

	while (newest) {
		struct dk_post *before = newest->next;

		newest->next = oldest;
		oldest = newest;
		newest = before;
	}
	return oldest;
}

void
dk_mailbox_run(struct dk_mailbox *mailbox)
{
	struct dk_post *post;
	uint64_t count;

	/* Emptied before it is read: a post that comes in between wakes the loop once more. */
	if (read(mailbox->fd, &count, sizeof(count)) < 0)
		count = 0;
	post = reversed(atomic_exchange_explicit(&mailbox->newest, NULL, memory_order_acq_rel));
	while (post) {
		struct dk_post *next = post->next;

		post->run(post);
		post = next;
	}
}
