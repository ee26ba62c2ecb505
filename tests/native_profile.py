# SPDX-License-Identifier: GPL-3.0-or-later
"""Drive every native routine over small random problems and compare with the NumPy reference, bit for bit.

A program, not a pytest module: it needs NumPy and ConvDesk alone, so it runs under an emulated processor and under the
sanitizers, where starting pytest with all its plugins would take longer than the checks. The data are small integers,
so sums are exact in any order and ``==`` is the right comparison.

    python tests/native_profile.py [CASES]
"""

from __future__ import annotations

import random
import sys
from collections import Counter
from typing import Any

import numpy as np

import convdesk as cd

MODES = ("zeros", "replicate", "reflect", "symmetric", "circular", 2.0)


def integers(rng: random.Random, shape: tuple[int, ...], dtype: str) -> np.ndarray:
    """Small integers, C-contiguous or (one time in three) a strided view of a larger array."""
    generator = np.random.default_rng(rng.randrange(2**32))
    if rng.random() < 1 / 3:
        wide = generator.integers(-4, 5, (*shape[:-1], 2 * shape[-1] + 1)).astype(dtype)
        return wide[..., 1::2][..., : shape[-1]]
    return generator.integers(-4, 5, shape).astype(dtype)


def conv_case(rng: random.Random) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
    """A convolution: its routine's arguments."""
    axes, dtype = rng.choice((1, 2, 2, 2, 3)), rng.choice(("f4", "f8"))
    groups = rng.choice((1, 1, 2, 3))
    inputs, outputs = groups * rng.randint(1, 5), groups * rng.randint(1, 9)
    kernel = tuple(rng.randint(1, 5 if axes < 3 else 3) for _ in range(axes))
    dilation = tuple(rng.choice((1, 1, 2, 3)) for _ in kernel)
    longest = 150 if axes == 1 else 40 if axes == 2 else 12
    size = tuple(rng.randint((k - 1) * d + 1, (k - 1) * d + longest) for k, d in zip(kernel, dilation, strict=True))
    settings = {
        "stride": tuple(rng.choice((1, 1, 2, 3)) for _ in kernel),
        "padding": tuple((rng.randint(0, k), rng.randint(0, k)) for k in kernel),
        "dilation": dilation,
        "groups": groups,
        "padding_mode": rng.choice(MODES),
        "flip": rng.random() < 0.3,
    }
    bias = integers(rng, (outputs,), dtype) if rng.random() < 0.5 else None
    x = integers(rng, (rng.randint(1, 2), inputs, *size), dtype)
    return "conv", (x, integers(rng, (outputs, inputs // groups, *kernel), dtype), bias), settings


def pool_case(rng: random.Random) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
    """A pooling: its routine's arguments."""
    name, axes, dtype = rng.choice(("max_pool", "avg_pool")), rng.choice((1, 2, 2, 3)), rng.choice(("f4", "f8"))
    kernel = tuple(rng.choice((1, 2, 2, 3, 4)) for _ in range(axes))
    settings: dict[str, Any] = {
        "stride": tuple(rng.randint(1, 3) for _ in kernel),
        "padding": tuple(rng.randint(0, k // 2) for k in kernel),
        "ceil_mode": rng.random() < 0.3,
    }
    if name == "max_pool":
        settings |= {"dilation": tuple(rng.choice((1, 1, 2)) for _ in kernel), "return_indices": rng.random() < 0.5}
    else:  # a power of two, so that the division is exact
        settings |= {"divisor_override": 2 ** rng.randint(0, 4)}
    size = tuple(rng.randint(2 * k, 2 * k + (100 if axes == 1 else 30 if axes == 2 else 10)) for k in kernel)
    return name, (integers(rng, (rng.randint(1, 2), rng.randint(1, 3), *size), dtype), kernel), settings


def gradient_case(rng: random.Random) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
    """A convolution backwards, by its input or its weight."""
    _, (x, weight, _), settings = conv_case(rng)
    grad = integers(rng, cd.conv(x, weight, **settings, backend="numpy").shape, x.dtype.str[1:])
    if rng.random() < 0.5:
        return "conv_grad_input", (grad, weight, x.shape), settings
    return "conv_grad_weight", (grad, x, weight.shape), settings


def local_case(rng: random.Random) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
    """A locally connected layer."""
    kernel, dtype = tuple(rng.randint(1, 3) for _ in range(rng.choice((1, 2, 3)))), rng.choice(("f4", "f8"))
    size = tuple(rng.randint(3, 24 // len(kernel)) for _ in kernel)
    inputs, outputs = rng.randint(1, 4), rng.randint(1, 4)
    x = integers(rng, (rng.randint(1, 2), inputs, *size), dtype)
    positions = cd.conv(x, np.ones((1, inputs, *kernel), dtype), padding=1, backend="numpy").shape[2:]
    return "local_conv", (x, integers(rng, (outputs, inputs, *kernel, *positions), dtype)), {"padding": 1}


def match_case(rng: random.Random) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
    """A template and an image."""
    axes, dtype = rng.choice((1, 2, 2, 3)), rng.choice(("f4", "f8"))
    f = integers(rng, tuple(rng.randint(5, 60 // axes) for _ in range(axes)), dtype)
    g = integers(rng, tuple(rng.randint(1, 5) for _ in range(axes)), dtype)
    step = rng.choice(("none", "center", "cosine", "pearson"))
    return "match", (f, g, step), {"shape": rng.choice(("valid", "same")), "boundary": rng.choice(MODES)}


def other_pool_case(rng: random.Random) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
    """Minimum, Lp and adaptive pools, and the ways back."""
    axes, dtype = rng.choice((1, 2, 2, 3)), rng.choice(("f4", "f8", "i8", "u8"))
    size = tuple(rng.randint(4, 40 // axes) for _ in range(axes))
    x = integers(rng, (rng.randint(1, 2), rng.randint(1, 3), *size), "f8" if dtype in ("i8", "u8") else dtype)
    name = rng.choice(("min_pool", "lp_pool", "max_pool", "adaptive_max_pool", "adaptive_avg_pool", "max_unpool",
                       "max_pool_grad", "avg_pool_grad"))  # fmt: skip
    if name in ("min_pool", "max_pool", "adaptive_max_pool"):
        x = np.abs(x).astype(dtype)
    window = tuple(rng.randint(1, 3) for _ in range(axes))
    if name.startswith("adaptive"):
        sizes = tuple(rng.randint(1, 5) for _ in range(axes))
        return name, (x, sizes), {} if name == "adaptive_avg_pool" else {"return_indices": rng.random() < 0.5}
    if name in ("min_pool", "max_pool"):
        return name, (x, window), {"stride": rng.randint(1, 3), "return_indices": rng.random() < 0.5}
    if name == "lp_pool":
        return name, (np.abs(x), rng.choice((1, 2, 3.5)), window), {"ceil_mode": rng.random() < 0.5}
    if name == "avg_pool_grad":
        shape = cd.avg_pool(x, window, backend="numpy").shape
        return name, (integers(rng, shape, x.dtype.str[1:]), x.shape, window), {"divisor_override": 4}
    values, indices = cd.max_pool(x, window, return_indices=True, backend="numpy")
    if name == "max_unpool":
        return name, (values, indices, window), {"output_size": x.shape[2:]}
    return name, (values, indices, x.shape), {}


CASES = (pool_case, conv_case, gradient_case, local_case, match_case, other_pool_case, other_pool_case)
ROUNDED = ("adaptive_avg_pool", "lp_pool", "match")
"""Results that no order of summation makes exact: compared within some units of rounding."""


def differences(found: Any, expected: Any, rounded: bool) -> bool:
    """Whether two results, or pairs of results, differ anywhere."""
    pairs = zip(found, expected, strict=True) if isinstance(found, tuple) else ((found, expected),)
    for a, b in pairs:
        within = 1e-5 if a.dtype == np.float32 else 1e-11
        same = np.allclose(a, b, within, within) if rounded else np.array_equal(a, b)
        if a.dtype != b.dtype or not same:
            return True
    return False


def main(cases: int) -> int:
    """Run ``cases`` problems through every native routine that takes them; the exit code is 1 if any was wrong."""
    rng = random.Random(20260101)
    routines = [item.name for item in cd.get_backend("native").implementations()]
    ran, wrong, refused = Counter(), Counter(), Counter()
    for number in range(cases):
        name, arguments, settings = CASES[number % len(CASES)](rng)
        function = getattr(cd, name)
        expected = function(*arguments, **settings, backend="numpy")
        for routine in routines:
            cd.set_threads(1 + number % 2)
            try:
                found = function(*arguments, **settings, backend="native", implementation=routine)
            except cd.BackendError:
                refused[routine] += 1
                continue
            ran[routine] += 1
            if differences(found, expected, name in ROUNDED):
                wrong[routine] += 1
                print(f"wrong: {routine} {name} {[getattr(a, 'shape', a) for a in arguments]} {settings}")
    device = next(info.device for info in cd.backends() if info.name == "native")
    print(f"{device}: " + ", ".join(f"{name} {ran[name]} ran, {wrong[name]} wrong" for name in routines))
    return 1 if wrong or set(ran) != set(routines) else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 200))
