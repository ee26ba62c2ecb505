/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Gradients of convolution: the sizes that do not depend on the data type, and the kernels.
 */
#include "kernels.h"
#include "place.h"

#include <string.h>

int64_t cd_turn_items(const cd_turn *t) { return t->groups * ((t->ic + CD_TURNED - 1) / CD_TURNED); }

int64_t cd_fold_items(const cd_fold *f) { return f->batch * f->channels * f->sizes[0] * f->sizes[1]; }

static int64_t ic_parts(const cd_conv *c) { return (c->ic + c->ic_chunk - 1) / c->ic_chunk; }

/* Places of one image: what cd_place_of counts before it comes to channels. */
static int64_t image_places(const cd_conv *c)
{
    return c->axis[0].outputs * c->rows_apart * cd_bands(c) * c->strips;
}

/* Place q of those that are summed over, with one block of output channels of one group. */
static cd_place summed_place(const cd_conv *c, int64_t q, int64_t group, int64_t oc_part)
{
    const int64_t image = image_places(c), n = q / image;
    return cd_place_of(c, q % image + image * (oc_part + cd_oc_parts(c) * (group + c->groups * n)));
}

int64_t cd_grad_weight_items(const cd_grad_weight *g)
{
    return g->parts * g->conv.groups * cd_oc_parts(&g->conv) * ic_parts(&g->conv);
}

int64_t cd_add_parts_items(const cd_grad_weight *g) { return g->conv.groups * g->conv.oc; }

/* Elements of one staged row of gradients: the widest strip, in whole vectors. */
static int64_t grad_run(const cd_conv *c, int64_t lanes)
{
    int64_t widest = 0;
    for (int64_t s = 0; s < c->strips; s++) widest = cd_max(widest, c->strip[s].last - c->strip[s].first);
    return cd_round_up(widest, lanes);
}

int64_t cd_grad_weight_scratch(const cd_grad_weight *g, const cd_row *row)
{
    const cd_conv *c = &g->conv;
    const int64_t terms = c->ic_chunk * cd_taps(c);
    const int64_t staged = c->ic_chunk * cd_staged_channel(c) + c->oc_part * c->band * grad_run(c, row->lanes);
    const int64_t sums = c->oc_part * terms * row->lanes;
    return cd_round_up((staged + sums) * row->itemsize + terms * (int64_t)sizeof(int64_t) + 4 * CD_ALIGN, CD_ALIGN);
}

int64_t cd_grad_weight_sums(const cd_grad_weight *g, const cd_row *row)
{
    return g->parts * g->conv.groups * g->conv.oc * g->conv.ic * cd_taps(&g->conv) * row->itemsize;
}

#define TEMPLATE "gradient.inc"
#include "rows.inc"
