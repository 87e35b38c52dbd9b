from __future__ import annotations

import json

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import DataError
from scoring.comparison import NO_AMOUNT, compare, deciles, effects
from scoring.limits import limit_book
from scoring.pack_changes import changes
from scoring.pack_schema import Pack
from scoring.policy import load_pack

CN = load_pack("cn-planting-generic")


def _changed(**tables: dict[str, object]) -> Pack:
    said = CN.model_dump(mode="python")
    for name, change in tables.items():
        said[name] = {**said[name], **change}
    return Pack.model_validate(said)


def _priced(crop: str, amount: int) -> Pack:
    rows = [row if row["crop"] != crop else {**row, "amount": amount} for row in CN.model_dump()["prices"]["rows"]]
    return _changed(prices={"rows": rows})


def _limits(*rows: tuple[str, int | None, dict[str, int]]) -> pd.DataFrame:
    """Limits of parcels without farmers: (id, amount, effects by code)."""
    return pd.DataFrame(
        {
            "subject_kind": "parcel",
            "subject_id": [row[0] for row in rows],
            "farmer_id": None,
            "amount_minor": pd.array([row[1] for row in rows], dtype="Int64"),
            "needs_visit": False,
            "reasons": [
                json.dumps([{"code": code, "effect_minor": effect} for code, effect in row[2].items()]) for row in rows
            ],
        }
    )


def _crops(*names: str) -> pd.Series:
    return pd.Series(["wheat"] * len(names), index=list(names))


def test_counts_sums_and_medians_of_a_small_book():
    a = _limits(("p1", 100, {"X": 100}), ("p2", 200, {"X": 200}), ("p3", None, {}), ("p4", 50, {"X": 50}))
    b = _limits(("p1", 80, {"X": 80}), ("p2", 200, {"X": 260, "Y": -60}), ("p3", 70, {"X": 70}), ("p4", None, {}))
    found = compare(a, b, _crops("p1", "p2", "p3", "p4"), pd.Series({"p1": "N", "p2": "S", "p3": "S", "p4": "N"}))
    whole = found.whole
    assert (whole.subjects, whole.gained, whole.lost, whole.more, whole.less, whole.same) == (4, 1, 1, 0, 1, 1)
    assert (whole.sum_a, whole.sum_b, whole.median_change, whole.median_share) == (350, 350, -10.0, -0.1)
    branches = {group.name: group.sum_b - group.sum_a for group in found.groups if group.by == "branch"}
    assert branches == {"N": -70, "S": 70}
    assert [(step.code, step.sum_b - step.sum_a) for step in found.steps] == [("X", 60), ("Y", -60)]
    assert [(loser.subject_id, loser.branch, loser.amount_b) for loser in found.losers] == [
        ("p4", "N", None), ("p1", "N", 80),
    ]  # fmt: skip
    assert found.losers[1].steps == ("X",)


def test_a_dearer_crop_shows_under_its_name_and_by_step(parcels, seasons, season):
    book = parcels(
        {"farmer_id": "f", "crop": "wheat", "area_ha": 2.0}, {"farmer_id": "f", "crop": "maize"},
        {"crop": "maize", "area_ha": 3.0}, {"status": "CLOUDY"},
    )  # fmt: skip
    a, b = (limit_book(book, seasons(), pack, season) for pack in (CN, _priced("maize", 400)))
    found = compare(a, b, book.set_index("parcel_id").crop)
    whole = found.whole
    # Subjects: the farmer and two parcels without one. Maize: 60 mu less by 100 yuan, 70 % of it financed.
    assert (whole.subjects, whole.less, whole.same) == (3, 2, 0)
    assert whole.sum_b - whole.sum_a == sum(step.sum_b - step.sum_a for step in found.steps) == -4_200_00
    by_crop = {group.name: group for group in found.groups if group.by == "crop"}
    assert by_crop["maize"].less == 2
    assert abs(by_crop["wheat"].median_change) < 100_00  # its share of the farmer's rounding
    assert found.losers[0].subject_id == "p3"
    assert found.losers[0].steps[0] == "CROP_COST"
    for by in ("branch", "decile"):
        assert sum(group.sum_b for group in found.groups if group.by == by) == whole.sum_b
    assert found.visits_a == found.visits_b == 1


def test_the_same_policy_changes_nothing(parcels, seasons, season):
    book = parcels({}, {"farmer_id": "f"}, {"crop": "grass"})
    a = limit_book(book, seasons(), CN, season)
    found = compare(a, a, book.set_index("parcel_id").crop)
    assert found.losers == ()
    assert all(group.sum_a == group.sum_b and not group.more + group.less for group in found.groups)
    assert all(step.sum_a == step.sum_b for step in found.steps)
    assert changes(CN, CN) == ()


def test_an_empty_book_and_books_that_are_not_the_same():
    a = _limits(("p1", 1, {}))
    with pytest.raises(DataError, match="not of the same parcels"):
        compare(a, _limits(("p2", 1, {})), _crops("p1"))
    none = compare(a.iloc[:0], a.iloc[:0], _crops())
    assert (none.whole.subjects, none.whole.sum_a, none.whole.median_change) == (0, 0, None)


@given(st.lists(st.one_of(st.none(), st.integers(0, 50)), min_size=1, max_size=60))
def test_tenths_are_even_and_in_order(amounts):
    table = pd.DataFrame({"subject_id": [f"s{i:02d}" for i in range(len(amounts))], "a": pd.array(amounts, "Int64")})
    names = deciles(table)
    known = table.a[names != NO_AMOUNT].astype(int)
    assert (table.a.isna() == (names == NO_AMOUNT)).all()
    sizes = names[names != NO_AMOUNT].value_counts()
    assert len(known) == 0 or sizes.max() - sizes.min() <= 1
    tops = known.groupby(names[known.index]).agg(["min", "max"])
    assert (tops["max"].iloc[:-1].to_numpy() <= tops["min"].iloc[1:].to_numpy()).all()


def test_effects_of_a_receipt_add_up_by_code():
    lines = [{"code": "X", "effect_minor": 5}, {"code": "X", "effect_minor": -2}, {"code": "Y", "effect_minor": 1}]
    assert effects(json.dumps(lines)) == {"X": 3, "Y": 1}


def test_changes_name_the_key_and_both_values():
    other = _changed(rules={"financed_share": "0.60", "most_per_area": 900}, evidence={"repeat_crops": ()})
    rows = [*other.model_dump()["prices"]["rows"][1:], {"crop": "rice", "amount": 700, "district": "Sheyang"}]
    said = {**other.model_dump(), "prices": {**other.model_dump()["prices"], "rows": rows, "not_financed": (
        *CN.prices.not_financed, "wheat")}}  # fmt: skip
    found = {change.key: (change.a, change.b) for change in changes(CN, Pack.model_validate(said))}
    assert found["rules.financed_share"] == ("0.70", "0.60")
    assert found["rules.most_per_area"] == (None, "900")
    assert found["evidence.repeat_crops"] == ("rice", "")
    assert found["prices.rows.wheat.amount"] == ("480", None)
    assert found["prices.rows.rice.Sheyang.amount"] == (None, "700")
