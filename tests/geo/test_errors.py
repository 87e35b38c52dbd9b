from __future__ import annotations

import pickle

import pytest

from geo.errors import AcrelineError, DataError, InputError, TransientError


def test_text_is_message_and_remedy() -> None:
    assert str(InputError("X", "It is missing.", "Add it.")) == "It is missing. Add it."
    assert str(InputError("X", "It is missing.")) == "It is missing."


@pytest.mark.parametrize(
    ("kind", "status", "retryable"), [(InputError, 2, False), (DataError, 3, False), (TransientError, 3, True)]
)
def test_exit_status_and_retry(kind: type[AcrelineError], status: int, retryable: bool) -> None:
    assert (kind.exit_status, kind.retryable) == (status, retryable)


def test_survives_a_worker_process_with_all_its_facts() -> None:
    error = pickle.loads(pickle.dumps(DataError("CODE", "message.", "remedy.", file="a.tif")))  # noqa: S301 # our own bytes
    assert type(error) is DataError
    assert (error.code, error.message, error.remedy, error.context) == (
        "CODE",
        "message.",
        "remedy.",
        {"file": "a.tif"},
    )
