from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import Polygon, box

from app.book.loans.loanfile import read_loan_file
from geo.errors import DataError, InputError
from scoring.lending.flags import flag_classes
from scoring.lending.loanbook import LoanBook
from scoring.lending.mapping import LoanMapping, load_loan_mapping
from scoring.lending.reading import read_loan_book
from scoring.risk.rules import load_risk_rules

DAY = date(2026, 11, 20)
Rows = Callable[..., pd.DataFrame]
Maps = Callable[..., LoanMapping]


def _read(rows: pd.DataFrame, mapping: LoanMapping, outlines: gpd.GeoSeries | None = None) -> LoanBook:
    return read_loan_book(rows, outlines, mapping, DAY)


def test_a_row_becomes_a_loan_a_plot_a_policy_and_a_claim(
    make_rows: Rows, make_mapping: Maps, policy: dict[str, str | None]
) -> None:
    book = _read(make_rows(policy, {"balance": None}), make_mapping())
    assert book.loans.iloc[0].to_dict() == {
        "loan_number": "L1", "facility_number": "F1", "farmer_id": "C1", "product": "planting", "revolving": True,
        "currency": "CNY", "sanctioned_minor": 500_000, "drawing_minor": 400_000, "principal_minor": None,
        "outstanding_minor": 120_050, "overdue_minor": None, "days_overdue": 0, "rate_ppm": 65_000,
        "opened_on": date(2026, 3, 1), "due_on": date(2027, 2, 28), "loan_class": "pass",
    }  # fmt: skip
    assert book.loans.outstanding_minor[1] is None
    assert book.plots.area_ha.tolist() == [1.0, 1.0]
    assert book.plots.crop.tolist() == ["wheat", "wheat"]
    assert book.insurances.to_dict("records") == [
        {
            "loan_number": "L1", "parcel_id": "p1", "kind": "crop", "insurer": "PICC", "policy_number": "N-7",
            "crop": "wheat", "insured_minor": 300_000, "premium_minor": 9_000, "starts_on": date(2026, 3, 1),
            "ends_on": date(2026, 7, 31), "currency": "CNY",
        }
    ]  # fmt: skip
    assert book.claims.event.tolist() == ["hail"]
    assert book.claims.paid_minor.tolist() == [80_000]
    assert book.lacks == {"principal": "not exported", "overdue": "not exported"}


def test_totals_sum_what_is_known_and_count_what_is_not(make_rows: Rows, make_mapping: Maps) -> None:
    yen = {"code": "yen", "ccy": "JPY", "limit": "9000", "drawable": "8000", "balance": "70"}
    totals = _read(make_rows({}, {"balance": None}, yen), make_mapping()).totals()
    assert totals["CNY"]["loans"] == 2
    assert (totals["CNY"]["outstanding_minor"], totals["CNY"]["outstanding_unknown"]) == (120_050, 1)
    assert (totals["CNY"]["principal_minor"], totals["CNY"]["principal_unknown"]) == (None, 2)
    assert totals["JPY"]["outstanding_minor"] == 70


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        ({"no": None}, "LOAN_NUMBER", "row 2: the loan number is empty"),
        ({"no": "L1"}, "LOAN_TWICE", "row 2: the loan L1 stands before"),
        ({"code": "P99"}, "LOAN_PRODUCT", "row 2: the product 'P99' is not known"),
        ({"code": None}, "LOAN_PRODUCT", "row 2: the product is empty"),
        ({"ccy": "JPY"}, "LOAN_CURRENCY", "row 2: the currency is JPY, that of its product planting is CNY"),
        ({"ccy": None}, "LOAN_CURRENCY", "row 2: the currency is empty"),
        ({"limit": "0"}, "LOAN_AMOUNT", "row 2: sanctioned is 0"),
        ({"limit": "-5"}, "LOAN_AMOUNT", "row 2: sanctioned is -5"),
        ({"balance": "-0.01"}, "LOAN_AMOUNT", "row 2: outstanding is -0.01"),
        ({"balance": "1.005"}, "LOAN_DECIMALS", "row 2: outstanding 1.005 has more decimals than CNY"),
        ({"balance": "much"}, "LOAN_NUMBER_FORMAT", "row 2: outstanding 'much' is no number"),
        ({"balance": "1,200.50"}, "LOAN_NUMBER_FORMAT", "is no number"),
        ({"balance": "NaN"}, "LOAN_NUMBER_FORMAT", "is no number"),
        ({"late": "1.5"}, "LOAN_NUMBER_FORMAT", "days_overdue 1.5 is no whole number"),
        ({"late": "-1"}, "LOAN_NUMBER_FORMAT", "days_overdue -1 is no whole number"),
        ({"opened": None}, "LOAN_DATE", "row 2: opened_on is empty"),
        ({"opened": "2026-02-30"}, "LOAN_DATE", "row 2: opened_on '2026-02-30' is no day"),
        ({"opened": "2026-11-21"}, "LOAN_DATES", "after the file's day 2026-11-20"),
        ({"due": "2026-02-01"}, "LOAN_DATES", "row 2: due on 2026-02-01, before it was opened on 2026-03-01"),
        ({"to": "2026-01-01"}, "LOAN_DATES", "the plot ends on 2026-01-01, before it starts"),
        ({"mu": "0"}, "LOAN_AREA", "row 2: area is 0"),
        ({"mu": "-3"}, "LOAN_AREA", "row 2: area is -3"),
        ({"line": "F1"}, "LOAN_DIFFERS", "farmer_id of the loan L2 differs"),
        ({"event": "meteor", "insurer": "PICC"}, "LOAN_WORD", "row 2: event 'meteor' is not known"),
        ({"event": "hail"}, "LOAN_WORD", "row 2: insurer is empty"),
        ({"event": "hail", "insurer": "PICC", "claim": "won"}, "LOAN_WORD", "'won' is none of open, paid"),
        ({"claim": "paid", "insurer": "PICC"}, "LOAN_WORD", "a claim has no event"),
        ({"policy": "N", "insurer": "PICC", "sum": "-1"}, "LOAN_AMOUNT", "insured is -1"),
        (
            {"event": "hail", "insurer": "P", "event_from": "2026-05-02", "event_to": "2026-05-01"},
            "LOAN_DATES",
            "after",
        ),
    ],
)
def test_a_fault_names_row_and_remedy(
    make_rows: Rows, make_mapping: Maps, change: dict[str, str | None], code: str, said: str
) -> None:
    with pytest.raises(InputError) as caught:
        _read(make_rows({}, change), make_mapping())
    assert caught.value.code == code
    assert said in caught.value.message
    assert caught.value.remedy


