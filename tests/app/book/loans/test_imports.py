from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import box
from sqlalchemy import Connection, Engine, func, select, update

from app.book.chain.links import head
from app.book.chain.verification import verify
from app.book.chain.witnesses import witnesses
from app.book.loans.imports import ImportCounts, import_loans
from app.book.loans.loanfile import LoanFile, read_loan_file
from app.book.loans.positions import POSITION, facility_positions, farmer_positions
from app.book.loans.reconcile import reconcile
from app.book.villages import village_codes
from app.db.base import Base
from app.db.erased import remember
from app.db.tables import (
    ContractPlot,
    CropCycle,
    Facility,
    Insurance,
    InsuranceClaim,
    LoanAccount,
    LoanImport,
    ParcelGeometry,
    ParcelPeriod,
    Party,
    Role,
)
from geo.errors import DataError, InputError
from scoring.lending.mapping import LoanMapping, load_loan_mapping
from scoring.lending.reading import read_loan_book
from tests.app.db.conftest import _decide as decide
from tests.scoring.lending.made_up import MAPPING, POLICY, mapping_with, rows_of

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
FIRST, SECOND = date(2026, 11, 20), date(2026, 11, 21)
Row = dict[str, str | None]


def _file(
    *changes: Row, as_of: date = FIRST, mapping: LoanMapping | None = None, shift: float = 0.0, name: str = "a"
) -> LoanFile:
    said = mapping or mapping_with()
    rows = rows_of(*changes)
    shapes = [box(116 + n, 40, 116.001 + n + shift, 40.001) for n in range(len(rows))]
    book = read_loan_book(rows, gpd.GeoSeries(shapes, crs=4326), said, as_of)
    digest = pd.util.hash_pandas_object(rows).sum()
    return LoanFile(book, said, f"{name}{int(digest):x}"[:64])


def _import(engine: Engine, file: LoanFile, **options: Any) -> ImportCounts:
    return import_loans(engine, file, now=NOW, **options)


def _count(connection: Connection, *entities: type[Base]) -> list[int]:
    return [connection.scalar(select(func.count()).select_from(entity)) or 0 for entity in entities]


WRITTEN = (Party, Facility, Role, LoanAccount, ContractPlot, CropCycle, Insurance, InsuranceClaim, ParcelGeometry)


def test_a_file_becomes_rows_of_the_book(engine: Engine) -> None:
    counts = _import(engine, _file(POLICY, {}))
    assert (counts.written, counts.new_loans, counts.new_lines) == (True, 2, 2)
    with engine.connect() as connection:
        assert _count(connection, *WRITTEN) == [2, 2, 2, 2, 2, 2, 1, 1, 2]
        account = connection.execute(
            select(LoanAccount.__table__).where(LoanAccount.account_number == "L1")
        ).mappings().one()  # fmt: skip
        assert (account["outstanding_minor"], account["rate_ppm"], account["loan_class"]) == (120_050, 65_000, "normal")
        assert account["principal_minor"] is None
        line = connection.execute(select(Facility.__table__).where(Facility.number == "F1")).mappings().one()
        assert (line["limit_minor"], line["drawing_minor"], line["decision_id"]) == (500_000, 400_000, None)
        plot = connection.execute(select(ContractPlot.__table__).order_by(ContractPlot.id)).mappings().first()
        assert plot is not None
        assert (plot["parcel_id"], plot["contracted_area_ha"], plot["facility_id"]) == ("p1", 1.0, line["id"])
        assert connection.scalar(select(InsuranceClaim.outcome)) == "paid"
        assert connection.scalar(select(CropCycle.season_id).limit(1)) == "2026-03-01/2026-06-30"
        assert connection.scalar(select(Party.kind).limit(1)) == "person"


def test_parcels_lie_in_the_villages_of_the_file(engine: Engine) -> None:
    columns = {"village_code": {"column": "division"}, "village": {"column": "where"}}
    mapping = mapping_with(plot=MAPPING["plot"] | columns)
    liu: Row = {"division": "371522103201", "where": "Liuzhuang"}
    dong: Row = {"division": "371522103202", "where": "Dongpo"}
    first = _import(engine, _file(liu, liu, mapping=mapping)).land
    silent = _import(engine, _file({}, {}, as_of=SECOND, name="b")).land
    moved = _import(engine, _file(liu, dong, as_of=SECOND, mapping=mapping, name="c")).land
    assert [None if land is None else land.villages for land in (first, silent, moved)] == [2, 0, 1]
    with engine.connect() as connection:
        assert village_codes(connection, ["p1", "p2"]) == {"p1": "371522103201", "p2": "371522103202"}


