/* SPDX-License-Identifier: Apache-2.0
 *
 * c11_threads.c - C11's threads by POSIX's, to be loaded before librdkafka for ThreadSanitizer.
 *
 * The sanitizer sees the functions of pthread.h and not those of threads.h, by which librdkafka
 * makes its threads and guards its queues: it would crash in the first and miss the second.
 */
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <threads.h>

struct beginning {
	thrd_start_t function;
	void *argument;
};

static void *
begin(void *argument)
{
	struct beginning beginning = *(struct beginning *)argument;

	free(argument);
	return (void *)(intptr_t)beginning.function(beginning.argument);
}

int
thrd_create(thrd_t *thread, thrd_start_t function, void *argument)
{
	struct beginning *beginning = malloc(sizeof(*beginning));

	if (!beginning)
		return thrd_nomem;
	*beginning = (struct beginning){ function, argument };
	if (pthread_create(thread, NULL, begin, beginning) == 0)
		return thrd_success;
	free(beginning);
	return thrd_error;
}

int
thrd_join(thrd_t thread, int *result)
{
	void *value;

	if (pthread_join(thread, &value) != 0)
		return thrd_error;
	if (result)
		*result = (int)(intptr_t)value;
	return thrd_success;
}

static int
answer(int status)
{
	return status == 0 ? thrd_success : thrd_error;
}

int
mtx_init(mtx_t *mutex, int type)
{
	pthread_mutexattr_t attributes;
	int status;

	pthread_mutexattr_init(&attributes);
	if (type & mtx_recursive)
		pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
	status = pthread_mutex_init((pthread_mutex_t *)mutex, &attributes);
	pthread_mutexattr_destroy(&attributes);
	return answer(status);
}

int
mtx_lock(mtx_t *mutex)
{
	return answer(pthread_mutex_lock((pthread_mutex_t *)mutex));
}

int
mtx_unlock(mtx_t *mutex)
{
	return answer(pthread_mutex_unlock((pthread_mutex_t *)mutex));
}

void
mtx_destroy(mtx_t *mutex)
{
	pthread_mutex_destroy((pthread_mutex_t *)mutex);
}

int
cnd_init(cnd_t *condition)
{
	return answer(pthread_cond_init((pthread_cond_t *)condition, NULL));
}

int
cnd_signal(cnd_t *condition)
{
	return answer(pthread_cond_signal((pthread_cond_t *)condition));
}

int
cnd_broadcast(cnd_t *condition)
{
	return answer(pthread_cond_broadcast((pthread_cond_t *)condition));
}

int
cnd_wait(cnd_t *condition, mtx_t *mutex)
{
	return answer(pthread_cond_wait((pthread_cond_t *)condition, (pthread_mutex_t *)mutex));
}

int
cnd_timedwait(cnd_t *restrict condition, mtx_t *restrict mutex,
	      const struct timespec *restrict until)
{
	int status = pthread_cond_timedwait((pthread_cond_t *)condition, (pthread_mutex_t *)mutex,
					    until);

	return status == ETIMEDOUT ? thrd_timedout : answer(status);
}

void
cnd_destroy(cnd_t *condition)
{
	pthread_cond_destroy((pthread_cond_t *)condition);
}
