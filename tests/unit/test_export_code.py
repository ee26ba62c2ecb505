# SPDX-License-Identifier: GPL-3.0-or-later
"""Exported programs are run, away from ConvDesk, and give what the desk gives."""

from __future__ import annotations

import importlib.util
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from convdesk.desk import Desk
from convdesk.document.commands import AddLayer
from convdesk.errors import ParameterError, ShapeError
from convdesk.geometry.boundary import MODES
from convdesk.lab.code import program
from convdesk.network.layers import AvgPool, Conv, Filter, Layer, MaxPool, ReLU
from convdesk.network.stack import infer

LIBRARIES = {"numpy": "numpy", "scipy": "scipy", "opencv": "cv2", "torch": "torch"}
RNG = np.random.default_rng(7)


@pytest.fixture(params=LIBRARIES)
def library(request: pytest.FixtureRequest) -> str:
    if importlib.util.find_spec(LIBRARIES[request.param]) is None:
        pytest.skip(f"{request.param} is not installed")
    return request.param


def integers(*shape: int) -> np.ndarray:
    return RNG.integers(-4, 5, shape).astype(np.float32)


def named(layers: list[Layer]) -> list[Layer]:
    desk = Desk(workers=1)
    for layer in layers:
        desk.apply(AddLayer(layer))
    return list(desk.state.layers)


def exported(layers: list[Layer], x: np.ndarray, library: str) -> np.ndarray:
    """Write the program, execute it, call its function."""
    text = program(infer(named(layers), x.shape[0], x.shape[1:]), library)
    assert "convdesk" not in text.replace("a ConvDesk document", "").replace("by ConvDesk", "")
    space: dict[str, object] = {"__name__": "exported"}
    exec(compile(text, f"<exported to {library}>", "exec"), space)
    result = space["network"](x)  # type: ignore[operator]
    assert isinstance(result, np.ndarray)
    assert result.dtype == np.float32
    return result


def on_desk(layers: list[Layer], x: np.ndarray) -> np.ndarray:
    desk = Desk(workers=1)
    for layer in layers:
        desk.apply(AddLayer(layer))
    return desk.run(x)


def test_the_demo_stack(library: str) -> None:
    desk = Desk.open(Path(__file__).parents[2] / "resources/samples/demo.convdesk", workers=1)
    x = desk.source.array()
    got = exported(list(desk.state.layers), x, library)
    np.testing.assert_allclose(got, desk.run(), rtol=1e-4, atol=2e-3)


@pytest.mark.parametrize("mode", [*MODES[:1], 3.0, *MODES[2:]], ids=str)
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"flip": True, "bias": 2.0},
        {"stride": (2, 3)},
        {"dilation": (2, 1), "stride": 2},
        {"padding": ((0, 3), (4, 1))},
        {"padding": "full", "flip": True},
        {"padding": "valid"},
        {"padding": ((9, 14), (11, 8))},
    ],
    ids=str,
)
def test_a_filter_is_exact_on_integers(library: str, mode: str | float, options: dict[str, object]) -> None:
    x = integers(2, 7, 8)
    for size in ((3, 3), (2, 5), (5, 1)):
        layers = [Filter(integers(*size), padding_mode=mode, **options)]
        np.testing.assert_array_equal(exported(layers, x, library), on_desk(layers, x))


@pytest.mark.parametrize("mode", [*MODES[:1], -2.5, *MODES[2:]], ids=str)
def test_a_conv_is_exact_on_integers(library: str, mode: str | float) -> None:
    x = integers(4, 9, 8)
    weight, bias = integers(6, 2, 3, 2), integers(6)
    for options in ({"padding": 1}, {"padding": ((2, 0), (0, 1)), "stride": 2, "flip": True, "dilation": 2}):
        layers = [Conv(4, 6, (3, 2), groups=2, weight=weight, bias=bias, padding_mode=mode, **options)]
        np.testing.assert_array_equal(exported(layers, x, library), on_desk(layers, x))


@pytest.mark.parametrize(
    "options",
    [
        {"kernel_size": 2},
        {"kernel_size": 3, "stride": 2, "padding": 1},
        {"kernel_size": (3, 2), "stride": (2, 3), "padding": ((1, 0), (0, 1))},
        {"kernel_size": 3, "stride": 2, "ceil_mode": True},
        {"kernel_size": 3, "stride": 2, "padding": ((1, 0), (0, 1)), "ceil_mode": True},
        {"kernel_size": 4, "stride": 3, "padding": 2, "ceil_mode": True},
    ],
    ids=str,
)
def test_pools(library: str, options: dict[str, object]) -> None:
    x = integers(3, 10, 12)
    np.testing.assert_array_equal(exported([MaxPool(**options)], x, library), on_desk([MaxPool(**options)], x))
    for counted in (True, False):
        layers = [AvgPool(**options, count_include_pad=counted)]
        np.testing.assert_allclose(exported(layers, x, library), on_desk(layers, x), rtol=1e-6, atol=1e-6)


def test_a_dilated_max_pool_after_a_relu(library: str) -> None:
    layers = [ReLU(), MaxPool(3, stride=2, padding=1, dilation=2)]
    x = integers(2, 11, 13)
    np.testing.assert_array_equal(exported(layers, x, library), on_desk(layers, x))


