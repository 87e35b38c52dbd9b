from __future__ import annotations

import itertools

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import InputError
from geo.status import Status
from scoring.intake import take_in
from scoring.limits import limit_book
from scoring.next_look.lines import outlook_lines
from scoring.next_look.outlook import outlooks
from scoring.pack_schema import Pack
from scoring.policy import load_pack
from scoring.status import NO_PLAN

CN = load_pack("cn-planting-generic")
KCC = load_pack("in-kcc-2018")


@pytest.fixture(scope="module")
def ask(season):
    """Outlook of one subject of a book, its looks by action."""

    def of(book, cycles, subject, pack=CN):
        (found,) = outlooks(take_in(book, cycles, pack, season), [subject], pack)
        return found, {look.action: look for look in found.looks}

    return of


def test_an_image_decides_a_cloudy_parcel_over_its_crop_set(parcels, seasons, ask):
    book = parcels({"status": "CLOUDY", "crop": "wheat", "approved_minor": 100_000})
    found, looks = ask(book, seasons(("p1", 1, "wheat", ["wheat", "rice", "barley"])), "p1")
    image = looks["image"]
    # 15 mu x 430, 480, 620 x 70 %: 4,515; 5,040; 6,510, down to 100
    assert (found.now_minor, image.low_minor, image.guess_minor, image.high_minor) == (
        100_000,
        450_000,
        500_000,
        650_000,
    )
    assert image.change_minor == 550_000
    assert image.parcels == ("p1",)
    # A visit measures the area too: 14.25 and 15.75 mu.
    assert (looks["visit"].low_minor, looks["visit"].high_minor) == (420_000, 680_000)
    assert found.no_image == {}


def test_a_crop_set_that_may_hold_no_price_may_end_without_an_amount(parcels, seasons, ask):
    book = parcels({"status": "AMBIGUOUS", "crop": "wheat", "approved_minor": 100_000})
    _, looks = ask(book, seasons(("p1", 1, "wheat", ["wheat", "grass"])), "p1")
    assert (looks["image"].low_minor, looks["image"].high_minor) == (0, 500_000)


def test_without_a_set_every_crop_with_a_price_is_possible(parcels, seasons, ask):
    _, looks = ask(parcels({"status": "CLOUDY", "crop": None}), seasons(), "p1")
    image = looks["image"]
    # millet at 360 (soybean) to sugarcane at 1,500: 15 mu x 70 %
    assert (image.low_minor, image.high_minor, image.guess_minor) == (370_000, 1_570_000, None)


def test_an_image_tells_a_further_crop_that_is_open(parcels, seasons, ask):
    cycles = seasons(("p1", 1, "wheat"), ("p1", 2, "maize", ["maize", "wheat", "grass"]))
    _, looks = ask(parcels({}), cycles, "p1")
    # wheat again counts once, grass has no price: 5,000; maize: 15 x 980 x 70 % = 10,290
    assert (looks["image"].low_minor, looks["image"].guess_minor, looks["image"].high_minor) == (
        500_000,
        1_020_000,
        1_020_000,
    )
    certain = seasons(("p1", 1, "wheat"), ("p1", 2, "maize"))
    assert "image" not in ask(parcels({}), certain, "p1")[1]


def test_a_visit_closes_the_interval_of_a_decided_parcel(parcels, seasons, season, ask):
    book = parcels({"area_error_ha": 0.2})
    found, looks = ask(book, seasons(), "p1")
    row = limit_book(book, seasons(), CN, season).iloc[0]
    visit = looks["visit"]
    assert (visit.low_minor, found.now_minor, visit.high_minor) == (row.low_minor, row.amount_minor, row.high_minor)
    assert visit.change_minor == max(row.amount_minor - row.low_minor, row.high_minor - row.amount_minor)
    assert list(looks) == ["visit"]


@pytest.mark.parametrize("status", ["TOO_SMALL", "OUTSIDE_VALIDATION"])
def test_no_image_helps_what_pixels_or_the_model_cannot_tell(status, parcels, seasons, ask):
    found, looks = ask(parcels({"status": status, "crop": None}), seasons(), "p1")
    assert found.no_image == {status: ("p1",)}
    assert "image" not in looks
    assert looks["visit"].parcels == ("p1",)


def test_nothing_can_be_said_before_there_is_an_outline_or_a_price(parcels, seasons, ask):
    found, looks = ask(parcels({"status": "INVALID_GEOMETRY", "crop": None, "area_ha": 0.0}), seasons(), "p1")
    assert (found.no_image, looks) == ({"INVALID_GEOMETRY": ("p1",)}, {})
    found, looks = ask(parcels({"crop": "grass"}), seasons(), "p1")
    assert (found.no_image, looks) == ({"NO_PRICE": ("p1",)}, {})


