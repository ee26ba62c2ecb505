# SPDX-License-Identifier: GPL-3.0-or-later
# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True
"""The doors to the native core: typed, and nothing else.

What to compute, and how, is decided in ``convdesk.backends.native``.

A :class:`Conv` or :class:`Pool` holds the C specification of one problem. :meth:`run` gives it the arrays of one call,
releases the GIL, and returns when the output is written; several threads may run the same object at once.
"""

from cpython.buffer cimport PyBUF_C_CONTIGUOUS, PyBUF_STRIDED_RO, PyBUF_WRITABLE, PyBuffer_Release, PyObject_GetBuffer
from libc.stdint cimport int64_t, uintptr_t
from libc.string cimport memset

from convdesk.errors import BackendError, ParameterError

cdef extern from "convdesk.h":
    ctypedef void (*cd_task)(const void *spec, int64_t first, int64_t last, void *scratch) noexcept nogil
    ctypedef struct cd_axis:
        int64_t taps, stride, dilation, outputs, cells, origin
        int64_t inner[2]
        const int64_t *table
    ctypedef struct cd_strip:
        int64_t first, last, staged
    ctypedef struct cd_conv:
        cd_axis axis[3]
        int64_t batch, groups, ic, oc, rows_apart, row_hop, band, ic_chunk, oc_part, strips, phases, run
        const cd_strip *strip
        const int64_t *phase
        const int64_t *column
        const void *x
        const void *weight
        const void *bias
        void *out
        int64_t x_step[5]
        double fill
    ctypedef struct cd_pool:
        cd_axis axis[3]
        int64_t batch, channels
        int64_t sizes[3]
        const int64_t *count[3]
        double divisor, norm
        const void *x
        int64_t x_step[5]
        void *out
        int64_t *indices
    ctypedef struct cd_spans:
        int64_t batch, channels
        int64_t sizes[3]
        int64_t outputs[3]
        const int64_t *first[3]
        const int64_t *last[3]
        const void *x
        int64_t x_step[5]
        void *out
        int64_t *indices
    ctypedef struct cd_row:
        const char *isa
        int64_t itemsize, lanes
        cd_task conv_direct, conv_igemm, pack, conv_local, match
        cd_task turn, fold, grad_weight, add_parts
        cd_task max_pool, min_pool, adaptive_max, avg_pool, lp_pool, adaptive_avg, unpool, max_grad, avg_grad
    int CD_OK, CD_UNKNOWN_ISA, CD_UNSUPPORTED_ISA, CD_ALIGN
    int cd_select(const char *isa)
    const cd_row *cd_kernels(int64_t itemsize) nogil
    const cd_row *cd_whole_kernels(int is_signed) nogil
    int64_t cd_conv_items(const cd_conv *conv) nogil
    int64_t cd_pool_items(const cd_pool *pool) nogil
    int64_t cd_spans_items(const cd_spans *spans) nogil
    int64_t cd_direct_scratch(const cd_conv *conv, const cd_row *row)
    int64_t cd_igemm_scratch(const cd_conv *conv, const cd_row *row)
    int64_t cd_pool_scratch(const cd_pool *pool)
    int64_t cd_lp_scratch(const cd_pool *pool)
    int64_t cd_pack_block(const cd_row *row)
    int64_t cd_pack_bytes(const cd_conv *conv, const cd_row *row)
    int64_t cd_round_up(int64_t n, int64_t to) nogil
    void cd_run(cd_task task, const void *spec, int64_t items, int width, void *scratch, int64_t scratch_step) nogil


def select(isa: str) -> None:
    """Choose the instruction set by name, "" for the best one here. Before any other call."""
    cdef int status = cd_select(isa.encode())
    if status != CD_OK:
        problem = {CD_UNKNOWN_ISA: "no such instruction set", CD_UNSUPPORTED_ISA: "this processor does not have it"}
        raise ParameterError(f"CONVDESK_ISA={isa}: {problem[status]}, expected baseline or avx2")


def isa() -> str:
    """Name of the instruction set in use."""
    return cd_kernels(4).isa.decode()


def lanes(itemsize: int) -> int:
    """Elements per vector for a data type of ``itemsize`` bytes."""
    return cd_kernels(itemsize).lanes


def channel_block(itemsize: int) -> int:
    """Output channels that implicit GEMM computes together."""
    return cd_pack_block(cd_kernels(itemsize))


cdef const int64_t *_integers(object array, list keep) except NULL:
    """Pointer to an int64 array, which ``keep`` keeps alive."""
    cdef const int64_t[::1] view = array
    keep.append(array)
    return &view[0] if view.shape[0] else <const int64_t *>&_nothing


cdef int64_t _nothing = 0


cdef int _fill_axis(cd_axis *to, object axis, list keep) except -1:
    to.taps, to.stride, to.dilation, to.outputs = axis.taps, axis.stride, axis.dilation, axis.outputs
    to.cells, to.origin = len(axis.table), axis.origin
    to.inner[0], to.inner[1] = axis.inner
    to.table = _integers(axis.table, keep)
    return 0


cdef class _Array:
    """A view of one operand: pointer, and steps in elements with the missing spatial axes put in front as 1."""

    cdef Py_buffer view
    cdef int64_t step[5]
    cdef void *data

    def __cinit__(self, array, Py_ssize_t itemsize, Py_ssize_t size, int flags, what):
        cdef int i, missing
        PyObject_GetBuffer(array, &self.view, flags)
        self.data = self.view.buf
        memset(self.step, 0, sizeof(self.step))
        cdef Py_ssize_t found = 1
        for i in range(self.view.ndim):
            found *= self.view.shape[i]
        if self.view.itemsize != itemsize or found != size or self.view.ndim > 5:
            raise BackendError(f"{what}: {found} values of {self.view.itemsize} bytes, expected {size} of {itemsize}")
        missing = 5 - self.view.ndim
        for i in range(self.view.ndim):
            self.step[i if i < 2 else i + missing] = self.view.strides[i] // itemsize

    def __dealloc__(self):
        PyBuffer_Release(&self.view)


