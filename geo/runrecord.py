"""The record of a run: what went in, what came out, by which code, model and policy. Enough to replay it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from pydantic import AwareDatetime, ConfigDict, TypeAdapter, ValidationError

from geo.errors import DataError
from geo.files import fingerprint, sha256_of
from geo.manifest import MANIFEST_NAME, Entry, Manifest, read_manifest, verify_manifest, write_manifest

__all__ = [
    "MANIFEST_NAME",
    "Entry",
    "Failure",
    "Manifest",
    "RunRecord",
    "Scene",
    "fingerprint",
    "read_manifest",
    "sha256_of",
    "verify_manifest",
    "write_manifest",
]

_STRICT = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True)
class Scene:
    """One acquisition that a run read.

    Attributes:
        id: name in its catalogue.
        baseline: processing baseline ("02.11"); empty where the catalogue states none.
        hash: hash of what was read.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    id: str
    baseline: str
    hash: str


@dataclass(frozen=True, slots=True)
class Failure:
    """Something that could not be done, while the rest went on.

    Attributes:
        subject: what it happened to: a scene, a tile, a parcel.
        code: stable upper-case name.
        message: one line for people.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    subject: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class RunRecord:
    """All that a run rests on.

    Attributes:
        run_id: name of the run.
        created_at: aware time.
        code_version: version of Acreline.
        parameters: what was asked, as JSON can carry it.
        inputs: hash by name of each input.
        scenes: acquisitions read.
        model_hash: hash of the network; None where none was used.
        policy_id: policy pack; None where no limits were computed.
        policy_hash: content hash of the pack.
        outputs: hash by relative path of each result.
        failures: what could not be done.
        simulated: the imagery is not real.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    run_id: str
    created_at: AwareDatetime
    code_version: str
    parameters: Mapping[str, Any]
    inputs: Mapping[str, str]
    scenes: tuple[Scene, ...] = ()
    model_hash: str | None = None
    policy_id: str | None = None
    policy_hash: str | None = None
    outputs: Mapping[str, str] = field(default_factory=dict)
    failures: tuple[Failure, ...] = ()
    simulated: bool = False

    def to_json(self) -> str:
        """Indented JSON with sorted keys; the same record gives the same text."""
        plain = TypeAdapter(RunRecord).dump_python(self, mode="json")
        return json.dumps(plain, indent=1, sort_keys=True, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str | bytes) -> RunRecord:
        """Record from its JSON.

        Raises:
            DataError: the text is not a run record; the first fault is named.
        """
        try:
            return TypeAdapter(RunRecord).validate_json(text)
        except ValidationError as error:
            fault = error.errors()[0]
            place = ".".join(map(str, fault["loc"])) or "text"
            raise DataError("RUN_RECORD", f"The run record is damaged at {place}: {fault['msg']}.") from error