def test_a_missing_paper_is_a_paper_and_no_image(parcels, seasons, ask):
    bare = {"land_right": None, "other_debt_minor": None, "household_capacity_minor": None}
    found, looks = ask(parcels(bare), seasons(), "p1")
    paper = looks["paper"]
    assert paper.papers == ("LAND_RIGHT", "BUREAU_REPORT", "HOUSEHOLD_CAPACITY")
    # Debt may take all; a lease adds rent: 15 x (480 + 800) x 70 % = 13,440
    assert (found.now_minor, paper.low_minor, paper.high_minor) == (500_000, 0, 1_340_000)
    assert found.looks[0] is paper
    stated = {"other_debt_minor": 0, "household_capacity_minor": None}
    _, looks = ask(parcels({**bare, **stated, "farmer_id": "f"}, {"farmer_id": "f", **stated, "approved_minor": 7,
                                                              "status": "CLOUDY"}), seasons(), "f")  # fmt: skip
    assert looks["paper"].papers == ("LAND_RIGHT", "HOUSEHOLD_CAPACITY")
    assert looks["paper"].low_minor == 7  # a kept amount stands whatever a paper says
    assert "paper" not in ask(parcels({}), seasons(), "p1")[1]


def test_a_parcel_without_a_plan_asks_for_the_plan(parcels, seasons, ask):
    found, looks = ask(parcels({"status": NO_PLAN, "crop": None}), seasons(), "p1")
    assert found.now_minor is None
    assert looks["paper"].papers == ("PLAN",)
    assert (looks["paper"].low_minor, looks["paper"].high_minor) == (370_000, 1_570_000)
    assert set(looks) == {"paper"}


def test_a_farmer_is_asked_for_with_all_parcels_and_a_parcel_alone(parcels, seasons, season, ask):
    rows = [{"farmer_id": "f"}, {"farmer_id": "f", "status": "CLOUDY"}, {"farmer_id": "f", "status": "AMBIGUOUS"}]
    cycles = seasons(*((f"p{n}", 1, "wheat", ["wheat", "rice"]) for n in (2, 3)))
    _, looks = ask(parcels(*rows), cycles, "f")
    assert looks["image"].parcels == ("p2", "p3")
    # 3 x 7,200 x 70 % = 15,120; with rice on two: (7,200 + 18,600) x 70 % = 18,060
    assert (looks["image"].low_minor, looks["image"].high_minor) == (1_510_000, 1_800_000)
    alone, looks = ask(parcels(*rows), cycles, "p2")
    assert (alone.subject_kind, alone.now_minor, looks["image"].parcels) == ("parcel", None, ("p2",))
    intake = take_in(parcels(*rows), cycles, CN, season)
    assert [each.subject_id for each in outlooks(intake, ["p3", "f"], CN)] == ["p3", "f"]
    with pytest.raises(InputError, match="no parcel or farmer 'nobody'"):
        outlooks(intake, ["nobody"], CN)


def test_farmers_asked_for_together_get_what_each_gets_alone(season, load_benchmark):
    made = load_benchmark("limits_book").make_book(60, 20, seed=8)
    sets = made.seasons.assign(season_id=season.id)
    intake = take_in(made.parcels.assign(season_id=season.id), sets, CN, season)
    farmers = [str(name) for name in intake.subjects]
    together = outlooks(intake, farmers, CN)
    assert together == [outlooks(intake, [name], CN)[0] for name in farmers]
    assert {look.action for each in together for look in each.looks} == {"image", "visit", "paper"}


def test_a_plan_does_not_make_other_papers_needless(parcels, seasons, ask):
    bare = {"status": NO_PLAN, "crop": None, "other_debt_minor": None}
    _, looks = ask(parcels({"farmer_id": "f", **bare}), seasons(), "f")
    assert looks["paper"].papers == ("PLAN", "BUREAU_REPORT")
    assert (looks["paper"].low_minor, looks["paper"].high_minor) == (0, 1_570_000)


def test_lines_in_both_languages(parcels, seasons, ask):
    rows = [{"farmer_id": "f", "status": "CLOUDY"}, {"farmer_id": "f", "status": "TOO_SMALL"},
            {"farmer_id": "f", "other_debt_minor": None}, *({"farmer_id": "f"} for _ in range(3))]  # fmt: skip
    book = parcels(*rows).assign(other_debt_minor=None)
    found, _ = ask(book, seasons(("p1", 1, "wheat", ["wheat", "rice"])), "f")
    english, chinese = (outlook_lines(found, CN, language) for language in ("en", "zh"))
    assert english[0] == "f: 20,100 yuan now."
    assert any(line.startswith("A visit that measures p1, p2, p3 and 3 more and sees the crop: ") for line in english)
    assert (
        "If one more clear image decided p1: 25,200 yuan to 26,600 yuan, 25,200 yuan if the crops are those thought. "
        "Greatest change 6,500 yuan."
    ) in english
    assert any(line.startswith("A paper, not an image: the credit-bureau report (") for line in english)
    assert english[-1] == "No image can help p2: fewer than 8 full pixels lie inside. A visit can."
    assert chinese[0] == "f：目前20,100元。"
    assert "如再有一幅晴空影像能判定p1：25,200元至26,600元，若作物如所推测则为25,200元。最大变动6,500元。" in chinese
    assert len(english) == len(chinese) == 5
    gone = parcels({"status": "AMBIGUOUS", "crop": "grass", "approved_minor": 100_000, "area_error_ha": 0.0})
    unpriced, _ = ask(gone, seasons(("p1", 1, "grass", ["grass", "fallow"])), "p1")
    assert outlook_lines(unpriced, CN, "en")[1].startswith(
        "If one more clear image decided p1: no amount. Greatest change"
    )
    assert "：无额度。最大变动1,000元。" in outlook_lines(unpriced, CN, "zh")[1]
    idle, _ = ask(parcels({"area_error_ha": 0.0}), seasons(), "p1")
    assert outlook_lines(idle, CN, "en")[1] == "Neither an image nor a visit nor a paper would change it."
    assert idle.to_dict() == {
        "subject_kind": "parcel",
        "subject_id": "p1",
        "now_minor": 500_000,
        "looks": [],
        "no_image": {},
    }


