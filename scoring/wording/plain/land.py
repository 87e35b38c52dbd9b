"""Plain sentences about land: its area, the right to it, its rent and how the crop stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from scoring.wording.plain.sentences import Plain, plain

LAND: Final[Mapping[str, Plain]] = {
    "CERTIFIED_AREA": plain(
        (
            "Your certificate says {area} {unit_en}, and we measured {measured} {unit_en}. The smaller area counts.",
            "您的证书上是{area}{unit_zh}，我们量的是{measured}{unit_zh}，按小的算。",
        ),
        (
            "On {parcels} of your plots the certificate says less land than we measured. The smaller area counts.",
            "您有{parcels}块地，证书上的面积比我们量的小，按小的算。",
        ),
        ("If the certificate is out of date, bring the new one.", "如果证书是旧的，请带新的来。"),
    ),
    "AREA_MISMATCH": plain(
        (
            "Your certificate says {area} {unit_en}, and we measured {measured} {unit_en}. This is far apart.",
            "您的证书上是{area}{unit_zh}，我们量的是{measured}{unit_zh}，差得比较多。",
        ),
        (
            "On {parcels} of your plots the certificate and our measurement are far apart.",
            "您有{parcels}块地，证书上的面积和我们量的差得比较多。",
        ),
        ("Check the area together with our staff.", "请和工作人员一起核对面积。"),
    ),
    "RENT": plain(
        (
            "Rent of the leased land is counted: {area} {unit_en}, {price} {currency_en} for each.",
            "租来的地算了租金：{area}{unit_zh}，每{unit_zh}{price}{currency_zh}。",
        ),
        (
            "Rent is counted for {area} {unit_en} of leased land, on {parcels} of your plots.",
            "您有{parcels}块租来的地，一共{area}{unit_zh}，算了租金。",
        ),
    ),
    "VIGOUR": plain(
        (
            "We compared how your crop stands with {peers} similar plots.",
            "我们把您的庄稼长势和{peers}块类似的地作了比较。",
        ),
        (
            "On {parcels} of your plots we compared how your crop stands with similar plots.",
            "您有{parcels}块地，我们把庄稼长势和类似的地作了比较。",
        ),
    ),
    "HAIRCUT": plain(
        (
            "Because of the papers for this land, {share} of the cost is not counted.",
            "因为这块地的权属手续，成本的{share}没有计入。",
        ),
        (
            "Because of the papers for the land, {share} of the cost is not counted on {parcels} of your plots.",
            "您有{parcels}块地因为权属手续，成本的{share}没有计入。",
        ),
        ("If you have other papers for the land, bring them.", "如果有别的权属证明，请带来。"),
    ),
    "LAND_RIGHT_NOT_STATED": plain(
        ("We have no paper that shows your right to this land.", "我们没有这块地的权属证明。"),
        (
            "For {parcels} of your plots we have no paper that shows your right to the land.",
            "您有{parcels}块地，我们没有权属证明。",
        ),
        ("Bring your land certificate or your lease.", "请带土地证书或者租地合同来。"),
    ),
}
