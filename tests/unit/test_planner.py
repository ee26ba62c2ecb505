# SPDX-License-Identifier: GPL-3.0-or-later
"""Who computes a problem and why; and that a backend which fails is named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

import convdesk as cd
from convdesk.backends import registry
from convdesk.backends.protocol import Availability, Cost, Operands
from convdesk.network.problem import Problem
from convdesk.planner import Plan, execute, plan
from convdesk.planner.execute import return_scratch, take_scratch
from convdesk.planner.plan import duration
from convdesk.planner.select import layer_problem
from convdesk.threads import get_threads, set_threads

PROBLEM = Problem.parse("conv2d:fwd:f32:n1c1x8x9:o1k3x3")


@dataclass
class Toy:
    """An implementation that is told what to say."""

    name: str
    seconds: float = 1.0
    refusal: str | None = None
    precision: str = "default"
    local: bool = True
    bits: str = ""
    scratch_bytes: int = 0
    fails: Exception | None = None
    asked: list[str] = field(default_factory=list)

    def refuse(self, problem: Problem) -> str | None:
        if isinstance(self.fails, ZeroDivisionError):
            raise self.fails
        return self.refusal

    def cost(self, problem: Problem) -> Cost:
        if isinstance(self.fails, LookupError):
            raise self.fails
        return Cost(problem.flops, 0, self.scratch_bytes, self.seconds * np.prod(problem.out_spatial) / 42)

    def run(self, problem: Problem, args: Operands, out: Any, scratch: Any) -> None:
        self.asked.append(problem.name)
        if self.fails:
            raise self.fails
        out[...] = 7 if scratch is None else len(scratch)


@dataclass
class ToyBackend:
    """A backend of toys."""

    toys: list[Toy]
    name: str = "toy"
    memory: str = "host"

    def probe(self) -> Availability:
        return Availability(True)

    def implementations(self) -> list[Toy]:
        return self.toys

    def empty(self, shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
        return np.empty(shape, dtype)

    def upload(self, array: np.ndarray) -> np.ndarray:
        return array

    def download(self, buffer: np.ndarray) -> np.ndarray:
        return buffer


@pytest.fixture
def offer(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Make these toys the only backends there are, beside the reference."""

    def put(*toys: Toy, **others: Any) -> None:
        backends = {"toy": ToyBackend(list(toys)), **others}
        monkeypatch.setattr(registry, "entry_points", lambda group: [])
        monkeypatch.setattr(registry, "BUILT_IN", {"numpy": registry.BUILT_IN["numpy"]})
        registry.refresh()
        for name, made in backends.items():
            registry.REGISTRY.entries()[name] = registry.Entry(name, "", "toys 1.0")
            registry.REGISTRY._loaded[name] = made

    yield put
    monkeypatch.undo()
    registry.refresh()


Offer = Callable[..., None]


def test_the_cheapest_is_chosen_and_everybody_is_told(offer: Offer) -> None:
    offer(Toy("toy:slow", 2e-4), Toy("toy:fast", 1e-5), Toy("toy:no", refusal="needs stride 2, got 1"))
    found = plan(PROBLEM)
    assert found.chosen == "toy:fast"
    assert [name for name, _ in found.slower] == ["toy:slow", "numpy:reference"]
    assert found.refused == (("toy:no", "needs stride 2, got 1"),)
    assert found.note == ""


def test_a_plan_explains_itself(offer: Offer) -> None:
    offer(Toy("toy:slow", 2e-5), Toy("toy:fast", 1e-5, scratch_bytes=4096), Toy("toy:no", refusal="only on Mondays"))
    first, *lines = plan(PROBLEM).explain().splitlines()
    assert first == PROBLEM.name
    assert str(plan(PROBLEM)) == plan(PROBLEM).explain()
    assert [line.split() for line in lines][:2] == [
        ["chosen", "toy:fast", "10", "µs", "predicted,", "4,096", "bytes", "of", "scratch"],
        ["slower", "toy:slow", "20", "µs", "predicted,", "2", "times", "as", "long"],
    ]
    assert lines[-1].split(maxsplit=2) == ["refused", "toy:no", "only on Mondays"]


