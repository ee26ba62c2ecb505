/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Backwards: what a door may call for the gradients of convolutions and pools. Same rules and words as convdesk.h.
 */
#ifndef CONVDESK_GRADIENT_H
#define CONVDESK_GRADIENT_H

#include "convdesk.h"

/* A weight as the gradient by the input slides it: channels change places, and only some taps are left.
 *
 *     from (groups, oc, ic, taps)   to (groups, ic, oc, kept):   to[g][i][o][k] = from[g][o][i][tap[k]]
 *
 * An item is a block of CD_TURNED input channels of one group. */
enum { CD_TURNED = 16 };
typedef struct {
    int64_t groups, oc, ic, taps, kept;
    const int64_t *tap;                   /* (kept,) */
    const void *from;
    void *to;
} cd_turn;

/* The gradient of every cell of the padded input, added up to the gradient of every sample.
 *
 * Sample i of an axis is repeated by the cells cell[start[i]] … cell[start[i + 1] - 1], which are offsets into `from`;
 * by none where no output reads it. An item is one row of samples: batch x channel x depth x row. */
typedef struct {
    int64_t batch, channels, sizes[3];
    const int64_t *start[3], *cell[3];
    int64_t single;                       /* every sample of a row has exactly one cell */
    int64_t plane;                        /* elements of `from` between channels */
    const void *from, *bias;              /* bias: (channels,) or NULL */
    void *out;
} cd_fold;

/* The gradient by the weight: for every output channel o, input channel i and tap, the sum over images and positions of
 * grad[o] * input[i]. The places of `conv` are what is summed over, in `parts` runs whose sums are kept apart and added
 * in order: how many there are depends on the problem alone, so that its bits do not depend on the threads.
 *
 * An item is part x group x block of output channels x block of input channels. */
typedef struct {
    cd_conv conv;                         /* its weight and out are not used */
    int64_t parts;
    const int64_t *tap;                   /* (taps,) where the sum of a tap goes: its own place, or the reversed one */
    const void *grad;                     /* (batch, groups*oc, outputs...) */
    int64_t grad_step[5];
    void *sums;                           /* (parts, groups*oc, ic, taps) */
    void *out;                            /* (groups*oc, ic, taps) */
} cd_grad_weight;

int64_t cd_turn_items(const cd_turn *turn);
int64_t cd_fold_items(const cd_fold *fold);
int64_t cd_grad_weight_items(const cd_grad_weight *problem);
/* Output channels, each an item of the task that adds the parts. */
int64_t cd_add_parts_items(const cd_grad_weight *problem);
/* Bytes of scratch that one worker needs, and of the sums of all parts. */
int64_t cd_grad_weight_scratch(const cd_grad_weight *problem, const cd_row *row);
int64_t cd_grad_weight_sums(const cd_grad_weight *problem, const cd_row *row);

/* Values and where they go, plane by plane: what a max pool's indices say. An item is a plane. */
typedef struct {
    int64_t planes, values, cells;        /* planes; values and cells of each */
    const void *from;                     /* (planes, values) */
    const int64_t *index;                 /* (planes, values) cell of each value */
    void *out;                            /* (planes, cells) */
    int64_t *outside;                     /* (planes,) becomes the number of indices that are no cell */
} cd_scatter;

/* Items of an average pool's gradient: the rows of its input. And bytes of scratch that one worker needs. */
int64_t cd_avg_grad_items(const cd_pool *pool);
int64_t cd_avg_grad_scratch(const cd_pool *pool, const cd_row *row);

#endif
