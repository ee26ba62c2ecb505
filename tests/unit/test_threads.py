# SPDX-License-Identifier: GPL-3.0-or-later
"""How many threads a call may use."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator

import numpy as np
import pytest

from convdesk import threads
from convdesk.errors import ParameterError


@pytest.fixture(autouse=True)
def unchanged() -> Iterator[None]:
    """Put the number back."""
    before = threads.get_threads()
    yield
    threads.set_threads(before)


@pytest.mark.parametrize("wrong", [0, -3, 1.5, "2", None, True])
def test_only_whole_numbers_from_one_on(wrong: object) -> None:
    with pytest.raises(ParameterError, match=r"threads: got .*, expected an integer of at least 1"):
        threads.set_threads(wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("n", [1, 3, np.int64(2)])
def test_what_is_set_is_got(n: int) -> None:
    threads.set_threads(n)
    assert threads.get_threads() == threads.threads_here() == n


def test_an_engine_worker_is_alone_and_nobody_else() -> None:
    threads.set_threads(4)
    seen: list[int] = []
    with threads.engine_worker():
        with threads.engine_worker():
            assert threads.threads_here() == 1
        assert threads.threads_here() == 1
        other = threading.Thread(target=lambda: seen.append(threads.threads_here()))
        other.start()
        other.join()
    assert (seen, threads.threads_here(), threads.get_threads()) == ([4], 4, 4)


def test_an_error_ends_the_mark_too() -> None:
    threads.set_threads(2)
    with pytest.raises(KeyError), threads.engine_worker():
        raise KeyError
    assert threads.threads_here() == 2


def asked(value: str | None) -> subprocess.CompletedProcess[str]:
    """What a fresh process says, with the variable set."""
    env = {name: text for name, text in os.environ.items() if name != threads.VARIABLE}
    env |= {} if value is None else {threads.VARIABLE: value}
    program = "from convdesk import threads; print(threads.get_threads(), threads.available_processors())"
    return subprocess.run([sys.executable, "-c", program], env=env, capture_output=True, text=True, timeout=60)


def test_the_variable_decides_and_else_the_processors() -> None:
    assert asked("3").stdout.split()[0] == "3"
    default, processors = asked(None).stdout.split()
    assert default == processors


@pytest.mark.parametrize("wrong", ["0", "many", "-1", "2.0"])
def test_a_wrong_variable_is_an_error_that_names_it(wrong: str) -> None:
    done = asked(wrong)
    assert done.returncode != 0
    assert "CONVDESK_THREADS: got" in done.stderr
