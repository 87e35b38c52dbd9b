"""The trial bank: what stands in it, and that making it again changes nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import Connection, Engine, func, select

from app.book.decisions.people import NewUser, Person, add_unit, add_user, find_user
from app.book.loans.loanfile import read_loan_file
from app.book.parcel_units import keep_parcels_at
from app.db.engine import writing
from app.db.tables import OrgUnit, Parcel
from app.db.tables.kinds import OrgKind, UserRole
from app.jobs.trial.bank import AUTHORITIES, PEOPLE, UNITS, open_bank
from app.jobs.trial.farmers import entries_of, unit_of, units_of
from app.jobs.trial.lending import loan_file
from app.jobs.trial.making import BEGINS, MAPPING, TrialClock
from geo.errors import InputError
from scoring.lending.mapping import load_loan_mapping

PLOTS = pd.DataFrame(
    {
        "parcel_id": [f"SIM-{number}" for number in range(40)],
        "farmer_id": [f"F-{number // 2}" for number in range(40)],
        "declared_crop": ["wheat", None, "maize", "rice"] * 10,
        "certified_area_ha": [0.5 + number / 10 for number in range(40)],
        "village": [f"Simulated village {number // 4 % 9 + 1}" for number in range(40)],
    }
)


def test_each_farmer_is_kept_by_one_branch_and_named_after_nobody() -> None:
    entries = entries_of(PLOTS, np.random.default_rng(1))
    assert len(entries) == 20
    assert {entry.org_unit for entry in entries} == {"010", "011", "020"}
    assert all(entry.phone and entry.phone.startswith("000-0000-") for entry in entries)
    assert entries == entries_of(PLOTS, np.random.default_rng(1))
    units = units_of(PLOTS, entries)
    assert len(units) == len(PLOTS)
    assert units["SIM-0"] == units["SIM-1"] == unit_of("Simulated village 1") == "010"


def test_the_loan_file_reads_without_a_fault(tmp_path: Path) -> None:
    rows = loan_file(PLOTS, BEGINS.date(), np.random.default_rng(2))
    rows.to_csv(tmp_path / "loans.csv", index=False)
    book = read_loan_file(tmp_path / "loans.csv", load_loan_mapping(str(MAPPING)), BEGINS.date()).book
    assert len(book.loans) == rows.loan.nunique() > 5
    assert len(book.plots) == len(rows)
    assert 0 < rows.policy.ne("").sum() < len(rows)


def test_the_bank_opens_with_people_of_every_role_and_their_authorities(engine: Engine) -> None:
    clock = TrialClock(engine)
    with writing(engine) as connection:
        open_bank(connection, lambda: "hash", clock)
    with engine.connect() as connection:
        assert {find_user(connection, person.login).role for person in PEOPLE} == set(UserRole)
        assert connection.scalar(select(func.count()).select_from(OrgUnit)) == len(UNITS)
    assert {login for login, *_ in AUTHORITIES} <= {person.login for person in PEOPLE}
    assert TrialClock(engine)() > BEGINS  # it goes on from the last entry of the chain


def _bank(connection: Connection) -> Person:
    for code, kind, parent in (("001", OrgKind.HEAD_OFFICE, None), ("010", OrgKind.BRANCH, "001")):
        add_unit(connection, code, code, kind, parent, BEGINS)
    admin = add_user(connection, NewUser("ada", "Ada", UserRole.ADMIN, "001", "en"), None, BEGINS)
    add_user(connection, NewUser("olga", "Olga", UserRole.OFFICER, "010", "en"), admin, BEGINS)
    connection.execute(Parcel.__table__.insert(), [{"parcel_id": key, "recorded_at": BEGINS} for key in ("a", "b")])  # type: ignore[attr-defined]
    return admin


def test_parcels_are_placed_by_an_administrator_all_or_none(engine: Engine) -> None:
    with writing(engine) as connection:
        admin = _bank(connection)
        assert keep_parcels_at(connection, {"a": "010", "b": "001"}, admin) == 2
        assert keep_parcels_at(connection, {"a": "010", "b": "010"}, admin) == 1
        for units, said in (({"a": "099"}, "unit '099'"), ({"a": "001", "zz": "001"}, "parcel 'zz'")):
            with pytest.raises(InputError, match=said):
                keep_parcels_at(connection, units, admin)
        with pytest.raises(InputError, match="role officer"):
            keep_parcels_at(connection, {"a": "001"}, find_user(connection, "olga"))
        kept = select(func.count()).select_from(Parcel).join(OrgUnit).where(OrgUnit.code == "010")
        assert connection.scalar(kept) == 2
