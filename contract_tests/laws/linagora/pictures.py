"""Pictures that the avatar laws alone need."""

import io
from collections.abc import Sequence

from PIL import Image


def striped(colours: Sequence[str], side: int = 128) -> bytes:
    """A PNG of squares beside each other, one of each colour."""
    image = Image.new("RGB", (side * len(colours), side))
    for number, colour in enumerate(colours):
        image.paste(colour, (side * number, 0, side * (number + 1), side))
    return _png(image)


def black(width: int, height: int) -> bytes:
    """A PNG that is small in bytes, however many pixels it has."""
    return _png(Image.new("1", (width, height)))


def _png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()
