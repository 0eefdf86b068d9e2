"""Scans to Document."""

from extractors.errors import NoText
from extractors.model import Document


def read_image(data: bytes) -> Document:
    raise NoText("an image")
