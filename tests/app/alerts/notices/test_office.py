from __future__ import annotations

import pytest

from app.alerts.notices.office import open_office
from app.alerts.notices.told import titles_of
from app.settings import load_settings
from geo.errors import InputError

NEW, OLD = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "b2xkb2xkb2xkb2xkb2xkb2xkb2xkb2xk"
SMTP = {"ACRELINE_SMTP_HOST": "mail.bank.example", "ACRELINE_SMTP_SENDER": "a@bank.example"}


def _set(patch: pytest.MonkeyPatch, **values: str) -> None:
    for name, value in values.items():
        patch.setenv(name, value)


def test_settings_open_the_ways_out(monkeypatch: pytest.MonkeyPatch) -> None:
    _set(monkeypatch, ACRELINE_NOTICE_SECRET=NEW, ACRELINE_NOTICE_SECRET_OLD=OLD, **SMTP)
    monkeypatch.setenv("ACRELINE_SMTP_PASSWORD", "hush")
    monkeypatch.setenv("ACRELINE_NOTICE_HOSTS", "Hooks.Inside, 10.0.0.1,")
    office = open_office(load_settings(), titles_of())
    assert [len(key) for key in office.webhooks.keys] == [24, 24]
    assert office.webhooks.allowed == {"hooks.inside", "10.0.0.1"}
    assert office.relay is not None
    assert (office.relay.host, office.relay.port, office.relay.security) == ("mail.bank.example", 587, "starttls")
    assert "hush" not in repr(office)
    assert "old" not in repr(office)


def test_without_settings_there_are_none() -> None:
    office = open_office(load_settings(), titles_of())
    assert (office.webhooks.keys, office.relay) == ([], None)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"ACRELINE_NOTICE_SECRET": "c2hvcnQ="}, "24 to 64 random bytes"),
        ({"ACRELINE_NOTICE_SECRET_OLD": "not base64"}, "24 to 64 random bytes"),
        ({"ACRELINE_SMTP_SENDER": "bank"}, "must be a mailbox"),
        ({**SMTP, "ACRELINE_SMTP_SECURITY": "none"}, "only where smtp_host is this machine"),
        ({"ACRELINE_SMTP_SECURITY": "ssl"}, "'starttls', 'tls' or 'none'"),
    ],
)
def test_settings_that_would_leave_notices_open_are_refused(
    monkeypatch: pytest.MonkeyPatch, values: dict[str, str], said: str
) -> None:
    _set(monkeypatch, **values)
    with pytest.raises(InputError, match=said) as caught:
        load_settings()
    assert "c2hvcnQ" not in str(caught.value)
