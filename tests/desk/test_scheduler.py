# SPDX-License-Identifier: GPL-3.0-or-later
"""The scheduler: newest wins, centre first, errors arrive, nothing is left behind."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from convdesk.engine.cache import Cache
from convdesk.engine.scheduler import Scheduler, View
from convdesk.engine.tilesize import LARGEST as TILE
from convdesk.engine.tilesize import SMALLEST, sample_flops, tile_sizes
from convdesk.geometry import Span, whole
from convdesk.media.source import ArraySource
from convdesk.network.layers import Filter, MaxPool
from convdesk.network.stack import infer


class GatedSource(ArraySource):
    """An input that can be held back, so that a test decides when a tile is computed."""

    def read(self, box):
        started.release()
        gate.acquire(timeout=30)
        return super().read(box)


gate, started = threading.Semaphore(0), threading.Semaphore(0)


@pytest.fixture
def scheduler():
    global gate, started
    gate, started = threading.Semaphore(0), threading.Semaphore(0)
    results = []
    made = Scheduler(results.append, workers=1)
    made.results = results
    yield made
    gate.release(10_000)
    made.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("convdesk-engine")]


def view(source, weight=1.0, box=None, pane="output", step=(1, 1), **more):
    stages = tuple(infer([Filter([[weight]], name="f")], source.channels, source.spatial))
    return View(pane, "f", source, stages, box or whole(source.spatial), step, None, **more)


def test_the_newest_view_wins_and_no_stale_tile_is_computed(scheduler):
    source = GatedSource(np.ones((1, 8, 8), np.float32), kind="image")
    scheduler.request(view(source, 1.0))
    started.acquire(timeout=30)  # the first view is being computed
    scheduler.request(view(source, 2.0))
    newest = scheduler.request(view(source, 3.0))
    gate.release(10)
    assert scheduler.wait_idle(30)
    values = [float(result.array[0, 0, 0]) for result in scheduler.results]
    assert values in ([1.0, 3.0], [3.0])
    assert scheduler.results[-1].generation == newest


def test_a_view_that_takes_long_gives_way_between_tiles(scheduler, monkeypatch):
    monkeypatch.setattr("convdesk.engine.scheduler.GRACE", 0.0)
    source = GatedSource(np.ones((1, 2 * TILE, 2 * TILE), np.float32), kind="image")
    scheduler.request(view(source, 1.0))
    started.acquire(timeout=30)
    scheduler.request(view(source, 2.0, box=(Span(0, 4), Span(0, 4))))
    gate.release(100)
    assert scheduler.wait_idle(30)
    assert [float(result.array[0, 0, 0]) for result in scheduler.results] == [2.0]


def test_tiles_come_from_the_centre_outwards_and_count_up(scheduler):
    source = ArraySource(np.zeros((1, 5 * TILE, 5 * TILE), np.float32), kind="image")
    scheduler.request(view(source))
    assert scheduler.wait_idle(60)
    boxes = [result.box for result in scheduler.results]
    distance = [max(abs((s.start + s.stop) / 2 - 2.5 * TILE) for s in box) for box in boxes]
    assert boxes[0] == (Span(2 * TILE, 3 * TILE),) * 2
    assert distance[0] == 0
    assert max(distance[:9]) <= TILE
    assert [result.done for result in scheduler.results] == list(range(1, 26))
    assert {result.total for result in scheduler.results} == {25}


def test_a_failure_is_a_sentence_and_the_next_view_is_computed(scheduler):
    class Broken(ArraySource):
        def read(self, box):
            raise OSError("the disk is gone")

    good = ArraySource(np.ones((1, 4, 4), np.float32), kind="image")
    scheduler.request(view(Broken(np.ones((1, 4, 4), np.float32), kind="image")))
    assert scheduler.wait_idle(30)
    assert scheduler.results[0].array is None
    assert "the disk is gone" in scheduler.results[0].error
    scheduler.request(view(good))
    assert scheduler.wait_idle(30)
    assert scheduler.results[1].array is not None


def test_what_was_computed_before_is_not_computed_again(scheduler):
    source = ArraySource(np.random.default_rng(0).normal(size=(1, 64, 64)).astype(np.float32), kind="image")
    for weight in (1.0, 2.0, 1.0):
        scheduler.request(view(source, weight, token=1))
        assert scheduler.wait_idle(30)
    first, _, again = scheduler.results
    assert again.plan == "cached"
    assert again.array is first.array
    scheduler.request(view(source, 1.0, token=2))
    assert scheduler.wait_idle(30)
    assert scheduler.results[-1].plan != "cached"


def test_results_cannot_be_written_to(scheduler):
    source = ArraySource(np.ones((1, 4, 4), np.float32), kind="image")
    scheduler.request(view(source))
    assert scheduler.wait_idle(30)
    with pytest.raises(ValueError, match="read-only"):
        scheduler.results[0].array[0, 0, 0] = 1


def test_a_cancelled_pane_is_silent(scheduler):
    source = GatedSource(np.ones((1, 8, 8), np.float32), kind="image")
    scheduler.request(view(source))
    started.acquire(timeout=30)
    scheduler.cancel("output")
    gate.release(10)
    assert scheduler.wait_idle(30)
    assert scheduler.results == []


def test_the_cache_keeps_its_budget_and_drops_what_was_not_used_for_longest():
    cache = Cache(budget=3 * 800)
    for key in "abc":
        cache.put(key, np.zeros(100))
    assert cache.get("a") is not None
    cache.put("d", np.zeros(100))
    assert cache.get("b") is None
    assert all(cache.get(key) is not None for key in "acd")
    assert cache.nbytes == 3 * 800
    cache.put("huge", np.zeros(10_000))
    assert cache.get("huge") is None
    cache.put("a", np.zeros(50))
    assert cache.nbytes == 2 * 800 + 400


def test_tiles_of_costly_stacks_are_smaller_and_keep_to_powers_of_two():
    cheap = infer([Filter(np.ones((3, 3)), name="f")], 1, (4000, 4000))
    assert tile_sizes(cheap, whole((4000, 4000)), (1, 1)) == (TILE, TILE)
    assert tile_sizes(cheap, whole((4000, 4000)), (16, 16)) == (TILE * 16, TILE * 16)
    deep = infer([Filter(np.ones((9, 9)), name=f"f{n}") for n in range(8)], 3, (4000, 4000))
    sizes = tile_sizes(deep, whole((4000, 4000)), (16, 16))
    assert sizes[0] // 16 < TILE
    assert (sizes[0] // 16).bit_count() == 1
    assert sizes[0] // 16 >= SMALLEST


def test_operations_behind_a_sample():
    stages = infer(
        [Filter(np.ones((5, 5)), name="a"), MaxPool(2, name="p"), Filter(np.ones((3, 3)), name="b")], 1, (99, 99)
    )
    assert sample_flops(stages[2:], (1, 1)) == 18
    # side by side every layer is computed once: 4 units of a and 1 of p for each of b
    assert sample_flops(stages, (1, 1)) == 4 * 50 + 4 + 18
    # far apart each sample has a field of its own: 6 x 6 units of a, 3 x 3 of p
    assert sample_flops(stages, (50, 50)) == 36 * 50 + 9 * 4 + 18


def test_a_listener_that_fails_is_reported_and_the_worker_goes_on(scheduler, monkeypatch):
    reported = []
    monkeypatch.setattr(threading, "excepthook", lambda args: reported.append(args.exc_value))
    failing = Scheduler(lambda result: 1 / 0, workers=1)
    source = ArraySource(np.ones((1, 4, 4), np.float32), kind="image")
    for weight in (1.0, 2.0):
        failing.request(view(source, weight))
        assert failing.wait_idle(30)
    failing.close()
    assert [type(error) for error in reported] == [ZeroDivisionError] * 2
