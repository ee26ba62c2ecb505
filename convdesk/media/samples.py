# SPDX-License-Identifier: GPL-3.0-or-later
"""The inputs that come with ConvDesk: photographs, a 16-bit image, a signal, a volume, and those made by a formula."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

import numpy as np

from convdesk.errors import ParameterError
from convdesk.media.open import open_source
from convdesk.media.source import ArraySource, Source
from convdesk.media.synthetic import gigapixel, synthetic

_OURS = "GPL-3.0-or-later (made by ConvDesk)"


@dataclass(frozen=True)
class Sample:
    """One input of the Samples menu: a file in resources/samples, or a generator."""

    name: str
    title: str
    kind: str
    licence: str
    path: Path | None = None
    generator: Callable[[], Source] | None = None

    def open(self) -> Source:
        """Open the file, or make the input."""
        if self.generator is not None:
            return self.generator()
        assert self.path is not None
        return open_source(self.path)


def samples_folder() -> Path:
    """The folder resources/samples, wherever the package is installed."""
    return Path(str(resources.files("convdesk_resources"))) / "samples"


def samples() -> list[Sample]:
    """All samples, photographs first; nothing is opened or computed yet."""
    return list(_samples().values())


def open_sample(name: str) -> Source:
    """Open a sample by its name.

    Raises
    ------
    ParameterError : there is no sample of that name; the message lists them.
    """
    if name not in _samples():
        raise ParameterError(f"sample {name!r}, expected one of {', '.join(_samples())}")
    return _samples()[name].open()


def digits() -> tuple[np.ndarray, np.ndarray]:
    """Handwritten digits for experiments in learning.

    Returns
    -------
    Images, uint8 (1797, 8, 8) with values 0…16, and their labels, uint8 (1797,).
    """
    with gzip.open(samples_folder() / "digits.csv.gz", "rt", encoding="ascii") as lines:
        table = np.loadtxt(lines, delimiter=",", dtype=np.uint8)
    return table[:, :64].reshape(-1, 8, 8), table[:, 64]


@cache
def _samples() -> dict[str, Sample]:
    folder, public = samples_folder(), "public domain"
    files = (
        ("camera", "Cameraman, grey", "image", "CC0", "camera.png"),
        ("chelsea", "Chelsea the cat", "image", "CC0", "chelsea.png"),
        ("coffee", "Coffee cup", "image", "CC0", "coffee.png"),
        ("brick", "Brick wall, grey", "image", "CC0", "brick.png"),
        ("blue_marble", "Blue Marble, 14.6 megapixels", "image", public, "blue_marble.jpg"),
        ("cells16", "Cells, 16 bit", "image", _OURS, "cells16.tif"),
        ("sst_nino3", "Sea temperature, monthly from 1950", "signal", public, "sst_nino3.csv"),
        ("mni152", "Brain, average of 152", "volume", "permissive, with notice", "mni152.npz"),
    )
    made: tuple[tuple[str, str, str, Callable[[], Source]], ...] = (
        ("impulse", "Impulse", "image", lambda: synthetic("impulse", (33, 33))),
        ("step", "Step", "image", lambda: synthetic("step", (64, 64))),
        ("checkerboard", "Checkerboard", "image", lambda: synthetic("checkerboard", (128, 128))),
        ("noise", "Noise", "image", lambda: synthetic("noise", (256, 256))),
        ("sweep", "Sweep (zone plate)", "image", lambda: synthetic("sweep", (401, 401))),
        ("impulse_1d", "Impulse", "signal", lambda: synthetic("impulse", (129,))),
        ("step_1d", "Step", "signal", lambda: synthetic("step", (256,))),
        ("noise_1d", "Noise", "signal", lambda: synthetic("noise", (512,))),
        ("sweep_1d", "Sweep", "signal", lambda: synthetic("sweep", (1024,))),
        ("impulse_3d", "Impulse", "volume", lambda: synthetic("impulse", (33, 33, 33))),
        ("checkerboard_3d", "Checkerboard", "volume", lambda: synthetic("checkerboard", (64, 64, 64))),
        ("gigapixel", "Landscape, 1 gigapixel, computed", "image", gigapixel),
    )
    listed = [Sample(name, title, kind, licence, folder / file) for name, title, kind, licence, file in files]
    listed.append(Sample("digits", "Handwritten digits, 8 × 8", "image", "CC BY 4.0", None, _digit_sheet))
    listed += [Sample(name, title, kind, _OURS, None, make) for name, title, kind, make in made]
    return {sample.name: sample for sample in listed}


def _digit_sheet() -> Source:
    """The digits as one image of 36 × 50 cells; the last three are empty."""
    images, _ = digits()
    sheet = np.zeros((1800, 8, 8), np.float32)
    sheet[: len(images)] = images
    tiled = sheet.reshape(36, 50, 8, 8).swapaxes(1, 2).reshape(1, 288, 400)
    return ArraySource(tiled, "image", "digits", (0.0, 16.0), stored_dtype=np.dtype(np.uint8))
