"""Plain sentences about what grows on a plot, and about plots that could not be judged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from scoring.wording.plain.sentences import Plain, plain

_VISIT: Final = ("A visit to the plot decides.", "由工作人员到地里看了再定。")
_TELL: Final = (
    "If something else grows there than we say, tell us: somebody comes and looks.",
    "如果种的不是我们说的作物，请告诉我们，我们派人去看。",
)


def _undecided(en: str, zh: str, change: tuple[str, str] = _VISIT) -> Plain:
    return plain(
        (
            f"The plot could not be judged from the satellite pictures: {en}. What was approved before stays as it is.",
            f"这块地不能凭卫星图片判断：{zh}。以前批准的额度不变。",
        ),
        (
            f"{{parcels}} of your plots could not be judged from the satellite pictures: {en}.",
            f"您有{{parcels}}块地不能凭卫星图片判断：{zh}。",
        ),
        change,
    )


NOT_JUDGED: Final[Mapping[str, Plain]] = {
    "NOT_DECIDED_INVALID_GEOMETRY": _undecided(
        "the outline on our map is faulty",
        "我们图上的地块边界有误",
        ("Draw the outline anew together with our staff.", "请和工作人员一起重新画一次边界。"),
    ),
    "NOT_DECIDED_OUTSIDE_IMAGERY": _undecided("the pictures do not show it", "图片没有拍到"),
    "NOT_DECIDED_TOO_SMALL": _undecided("it is too small to be seen well", "地块太小，看不清楚"),
    "NOT_DECIDED_UNVERIFIED": _undecided("the pictures themselves could not be checked", "图片本身没有通过核对"),
    "NOT_DECIDED_CLOUDY": _undecided("clouds hid it on too many days", "云太多，看得清的日子太少"),
    "NOT_DECIDED_OUTSIDE_VALIDATION": _undecided(
        "our program was not tested on the like", "我们的程序没有在这样的条件下检验过"
    ),
    "NOT_DECIDED_AMBIGUOUS": _undecided("it is not certain what grows there", "不能确定种的是什么"),
}

CROPS: Final[Mapping[str, Plain]] = {
    "NO_PRICE": plain(
        (
            "The crop here is {crop_en}. The bank's rules have no amount for it, so none can be given.",
            "这块地种的是{crop_zh}。本行的规则里没有这种作物的标准，所以不能给额度。",
        ),
        (
            "On {parcels} of your plots the crop is {crop_en}. The rules have no amount for it, so it adds nothing.",
            "您有{parcels}块地种的是{crop_zh}。本行的规则里没有这种作物的标准，没有计入。",
        ),
        _TELL,
    ),
    "NO_PRICE_SEASON_UNKNOWN": plain(
        (
            "The crop here is {crop_en}. Its amount depends on when it was sown, which we do not know.",
            "这块地种的是{crop_zh}，标准要看什么时候种的，我们还不知道。",
        ),
        (
            "On {parcels} of your plots the crop is {crop_en}. Its amount depends on when it was sown.",
            "您有{parcels}块地种的是{crop_zh}，标准要看什么时候种的，我们还不知道。",
        ),
        ("Tell us when you sowed.", "请告诉我们是什么时候种的。"),
    ),
    "CROP_NOT_NAMED": plain(
        ("We do not know what you grow on this plot.", "我们不知道这块地种的是什么。"),
        ("We do not know what you grow on {parcels} of your plots.", "我们不知道您的{parcels}块地种的是什么。"),
        ("Tell us what you grow.", "请告诉我们您种的是什么。"),
    ),
    "LEFT_OUT": plain(
        ("This plot has no amount yet and is not counted.", "这块地还没有额度，没有计入。"),
        (
            "Plots that have no amount yet and are not counted: {parcels} of your {of}.",
            "您的{of}块地里有{parcels}块还没有额度，没有计入。",
        ),
        (
            "Once somebody looked at the plots without an amount, it is worked out again.",
            "看过没有额度的地以后，会重新算。",
        ),
    ),
    "KEPT_APPROVED": plain(
        (
            "The amount approved before, {amount} {currency_en}, stays as it is.",
            "以前批准的{amount}{currency_zh}不变。",
        ),
        (
            "On {parcels} of your plots the amounts approved before stay as they are, {amount} {currency_en} together.",
            "您有{parcels}块地以前批准的额度不变，一共{amount}{currency_zh}。",
        ),
    ),
    "CROP_COST": plain(
        (
            "You grow {crop_en} on {area} {unit_en}. The rules count {price} {currency_en} for each {unit_en}.",
            "您种了{area}{unit_zh}{crop_zh}，按规则每{unit_zh}算{price}{currency_zh}。",
        ),
        (
            "You grow {crop_en} on {area} {unit_en}, on {parcels} of your plots.",
            "您有{parcels}块地种{crop_zh}，一共{area}{unit_zh}。",
        ),
    ),
    "CROP_STATED": plain(
        (
            "You grow {crop_en} on {area} {unit_en}. The rules count {price} {currency_en} for each {unit_en}.",
            "您种了{area}{unit_zh}{crop_zh}，按规则每{unit_zh}算{price}{currency_zh}。",
        ),
    ),
    "CYCLE_NO_PRICE": plain(
        (
            "There was a further crop here, {crop_en}. The bank's rules have no amount for it, so it adds nothing.",
            "这块地还种过{crop_zh}。本行的规则里没有这种作物的标准，没有计入。",
        ),
        (
            "On {parcels} of your plots there was a further crop, {crop_en}. The rules have no amount for it.",
            "您有{parcels}块地还种过{crop_zh}。规则里没有这种作物的标准，没有计入。",
        ),
        _TELL,
    ),
    "CYCLE_SEASON_UNKNOWN": plain(
        (
            "There was a further crop here, {crop_en}. We do not know when it was sown, so it adds nothing yet.",
            "这块地还种过{crop_zh}，我们不知道是什么时候种的，暂时没有计入。",
        ),
        (
            "On {parcels} of your plots there was a further crop, {crop_en}. We do not know when it was sown.",
            "您有{parcels}块地还种过{crop_zh}，我们不知道是什么时候种的，暂时没有计入。",
        ),
        ("Tell us when you sowed.", "请告诉我们是什么时候种的。"),
    ),
    "CYCLE_UNCERTAIN": plain(
        (
            "Something else grew here too, perhaps {crop_en}. As this is not certain, it adds nothing.",
            "这块地还种过别的，可能是{crop_zh}，还不能确定，暂时没有计入。",
        ),
        (
            "On {parcels} of your plots something else grew, perhaps {crop_en}. It is not certain, so it adds nothing.",
            "您有{parcels}块地还种过别的，可能是{crop_zh}，还不能确定，暂时没有计入。",
        ),
        ("Tell us what else you grew; somebody may come and look.", "请告诉我们还种过什么，必要时我们派人去看。"),
    ),
    "CROP_MISMATCH": plain(
        (
            "You told us {declared_en}; the pictures show {crop_en}. We counted what they show, and somebody checks.",
            "您报的是{declared_zh}，图片上看是{crop_zh}。先按图片算，再由人核实。",
        ),
        (
            "On {parcels} of your plots the pictures show another crop than you told us. Somebody checks.",
            "您有{parcels}块地，图片上看到的作物和您报的不一样，会有人核实。",
        ),
        ("If you grew what you told us, say so.", "如果种的就是您报的作物，请告诉我们。"),
    ),
}
