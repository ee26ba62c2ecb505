# SPDX-License-Identifier: GPL-3.0-or-later
# Doors to the gradients; a part of _core.pyx.

cdef extern from "gradient.h":
    ctypedef struct cd_turn:
        int64_t groups, oc, ic, taps, kept
        const int64_t *tap
        const void *from_ "from"
        void *to
    ctypedef struct cd_fold:
        int64_t batch, channels, single, plane
        int64_t sizes[3]
        const int64_t *start[3]
        const int64_t *cell[3]
        const void *from_ "from"
        const void *bias
        void *out
    ctypedef struct cd_grad_weight:
        cd_conv conv
        int64_t parts
        const int64_t *tap
        const void *grad
        int64_t grad_step[5]
        void *sums
        void *out
    ctypedef struct cd_scatter:
        int64_t planes, values, cells
        const void *from_ "from"
        const int64_t *index
        void *out
        int64_t *outside
    int64_t cd_turn_items(const cd_turn *turn)
    int64_t cd_fold_items(const cd_fold *fold)
    int64_t cd_grad_weight_items(const cd_grad_weight *problem)
    int64_t cd_add_parts_items(const cd_grad_weight *problem) nogil
    int64_t cd_grad_weight_scratch(const cd_grad_weight *problem, const cd_row *row)
    int64_t cd_grad_weight_sums(const cd_grad_weight *problem, const cd_row *row)
    int64_t cd_avg_grad_items(const cd_pool *pool)
    int64_t cd_avg_grad_scratch(const cd_pool *pool, const cd_row *row)


def turn(weight, to, int64_t groups, int64_t oc, int64_t ic, taps, int threads):
    """The weight ``(groups, oc, ic, *kernel_size)`` as ``to``, ``(groups, ic, oc, taps)``.

    Parameters
    ----------
    taps
        int64: the flat indices of the taps that are kept, in their new order.
    """
    cdef cd_turn t
    cdef list keep = []
    cdef int64_t itemsize = weight.itemsize
    cdef _Array from_ = _array(weight, itemsize, weight.size, READ, "weight")
    cdef _Array to_ = _array(to, itemsize, groups * ic * oc * len(taps), WRITE, "turned weight")
    t.groups, t.oc, t.ic, t.kept = groups, oc, ic, len(taps)
    t.taps = weight.size // (groups * oc * ic)
    t.tap, t.from_, t.to = _integers(taps, keep), from_.data, to_.data
    cdef cd_task task = cd_kernels(itemsize).turn
    cdef int64_t items = cd_turn_items(&t)
    with nogil:
        cd_run(task, &t, items, threads, NULL, 0)


cdef class Fold:
    """Which cells of a padded gradient make up each sample.

    Parameters
    ----------
    sizes
        Samples per axis.
    starts, cells
        Three int64 arrays each: sample i is the sum of ``cells[starts[i]:starts[i + 1]]``, offsets in elements.
    plane
        Elements between the channels of the padded gradient.
    """

    cdef cd_fold spec
    cdef list keep
    cdef int64_t itemsize
    cdef readonly int64_t items

    def __init__(self, int64_t itemsize, batch, channels, sizes, starts, cells, plane):
        cdef cd_fold *f = &self.spec
        memset(f, 0, sizeof(cd_fold))
        self.keep, self.itemsize = [], itemsize
        f.batch, f.channels, f.plane = batch, channels, plane
        for i in range(3):
            f.sizes[i] = sizes[i]
            f.start[i], f.cell[i] = _integers(starts[i], self.keep), _integers(cells[i], self.keep)
        f.single = all(int(n) == i for i, n in enumerate(starts[2]))
        self.items = cd_fold_items(f)

    def run(self, padded, bias, out, int threads):
        """Add up ``padded`` into ``out``, which is contiguous."""
        cdef cd_fold f = self.spec
        cdef int64_t planes = f.batch * f.channels, items = self.items
        cdef _Array padded_ = _array(padded, self.itemsize, padded.size, READ, "padded gradient")
        cdef _Array bias_ = _array(bias, self.itemsize, f.channels, READ, "bias")
        cdef _Array out_ = _array(out, self.itemsize, planes * f.sizes[0] * f.sizes[1] * f.sizes[2], WRITE, "output")
        cdef cd_task task = cd_kernels(self.itemsize).fold
        f.from_, f.out = padded_.data, out_.data
        f.bias = bias_.data if bias_ is not None else NULL
        with nogil:
            cd_run(task, &f, items, threads, NULL, 0)


cdef class GradWeight:
    """The gradient of a convolution by its weight.

    Parameters
    ----------
    axes, blocking
        As for :class:`Conv`.
    parts
        Runs of places whose sums are kept apart.
    taps
        int64: where the sum of each tap goes.
    """

    cdef cd_grad_weight spec
    cdef list keep
    cdef int64_t itemsize, out_size, grad_size, x_size, each, sums
    cdef readonly int64_t items

    def __init__(self, int64_t itemsize, axes, blocking, batch, groups, ic, oc, x_size, parts, taps):
        cdef cd_grad_weight *g = &self.spec
        cdef const cd_row *row = cd_kernels(itemsize)
        memset(g, 0, sizeof(cd_grad_weight))
        self.keep, self.itemsize, self.x_size = [], itemsize, x_size
        self.grad_size = batch * groups * oc * _fill_conv(&g.conv, axes, blocking, (batch, groups, ic, oc), self.keep)
        self.out_size = groups * oc * ic * _taps(&g.conv)
        g.parts, g.tap = parts, _integers(taps, self.keep)
        self.items, self.each = cd_grad_weight_items(g), cd_grad_weight_scratch(g, row)
        self.sums = cd_round_up(cd_grad_weight_sums(g, row), CD_ALIGN)

    def scratch_bytes(self, int64_t threads):
        """Bytes that :meth:`run` wants for so many threads; with less it uses fewer."""
        return CD_ALIGN + self.sums + self.each * threads

    def run(self, x, grad, out, scratch, double fill, int threads):
        """Compute into ``out`` with at most ``threads`` threads."""
        cdef cd_grad_weight g = self.spec
        cdef const cd_row *row = cd_kernels(self.itemsize)
        cdef _Array x_ = _array(x, self.itemsize, self.x_size, ANY, "input")
        cdef _Array grad_ = _array(grad, self.itemsize, self.grad_size, ANY, "gradient")
        cdef _Array out_ = _array(out, self.itemsize, self.out_size, WRITE, "output")
        cdef _Array scratch_ = _array(scratch, 1, len(scratch), WRITE, "scratch")
        cdef char *base = <char *>_aligned(scratch_)
        cdef int width = _workers(scratch_, self.sums, self.each, threads)
        cdef int64_t each = self.each, items = self.items, sums = self.sums
        g.conv.x, g.conv.fill, g.conv.x_step = x_.data, fill, x_.step
        g.grad, g.grad_step, g.sums, g.out = grad_.data, grad_.step, base, out_.data
        if scratch_.view.len < CD_ALIGN + sums + each:
            raise BackendError(f"scratch: {scratch_.view.len} bytes, expected {CD_ALIGN + sums + each}")
        with nogil:
            cd_run(row.grad_weight, &g, items, width, base + sums, each)
            cd_run(row.add_parts, &g, cd_add_parts_items(&g), width, NULL, 0)
