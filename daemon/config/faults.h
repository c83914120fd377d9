/* SPDX-License-Identifier: Apache-2.0
 *
 * faults.h - what is wrong with a configuration: added one by one, told together.
 */
#ifndef DK_CONFIG_FAULTS_H
#define DK_CONFIG_FAULTS_H

#include "daemon/config/plan.h"

/* An error: there will be no plan. */
void dk_fault(struct dk_faults *faults, struct dk_place place, const char *format, ...)
	DK_PRINTF(3, 4);
/* Legal, but hardly meant; an error where the administrator asks for strictness. */
void dk_warning(struct dk_faults *faults, struct dk_place place, const char *format, ...)
	DK_PRINTF(3, 4);
/* What is worth knowing and nothing need be done about. */
void dk_note(struct dk_faults *faults, struct dk_place place, const char *format, ...)
	DK_PRINTF(3, 4);
/* The errors of a plan that is not used become warnings, beside the other's. */
void dk_faults_weaken(struct dk_faults *faults, const struct dk_faults *others);
/* Puts ***** where one of them holds the secret. */
void dk_faults_hide(struct dk_faults *faults, const char *secret);

#endif
