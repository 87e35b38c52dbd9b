"""A release: a folder that holds weights and their model card, checked against each other when it is loaded."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Final

from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from geo.errors import DataError
from models.card import ModelCard, read_card, write_card
from models.network import CropNet, NetworkSpec
from models.novelty import NoveltyModel

WEIGHTS: Final = "weights.safetensors"
CARD: Final = "card.json"

#: What the names of novelty's tensors begin with, beside those of the network.
_NOVELTY: Final = "novelty."


@dataclass(frozen=True, slots=True)
class Release:
    """A network that is ready to predict, and its card.

    Attributes:
        network: in evaluation mode, on the CPU.
        card: what is known about it.
        hash: SHA-256 over card and weights.
        novelty: how unlike all that was learned from a series is; None for a release made without.
    """

    network: CropNet
    card: ModelCard
    hash: str
    novelty: NoveltyModel | None = None


def load_release(folder: Path | None = None) -> Release:
    """Load a release.

    Args:
        folder: holds card.json and weights.safetensors; None for the one that ships with Acreline.

    Raises:
        DataError: a file is missing or damaged, or weights and card do not belong together.
    """
    folder = folder or Path(str(resources.files("models").joinpath("release")))
    card = read_card(folder / CARD)
    blob = _checked_weights(folder / WEIGHTS, card)
    network = CropNet(NetworkSpec(**card.network.model_dump()))
    novelty = _fill(network, blob, folder / WEIGHTS)
    return Release(network.eval(), card, card.hash, novelty)


def save_release(network: CropNet, card: ModelCard, folder: Path, novelty: NoveltyModel | None = None) -> Release:
    """Write weights and card; the card's hash of the weights is set here.

    Returns:
        The release as it now lies in the folder, loaded back.
    """
    folder.mkdir(parents=True, exist_ok=True)
    blob = save(_tensors(network, novelty))
    (folder / WEIGHTS).write_bytes(blob)
    sealed = card.model_copy(update={"weights_sha256": hashlib.sha256(blob).hexdigest()})
    write_card(sealed, folder / CARD)
    return load_release(folder)


def _tensors(network: CropNet, novelty: NoveltyModel | None) -> dict[str, Tensor]:
    own = {} if novelty is None else {f"{_NOVELTY}{name}": tensor for name, tensor in novelty.tensors().items()}
    return {name: tensor.detach().cpu().contiguous() for name, tensor in sorted((network.state_dict() | own).items())}


def _checked_weights(path: Path, card: ModelCard) -> bytes:
    if not path.is_file():
        raise DataError("MODEL_MISSING", f"The weights {path} are missing.", "Reinstall, or train a model.")
    blob = path.read_bytes()
    if hashlib.sha256(blob).hexdigest() != card.weights_sha256:
        raise DataError(
            "MODEL_DAMAGED", f"The weights {path} are not those of their card.", "Take weights and card of one release."
        )
    return blob


def _fill(network: CropNet, blob: bytes, path: Path) -> NoveltyModel | None:
    """Give the network its weights; the novelty model beside them."""
    try:
        tensors = load(blob)
        own = {name.removeprefix(_NOVELTY): tensors.pop(name) for name in list(tensors) if name.startswith(_NOVELTY)}
        network.load_state_dict(tensors)
        return NoveltyModel.from_tensors(own) if own else None
    except (SafetensorError, RuntimeError, KeyError) as error:
        raise DataError(
            "MODEL_SHAPE", f"The weights {path} do not fit the network of their card.", "Take a whole release."
        ) from error
