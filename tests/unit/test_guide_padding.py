# SPDX-License-Identifier: GPL-3.0-or-later
"""The guide's page on padding names: every row is read from the page, computed there and here, and compared."""

from __future__ import annotations

import importlib
import re
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import convdesk as cd
import convdesk_resources

PAGE = Path(convdesk_resources.__path__[0]) / "guide" / "padding-names.md"
MODULES = {"NumPy": (), "SciPy": ("scipy.signal", "scipy.ndimage"), "PyTorch": ("torch",), "OpenCV": ("cv2",)}
NEEDS_NOTHING = {"ConvDesk", "continued", "MATLAB padarray"}
SIGNAL = np.array([1.0, 2.0, 3.0])
LEFT, RIGHT = np.array([1.0, 0, 0, 0, 0]), np.array([0, 0, 0, 0, 1.0])


def tables() -> list[list[list[str]]]:
    """Every table of the page: rows of cells, the header first."""
    found: list[list[list[str]]] = []
    inside = False
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if line.startswith("|"):
            cells = [cell.strip() for cell in line.strip().strip("|").split(" | ")]
            if not inside:
                found.append([])
            if not set(line) <= set("|-"):
                found[-1].append([cell.strip("| ") for cell in cells])
        inside = line.startswith("|")
    return found


(EDGES, CALLS) = tables()


def by_numpy(mode: str) -> np.ndarray:
    return np.pad(SIGNAL, 2, mode=mode)  # type: ignore[call-overload]


def by_ndimage(mode: str) -> np.ndarray:
    ndimage = pytest.importorskip("scipy.ndimage")
    left, right = (ndimage.correlate1d(SIGNAL, kernel, mode=mode) for kernel in (LEFT, RIGHT))
    return np.r_[left[:2], SIGNAL, right[-2:]]


def by_convolve2d(mode: str) -> np.ndarray:
    signal = pytest.importorskip("scipy.signal")
    unit = np.ones((1, 5)) * [0, 0, 1.0, 0, 0]
    return np.asarray(signal.convolve2d(SIGNAL[None], unit, "full", boundary=mode)[0])


def by_torch(mode: str) -> np.ndarray:
    torch = pytest.importorskip("torch")
    return np.asarray(torch.nn.functional.pad(torch.from_numpy(SIGNAL)[None, None], (2, 2), mode=mode)[0, 0])


def by_opencv(name: str) -> np.ndarray:
    cv2 = pytest.importorskip("cv2")
    return np.asarray(cv2.copyMakeBorder(SIGNAL[None], 0, 0, 2, 2, getattr(cv2, name)))[0]


HOW: dict[str, Callable[[str], np.ndarray]] = {
    "numpy.pad": by_numpy,
    "scipy.ndimage": by_ndimage,
    "scipy.signal.convolve2d": by_convolve2d,
    "torch.nn.functional.pad": by_torch,
    "OpenCV": by_opencv,
}


def word(cell: str) -> str:
    """What stands in a code span, without quotation marks."""
    return cell.strip("`").strip('"')


@pytest.mark.parametrize("row", EDGES[1:], ids=lambda row: word(row[0]))
def test_an_edge_is_continued_as_the_page_shows(row: list[str]) -> None:
    shown = [float(number) for number in row[1].split()]
    mode = word(row[0])
    got = cd.correlate(SIGNAL, np.array([0, 0, 1.0, 0, 0]), "full", boundary=mode)
    assert got.tolist() == shown
    got = cd.conv(SIGNAL[None, None], np.ones((1, 1, 1)), padding=2, padding_mode=mode)
    assert got[0, 0].tolist() == shown


@pytest.mark.parametrize(
    ("library", "name", "shown"),
    [
        pytest.param(library, word(cell), row[1], id=f"{library}-{word(cell)}")
        for row in EDGES[1:]
        for library, cell in zip(EDGES[0], row, strict=True)
        if cell != "-" and library not in NEEDS_NOTHING
    ],
)
def test_another_librarys_word_for_an_edge(library: str, name: str, shown: str) -> None:
    assert HOW[library](name).tolist() == [float(number) for number in shown.split()]


def names(library: str) -> dict[str, Any]:
    """What the rows of a library speak of: small arrays of whole numbers, and the library."""
    rng = np.random.default_rng(5)

    def some(*shape: int) -> np.ndarray:
        return rng.integers(-9, 10, shape).astype(np.float64)

    found: dict[str, Any] = {
        "f": some(9), "g": some(3), "h": some(4), "F": some(8, 9), "G": some(3, 5), "H": some(2, 4),
        "X": some(2, 3, 8, 9), "W": some(4, 3, 3, 4), "V": some(3, 2, 3, 4), "np": np, "cd": cd,
    }  # fmt: skip
    for module in MODULES.get(library, ()):
        found[module.rpartition(".")[2]] = pytest.importorskip(module)
    return found


def computed(library: str, expression: str, here: bool) -> np.ndarray:
    """An expression of the page; PyTorch's gets tensors, OpenCV's template matching float32."""
    given = names(library)
    if not here and library == "PyTorch":
        torch = importlib.import_module("torch")
        given |= {name: torch.from_numpy(given[name]) for name in "XWV"}
    if "matchTemplate" in expression or (here and "cd.match" in expression):
        given |= {name: given[name].astype(np.float32) for name in "FG"}
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Using padding='same' with even kernel lengths")
        return np.asarray(eval(expression, {}, given))  # our own page, not input


@pytest.mark.parametrize("row", CALLS[1:], ids=lambda row: f"{row[0]}: {word(row[1])}")
def test_a_call_there_is_the_call_here(row: list[str]) -> None:
    library, there, here = row[0], row[1].strip("`"), row[2].strip("`")
    ours = computed(library, here, here=True)
    if library == "MATLAB":
        full = cd.convolve(names("")[there[there.index("(") + 1]], names("")[there[there.index(",") + 2]])
        assert 0 < ours.size <= full.size
        return
    theirs = computed(library, there, here=False)
    assert ours.shape == theirs.shape
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-2 if "matchTemplate" in there else 1e-9)


def test_the_page_names_all_boundaries_and_libraries() -> None:
    from convdesk.geometry import MODES

    assert {word(row[0]) for row in EDGES[1:]} == set(MODES) - {"constant"}
    assert {row[0] for row in CALLS[1:]} == {*MODULES, "MATLAB"}
    assert not re.search(r"[“”]", PAGE.read_text(encoding="utf-8"))


def test_the_page_on_precision_names_every_function() -> None:
    from convdesk import functional

    page = (PAGE.parent / "precision.md").read_text(encoding="utf-8")
    told = set(re.findall(r"`([a-z_]+)`", page))
    assert set(functional.__all__) <= told
