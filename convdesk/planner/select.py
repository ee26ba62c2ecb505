# SPDX-License-Identifier: GPL-3.0-or-later
"""From a problem to a plan: ask everybody who may compute it, keep every answer, take the cheapest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from convdesk.backends import registry
from convdesk.backends.protocol import Backend, Implementation
from convdesk.errors import BackendError, ParameterError
from convdesk.geometry import Window
from convdesk.network.problem import Problem
from convdesk.planner.cost import predicted_seconds
from convdesk.planner.plan import OTHER_OPERATOR, Plan
from convdesk.threads import engine_worker, get_threads, threads_here

Candidate = tuple[float, int, Backend, Implementation]
"""Predicted seconds, order among equals, and who."""

PRECISIONS = ("default", "fast")
REFERENCE = "numpy"
USUAL = {1: 65536, 2: 256, 3: 64}
"""Samples per axis of a usual signal, image and volume."""


def plan(
    problem: Problem,
    backend: str = "auto",
    implementation: str | None = None,
    precision: str = "default",
    local: bool = False,
) -> Plan:
    """Choose who computes a problem.

    Parameters
    ----------
    problem
        The question.
    backend
        "auto": all available backends of the host's memory compete. A name: that backend or an error.
    implementation
        A name like "native:direct": that implementation or an error.
    precision
        "default" plans only what is as precise as direct summation; "fast" allows more.
    local
        Plan only implementations whose outputs depend on nothing outside their receptive field, to the last bit, and
        the same one for every tile and zoom of a layer.

    Raises
    ------
    BackendUnavailable
        The backend that was named cannot be used here.
    BackendError
        Nobody who may takes the problem; the message lists every refusal.
    ParameterError
        A precision or implementation that does not exist.
    """
    if precision not in PRECISIONS:
        raise ParameterError(f"precision: got {precision!r}, expected one of {', '.join(PRECISIONS)}")
    if implementation is not None and not isinstance(implementation, str):
        raise ParameterError(f"implementation: got {implementation!r}, expected None or the name of one")
    threads = (get_threads(), threads_here())  # costs and scratch may depend on them
    return _plan(problem, backend, implementation, precision, local, threads, registry.REGISTRY.generation)


def explain(problem: Problem | str, backend: str = "auto", precision: str = "default", local: bool = False) -> Plan:
    """The plan for a problem or its name: who is chosen, who would be slower, who refuses and why.

    Examples
    --------
    >>> explain("conv2d:fwd:f32:n1c3x224x224:o64k7x7s2x2p3+3x3+3", backend="numpy").chosen
    'numpy:reference'
    """
    question = Problem.parse(problem) if isinstance(problem, str) else problem
    return plan(question, backend, precision=precision, local=local)


@lru_cache(maxsize=4096)
def _plan(
    problem: Problem,
    backend: str,
    implementation: str | None,
    precision: str,
    local: bool,
    threads: tuple[int, int],
    generation: int,
) -> Plan:
    refused: list[tuple[str, str]] = []
    accepted: list[Candidate] = []
    known: list[str] = []
    for source in _sources(backend, implementation, refused):
        for candidate in _implementations(source, refused):
            known.append(candidate.name)
            if implementation is not None and candidate.name != implementation:
                continue
            if why := _refusal(candidate, problem, precision, local):
                refused.append((candidate.name, why))
                continue
            try:
                accepted.append((predicted_seconds(candidate.cost(problem)), len(accepted), source, candidate))
            except Exception as error:  # a plugin may raise anything: to have no cost is to refuse
                refused.append((candidate.name, f"its cost raised {type(error).__name__}: {error}"))
    if implementation is not None and implementation not in known:
        there = ", ".join(known) or "none here"
        raise ParameterError(f"implementation: got {implementation!r}, expected one of {there}")
    if not accepted:
        reasons = "; ".join(f"{name}: {why}" for name, why in refused) or "it offers no implementation"
        raise BackendError(f"no implementation of backend {backend!r} takes {problem.name}: {reasons}")
    if local and len(accepted) > 1:
        accepted = _layers_own(problem, accepted, refused)
    return _ranked(problem, backend, accepted, refused, threads[0])


def _ranked(
    problem: Problem,
    backend: str,
    accepted: list[Candidate],
    refused: list[tuple[str, str]],
    threads: int,
) -> Plan:
    (seconds, _, source, best), *others = sorted(accepted, key=lambda one: one[:2])
    native = [
        f"{name}: {why}"
        for name, why in refused
        if name.partition(":")[0] == "native" and not why.startswith(OTHER_OPERATOR)
    ]
    note = ""
    if backend == "auto" and source.name == REFERENCE and native:
        note = f"computed by the reference, because {'; '.join(native)}"
    slower = tuple((one[3].name, one[0]) for one in others)
    scratch = best.cost(problem).scratch_bytes
    return Plan(
        problem, best.name, seconds, tuple(refused), slower, scratch, note,
        backend=source, implementation=best, threads=threads,
    )  # fmt: skip


def _layers_own(problem: Problem, accepted: list[Candidate], refused: list[tuple[str, str]]) -> list[Candidate]:
    """Of several, those with the bits of the one that suits the layer: whatever tile, zoom or thread is at hand.

    Tiles of one layer must fit together to the last bit, so the choice between implementations that round differently
    is made once per layer and type: for one image of a usual size, stride 1, no padding, one thread.
    """
    usual = layer_problem(problem)
    best = accepted[0]
    with engine_worker():
        able = [one for one in accepted if one[3].refuse(usual) is None]
        if able:
            best = min(able, key=lambda one: (predicted_seconds(one[3].cost(usual)), one[1]))
    bits = same_bits(best[3])
    for one in accepted:
        if same_bits(one[3]) != bits:
            refused.append((one[3].name, f"rounds otherwise than {best[3].name}, which suits this layer"))
    return [one for one in accepted if same_bits(one[3]) == bits]


def layer_problem(problem: Problem) -> Problem:
    """The problem of a layer itself: what is left when tile, zoom and batch are taken away."""
    if problem.out_sizes:  # an adaptive pool's windows are its sizes: nothing can be taken away
        return replace(problem, batch=1)
    windows = tuple(Window(window.kernel_size, 1, window.dilation) for window in problem.windows)
    spatial = tuple(max(USUAL[problem.ndim], window.extent) for window in windows)
    return replace(problem, batch=1, spatial=spatial, windows=windows, padding_mode="zeros")


def same_bits(implementation: Implementation) -> str:
    """Name of the rounding that an implementation has; implementations that share it give equal bits."""
    return str(getattr(implementation, "bits", "") or implementation.name)


def _sources(backend: str, implementation: str | None, refused: list[tuple[str, str]]) -> Iterator[Backend]:
    """Backends to ask. The ones that cannot be used are refusals under "auto" and errors under their name."""
    if backend != "auto":
        yield registry.get_backend(backend)
        return
    wanted = implementation.partition(":")[0] if implementation is not None else ""
    if wanted in registry.names():
        yield registry.get_backend(wanted)
        return
    for name in registry.names():
        found = registry.probe(name)
        if not found.available:
            refused.append((name, found.reason))
            continue
        source = registry.get_backend(name)
        memory = getattr(source, "memory", "host")
        if memory == "host":
            yield source
        else:
            refused.append((name, f'computes in {memory}; name it to use it ("auto" stays where the arrays are)'))


def _implementations(source: Backend, refused: list[tuple[str, str]]) -> list[Implementation]:
    try:
        return list(source.implementations())
    except Exception as error:  # a plugin may raise anything
        refused.append((source.name, f"its implementations raised {type(error).__name__}: {error}"))
        return []


def _refusal(candidate: Implementation, problem: Problem, precision: str, local: bool) -> str | None:
    """Why a candidate is out, by what was asked for or by its own word. Attributes default as the protocol says."""
    if precision == "default" and getattr(candidate, "precision", "default") != "default":
        return 'is less precise than direct summation; precision="fast" allows it'
    if local and not getattr(candidate, "local", False):
        return "is not local: an output may depend on samples outside its receptive field"
    try:
        return candidate.refuse(problem)
    except Exception as error:  # a plugin may raise anything: to fail is to refuse
        return f"its refuse raised {type(error).__name__}: {error}"