def test_a_cost_without_seconds_is_estimated(offer: Offer) -> None:
    offer(Toy("toy:silent", 0.0))
    assert plan(PROBLEM, "toy").seconds == pytest.approx(PROBLEM.flops / 5e9)


def test_equal_costs_go_to_the_first(offer: Offer) -> None:
    offer(Toy("toy:a", 1e-6), Toy("toy:b", 1e-6))
    assert plan(PROBLEM).chosen == "toy:a"


def test_a_named_backend_is_strict(offer: Offer) -> None:
    offer(Toy("toy:a", refusal="too small"), Toy("toy:b", refusal="too grey"))
    with pytest.raises(cd.BackendError) as caught:
        plan(PROBLEM, "toy")
    assert str(caught.value) == (
        f"no implementation of backend 'toy' takes {PROBLEM.name}: toy:a: too small; toy:b: too grey"
    )
    assert plan(PROBLEM).chosen == "numpy:reference"


def test_a_named_backend_that_is_not_there(offer: Offer) -> None:
    with pytest.raises(cd.BackendUnavailable, match="the CuPy backend is not part of this version"):
        plan(PROBLEM, "cupy")


def test_auto_tells_which_backends_could_not_be_asked() -> None:
    assert dict(plan(PROBLEM).refused)["cupy"] == "the CuPy backend is not part of this version"


def test_auto_stays_in_the_memory_of_the_host(offer: Offer) -> None:
    offer(Toy("toy:a", 1.0), far=ToyBackend([Toy("far:a", 1e-9)], "far", "cuda:0"))
    found = plan(PROBLEM)
    assert found.chosen != "far:a"
    assert "computes in cuda:0" in dict(found.refused)["far"]
    assert plan(PROBLEM, "far").chosen == "far:a"


def test_an_implementation_is_chosen_by_name(offer: Offer) -> None:
    offer(Toy("toy:slow", 1.0), Toy("toy:fast", 1e-5), Toy("toy:no", refusal="never"))
    assert plan(PROBLEM, implementation="toy:slow").chosen == "toy:slow"
    assert plan(PROBLEM, "toy", "toy:slow").chosen == "toy:slow"
    with pytest.raises(cd.BackendError, match="toy:no: never"):
        plan(PROBLEM, implementation="toy:no")
    with pytest.raises(cd.ParameterError, match="got 'toy:odd', expected one of toy:slow, toy:fast, toy:no"):
        plan(PROBLEM, implementation="toy:odd")


def test_fast_ones_are_for_those_who_ask(offer: Offer) -> None:
    offer(Toy("toy:exact", 1e-4), Toy("toy:fast", 1e-6, precision="fast"))
    assert plan(PROBLEM).chosen == "toy:exact"
    assert 'precision="fast" allows it' in dict(plan(PROBLEM).refused)["toy:fast"]
    assert plan(PROBLEM, precision="fast").chosen == "toy:fast"
    with pytest.raises(cd.ParameterError, match="precision: got 'sloppy', expected one of default, fast"):
        plan(PROBLEM, precision="sloppy")


def test_local_ones_for_tiles(offer: Offer) -> None:
    offer(Toy("toy:fft", 1e-8, local=False), Toy("toy:direct", 1e-7))
    assert plan(PROBLEM).chosen == "toy:fft"
    assert plan(PROBLEM, local=True).chosen == "toy:direct"
    assert "not local" in dict(plan(PROBLEM, local=True).refused)["toy:fft"]


class Moody(Toy):
    """Cheap for small problems, dear for large ones."""

    def cost(self, problem: Problem) -> Cost:
        return Cost(0, 0, 0, 1e-9 if np.prod(problem.out_spatial) < 1000 else 1.0)


