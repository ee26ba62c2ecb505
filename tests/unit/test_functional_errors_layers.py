# SPDX-License-Identifier: GPL-3.0-or-later
"""Every wrong argument of match, the gradients, transposed and local convolution, and the other pools."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import convdesk as cd

F, G = np.ones((5, 6)), np.ones((2, 3))
X, W = np.ones((2, 4, 5, 6)), np.ones((6, 2, 3, 3))
GRAD = np.ones((2, 6, 3, 4))
POOLED = np.ones((2, 4, 2, 3))
PLACES = np.zeros(POOLED.shape, np.int64)
LOCAL = np.ones((6, 4, 3, 3, 3, 4))
Shape, Parameter, DType = cd.ShapeError, cd.ParameterError, cd.DTypeError
Case = tuple[str, dict[str, Any], type[Exception], str]

ANYWHERE: list[Case] = [
    ("backend", {"backend": "qpu"}, cd.BackendUnavailable, "no backend named 'qpu'"),
    ("backend number", {"backend": 1}, Parameter, 'backend: got 1, expected "auto" or the name'),
    ("implementation", {"implementation": "numpy:magic"}, Parameter, "got 'numpy:magic', expected one of numpy:ref"),
    ("implementation list", {"implementation": []}, Parameter, r"implementation: got \[\], expected None or the"),
    ("out list", {"out": []}, Parameter, "out: got list, expected a NumPy array"),
    ("out shape", {"out": np.ones(3)}, Shape, r"out has shape \(3,\), expected \("),
]


def out_of(shape: tuple[int, ...]) -> list[Case]:
    """An ``out`` of the right shape that cannot be written as it is."""
    read_only = np.broadcast_to(0.0, shape)
    return [
        ("out dtype", {"out": np.ones(shape, "f4")}, DType, "out has dtype float32, expected float64"),
        ("out read-only", {"out": read_only}, Parameter, "out is read-only, expected an array that can be written"),
    ]


def array(name: str, good: np.ndarray) -> list[Case]:
    """An array argument of a type that cannot be computed."""
    return [
        (f"{name} complex", {name: good * 1j}, DType, f"{name} has dtype complex128, expected bool, integers and"),
        (f"{name} object", {name: good.astype(object)}, DType, f"{name} has dtype object"),
        (f"{name} ragged", {name: [[1, 2], [3]]}, Shape, f"{name} is not an array"),
    ]


def other_type(first: str, good: np.ndarray, second: str) -> list[Case]:
    """Two arrays that do not share a dtype."""
    told = f"got .*{first} float32.*{second} float64|got .*{second} float64.*{first} float32"
    return [(f"{first} float32", {first: good.astype("f4")}, DType, f"({told}).*expected one dtype for all")]


MATCH: list[Case] = [
    *array("f", F), *array("g", G),
    ("f without axes", {"f": 3.0, "g": 1.0}, Shape, "f has 0 axes, expected 1 to 3"),
    ("f of four axes", {"f": np.ones((2,) * 4), "g": np.ones((1,) * 4)}, Shape, "f has 4 axes, expected 1 to 3"),
    ("f all channels", {"f": [1], "g": [1], "channel_axis": 0}, Shape, "f has 0 axes besides its channel axis"),
    ("f empty", {"f": F[:0], "shape": "full", "boundary": "reflect"}, Shape, "f is empty, boundary 'reflect' expects"),
    ("g of other axes", {"g": [1, 2]}, Shape, "g has 1 axes, expected 2 as f"),
    ("g of other channels", {"channel_axis": 0}, Shape, "g has 2 channels, expected 5 as f"),
    ("normalize", {"normalize": "ncc"}, Parameter, "normalize: got 'ncc', expected one of none, center, cosine, pear"),
    ("normalize none", {"normalize": None}, Parameter, "normalize: got None, expected one of none"),
    ("shape", {"shape": "whole"}, Parameter, "shape: got 'whole', expected one of full, same, valid"),
    ("shape number", {"shape": 3}, Parameter, "shape: got 3, expected one of"),
    ("boundary", {"boundary": "wrap"}, Parameter, "boundary: got 'wrap', expected one of zeros, replicate"),
    ("boundary bool", {"boundary": True}, Parameter, "boundary: got True, expected one of"),
    ("channel_axis", {"channel_axis": 2}, Parameter, "channel_axis: got 2, expected None or an axis of f"),
    ("channel_axis float", {"channel_axis": 0.0}, Parameter, "channel_axis: got 0.0, expected None"),
    *out_of((4, 4)),
]  # fmt: skip

LAYER: list[Case] = [
    ("stride 0", {"stride": (1, 0)}, Parameter, r"stride: got \(1, 0\), expected at least 1"),
    ("stride text", {"stride": "2"}, Parameter, "stride: got '2', expected an int or 2 ints"),
    ("stride empty", {"stride": ()}, Parameter, r"stride: got \(\), expected an int or 2 ints"),
    ("dilation -1", {"dilation": -1}, Parameter, "dilation: got -1, expected at least 1"),
    ("dilation float", {"dilation": 1.5}, Parameter, "dilation: got 1.5, expected an int or 2 ints"),
    ("padding negative", {"padding": -1}, Parameter, "padding: got -1, expected at least 0"),
    ("padding axes", {"padding": (1, 1, 1)}, Parameter, r"padding: got \(1, 1, 1\), expected an int or 2 ints"),
    ("padding empty", {"padding": ()}, Parameter, r"padding: got \(\), expected an int or 2 ints"),
    ("padding pairs", {"padding": ((1, 2),)}, Parameter, r"padding: got .*expected 2 \(lo, hi\) pairs, one per axis"),
    ("padding float", {"padding": 0.5}, Parameter, "padding: got 0.5, expected an int or 2 ints"),
]
GROUPS: list[Case] = [
    ("groups 0", {"groups": 0}, Parameter, "groups: got 0, expected an int of at least 1"),
    ("groups float", {"groups": 2.0}, Parameter, "groups: got 2.0, expected an int of at least 1"),
    ("groups 4", {"groups": 4}, Parameter, "groups: got 4, expected a divisor of the 6 "),
]
GRADIENT: list[Case] = [
    *LAYER, *GROUPS, *array("grad_out", GRAD),
    ("groups 1", {"groups": 1}, Shape, "4 input channels, weight expects 2"),
    ("padding word", {"padding": "half"}, Parameter, "padding: got 'half', expected ints, .* valid, same, full"),
    ("padding_mode", {"padding_mode": "edge"}, Parameter, "padding_mode: got 'edge', expected one of zeros"),
    ("grad_out shape", {"grad_out": GRAD[..., :3]}, Shape,
     r"grad_out has shape \(2, 6, 3, 3\), expected \(2, 6, 3, 4\), the layer's output"),
    ("grad_out unbatched", {"grad_out": GRAD[0]}, Shape, r"grad_out has shape .*expected \(2, 6, 3, 4\)"),
]  # fmt: skip
GRAD_INPUT: list[Case] = [
    *GRADIENT, *array("weight", W), *other_type("grad_out", GRAD, "weight"),
    ("weight of two axes", {"weight": W[0, 0]}, Shape, r"weight has shape \(3, 3\), expected \(C_out, C/groups, 1 to"),
    ("weight no taps", {"weight": W[..., :0]}, Shape, "weight has shape .*expected no size of 0"),
    ("input_shape int", {"input_shape": 5}, Parameter, "input_shape: got 5, expected a tuple of sizes"),
    ("input_shape text", {"input_shape": "2456"}, Parameter, "input_shape: got '2456', expected a tuple of sizes"),
    ("input_shape float", {"input_shape": (2, 4, 5, 6.0)}, Parameter, "input_shape: got .*expected a tuple of sizes"),
    ("input_shape negative", {"input_shape": (2, 4, 5, -6)}, Parameter, "input_shape: got .*expected a tuple of sizes"),
    ("input_shape axes", {"input_shape": (5, 6)}, Shape, r"input_shape: got \(5, 6\), weight of shape .*expects 4 ax"),
    ("input_shape empty", {"input_shape": (2, 4, 0, 6)}, Shape, "input_shape: got .*expected no spatial axis of"),
    ("input_shape channels", {"input_shape": (2, 3, 5, 6)}, Shape, r"3 input channels, weight expects 4 \(2 for each"),
    ("input_shape small", {"input_shape": (2, 4, 2, 6)}, Shape, r"padded input has sizes \(2, 6\), expected at least"),
    *out_of((2, 4, 5, 6)),
]  # fmt: skip
GRAD_WEIGHT: list[Case] = [
    *GRADIENT, *array("x", X), *other_type("grad_out", GRAD, "x"),
    ("weight_shape int", {"weight_shape": 3}, Parameter, "weight_shape: got 3, expected a tuple of sizes"),
    ("weight_shape axes", {"weight_shape": (3, 3)}, Shape, r"weight_shape: got \(3, 3\), expected \(C_out, C/groups"),
    ("weight_shape no taps", {"weight_shape": (6, 2, 3, 0)}, Shape, "weight_shape: got .*expected no size of 0"),
    ("x axes", {"x": X[0, 0]}, Shape, r"x has shape \(5, 6\), weight of shape .*expects 4 axes, or 3 without a batch"),
    ("x empty", {"x": X[:, :, :0]}, Shape, "x has shape .*expected no spatial axis of size 0"),
    ("x channels", {"x": X[:, :3]}, Shape, r"3 input channels, weight expects 4"),
    ("x small", {"x": X[..., :2]}, Shape, r"padded input has sizes \(5, 2\), expected at least"),
    *out_of((6, 2, 3, 3)),
]  # fmt: skip
TRANSPOSED: list[Case] = [
    *LAYER, *GROUPS, *array("x", GRAD), *array("weight", W), *other_type("x", GRAD, "weight"),
    ("bias float32", {"bias": np.ones(4, "f4")}, DType, "bias float32, expected one dtype for all"),
    ("bias shape", {"bias": np.ones(6)}, Shape, r"bias has shape \(6,\), expected \(4,\), one per output channel"),
    ("weight of two axes", {"weight": W[0, 0]}, Shape, r"weight has shape \(3, 3\), expected \(C, C_out/groups, 1 to"),
    ("weight no taps", {"weight": W[..., :0]}, Shape, "weight has shape .*expected no size of 0"),
    ("weight no outputs", {"weight": W[:, :0]}, Shape, "weight has shape .*expected no size of 0"),
    ("x of two axes", {"x": GRAD[0, 0]}, Shape, "x has shape .*expects 4 axes, or 3 without a batch"),
    ("x empty", {"x": GRAD[:, :, :0]}, Shape, "x has shape .*expected no spatial axis of size 0"),
    ("x channels", {"x": GRAD[:, :5]}, Shape, "5 input channels, weight expects 6$"),
    ("x one channel", {"x": GRAD[:, :1]}, Shape, "1 input channel, weight expects 6$"),
    ("padding word", {"padding": "same"}, Parameter, "padding: got 'same', expected an int, one per axis, or"),
    ("padding large", {"padding": 3}, Shape, "padding: got 3, expected less than 5 in all on spatial axis 0"),
    ("output_padding", {"output_padding": 1}, Parameter,
     "output_padding: got 1, on spatial axis 0 expected less than its stride 1 or its dilation 1"),
    ("output_padding -1", {"output_padding": -1}, Parameter, "output_padding: got -1, expected at least 0"),
    ("output_padding axes", {"output_padding": (0,) * 3}, Parameter, "output_padding: got .*expected an int or 2 ints"),
    *out_of((2, 4, 5, 6)),
]  # fmt: skip
LOCALS: list[Case] = [
    *LAYER, *array("x", X), *array("weight", LOCAL), *other_type("x", X, "weight"),
    ("bias shape", {"bias": np.ones(4)}, Shape, r"bias has shape \(4,\), expected \(6,\), one per output channel"),
    ("bias float32", {"bias": np.ones(6, "f4")}, DType, "bias float32, expected one dtype for all"),
    ("weight of five axes", {"weight": LOCAL[0]}, Shape, r"weight has shape .*expected \(C_out, C, \*kernel_size"),
    ("weight no taps", {"weight": LOCAL[:, :, :0]}, Shape, "weight has shape .*with 1 to 3 of each, none 0"),
    ("weight outputs", {"weight": LOCAL[..., :3]}, Shape,
     r"weight has shape .*expected \(6, 4, 3, 3, 3, 4\), whose last sizes are the output's"),
    ("x axes", {"x": X[0, 0]}, Shape, "x has shape .*expects 4 axes, or 3 without a batch"),
    ("x channels", {"x": X[:, :3]}, Shape, "3 input channels, weight expects 4"),
    ("x empty", {"x": X[..., :0]}, Shape, "x has shape .*expected no spatial axis of size 0"),
    ("x small", {"x": X[..., :2]}, Shape, r"padded input has sizes \(5, 2\), expected at least"),
    ("padding word", {"padding": "same"}, Parameter, "padding: got 'same', expected an int, one per axis, or"),
    *out_of((2, 6, 3, 4)),
]  # fmt: skip


def axes_by(what: str, name: str = "x") -> list[Case]:
    """Arrays whose axes do not fit an argument that counts them."""
    return [
        (f"{name} of two axes", {name: X[0, 0]}, Shape, rf"{what} 2 expects 3 to 5 axes, \(N, C, \*spatial\)"),
        (f"{what} of one", {what: (2,)}, Shape, rf"{what} \(2,\) expects 3 axes, or 2 without a batch"),
        (f"{what} of four", {what: (2,) * 4}, Parameter, f"{what}: got .*expected an int, or 1 to 3 ints"),
        (f"{what} empty", {what: ()}, Parameter, rf"{what}: got \(\), expected an int, or 1 to 3 ints"),
        (f"{what} text", {what: "22"}, Parameter, f"{what}: got '22', expected an int, or 1 to 3 ints"),
        (f"{what} float", {what: 2.0}, Parameter, f"{what}: got 2.0, expected an int, or 1 to 3 ints"),
    ]


WINDOW: list[Case] = [
    ("kernel_size 0", {"kernel_size": 0}, Parameter, "kernel_size: got 0, expected at least 1"),
    ("stride 0", {"stride": 0}, Parameter, "stride: got 0, expected at least 1"),
    ("stride empty", {"stride": ()}, Parameter, r"stride: got \(\), expected an int or 2 ints"),
]
SIZED: list[Case] = [
    ("x no channels", {"x": X[:, :0]}, Shape, "x has shape .*expected no axis of size 0 but the batch"),
    ("x empty", {"x": X[:, :, :0]}, Shape, "x has shape .*expected no axis of size 0 but the batch"),
    ("x small", {"kernel_size": 6}, Shape, "spatial axis 0 has 5 samples with its padding, expected at least 6"),
]
PADDED: list[Case] = [
    ("padding large", {"padding": 2}, Parameter, "padding: got 2, expected at most 1, half the window's extent"),
    ("padding word", {"padding": "same"}, Parameter, "padding: got 'same', expected an int, one per axis, or"),
    ("padding negative", {"padding": -1}, Parameter, "padding: got -1, expected at least 0"),
]
PAIR: list[Case] = [
    ("out of two", {"return_indices": True, "out": X}, Parameter, "out: got one object, expected a pair"),
    ("out[0]", {"return_indices": True, "out": (X, X)}, Shape, r"out\[0\] has shape .*expected \(2, 4, "),
]
MIN = [
    *array("x", X), *axes_by("kernel_size"), *WINDOW, *SIZED, *PADDED, *PAIR, *out_of((2, 4, 2, 3)),
    ("dilation 0", {"dilation": 0}, Parameter, "dilation: got 0, expected at least 1"),
    ("out[1]", {"return_indices": True, "out": (POOLED, POOLED)}, DType, r"out\[1\] has dtype float64, expected int64"),
]  # fmt: skip
LP: list[Case] = [
    *array("x", X), *axes_by("kernel_size"), *WINDOW, *SIZED, *out_of((2, 4, 2, 3)),
    ("norm_type 0", {"norm_type": 0}, Parameter, "norm_type: got 0, expected a number but 0"),
    ("norm_type nan", {"norm_type": float("nan")}, Parameter, "norm_type: got nan, expected a number but 0"),
    ("norm_type text", {"norm_type": "2"}, Parameter, "norm_type: got '2', expected a number but 0"),
    ("norm_type bool", {"norm_type": True}, Parameter, "norm_type: got True, expected a number but 0"),
    ("volume smaller than its window", {"x": np.ones((1, 1, 1, 4, 4)), "ceil_mode": True}, Shape,
     r"the input has sizes \(1, 4, 4\), in 3-D expected at least the window's \(2, 2, 2\)"),
]  # fmt: skip
ADAPTIVE: list[Case] = [
    *array("x", X), *axes_by("output_size"), *out_of((2, 4, 2, 2)),
    ("x empty", {"x": X[:, :, :0]}, Shape, "x has shape .*expected no axis of size 0 but the batch"),
    ("output_size negative", {"output_size": (2, -1)}, Parameter, r"output_size: got \(2, -1\), expected ints of at"),
    ("output_size floats", {"output_size": (2, 1.5)}, Parameter, r"output_size: got \(2, 1.5\), expected ints of at"),
    ("output_size none", {"output_size": None}, Parameter, "output_size: got None, expected an int, or 1 to 3 ints"),
]  # fmt: skip
ADAPTIVE_MAX = [
    *ADAPTIVE, *PAIR,
    ("out of nothing", {"output_size": 0, "out": X}, Shape, r"out has shape .*expected \(2, 4, 0, 0\)"),
    ("pair of nothing", {"output_size": 0, "return_indices": True, "out": X}, Parameter, "out: got one object, expec"),
]  # fmt: skip
INDICES: list[Case] = [
    ("indices float", {"indices": PLACES * 1.0}, DType, "indices has dtype float64, expected int64"),
    ("indices int32", {"indices": PLACES.astype("i4")}, DType, "indices has dtype int32, expected int64"),
    (
        "indices shape",
        {"indices": PLACES[..., :2]},
        Shape,
        r"indices has shape \(2, 4, 2, 2\), expected \(2, 4, 2",
    ),
    ("indices negative", {"indices": PLACES - 1}, Parameter, "indices: got -1, expected 0 to "),
    ("indices large", {"indices": PLACES + 1000}, Parameter, "indices: got 1000, expected 0 to "),
]
UNPOOL: list[Case] = [
    *array("x", POOLED), *axes_by("kernel_size"), *WINDOW, *INDICES, *out_of((2, 4, 4, 6)),
    ("x empty", {"x": X[:, :, :0]}, Shape, "x has shape .*expected no axis of size 0 but the batch"),
    ("padding word", {"padding": "same"}, Parameter, "padding: got 'same', expected an int, one per axis, or"),
    ("padding large", {"padding": 3}, Shape, "padding: got 3, which leaves -2 samples on spatial axis 0"),
    ("output_size small", {"output_size": (2, 6)}, Parameter,
     r"output_size: got \(2, 6\), on spatial axis 0 expected more than 2 and less than 6"),
    ("output_size large", {"output_size": (4, 8)}, Parameter, "on spatial axis 1 expected more than 4 and less than 8"),
    ("output_size axes", {"output_size": (4, 6, 1)}, Parameter, "output_size: got .*expected 2 ints, or the whole sh"),
    ("output_size text", {"output_size": "46"}, Parameter, "output_size: got '46', expected 2 ints, or the whole sha"),
]  # fmt: skip
MAX_GRAD: list[Case] = [
    *array("grad_out", POOLED), *INDICES, *out_of((2, 4, 5, 6)),
    ("input_shape int", {"input_shape": 5}, Parameter, "input_shape: got 5, expected a tuple of sizes"),
    ("input_shape axes", {"input_shape": (5,)}, Shape, r"input_shape: got \(5,\), expected \(N, C, 1 to 3 spatial"),
    ("input_shape empty", {"input_shape": (2, 4, 0, 6)}, Shape, "input_shape: got .*expected no axis of size 0 but"),
    ("input_shape channels", {"input_shape": (2, 3, 5, 6)}, Shape,
     r"grad_out has shape \(2, 4, 2, 3\), expected \(2, 3\) and 2 spatial sizes"),
    ("grad_out empty", {"grad_out": POOLED[..., :0]}, Shape, "grad_out has shape .*and 2 spatial sizes"),
]  # fmt: skip
AVG_GRAD: list[Case] = [
    *array("grad_out", POOLED), *WINDOW, *PADDED, *axes_by("kernel_size")[1:], *out_of((2, 4, 5, 6)),
    ("input_shape int", {"input_shape": 5}, Parameter, "input_shape: got 5, expected a tuple of sizes"),
    ("input_shape axes", {"input_shape": (5, 6)}, Shape, r"input_shape has shape \(5, 6\), kernel_size 2 expects"),
    ("input_shape small", {"kernel_size": 6}, Shape, "spatial axis 0 has 5 samples with its padding, expected at le"),
    ("grad_out shape", {"grad_out": POOLED[..., :2]}, Shape, r"grad_out has shape .*expected \(2, 4, 2, 3\), the lay"),
    ("divisor 0", {"divisor_override": 0}, Parameter, "divisor_override: got 0, expected None or an int but 0"),
    ("divisor 0.5", {"divisor_override": 0.5}, Parameter, "divisor_override: got 0.5, expected None or an int"),
]  # fmt: skip

TABLE: dict[str, tuple[dict[str, Any], list[Case]]] = {
    "match": ({"f": F, "g": G}, MATCH),
    "conv_grad_input": ({"grad_out": GRAD, "weight": W, "input_shape": X.shape, "groups": 2}, GRAD_INPUT),
    "conv_grad_weight": ({"grad_out": GRAD, "x": X, "weight_shape": W.shape, "groups": 2}, GRAD_WEIGHT),
    "conv_transpose": ({"x": GRAD, "weight": W, "bias": np.ones(4), "groups": 2}, TRANSPOSED),
    "local_conv": ({"x": X, "weight": LOCAL, "bias": np.ones(6)}, LOCALS),
    "min_pool": ({"x": X, "kernel_size": 2}, MIN),
    "lp_pool": ({"x": X, "norm_type": 2, "kernel_size": 2}, LP),
    "adaptive_max_pool": ({"x": X, "output_size": 2}, ADAPTIVE_MAX),
    "adaptive_avg_pool": ({"x": X, "output_size": 2}, ADAPTIVE),
    "max_unpool": ({"x": POOLED, "indices": PLACES, "kernel_size": 2}, UNPOOL),
    "max_pool_grad": ({"grad_out": POOLED, "indices": PLACES, "input_shape": X.shape}, MAX_GRAD),
    "avg_pool_grad": ({"grad_out": POOLED, "input_shape": X.shape, "kernel_size": 2}, AVG_GRAD),
}
CASES = [
    pytest.param(name, fine, wrong, error, told, id=f"{name}-{what}")
    for name, (fine, cases) in TABLE.items()
    for what, wrong, error, told in [*cases, *ANYWHERE]
]


@pytest.mark.parametrize(("name", "fine", "wrong", "error", "told"), CASES)
def test_a_wrong_argument_is_named(
    name: str, fine: dict[str, Any], wrong: dict[str, Any], error: type[Exception], told: str
) -> None:
    where = "" if {"backend", "implementation"} & set(wrong) else f"^{name}: .*"
    with pytest.raises(error, match=f"{where}(?:{told})"):
        getattr(cd, name)(**fine | wrong)


@pytest.mark.parametrize("name", TABLE)
def test_the_same_calls_are_fine_otherwise(name: str) -> None:
    assert np.isfinite(getattr(cd, name)(**TABLE[name][0])).all()


def test_every_function_of_arrays_has_its_table() -> None:
    from convdesk import functional

    elsewhere = {"correlate", "convolve", "conv", "max_pool", "avg_pool"}
    assert set(functional.__all__) == set(TABLE) | elsewhere
