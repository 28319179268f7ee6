"""Pictures: whether they are what they claim to be, and small versions of them."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator, Mapping

from PIL import Image, ImageOps

# A few kilobytes of PNG can unfold into gigabytes of pixels; these fill some 64 MiB at most.
MAX_PIXELS = 16_000_000
# Per media type Pillow's name of the format, and the modes of pixels that it can be written with; of others the last is made.
_FORMATS = {
    "image/png": ("PNG", ("L", "LA", "RGB", "RGBA")),
    "image/gif": ("GIF", ("RGBA",)),
    "image/jpeg": ("JPEG", ("L", "RGB")),
    "image/webp": ("WEBP", ("RGB", "RGBA")),
}
# Small pictures are made once for few looks: what is faster is better than what is smaller.
_QUICK = {"PNG": {"compress_level": 1}, "WEBP": {"method": 1}}


class ImageError(ValueError):
    """The bytes are not a picture of that type, are damaged, or unfold into more than MAX_PIXELS pixels."""


def cut_square(data: bytes, media_type: str, side: int) -> bytes:
    """The picture cut to a square of side pixels, in its own format; of an animation the first frame. Raises ImageError."""
    with _opened(data, media_type, side) as image:
        return _written(ImageOps.fit(image, (side, side), Image.Resampling.BILINEAR), media_type)


def shrink(data: bytes, media_type: str, sides: Mapping[str, int]) -> dict[str, bytes]:
    """For each name the whole picture, upright, at most side pixels wide and high, in its own format. Raises ImageError."""
    with _opened(data, media_type, max(sides.values())) as image:
        upright = ImageOps.exif_transpose(image)
        small = {}
        for name, side in sorted(sides.items(), key=lambda item: -item[1]):
            upright.thumbnail((side, side))  # each from the one before: the second costs next to nothing
            small[name] = _written(upright, media_type)
        return small


@contextlib.contextmanager
def _opened(data: bytes, media_type: str, side: int) -> Iterator[Image.Image]:
    if media_type not in _FORMATS:
        raise ImageError(f"{media_type} is not one of {', '.join(_FORMATS)}")
    name, modes = _FORMATS[media_type]
    try:
        with Image.open(io.BytesIO(data), formats=[name]) as image:
            if image.width * image.height > MAX_PIXELS:
                raise ImageError(f"the image has {image.width}x{image.height} pixels; at most {MAX_PIXELS} are accepted")
            image.draft("RGB", (2 * side, 2 * side))  # a JPEG need not be unfolded whole
            image.load()
            # In as few channels as it has: each costs as much as the others.
            yield image if image.mode in modes and "transparency" not in image.info else image.convert(modes[-1])
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, Image.DecompressionBombError) as error:
        # Pillow's decoders let many kinds of exceptions out on damaged bytes.
        if isinstance(error, ImageError):
            raise
        raise ImageError(f"the image cannot be read as {media_type}: {error}") from error


def _written(image: Image.Image, media_type: str) -> bytes:
    output = io.BytesIO()
    name, _ = _FORMATS[media_type]
    image.save(output, name, **_QUICK.get(name, {}))
    return output.getvalue()
