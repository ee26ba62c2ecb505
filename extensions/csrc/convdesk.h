/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The native core: what a door may call. Plain C, no Python, no allocation, no validation, no choice of algorithm.
 *
 * Every array has five axes here, (N, C, depth, rows, columns); a signal is a volume with depth 1 and one row.
 * All sizes and steps are int64_t and count elements.
 */
#ifndef CONVDESK_H
#define CONVDESK_H

#include <stdint.h>

/* A kernel works on items [first, last) of its specification, alone, in scratch that nobody else touches. */
typedef void (*cd_task)(const void *spec, int64_t first, int64_t last, void *scratch);

/* One spatial axis: output o reads the cells o*stride + t*dilation, t < taps, of the padded axis.
 *
 *     cell      0   1   2 | 3   4   5   6   7 | 8   9        origin = 3, inner = [3, 8)
 *     table    -1  -1  -1 | 0   1   2   3   4 |-1  -1        zeros: -1, nothing there, reads `fill`
 *     table     3   2   1 | 0   1   2   3   4 | 3   2        reflect: a sample, always
 */
typedef struct {
    int64_t taps, stride, dilation, outputs;
    int64_t cells;         /* of the padded axis, overhang included */
    int64_t origin;        /* cell of sample 0; negative where padding crops */
    int64_t inner[2];      /* cells that are samples: table[c] == c - origin there */
    const int64_t *table;  /* sample of each cell, or -1 */
} cd_axis;

/* Columns [first, last) of the output, computed together. */
typedef struct {
    int64_t first, last;
    int64_t staged;        /* 0: the kernel may read the input itself; 1: some cell is no sample, copy the rows */
} cd_strip;

/* A convolution (cross-correlation). Channels are those of one group.
 *
 * The work is cut into items: batch x group x channel part x output depth x row phase x band x strip.
 * A band is `band` output rows that lie `rows_apart` apart, chosen so that the windows of neighbours in the band are
 * `row_hop` window rows apart, whatever stride and dilation: with rows_apart = dilation/gcd and row_hop = stride/gcd,
 * tap t of band row i reads window row i*row_hop + t.
 *
 * Staged rows are copies of padded input rows, one run of `run` elements per column phase (cell modulo stride), so that
 * neighbouring outputs are neighbours in memory and tap t of output o is found at o + column[t], whatever the stride.
 */
typedef struct {
    cd_axis axis[3];                      /* depth, rows, columns */
    int64_t batch, groups, ic, oc;
    int64_t rows_apart, row_hop, band;
    int64_t ic_chunk;                     /* channels staged at a time */
    int64_t oc_part;                      /* output channels of one item */
    int64_t strips, phases, run;
    const cd_strip *strip;
    const int64_t *phase;                 /* (phases,) residues that some tap reads */
    const int64_t *column;                /* (taps,) offset of each column tap in a staged row */
    /* the operands of one call */
    const void *x, *weight, *bias;        /* weight (groups*oc, ic, taps...), C order; igemm: packed; bias or NULL */
    void *out;                            /* (batch, groups*oc, outputs...), C order */
    int64_t x_step[5];
    double fill;                          /* value of cells that are no sample */
} cd_conv;

/* A pool. An item is one row of outputs: batch x channel x output depth x output row. */
typedef struct {
    cd_axis axis[3];
    int64_t batch, channels;
    int64_t sizes[3];                     /* samples per axis, for flat indices */
    const int64_t *count[3];              /* average: cells that the divisor counts, per axis and output */
    double divisor;                       /* average: used instead, unless 0 */
    double norm;                          /* Lp: the power; count holds the samples of each window then */
    const void *x;
    int64_t x_step[5];
    void *out;
    int64_t *indices;                     /* maximum: flat over the spatial axes, or NULL */
} cd_pool;

/* A pool whose windows have unequal sizes. An item is one output. */
typedef struct {
    int64_t batch, channels, sizes[3], outputs[3];
    const int64_t *first[3], *last[3];    /* (outputs,) samples [first, last) of each output */
    const void *x;
    int64_t x_step[5];
    void *out;
    int64_t *indices;                     /* maximum: flat over the spatial axes, or NULL */
} cd_spans;

/* One row of the dispatch table: an instruction set and a data type. */
typedef struct {
    const char *isa;
    int64_t itemsize, lanes;
    cd_task conv_direct, conv_igemm, pack, conv_local, match;
    cd_task turn, fold, grad_weight, add_parts;
    cd_task max_pool, min_pool, adaptive_max, avg_pool, lp_pool, adaptive_avg, unpool, max_grad, avg_grad;
} cd_row;

enum { CD_OK = 0, CD_UNKNOWN_ISA = 1, CD_UNSUPPORTED_ISA = 2 };

/* Choose an instruction set by name, "" for the best one here. Called once, before any kernel. */
int cd_select(const char *isa);
const cd_row *cd_kernels(int64_t itemsize);
/* The same for whole numbers of 64 bits: max_pool, min_pool and adaptive_max alone. */
const cd_row *cd_whole_kernels(int is_signed);

int64_t cd_conv_items(const cd_conv *conv);
int64_t cd_pool_items(const cd_pool *pool);
int64_t cd_spans_items(const cd_spans *spans);
/* Bytes of scratch that one worker needs. */
int64_t cd_direct_scratch(const cd_conv *conv, const cd_row *row);
int64_t cd_igemm_scratch(const cd_conv *conv, const cd_row *row);
int64_t cd_pool_scratch(const cd_pool *pool);
int64_t cd_lp_scratch(const cd_pool *pool);
/* Output channels in one block of packed weights, and bytes of all of them. */
int64_t cd_pack_block(const cd_row *row);
int64_t cd_pack_bytes(const cd_conv *conv, const cd_row *row);

/* Run a task over its items with at most `width` threads, the caller among them.
 * Worker w gets scratch + w*scratch_step. */
void cd_run(cd_task task, const void *spec, int64_t items, int width, void *scratch, int64_t scratch_step);

#define CD_ALIGN 64
static inline int64_t cd_round_up(int64_t n, int64_t to) { return (n + to - 1) / to * to; }
static inline int64_t cd_min(int64_t a, int64_t b) { return a < b ? a : b; }
static inline int64_t cd_max(int64_t a, int64_t b) { return a > b ? a : b; }

/* The next digit of a mixed-radix number: *item becomes the rest. */
static inline int64_t cd_digit(int64_t *item, int64_t radix)
{
    int64_t digit = *item % radix;
    *item /= radix;
    return digit;
}

/* Takes `bytes` from the front of a scratch area, aligned. */
static inline void *cd_take(char **scratch, int64_t bytes)
{
    char *taken = (char *)cd_round_up((int64_t)(intptr_t)*scratch, CD_ALIGN);
    *scratch = taken + bytes;
    return taken;
}

#endif
