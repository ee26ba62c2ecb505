# SPDX-License-Identifier: GPL-3.0-or-later
"""Every wrong argument of every function: what, where, got and expected."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import convdesk as cd

F, G = np.ones((5, 6)), np.ones((2, 3))
X, W, B = np.ones((2, 4, 5, 6)), np.ones((6, 2, 3, 3)), np.ones(6)
READ_ONLY = np.broadcast_to(0.0, (6, 8))


class OnGpu:
    """An array of another memory."""

    __cuda_array_interface__ = None


PLAIN = [
    ("f complex", {"f": F + 1j}, cd.DTypeError, "f has dtype complex128, expected bool, integers and floats"),
    ("f object", {"f": np.array([[None]])}, cd.DTypeError, "f has dtype object"),
    ("f text", {"f": [["a"]]}, cd.DTypeError, "f has dtype <U1"),
    ("f dates", {"f": np.zeros((2, 2), "M8[s]")}, cd.DTypeError, "f has dtype datetime64"),
    ("f long double", {"f": F.astype(np.longdouble)}, cd.DTypeError, "f has dtype float128"),
    ("f ragged", {"f": [[1, 2], [3]]}, cd.ShapeError, "f is not an array: .*inhomogeneous"),
    ("f on a gpu", {"f": OnGpu()}, cd.DTypeError, "f lives in GPU memory, expected an array of the host"),
    ("f without axes", {"f": 3.0, "g": 1.0}, cd.ShapeError, "f has 0 axes, expected 1 to 3"),
    (
        "f of four axes",
        {"f": np.ones((2,) * 4), "g": np.ones((1,) * 4)},
        cd.ShapeError,
        "f has 4 axes, expected 1 to 3",
    ),
    (
        "f all channels",
        {"f": [1, 2], "g": 1, "channel_axis": 0},
        cd.ShapeError,
        "f has 0 axes besides its channel axis",
    ),
    (
        "f empty",
        {"f": np.ones((0, 6)), "boundary": "reflect"},
        cd.ShapeError,
        "f is empty, boundary 'reflect' expects a",
    ),
    ("g complex", {"g": G * 1j}, cd.DTypeError, "g has dtype complex128"),
    ("g of other axes", {"g": [1, 2]}, cd.ShapeError, "g has 1 axes, expected 2 as f"),
    ("g and channels", {"channel_axis": 0}, cd.ShapeError, "g has 2 axes, expected 1 as f"),
    ("shape", {"shape": "whole"}, cd.ParameterError, "shape: got 'whole', expected one of full, same, valid"),
    ("shape number", {"shape": 3}, cd.ParameterError, "shape: got 3, expected one of full"),
    (
        "boundary",
        {"boundary": "wrap"},
        cd.ParameterError,
        "boundary: got 'wrap', expected one of zeros, replicate, reflect",
    ),
    (
        "boundary word",
        {"boundary": "constant"},
        cd.ParameterError,
        "boundary: got 'constant', .*number of a constant edge",
    ),
    ("boundary bool", {"boundary": True}, cd.ParameterError, "boundary: got True, expected"),
    ("boundary none", {"boundary": None}, cd.ParameterError, "boundary: got None, expected"),
    ("boundary complex", {"boundary": 1j}, cd.ParameterError, "boundary: got 1j, expected"),
    ("stride 0", {"stride": 0}, cd.ParameterError, "stride: got 0, expected at least 1"),
    ("stride float", {"stride": 1.0}, cd.ParameterError, "stride: got 1.0, expected an int or 2 ints"),
    ("stride axes", {"stride": (1, 1, 1)}, cd.ParameterError, r"stride: got \(1, 1, 1\), expected an int or 2 ints"),
    ("stride empty", {"stride": ()}, cd.ParameterError, r"stride: got \(\), expected an int or 2 ints"),
    ("dilation 0", {"dilation": (1, 0)}, cd.ParameterError, r"dilation: got \(1, 0\), expected at least 1"),
    ("dilation none", {"dilation": None}, cd.ParameterError, "dilation: got None, expected an int or 2 ints"),
    (
        "channel_axis",
        {"channel_axis": 2},
        cd.ParameterError,
        "channel_axis: got 2, expected None or an axis of f, which has 2",
    ),
    ("channel_axis pair", {"channel_axis": (0, 1)}, cd.ParameterError, r"channel_axis: got \(0, 1\), expected None"),
    ("dtype complex", {"dtype": complex}, cd.DTypeError, "dtype: got complex128, expected bool"),
    ("dtype nonsense", {"dtype": "f99"}, cd.DTypeError, "dtype: got 'f99', expected bool"),
    ("out shape", {"out": np.ones((5, 6))}, cd.ShapeError, r"out has shape \(5, 6\), expected \(6, 8\)"),
    ("out dtype", {"out": np.ones((6, 8), "f4")}, cd.DTypeError, "out has dtype float32, expected float64"),
    ("out list", {"out": [1.0]}, cd.ParameterError, "out: got list, expected a NumPy array"),
    ("out read-only", {"out": READ_ONLY}, cd.ParameterError, "out is read-only, expected an array that can be written"),
    ("backend", {"backend": "qpu"}, cd.BackendUnavailable, "no backend named 'qpu'"),
    ("backend number", {"backend": 1}, cd.ParameterError, 'backend: got 1, expected "auto" or the name'),
]

CONV = [
    ("x complex", {"x": X * 1j}, cd.DTypeError, "x has dtype complex128"),
    ("x object", {"x": X.astype(object)}, cd.DTypeError, "x has dtype object"),
    (
        "x float32",
        {"x": X.astype("f4")},
        cd.DTypeError,
        "got x float32, weight float64, bias float64, expected one dtype",
    ),
    ("x integers", {"x": X.astype("i4")}, cd.DTypeError, "got x int32, weight float64, bias float64"),
    (
        "bias float32",
        {"bias": B.astype("f4")},
        cd.DTypeError,
        "bias float32, expected one dtype for all, or integers only",
    ),
    ("x of two axes", {"x": X[0, 0]}, cd.ShapeError, "x has shape .*expects 4 axes, or 3 without a batch"),
    ("x of five axes", {"x": X[None]}, cd.ShapeError, "expects 4 axes, or 3 without a batch"),
    ("x empty", {"x": X[:, :, :0]}, cd.ShapeError, "expected no spatial axis of size 0"),
    ("x channels", {"x": X[:, :3]}, cd.ShapeError, r"3 input channels, weight expects 4 \(2 for each of 2 groups\)"),
    ("x one channel", {"x": X[:, :1], "groups": 1}, cd.ShapeError, "1 input channel, weight expects 2$"),
    (
        "x small",
        {"x": X[..., :2]},
        cd.ShapeError,
        r"padded input has sizes \(5, 2\), expected at least .* extent \(3, 3\)",
    ),
    ("x none", {"x": None}, cd.DTypeError, "x has dtype object"),
    (
        "weight of two axes",
        {"weight": W[0, 0]},
        cd.ShapeError,
        r"weight has shape \(3, 3\), expected \(C_out, C/groups, 1 to",
    ),
    ("weight of six axes", {"weight": W[..., None, None]}, cd.ShapeError, "weight has shape .*1 to 3 kernel sizes"),
    ("weight no taps", {"weight": W[..., :0]}, cd.ShapeError, "weight has shape .*expected no size of 0"),
    ("weight no outputs", {"weight": W[:0]}, cd.ShapeError, "weight has shape .*expected no size of 0"),
    ("bias shape", {"bias": B[:5]}, cd.ShapeError, r"bias has shape \(5,\), expected \(6,\), one per output channel"),
    ("bias scalar", {"bias": 1.0}, cd.ShapeError, r"bias has shape \(\), expected \(6,\)"),
    ("stride 0", {"stride": (1, 0)}, cd.ParameterError, r"stride: got \(1, 0\), expected at least 1"),
    ("stride text", {"stride": "2"}, cd.ParameterError, "stride: got '2', expected an int or 2 ints"),
    ("dilation -1", {"dilation": -1}, cd.ParameterError, "dilation: got -1, expected at least 1"),
    ("groups 0", {"groups": 0}, cd.ParameterError, "groups: got 0, expected an int of at least 1"),
    ("groups 1.0", {"groups": 1.0}, cd.ParameterError, "groups: got 1.0, expected an int of at least 1"),
    ("groups 4", {"groups": 4}, cd.ParameterError, "groups: got 4, expected a divisor of the 6 output channels"),
    (
        "padding word",
        {"padding": "half"},
        cd.ParameterError,
        "padding: got 'half', expected ints, .* valid, same, full",
    ),
    ("padding negative", {"padding": -1}, cd.ParameterError, "padding: got -1, expected at least 0"),
    ("padding axes", {"padding": (1, 1, 1)}, cd.ParameterError, r"padding: got \(1, 1, 1\), expected an int or 2 ints"),
    ("padding empty", {"padding": ()}, cd.ParameterError, r"padding: got \(\), expected an int or 2 ints"),
    ("padding pairs", {"padding": ((1, 2),)}, cd.ParameterError, r"expected 2 \(lo, hi\) pairs, one per axis"),
    ("padding triples", {"padding": ((1, 2, 3), (1, 2, 3))}, cd.ParameterError, r"expected 2 \(lo, hi\) pairs"),
    ("padding pair negative", {"padding": ((1, -2), (0, 0))}, cd.ParameterError, "expected no negative amount"),
    ("padding float", {"padding": 0.5}, cd.ParameterError, "padding: got 0.5, expected an int or 2 ints"),
    ("padding bool", {"padding": True}, cd.ParameterError, "padding: got True, expected an int or 2 ints"),
    ("padding_mode", {"padding_mode": "edge"}, cd.ParameterError, "padding_mode: got 'edge', expected one of zeros"),
    ("precision", {"precision": "low"}, cd.ParameterError, "precision: got 'low', expected one of default, fast"),
    ("out shape", {"out": X}, cd.ShapeError, r"out has shape \(2, 4, 5, 6\), expected \(2, 6, 3, 4\)"),
    ("out dtype", {"out": np.ones((2, 6, 3, 4), "f4")}, cd.DTypeError, "out has dtype float32, expected float64"),
    ("out list", {"out": []}, cd.ParameterError, "out: got list, expected a NumPy array"),
    (
        "precision list",
        {"precision": ["fast"]},
        cd.ParameterError,
        r"precision: got \['fast'\], expected one of default",
    ),
    (
        "implementation list",
        {"implementation": []},
        cd.ParameterError,
        r"implementation: got \[\], expected None or the",
    ),
    ("backend", {"backend": "qpu"}, cd.BackendUnavailable, "no backend named 'qpu'"),
    (
        "implementation",
        {"implementation": "numpy:magic"},
        cd.ParameterError,
        "got 'numpy:magic', expected one of numpy:ref",
    ),
]

POOL = [
    ("x complex", {"x": X * 1j}, cd.DTypeError, "x has dtype complex128"),
    ("x object", {"x": X.astype(object)}, cd.DTypeError, "x has dtype object"),
    ("x of two axes", {"x": X[0, 0]}, cd.ShapeError, r"kernel_size 2 expects 3 to 5 axes, \(N, C, \*spatial\)"),
    ("x of six axes", {"x": X[None, None]}, cd.ShapeError, "kernel_size 2 expects 3 to 5 axes"),
    ("x and a tuple", {"kernel_size": (2,)}, cd.ShapeError, r"kernel_size \(2,\) expects 3 axes, or 2 without a batch"),
    ("x no channels", {"x": X[:, :0]}, cd.ShapeError, "expected no axis of size 0 but the batch"),
    ("x empty", {"x": X[:, :, :0]}, cd.ShapeError, "expected no axis of size 0 but the batch"),
    (
        "x small",
        {"kernel_size": 6},
        cd.ShapeError,
        "spatial axis 0 has 5 samples with its padding, expected at least 6",
    ),
    ("kernel_size 0", {"kernel_size": 0}, cd.ParameterError, "kernel_size: got 0, expected at least 1"),
    (
        "kernel_size float",
        {"kernel_size": 2.0},
        cd.ParameterError,
        "kernel_size: got 2.0, expected an int, or 1 to 3 ints",
    ),
    ("kernel_size text", {"kernel_size": "22"}, cd.ParameterError, "kernel_size: got '22', expected an int, or 1 to 3"),
    ("kernel_size empty", {"kernel_size": ()}, cd.ParameterError, r"kernel_size: got \(\), expected an int, or 1 to 3"),
    (
        "kernel_size of floats",
        {"kernel_size": (2, 2.0)},
        cd.ParameterError,
        r"kernel_size: got \(2, 2.0\), expected an int",
    ),
    ("kernel_size of four", {"kernel_size": (2,) * 4}, cd.ParameterError, "expected an int, or 1 to 3 ints"),
    ("stride 0", {"stride": 0}, cd.ParameterError, "stride: got 0, expected at least 1"),
    ("stride empty", {"stride": ()}, cd.ParameterError, r"stride: got \(\), expected an int or 2 ints"),
    (
        "padding large",
        {"padding": 2},
        cd.ParameterError,
        "padding: got 2, expected at most 1, half the window's extent",
    ),
    ("padding word", {"padding": "same"}, cd.ParameterError, "padding: got 'same', expected an int, one per axis, or"),
    ("padding negative", {"padding": -1}, cd.ParameterError, "padding: got -1, expected at least 0"),
    ("padding empty", {"padding": ()}, cd.ParameterError, r"padding: got \(\), expected an int or 2 ints"),
    ("backend", {"backend": "qpu"}, cd.BackendUnavailable, "no backend named 'qpu'"),
    (
        "implementation",
        {"implementation": "x:y", "backend": "numpy"},
        cd.ParameterError,
        "got 'x:y', expected one of numpy:",
    ),
    ("out shape", {"out": X}, cd.ShapeError, r"out has shape \(2, 4, 5, 6\), expected \(2, 4, 2, 3\)"),
    ("out dtype", {"out": np.ones((2, 4, 2, 3), "f4")}, cd.DTypeError, "out has dtype float32, expected float64"),
    ("out list", {"out": []}, cd.ParameterError, "out: got list, expected a NumPy array"),
]
MAX = [
    ("dilation 0", {"dilation": 0}, cd.ParameterError, "dilation: got 0, expected at least 1"),
    ("dilated padding", {"dilation": 3, "padding": 3}, cd.ParameterError, "expected at most 2, half the window's"),
    ("out of two", {"return_indices": True, "out": X}, cd.ParameterError, "out: got one object, expected a pair"),
    (
        "out[0]", {"return_indices": True, "out": (X, X)}, cd.ShapeError,
        r"out\[0\] has shape \(2, 4, 5, 6\), expected \(2, 4, 2, 3\)",
    ),
    (
        "out[1]", {"return_indices": True, "out": (np.ones((2, 4, 2, 3)),) * 2}, cd.DTypeError,
        r"out\[1\] has dtype float64, expected int64",
    ),
]  # fmt: skip
AVG = [
    ("divisor 0", {"divisor_override": 0}, cd.ParameterError, "divisor_override: got 0, expected None or an int but 0"),
    ("divisor 0.5", {"divisor_override": 0.5}, cd.ParameterError, "divisor_override: got 0.5, expected"),
    (
        "volume smaller than its window", {"x": np.ones((1, 1, 1, 4, 4)), "padding": 1}, cd.ShapeError,
        r"the input has sizes \(1, 4, 4\), in 3-D expected at least the window's \(2, 2, 2\)",
    ),
]  # fmt: skip
FINE: dict[str, dict[str, Any]] = {
    "correlate": {"f": F, "g": G},
    "convolve": {"f": F, "g": G},
    "conv": {"x": X, "weight": W, "bias": B, "groups": 2},
    "max_pool": {"x": X, "kernel_size": 2},
    "avg_pool": {"x": X, "kernel_size": 2},
}
CASES = [
    pytest.param(name, wrong, error, told, id=f"{name}-{what}")
    for name, cases in {
        "correlate": PLAIN, "convolve": PLAIN, "conv": CONV, "max_pool": POOL + MAX, "avg_pool": POOL + AVG
    }.items()
    for what, wrong, error, told in cases
]  # fmt: skip


@pytest.mark.parametrize(("name", "wrong", "error", "told"), CASES)
def test_a_wrong_argument_is_named(name: str, wrong: dict[str, Any], error: type[Exception], told: str) -> None:
    prefix = "" if {"backend", "implementation", "precision"} & set(wrong) else f"^{name}: "
    with pytest.raises(error, match=f"{prefix}.*{told}" if prefix else told):
        getattr(cd, name)(**FINE[name] | wrong)


@pytest.mark.parametrize("name", FINE)
def test_the_same_calls_are_fine_otherwise(name: str) -> None:
    assert np.isfinite(getattr(cd, name)(**FINE[name])).all()


@pytest.mark.parametrize(
    ("error", "built_in"),
    [
        (cd.ShapeError, ValueError), (cd.ParameterError, ValueError), (cd.DTypeError, TypeError),
        (cd.BackendUnavailable, RuntimeError), (cd.BackendError, RuntimeError), (cd.FormatError, ValueError),
        (cd.CommandRejected, Exception),
    ],
)  # fmt: skip
def test_errors_are_what_a_stranger_would_catch(error: type[Exception], built_in: type[Exception]) -> None:
    assert issubclass(error, cd.ConvDeskError)
    assert issubclass(error, built_in)


def test_public_names_are_there() -> None:
    for name in cd.__all__:
        assert getattr(cd, name) is not None
    assert set(cd.__all__) <= set(dir(cd))
    with pytest.raises(AttributeError, match="module 'convdesk' has no attribute 'sharpen'"):
        cd.sharpen  # noqa: B018
