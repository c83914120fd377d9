/* SPDX-License-Identifier: Apache-2.0
 *
 * page_files.c - what the status page loads, as the files beside this one have it.
 */
#include "daemon/surface/page.h"

/* The assembler reads the file, from the folder that the compiler runs in. */
#define EMBED(name, path)                                                                          \
	__asm__(".pushsection .rodata\n" #name "_begin:\n\t.incbin \"" path "\"\n" #name "_end:\n" \
		".popsection\n");                                                                  \
	extern const char name##_begin[] __attribute__((visibility("hidden")));                    \
	extern const char name##_end[] __attribute__((visibility("hidden")))

EMBED(dk_page_css, "daemon/surface/page.css");
EMBED(dk_page_js, "daemon/surface/page.js");

struct dk_slice
dk_page_style(void)
{
	return dk_slice_new(dk_page_css_begin, (size_t)(dk_page_css_end - dk_page_css_begin));
}

struct dk_slice
dk_page_script(void)
{
	return dk_slice_new(dk_page_js_begin, (size_t)(dk_page_js_end - dk_page_js_begin));
}
