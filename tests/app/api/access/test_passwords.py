from __future__ import annotations

import pytest

from app.api.access.passwords import Passwords, require_strong
from app.api.access.tokens import csrf_fits, csrf_token, new_token
from geo.errors import InputError
from tests.app.api.access.service import PASSWORD, quick_passwords


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("fourteen chars", "fewer than 15 characters"),
        ("x" * 257, "more than 256 characters"),
        ("abababababababab", "fewer than 6 different characters"),
        ("my name is OLGA, really", "holds the login"),
        ("ﬁ" * 7, "fewer than 15 characters"),
    ],
)
def test_a_weak_password_is_refused_and_not_repeated(password: str, said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        require_strong(password, "olga")
    assert caught.value.code == "PASSWORD_WEAK"
    assert password not in str(caught.value)


@pytest.mark.parametrize("password", [PASSWORD, "麦田里的七只白鹭今天站在水边不动", "  spaces count too  "])
def test_words_of_any_script_are_taken(password: str) -> None:
    require_strong(password, "olga")
    hashed = quick_passwords().hash(password)
    assert quick_passwords().check(password, hashed).right
    assert not quick_passwords().check(password.strip() + "!", hashed).right


def test_keyboards_that_write_one_character_in_two_ways_agree() -> None:
    hashed = quick_passwords().hash("Zoe\N{COMBINING DIAERESIS} sees seven herons")
    assert quick_passwords().check("Zo\N{LATIN SMALL LETTER E WITH DIAERESIS} sees seven herons", hashed).right


def test_the_real_parameters_are_argon2id_with_64_mib_and_a_salt_each() -> None:
    passwords = Passwords()
    first, second = passwords.hash(PASSWORD), passwords.hash(PASSWORD)
    assert first != second
    assert first.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert passwords.check(PASSWORD, first).right
    assert not passwords.check(PASSWORD, None).right


def test_a_csrf_token_is_bound_to_its_session() -> None:
    one, two = new_token(lambda size: b"1" * size), new_token(lambda size: b"2" * size)
    assert csrf_fits(one, csrf_token(one))
    assert not csrf_fits(one, csrf_token(two))
    assert not csrf_fits(one, None)
    assert one not in csrf_token(one)
