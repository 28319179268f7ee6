"""Pictures to upload, and those that come back."""

import io
from typing import Any

from PIL import Image

from contract_tests.actors.caller import Answer, Caller
from contract_tests.contract.finding import ContractError, Kind

MEDIA_TYPES = {"PNG": "image/png", "GIF": "image/gif", "JPEG": "image/jpeg"}


def picture(colour: str, kind: str = "PNG", size: tuple[int, int] = (200, 200)) -> bytes:
    """An image file of one colour; `size` is width and height in pixels. A square is what every server takes."""
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, kind)
    return out.getvalue()


def opened(answer: Answer) -> Image.Image:
    """The image in an answer. Raises ContractError where there is none."""
    try:
        image = Image.open(io.BytesIO(answer.body))
        image.load()
    except (OSError, SyntaxError):  # what Pillow makes of a broken file
        wrong = answer.wrong(Kind.BEHAVIOUR, detail="answers something that is no picture")
        raise ContractError(answer.witnessed([wrong])) from None
    return image


def upload(caller: Caller, community: str, data: bytes, kind: str = "PNG", size: int | None = None, **more: Any) -> Answer:
    """Uploads an avatar; `size` is what is announced, the true length if it is not given."""
    query = {"mimetype": MEDIA_TYPES[kind], "size": len(data) if size is None else size}
    headers = {"Content-Type": MEDIA_TYPES[kind]}
    return caller.call("uploadCommunityAvatar", data=data, query=query | more, headers=headers, community_id=community)
