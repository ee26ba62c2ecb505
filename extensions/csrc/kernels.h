/* SPDX-License-Identifier: GPL-3.0-or-later
 * The kernels that the templates make, as rows of the dispatch table: conv.c and pool.c export them to dispatch.c. */
#ifndef CONVDESK_KERNELS_H
#define CONVDESK_KERNELS_H

#include "convdesk.h"
#include "lanes.h"

#define CD_CONV_ROW(type, isa) extern const cd_task cd_conv_##type##_##isa[3]; /* direct, igemm, pack */
#define CD_POOL_ROW(type, isa) extern const cd_task cd_pool_##type##_##isa[2]; /* maximum, average */
#define CD_ROWS(isa) CD_CONV_ROW(f32, isa) CD_CONV_ROW(f64, isa) CD_POOL_ROW(f32, isa) CD_POOL_ROW(f64, isa)
CD_ROWS(baseline)
#if CD_X86
CD_ROWS(avx2)
#endif

#endif
