from __future__ import annotations

import pytest

from app.jobs.patience import patiently
from geo.errors import DataError, TransientError


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Pauses that were asked for; none is made."""
    said: list[float] = []
    monkeypatch.setattr("tenacity.nap.time.sleep", said.append)
    return said


def _answers_at(call: int) -> object:
    calls = 0

    def work(name: str) -> str:
        nonlocal calls
        calls += 1
        if calls < call:
            raise TransientError("SOURCE_DOWN", f"{name} does not answer ({calls}).")
        return name

    return work


def test_what_answers_at_once_is_not_paused(pauses: list[float]) -> None:
    assert patiently(_answers_at(1), "a") == "a"
    assert pauses == []


def test_what_answers_later_is_asked_again_with_pauses(pauses: list[float]) -> None:
    assert patiently(_answers_at(5), "a") == "a"
    assert len(pauses) == 4
    assert all(0 <= pause <= 2**number for number, pause in enumerate(pauses))


def test_the_fifth_failure_is_final(pauses: list[float]) -> None:
    with pytest.raises(TransientError, match=r"a does not answer \(5\)\."):
        patiently(_answers_at(6), "a")
    assert len(pauses) == 4


def test_damaged_data_are_not_asked_for_again(pauses: list[float]) -> None:
    def work() -> None:
        raise DataError("UNREADABLE_RASTER", "a.tif cannot be read.")

    with pytest.raises(DataError):
        patiently(work)
    assert pauses == []
