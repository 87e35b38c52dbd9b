from __future__ import annotations

import socket
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from app.alerts.notices.outcome import Outcome
from app.alerts.notices.signing import signatures
from app.alerts.notices.webhook import Webhooks, judge
from tests.app.alerts.notices.certificates import serving, trusting
from tests.app.alerts.notices.receiver import Answer, receiver

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
KEYS = (b"n" * 32, b"o" * 32)
HERE = frozenset({"127.0.0.1", "hooks.test"})
BODY = b'{"a":1}'


def _post(url: str, **options: Any) -> Outcome:
    return Webhooks(KEYS, **{"allowed": HERE, **options}).post(url, "id-1", BODY, AT)


def _drip(handler: BaseHTTPRequestHandler) -> None:
    for byte in b"HTTP/1.1 200 OK\r\nX: " + b"y" * 200:
        try:
            handler.wfile.write(bytes([byte]))
        except OSError:
            return
        time.sleep(0.05)


def _hang_up(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HT")


def test_a_post_is_signed_with_both_keys_and_says_whose_it_is() -> None:
    with receiver() as there:
        outcome = _post(there.url)
    assert outcome == Outcome(delivered=True)
    (seen,) = there.received
    assert (seen.body, seen.path) == (BODY, "/hook")
    assert seen.headers["webhook-signature"] == signatures(KEYS, "id-1", AT, BODY)
    assert (seen.headers["webhook-id"], seen.headers["webhook-timestamp"]) == ("id-1", str(int(AT.timestamp())))
    assert seen.headers["Host"] == f"127.0.0.1:{there.port}"


@pytest.mark.parametrize(
    ("answer", "again", "wait_s"),
    [
        (Answer(500), True, 0),
        (Answer(503, {"Retry-After": "120"}), True, 120),
        (Answer(429, {"Retry-After": format_datetime(AT + timedelta(hours=1), usegmt=True)}), True, 3600),
        (Answer(429, {"Retry-After": "9999999"}), True, 86_400),
        (Answer(408), True, 0),
        (Answer(425, {"Retry-After": "soon"}), True, 0),
        (Answer(400), False, 0),
        (Answer(410), False, 0),
        (Answer(301, {"Location": "http://127.0.0.1:1/"}), False, 0),
    ],
)
def test_answers_are_judged(answer: Answer, again: bool, wait_s: float) -> None:
    with receiver(answer) as there:
        outcome = _post(there.url)
    assert (outcome.delivered, outcome.again, outcome.rest, outcome.wait_s) == (False, again, again, wait_s)
    assert outcome.error == f"HTTP {answer.status}"
    assert len(there.received) == 1  # no redirect is followed


def test_a_body_is_kept_short_and_without_signature_or_query() -> None:
    signed = signatures(KEYS, "id-1", AT, BODY)
    with receiver(Answer(500, body=f"bad {signed} hush\n\x1b[31m ".encode() + b"x" * 5_000)) as there:
        outcome = _post(f"{there.url}?hush")
    assert outcome.error is not None
    assert outcome.error.startswith("HTTP 500: bad *** *** *** [31m xxx")
    assert len(outcome.error) <= 200 + len("HTTP 500: ")


@pytest.mark.parametrize("act", [_drip, _hang_up])
def test_who_does_not_answer_is_asked_again_after_a_deadline(act: Any) -> None:
    begun = time.monotonic()
    with receiver(Answer(act=act)) as there:
        outcome = _post(there.url, deadline_s=0.3)
    assert outcome.again
    assert outcome.error is not None
    assert outcome.error.startswith("No answer: ")
    assert time.monotonic() - begun < 5


def test_where_nobody_listens_it_is_tried_again() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        outcome = _post(f"http://127.0.0.1:{taken.getsockname()[1]}/")
    assert (outcome.error, outcome.again) == ("No answer: Connection refused.", True)


def test_a_name_that_leads_inside_is_refused_and_nothing_is_sent() -> None:
    with receiver() as there:
        outcome = Webhooks(KEYS, frozenset(), resolve=_inside(there.port)).post("https://x.example/", "i", BODY, AT)
        assert Webhooks(KEYS, frozenset()).post(there.url, "i", BODY, AT).error is not None
    assert (outcome.again, there.received) == (False, [])
    assert outcome.error is not None
    assert "not public" in outcome.error


def _inside(port: int) -> Any:
    return lambda *_args, **_named: [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]


def test_the_certificate_is_that_of_the_name_and_the_address_the_one_that_was_checked(certificate: Path) -> None:
    with receiver(context=serving(certificate)) as there:
        options = {"resolve": _inside(there.port), "trust": lambda: trusting(certificate)}
        url = f"https://hooks.test:{there.port}/"
        assert _post(url, **options).delivered
        distrusted = _post(url, resolve=_inside(there.port))
        other = _post(f"https://other.test:{there.port}/", **{**options, "allowed": frozenset({"other.test"})})
    assert distrusted.again
    assert str(distrusted.error).startswith("No answer: TLS: self")
    assert "Hostname mismatch" in str(other.error)
    assert len(there.received) == 1


def test_an_unknown_name_is_tried_again() -> None:
    def unknown(*_args: object, **_named: object) -> Any:
        raise socket.gaierror(-2, "Name or service not known")

    outcome = _post("https://nowhere.example/", resolve=unknown)
    assert (outcome.error, outcome.again) == ("No answer: the name of the host is not known.", True)


def test_a_date_to_wait_until_may_be_past() -> None:
    assert judge(503, "Wed, 21 Oct 2015 07:28:00 GMT", "", AT).wait_s == 0
