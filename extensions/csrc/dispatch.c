/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which kernels run here: one table, and the instruction set that was chosen, once.
 */
#include "kernels.h"

#include <stddef.h>
#include <string.h>

static int always(void) { return 1; }

/* The arrays of kernels are in other files, so rows refer to them instead of copying their members. */
typedef struct {
    const char *isa;
    int (*supported)(void);
    int64_t itemsize, lanes;
    const cd_task *conv, *gradient, *pool, *match;
} source;

#if CD_X86
static int has_avx2(void)
{
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}
#endif

#define SOURCE(type, isa) cd_conv_##type##_##isa, cd_gradient_##type##_##isa, cd_pool_##type##_##isa, cd_match_##isa

/* Best instruction set first. */
static const source table[] = {
#if CD_X86
    {"avx2", has_avx2, 4, 8, SOURCE(f32, avx2)},
    {"avx2", has_avx2, 8, 4, SOURCE(f64, avx2)},
#endif
    {"baseline", always, 4, 4, SOURCE(f32, baseline)},
    {"baseline", always, 8, 2, SOURCE(f64, baseline)},
};

static cd_row chosen[2]; /* float, double: written once, by cd_select */
static cd_row whole[2];  /* unsigned, signed: the same on every processor */

static cd_row whole_row(const cd_task *pool)
{
    return (cd_row){.isa = "any", .itemsize = 8, .lanes = 2, .max_pool = pool[0], .min_pool = pool[1], .adaptive_max = pool[2]};
}

int cd_select(const char *isa)
{
    int status = CD_UNKNOWN_ISA, found = 0;
    whole[0] = whole_row(cd_pool_u64_any), whole[1] = whole_row(cd_pool_i64_any);
    for (size_t i = 0; i < sizeof table / sizeof *table && found < 2; i++) {
        const source *s = &table[i];
        if (*isa && strcmp(isa, s->isa) != 0) continue;
        status = s->supported() ? CD_OK : CD_UNSUPPORTED_ISA;
        if (status != CD_OK) continue;
        chosen[s->itemsize == 8] = (cd_row){
            .isa = s->isa, .itemsize = s->itemsize, .lanes = s->lanes,
            .conv_direct = s->conv[0], .conv_igemm = s->conv[1], .pack = s->conv[2],
            .conv_local = s->conv[3], .match = s->match[s->itemsize == 8],
            .turn = s->gradient[0], .fold = s->gradient[1], .grad_weight = s->gradient[2], .add_parts = s->gradient[3],
            .max_pool = s->pool[0], .min_pool = s->pool[1], .adaptive_max = s->pool[2], .avg_pool = s->pool[3],
            .lp_pool = s->pool[4], .adaptive_avg = s->pool[5], .unpool = s->pool[6], .max_grad = s->pool[7],
            .avg_grad = s->pool[8],
        };
        found++;
    }
    return found == 2 ? CD_OK : status;
}

const cd_row *cd_kernels(int64_t itemsize) { return &chosen[itemsize == 8]; }

const cd_row *cd_whole_kernels(int is_signed) { return &whole[is_signed != 0]; }
