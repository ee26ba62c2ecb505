# SPDX-License-Identifier: GPL-3.0-or-later
"""The name of a problem: one line that says all of it, and is read back.

::

    conv2d:fwd:f32:n1c3x224x224:o64k7x7s2x2p3+3x3+3
    conv1d:grad_weight:f64:n1c8x400:o8k5d2p4+4:g8:reflect:flip
    max_pool2d:fwd:f64:n8c16x28x28:k3x3s2x2p1+1x1+1:idx
    adaptive_avg_pool2d:fwd:f32:n1c64x7x9:a3x3
    match2d:fwd:f32:n1c1x512x512:k32x32:pearson

After operator, direction and dtype come batch, channels and sizes; then the window, where s, d, p and v (overhang of
ceil_mode) are left out when they are 1, 1, 0 and 0 (a: output sizes of an adaptive pool); then groups, edge mode and
flags.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from convdesk.errors import ParameterError
from convdesk.geometry import MODES, Window
from convdesk.network.problem import DTYPES, NORMALIZE, OPERATORS, Problem

_INTS = r"\d+(?:x\d+)*"
_PADS = r"-?\d+\+-?\d+(?:x-?\d+\+-?\d+)*"
_NAME = re.compile(
    r"(?P<op>[a-z_]+?)(?P<ndim>[123])d:(?P<direction>[a-z_]+):(?P<dtype>[a-z0-9]+)"
    rf":n(?P<batch>\d+)c(?P<channels>\d+)x(?P<spatial>{_INTS})"
    rf":(?:a(?P<a>{_INTS})|(?:o(?P<out>\d+))?k(?P<k>{_INTS})"
    rf"(?:s(?P<s>{_INTS}))?(?:d(?P<d>{_INTS}))?(?:p(?P<p>{_PADS}))?(?:v(?P<v>{_INTS}))?)"
    r"(?P<flags>(?::[a-z0-9.-]+)*)"
)
_WORDS = {"flip": ("flip", True), "bias": ("bias", True), "idx": ("indices", True), "dataonly": ("count_pad", False)}


def spell(problem: Problem) -> str:
    """The name of a problem."""
    shape = f"n{problem.batch}c{problem.channels}x{_by_x(problem.spatial)}"
    parts = [f"{problem.op}{problem.ndim}d", problem.direction, problem.dtype, shape, _layer(problem)]
    parts += [f"g{problem.groups}"] if problem.groups != 1 else []
    parts += [problem.padding_mode] if problem.padding_mode != "zeros" else []
    parts += [word for word, (field, value) in _WORDS.items() if getattr(problem, field) == value]
    parts += [f"div{problem.divisor}"] if problem.divisor else []
    parts += [f"norm{problem.norm!r}"] if problem.norm else []
    parts += [problem.normalize] if problem.normalize else []
    return ":".join(parts)


def _layer(problem: Problem) -> str:
    if OPERATORS[problem.op].adaptive:
        return "a" + _by_x(problem.out_spatial)
    ws = problem.windows
    layer = (f"o{problem.out_channels}" if _has_out_channels(problem.op) else "") + "k" + _by_x(problem.kernel_size)
    if any(w.stride != 1 for w in ws):
        layer += "s" + _by_x(w.stride for w in ws)
    if any(w.dilation != 1 for w in ws):
        layer += "d" + _by_x(w.dilation for w in ws)
    if any(w.pad_lo or w.pad_hi for w in ws):
        layer += "p" + _by_x(f"{w.pad_lo}+{w.pad_hi}" for w in ws)
    if any(w.overhang for w in ws):
        layer += "v" + _by_x(w.overhang for w in ws)
    return layer


def _has_out_channels(op: str) -> bool:
    return op in ("conv", "local_conv")


def parse(name: str) -> Problem:
    """The problem of a name.

    Raises
    ------
    ParameterError
        When the text is not the name of a problem; the message shows an example.
    """
    found = _NAME.fullmatch(name.strip())
    known = OPERATORS.get(found["op"]) if found else None
    if not found or known is None or found["dtype"] not in DTYPES or found["direction"] not in known.directions:
        raise ParameterError(
            f"problem: got {name!r}, expected a name like conv2d:fwd:f32:n1c3x224x224:o64k7x7s2x2p3+3x3+3"
            f" (operators {', '.join(OPERATORS)}; types {', '.join(DTYPES)})"
        )
    spatial = tuple(_ints(found["spatial"]))
    if known.adaptive != (found["a"] is not None):
        raise ParameterError(f"problem {name!r}: an adaptive pool, and nothing else, names its output sizes (a3x3)")
    problem = Problem(
        found["op"], found["dtype"], int(found["batch"]), int(found["channels"]), spatial, _windows(name, found,
        spatial), out_channels=int(found["out"] or 0), out_sizes=tuple(_ints(found["a"])) if found["a"] else (),
        direction=found["direction"],
    )  # fmt: skip
    problem = replace(problem, **_flags(name, found["flags"]))
    if _has_out_channels(problem.op) != (found["out"] is not None):
        raise ParameterError(f"problem {name!r}: a convolution, and nothing else, names its output channels (o64)")
    if problem.groups < 1 or problem.channels % problem.groups or problem.out_channels % problem.groups:
        channels = f"{problem.channels} input and {problem.out_channels} output channels"
        raise ParameterError(f"problem {name!r}: got {problem.groups} groups, expected a divisor of {channels}")
    if (problem.op == "match") != bool(problem.normalize) or (problem.op == "lp_pool") != bool(problem.norm):
        raise ParameterError(
            f"problem {name!r}: match says how it normalizes ({', '.join(NORMALIZE)}), lp_pool its norm"
        )
    return problem


def _windows(name: str, found: re.Match[str], spatial: tuple[int, ...]) -> tuple[Window, ...]:
    ndim = int(found["ndim"])
    if found["a"] is not None:
        if len(_ints(found["a"])) == len(spatial) == ndim:
            return ()
    else:
        ones, zeros = "x".join(["1"] * ndim), "x".join(["0"] * ndim)
        pads = [[int(side) for side in pair.split("+")] for pair in (found["p"] or "x".join(["0+0"] * ndim)).split("x")]
        columns = [_ints(found[key] or default) for key, default in zip("ksdv", ("", ones, ones, zeros), strict=True)]
        if {len(spatial), len(pads), *map(len, columns)} == {ndim}:
            return tuple(Window(k, s, d, lo, hi, v) for (lo, hi), k, s, d, v in zip(pads, *columns, strict=True))
    raise ParameterError(f"problem {name!r}: every size needs {ndim} numbers, padding {ndim} pairs lo+hi")


def _by_x(items: Iterable[object]) -> str:
    return "x".join(str(item) for item in items)


def _ints(text: str) -> list[int]:
    return [int(part) for part in text.split("x")]


def _flags(name: str, text: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for flag in text.split(":")[1:]:
        if flag in _WORDS:
            found[_WORDS[flag][0]] = _WORDS[flag][1]
        elif flag in MODES:
            found["padding_mode"] = flag
        elif flag in NORMALIZE:
            found["normalize"] = flag
        elif match := re.fullmatch(r"(g|div)(-?\d+)", flag):
            found["groups" if match[1] == "g" else "divisor"] = int(match[2])
        elif match := re.fullmatch(r"norm(-?[\d.]+(?:e-?\d+)?)", flag):
            found["norm"] = float(match[1])
        else:
            raise ParameterError(f"problem {name!r}: unknown flag {flag!r}")
    return found