@pytest.mark.parametrize("name", [PROBLEM.name, "conv2d:fwd:f32:n4c1x8x90:o1k3x3s4x4p1+0x0+1:reflect"])
def test_one_implementation_for_every_tile_of_a_layer(offer: Offer, name: str) -> None:
    offer(Moody("toy:moody"), Toy("toy:steady", 1e-7))
    assert plan(Problem.parse(name)).chosen == "toy:moody"
    found = plan(Problem.parse(name), local=True)
    assert found.chosen == "toy:steady"
    assert "rounds otherwise than toy:steady" in dict(found.refused)["toy:moody"]


def test_implementations_that_round_alike_may_take_turns(offer: Offer) -> None:
    offer(Moody("toy:moody", bits="in order"), Toy("toy:steady", 1e-7, bits="in order"))
    assert plan(PROBLEM, local=True).chosen == "toy:moody"


def test_a_layer_is_what_its_tiles_share() -> None:
    whole = Problem.parse("conv2d:fwd:f32:n2c3x50x60:o8k3x3d1x2p1+1x2+2:reflect:bias")
    piece = Problem.parse("conv2d:fwd:f32:n1c3x9x11:o8k3x3s4x4d1x2p0+1x2+0:bias")
    assert layer_problem(whole) == layer_problem(piece)


@pytest.mark.parametrize("fails", [ZeroDivisionError("in refuse"), LookupError("in cost")])
def test_who_fails_while_asked_has_refused(offer: Offer, fails: Exception) -> None:
    offer(Toy("toy:bad", 1e-9, fails=fails), Toy("toy:good", 1e-6))
    found = plan(PROBLEM)
    assert found.chosen == "toy:good"
    assert str(fails) in dict(found.refused)["toy:bad"]


def test_a_backend_that_cannot_list_its_implementations(offer: Offer) -> None:
    offer()
    registry.REGISTRY._loaded["toy"].toys = None
    with pytest.raises(cd.BackendError, match="toy: its implementations raised TypeError"):
        plan(PROBLEM, "toy")


def operands(problem: Problem = PROBLEM) -> Operands:
    """Ones."""
    return Operands(np.ones(problem.in_shape, np.float32), np.ones(problem.weight_shape, np.float32))


def test_a_crash_names_backend_implementation_and_problem(offer: Offer) -> None:
    offer(Toy("toy:bad", fails=RuntimeError("core melted")))
    with pytest.raises(cd.BackendError) as caught:
        execute(plan(PROBLEM, "toy"), operands())
    assert str(caught.value) == (
        f"backend 'toy', implementation 'toy:bad' failed on {PROBLEM.name}: RuntimeError: core melted"
    )


def test_errors_made_for_people_pass(offer: Offer) -> None:
    offer(Toy("toy:bad", fails=cd.ShapeError("told already")))
    with pytest.raises(cd.ShapeError, match=r"^told already$"):
        execute(plan(PROBLEM, "toy"), operands())


def test_out_is_written_and_returned() -> None:
    out = np.zeros(PROBLEM.out_shape, np.float32)
    assert execute(plan(PROBLEM), operands(), out) is out
    assert (out == 9).all()


def test_nothing_is_asked_for_no_outputs(offer: Offer) -> None:
    toy = Toy("toy:a")
    offer(toy)
    empty = Problem.parse("conv2d:fwd:f32:n0c1x8x9:o1k3x3")
    assert execute(plan(empty, "toy"), operands(empty)).shape == (0, 1, 6, 7)
    assert toy.asked == []


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"x": np.ones((1, 1, 8, 8), np.float32)}, r"got x of shape \(1, 1, 8, 8\), expected shape \(1, 1, 8, 9\)"),
        ({"weight": None}, "no weight, expected shape"),
        ({"weight": np.ones((1, 1, 3), np.float32)}, r"weight of shape \(1, 1, 3\), expected shape \(1, 1, 3, 3\)"),
    ],
    ids=["x", "no weight", "weight"],
)
def test_operands_have_the_problems_shape(wrong: dict[str, Any], told: str) -> None:
    fine = operands()
    with pytest.raises(cd.ShapeError, match=told):
        execute(plan(PROBLEM), Operands(**{"x": fine.x, "weight": fine.weight} | wrong))


