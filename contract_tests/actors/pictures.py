"""Pictures for the avatar laws."""

import io
from typing import Any

from PIL import Image

from contract_tests.actors.caller import Answer, Caller

MEDIA_TYPES = {"PNG": "image/png", "GIF": "image/gif", "JPEG": "image/jpeg"}


def picture(colour: str, kind: str = "PNG", size: tuple[int, int] = (200, 90)) -> bytes:
    """An image file of one colour; `size` is width and height in pixels."""
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, kind)
    return out.getvalue()


def opened(data: bytes) -> Image.Image:
    """The image in some bytes. Raises AssertionError."""
    try:
        image = Image.open(io.BytesIO(data))
        image.load()
    except (OSError, SyntaxError) as error:  # what Pillow makes of a broken file
        raise AssertionError(f"getCommunityAvatar answers no picture: {type(error).__name__}") from None
    return image


def upload(caller: Caller, community: str, data: bytes, kind: str = "PNG", size: int | None = None, **more: Any) -> Answer:
    """Uploads an avatar; `size` is what is announced, the true length if it is not given."""
    query = {"mimetype": MEDIA_TYPES[kind], "size": len(data) if size is None else size}
    headers = {"Content-Type": MEDIA_TYPES[kind]}
    return caller.call("uploadCommunityAvatar", data=data, query=query | more, headers=headers, community_id=community)
