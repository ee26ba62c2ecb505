# SPDX-License-Identifier: GPL-3.0-or-later
# The door to template matching; a part of _core.pyx.

cdef extern from "match.h":
    ctypedef struct cd_match:
        cd_conv conv
        int64_t centered, normed
        double norm, total, flat, trusted
    int64_t cd_match_scratch(const cd_match *match, const cd_row *row)


cdef class Match:
    """A template matching problem.

    Parameters
    ----------
    axes, blocking
        As for :class:`Conv`; all channels are staged at once.
    centered, normed
        Whether means are subtracted, and whether the result is divided by the norms.
    flat
        A window is flat when its norm is below this many times its largest value.
    trusted
        Share of the plain sum of squares below which the centred one is computed again, in two passes.
    """

    cdef cd_match spec
    cdef list keep
    cdef int64_t itemsize, out_size, x_size, each
    cdef readonly int64_t items

    def __init__(self, int64_t itemsize, axes, blocking, batch, channels, x_size, centered, normed, flat, trusted):
        cdef cd_match *m = &self.spec
        memset(m, 0, sizeof(cd_match))
        self.keep, self.itemsize, self.x_size = [], itemsize, x_size
        self.out_size = batch * _fill_conv(&m.conv, axes, blocking, (batch, 1, channels, 1), self.keep)
        m.centered, m.normed, m.flat, m.trusted = centered, normed, flat, trusted
        self.items, self.each = cd_conv_items(&m.conv), cd_match_scratch(m, cd_kernels(itemsize))

    def scratch_bytes(self, int64_t threads):
        """Bytes that :meth:`run` wants for so many threads; with less it uses fewer."""
        return CD_ALIGN + self.each * threads

    def run(self, x, template, double norm, double total, out, scratch, double fill, int threads):
        """Compute into ``out``; ``template`` is in double precision, ``norm`` and ``total`` are its norm and sum."""
        cdef cd_match m = self.spec
        cdef const cd_row *row = cd_kernels(self.itemsize)
        cdef _Array x_ = _array(x, self.itemsize, self.x_size, ANY, "input")
        cdef _Array template_ = _array(template, 8, m.conv.ic * _taps(&m.conv), READ, "template")
        cdef _Array out_ = _array(out, self.itemsize, self.out_size, WRITE, "output")
        cdef _Array scratch_ = _array(scratch, 1, len(scratch), WRITE, "scratch")
        cdef void *base = _aligned(scratch_)
        cdef int width = _workers(scratch_, 0, self.each, threads)
        cdef int64_t each = self.each, items = self.items
        m.conv.x, m.conv.weight, m.conv.out, m.conv.fill = x_.data, template_.data, out_.data, fill
        m.conv.x_step, m.norm, m.total = x_.step, norm, total
        if scratch_.view.len < CD_ALIGN + each:
            raise BackendError(f"scratch: {scratch_.view.len} bytes, expected {CD_ALIGN + each}")
        with nogil:
            cd_run(row.match, &m, items, width, base, each)
