"""How sites of each type are observed, and how well, in plain words.

The figures are those of docs/sites.md, measured with the commands beside them; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from geo.sites import SiteType
from scoring.receipts.explanation import Language
from scoring.wording.texts import Text


@dataclass(frozen=True, slots=True)
class Quality:
    """What was measured of a type's reports on simulated sites.

    Attributes:
        error: mean error of the reported share, points.
        held: share of the intervals that hold the truth.
        dated: share of the cases in which completion was told within ten days of the first clear look.
        command: what measures it.
    """

    error: float
    held: float
    dated: float
    command: str


_WATER: Final = Quality(2.3, 0.953, 0.916, "python benchmarks/site_works.py --type hydro")
QUALITY: Final[Mapping[SiteType, Quality]] = {
    SiteType.SOLAR: Quality(3.0, 0.978, 0.938, "python benchmarks/sites_simulated.py --cases 402"),
    SiteType.WIND: Quality(4.8, 0.990, 0.940, "python benchmarks/site_works.py --type wind"),
    SiteType.HYDRO: _WATER,
    SiteType.RESERVOIR: _WATER,
}
_FILLING: Final = (
    Text(
        en="Water is where two indices of a Sentinel-2 image both say so; along the shore each pixel is split between"
        " water and land. Ground hidden by clouds gets the share of water of clear ground as near to the last known"
        " shore, and widens the interval. Progress is the largest area that was held so far against the planned area:"
        " area and level may fall, progress does not.",
        zh="Sentinel-2影像的两种指数均判为水时计为水面；岸线处每个像元按水陆比例拆分。"
        "被云遮挡的地面按距已知岸线相近的晴空地面的水面比例计，并加宽区间。进度为迄今保持过的最大水面与计划水面之比："
        "水面和水位可以回落，进度不会。",
    ),
    Text(
        en="Not seen: water narrower than two pixels (20 m), a peak between two looks, the depth, and a dam's inside."
        " Levels come from the curve that the borrower gave, and are as good as it.",
        zh="无法观测：宽度不足两个像元（20米）的水面、两次观测之间的峰值、水深以及坝体内部。"
        "水位由借款人提供的曲线换算，其准确性取决于该曲线。",
    ),
)
_PLAIN: Final[Mapping[SiteType, tuple[Text, ...]]] = {
    SiteType.SOLAR: (
        Text(
            en="A network says of each pixel of a Sentinel-2 image what share of it lies under rows of panels, gaps"
            " included, from its ten bands and from what it showed before works began. A pixel changes once or never,"
            " so all looks together decide. The share built is that area against the planned ground under rows.",
            zh="网络根据Sentinel-2影像十个波段以及施工前的影像，判断每个像元有多大比例位于光伏阵列之下（含行间空隙）"
            "。一个像元只变化一次或不变，因此由历次观测共同决定。进度为该面积与计划阵列占地之比。",
        ),
        Text(
            en="Not told apart: dense shade nets can pass for panels. Complete is said from 95 % of the plan on, or"
            " where growth has ended within 20 % of it: a plant that stops for good at 85 % would be called complete."
            " The network was trained on simulated images; over real land its error was twice as large (8 points), and"
            " intervals held the truth in 80 % of the looks.",
            zh="难以区分：密织遮阳网可能被误判为光伏。达到计划的95%，或在计划20%范围内停止增长，即称为建成："
            "长期停在85%的项目也会被称为建成。网络以模拟影像训练；在真实地面上误差约为两倍（8个百分点），80%的观测中区间包含真值。",
        ),
    ),
    SiteType.WIND: (
        Text(
            en="A pad is a compact patch of 3 to 60 pixels within 45 m of a planned place that has turned to gravel"
            " for good, against its own past. A tower is told by its shadow and, where radar was given, by its echo."
            " Progress is half pads, half towers; a tower counts as having its pad.",
            zh="平台是计划位置45米以内、与自身过去相比永久变为碎石的3至60个像元的紧凑斑块。"
            "塔筒由其影子以及（如有雷达）回波判断。进度一半按平台、一半按塔筒计；有塔筒即视为有平台。",
        ),
        Text(
            en="Not told apart: masts, cranes and pylons look like towers, so that a chance is never stated above 90"
            " % (97 % with radar). Blades, nacelles and foundations under ground are not seen. Few turbines make wide"
            " intervals.",
            zh="难以区分：测风塔、吊车和线塔与塔筒相似，因此概率最高只给到90%（有雷达时97%）。看不到叶片、"
            "机舱和地下基础。机组越少，区间越宽。",
        ),
    ),
    SiteType.HYDRO: _FILLING,
    SiteType.RESERVOIR: _FILLING,
}
_SHARED: Final = Text(
    en="What was built is taken to stay: a later look can widen the interval but no report states less than an"
    " earlier one. The interval is meant to hold the truth nine times in ten. On simulated sites with clouds the"
    " reported share was off by {error} points in the mean, {held} of the intervals held the truth, and completion"
    " was told within ten days of the first clear look in {dated} of the cases ({command}). No site under"
    " construction with a known truth was at hand on real land.",
    zh="已建部分视为保持不变：后续观测可以加宽区间，但报告不会低于以往。区间按十次中九次包含真值设定。"
    "在有云的模拟项目上，报告进度平均偏差{error}个百分点，{held}的区间包含真值，"
    "{dated}的案例在首个晴空观测后十天内报告建成（{command}）。目前没有具备真值的真实在建项目可供验证。",
)  # fmt: skip


_SHARES: Final = ("held", "dated")


def method_of(kind: SiteType, language: Language) -> list[str]:
    """Paragraphs on a type."""
    quality = QUALITY[kind]
    shared = _SHARED.en if language == "en" else _SHARED.zh
    figures = {"error": f"{quality.error:g}", **{name: _tenths(getattr(quality, name), language) for name in _SHARES}}
    own = [text.en if language == "en" else text.zh for text in _PLAIN[kind]]
    return [*own, shared.format(**figures, command=quality.command)]


def _tenths(share: float, language: Language) -> str:
    return f"{share * 100:.1f}{' %' if language == 'en' else '%'}"