def test_a_bias_that_was_announced_must_come() -> None:
    with pytest.raises(cd.ShapeError, match="got no bias"):
        execute(plan(Problem.parse(PROBLEM.name + ":bias")), operands())


def test_scratch_is_given_as_asked_for(offer: Offer) -> None:
    offer(Toy("toy:a", scratch_bytes=100))
    assert (execute(plan(PROBLEM, "toy"), operands()) == 100).all()
    backend = cd.get_backend("toy")
    first, second = take_scratch(1000, backend), take_scratch(500, backend)
    assert take_scratch(0, backend) is None
    assert (len(first), len(second), first.ctypes.data % 64) == (1000, 500, 0)
    assert not np.shares_memory(first, second)
    return_scratch(first)
    assert np.shares_memory(first, take_scratch(700, backend))


def test_scratch_follows_the_number_of_threads(offer: Offer) -> None:
    toy = Toy("toy:a", scratch_bytes=100)
    offer(toy)
    older, before = plan(PROBLEM, "toy"), get_threads()
    try:
        set_threads(before + 1)
        toy.scratch_bytes = 200
        assert (execute(older, operands()) == 200).all()
        assert plan(PROBLEM, "toy").scratch_bytes == 200
    finally:
        set_threads(before)


def test_arrays_of_another_memory_are_carried_there_and_back(offer: Offer) -> None:
    class Far(ToyBackend):
        moved: list[str]

        def upload(self, array: np.ndarray) -> np.ndarray:
            self.moved.append("up")
            return array.copy()

        def download(self, buffer: np.ndarray) -> np.ndarray:
            self.moved.append("down")
            return buffer.copy()

    far = Far([Toy("far:a")], "far", "cuda:0")
    far.moved = []
    offer(far=far)
    out = np.zeros(PROBLEM.out_shape, np.float32)
    assert execute(plan(PROBLEM, "far"), operands(), out) is out
    assert (out == 7).all()
    assert far.moved == ["up", "up", "down"]


def test_plans_are_kept_until_the_backends_change(offer: Offer) -> None:
    offer(Toy("toy:a", 1e-9))
    assert plan(PROBLEM) is plan(PROBLEM)
    assert plan(PROBLEM).chosen == "toy:a"
    offer(Toy("toy:b", 1e-9))
    assert plan(PROBLEM).chosen == "toy:b"


def test_explain_takes_a_problem_or_its_name() -> None:
    assert cd.explain(PROBLEM) == cd.explain(PROBLEM.name)
    assert isinstance(cd.explain(PROBLEM.name, backend="numpy"), Plan)
    with pytest.raises(cd.ParameterError, match="expected a name like"):
        cd.explain("nonsense")


def test_the_reference_loses_to_native_wherever_native_accepts() -> None:
    if not registry.probe("native").available:
        pytest.skip(registry.probe("native").reason)
    for name in ("conv1d:fwd:f32:n1c1x1:o1k1", "conv2d:fwd:f64:n1c3x64x64:o8k3x3", "max_pool2d:fwd:f32:n1c1x2x2:k2x2"):
        assert plan(Problem.parse(name)).chosen.startswith("native:")


def test_who_falls_back_says_so() -> None:
    if not registry.probe("native").available:
        pytest.skip(registry.probe("native").reason)
    found = plan(Problem.parse("conv2d:fwd:f32:n1c0x4x4:o2k2x2"))
    assert found.chosen == "numpy:reference"
    assert "computed by the reference, because native" in found.explain()


@pytest.mark.parametrize(
    ("seconds", "text"), [(2.5, "2.5 s"), (0.0123, "12.3 ms"), (4.56e-6, "4.56 µs"), (3e-9, "3 ns"), (0.0, "0 ns")]
)
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text
