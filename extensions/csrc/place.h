/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Where an item of a convolution lies, and how its scratch is laid out. Integers only, the same for all data types.
 */
#ifndef CONVDESK_PLACE_H
#define CONVDESK_PLACE_H

#include "convdesk.h"

typedef struct {
    int64_t n, group, oc0, oc1; /* batch index, group, its output channels [oc0, oc1) */
    int64_t depth;              /* output index on the depth axis */
    int64_t row0, rows;         /* first output row of the band, and how many; they lie rows_apart apart */
    int64_t cell0;              /* padded row of window row 0 */
    cd_strip strip;
} cd_place;

/* Bands per row phase; the first phase has the most rows. */
static inline int64_t cd_bands(const cd_conv *c)
{
    int64_t rows = (c->axis[1].outputs + c->rows_apart - 1) / c->rows_apart;
    return (rows + c->band - 1) / c->band;
}

static inline int64_t cd_oc_parts(const cd_conv *c) { return (c->oc + c->oc_part - 1) / c->oc_part; }

/* Window rows that the band's windows cover. */
static inline int64_t cd_window_rows(const cd_conv *c, int64_t rows)
{
    return rows > 0 ? (rows - 1) * c->row_hop + c->axis[1].taps : 0;
}

static inline int64_t cd_taps(const cd_conv *c) { return c->axis[0].taps * c->axis[1].taps * c->axis[2].taps; }

/* Elements between channels in the staging area: (depth taps, window rows, run). */
static inline int64_t cd_staged_channel(const cd_conv *c)
{
    return c->axis[0].taps * cd_window_rows(c, c->band) * c->run;
}

static inline cd_place cd_place_of(const cd_conv *c, int64_t item)
{
    cd_place p;
    p.strip = c->strip[cd_digit(&item, c->strips)];
    int64_t band = cd_digit(&item, cd_bands(c));
    int64_t phase = cd_digit(&item, c->rows_apart);
    p.depth = cd_digit(&item, c->axis[0].outputs);
    p.oc0 = cd_digit(&item, cd_oc_parts(c)) * c->oc_part;
    p.oc1 = cd_min(p.oc0 + c->oc_part, c->oc);
    p.group = cd_digit(&item, c->groups);
    p.n = item;
    p.row0 = phase + band * c->band * c->rows_apart;
    int64_t left = c->axis[1].outputs - p.row0;
    p.rows = left > 0 ? cd_min((left - 1) / c->rows_apart + 1, c->band) : 0;
    p.cell0 = p.row0 * c->axis[1].stride;
    return p;
}

/* Sample on the depth axis, and on the row axis, that a tap of the place reads; -1 where there is none. */
static inline int64_t cd_depth_sample(const cd_conv *c, const cd_place *p, int64_t tap)
{
    return c->axis[0].table[p->depth * c->axis[0].stride + tap * c->axis[0].dilation];
}

static inline int64_t cd_row_sample(const cd_conv *c, const cd_place *p, int64_t window_row)
{
    return c->axis[1].table[p->cell0 + window_row * c->axis[1].dilation];
}

/* Does every row that the place reads exist? */
static inline int cd_rows_exist(const cd_conv *c, const cd_place *p)
{
    for (int64_t t = 0; t < c->axis[0].taps; t++)
        if (cd_depth_sample(c, p, t) < 0) return 0;
    for (int64_t j = 0; j < cd_window_rows(c, p->rows); j++)
        if (cd_row_sample(c, p, j) < 0) return 0;
    return 1;
}

#endif
