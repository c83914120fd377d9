/* SPDX-License-Identifier: Apache-2.0
 *
 * files.h - what the flow asks of a disk: files of a size fixed at their making, written in place.
 *
 * system/files.c does it with a memory map (so a write costs a copy, and outlives the process from
 * that moment on); the simulation does it with a disk that forgets. Durable is only what a sync
 * that returned 0 has covered; a file's name only after a sync of its folder. All functions may be
 * called from any thread, each file's writes under a lock of the caller's.
 */
#ifndef DK_FLOW_FILES_H
#define DK_FLOW_FILES_H

#include "daemon/base/slice.h"

struct dk_file;
struct dk_lock;

struct dk_files {
	int (*make_folder)(void *context, const char *path, struct dk_error *error);
	int (*list_folder)(void *context, const char *path,
			   void (*found)(void *argument, const char *name), void *argument,
			   struct dk_error *error);
	int (*sync_folder)(void *context, const char *path, struct dk_error *error);

	/* A new file of `size` zeros, its room reserved: writes into it do not run out of disk. */
	struct dk_file *(*create)(void *context, const char *path, size_t size,
				  struct dk_error *error);
	/* One that is there, to be read. */
	struct dk_file *(*open)(void *context, const char *path, struct dk_error *error);
	/* All of it; valid until close, and showing what is written meanwhile. */
	struct dk_slice (*bytes)(const struct dk_file *file);
	void (*write)(struct dk_file *file, size_t offset, const struct dk_slice *pieces,
		      size_t count);
	int (*sync)(struct dk_file *file, struct dk_error *error);
	void (*close)(struct dk_file *file);
	int (*remove)(void *context, const char *path, struct dk_error *error);
	/* A number that nobody outside can guess. */
	uint32_t (*random)(void *context);

	struct dk_lock *(*lock_new)(void *context);
	void (*lock)(struct dk_lock *lock);
	void (*unlock)(struct dk_lock *lock);
	void (*lock_free)(struct dk_lock *lock);

	void *context;
};

#endif
