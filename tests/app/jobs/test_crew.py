from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from distributed import LocalCluster

from app.jobs.cluster import dask_client
from app.jobs.crew import Crew, Job, Unit
from geo.errors import AcrelineError, DataError, InputError, TransientError

# Workers import this module by its name, which pytest's import mode does not give it: what they call is sent by value.
pytestmark = pytest.mark.usefixtures("_by_value")


@pytest.fixture(scope="module")
def _by_value() -> Iterator[None]:
    import sys  # noqa: PLC0415 - only here

    from distributed.protocol.pickle import cloudpickle  # noqa: PLC0415 - only here

    module = sys.modules[__name__]
    cloudpickle.register_pickle_by_value(module)
    yield
    cloudpickle.unregister_pickle_by_value(module)


@pytest.fixture(scope="module")
def crew() -> Iterator[Crew]:
    with Crew(None, 2) as hired:
        yield hired


def _touch(folder: Path, name: str) -> None:
    with (folder / name).open("a") as file:
        file.write("x")


def _work(folder: Path, name: str) -> None:
    if "damaged" in name:
        raise DataError("UNREADABLE_RASTER", f"{name} cannot be read.")
    _touch(folder, name)


def _unit(folder: Path, name: str, parts: int, finished: list[str]) -> Unit:
    jobs: list[Job] = [(folder, f"{name}-{part}") for part in range(parts)]
    return Unit(name, lambda: jobs, lambda: finished.append(name))


def test_a_failing_unit_is_named_and_the_rest_goes_on(crew: Crew, tmp_path: Path) -> None:
    finished: list[str] = []
    done: list[int] = []
    units = [_unit(tmp_path, name, 5, finished) for name in ("a", "damaged", "b", "c")]
    failed = crew.attempt(_work, units, lambda: done.append(1))
    assert {name: (error.code, error.message[:7]) for name, error in failed.items()} == {
        "damaged": ("UNREADABLE_RASTER", "damaged")
    }
    assert sorted(finished) == ["a", "b", "c"]
    assert len(done) == 15
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"{n}-{p}" for n in "abc" for p in range(5)]


def test_a_unit_that_cannot_begin_or_finish_fails_alone(crew: Crew, tmp_path: Path) -> None:
    def refuse() -> list[Job]:
        raise InputError("OUTSIDE_IMAGERY", "No scene touches the grid.")

    def full() -> None:
        raise DataError("STORE_WRITE", "The disk is full.")

    finished: list[str] = []
    units = [
        Unit("nowhere", refuse, lambda: None),
        Unit("full", lambda: [(tmp_path, "full")], full),
        _unit(tmp_path, "good", 1, finished),
    ]
    failed = crew.attempt(_work, units, lambda: None)
    assert {name: error.code for name, error in failed.items()} == {
        "nowhere": "OUTSIDE_IMAGERY",
        "full": "STORE_WRITE",
    }
    assert finished == ["good"]


def test_units_begin_only_as_workers_get_free(crew: Crew, tmp_path: Path) -> None:
    """An area of any size keeps a handful of parts at the scheduler."""
    begun: list[str] = []
    finished: list[str] = []

    def unit(name: str) -> Unit:
        def begin() -> list[Job]:
            begun.append(name)
            return [(tmp_path, name)]

        return Unit(name, begin, lambda: finished.append(name))

    ahead: list[int] = []
    crew.attempt(_work, map(unit, map(str, range(40))), lambda: ahead.append(len(begun) - len(finished)))
    assert len(finished) == 40
    assert max(ahead) <= 16


def test_a_unit_without_parts_is_finished_at_once(crew: Crew, tmp_path: Path) -> None:
    finished: list[str] = []
    assert crew.attempt(_work, [_unit(tmp_path, "empty", 0, finished)], lambda: None) == {}
    assert finished == ["empty"]