def test_all_unknown_crops_are_named_at_once(make_rows: Rows, make_mapping: Maps) -> None:
    rows = make_rows({}, {"crop": "kohlrabi"}, {"crop": "weed"}, {"crop": "kohlrabi"}, {"crop": "Rice"})
    with pytest.raises(InputError, match=r"unknown crops: 'kohlrabi', 'weed'"):
        _read(rows, make_mapping())


def test_many_faults_are_counted(make_rows: Rows, make_mapping: Maps) -> None:
    with pytest.raises(InputError, match=r"row 5: .* and 4 more faults"):
        _read(make_rows(*[{"balance": "-1"}] * 8, {"mu": "0"}), make_mapping())


def test_an_unknown_class_refuses(make_rows: Rows, make_mapping: Maps) -> None:
    with pytest.raises(DataError, match="'shiny' of the loan 'L2'"):
        _read(make_rows({}, {"class": "shiny"}), make_mapping())


def test_a_class_better_than_its_floor_is_flagged_and_not_refused(make_rows: Rows, make_mapping: Maps) -> None:
    book = _read(make_rows({}, {"late": "95", "class": "关注"}, {"late": "95", "class": "3"}), make_mapping())
    classes = load_risk_rules("cn-risk-example").risk.classes
    assert classes is not None
    flags = flag_classes(book, classes)
    assert [(flag.loan_number, flag.loan_class, flag.floor) for flag in flags] == [
        ("L2", "special_mention", "substandard")
    ]


def test_plots_of_a_loan_repeat_its_facts(make_rows: Rows, make_mapping: Maps) -> None:
    same = {"no": "L1", "line": "F1", "customer": "C1"}
    mapping = make_mapping(rows="plots")
    book = _read(make_rows({}, same), mapping)
    assert len(book.loans) == 1
    assert book.plots.parcel_id.tolist() == ["p1", "p2"]
    for change, code, said in (
        ({"balance": "7"}, "LOAN_DIFFERS", "outstanding_minor of the loan L1 differs"),
        ({"plot": "p1"}, "LOAN_TWICE", "the plot p1 of the loan L1 stands before"),
        ({"ccy": "JPY", "code": "yen", "limit": "9", "drawable": "9", "balance": "1"}, "LOAN_CURRENCY", "currency"),
    ):
        with pytest.raises(InputError, match=said) as caught:
            _read(make_rows({}, same | change), mapping)
        assert caught.value.code == code


def test_a_plot_may_stand_once_for_each_claim(
    make_rows: Rows, make_mapping: Maps, policy: dict[str, str | None]
) -> None:
    same = {"no": "L1", "line": "F1", "customer": "C1", "plot": "p1"} | policy
    mapping = make_mapping(rows="plots")
    book = _read(make_rows(policy, same | {"event": "flood"}), mapping)
    assert (len(book.plots), len(book.insurances)) == (1, 1)
    assert book.claims.event.tolist() == ["hail", "flood"]
    with pytest.raises(InputError, match="the same claim stands before"):
        _read(make_rows(policy, same), mapping)


