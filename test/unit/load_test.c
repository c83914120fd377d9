/* SPDX-License-Identifier: Apache-2.0
 *
 * load_test.c - plugins that cannot be used: what is said of each, and that none of its code runs.
 *
 * The plugins are made here, by the compiler that made this test.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

#include "daemon/host/load.h"

static char folder[] = "/tmp/diolkos-load-XXXXXX";

/* Each row: the plugin's source, and what is said when it is loaded. */
static const struct {
	const char *name, *source, *flags, *said;
} rows[] = {
	{ "stranger", "int some_other_symbol;", "", "exports no dk_plugin; is it a plugin of diolkosd?" },
	{ "old",
	  "#include \"plugins/plugin.h\"\n"
	  "const struct dk_plugin dk_plugin = { .abi = 99, .name = \"old\" };",
	  "", "is made for plugin ABI 99, and this diolkosd has ABI 2; install the plugin's package "
	      "of the same version" },
	{ "small",
	  "#include \"plugins/plugin.h\"\n"
	  "const struct dk_plugin dk_plugin = { .abi = DK_ABI, .size = 8, .name = \"small\" };",
	  "", "describes itself in 8 bytes" },
	{ "lacking", "extern int of_a_library(void); int use(void) { return of_a_library(); }",
	  "-Wl,-z,now", "cannot be loaded: " },
};

static void
build(size_t row)
{
	char path[200], command[600];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s.c", folder, rows[row].name);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(rows[row].source, file);
	fclose(file);
	snprintf(command, sizeof(command), "cc -shared -fPIC -I. %s -o %s/%s.so %s",
		 rows[row].flags, folder, rows[row].name, path);
	assert_int_equal(system(command), 0);
}

static void
a_plugin_that_cannot_be_used_is_refused_with_the_reason(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct dk_loader *loader = dk_loader_new();
		struct dk_error error = { "" };

		build(i);
		assert_null(dk_loader_find(loader, folder, rows[i].name, &error));
		if (!strstr(error.text, rows[i].said))
			fail_msg("%s: \"%s\" does not say \"%s\"", rows[i].name, error.text,
				 rows[i].said);
		assert_non_null(strstr(error.text, rows[i].name));
		dk_loader_free(loader);
	}
}

static void
an_unknown_plugin_is_told_with_those_there_are(void **state)
{
	struct dk_loader *loader = dk_loader_new();
	struct dk_error error = { "" };

	(void)state;
	assert_null(dk_loader_find(loader, folder, "kafak", &error));
	assert_non_null(strstr(error.text, "there is no plugin \"kafak\": no file "));
	assert_non_null(strstr(error.text, "stranger"));
	assert_non_null(strstr(error.text, "install the package diolkos-kafak?"));
	assert_null(dk_loader_find(loader, folder, "../kafka", &error));
	assert_string_equal(error.text, "\"../kafka\" is no plugin's name");
	dk_loader_free(loader);
}

static int
make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int
remove_folder(void **state)
{
	char command[100];

	(void)state;
	snprintf(command, sizeof(command), "rm -r %s", folder);
	return system(command);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_plugin_that_cannot_be_used_is_refused_with_the_reason),
		cmocka_unit_test(an_unknown_plugin_is_told_with_those_there_are),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