def test_the_same_file_again_writes_nothing(engine: Engine) -> None:
    _import(engine, _file(POLICY, {}))
    with engine.connect() as connection:
        before = (_count(connection, *WRITTEN, LoanImport), head(connection))
    again = _import(engine, _file(POLICY, {}))
    assert (again.already_imported, again.written) == (True, False)
    with engine.connect() as connection:
        assert (_count(connection, *WRITTEN, LoanImport), head(connection)) == before


def test_a_dry_run_counts_and_writes_nothing(engine: Engine) -> None:
    counts = _import(engine, _file(POLICY, {}), dry_run=True)
    assert (counts.written, counts.new_loans) == (False, 2)
    with engine.connect() as connection:
        assert _count(connection, *WRITTEN, LoanImport) == [0] * 10
        assert head(connection).seq == 0


def test_the_next_day_ends_what_changed_and_keeps_the_rest(engine: Engine) -> None:
    _import(engine, _file({}, {}))
    counts = _import(engine, _file({"balance": "1000"}, {}, {}, as_of=SECOND))
    assert (counts.new_loans, counts.changed_loans, counts.new_lines, counts.changed_lines) == (1, 1, 1, 0)
    with engine.connect() as connection:
        rows = connection.execute(
            select(LoanAccount.outstanding_minor, LoanAccount.valid_from, LoanAccount.valid_to)
            .where(LoanAccount.account_number == "L1")
            .order_by(LoanAccount.id)
        ).all()
        at = datetime(2026, 11, 21, tzinfo=UTC)
        assert [tuple(row) for row in rows] == [
            (120_050, datetime(2026, 11, 20, tzinfo=UTC), at),
            (100_000, at, None),
        ]
        days = {each: facility_positions(connection, each).outstanding_minor.tolist() for each in (FIRST, SECOND)}
        assert days == {FIRST: [120_050, 120_050, None], SECOND: [100_000, 120_050, 120_050]}
        assert _count(connection, ContractPlot, LoanImport) == [3, 2]


def test_terms_of_the_core_system_move_and_are_unknown_before(engine: Engine) -> None:
    _import(engine, _file({}))
    counts = _import(engine, _file({"limit": "6000", "drawable": "6000"}, as_of=SECOND))
    assert counts.changed_lines == 1
    with engine.connect() as connection:
        now, before = (facility_positions(connection, day).iloc[0] for day in (SECOND, FIRST))
        assert [now[name] for name in POSITION] == [600_000, 600_000, 120_050, 479_950]
        assert [before[name] for name in POSITION] == [None, None, 120_050, None]


def test_a_decision_of_the_house_stands(engine: Engine, decided_line: str) -> None:
    counts = _import(engine, _file({"no": "A1", "line": decided_line, "limit": "9999", "customer": None}))
    assert counts.other_limits == (decided_line,)
    with engine.connect() as connection:
        assert connection.scalar(select(Facility.limit_minor)) == 100_000
        (source,) = reconcile(connection)
        assert [(each.figure, each.file, each.book) for each in source.differences] == [
            ("sanctioned_minor", 999_900, 100_000),
            ("drawing_minor", 400_000, None),
            ("drawing_unknown", 0, 1),
        ]


@pytest.fixture
def decided_line(engine: Engine) -> str:
    """A facility that was granted here."""
    decide(engine)
    return "F-1"


@pytest.mark.parametrize(
    ("change", "as_of", "code"),
    [
        ({"balance": "7"}, FIRST, "BOOK_SAME_DAY"),
        ({"limit": "7000"}, FIRST, "BOOK_SAME_DAY"),
        ({"customer": "C7"}, FIRST, "BOOK_SAME_DAY"),
        ({"mu": "14"}, FIRST, "BOOK_SAME_DAY"),
        ({"balance": "7"}, date(2026, 11, 19), "BOOK_DAY_BACK"),
        (
            {"code": "yen", "ccy": "JPY", "limit": "9", "drawable": "9", "balance": "1"},
            SECOND,
            "BOOK_OTHER_LINE",
        ),
    ],
)
def test_what_contradicts_the_book_refuses_and_writes_nothing(
    engine: Engine, change: Row, as_of: date, code: str
) -> None:
    _import(engine, _file({}))
    with engine.connect() as connection:
        before = _count(connection, *WRITTEN, LoanImport)
    with pytest.raises(InputError) as caught:
        _import(engine, _file(change, {}, as_of=as_of))
    assert caught.value.code == code
    assert "nothing was written" in caught.value.remedy
    with engine.connect() as connection:
        assert _count(connection, *WRITTEN, LoanImport) == before


