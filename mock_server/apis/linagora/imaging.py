"""Pictures: is it what it says, and what does it look like in 128x128 pixels."""

from __future__ import annotations

import io

from PIL import Image, ImageOps

from mock_server.errors import bad_request

SIDE = 128
# A few kilobytes of PNG can unfold into gigabytes of pixels; these fill some 64 MiB at most.
MAX_PIXELS = 16_000_000
_FORMATS = {"image/png": ("PNG", "RGBA"), "image/gif": ("GIF", "RGBA"), "image/jpeg": ("JPEG", "RGB")}


def make_small(data: bytes, mimetype: str) -> bytes:
    """The picture cut to a square of SIDE pixels, in the same format; of an animation the first frame.

    Raises Problem 400 where data is no such picture, is damaged or has more than MAX_PIXELS pixels.
    """
    name, mode = _FORMATS[mimetype]
    try:
        with Image.open(io.BytesIO(data), formats=[name]) as image:
            if image.width * image.height > MAX_PIXELS:
                raise bad_request(f"the image has {image.width}x{image.height} pixels, at most {MAX_PIXELS} are taken")
            image.load()
            square = ImageOps.fit(image.convert(mode), (SIDE, SIDE))
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, Image.DecompressionBombError) as error:
        # Pillow's decoders let many kinds of exceptions out on damaged bytes.
        raise bad_request(f"the image cannot be read as {mimetype}: {error}") from error
    output = io.BytesIO()
    square.save(output, name)
    return output.getvalue()
