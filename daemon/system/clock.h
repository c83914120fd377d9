/* SPDX-License-Identifier: Apache-2.0
 *
 * clock.h - time: one that only rises, and the wall's. Any thread.
 */
#ifndef DK_SYSTEM_CLOCK_H
#define DK_SYSTEM_CLOCK_H

#include <stdint.h>

int64_t dk_clock_now_ms(void);  /* monotonic */
int64_t dk_clock_wall_ms(void); /* since 1970 */

#endif
