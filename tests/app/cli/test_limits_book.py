"""Refreshing a book from the command line, as people type it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from app.cli.main import status_of
from app.db.engine import open_engine, sqlite_url
from scoring.policy import load_pack

POLICY = "cn-planting-generic"


@pytest.fixture(scope="module")
def place(
    load_benchmark: Callable[[str], ModuleType], sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A run of 60 parcels in a database, with loans that the policy is far from."""
    made, root = load_benchmark("refresh_book"), tmp_path_factory.mktemp("place")
    (root / "acreline.db").write_bytes(sqlite_template.read_bytes())
    book = made.make_book(60, 24, 3)
    record = made.write_run(root / "run", book, load_pack(POLICY), "run-1")
    engine = open_engine(sqlite_url(root / "acreline.db"))
    made.load_book(engine, book, [record], 5)
    engine.dispose()
    return root


@pytest.fixture
def limits(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str]]:
    monkeypatch.setenv("ACRELINE_DATABASE_URL", sqlite_url(place / "acreline.db"))
    monkeypatch.chdir(place)

    def run(*arguments: str) -> tuple[int, str]:
        capsys.readouterr()
        status = status_of(["limits", *arguments])
        said = capsys.readouterr()
        return status, said.out + said.err

    return run


REFRESH = ("refresh", "--as-of", "2026-11-20", "--run", "run", "--out", "book", "--quiet")

#: The batch's id is a hash of the policy too, and is not repeated here.
SUMMARY = """\
Day                                                2026-11-20
Season (in it)                          2026-01-01/2026-12-31
Policy                                    cn-planting-generic
Parcels                                                    60
Subjects                                                   23
Subjects decided again                                     23
Proposals up                                                5
Proposals down                                             15
Proposals of the same amount                                0
Proposals where nothing was approved                        3
Proposals without an amount                                 0
Proposals that need a visit                                19
Subjects gone from the book                                 0
Farmers left out: erased since the run                      0
Approved before, of these subjects             440,440.00 CNY
Proposed                                       217,884.00 CNY
  of it where nothing was approved              28,400.00 CNY
HELD: 20 subjects move by more than most_farmer_change 0.30: 464,373.00 CNY -> 187,384.00 CNY.
HELD: the book moves by more than most_book_change 0.05: 485,940.00 CNY -> 212,484.00 CNY.
Greatest moves
Subject                 Before          After    Share
farmer f0000013     178.00 CNY   1,000.00 CNY  +461.8%
farmer f0000011   3,356.00 CNY   9,100.00 CNY  +171.2%
farmer f0000005   7,160.00 CNY  17,100.00 CNY  +138.8%
farmer f0000006  42,270.00 CNY       0.00 CNY  -100.0%
farmer f0000017  11,777.00 CNY       0.00 CNY  -100.0%
farmer f0000019  19,500.00 CNY   1,400.00 CNY   -92.8%
farmer f0000021  32,976.00 CNY   2,400.00 CNY   -92.7%
farmer f0000023  12,831.00 CNY   1,700.00 CNY   -86.8%
farmer f0000012  14,706.00 CNY   2,000.00 CNY   -86.4%
farmer f0000020  13,895.00 CNY   2,000.00 CNY   -85.6%"""


def _figures(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.splitlines()[1:] if not line.startswith("Seconds"))


def test_from_a_dry_run_to_a_release(limits, place):
    status, dry = limits(*REFRESH, "--dry-run")
    assert status == 0
    assert not (place / "book").exists()
    assert dry.startswith("Dry run: nothing is written. It would be batch 20261120-")
    assert _figures(dry) == SUMMARY
    status, said = limits(*REFRESH, "--json", "--by", "admin")
    summary = json.loads(said)
    batch = summary["batch_id"]
    assert (status, summary["done"], summary["status"]) == (0, "recorded", "held")
    assert batch in dry
    assert f"Nothing to do: batch {batch} stands." in limits(*REFRESH)[1]
    assert f"{batch}  2026-11-20  held" in limits("batches")[1]
    assert json.loads(limits("batches", "--json")[1])[0]["status"] == "held"
    status, said = limits("release", batch, "--by", "admin", "--reason", "looked at it")
    assert (status, "admin started the batch" in said) == (2, True)
    assert limits("release", batch, "--by", "risk", "--reason", "looked at it")[0] == 0
    subject = summary["worst"][0]["subject_id"]
    assert limits("explain", subject, "--run", f"book/batches/{batch}")[0] == 0
    assert "the same" in limits("replay", subject, "--run", f"book/batches/{batch}")[1]
    assert limits("withdraw", batch, "--by", "risk", "--reason", "changed my mind")[0] == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("refresh", "--as-of", "tomorrow", "--run", "run", "--out", "book"), "--as-of 'tomorrow' is not a date"),
        (("refresh", "--as-of", "2026-11-20", "--run", "none", "--out", "book"), "none holds no finished run"),
        (("refresh", "--as-of", "2026-11-19", "--run", "run", "--out", "book"), "lies before the run"),
        ((*REFRESH, "--policy", "no-such"), "There is no policy 'no-such'"),
        ((*REFRESH, "--by", "nobody"), "Nobody has the login 'nobody'"),
        (("release", "20261120-none", "--by", "risk", "--reason", "why"), "There is no batch '20261120-none'"),
        (("withdraw", "20261120-none", "--by", "risk", "--reason", "why"), "There is no batch '20261120-none'"),
    ],
)
def test_what_cannot_be_done_is_one_line(limits, arguments, said):
    status, text = limits(*arguments)
    assert status in {2, 3}
    assert said in text
    assert len([line for line in text.splitlines() if line.startswith("Error")]) == 1
