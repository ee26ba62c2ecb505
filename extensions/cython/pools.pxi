# SPDX-License-Identifier: GPL-3.0-or-later
# Doors to the pools; a part of _core.pyx.

cdef cd_task _pool_task(const cd_row *row, str kind) except NULL:
    if kind == "max_pool":
        return row.max_pool
    if kind == "min_pool":
        return row.min_pool
    if kind == "avg_pool":
        return row.avg_pool
    if kind == "lp_pool":
        return row.lp_pool
    if kind == "avg_grad":
        return row.avg_grad
    return row.adaptive_max if kind == "adaptive_max_pool" else row.adaptive_avg


cdef const cd_row *_pool_row(int64_t itemsize, str whole):
    return cd_whole_kernels(whole == "i64") if whole else cd_kernels(itemsize)


cdef class Pool:
    """A pool whose windows all have the same size, or the gradient of one.

    Parameters
    ----------
    kind
        "max_pool", "min_pool", "avg_pool", "lp_pool", or "avg_grad": the gradient of an average pool by its input.
    whole
        "i64" or "u64" for whole numbers, which have a maximum and a minimum alone; else "".
    axes
        As for :class:`Conv`.
    sizes
        Samples per axis.
    counts
        Three int64 arrays: cells that an average's divisor counts, or samples that an Lp pool's windows hold, per output
        of each axis. None for the others.
    divisor
        Used instead of counting, unless 0.
    norm
        The power of an Lp pool.
    """

    cdef cd_pool spec
    cdef list keep
    cdef cd_task task
    cdef int64_t itemsize, out_size, x_size, each
    cdef readonly int64_t items

    def __init__(self, str kind, str whole, int64_t itemsize, axes, batch, channels, sizes, counts, double divisor,
                 double norm):
        cdef cd_pool *s = &self.spec
        cdef const cd_row *row = _pool_row(itemsize, whole)
        memset(s, 0, sizeof(cd_pool))
        self.keep, self.itemsize, self.task = [], itemsize, _pool_task(row, kind)
        self.x_size = self.out_size = batch * channels
        s.batch, s.channels, s.divisor, s.norm = batch, channels, divisor, norm
        for i in range(3):
            _fill_axis(&s.axis[i], axes[i], self.keep)
            s.sizes[i] = sizes[i]
            self.x_size *= s.sizes[i]
            self.out_size *= s.axis[i].outputs
            if counts is not None:
                s.count[i] = _integers(counts[i], self.keep)
        self.items, self.each = cd_pool_items(s), cd_lp_scratch(s) if kind == "lp_pool" else cd_pool_scratch(s)
        if kind == "avg_grad":
            self.x_size, self.out_size = self.out_size, self.x_size
            self.items, self.each = cd_avg_grad_items(s), cd_avg_grad_scratch(s, row)

    def scratch_bytes(self, int64_t threads):
        """Bytes that :meth:`run` wants for so many threads; with less it uses fewer."""
        return CD_ALIGN + self.each * threads

    def run(self, x, out, indices, scratch, int threads):
        """Compute into ``out``, and into the int64 array ``indices`` unless it is None."""
        cdef cd_pool s = self.spec
        cdef _Array x_ = _array(x, self.itemsize, self.x_size, ANY, "input")
        cdef _Array out_ = _array(out, self.itemsize, self.out_size, WRITE, "output")
        cdef _Array indices_ = _array(indices, sizeof(int64_t), self.out_size, WRITE, "indices")
        cdef _Array scratch_ = _array(scratch, 1, len(scratch), WRITE, "scratch")
        cdef void *base = _aligned(scratch_)
        cdef int width = _workers(scratch_, 0, self.each, threads)
        cdef int64_t each = self.each, items = self.items
        s.x, s.out, s.x_step = x_.data, out_.data, x_.step
        s.indices = <int64_t *>indices_.data if indices_ is not None else NULL
        if scratch_.view.len < CD_ALIGN + each:
            raise BackendError(f"scratch: {scratch_.view.len} bytes, expected {CD_ALIGN + each}")
        with nogil:
            cd_run(self.task, &s, items, width, base, each)


cdef class Spans:
    """An adaptive pool: windows of unequal sizes, without gaps.

    Parameters
    ----------
    kind
        "adaptive_max_pool" or "adaptive_avg_pool".
    whole
        As for :class:`Pool`; for the maximum alone.
    sizes
        Samples per axis.
    first, last
        Three int64 arrays each: output o of an axis reads its samples ``[first[o], last[o])``, at least one.
    """

    cdef cd_spans spec
    cdef list keep
    cdef cd_task task
    cdef int64_t itemsize, out_size, x_size
    cdef readonly int64_t items

    def __init__(self, str kind, str whole, int64_t itemsize, batch, channels, sizes, first, last):
        cdef cd_spans *s = &self.spec
        memset(s, 0, sizeof(cd_spans))
        self.keep, self.itemsize, self.task = [], itemsize, _pool_task(_pool_row(itemsize, whole), kind)
        self.x_size = batch * channels
        s.batch, s.channels = batch, channels
        for i in range(3):
            s.sizes[i], s.outputs[i] = sizes[i], len(first[i])
            s.first[i], s.last[i] = _integers(first[i], self.keep), _integers(last[i], self.keep)
            self.x_size *= s.sizes[i]
        self.items = self.out_size = cd_spans_items(s)

    def run(self, x, out, indices, int threads):
        """Compute into ``out``, and into the int64 array ``indices`` unless it is None."""
        cdef cd_spans s = self.spec
        cdef _Array x_ = _array(x, self.itemsize, self.x_size, ANY, "input")
        cdef _Array out_ = _array(out, self.itemsize, self.out_size, WRITE, "output")
        cdef _Array indices_ = _array(indices, sizeof(int64_t), self.out_size, WRITE, "indices")
        cdef int64_t items = self.items
        s.x, s.out, s.x_step = x_.data, out_.data, x_.step
        s.indices = <int64_t *>indices_.data if indices_ is not None else NULL
        with nogil:
            cd_run(self.task, &s, items, threads, NULL, 0)


def scatter(values, indices, out, outside, bint add, int threads):
    """Put every value of a plane where its index says, or add it there.

    Parameters
    ----------
    values, indices
        ``(planes, n)``, contiguous; the values of ``out``'s type, the indices int64.
    out
        ``(planes, cells)``, overwritten.
    outside
        int64, ``(planes,)``: becomes the number of indices that are no cell. Those values are left out.
    """
    cdef int64_t itemsize = values.itemsize
    cdef const cd_row *row = cd_kernels(itemsize)
    cdef cd_scatter s
    cdef _Array values_ = _array(values, itemsize, values.size, READ, "values")
    cdef _Array indices_ = _array(indices, sizeof(int64_t), values.size, READ, "indices")
    cdef _Array out_ = _array(out, itemsize, out.size, WRITE, "output")
    cdef _Array outside_ = _array(outside, sizeof(int64_t), len(values), WRITE, "outside")
    s.planes, s.values, s.cells = len(values), values.shape[1], out.shape[1]
    if out.shape[0] != s.planes:
        raise BackendError(f"output: {out.shape[0]} planes, expected {s.planes}")
    s.from_, s.index, s.out = values_.data, <const int64_t *>indices_.data, out_.data
    s.outside = <int64_t *>outside_.data
    with nogil:
        cd_run(row.max_grad if add else row.unpool, &s, s.planes, threads, NULL, 0)
