# SPDX-License-Identifier: GPL-3.0-or-later
"""What a backend is: the interface between the planner and whoever computes.

A backend offers implementations; an implementation is one routine for one algorithm. For a
:class:`~convdesk.network.problem.Problem` it either refuses, with the sentence why, or states its cost and runs. It
never quietly does something else: falling back is the planner's business, and the plan says so.

Methods must be written. Attributes that are left out have the default that is shown, also in a class that does not
derive from the protocol.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np

from convdesk.network.problem import Problem

PROTOCOL_VERSION = 1
"""A backend says ``protocol_version = 1``; one that says nothing was written for version 1."""

Buffer = Any
"""An array in the backend's own memory: ``numpy.ndarray`` for memory "host", ``cupy.ndarray`` for "cuda:0"."""


@dataclass(frozen=True, slots=True)
class Availability:
    """Whether a backend can be used here, and if not, why, in words a person can act on."""

    available: bool
    reason: str = ""
    device: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a run would take: operations done, bytes moved to and from memory, bytes of scratch, predicted seconds.

    Where ``seconds`` is 0 the planner predicts them from operations and bytes, at the rates of a modest machine.
    """

    flops: float
    bytes: float
    scratch_bytes: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Operands:
    """Arrays of one call, in the backend's memory and the problem's dtype.

    Attributes
    ----------
    x
        Input ``(N, C, *spatial)``; any strides, zero and negative ones too.
    weight
        ``(C_out, C_in / groups, *kernel_size)`` of a convolution, C-contiguous, as the user wrote it: an implementation
        reverses it itself when the problem says ``flip``.
    bias
        ``problem.bias_shape`` when the problem says ``bias``: it is added to the result.
    fill
        Value of the padding cells when the edge mode is "constant".
    grad
        ``problem.out_shape``: the gradient with respect to the output for "grad_input" and "grad_weight", the values
        to put back for "unpool".
    indices
        int64, ``problem.out_shape``, C-contiguous, none outside the input: the winners, flat over the spatial axes, for
        a max pool's "grad_input" and "unpool".
    """

    x: Buffer = None
    weight: Buffer | None = None
    bias: Buffer | None = None
    fill: float = 0.0
    grad: Buffer | None = None
    indices: Buffer | None = None


@runtime_checkable
class Implementation(Protocol):
    """One routine for one algorithm.

    Attributes
    ----------
    name
        ``"backend:algorithm"``.
    precision
        "default" when its error is no worse than that of direct summation in the problem's dtype, "fast" otherwise.
    local
        An output depends on nothing outside its receptive field, in its last bit (FFT and running sums are not local).
    grain
        An output's bits may depend on its absolute index modulo ``grain``, on every axis; 1 for direct summation.
    bits
        Implementations that sum in the same order, and so give equal bits, share a name here; "" for one of its own.
        The planner may choose between them by a tile's shape; between others it chooses once for a layer.
    """

    name: str
    precision: str = "default"
    local: bool = False
    grain: int = 1
    bits: str = ""

    def refuse(self, problem: Problem) -> str | None:
        """None to accept; otherwise the sentence why not, like "needs stride 1, got 2". Pure.

        For a problem of another operator it begins with "computes", like "computes conv:fwd, got max_pool:fwd".
        """
        ...

    def cost(self, problem: Problem) -> Cost:
        """What :meth:`run` would take. Only asked about accepted problems."""
        ...

    def run(self, problem: Problem, args: Operands, out: Buffer, scratch: Buffer | None) -> None:
        """Compute into ``out``: ``problem.result_shape``, C-contiguous; a pair (values, int64 indices) when the
        problem asks for indices. ``scratch`` is ``cost(problem).scratch_bytes`` bytes of uint8, or None when that is 0.
        """
        ...


@runtime_checkable
class Backend(Protocol):
    """A family of implementations that share one memory.

    Attributes
    ----------
    name
        The name it is registered under: lower case, no colon.
    memory
        "host", or a device like "cuda:0": implementations of one memory compete.
    """

    name: str
    memory: str = "host"

    def probe(self) -> Availability:
        """Cheap, cached, never raises; says why the backend cannot be used."""
        ...

    def implementations(self) -> Sequence[Implementation]:
        """All routines, in the order in which equal costs are broken."""
        ...

    def empty(self, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Buffer:
        """A new uninitialised C-contiguous array in this backend's memory."""
        ...

    def upload(self, array: np.ndarray) -> Buffer:
        """A host array in this backend's memory; the same array for memory "host"."""
        ...

    def download(self, buffer: Buffer) -> np.ndarray:
        """The reverse of :meth:`upload`."""
        ...
