from __future__ import annotations

import hmac
from base64 import b64encode
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from pydantic import SecretStr

from app.alerts.notices.signing import key_of, signatures

AT = datetime.fromtimestamp(1_614_265_330, UTC)


def test_the_example_of_standard_webhooks_verifies() -> None:
    key = key_of(SecretStr("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))
    signed = signatures([key], "msg_p5jXN8AQM9LWM0D4loKWxJek", AT, b'{"test": 2432232314}')
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_two_keys_give_two_signatures() -> None:
    keys = [b"a" * 32, b"b" * 32]
    first, second = signatures(keys, "m", AT, b"{}").split()
    expected = hmac.new(keys[1], b"m.1614265330.{}", sha256).digest()
    assert second == f"v1,{b64encode(expected).decode()}"
    assert first != second


@pytest.mark.parametrize("secret", ["c2hvcnQ=", "not base64!", b64encode(b"x" * 65).decode()])
def test_a_key_has_24_to_64_bytes(secret: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - of two kinds, both meant
        key_of(SecretStr(secret))
