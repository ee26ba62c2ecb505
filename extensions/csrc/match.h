/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Template matching: what a door may call. Same rules and words as convdesk.h.
 */
#ifndef CONVDESK_MATCH_H
#define CONVDESK_MATCH_H

#include "convdesk.h"

/* How alike one template and every window are, over all channels.
 *
 * `conv` has one group and one output channel, and stages all its channels at once; its weight is the template in double
 * precision, centred where windows are centred too. Padding is samples like any other: cells that are none read `fill`. */
typedef struct {
    cd_conv conv;
    int64_t centered, normed;             /* subtract means; divide by norms */
    double norm, total;                   /* of the template: its norm, and the sum of its values */
    double flat;                          /* a window is flat below this many times its largest value */
    double trusted;                       /* a centred sum of squares below this share of the plain one is made again */
} cd_match;

int64_t cd_match_scratch(const cd_match *match, const cd_row *row);

#endif
