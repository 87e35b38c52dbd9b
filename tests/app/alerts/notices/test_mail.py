from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from app.alerts.notices.mail import Letter, Relay, check_mailbox, compose, is_loopback
from app.alerts.notices.outcome import Outcome
from app.alerts.notices.signing import signatures
from geo.errors import InputError
from tests.app.alerts.notices.certificates import serving, trusting
from tests.app.alerts.notices.mailbox import mailbox

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
SENDER = "acreline@bank.example"
LETTER = Letter("desk@bank.example", "预警 2 条", "预警（新增）：冠层突然损失\n.\n\nEnd\n", "abc123", "zh")
KEYS = (b"k" * 32,)


def _send(port: int, **options: Any) -> Outcome:
    relay = Relay("127.0.0.1", port, SENDER, **{"security": "none", **options})
    return relay.send(compose(LETTER, SENDER, KEYS, AT))


def test_a_mail_arrives_as_written_and_its_signature_holds() -> None:
    with mailbox() as there:
        assert _send(there.port) == Outcome(delivered=True)
    (mail,) = there.mails
    text = mail.get_content().replace("\r\n", "\n")
    assert (text, mail["Subject"], mail["To"], mail["From"]) == (LETTER.text, LETTER.subject, LETTER.to, SENDER)
    assert mail["Message-ID"] == "<abc123@bank.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    at = datetime.fromtimestamp(int(mail["Acreline-Timestamp"]), UTC)
    signed = re.sub(r"\s+", "", mail["Acreline-Signature"])
    assert signed == signatures(KEYS, "abc123", at, text.encode())
    assert compose(LETTER, SENDER, (), AT)["Acreline-Signature"] is None


def test_the_way_there_is_encrypted_and_the_login_comes_after(certificate: Path) -> None:
    with mailbox(serving(certificate)) as there:
        trust = {"security": "starttls", "trust": lambda: trusting(certificate)}
        assert _send(there.port, user="me", password="hush", **trust).delivered  # noqa: S106 - of a test
        distrusted = _send(there.port, security="starttls")
    assert (there.encrypted, len(there.logins)) == ([True], 1)
    assert distrusted.again
    assert "certificate verify failed" in str(distrusted.error)


def test_without_starttls_nothing_is_said() -> None:
    with mailbox() as there:
        outcome = _send(there.port, security="starttls", user="me", password="hush")  # noqa: S106 - of a test
    assert (outcome.again, there.mails, there.logins) == (True, [], [])
    assert "STARTTLS" in str(outcome.error)


@pytest.mark.parametrize(
    ("replies", "again", "said"),
    [
        ({"RCPT": "550 no such mailbox"}, False, "SMTP 550: no such mailbox"),
        ({"RCPT": "450 greylisted"}, True, "SMTP 450: greylisted"),
        ({"MAIL": "550 not you"}, False, "SMTP 550"),
        ({"END": "451 later"}, True, "SMTP 451: later"),
        ({"END": "554 spam"}, False, "SMTP 554: spam"),
        ({"AUTH": "535 who are you"}, True, "The relay refuses the login (535)."),
    ],
)
def test_answers_of_the_relay_are_judged(replies: dict[str, str], again: bool, said: str) -> None:
    with mailbox(**replies) as there:
        login = {"user": "me", "password": "hush"} if "AUTH" in replies else {}
        outcome = _send(there.port, **login)
    assert (outcome.delivered, outcome.again) == (False, again)
    assert str(outcome.error).startswith(said)
    assert "hush" not in str(outcome.error)


def test_where_no_relay_answers_it_is_tried_again() -> None:
    with mailbox() as there:
        pass
    assert _send(there.port).again


@pytest.mark.parametrize("text", ["", "desk", "desk@", "a@b\nBcc: c@d", "A <a@b.c>", "a@b.c, d@e.f", "ä@b.c", "@b.c"])
def test_a_mailbox_is_one_address(text: str) -> None:
    with pytest.raises(InputError, match="no mailbox"):
        check_mailbox(text)
    assert check_mailbox("alerts@bank.example") == "alerts@bank.example"


def test_only_this_machine_is_loopback() -> None:
    assert [is_loopback(each) for each in ("localhost", "127.0.0.1", "::1", "mail.bank.example")] == [True] * 3 + [
        False
    ]