@pytest.mark.parametrize("shape", [(2, 30), (1, 6, 7, 8)], ids=["signal", "volume"])
def test_signals_and_volumes(library: str, shape: tuple[int, ...]) -> None:
    ndim = len(shape) - 1
    layers = [
        Filter(integers(*(3,) * ndim), padding_mode="reflect"),
        ReLU(),
        Conv(shape[0], 3, (2,) * ndim, weight=integers(3, shape[0], *(2,) * ndim), bias=True, padding=1, flip=True),
        MaxPool(2),
        AvgPool(2, stride=1),
    ]
    x = integers(*shape)
    if library == "opencv":
        with pytest.raises(ParameterError, match="OpenCV filters images"):
            exported(layers, x, library)
        return
    np.testing.assert_allclose(exported(layers, x, library), on_desk(layers, x), rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize("seed", range(12))
def test_random_stacks(library: str, seed: int) -> None:
    rng = random.Random(seed)
    channels, layers = 2, list[Layer]()
    for _ in range(rng.randint(1, 4)):
        kind = rng.choice(("filter", "filter", "conv", "relu", "max", "avg"))
        size = (rng.randint(1, 3), rng.randint(1, 4))
        options = {"stride": rng.choice((1, 2)), "padding": ((rng.randint(0, 3), rng.randint(0, 3)),) * 2}
        mode = rng.choice((*MODES[:1], *MODES[2:]))
        if kind == "filter":
            layers.append(Filter(integers(*size), padding_mode=mode, flip=rng.random() < 0.5, **options))
        elif kind == "conv":
            weight = integers(3, channels, *size)
            layers.append(Conv(channels, 3, size, weight=weight, bias=integers(3), padding_mode=mode, **options))
            channels = 3
        elif kind == "relu":
            layers.append(ReLU())
        else:
            layers.append((MaxPool if kind == "max" else AvgPool)(2, padding=((0, 1), (1, 0))))
    x = integers(2, 17, 15)
    wanted = on_desk(layers, x)
    scale = max(1.0, float(np.abs(wanted).max()))
    np.testing.assert_allclose(exported(layers, x, library), wanted, rtol=1e-5, atol=1e-5 * scale)


def test_a_program_takes_inputs_of_any_size(library: str) -> None:
    pools = [MaxPool(3, stride=2, padding=1, ceil_mode=True), AvgPool(2, ceil_mode=True)]
    layers = named([Filter(integers(3, 3)), *pools])
    text = program(infer(layers, 1, (8, 8)), library)
    space: dict[str, object] = {"__name__": "exported"}
    exec(text, space)
    x = integers(3, 21, 14)
    np.testing.assert_allclose(space["network"](x), on_desk(layers, x), rtol=1e-6)  # type: ignore[operator]


def test_the_program_runs_by_itself(library: str, tmp_path: Path) -> None:
    layers, x = named([Filter(integers(3, 3)), ReLU()]), integers(1, 6, 5)
    (tmp_path / "made.py").write_text(program(infer(layers, 1, (6, 5)), library), encoding="utf-8")
    np.save(tmp_path / "in.npy", x)
    command = [sys.executable, "-W", "error", "made.py", "in.npy", "out.npy"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "shape (1, 6, 5)" in done.stdout
    np.testing.assert_array_equal(np.load(tmp_path / "out.npy"), on_desk(layers, x))
    assert subprocess.run(command[:-2], cwd=tmp_path, capture_output=True).returncode == 1


def test_large_weights_are_packed_and_exact() -> None:
    weight = RNG.standard_normal((40, 12, 3, 3)).astype(np.float32)
    layers = [Conv(12, 40, 3, weight=weight, bias=False)]
    text = program(infer(named(layers), 12, (5, 5)), "numpy")
    assert "base64" in text
    space: dict[str, object] = {"__name__": "exported"}
    exec(text, space)
    np.testing.assert_array_equal(space["CONV1"], weight)


@pytest.mark.parametrize("values", [[[0.1, -0.0], [1e-30, 3.4e38]], [[1 / 3, 2e-45], [7, -1]]], ids=["small", "odd"])
def test_every_digit_of_a_kernel_survives(values: list[list[float]]) -> None:
    space: dict[str, object] = {"__name__": "exported"}
    exec(program(infer([Filter(np.array(values), name="k")], 1, (5, 5)), "numpy"), space)
    assert space["K"].tobytes() == np.array(values, np.float32).tobytes()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "name", ["a\nraise SystemExit", "#", "import", "3 rows", "np", "f", "ä", 'x"""\\', "pad", "EDGES", "\u2028b"]
)
def test_names_of_layers_stay_names(name: str, library: str) -> None:
    layers = [Filter(integers(3, 3), name=name), Filter(integers(3, 3), name=f"{name}_2"), ReLU(name="edges")]
    x = integers(1, 5, 5)
    space: dict[str, object] = {"__name__": "exported"}
    exec(program(infer(layers, 1, (5, 5)), library, name), space)
    np.testing.assert_array_equal(space["network"](x), on_desk(layers, x))  # type: ignore[operator]


def test_layers_that_are_off_are_left_out() -> None:
    layers = [Filter(integers(3, 3), name="a", enabled=False), ReLU(name="b")]
    assert "correlate" not in program(infer(layers, 1, (5, 5)), "numpy")


def test_what_cannot_be_exported_says_why() -> None:
    with pytest.raises(ParameterError, match="no layers"):
        program([], "numpy")
    with pytest.raises(ParameterError, match="numpy, scipy, opencv, torch"):
        program(infer([ReLU(name="r")], 1, (5, 5)), "fortran")
    with pytest.raises(ShapeError, match="c cannot run: 1 input channel"):
        program(infer([Conv(3, 4, 3, name="c")], 1, (5, 5)), "numpy")
