from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from app.book.chain.verification import verify
from app.book.chain.witnesses import witnesses
from app.book.decisions.authorities import Grant, authorities, authorities_of, end_authority, grant
from app.book.decisions.people import NewUser, add_unit, add_user, deactivate_user, find_user, users
from app.db.engine import writing
from app.db.tables.kinds import OrgKind, UserRole
from geo.errors import InputError
from tests.app.book.made_up_book import LATER, NOW, PEOPLE, Bank


def _refused(code: str, call: Any, *arguments: Any) -> str:
    with pytest.raises(InputError) as caught:
        call(*arguments)
    assert caught.value.code == code
    return caught.value.message


def _new(login: str = "new", role: UserRole = UserRole.OFFICER, unit: str = "001") -> NewUser:
    return NewUser(login, "New", role, unit, "zh")


def test_people_are_added_found_and_leave(bank: Bank) -> None:
    with writing(bank.engine) as connection:
        assert [person.login for person in users(connection)] == sorted(PEOPLE)
        deactivate_user(connection, "ben", bank.people["ada"], LATER)
        assert "no longer active" in _refused("USER_INACTIVE", find_user, connection, "ben")
        assert "'nobody'" in _refused("UNKNOWN_USER", find_user, connection, "nobody")
        assert verify(connection, witnesses()).faults == []


def test_only_administrators_add_and_remove_people(bank: Bank) -> None:
    ada, olga = bank.people["ada"], bank.people["olga"]
    with writing(bank.engine) as connection:
        _refused("ROLE_LACKS", add_user, connection, _new(), olga, LATER)
        _refused("WHO_ADDS", add_user, connection, _new(), None, LATER)
        _refused("LOGIN_TAKEN", add_user, connection, _new("rob"), ada, LATER)
        _refused("UNKNOWN_UNIT", add_user, connection, _new(unit="999"), ada, LATER)
        _refused("ROLE_LACKS", deactivate_user, connection, "rob", olga, LATER)
        _refused("MAKER_IS_CHECKER", deactivate_user, connection, "ada", ada, LATER)


def test_the_first_user_is_an_administrator(engine: Any) -> None:
    with writing(engine) as connection:
        add_unit(connection, "001", "Head office", OrgKind.HEAD_OFFICE, None, NOW)
        add_unit(connection, "002", "Branch", OrgKind.BRANCH, "001", NOW)
        _refused("UNIT_TAKEN", add_unit, connection, "002", "Branch", OrgKind.BRANCH, "001", NOW)
        _refused("UNKNOWN_UNIT", add_unit, connection, "003", "Branch", OrgKind.BRANCH, "009", NOW)
        _refused("FIRST_USER", add_user, connection, _new(), None, NOW)
        assert add_user(connection, _new(role=UserRole.ADMIN), None, NOW).role == UserRole.ADMIN


def test_authorities_are_granted_by_others_and_end_at_once(bank: Bank) -> None:
    ada, rita, olga = (bank.people[login] for login in ("ada", "rita", "olga"))
    with writing(bank.engine) as connection:
        _refused("MAKER_IS_CHECKER", grant, connection, Grant(rita.id, 1, "CNY", NOW), rita, NOW)
        _refused("ROLE_LACKS", grant, connection, Grant(rita.id, 1, "CNY", NOW), olga, NOW)
        _refused("AUTHORITY_SPAN", grant, connection, Grant(rita.id, 1, "CNY", LATER, NOW), ada, NOW)
        _refused("AUTHORITY_SPAN", grant, connection, Grant(rita.id, 1, "CNY", NOW, LATER), ada, LATER)
        number = grant(connection, Grant(rita.id, 1, "CNY", NOW), ada, NOW)
        assert authorities_of(connection, rita.id)[0].holds(LATER)
        end_authority(connection, number, ada, LATER)
        assert not authorities_of(connection, rita.id)[0].holds(LATER)
        _refused("AUTHORITY_ENDED", end_authority, connection, number, ada, LATER)
        _refused("UNKNOWN_AUTHORITY", end_authority, connection, 9_999, ada, LATER)
        assert verify(connection, witnesses()).faults == []


def test_an_authority_that_has_not_begun_never_does(bank: Bank) -> None:
    rita, ada = bank.people["rita"], bank.people["ada"]
    begins = LATER + timedelta(days=5)
    with writing(bank.engine) as connection:
        number = grant(connection, Grant(rita.id, 1, "CNY", begins), ada, NOW)
        end_authority(connection, number, ada, LATER)
        [ended] = [each for each in authorities(connection) if each.id == number]
        assert not ended.holds(begins + timedelta(seconds=1))


def test_the_chain_holds_no_names(bank: Bank) -> None:
    with bank.engine.connect() as connection:
        said = str(connection.execute(text("SELECT row_key, content_hash FROM chain_entry")).all())
        contents = str([witness.contents(connection, ["1", "2", "3"]) for witness in witnesses().values()])
    for login in PEOPLE:
        assert not re.search(rf"\b{login}\b", said)  # a hash may hold the letters of a login
        assert f"'{login}'" not in contents
