# SPDX-License-Identifier: GPL-3.0-or-later
"""A stack of layers as a program that needs ConvDesk no more: NumPy, SciPy, OpenCV or PyTorch.

The functions that a program needs are taken, as text, from ``resources/code``; those are ordinary Python files, so that
they can be read and tested. What is written here is one line per layer.
"""

from __future__ import annotations

import ast
import base64
import io
import keyword
import re
from collections.abc import Sequence
from functools import cache
from importlib import resources

import numpy as np

from convdesk.errors import ParameterError, ShapeError
from convdesk.lab.code_layers import DIALECTS, Dialect
from convdesk.network.layers import Conv, Filter
from convdesk.network.stack import Stage

INLINE = 4096
"""Arrays of up to this many numbers are written as numbers."""
AXES = {1: "(C, L)", 2: "(C, H, W)", 3: "(C, D, H, W)"}


def program(stages: Sequence[Stage], library: str, title: str = "a ConvDesk document") -> str:
    """Python source of a function ``network(x)`` that does what the layers do.

    Parameters
    ----------
    stages
        Layers in their places, on an input of the kind that the program shall take; its size is not built in.
    library
        "numpy", "scipy", "opencv" or "torch".
    title
        What the program says it was made from.

    Raises
    ------
    ParameterError
        An unknown library, or one that cannot do this.
    ShapeError
        A layer cannot run; the message names it.
    """
    if library not in DIALECTS:
        raise ParameterError(f"library: got {library!r}, expected one of {', '.join(DIALECTS)}")
    if not stages:
        raise ParameterError(f"{title} has no layers, there is nothing to export")
    broken = next((stage for stage in stages if stage.error), None)
    if broken is not None:
        raise ShapeError(f"{broken.layer.name} cannot run: {broken.error}")
    ndim = len(stages[0].in_spatial)
    dialect = DIALECTS[library](ndim)
    names = _names(stages)
    body: list[str] = []
    constants: list[str] = []
    for stage in stages:
        layer = stage.layer
        if not layer.enabled:
            continue
        name = names[layer.name]
        body.append(f"# {_plain(layer.name)}: {_described(stage)}")
        body += dialect.lines(stage, name)
        if isinstance(layer, Filter):
            constants.append(_constant(name, layer.kernel.as_type("float32"), dialect))
        elif isinstance(layer, Conv):
            constants.append(_constant(name, layer.weight.as_type("float32"), dialect))
            if layer.bias is not None:
                constants.append(_constant(f"{name}_BIAS", layer.bias.as_type("float32"), dialect))
    return _assembled(dialect, body, constants, library, title, ndim)


def _assembled(dialect: Dialect, body: list[str], constants: list[str], library: str, title: str, ndim: int) -> str:
    network = "\n".join(
        [
            "def network(x):",
            f'    """Apply the layers to an array {AXES[ndim]}; returns float32."""',
            *(f"    {line}" for line in (dialect.first, *body, dialect.last)),
        ]
    )
    head = f'"""{_plain(title)}, written for {dialect.title} by ConvDesk. Takes arrays {AXES[ndim]}."""\n'
    main = MAIN.format(axes=AXES[ndim])
    everything = "\n\n".join([*constants, network, main])
    imports, functions = _helpers(library, everything)
    packed = 'np.load(io.BytesIO(base64.b64decode("' in everything
    standard = (["import base64", "import io"] if packed else []) + [i for i in imports if i in STANDARD]
    others = [i for i in imports if i not in STANDARD]
    blocks = ["\n".join([*standard, "import sys", "", *others])]
    if constants:
        blocks[0] += "\n\n" + "\n".join(constants)
    return head + "\n" + "\n\n\n".join([*blocks, *functions, network, main])


STANDARD = ("import functools",)
MAIN = """\
if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit("usage: python PROGRAM INPUT.npy [OUTPUT.npy], INPUT being an array {axes}")
    result = network(np.load(sys.argv[1]))
    print("shape", result.shape, "min", result.min(), "max", result.max())
    if len(sys.argv) == 3:
        np.save(sys.argv[2], result)
"""


