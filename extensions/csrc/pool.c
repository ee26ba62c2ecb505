/* SPDX-License-Identifier: GPL-3.0-or-later
 * Pooling: the sizes that do not depend on the data type, and the kernels, once per row of the dispatch table. */
#include "gradient.h"
#include "kernels.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

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

int64_t cd_lp_scratch(const cd_pool *p)
{
    return cd_pool_scratch(p) + cd_round_up(p->axis[2].outputs * (int64_t)sizeof(double) + CD_ALIGN, CD_ALIGN);
}

int64_t cd_spans_items(const cd_spans *s)
{
    return s->batch * s->channels * s->outputs[0] * s->outputs[1] * s->outputs[2];
}

int64_t cd_avg_grad_items(const cd_pool *p) { return p->batch * p->channels * p->sizes[0] * p->sizes[1]; }

int64_t cd_avg_grad_scratch(const cd_pool *p, const cd_row *row)
{
    return cd_round_up(2 * (p->axis[2].outputs * row->itemsize + CD_ALIGN), CD_ALIGN);
}

#define TEMPLATE "pools.inc"
#include "rows.inc"

/* Whole numbers, whose winners no float of 64 bits can hold. */
#define ISA any
#define LANE_BYTES 16
#define REAL_BITS 64
#define WHOLE int64_t
#define WHOLE_TYPE i64
#define WHOLE_LOWEST INT64_MIN
#define WHOLE_HIGHEST INT64_MAX
#include "lanes.inc"
#include TEMPLATE
#undef WHOLE
#undef WHOLE_TYPE
#undef WHOLE_LOWEST
#undef WHOLE_HIGHEST
#define WHOLE uint64_t
#define WHOLE_TYPE u64
#define WHOLE_LOWEST 0
#define WHOLE_HIGHEST UINT64_MAX
#include "lanes.inc"
#include TEMPLATE
