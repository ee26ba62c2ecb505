/* SPDX-License-Identifier: GPL-3.0-or-later
 * The kernels that the templates make, as rows of the dispatch table: conv.c and pool.c export them to dispatch.c. */
#ifndef CONVDESK_KERNELS_H
#define CONVDESK_KERNELS_H

#include "convdesk.h"
#include "gradient.h"
#include "lanes.h"
#include "match.h"

/* direct, igemm, pack, local */
#define CD_CONV_ROW(type, isa) extern const cd_task cd_conv_##type##_##isa[4];
/* turn, fold, grad_weight, add_parts */
#define CD_GRADIENT_ROW(type, isa) extern const cd_task cd_gradient_##type##_##isa[4];
/* maximum, minimum, adaptive maximum, average, Lp, adaptive average, unpool, gradients of maximum and average */
#define CD_POOL_ROW(type, isa) extern const cd_task cd_pool_##type##_##isa[9];
#define CD_TYPE_ROWS(type, isa) CD_CONV_ROW(type, isa) CD_GRADIENT_ROW(type, isa) CD_POOL_ROW(type, isa)
/* match: of floats, of doubles; both compute in double precision */
#define CD_ROWS(isa) CD_TYPE_ROWS(f32, isa) CD_TYPE_ROWS(f64, isa) extern const cd_task cd_match_##isa[2];
CD_POOL_ROW(i64, any)
CD_POOL_ROW(u64, any)
CD_ROWS(baseline)
#if CD_X86
CD_ROWS(avx2)
#endif

#endif
