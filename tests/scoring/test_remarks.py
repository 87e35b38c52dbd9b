from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import DataError
from geo.status import Status
from scoring.digests import input_digests
from scoring.inputs import inputs_of
from scoring.intake import take_in
from scoring.limits import limit_book
from scoring.policy import load_pack
from scoring.remarks import Remark, remarks_text
from scoring.status import NO_PLAN, UNDECIDED
from scoring.wording import WORDINGS

CN = load_pack("cn-planting-generic")
OTHER = Remark("PLAN_OTHER_CROP", {"crop": "rice", "seasons": 2, "seen": "maize"})
SEEN = Remark("PLAN_AREA_SEEN", {"season": "2025-01-01/2025-12-31"})


def test_a_remark_is_a_line_without_effect_in_both_languages(parcels, seasons, season, lines_of):
    plain = limit_book(parcels({}), seasons(), CN, season)
    table = limit_book(parcels({"remarks": remarks_text([OTHER])}), seasons(), CN, season)
    assert table.amount_minor.equals(plain.amount_minor)
    line = next(line for line in lines_of(table, "p1") if line["code"] == "PLAN_OTHER_CROP")
    assert line["effect_minor"] == 0
    assert line["principal"]
    assert line["facts"] == {"crop": "rice", "seasons": 2, "seen": "maize"}
    assert "Planned Rice, but another crop was seen in all 2 earlier season(s) decided, last Maize" in line["en"]
    assert "计划种植水稻" in line["zh"]


def test_a_farmers_receipt_counts_the_parcels_of_a_remark_and_names_no_single_one(parcels, seasons, season, lines_of):
    rows = [{"farmer_id": "f", "remarks": remarks_text([SEEN, OTHER])}, {"farmer_id": "f"}, {"farmer_id": "f"}]
    rows[2] |= {"remarks": remarks_text([OTHER, OTHER])}
    lines = lines_of(limit_book(parcels(*rows), seasons(), CN, season), "f")
    said = {line["code"]: line["facts"] for line in lines if line["code"].startswith("PLAN_")}
    assert said == {"PLAN_AREA_SEEN": {"parcels": 1}, "PLAN_OTHER_CROP": {"parcels": 2}}


def test_a_parcel_without_a_plan_keeps_its_approved_amount_or_none(parcels, seasons, season, lines_of):
    rows = ({"status": NO_PLAN, "crop": None}, {"status": NO_PLAN, "crop": None, "approved_minor": 70_000})
    table = limit_book(parcels(*rows), seasons(), CN, season).set_index("subject_id", drop=False)
    assert table.amount_minor.isna().tolist() == [True, False]
    assert table.amount_minor["p2"] == 70_000
    assert table.needs_visit.all()
    assert [line["code"] for line in lines_of(table, "p2")] == ["NOT_DECIDED_NO_PLAN", "KEPT_APPROVED"]


def test_what_keeps_a_parcel_undecided_has_a_text_in_the_order_of_the_receipts():
    worded = [code.removeprefix("NOT_DECIDED_") for code in WORDINGS if code.startswith("NOT_DECIDED_")]
    assert set(worded) == set(UNDECIDED)
    assert (*(str(status) for status in Status if status is not Status.OK), NO_PLAN) == UNDECIDED


@pytest.mark.parametrize(
    "remarks",
    [
        "spoiled", "{}", "[1]", '[{"code":"OWN_FUNDS","facts":{}}]', '[{"code":"PLAN_AREA_SEEN","facts":{}}]',
        '[{"code":"PLAN_AREA_SEEN","facts":{"season":3}}]', '[{"code":"PLAN_AREA_OUTLINE"}]',
        '[{"code":"PLAN_OTHER_CROP","facts":{"crop":"rice","seasons":"2","seen":"maize"}}]',
        '[{"code":"PLAN_OTHER_CROP","facts":{"crop":"rye","seasons":2,"seen":"maize"}}]',
    ],
)  # fmt: skip
def test_remarks_that_cannot_be_read_name_the_parcel(remarks, parcels, seasons, season):
    with pytest.raises(DataError, match="'p2' has remarks that cannot be read"):
        limit_book(parcels({}, {"remarks": remarks}), seasons(), CN, season)


def test_no_remark_leaves_the_hash_as_it_was_and_any_change_of_one_changes_it(parcels, seasons, season):
    def digest(*remarks: str | None) -> list[bytes]:
        rows = [{"farmer_id": "f", "remarks": text} for text in remarks]
        return input_digests(take_in(parcels(*rows), seasons(), CN, season))["parcels"].to_pylist()

    bare = take_in(parcels({"farmer_id": "f"}, {"farmer_id": "f"}), seasons(), CN, season)
    assert digest(None, None) == input_digests(bare)["parcels"].to_pylist()
    said = remarks_text([OTHER])
    assert len({str(digest(*pair)) for pair in ((None, None), (said, None), (None, said), (said, said))}) == 4
    assert digest(said, None) != digest(remarks_text([SEEN]), None)


REMARKS = st.lists(st.sampled_from([OTHER, SEEN, Remark("PLAN_AREA_OUTLINE")]), max_size=3)
ROWS = st.lists(st.tuples(st.sampled_from(["f1", "f2"]), st.sampled_from(["OK", NO_PLAN]), REMARKS), min_size=1)


@given(ROWS)
@settings(max_examples=12, deadline=None)
def test_whatever_the_remarks_the_plainly_written_rules_say_the_same(parcels, seasons, season, load_benchmark, rows):
    plain = load_benchmark("limits_peer").decide_plainly
    book = parcels(
        *({"farmer_id": farmer, "status": status, "certified_area_ha": None, "approved_minor": None, "district": None,
           "remarks": remarks_text(remarks)} for farmer, status, remarks in rows)
    )  # fmt: skip
    ours = limit_book(book, seasons(), CN, season).set_index("subject_id")
    theirs = plain(book, seasons(), CN).set_index("subject_id")
    assert ours.reasons.to_dict() == theirs.reasons.to_dict()


def test_remarks_are_recorded_and_may_be_held_as_a_dictionary(parcels, seasons, season):
    inputs = inputs_of(parcels({"remarks": remarks_text([OTHER])}), seasons(), CN, season)
    assert json.loads(inputs.parcels["remarks"][0].as_py())[0]["code"] == "PLAN_OTHER_CROP"
    place = inputs.parcels.schema.get_field_index("remarks")
    encoded = inputs.parcels.set_column(place, "remarks", inputs.parcels["remarks"].dictionary_encode())
    again = type(inputs)(encoded, inputs.cycles).take_in(CN, season)
    assert input_digests(again) == input_digests(inputs.take_in(CN, season))
