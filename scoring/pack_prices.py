"""Tables of a pack by crop, district and season: scale of finance, or financed cost, per unit of area."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Literal, Self

from pydantic import model_validator

from geo.legend import load_legend
from scoring.pack_values import Amount, CropKey, Strict
from scoring.wording import Text


class Price(Strict):
    """Money per unit of area of one crop: everywhere or in one district, all year or in one season."""

    crop: CropKey
    amount: Amount
    district: str | None = None
    season: str | None = None

    @property
    def said(self) -> str:
        """What the row is for: "'rice' in 'Patna', kharif"."""
        district = f" in {self.district!r}" if self.district else ""
        return f"{self.crop!r}{district}" + (f", {self.season}" if self.season else "")


class Prices(Strict):
    """Scale of finance, or financed cost, per unit of area. Every crop of the legend is priced or not financed."""

    area_unit: Literal["acre", "mu", "ha"]
    label: Text
    example: bool
    cites: str
    rows: tuple[Price, ...]
    not_financed: tuple[CropKey, ...] = ()

    @model_validator(mode="after")
    def _one_price_each(self) -> Self:
        seen: set[str] = set()
        for row in self.rows:
            if row.said in seen:
                raise ValueError(f"two prices for {row.said}")
            seen.add(row.said)
        return self

    @model_validator(mode="after")
    def _every_crop(self) -> Self:
        both = sorted(self.crops & set(self.not_financed))
        if both:
            raise ValueError(f"{both[0]!r} has a price and stands in not_financed")
        missing = [crop.key for crop in load_legend() if crop.key not in self.crops | set(self.not_financed)]
        if missing:
            raise ValueError(f"no price for {', '.join(missing)}: add a row, or list the crop in not_financed")
        return self

    @property
    def crops(self) -> frozenset[str]:
        """Crops that have a price somewhere."""
        return frozenset(row.crop for row in self.rows)

    @property
    def districts(self) -> tuple[str, ...]:
        """Districts that have a price of their own, sorted."""
        return tuple(sorted({row.district for row in self.rows if row.district is not None}))

    @property
    def seasons(self) -> tuple[str, ...]:
        """Seasons that have a price of their own, sorted."""
        return tuple(sorted({row.season for row in self.rows if row.season is not None}))

    def amount(self, crop: str, district: str | None = None, season: str | None = None) -> Decimal | None:
        """Price of a crop, the most particular row: of district and season, district, season, everywhere; else None."""
        fitting = [
            row
            for row in self.rows
            if row.crop == crop and row.district in (None, district) and row.season in (None, season)
        ]
        best = max(fitting, key=lambda row: (row.district is not None, row.season is not None), default=None)
        return None if best is None else best.amount

    def has_seasons(self, crop: str, district: str | None = None) -> bool:
        """Whether a crop has a price of some season, in a district or everywhere."""
        return any(
            row.crop == crop and row.season is not None and row.district in (None, district) for row in self.rows
        )

    def gaps(
        self, wanted: Iterable[tuple[str, str | None, str | None]]
    ) -> tuple[tuple[str, str | None, str | None], ...]:
        """Those (crop, district, season) that have no price, in their order, each once."""
        return tuple(dict.fromkeys(asked for asked in wanted if self.amount(*asked) is None))