cdef enum:
    ANY = PyBUF_STRIDED_RO
    READ = PyBUF_C_CONTIGUOUS
    WRITE = PyBUF_C_CONTIGUOUS | PyBUF_WRITABLE


cdef _Array _array(object array, Py_ssize_t itemsize, Py_ssize_t size, int flags, str what):
    return None if array is None else _Array(array, itemsize, size, flags, what)


cdef void *_aligned(_Array scratch) noexcept:
    return <void *>cd_round_up(<uintptr_t>scratch.data, CD_ALIGN)


cdef int _workers(_Array scratch, int64_t shared, int64_t each, int threads):
    """As many workers as the scratch has room for."""
    cdef int64_t room = scratch.view.len - CD_ALIGN - shared
    return max(1, min(threads, room // each if each else threads))


cdef int64_t _taps(const cd_conv *s) noexcept:
    return s.axis[0].taps * s.axis[1].taps * s.axis[2].taps


cdef int64_t _fill_conv(cd_conv *s, axes, blocking, sizes, list keep) except -1:
    """Everything but the operands; ``sizes``: batch, groups, and their channels. Returns outputs per channel."""
    cdef int64_t outputs = 1
    memset(s, 0, sizeof(cd_conv))
    for i in range(3):
        _fill_axis(&s.axis[i], axes[i], keep)
        outputs *= s.axis[i].outputs
    s.batch, s.groups, s.ic, s.oc = sizes
    s.rows_apart, s.row_hop, s.band = blocking.rows_apart, blocking.row_hop, blocking.band
    s.ic_chunk, s.oc_part, s.run = blocking.ic_chunk, blocking.oc_part, blocking.run
    s.strips, s.phases = len(blocking.strip) // 3, len(blocking.phase)
    s.strip = <const cd_strip *>_integers(blocking.strip, keep)
    s.phase = _integers(blocking.phase, keep)
    s.column = _integers(blocking.column, keep)
    return outputs


cdef class Conv:
    """A convolution problem, cut into blocks.

    Parameters
    ----------
    axes
        Three objects with taps, stride, dilation, outputs, origin, inner and table: depth, rows, columns.
    blocking
        Object with the numbers of ``cd_conv``, and the arrays strip (n, 3), phase and column.
    implicit
        Implicit GEMM with packed weights, instead of direct.
    local
        Every output position has a weight of its own.
    """

    cdef cd_conv spec
    cdef list keep
    cdef bint implicit, local
    cdef int64_t itemsize, out_size, x_size, weight_size, each, packed
    cdef readonly int64_t items

    def __init__(self, int64_t itemsize, axes, blocking, batch, groups, ic, oc, x_size, bint implicit,
                 bint local=False):
        cdef cd_conv *s = &self.spec
        cdef const cd_row *row = cd_kernels(itemsize)
        self.keep, self.implicit, self.local, self.itemsize, self.x_size = [], implicit, local, itemsize, x_size
        cdef int64_t outputs = _fill_conv(s, axes, blocking, (batch, groups, ic, oc), self.keep)
        self.out_size = batch * groups * oc * outputs
        self.weight_size = groups * oc * ic * _taps(s) * (outputs if local else 1)
        self.items = cd_conv_items(s)
        self.each = cd_igemm_scratch(s, row) if implicit else cd_direct_scratch(s, row)
        self.packed = cd_round_up(cd_pack_bytes(s, row), CD_ALIGN) if implicit else 0

    def scratch_bytes(self, int64_t threads):
        """Bytes that :meth:`run` wants for so many threads; with less it uses fewer."""
        return CD_ALIGN + self.packed + self.each * threads

    def run(self, x, weight, bias, out, scratch, double fill, int threads):
        """Compute into ``out`` with at most ``threads`` threads."""
        cdef cd_conv s = self.spec
        cdef const cd_row *row = cd_kernels(self.itemsize)
        cdef int64_t oc = s.groups * s.oc
        cdef _Array x_ = _array(x, self.itemsize, self.x_size, ANY, "input")
        cdef _Array weight_ = _array(weight, self.itemsize, self.weight_size, READ, "weight")
        cdef _Array bias_ = _array(bias, self.itemsize, oc, READ, "bias")
        cdef _Array out_ = _array(out, self.itemsize, self.out_size, WRITE, "output")
        cdef _Array scratch_ = _array(scratch, 1, len(scratch), WRITE, "scratch")
        cdef char *base = <char *>_aligned(scratch_)
        cdef int width = _workers(scratch_, self.packed, self.each, threads)
        cdef int64_t each = self.each, packed = self.packed, items = self.items, block = cd_pack_block(row)
        s.x, s.weight, s.out, s.fill, s.x_step = x_.data, weight_.data, out_.data, fill, x_.step
        s.bias = bias_.data if bias_ is not None else NULL
        if scratch_.view.len < CD_ALIGN + packed + each:
            raise BackendError(f"scratch: {scratch_.view.len} bytes, expected {CD_ALIGN + packed + each}")
        with nogil:
            if self.implicit:
                cd_run(row.pack, &s, s.groups * ((s.oc + block - 1) // block), width, base, 0)
                s.weight = base
                cd_run(row.conv_igemm, &s, items, width, base + packed, each)
            else:
                cd_run(row.conv_local if self.local else row.conv_direct, &s, items, width, base, each)


include "gradients.pxi"
include "pools.pxi"
include "match.pxi"
