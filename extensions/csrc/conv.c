/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Convolution: the sizes that do not depend on the data type, and the kernels, once per row of the dispatch table.
 */
#include "kernels.h"
#include "place.h"

#include <math.h>
#include <string.h>

int64_t cd_conv_items(const cd_conv *c)
{
    if (c->axis[1].outputs == 0 || c->axis[2].outputs == 0) return 0;
    return c->batch * c->groups * cd_oc_parts(c) * c->axis[0].outputs * c->rows_apart * cd_bands(c) * c->strips;
}

static int64_t staging_bytes(const cd_conv *c, const cd_row *row)
{
    return c->ic_chunk * cd_staged_channel(c) * row->itemsize + CD_ALIGN;
}

int64_t cd_direct_scratch(const cd_conv *c, const cd_row *row)
{
    int64_t rows = c->axis[0].taps * cd_window_rows(c, c->band) * (int64_t)sizeof(int64_t) + CD_ALIGN;
    return cd_round_up(rows + staging_bytes(c, row), CD_ALIGN);
}

int64_t cd_igemm_scratch(const cd_conv *c, const cd_row *row)
{
    int64_t offsets = c->ic_chunk * cd_taps(c) * (int64_t)sizeof(int64_t) + CD_ALIGN, widest = 0;
    for (int64_t s = 0; s < c->strips; s++) widest = cd_max(widest, c->strip[s].last - c->strip[s].first);
    int64_t sums = cd_round_up(c->oc_part, cd_pack_block(row)) * c->band * widest * row->itemsize + CD_ALIGN;
    return cd_round_up(offsets + staging_bytes(c, row) + sums, CD_ALIGN);
}

int64_t cd_pack_block(const cd_row *row) { return 2 * row->lanes; }

int64_t cd_pack_bytes(const cd_conv *c, const cd_row *row)
{
    return c->groups * cd_round_up(c->oc, cd_pack_block(row)) * c->ic * cd_taps(c) * row->itemsize;
}

/* Columns of the widest strip, in whole vectors. */
static int64_t match_widest(const cd_conv *c, int64_t lanes)
{
    int64_t widest = 0;
    for (int64_t s = 0; s < c->strips; s++) widest = cd_max(widest, c->strip[s].last - c->strip[s].first);
    return cd_round_up(widest, lanes);
}

/* Window rows, staged rows as they are and in double precision, sums along columns, answers, and window sums. */
int64_t cd_match_scratch(const cd_match *m, const cd_row *row)
{
    const cd_conv *c = &m->conv;
    const int64_t doubles = c->ic * cd_staged_channel(c) + 2 * c->run + (c->band + 5) * match_widest(c, row->lanes);
    const int64_t rows = c->axis[0].taps * cd_window_rows(c, c->band) * (int64_t)sizeof(int64_t);
    const int64_t bytes = rows + staging_bytes(c, row) + doubles * (int64_t)sizeof(double);
    return cd_round_up(bytes + 6 * CD_ALIGN, CD_ALIGN);
}

#define TEMPLATE "conv.inc"
#include "rows.inc"