def test_another_system_may_not_speak_of_the_same_loan(engine: Engine) -> None:
    _import(engine, _file({}))
    with pytest.raises(InputError, match="came from 'core', not from 'cards'"):
        _import(engine, _file({}, mapping=mapping_with(source="cards")))


def test_the_same_file_through_another_mapping_refuses(engine: Engine) -> None:
    _import(engine, _file({}))
    with pytest.raises(InputError, match="with another mapping"):
        _import(engine, _file({}, mapping=mapping_with(title="Corrected")))


def test_a_complete_file_ends_loans_that_are_gone(engine: Engine) -> None:
    complete = mapping_with(complete=True)
    _import(engine, _file({}, {}, mapping=complete))
    counts = _import(engine, _file({}, as_of=SECOND, mapping=complete))
    assert counts.ended_loans == 1
    with engine.connect() as connection:
        assert [each.differences for each in reconcile(connection)] == [()]
        numbers = {day: facility_positions(connection, day).facility_number.tolist() for day in (FIRST, SECOND)}
        assert numbers == {FIRST: ["F1", "F2"], SECOND: ["F1"]}
    third = date(2026, 11, 22)
    assert _import(engine, _file({}, {}, as_of=third, mapping=complete, name="c")).changed_lines == 1
    with engine.connect() as connection:
        assert facility_positions(connection, third).facility_number.tolist() == ["F1", "F2"]


def test_two_complete_files_of_one_day_contradict_each_other(engine: Engine) -> None:
    complete = mapping_with(complete=True)
    _import(engine, _file({}, {}, mapping=complete))
    with pytest.raises(InputError, match="says complete"):
        _import(engine, _file({}, mapping=complete))


def test_a_farmer_whose_data_were_erased_does_not_come_back(engine: Engine) -> None:
    with engine.begin() as connection:
        remember(connection, "C2", NOW, lambda size: b"s" * size)
    with pytest.raises(DataError, match="data of 1 of the farmers were erased"):
        _import(engine, _file({}, {}))
    with engine.connect() as connection:
        assert _count(connection, *WRITTEN) == [0] * 9


def test_a_partial_file_that_lacks_loans_does_not_reconcile(engine: Engine) -> None:
    _import(engine, _file({}, {}))
    _import(engine, _file({}, as_of=SECOND))
    with engine.connect() as connection:
        (found,) = reconcile(connection)
    figures = {each.figure: (each.file, each.book) for each in found.differences}
    assert figures["loans"] == (1, 2)
    assert figures["outstanding_minor"] == (120_050, 240_100)


def test_a_changed_account_does_not_reconcile(engine: Engine) -> None:
    _import(engine, _file({}, {}))
    with engine.begin() as connection:
        connection.execute(update(LoanAccount).where(LoanAccount.account_number == "L1").values(outstanding_minor=1))
    with engine.connect() as connection:
        (found,) = reconcile(connection)
    assert [(each.figure, each.file, each.book) for each in found.differences] == [
        ("outstanding_minor", 240_100, 120_051)
    ]


def test_positions_of_a_farmer_add_up_line_by_line(engine: Engine) -> None:
    same = {"customer": "C1"}
    _import(engine, _file({"balance": "9000"}, same, same | {"balance": None}, {"customer": None}))
    with engine.connect() as connection:
        lines = facility_positions(connection, FIRST)
    assert lines.farmer_id.tolist() == ["C1", "C1", "C1", None]
    (farmer,) = farmer_positions(lines).to_dict("records")
    assert (farmer["facilities"], farmer["facility_number"]) == (3, None)
    assert [farmer[name] for name in POSITION] == [1_500_000, 1_200_000, None, None]
    (two,) = farmer_positions(lines.iloc[:2]).to_dict("records")
    assert [two[name] for name in POSITION] == [1_000_000, 800_000, 1_020_050, 279_950]


def test_several_loans_of_one_line_share_its_limit(engine: Engine) -> None:
    _import(engine, _file({}, {"line": "F1", "customer": "C1", "balance": "100"}))
    with engine.connect() as connection:
        (row,) = facility_positions(connection, FIRST).to_dict("records")
    assert (row["accounts"], row["outstanding_minor"], row["available_minor"]) == (2, 130_050, 269_950)


@pytest.mark.parametrize(
    ("terms", "principal", "available"),
    [
        ({"revolving": True}, 400_000, 279_950),
        ({"revolving": False}, 300_000, 100_000),
        ({"revolving": False}, 400_000, 0),  # all of it was drawn once
        ({"revolving": False}, None, None),
        ({"ends_on": FIRST - timedelta(days=1)}, None, 0),
        ({"ends_on": FIRST}, None, 279_950),
        ({"status": "suspended"}, None, 0),
    ],
)
def test_what_is_available_follows_the_terms(
    engine: Engine, terms: dict[str, object], principal: int | None, available: int | None
) -> None:
    _import(engine, _file({}))
    with engine.begin() as connection:
        connection.execute(update(Facility).values(**terms))
        connection.execute(update(LoanAccount).values(principal_minor=principal))
    with engine.connect() as connection:
        (row,) = facility_positions(connection, FIRST).to_dict("records")
    assert row["available_minor"] == available


