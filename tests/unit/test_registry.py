# SPDX-License-Identifier: GPL-3.0-or-later
"""Backends of other distributions: found without being imported, loaded on need, never fatal."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import convdesk as cd
from convdesk.backends import registry
from convdesk.backends.choice import chosen_backend
from convdesk.backends.protocol import Availability
from convdesk.backends.registry import Broken, Entry, listed, load

PLUGINS = Path(__file__).resolve().parents[1] / "e2e"


class Distribution:
    """What an entry point knows of the distribution it comes from."""

    def __init__(self, name: str, version: str) -> None:
        self.name, self.version = name, version


def point(name: str, value: str, distribution: str = "some-dist", version: str = "1.0") -> EntryPoint:
    """An entry point as an installed distribution has it."""
    made = EntryPoint(name, value, registry.GROUP)
    vars(made).update(dist=Distribution(distribution, version))
    return made


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Put plugin folders, each with its dist-info, on the path, for one test."""

    def put(*names: str) -> None:
        for name in names:
            monkeypatch.syspath_prepend(str(PLUGINS / f"plugin_{name}"))
            monkeypatch.delitem(sys.modules, f"convdesk_{name}", raising=False)
        registry.refresh()

    yield put
    monkeypatch.undo()
    registry.refresh()


def info(name: str) -> cd.BackendInfo:
    """The row of one backend."""
    (row,) = (row for row in cd.backends() if row.name == name)
    return row


def test_the_built_in_backends_are_listed() -> None:
    rows = {row.name: row for row in cd.backends()}
    assert {"numpy", "native", "cupy"} <= set(rows)
    assert rows["numpy"].available
    assert rows["numpy"].version == np.__version__
    assert rows["numpy"].reason == ""


def test_a_backend_that_is_not_there_says_so() -> None:
    missing = load(Entry("cupy", "convdesk.backends.nowhere:CupyBackend"))
    assert missing == Broken("cupy", "the CuPy backend is not part of this version")


def test_a_plugin_is_listed_without_being_imported(install: Callable[..., None]) -> None:
    install("good", "raising", "future")
    assert {"good", "raising", "future"} <= set(registry.names())
    assert not {"convdesk_good", "convdesk_raising", "convdesk_future"} & set(sys.modules)


def test_a_plugin_computes(install: Callable[..., None]) -> None:
    install("good")
    assert info("good") == cd.BackendInfo("good", True, "", "test bench", "1.2")
    assert cd.get_backend("good").name == "good"
    found = cd.avg_pool(np.arange(12.0).reshape(1, 2, 6), 3, backend="good")
    assert found.tolist() == [[[1, 4], [7, 10]]]


def test_a_plugin_refuses_with_its_reason(install: Callable[..., None]) -> None:
    install("good")
    with pytest.raises(cd.BackendError, match=r"no implementation of backend 'good' takes max_pool1d.*got max_pool"):
        cd.max_pool(np.zeros((1, 2, 6)), 3, backend="good")


def test_a_plugin_that_raises_on_import_is_listed_and_nothing_else_stops(install: Callable[..., None]) -> None:
    install("raising", "good")
    row = info("raising")
    assert not row.available
    assert "libraising.so.3" in row.reason
    assert "convdesk-raising 0.3" in row.reason
    assert info("good").available
    assert cd.correlate([1, 2], [1, 1]).tolist() == [1, 3, 2]
    with pytest.raises(cd.BackendUnavailable, match=r"backend 'raising': .*libraising"):
        cd.get_backend("raising")


def test_a_plugin_of_another_protocol_is_refused(install: Callable[..., None]) -> None:
    install("future")
    assert "written for backend protocol 99, this ConvDesk speaks 1" in info("future").reason


