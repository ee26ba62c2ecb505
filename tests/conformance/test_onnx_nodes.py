# SPDX-License-Identifier: GPL-3.0-or-later
"""ONNX's own node tests of convolution and pooling, answered by our functions.

What ONNX says in its own words (auto_pad, flat pads, output_shape, column-major indices) is translated here, by the
geometry. A pool that our functions reject as PyTorch does, with padding beyond half its window or with a dilated
mean, is put to the backends as the problem that it is.
"""

from __future__ import annotations

import warnings
from math import prod
from typing import Any

import numpy as np
import pytest

import convdesk as cd
from convdesk.backends.protocol import Operands
from convdesk.backends.registry import probe
from convdesk.geometry import Transposed, Window, ceil_overhang
from convdesk.network.problem import Problem
from convdesk.planner import execute, plan

onnx = pytest.importorskip("onnx")

POOLS = {"MaxPool": "max_pool", "AveragePool": "avg_pool", "LpPool": "lp_pool"}
OPERATORS = (*POOLS, "Conv", "ConvTranspose", "GlobalAveragePool", "GlobalMaxPool", "MaxUnpool")


def cases() -> list[Any]:
    """Every test of one of our operators alone."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # building all of ONNX's cases warns of things that are not ours
        from onnx.backend.test.case.node import collect_testcases

        found = collect_testcases(None)
    return [c for c in found if len(c.model.graph.node) == 1 and c.model.graph.node[0].op_type in OPERATORS]


CASES = cases()


@pytest.fixture(params=["numpy", "native"])
def backend(request: pytest.FixtureRequest) -> str:
    found = probe(request.param)
    if not found.available:
        pytest.skip(f"backend {request.param!r}: {found.reason}")
    return str(request.param)


def windows(node: dict[str, Any], kernel: tuple[int, ...], sizes: tuple[int, ...]) -> tuple[Window, ...]:
    """One window per axis, padded as the node says."""
    ndim = len(kernel)
    strides, dilations = node.get("strides", [1] * ndim), node.get("dilations", [1] * ndim)
    pads, auto = node.get("pads", [0] * 2 * ndim), node.get("auto_pad", b"NOTSET").decode()
    found = []
    for axis, size in enumerate(sizes):
        bare = Window(kernel[axis], strides[axis], dilations[axis])
        lo, hi = pads[axis], pads[axis + ndim]
        if auto.startswith("SAME"):  # as many outputs as strides fit, which is not our "same"
            outputs = Window(1, bare.stride).out_size(size)
            lo, hi = halves(max(0, Transposed(bare).out_size(outputs) - size), auto)
        found.append(Window(bare.kernel_size, bare.stride, bare.dilation, lo, hi))
    return tuple(found)


def halves(total: int, auto: str) -> tuple[int, int]:
    """Padding of both sides; the odd cell lies at the end for SAME_UPPER, else at the beginning."""
    return (total // 2, total - total // 2) if auto == "SAME_UPPER" else (total - total // 2, total // 2)


def pool(kind: str, node: dict[str, Any], x: np.ndarray, outputs: int, backend: str) -> Any:
    """A pool by its windows, as a public call where that takes them."""
    op = POOLS[kind]
    if op == "lp_pool":  # ONNX takes powers of absolute values, PyTorch of the values
        x = np.abs(x)
    found = windows(node, tuple(node["kernel_shape"]), x.shape[2:])
    ceil = bool(node.get("ceil_mode", 0))
    padding = tuple((w.pad_lo, w.pad_hi) for w in found)
    call: dict[str, Any] = {"kernel_size": tuple(w.kernel_size for w in found), "ceil_mode": ceil, "backend": backend}
    call["stride"] = tuple(w.stride for w in found)
    small = all(max(lo, hi) <= w.extent // 2 for w, (lo, hi) in zip(found, padding, strict=True))
    dense, bare = all(w.dilation == 1 for w in found), not any(map(any, padding))
    counted = bool(node.get("count_include_pad", 0))
    if op == "max_pool" and small:
        dilation = tuple(w.dilation for w in found)
        return cd.max_pool(x, **call, padding=padding, dilation=dilation, return_indices=outputs == 2)
    if op == "avg_pool" and small and dense:
        return cd.avg_pool(x, **call, padding=padding, count_include_pad=counted)
    if op == "lp_pool" and bare and dense:
        return cd.lp_pool(x, node.get("p", 2), **call)
    hung = [Window(w.kernel_size, w.stride, w.dilation, w.pad_lo, w.pad_hi, ceil_overhang(w, n) if ceil else 0)
            for w, n in zip(found, x.shape[2:], strict=True)]  # fmt: skip
    if op == "lp_pool":  # ONNX sums what there is; zeros written out add nothing to a sum
        x = np.pad(x, ((0, 0), (0, 0), *padding))
        hung = [Window(w.kernel_size, w.stride, w.dilation) for w in hung]
    problem = Problem(
        op, "f32", *x.shape[:2], x.shape[2:], tuple(hung), indices=outputs == 2,
        count_pad=counted or op != "avg_pool", norm=float(node.get("p", 2)) if op == "lp_pool" else 0.0,
    )  # fmt: skip
    return execute(plan(problem, backend), Operands(x))


def transposed(node: dict[str, Any], x: np.ndarray, weight: np.ndarray, backend: str) -> np.ndarray:
    """ConvTranspose, whose padding may follow from the output that is wanted."""
    ndim, sizes = x.ndim - 2, x.shape[2:]
    strides, dilations = node.get("strides", [1] * ndim), node.get("dilations", [1] * ndim)
    extra, auto = list(node.get("output_padding", [0] * ndim)), node.get("auto_pad", b"NOTSET").decode()
    flat = node.get("pads", [0] * 2 * ndim)
    pads = [(flat[axis], flat[axis + ndim]) for axis in range(ndim)]
    wanted = node.get("output_shape")
    if auto.startswith("SAME"):
        wanted = [size * stride for size, stride in zip(sizes, strides, strict=True)]
    for axis in range(ndim) if wanted else ():
        window = Window(weight.shape[axis + 2], strides[axis], dilations[axis])
        spare = Transposed(window, extra[axis]).out_size(sizes[axis]) - wanted[axis]
        extra[axis] += max(0, -spare)
        pads[axis] = halves(max(0, spare), auto)
    return cd.conv_transpose(
        x, weight, stride=tuple(strides), padding=tuple(pads), output_padding=tuple(extra),
        dilation=tuple(dilations), groups=node.get("group", 1), backend=backend,
    )  # fmt: skip


def unpooled(node: dict[str, Any], inputs: list[np.ndarray], backend: str) -> np.ndarray:
    """MaxUnpool, whose indices run over the whole output of the usual size; a larger one is that with zeros behind."""
    x, places = inputs[:2]
    kernel = tuple(node["kernel_shape"])
    call = {"kernel_size": kernel, "stride": tuple(node.get("strides", [1] * len(kernel))), "backend": backend}
    usual = [Transposed(Window(k, s)).out_size(n) for k, s, n in zip(kernel, call["stride"], x.shape[2:], strict=True)]
    found = cd.max_unpool(x, places % prod(usual), **call)
    if len(inputs) < 3:
        return found
    return np.pad(found, [(0, more - size) for more, size in zip(inputs[2], found.shape, strict=True)])


def answer(kind: str, node: dict[str, Any], inputs: list[np.ndarray], outputs: int, backend: str) -> Any:
    """Our answer to a node, one array or a pair."""
    x = inputs[0]
    if kind in POOLS:
        return pool(kind, node, x, outputs, backend)
    if kind == "Conv":
        found = windows(node, inputs[1].shape[2:], x.shape[2:])
        call = {name: tuple(getattr(w, name) for w in found) for name in ("stride", "dilation")}
        pads = tuple((w.pad_lo, w.pad_hi) for w in found)
        return cd.conv(*inputs, padding=pads, groups=node.get("group", 1), backend=backend, **call)
    if kind == "ConvTranspose":
        return transposed(node, x, inputs[1], backend)
    if kind == "MaxUnpool":
        return unpooled(node, inputs, backend)
    pooled = cd.adaptive_avg_pool if kind == "GlobalAveragePool" else cd.adaptive_max_pool
    return pooled(x, 1, backend=backend)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name.removeprefix("test_"))
def test_node(case: Any, backend: str) -> None:
    (node,) = case.model.graph.node
    told = {attribute.name: onnx.helper.get_attribute_value(attribute) for attribute in node.attribute}
    for inputs, wanted in case.data_sets:
        try:
            got = answer(node.op_type, told, list(inputs), len(wanted), backend)
        except cd.BackendError as refused:
            if backend == "numpy":
                raise
            pytest.skip(str(refused))
        pair = list(got) if len(wanted) == 2 else [got]
        if told.get("storage_order") == 1:
            rows = np.unravel_index(pair[1], inputs[0].shape[2:])
            pair[1] = np.ravel_multi_index(rows, inputs[0].shape[2:], order="F")
        for ours, theirs in zip(pair, wanted, strict=True):
            assert (ours.dtype, ours.shape) == (theirs.dtype, theirs.shape)
            np.testing.assert_allclose(ours, theirs, rtol=case.rtol, atol=case.atol)


def test_all_operators_have_cases() -> None:
    assert {case.model.graph.node[0].op_type for case in CASES} == set(OPERATORS)
    assert len(CASES) >= 65
