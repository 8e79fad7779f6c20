#pragma once

#include <stdio.h>

#include "alias/targets-status.h"

/*
 * What is known of targets as text: a line of headings, then one line for each target and family
 *
 * Columns are filled up with blanks, which for longer values is none but one. None but the last can
 * hold a blank; `-` is what there is none of.
 */

void status_text_headings(FILE *out);
void status_text_line(FILE *out, const struct targets_status *status);
