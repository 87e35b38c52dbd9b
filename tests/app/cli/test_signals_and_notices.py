from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.cli.main import status_of
from app.db.engine import open_engine
from tests.app.alerts.notices.bank import Bank
from tests.app.alerts.notices.receiver import Answer, receiver
from tests.app.alerts.signals.messages import message

Out = pytest.CaptureFixture[str]


@pytest.fixture
def bank(migrated_sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Bank:
    monkeypatch.setenv("ACRELINE_DATABASE_URL", migrated_sqlite_url)
    monkeypatch.setenv("ACRELINE_NOTICE_HOSTS", "127.0.0.1")
    monkeypatch.setenv("COLUMNS", "300")
    engine = open_engine(migrated_sqlite_url)
    made = Bank(engine)
    made.clock.now = datetime.now(UTC)
    engine.dispose()
    return made


def _said(capsys: Out, *arguments: object) -> tuple[int, str]:
    status = status_of([str(each) for each in arguments])
    captured = capsys.readouterr()
    return status, captured.out + captured.err


@pytest.mark.usefixtures("bank")
def test_signals_come_in_and_are_listed(tmp_path: Path, capsys: Out) -> None:
    file = tmp_path / "claims.csv"
    file.write_text("kind,external_id,parcel_id,said,starts_on\ninsurance,c1,p000,Claim paid,2026-11-01\n")
    given = ("signals", "import", file, "--source", "insurer", "--as-of", "2026-11-02", "--by", "officer")
    assert "dry run: nothing was written" in _said(capsys, *given, "--dry-run")[1]
    assert json.loads(_said(capsys, *given, "--json")[1])["new"] == 1
    warning = tmp_path / "hail.xml"
    warning.write_bytes(message())
    drill = tmp_path / "drill.cap"
    drill.write_bytes(message("m2", status="Exercise"))
    status, said = _said(capsys, "signals", "import", warning, drill, "--source", "met", "--by", "officer")
    assert status == 0
    assert "1 new, 0 known" in said
    assert "1 messages were tests" in said
    assert "weather_warning\twarning\t2026-11-16 until 2026-11-17\tan area" in _said(capsys, "signals", "list")[1]
    listed = _said(capsys, "signals", "list", "--parcel", "p000", "--on", "2026-11-20", "--json")[1]
    assert json.loads(listed)["external_id"] == "c1"
    assert _said(capsys, "signals", "list", "--kind", "pest") == (0, "No signals.\n")
    assert _said(capsys, *given[:-1], "nobody")[0] == 2
    assert "no parcel 'p9'" in _said(capsys, "signals", "list", "--parcel", "p9")[1]
    status, said = _said(capsys, "signals", "import", file, "--source", "other", "--by", "officer")
    assert (status, "--as-of" in said) == (2, True)


def test_notices_go_out_and_are_tried_again(bank: Bank, monkeypatch: pytest.MonkeyPatch, capsys: Out) -> None:
    with receiver(Answer(404), Answer(200)) as there:
        added = ("notices", "channel", "add", "hook", "--kind", "webhook", "--target", f"{there.url}?key=hush")
        assert _said(capsys, *added, "--level", "watch", "--by", "officer")[0] == 2
        assert _said(capsys, *added, "--level", "watch", "--by", "admin")[0] == 0
        assert f"{there.url}?...\tfrom watch\tall units\ten\tactive" in _said(capsys, "notices", "channel", "list")[1]
        status, said = _said(capsys, "notices", "send")
        assert (status, "ACRELINE_NOTICE_SECRET" in said) == (2, True)
        monkeypatch.setenv("ACRELINE_NOTICE_SECRET", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
        assert _said(capsys, "notices", "send") == (0, "0 new, 0 sent, 0 to be tried again, 0 given up.\n")
        bank.clock.now = datetime.now(UTC)
        bank.event("p000", day=bank.clock.now.date())
        status, said = _said(capsys, "notices", "send", "--once")
        assert (status, said.partition(".")[0]) == (4, "1 new, 0 sent, 0 to be tried again, 1 given up")
        listed = _said(capsys, "notices", "list", "--status", "failed")[1]
        assert "opened warning\tp000 abrupt_loss" in listed
        assert "hush" not in listed
        assert _said(capsys, "notices", "retry", "--by", "admin")[0] == 2
        assert _said(capsys, "notices", "retry", 1, "--by", "admin")[0] == 0
        assert json.loads(_said(capsys, "notices", "send", "--json")[1])["sent"] == 1
        assert json.loads(_said(capsys, "notices", "list", "--json")[1])["attempts"] == 1
    assert len(set(there.ids())) == 1
    assert _said(capsys, "notices", "channel", "deactivate", "hook", "--by", "admin")[0] == 0
    assert _said(capsys, "notices", "send", "--once", "--follow", "5")[0] == 2


def test_following_goes_on_until_interrupted(bank: Bank, monkeypatch: pytest.MonkeyPatch, capsys: Out) -> None:
    with receiver() as there:
        bank.channel(target=there.url)
        monkeypatch.setenv("ACRELINE_NOTICE_SECRET", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
        slept = []

        def sleep(seconds: float) -> None:
            slept.append(seconds)
            if len(slept) > 1:
                raise KeyboardInterrupt
            bank.event("p000", day=bank.clock.now.date())

        monkeypatch.setattr("time.sleep", sleep)
        status, said = _said(capsys, "notices", "send", "--follow", "30")
    assert (status, slept, len(there.received)) == (130, [30.0, 30.0], 1)
    assert said.startswith("1 new, 1 sent")
