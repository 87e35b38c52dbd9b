"""The trial bank: what stands in it, and that making it again changes nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from sqlalchemy import Engine, func, select

from app.book.decisions.people import find_user
from app.book.loans.loanfile import read_loan_file
from app.book.villages import InVillage
from app.db.engine import writing
from app.db.tables import OrgUnit
from app.db.tables.kinds import UserRole
from app.jobs.trial.bank import AUTHORITIES, PEOPLE, UNITS, open_bank
from app.jobs.trial.farmers import entries_of, unit_of, units_of, villages_of
from app.jobs.trial.lending import loan_file
from app.jobs.trial.making import BEGINS, MAPPING, TrialClock
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


def test_each_parcel_lies_in_a_village_with_a_code_of_twelve_digits() -> None:
    villages = villages_of(PLOTS)
    assert len(villages) == len(PLOTS)
    assert villages["SIM-0"] == villages["SIM-3"] == InVillage("990101001001", "柳林村 Liulin")
    assert len({each.code for each in villages.values()}) == len({each.name for each in villages.values()}) == 9
    assert {len(each.code) for each in villages.values()} == {12}


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
        assert connection.scalar(select(func.count(OrgUnit.longitude))) == len(UNITS)
    assert {login for login, *_ in AUTHORITIES} <= {person.login for person in PEOPLE}
    assert TrialClock(engine)() > BEGINS  # it goes on from the last entry of the chain