def test_no_units_are_no_work(crew: Crew) -> None:
    assert crew.attempt(_work, [], lambda: None) == {}


def _answers_at_second_call(folder: Path, name: str) -> None:
    _touch(folder, name)
    if (folder / name).stat().st_size < 2:
        raise TransientError("SOURCE_DOWN", "The source does not answer.")


def test_a_source_that_comes_back_is_asked_again_by_the_worker(crew: Crew, tmp_path: Path) -> None:
    finished: list[str] = []
    assert crew.attempt(_answers_at_second_call, [_unit(tmp_path, "a", 2, finished)], lambda: None) == {}
    assert finished == ["a"]
    assert (tmp_path / "a-0").read_text() == "xx"


def _fault(_folder: Path, _name: str) -> None:
    raise ZeroDivisionError


def test_a_fault_of_the_program_is_not_a_failure_of_the_data(crew: Crew, tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        crew.attempt(_fault, [_unit(tmp_path, "a", 1, [])], lambda: None)


def _dies(folder: Path, name: str, times: int) -> None:
    _touch(folder, name)
    if (folder / name).stat().st_size <= times:
        os.kill(os.getpid(), signal.SIGKILL)


def test_parts_of_a_lost_worker_go_to_another(crew: Crew, tmp_path: Path) -> None:
    finished: list[str] = []
    units = [
        Unit(
            name,
            partial(lambda n: [(tmp_path, f"{n}-{p}", int(n == "fatal")) for p in range(3)], name),
            _noting(name, finished),
        )
        for name in ("fatal", "good")
    ]
    assert crew.attempt(_dies, units, lambda: None) == {}
    assert sorted(finished) == ["fatal", "good"]
    assert all((tmp_path / f"fatal-{part}").stat().st_size >= 2 for part in range(3))
    assert all((tmp_path / f"good-{part}").exists() for part in range(3))


def _noting(name: str, finished: list[str]) -> Callable[[], None]:
    return lambda: finished.append(name)


def test_a_part_that_ends_every_worker_is_given_up(crew: Crew, tmp_path: Path) -> None:
    finished: list[str] = []
    units = [
        Unit("fatal", lambda: [(tmp_path, "fatal", 99)], _noting("fatal", finished)),
        Unit("good", lambda: [(tmp_path, "good", 0)], _noting("good", finished)),
    ]
    failed = crew.attempt(_dies, units, lambda: None)
    assert str(failed["fatal"]) == (
        "A part of the work ended 4 workers one after another. It needs more memory than they have: raise "
        "ACRELINE_WORKER_MEMORY_MIB or use fewer workers."
    )
    assert finished == ["good"]


def _limit() -> int:
    from distributed import get_worker  # noqa: PLC0415 - in the worker only

    return int(get_worker().memory_manager.memory_limit)


def test_workers_have_the_memory_of_the_settings() -> None:
    with dask_client(None, 1, 700) as client:
        assert client.submit(_limit).result() == 700 * 2**20


def _sleeps(_folder: Path, _name: str) -> None:
    time.sleep(60)


def test_a_scheduler_that_goes_away_is_one_clear_line(tmp_path: Path) -> None:
    cluster = LocalCluster(
        n_workers=1, threads_per_worker=1, dashboard_address="127.0.0.1:0", host="127.0.0.1", silence_logs=50
    )
    begun: list[Job] = [(tmp_path, "a")]

    def close() -> None:
        cluster.close()

    with Crew(cluster.scheduler_address, None) as crew:
        crew.hire()

        def begin() -> list[Job]:
            crew.hire().loop.call_later(1.0, lambda: crew.hire().loop.run_in_executor(None, close))
            return begun

        with pytest.raises(AcrelineError) as caught:
            crew.attempt(_sleeps, [Unit("a", begin, lambda: None)], lambda: None)
    assert str(caught.value) == (
        "The Dask scheduler went away. Start it again and give the same command: what was finished stays."
    )