def test_a_changed_outline_holds_from_its_day(engine: Engine) -> None:
    _import(engine, _file({}))
    _import(engine, _file({}, as_of=SECOND, shift=0.001, name="b"))
    with engine.connect() as connection:
        periods = connection.execute(select(ParcelPeriod.valid_to).order_by(ParcelPeriod.valid_from)).scalars().all()
        assert periods == [datetime(2026, 11, 21, tzinfo=UTC), None]
        assert _count(connection, ParcelGeometry, ContractPlot) == [2, 2]


def test_a_changed_policy_takes_its_claims_along(engine: Engine) -> None:
    _import(engine, _file(POLICY))
    counts = _import(engine, _file(POLICY | {"sum": "3500", "claim": "open"}, as_of=SECOND))
    assert counts.cover is not None
    assert (counts.cover.policies, counts.cover.claims) == (1, 1)
    with engine.connect() as connection:
        open_now = select(func.count()).where(InsuranceClaim.valid_to.is_(None))
        assert connection.scalar(open_now.select_from(InsuranceClaim)) == 1
        assert _count(connection, Insurance, InsuranceClaim) == [2, 2]


def test_the_chain_vouches_for_an_import(engine: Engine) -> None:
    _import(engine, _file({}, {}))
    with engine.begin() as connection:
        assert verify(connection, witnesses()).by_kind == {"loan_import": 1}
        assert verify(connection, witnesses()).faults == []
        connection.execute(update(LoanImport).values(loans=3))
        assert verify(connection, witnesses()).fault_count == 1


def test_a_clock_set_back_refuses_and_writes_nothing(engine: Engine) -> None:
    _import(engine, _file({}))
    with pytest.raises(InputError, match="clock shows 2026-11-21") as caught:
        import_loans(engine, _file({}, {}, as_of=SECOND), now=NOW.replace(day=21))
    assert caught.value.code == "CLOCK_BACK"
    with engine.connect() as connection:
        assert _count(connection, LoanAccount, LoanImport) == [1, 1]


def test_a_file_on_disk_has_a_hash_and_a_control_file(engine: Engine, tmp_path: Path) -> None:
    path, control = tmp_path / "loans.csv", tmp_path / "control.toml"
    rows_of({}, {}).to_csv(path, index=False)
    control.write_text(
        'control_format = 1\nas_of = 2026-11-20\nloans = 2\n[sums.CNY]\noutstanding = "2401.00"\n', encoding="utf-8"
    )
    file = read_loan_file(path, mapping_with(), FIRST, control=control)
    assert _import(engine, file).new_loans == 2
    assert _import(engine, read_loan_file(path, mapping_with(), FIRST)).already_imported
    parquet = tmp_path / "loans.parquet"
    rows_of({}, {}).assign(opened=date(2026, 3, 1)).to_parquet(parquet)
    assert read_loan_file(parquet, mapping_with(), FIRST).book.loans.equals(file.book.loans)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda folder: folder / "gone.csv", "no loan file"),
        (lambda folder: folder, "no loan file"),
    ],
)
def test_a_file_that_is_not_there_is_said_to_be(tmp_path: Path, make: Any, said: str) -> None:
    with pytest.raises(InputError, match=said):
        read_loan_file(make(tmp_path), mapping_with(), FIRST)


@pytest.mark.shared_data
def test_the_credit_plots_of_brazil_come_in(engine: Engine, shared_data: Path) -> None:
    folder, day = shared_data / "brazil-credit-plots", date(2024, 1, 31)
    small = read_loan_file(folder / "selecao_glebas_pr_2022.gpkg", load_loan_mapping("sicor-proagro"), day)
    large = read_loan_file(
        folder / "glebas_selecionadas_100_maiores.shp", load_loan_mapping("sicor-proagro-glebas"), day
    )
    assert [_import(engine, file).new_loans for file in (small, large)] == [11, 99]
    with engine.connect() as connection:
        assert _count(connection, *WRITTEN) == [0, 110, 0, 110, 117, 18, 102, 103, 117]
        assert [each.differences for each in reconcile(connection)] == [(), ()]
        found = facility_positions(connection, day)
        assert len(found) == 110
        assert found[list(POSITION)].isna().all(axis=None)
