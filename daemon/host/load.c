/* SPDX-License-Identifier: Apache-2.0
 *
 * load.c - plugins: finding them, checking their ABI, keeping them.
 */
#include "daemon/host/load.h"

#include <dirent.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/base/error.h"
#include "daemon/base/list.h"

struct loaded {
	struct dk_list link;
	char *name;
	const struct dk_plugin *plugin;
};

struct dk_loader {
	struct dk_list plugins;
	char beside[4096]; /* the folder beside the daemon */
};

static void
find_beside(struct dk_loader *loader)
{
	char path[4000];
	ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);
	char *slash;

	if (length <= 0)
		return;
	path[length] = '\0';
	slash = strrchr(path, '/');
	if (!slash)
		return;
	*slash = '\0';
	snprintf(loader->beside, sizeof(loader->beside), "%s/plugins", path);
}

struct dk_loader *
dk_loader_new(void)
{
	struct dk_loader *loader = calloc(1, sizeof(*loader));

	if (!loader)
		abort();
	dk_list_init(&loader->plugins);
	find_beside(loader);
	return loader;
}

void
dk_loader_free(struct dk_loader *loader)
{
	struct dk_list *link;

	while ((link = dk_list_shift(&loader->plugins))) {
		struct loaded *loaded = DK_OF(link, struct loaded, link);

		free(loaded->name);
		free(loaded);
	}
	free(loader);
}

static const char *
folder_of(const struct dk_loader *loader, const char *folder)
{
	if (folder)
		return folder;
	return loader->beside[0] && access(loader->beside, X_OK) == 0 ? loader->beside :
									DK_PLUGIN_FOLDER;
}

/* "file, kafka, mqtt": what a person could have meant. */
static void
list_names(const char *folder, char *names, size_t room)
{
	DIR *open_folder = opendir(folder);
	struct dirent *entry;
	size_t length = 0;

	snprintf(names, room, "none");
	while (open_folder && (entry = readdir(open_folder))) {
		size_t name = strlen(entry->d_name);

		if (name > 3 && strcmp(entry->d_name + name - 3, ".so") == 0 && length < room)
			length += (size_t)snprintf(names + length, room - length, "%s%.*s",
						   length ? ", " : "", (int)(name - 3),
						   entry->d_name);
	}
	if (open_folder)
		closedir(open_folder);
}

/* Why it can't be opened: it is not there, or a library that it needs is not. */
static void
explain(const char *path, const char *folder, const char *name, struct dk_error *error)
{
	char names[256];
	const char *why = dlerror();

	if (access(path, F_OK) != 0) {
		list_names(folder, names, sizeof(names));
		dk_fail(error, "there is no plugin \"%s\": no file %s; there are: %s; install the "
			       "package diolkos-%s?", name, path, names, name);
	} else {
		dk_fail(error, "the plugin %s cannot be loaded: %s; install the package "
			       "diolkos-%s, which brings that library?", path, why, name);
	}
}

static int
check_abi(const struct dk_plugin *plugin, const char *path, struct dk_error *error)
{
	if (!plugin)
		return dk_fail(error, "%s exports no dk_plugin; is it a plugin of diolkosd?", path);
	if (plugin->abi != DK_ABI)
		return dk_fail(error,
			       "%s is made for plugin ABI %u, and this diolkosd has ABI %u; "
			       "install the plugin's package of the same version as diolkosd",
			       path, plugin->abi, DK_ABI);
	if (plugin->size < sizeof(*plugin))
		return dk_fail(error, "%s describes itself in %u bytes instead of %zu; build it "
				      "again with this diolkosd's plugin.h",
			       path, plugin->size, sizeof(*plugin));
	return 0;
}

static const struct dk_plugin *
load(const char *folder, const char *name, struct dk_error *error)
{
	const struct dk_plugin *plugin;
	char path[4096];
	void *handle;

	snprintf(path, sizeof(path), "%s/%s.so", folder, name);
	handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!handle) {
		explain(path, folder, name, error);
		return NULL;
	}
	plugin = dlsym(handle, "dk_plugin");
	if (check_abi(plugin, path, error) != 0) {
		dlclose(handle);
		return NULL;
	}
	return plugin;
}

static const struct dk_plugin *
known(const struct dk_loader *loader, const char *name)
{
	DK_EACH(link, &loader->plugins) {
		const struct loaded *loaded = DK_OF(link, struct loaded, link);

		if (strcmp(loaded->name, name) == 0)
			return loaded->plugin;
	}
	return NULL;
}

const struct dk_plugin *
dk_loader_find(void *context, const char *folder, const char *name, struct dk_error *error)
{
	struct dk_loader *loader = context;
	const struct dk_plugin *plugin = known(loader, name);
	struct loaded *loaded;

	if (plugin)
		return plugin;
	if (!*name || strchr(name, '/')) {
		dk_fail(error, "\"%s\" is no plugin's name", name);
		return NULL;
	}
	plugin = load(folder_of(loader, folder), name, error);
	if (!plugin)
		return NULL;
	loaded = calloc(1, sizeof(*loaded));
	if (!loaded || !(loaded->name = strdup(name)))
		abort();
	loaded->plugin = plugin;
	dk_list_append(&loader->plugins, &loaded->link);
	return plugin;
}
