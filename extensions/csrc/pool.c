/* SPDX-License-Identifier: GPL-3.0-or-later
 * Pooling: the sizes that do not depend on the data type, and the kernels, once per row of the dispatch table. */
#include "kernels.h"

#include <math.h>
#include <stddef.h>

int64_t cd_pool_items(const cd_pool *p)
{
    if (p->axis[2].outputs == 0) return 0;
    return p->batch * p->channels * p->axis[0].outputs * p->axis[1].outputs;
}

/* Per worker: the rows of one window (pointers), their flat indices, and the flat index of every tap. */
int64_t cd_pool_scratch(const cd_pool *p)
{
    int64_t rows = p->axis[0].taps * p->axis[1].taps;
    return cd_round_up((rows * (2 + p->axis[2].taps)) * (int64_t)sizeof(int64_t) + 3 * CD_ALIGN, CD_ALIGN);
}

#define TEMPLATE "pool.inc"
#include "rows.inc"
