"""People, decisions and the chain as commands, from an empty database on."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import pytest
from sqlalchemy import Engine

from app.cli.decisions import Status
from app.cli.main import status_of
from app.cli.people import Level, Role
from app.db.tables.kinds import OrgKind, ProposalStatus, UserRole
from scoring.policy import load_pack
from tests.app.book.made_up_book import Bank, Offer, open_bank, propose, tamper

Say = Callable[..., tuple[int, str]]


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str], migrated_sqlite_url: str) -> Say:
    """Runs a command on the database; status, and both streams."""

    def run(*words: str) -> tuple[int, str]:
        status = status_of([*words, "--database", migrated_sqlite_url])
        both = capsys.readouterr()
        return status, both.out + both.err

    return run


@pytest.fixture
def engine(migrated_sqlite_url: str, make_engine: Callable[[str], Engine]) -> Engine:
    return make_engine(migrated_sqlite_url)


@pytest.fixture
def offered(engine: Engine) -> list[int]:
    """Proposals of the shipped pack: three open ones, one held, one without an amount."""
    bank = open_bank(engine)
    offers = [Offer(), Offer(), Offer(), Offer(status=ProposalStatus.HELD), Offer(None, parts=())]
    return propose(Bank(engine, load_pack("cn-planting-generic"), bank.people), offers)


def test_people_are_added_and_authorised(say: Say) -> None:
    assert say("people", "add-unit", "001", "--name", "Head office", "--kind", "head_office")[0] == 0
    ada = ("people", "add-user", "ada", "--name", "Ada", "--unit", "001", "--role")
    assert "must be an administrator" in say(*ada, "officer")[1]
    assert say(*ada, "admin")[0] == 0
    rob = ("people", "add-user", "rob", "--name", "Rob", "--unit", "001", "--role", "reviewer")
    assert "Only the first user is added by nobody" in say(*rob)[1]
    assert say(*rob, "--by", "ada") == (0, "User 2 (rob) added.\n")
    grant = ("people", "grant", "rob", "--up-to", "2000.50", "--currency", "CNY", "--by", "ada")
    dated = ("--from", "2026-11-01", "--to", "2099-12-31", "--policy", "cn-planting-generic")
    status, said = say(*grant, *dated)
    assert (status, said) == (0, "Authority 1 granted to rob: from 2026-10-31 16:00 to 2099-12-31 16:00 (UTC).\n")
    assert "up to 2,000.50 CNY" in say("people", "list")[1]
    assert say("people", "revoke", "1", "--by", "ada")[0] == 0
    assert say("people", "deactivate", "rob", "--by", "ada")[0] == 0
    listed = json.loads(say("people", "list", "--json")[1])
    assert [(user["login"], user["active"]) for user in listed["users"]] == [("ada", True), ("rob", False)]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("grant", "rob", "--up-to", "x", "--currency", "CNY", "--by", "ada"), "'x' is no amount"),
        (("grant", "rob", "--up-to", "-1", "--currency", "CNY", "--by", "ada"), "is negative"),
        (("grant", "--up-to", "1", "--currency", "CNY", "--by", "ada"), "for one person or for the program"),
        (("grant", "rob", "--automatic", "--up-to", "1", "--currency", "CNY", "--by", "ada"), "for one person or"),
        (("grant", "--automatic", "--up-to", "1", "--currency", "CNY", "--by", "ada"), "needs a policy and an end"),
        (("grant", "rob", "--up-to", "1", "--currency", "CNY", "--by", "zoe"), "Nobody has the login 'zoe'"),
        (("grant", "rob", "--up-to", "1", "--currency", "CNY", "--by", "ada", "--time-zone", "Mars"), "no"),
        (("grant", "rob", "--up-to", "1", "--currency", "CNY", "--by", "ada", "--to", "soon"), "is not a date"),
    ],
)
def test_wrong_grants_are_one_line(say: Say, engine: Engine, words: tuple[str, ...], expected: str) -> None:
    open_bank(engine)
    status, said = say("people", *words)
    assert (status, said.count("\n")) == (2, 1)
    assert expected in said


def test_proposals_are_listed_and_decided(say: Say, offered: list[int]) -> None:
    first, second, third, held, unknown = map(str, offered)
    assert "12,000.00 CNY" in say("decisions", "list")[1]
    assert len(say("decisions", "list", "--json")[1].splitlines()) == 4
    assert "There may be more: --after 1" in say("decisions", "list", "--most", "1")[1]
    status, said = say("decisions", "approve", first, first, "--by", "olga")
    assert status == 0
    assert "farmer b-1-f0 approved 12,000.00 CNY, by olga, " in said
    note = ("--note", "land right not seen")
    assert "is held with its batch" in say("decisions", "refuse", held, "--by", "olga", *note)[1]
    assert "returned" in say("decisions", "return", unknown, "--by", "olga", *note)[1]
    why = ("--made-by", "olga", "--by", "rob", "--reason-code", "KNOWN_RISK", "--reason", "flood plain")
    assert "is not less than what is proposed" in say("decisions", "reduce", second, "--amount", "12000", *why)[1]
    assert "reduced 11,000.00 CNY" in say("decisions", "reduce", second, "--amount", "11000", *why)[1]
    assert "approved 13,000.00 CNY" in say("decisions", "override", third, "--amount", "13000", *why)[1]
    assert len(say("decisions", "list", "--decided")[1].splitlines()) == 4
    assert say("decisions", "list")[1] == "Proposals: 4 decided, 1 held.\n"


def test_another_amount_is_asked_for_and_answered_by_another(say: Say, offered: list[int]) -> None:
    first, second, third, *_ = map(str, offered)
    why = ("--reason-code", "KNOWN_RISK", "--reason", "flood plain")
    assert say("decisions", "requests") == (0, "No request waits.\n")
    status, said = say("decisions", "ask", first, "--amount", "11000", "--by", "olga", *why)
    assert status == 0
    assert said.startswith("Request 1 (proposal 1): 11,000.00 CNY in place of 12,000.00 CNY, KNOWN_RISK, asked by olga")
    assert "has an open request already" in say("decisions", "ask", first, "--amount", "11500", "--by", "rob", *why)[1]
    assert "olga made the request 1" in say("decisions", "answer", "1", "refuse", "--by", "olga", "--note", "x")[1]
    assert "needs a note" in say("decisions", "answer", "1", "refuse", "--by", "rob")[1]
    assert "reduced 11,000.00 CNY, by rob" in say("decisions", "answer", "1", "approve", "--by", "rob")[1]
    assert "was approved by rob already" in say("decisions", "answer", "1", "approve", "--by", "rob")[1]
    say("decisions", "ask", second, "--amount", "13000", "--by", "olga", *why)
    assert "refused, by rob: no" in say("decisions", "answer", "2", "refuse", "--by", "rob", "--note", "no")[1]
    say("decisions", "ask", third, "--amount", "13000", "--by", "olga", *why)
    assert "withdrawn, by olga" in say("decisions", "answer", "3", "withdraw", "--by", "olga")[1]
    assert len(say("decisions", "requests", "--all", "--json")[1].splitlines()) == 3
    assert "no amount" in say("decisions", "ask", second, "--amount", "lots", "--by", "olga", *why)[1]
    assert "There is no override request 9" in say("decisions", "answer", "9", "approve", "--by", "rob")[1]


def test_several_are_decided_together_or_not_at_all(say: Say, offered: list[int]) -> None:
    status, said = say("decisions", "approve", str(offered[0]), str(offered[3]), "--by", "olga")
    assert status == 2
    assert "is held" in said
    assert say("decisions", "list", "--decided")[1] == "Nothing was decided.\n"


def test_automatic_approval_needs_the_packs_word(say: Say, offered: list[int]) -> None:
    assert offered
    status, said = say("decisions", "automatic", "--policy", "cn-planting-generic")
    assert status == 2
    assert "lets nothing be approved automatically" in said


def test_the_chain_is_verified_exported_and_shown(say: Say, engine: Engine, offered: list[int], tmp_path: Path) -> None:
    assert say("decisions", "approve", str(offered[0]), "--by", "olga")[0] == 0
    heads = tmp_path / "heads"
    status, said = say("audit", "export", "--out", str(heads), "--time-zone", "Asia/Shanghai")
    assert (status, "(kept)" in said) == (0, True)
    assert "was kept before" in say("audit", "export", "--out", str(heads), "--time-zone", "Asia/Shanghai")[1]
    status, said = say("audit", "verify", "--heads", str(heads))
    assert status == 0
    assert said.endswith("The chain vouches for everything.\n")
    shown = json.loads(say("audit", "show", "--seq", "10")[1])
    assert (shown["kind"], shown["fits"], shown["row"]["amount_minor"]) == ("decision", True, 1_200_000)
    tamper(engine, "UPDATE decision SET amount_minor = 1")
    status, said = say("audit", "verify")
    assert status == 3
    assert "ROW_CHANGED: decision 1 is not what entry 10 vouches for." in said
    assert "Error: The chain does not vouch for 1 things." in said
    found: dict[str, Any] = json.loads(say("audit", "verify", "--json")[1].splitlines()[0])
    assert found["faults"][0]["code"] == "ROW_CHANGED"


def test_options_offer_what_tables_hold_and_help_needs_no_database() -> None:
    for words, kind in ((Status, ProposalStatus), (Level, OrgKind), (Role, UserRole)):
        assert sorted(get_args(words)) == sorted(kind)
    code = "import sys, app.cli.main; sys.exit('sqlalchemy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0


def test_without_a_database_the_error_says_which_setting(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ACRELINE_DATABASE_URL", raising=False)
    assert status_of(["audit", "verify"]) == 2
    assert "set ACRELINE_DATABASE_URL" in capsys.readouterr().err