def test_removed_plugins_are_forgotten(install: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    install("good")
    assert "good" in registry.names()
    monkeypatch.undo()
    registry.refresh()
    assert "good" not in registry.names()


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(cd.BackendUnavailable, match="no backend named 'qpu'; there are native, cupy, numpy"):
        cd.get_backend("qpu")


def test_a_name_claimed_twice_names_both_distributions() -> None:
    found = listed([point("mine", "a:A", "dist-a", "1.0"), point("mine", "b:B", "dist-b", "2.0")])
    assert found["mine"] == Broken(
        "mine", "dist-a 1.0 and dist-b 2.0 both offer a backend named 'mine': uninstall all but one"
    )


def test_the_same_entry_point_found_twice_is_one() -> None:
    twice = [point("mine", "a:A", "dist-a"), point("mine", "a:A", "dist-a")]
    assert listed([twice[0], twice[0]])["mine"] == Entry("mine", "a:A", "dist-a 1.0", "1.0")


@pytest.mark.parametrize("name", ["numpy", "native", "cupy", "auto"])
def test_built_in_names_cannot_be_taken(name: str) -> None:
    found = listed([point(name, "evil:Backend", "evil", "6.6")])
    assert isinstance(found.get(name, Entry("auto", "")), Entry)
    assert found[f"{name} (evil 6.6)"].reason == f"evil 6.6 offers a backend named {name!r}, which is built in"


class Whole:
    """A backend with everything it needs."""

    name = "whole"

    def probe(self) -> Any:
        return Availability(True)

    def implementations(self) -> list[Any]:
        return []

    empty = upload = download = probe


class Half:
    name = "half"

    def probe(self) -> None: ...


class Raises:
    name = "raises"

    def __init__(self) -> None:
        raise RuntimeError("no such device")


def here(name: str, what: str) -> Entry:
    """An entry for a class of this file."""
    return Entry(name, f"{__name__}:{what}", "dist 1.0", "1.0")


def test_a_whole_backend_loads() -> None:
    assert load(here("whole", "Whole")).name == "whole"


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        (here("half", "Half"), "it has no implementations, empty, upload, download"),
        (here("other", "Whole"), "it calls itself 'whole', its entry point 'other'"),
        (here("raises", "Raises"), "RuntimeError: no such device"),
        (here("whole", "Nobody"), "has no attribute 'Nobody'"),
        (Entry("whole", "no_such_module_anywhere:Whole", "dist 1.0"), "ModuleNotFoundError"),
    ],
    ids=["half", "other name", "raises", "no class", "no module"],
)
def test_what_is_no_backend_is_broken(entry: Entry, told: str) -> None:
    found = load(entry)
    assert isinstance(found, Broken)
    assert told in found.reason
    assert "dist 1.0" in found.reason


@pytest.mark.parametrize("answer", [RuntimeError("cable out"), "yes"], ids=["raises", "returns a word"])
def test_a_probe_that_breaks_the_protocol_is_a_reason(monkeypatch: pytest.MonkeyPatch, answer: object) -> None:
    def probe(self: Whole) -> object:
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(Whole, "probe", probe)
    monkeypatch.setattr(registry.REGISTRY, "load", lambda name: Whole())
    found = registry.probe("whole")
    assert not found.available
    assert "its probe" in found.reason


def test_the_default_backend_is_the_planners() -> None:
    assert chosen_backend("auto") == "auto"


def test_the_order_of_choices(monkeypatch: pytest.MonkeyPatch, install: Callable[..., None]) -> None:
    install("good")
    monkeypatch.setattr("convdesk.backends.choice._process", "")
    monkeypatch.setenv("CONVDESK_BACKEND", "numpy")
    assert chosen_backend() == "numpy"
    cd.set_backend("good")
    assert chosen_backend() == "good"
    with cd.using_backend("numpy"):
        assert chosen_backend() == "numpy"
        with cd.using_backend("auto"):
            assert chosen_backend() == "auto"
        assert chosen_backend("good") == "good"
    assert chosen_backend() == "good"
    cd.set_backend("auto")
    assert chosen_backend() == "auto"


def test_an_implementation_names_its_backend(monkeypatch: pytest.MonkeyPatch, install: Callable[..., None]) -> None:
    install("good")
    with cd.using_backend("good"):
        assert chosen_backend("auto", "numpy:reference") == "auto"
        assert cd.max_pool([[[1, 2]]], 2, implementation="numpy:reference").item() == 2


def test_using_backend_is_of_its_thread() -> None:
    seen = []
    with cd.using_backend("numpy"):
        thread = threading.Thread(target=lambda: seen.append(chosen_backend()))
        thread.start()
        thread.join()
    assert seen == ["auto"]


def test_using_backend_ends_with_an_exception() -> None:
    with pytest.raises(ZeroDivisionError), cd.using_backend("numpy"):
        raise ZeroDivisionError
    assert chosen_backend() == "auto"


@pytest.mark.parametrize("choose", [cd.set_backend, lambda name: cd.using_backend(name).__enter__()])
def test_a_choice_is_checked_when_it_is_made(choose: Callable[[Any], None]) -> None:
    with pytest.raises(cd.BackendUnavailable, match="no backend named 'qpu'"):
        choose("qpu")
    with pytest.raises(cd.ParameterError, match="backend: got 3, expected"):
        choose(3)


def test_a_wrong_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONVDESK_BACKEND", "qpu")
    with pytest.raises(cd.BackendUnavailable, match=r"CONVDESK_BACKEND=qpu: .*no backend named 'qpu'"):
        cd.correlate([1], [1])
    assert cd.correlate([1], [1], backend="numpy").tolist() == [1]


def test_the_package_is_the_function() -> None:
    import convdesk.backends.protocol as protocol

    assert callable(cd.backends)
    assert protocol.PROTOCOL_VERSION == 1
    assert sorted(row.name for row in cd.backends()) == sorted(registry.names())
