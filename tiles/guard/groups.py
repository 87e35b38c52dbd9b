"""Groups of scenes that one catalogue processed alike and describes alike, and what their pixels show together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import pystac

from tiles.guard.evidence import Evidence, Sample, measure
from tiles.guard.findings import Finding, find
from tiles.guard.metadata import ReflectanceRule, baseline_of, predates_offset, reflectance_rule
from tiles.sources.base import CATALOGUE_PROPERTY

#: Catalogue, baseline, what the metadata say.
Key: TypeAlias = tuple[str, str, ReflectanceRule]


@dataclass(frozen=True, slots=True)
class Group:
    """Scenes of one catalogue and processing baseline about whose reflectance the metadata say the same.

    Attributes:
        catalogue: name of the catalogue; empty where the source gives none.
        baseline: processing baseline; empty where the catalogue states none.
        said: what the metadata say.
        predates: the baseline is one that never wrote an offset into pixels.
        scenes: item ids, sorted.
        samples: pixels of some of the scenes.
        evidence: what each of the samples shows.
        finding: what they show together.
    """

    catalogue: str
    baseline: str
    said: ReflectanceRule
    predates: bool
    scenes: tuple[str, ...]
    samples: tuple[Sample, ...]
    evidence: tuple[Evidence, ...]
    finding: Finding

    @property
    def name(self) -> str:
        """Name for people: catalogue, baseline, offset."""
        where = self.catalogue or "the catalogue"
        return f"{where}, baseline {self.baseline or 'not stated'}, offset {self.said.offset:g}"


def grouped(items: Iterable[pystac.Item]) -> dict[Key, list[pystac.Item]]:
    """Items by catalogue, baseline and what their metadata say, sorted by these."""
    found: dict[Key, list[pystac.Item]] = {}
    for item in items:
        key = (str(item.properties.get(CATALOGUE_PROPERTY) or ""), baseline_of(item), reflectance_rule(item))
        found.setdefault(key, []).append(item)
    return dict(sorted(found.items(), key=lambda entry: (*entry[0][:2], entry[0][2].reason)))


def examined(key: Key, items: Sequence[pystac.Item], samples: Mapping[str, Sample]) -> Group:
    """A group with what its own pixels show."""
    catalogue, baseline, said = key
    scenes = tuple(sorted(item.id for item in items))
    taken = tuple(samples[scene] for scene in scenes if scene in samples)
    evidence = tuple(measure(sample, said.scale) for sample in taken)
    return Group(catalogue, baseline, said, predates_offset(items[0]), scenes, taken, evidence, find(evidence))