def _with(pack: Pack, **tables: dict[str, object]) -> Pack:
    said = pack.model_dump(mode="python")
    return Pack.model_validate(said | {name: {**said[name], **change} for name, change in tables.items()})


PACKS = {"cn": CN, "kcc": KCC, "capped": _with(CN, rules={"most_per_area": 350, "most_per_farmer": 9000}),
         "careful": _with(CN, evidence={"pays": "low"})}  # fmt: skip
CROPS = ["wheat", "rice", "potato", "grass"]
ROW = st.fixed_dictionaries(
    {
        "status": st.sampled_from(["OK", "OK", "CLOUDY", "AMBIGUOUS", *map(str, Status), NO_PLAN]),
        "crop": st.sampled_from([*CROPS, None]),
        "area_ha": st.floats(0, 9),
        "approved_minor": st.one_of(st.none(), st.integers(0, 10**7)),
        "land_right": st.sampled_from([None, "lease", "certificate"]),
        "other_debt_minor": st.sampled_from([None, 0, 200_000]),
        "household_capacity_minor": st.sampled_from([None, 3_000_000]),
    }
)
SETS = st.lists(
    st.tuples(st.integers(1, 3), st.integers(1, 2), st.sets(st.sampled_from(CROPS), min_size=1)), max_size=4
)


@given(st.lists(ROW, min_size=1, max_size=3), SETS, st.sampled_from(list(PACKS)))
@settings(max_examples=6, deadline=None)
def test_whatever_an_image_decides_lies_between_the_ends(parcels, seasons, season, ask, rows, sets, name):
    """Every combination of crops of the sets, worked out by the engine alone, lies between low and high."""
    pack, book = PACKS[name], parcels(*({**row, "farmer_id": "f"} for row in rows))
    unique = {(row, cycle): crops for row, cycle, crops in sets if row <= len(rows)}
    cycles = seasons(*((f"p{row}", cycle, min(crops), sorted(crops)) for (row, cycle), crops in unique.items()))
    found, looks = ask(book, cycles, "f", pack)
    table = limit_book(book, cycles, pack, season).set_index("subject_id")
    assert found.now_minor == (None if table.amount_minor["f"] is pd.NA else table.amount_minor["f"])
    for look in looks.values():
        assert 0 <= look.low_minor <= look.high_minor
        assert look.guess_minor is None or look.low_minor <= look.guess_minor <= look.high_minor
        assert look.change_minor == max(abs(end - (found.now_minor or 0)) for end in (look.low_minor, look.high_minor))
    if "image" not in looks:
        return
    for amount in _combined(book, unique, looks["image"].parcels, pack, season, seasons):
        assert looks["image"].low_minor <= amount <= looks["image"].high_minor


def _combined(book, unique, concerned, pack, season, seasons):
    """Amounts of the farmer for up to 8 combinations of the crops that the sets allow."""
    keys = [key for key in sorted(unique) if f"p{key[0]}" in concerned]
    for crops in itertools.islice(itertools.product(*(sorted(unique[key]) for key in keys)), 8):
        told = dict(zip(keys, crops, strict=True))
        own = book.set_index("parcel_id").crop.to_dict()
        status = book.set_index("parcel_id").status.to_dict()
        for row in {key[0] for key in keys}:
            mine = {cycle: crop for (place, cycle), crop in told.items() if place == row}
            at = _own_cycle(own[f"p{row}"], row, unique)
            if status[f"p{row}"] != "OK" and at in mine:
                own[f"p{row}"] = mine[at]
            elif status[f"p{row}"] == "OK" and at in mine:
                told[row, at] = own[f"p{row}"]
        decided = book.assign(
            crop=[own[name] for name in book.parcel_id],
            status=["OK" if name in concerned else status[name] for name in book.parcel_id],
        )
        known = seasons(*((f"p{row}", cycle, told.get((row, cycle), min(crops)),
                           [told[row, cycle]] if (row, cycle) in told else sorted(crops))
                          for (row, cycle), crops in unique.items()))  # fmt: skip
        if decided.crop[decided.parcel_id.isin(concerned)].isna().any():
            continue
        amount = limit_book(decided, known, pack, season).set_index("subject_id").amount_minor["f"]
        yield 0 if amount is pd.NA else amount


def _own_cycle(crop, row, unique):
    return next(
        (cycle for (place, cycle), crops in sorted(unique.items()) if place == row and min(crops) == crop), None
    )