@cache
def _library(name: str) -> tuple[list[str], dict[str, str]]:
    """Import lines of a file of resources/code, and its functions by name."""
    text = (resources.files("convdesk_resources") / "code" / f"{name}.py").read_text(encoding="utf-8")
    nodes = ast.parse(text).body
    imports = [ast.unparse(node) for node in nodes if isinstance(node, ast.Import | ast.ImportFrom)]
    functions = {
        node.name: ast.get_source_segment(text, node) or "" for node in nodes if isinstance(node, ast.FunctionDef)
    }
    return imports, functions


def _helpers(library: str, text: str) -> tuple[list[str], list[str]]:
    """The imports and functions that a text needs, and those that these need in turn, in the order of their file."""
    imports, own = _library(f"with_{library}")
    available = own | _library("shared")[1]
    wanted: set[str] = set()
    used = _used(text)
    while more := (used & set(available)) - wanted:
        wanted |= more
        for name in more:
            used |= _used(available[name])
    needed = []
    for line in imports:
        parts = [part.split(" as ")[-1].strip() for part in line.split("import ", 1)[1].split(",")]
        kept = [part for part in parts if part.split(".")[0] in used]
        if line.startswith("from ") and kept:
            needed.append(f"{line.split(' import ')[0]} import {', '.join(kept)}")
        elif kept:
            needed.append(line)
    return needed, [source for name, source in available.items() if name in wanted]


def _used(text: str) -> set[str]:
    return {node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)}


def _names(stages: Sequence[Stage]) -> dict[str, str]:
    """An upper-case Python name for every layer."""
    names: dict[str, str] = {}
    for stage in stages:
        plain = re.sub(r"\W", "_", stage.layer.name, flags=re.ASCII).upper().strip("_") or "LAYER"
        plain = plain if plain[0].isalpha() and not keyword.iskeyword(plain) and plain != "F" else f"LAYER_{plain}"
        fresh, number = plain, 2
        while fresh in names.values():
            fresh, number = f"{plain}_{number}", number + 1
        names[stage.layer.name] = fresh
    return names


def _described(stage: Stage) -> str:
    """What a layer is, for the comment above its line."""
    layer = stage.layer
    if isinstance(layer, Filter):
        how = "convolution with one kernel" if layer.flip else "correlation with one kernel"
        return f"{how} on every channel, edge mode {layer.mode}"
    if isinstance(layer, Conv):
        how = "convolution" if layer.flip else "correlation"
        groups = f" in {layer.groups} groups" if layer.groups > 1 else ""
        return f"{how}, {layer.in_channels} to {layer.out_channels} channels{groups}, edge mode {layer.mode}"
    return layer.title


def _plain(text: str) -> str:
    """A name as it may stand in a comment: whatever it holds, it stays text on one line."""
    printable = "".join(sign if sign.isprintable() else " " for sign in text)
    return printable.replace("\\", "/").replace('"', "'")


def _constant(name: str, values: np.ndarray, dialect: Dialect) -> str:
    """An assignment of an array with every digit of its float32 values."""
    if values.size > INLINE:
        stream = io.BytesIO()
        np.save(stream, values, allow_pickle=False)
        text = base64.b64encode(stream.getvalue()).decode("ascii")
        made = f'np.load(io.BytesIO(base64.b64decode("{text}")))'
        return f"{name} = {dialect.constant(made)}"
    one_line = f"{name} = {dialect.constant(f'np.array({_nested(values, None)}, np.float32)')}"
    if len(one_line) <= 100:
        return one_line
    return f"{name} = {dialect.constant(f'np.array({_nested(values, 1)}, np.float32)')}"


def _nested(values: np.ndarray, depth: int | None) -> str:
    """Nested lists, a line for each row of numbers; on one line without ``depth``."""
    if values.ndim == 1:
        return "[" + ", ".join(_number(value) for value in values) + "]"
    inner = [_nested(part, None if depth is None else depth + 1) for part in values]
    if depth is None:
        return "[" + ", ".join(inner) + "]"
    indent = "    " * depth
    return "[\n" + "".join(f"{indent}{item},\n" for item in inner) + "    " * (depth - 1) + "]"


def _number(value: np.floating) -> str:
    """The shortest text that gives back the same float32."""
    if not np.isfinite(value):
        return f'float("{value}")'
    return str(np.float32(value))
