"""The avatar of a community: raw bytes in, the same bytes or a small picture out."""

from __future__ import annotations

from datetime import UTC
from email.utils import formatdate, parsedate_to_datetime

from sqlalchemy import bindparam, insert, select, update

from mock_server.apis.linagora.access import Community, managed_community, visible_community
from mock_server.apis.linagora.tables import communities, images
from mock_server.dispatch import Call, Reply
from mock_server.errors import Problem, bad_request, not_found
from mock_server.files import files, keep
from mock_server.imaging import ImageError, cut_square

SIDE = 128

_IMAGE = select(images.c.id).where(
    images.c.session == bindparam("key"),
    images.c.community_id == bindparam("community_id"),
    images.c.id == bindparam("image_id"),
)
_WITH_CONTENT = _IMAGE.with_only_columns(images.c.mimetype, files.c.content)
_ORIGINAL = _WITH_CONTENT.where(files.c.id == images.c.original_id)
_SMALL = _WITH_CONTENT.where(files.c.id == images.c.small_id)


_INSERT = insert(images)
_CHOOSE = (
    update(communities)
    .where(communities.c.session == bindparam("key"), communities.c.id == bindparam("community_id"))
    .values(avatar=bindparam("image_id"), avatar_changed=bindparam("changed"))
)


def upload_community_avatar(call: Call) -> Reply:
    """linagora document, POST …/avatar: 412 where `size` is not the number of bytes stored, and nothing has changed then."""
    community = managed_community(call)
    announced, stored = call.parameters["size"], len(call.body)
    if announced != stored:
        raise Problem(412, f"size announces {announced} bytes, but {stored} were received")
    mimetype = call.parameters["mimetype"]
    row = {
        "session": call.session,
        "id": call.ids.next_uuid(),
        "community_id": community.id,
        "mimetype": mimetype,
        "original_id": keep(call.connection, call.body),
        "small_id": keep(call.connection, _small(call.body, mimetype)),
    }
    call.connection.execute(_INSERT, row)
    _set_avatar(call, community, row["id"])
    return Reply(200, {"_id": row["id"]})


def get_community_avatar(call: Call) -> Reply:
    """linagora document, GET …/avatar: 128x128 pixels, or the original; 304 if not changed since If-Modified-Since."""
    community = visible_community(call)
    if community.avatar is None or community.avatar_changed is None:
        raise Problem(404, "the community has no avatar")
    since = _seconds(call.parameters["If-Modified-Since"])
    if since is not None and community.avatar_changed <= since:
        return Reply(304, media_type=None)
    key = {"key": call.session, "community_id": community.id, "image_id": community.avatar}
    image = call.connection.execute(_ORIGINAL if call.parameters["format"] == "original" else _SMALL, key).first()
    if image is None:
        raise Problem(404, "the avatar was dropped, since it was old and there were too many files")
    headers = {
        "Last-Modified": formatdate(community.avatar_changed, usegmt=True),
        # Another session may have another picture at the same URL.
        "Cache-Control": "private, no-cache",
        "X-Content-Type-Options": "nosniff",
    }
    return Reply(200, image.content, headers, image.mimetype)


def _small(data: bytes, mimetype: str) -> bytes:
    try:
        return cut_square(data, mimetype, SIDE)
    except ImageError as error:
        raise bad_request(str(error)) from error


def choose_avatar(call: Call, community: Community, image_id: str) -> None:
    """Make an image that was uploaded for the community its avatar. Raises Problem 404."""
    key = {"key": call.session, "community_id": community.id, "image_id": image_id}
    if call.connection.execute(_IMAGE, key).first() is None:
        raise not_found("image", image_id)
    if image_id != community.avatar:
        _set_avatar(call, community, image_id)


def _set_avatar(call: Call, community: Community, image_id: str) -> None:
    # HTTP dates count seconds. Two changes within one would look like none to If-Modified-Since, so each is at least a second
    # later than the one before.
    changed = max(int(call.now.timestamp()), (community.avatar_changed or 0) + 1)
    key = {"key": call.session, "community_id": community.id}
    call.connection.execute(_CHOOSE, {**key, "image_id": image_id, "changed": changed})


def _seconds(http_date: str | None) -> float | None:
    """Seconds since the epoch; None where there is no date or it is none (RFC 9110 13.1.3 ignores those)."""
    try:
        parsed = parsedate_to_datetime(http_date) if http_date else None
    except ValueError:
        return None
    return parsed.replace(tzinfo=parsed.tzinfo or UTC).timestamp() if parsed else None