def test_outlines_are_mended_and_ids_made_from_them(make_rows: Rows, make_mapping: Maps) -> None:
    bow = Polygon([(116, 40), (116.001, 40.001), (116.001, 40), (116, 40.001)])
    shapes = gpd.GeoSeries([box(116, 40, 116.001, 40.001), bow, None], crs=4326)
    plot = {name: column for name, column in make_mapping().plot.items() if name != "parcel_id"}
    mapping = make_mapping(plot={name: column.model_dump() for name, column in plot.items()})
    book = _read(make_rows({}, {}, {}), mapping, shapes)
    assert len(book.plots) == 2  # the third loan has neither id nor outline, and so no plot
    assert all(each.startswith("p-") for each in book.plots.parcel_id)
    assert [what.split(":")[0] for _, what in book.repairs] == ["outline mended (self-intersection)"]
    assert book.plots.measured_ha.tolist() == pytest.approx([0.947, 0.473], abs=0.002)


def test_one_plot_under_two_loans_has_one_outline(make_rows: Rows, make_mapping: Maps) -> None:
    shapes = gpd.GeoSeries([box(116, 40, 116.001, 40.001), box(116, 40, 116.002, 40.001)], crs=4326)
    with pytest.raises(InputError, match="outline of the plot p1 differs"):
        _read(make_rows({}, {"plot": "p1"}), make_mapping(), shapes)


@pytest.mark.parametrize(
    ("text", "minor"), [("1.234,50", 123_450), ("1234,5", 123_450), ("12.34.567,00", 123_456_700), ("0,5", 50)]
)
def test_numbers_are_read_as_the_mapping_says(make_rows: Rows, make_mapping: Maps, text: str, minor: int) -> None:
    mapping = make_mapping(numbers={"decimal": ",", "thousands": "."}, dates="%d/%m/%Y")
    rows = make_rows({"balance": text, "limit": "5000", "rate": "6,5", "opened": "01/03/2026"})
    assert _read(rows, mapping).loans.outstanding_minor.tolist() == [minor]
    with pytest.raises(InputError, match="is no number"):
        _read(make_rows({"balance": "1.23", "limit": "5000", "rate": "6,5"}), mapping)


def test_a_missing_column_is_named(make_rows: Rows, make_mapping: Maps) -> None:
    with pytest.raises(InputError, match="balance, late") as caught:
        _read(make_rows({}).drop(columns=["balance", "late"]), make_mapping())
    assert caught.value.code == "LOAN_COLUMN"


def test_a_file_without_a_header_does_not_show_its_first_row(make_rows: Rows, make_mapping: Maps) -> None:
    rows = make_rows({}).rename(columns={"customer": "Zhang Wei 13800000000", "balance": "ballance"})
    with pytest.raises(InputError) as caught:
        _read(rows, make_mapping())
    assert "Zhang" not in str(caught.value)
    assert "Near ones: ballance" in caught.value.remedy


@pytest.mark.shared_data
def test_the_credit_plots_of_brazil(shared_data: Path) -> None:
    folder = shared_data / "brazil-credit-plots"
    day = date(2024, 1, 31)
    small = read_loan_file(folder / "selecao_glebas_pr_2022.gpkg", load_loan_mapping("sicor-proagro"), day).book
    large = read_loan_file(
        folder / "glebas_selecionadas_100_maiores.shp", load_loan_mapping("sicor-proagro-glebas"), day
    ).book
    assert [len(part) for part in (small.loans, small.plots, small.insurances, small.claims)] == [11, 18, 3, 3]
    assert [len(part) for part in (large.loans, large.plots, large.insurances, large.claims)] == [99, 99, 99, 100]
    assert large.claims.event.value_counts().to_dict() == {
        "excess_rain": 63, "frost": 28, "drought": 3, "temperature": 2, "hail": 2, "disease_or_pest": 2
    }  # fmt: skip
    assert large.claims.outcome.value_counts().to_dict() == {"paid": 95, "open": 2, "withdrawn": 2, "refused": 1}
    for book in (small, large):
        assert book.loans.outstanding_minor.isna().all()
        assert book.loans.farmer_id.isna().all()
        assert (book.plots.area_ha - book.plots.measured_ha).abs().max() < 0.01
        assert not book.repairs


@pytest.mark.shared_data
def test_fields_without_loans_are_no_loan_book(shared_data: Path) -> None:
    file = shared_data / "brazil-credit-plots" / "LEM_dataset_small.gpkg"
    with pytest.raises(InputError, match="ref_bacen"):
        read_loan_file(file, load_loan_mapping("sicor-proagro"), DAY)
