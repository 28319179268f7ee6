"""Pictures to upload, good and bad."""

from __future__ import annotations

import io
import struct
import zlib

from PIL import Image


def picture(kind: str, size: tuple[int, int] = (200, 100)) -> bytes:
    """A small picture; kind is PNG, GIF, JPEG or WEBP."""
    output = io.BytesIO()
    Image.linear_gradient("L").resize(size).convert("RGB").save(output, kind)
    return output.getvalue()


def png_bomb(width: int, height: int) -> bytes:
    """A PNG that announces so many pixels; its data would unfold to one bit for each of them."""
    rows = zlib.compressobj(9)
    row = b"\0" + bytes((width + 7) // 8)
    data = b"".join(rows.compress(row) for _ in range(height)) + rows.flush()
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
