from __future__ import annotations

from pathlib import Path

import pytest

from app.cli.main import status_of

Out = pytest.CaptureFixture[str]


@pytest.mark.parametrize("command", ["explain", "replay", "next"])
@pytest.mark.parametrize(
    ("given", "says"),
    [
        (["F1"], "No folder is named. Give --run RUN, or --book BOOK."),
        (["--decision", "2"], "--proposal and --decision need the folder of the book."),
        (["--book", "book"], "by its id, by --proposal or by --decision"),
        (["F1", "--decision", "2", "--book", "book"], "by its id, by --proposal or by --decision"),
        (["--proposal", "1", "--decision", "2", "--book", "book"], "by its id, by --proposal or by --decision"),
    ],
)
def test_a_limit_is_named_in_one_way(command: str, given: list[str], says: str, capsys: Out) -> None:
    assert status_of(["limits", command, *given]) == 2
    assert says in capsys.readouterr().err


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (["F1"], "holds no batch of this database"),
        (["--decision", "2"], "There is no decision 2."),
        (["--proposal", "1"], "There is no proposal 1."),
    ],
)
def test_what_the_book_does_not_know(
    given: list[str], says: str, tmp_path: Path, migrated_sqlite_url: str, capsys: Out
) -> None:
    assert status_of(["limits", "replay", *given, "--book", str(tmp_path), "--database", migrated_sqlite_url]) == 2
    assert says in capsys.readouterr().err
