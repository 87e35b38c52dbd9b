"""What a plain sentence is: a reason as a farmer reads it, and what would change it."""

from __future__ import annotations

from dataclasses import dataclass

from scoring.wording.texts import Text


@dataclass(frozen=True, slots=True)
class Plain:
    """Plain sentences of one reason code.

    Attributes:
        parcel: about one plot.
        farmer: about all plots of one farmer.
        change: what would change the amount.
    """

    parcel: Text
    farmer: Text
    change: Text | None

    def text(self, subject_kind: str) -> Text:
        """Sentence for a "parcel" or a "farmer"."""
        return self.farmer if subject_kind == "farmer" else self.parcel


def plain(
    parcel: tuple[str, str], farmer: tuple[str, str] | None = None, change: tuple[str, str] | None = None
) -> Plain:
    """Sentences of a code, each as (English, Chinese); without `farmer` the plot's own holds for all plots too."""
    one = Text(en=parcel[0], zh=parcel[1])
    return Plain(
        one,
        one if farmer is None else Text(en=farmer[0], zh=farmer[1]),
        None if change is None else Text(en=change[0], zh=change[1]),
    )
