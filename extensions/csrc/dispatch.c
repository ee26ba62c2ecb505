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
    const cd_task *conv, *pool;
} source;

#if CD_X86
static int has_avx2(void)
{
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}
#endif

/* Best instruction set first. */
static const source table[] = {
#if CD_X86
    {"avx2", has_avx2, 4, 8, cd_conv_f32_avx2, cd_pool_f32_avx2},
    {"avx2", has_avx2, 8, 4, cd_conv_f64_avx2, cd_pool_f64_avx2},
#endif
    {"baseline", always, 4, 4, cd_conv_f32_baseline, cd_pool_f32_baseline},
    {"baseline", always, 8, 2, cd_conv_f64_baseline, cd_pool_f64_baseline},
};

static cd_row chosen[2]; /* float, double: written once, by cd_select */

int cd_select(const char *isa)
{
    int status = CD_UNKNOWN_ISA, found = 0;
    for (size_t i = 0; i < sizeof table / sizeof *table && found < 2; i++) {
        const source *s = &table[i];
        if (*isa && strcmp(isa, s->isa) != 0) continue;
        status = s->supported() ? CD_OK : CD_UNSUPPORTED_ISA;
        if (status != CD_OK) continue;
        chosen[s->itemsize == 8] = (cd_row){
            .isa = s->isa, .itemsize = s->itemsize, .lanes = s->lanes,
            .conv_direct = s->conv[0], .conv_igemm = s->conv[1], .pack = s->conv[2],
            .max_pool = s->pool[0], .avg_pool = s->pool[1],
        };
        found++;
    }
    return found == 2 ? CD_OK : status;
}

const cd_row *cd_kernels(int64_t itemsize) { return &chosen[itemsize == 8]; }
