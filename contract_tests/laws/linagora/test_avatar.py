"""The avatar: what was uploaded, in small, and only if it changed."""

from datetime import UTC
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract_tests.actors.caller import Answer, Caller
from contract_tests.actors.expectations import body_is, expect, has, header, need, refusal, require, same, status
from contract_tests.actors.linagora import Linagora
from contract_tests.actors.pictures import MEDIA_TYPES, opened, picture, upload
from contract_tests.contract.basis import documented, inferred
from contract_tests.laws.linagora.pictures import black, striped

KINDS = pytest.mark.parametrize("kind", list(MEDIA_TYPES))
SMALL = (128, 128)  # pixels
MOST = 10 * 1024 * 1024  # bytes of an image
NEAR = 16  # what scaling and compression may do to a channel
SIDES = st.integers(1, 400)


def _avatar(caller: Caller, community: str, since: str | None = None, **query: Any) -> Answer:
    headers = {"If-Modified-Since": since} if since else {}
    return caller.call("getCommunityAvatar", community_id=community, query=query, headers=headers)


def _last_modified(caller: Caller, community: str, **query: Any) -> str:
    return need(_avatar(caller, community, **query), status(200)).headers["Last-Modified"]


@KINDS
@documented("GET /api/communities/{community_id}/avatar: format=original returns the original uploaded file")
def test_the_original_is_what_was_uploaded(linagora: Linagora, alice: Caller, kind: str) -> None:
    community, data = linagora.id(alice), picture("red", kind)
    need(upload(alice, community, data, kind), status(200))
    reply = expect(_avatar(alice, community, format="original"), status(200), body_is(data))
    expect(reply, header("Content-Type", MEDIA_TYPES[kind]))


@KINDS
@given(side=SIDES)
@documented("GET /api/communities/{community_id}/avatar: it returns the avatar in 128x128 px")
def test_the_avatar_is_128_pixels_square(linagora: Linagora, alice: Caller, kind: str, side: int) -> None:
    community = linagora.id(alice)
    need(upload(alice, community, picture("red", kind, (side, side)), kind), status(200))
    shown = opened(expect(_avatar(alice, community), status(200))).size
    same(shown, SMALL, "getCommunityAvatar", f"answers another size, for a picture of {side} x {side}")


@documented("GET /api/communities/{community_id}/avatar: Get the community avatar")
def test_the_avatar_shows_the_picture_that_was_uploaded(linagora: Linagora, alice: Caller) -> None:
    community, red, blue = linagora.id(alice), (255, 0, 0), (0, 0, 255)
    for colour, kind, wanted in (("red", "PNG", red), ("blue", "JPEG", blue), ("red", "GIF", red), ("blue", "PNG", blue)):
        need(upload(alice, community, picture(colour, kind), kind), status(200))
        shown = _pixel(expect(_avatar(alice, community), status(200)), 64)
        near = all(abs(one - other) < NEAR for one, other in zip(shown, wanted, strict=True))
        require(near, "getCommunityAvatar", f"shows another picture than the {colour} {kind}", expected=wanted, got=shown)


def _pixel(answer: Answer, across: int) -> tuple[int, ...]:
    """Red, green and blue, halfway down."""
    pixel = opened(answer).convert("RGB").getpixel((across, 64))
    assert isinstance(pixel, tuple)
    return pixel


@KINDS
@inferred("the small picture keeps the media type of the original")
def test_the_small_picture_is_of_the_type_that_was_uploaded(linagora: Linagora, alice: Caller, kind: str) -> None:
    community = linagora.id(alice)
    need(upload(alice, community, picture("red", kind), kind), status(200))
    reply = expect(_avatar(alice, community), status(200), header("Content-Type", MEDIA_TYPES[kind]))
    same(opened(reply).format, kind, "getCommunityAvatar", "sends an image of another type than its Content-Type says")


@KINDS
@pytest.mark.parametrize("size", [(200, 90), (90, 200)], ids=["wide", "high"])
@documented("POST /api/communities/{community_id}/avatar: 200, or 500, a problem manipulating the image; GET: 128x128 px")
def test_a_picture_that_is_not_square_is_taken_whole_or_not_at_all(
    linagora: Linagora, alice: Caller, kind: str, size: tuple[int, int]
) -> None:
    community, data = linagora.id(alice), picture("red", kind, size)
    if expect(upload(alice, community, data, kind), status(200, 500)).status == 500:
        expect(_avatar(alice, community), status(404))
        return
    expect(_avatar(alice, community, format="original"), status(200), body_is(data))
    small = opened(expect(_avatar(alice, community), status(200)))
    same(small.size, SMALL, "getCommunityAvatar", "answers another size, for a picture that is not square")


@inferred("a picture that is not square is cut to a square, not squeezed")
def test_the_small_picture_is_cut_and_not_squeezed(linagora: Linagora, alice: Caller) -> None:
    community = linagora.id(alice)
    expect(upload(alice, community, striped(("red", "green", "blue", "white"))), status(200))
    small = expect(_avatar(alice, community), status(200))
    # In the middle of each quarter: squeezed, the picture would show a band in each; cut, a part as wide as one band.
    seen = {_pixel(small, 16 + 32 * quarter) for quarter in range(4)}
    require(len(seen) <= 2, "getCommunityAvatar", "squeezes a wide picture", expected="2 of its 4 bands at most", got=len(seen))


@inferred("an image of more than 16 million pixels is 400, however few bytes it has")
def test_a_picture_of_too_many_pixels_is_refused(linagora: Linagora, alice: Caller) -> None:
    community = linagora.id(alice)
    expect(upload(alice, community, black(4001, 4001)), refusal(400))
    expect(_avatar(alice, community), refusal(404))


@inferred("an image has at most 10 MiB: more is 413")
def test_an_upload_that_is_too_long_is_refused(linagora: Linagora, alice: Caller) -> None:
    community, data = linagora.id(alice), picture("red")
    expect(upload(alice, community, data + bytes(MOST + 1 - len(data))), refusal(413))
    expect(_avatar(alice, community), refusal(404))


@documented("GET /api/communities/{community_id}/avatar: 404, not found")
def test_a_new_community_has_no_avatar(linagora: Linagora, alice: Caller) -> None:
    community = linagora.id(alice)
    for query in ({}, {"format": "original"}):
        expect(_avatar(alice, community, **query), status(404))


@documented("POST /api/communities/{community_id}/avatar: 412, the number of bytes recorded differs from the number given")
@pytest.mark.parametrize("error", [-1, 1, 1000])
def test_a_wrong_size_is_refused(linagora: Linagora, alice: Caller, error: int) -> None:
    community, data = linagora.id(alice), picture("red")
    expect(upload(alice, community, data, size=len(data) + error), status(412))
    expect(_avatar(alice, community), status(404))


@inferred("a refused upload leaves the avatar as it was")
def test_a_refused_upload_keeps_the_avatar(linagora: Linagora, alice: Caller) -> None:
    community, first, second = linagora.id(alice), picture("red"), picture("blue")
    need(upload(alice, community, first), status(200))
    time = _last_modified(alice, community)
    need(upload(alice, community, second, size=len(second) - 1), refusal(412))
    need(upload(alice, community, b"no image at all"), refusal(400))
    expect(_avatar(alice, community, format="original"), status(200), body_is(first), header("Last-Modified", time))


@documented("POST /api/communities/{community_id}/avatar: 400, the current request is missing mandatory parameters")
@pytest.mark.parametrize("missing", ["mimetype", "size"])
def test_an_upload_without_its_parameters_is_refused(linagora: Linagora, alice: Caller, missing: str) -> None:
    data = picture("red")
    query = {"mimetype": "image/png", "size": len(data)} | {missing: None}
    expect(alice.call("uploadCommunityAvatar", data=data, query=query, community_id=linagora.id(alice)), status(400))


@inferred("a mimetype that is none of image/png, image/gif and image/jpeg is 400")
@pytest.mark.parametrize("mimetype", ["image/webp", "text/html", "png", ""])
def test_an_upload_of_another_type_is_refused(linagora: Linagora, alice: Caller, mimetype: str) -> None:
    expect(upload(alice, linagora.id(alice), picture("red"), mimetype=mimetype), status(400))


@inferred("an image that cannot be read as mimetype says is 400")
def test_bytes_that_are_not_such_an_image_are_refused(linagora: Linagora, alice: Caller) -> None:
    community = linagora.id(alice)
    for data, kind in ((b"no image at all", "PNG"), (picture("red", "GIF"), "PNG"), (picture("red")[:100], "PNG")):
        expect(upload(alice, community, data, kind), refusal(400))
    expect(_avatar(alice, community), refusal(404))


@documented("GET /api/communities/{community_id}/avatar: 304, the image has not been changed since the last GET")
@pytest.mark.parametrize("query", [{}, {"format": "original"}], ids=["small", "original"])
def test_an_avatar_that_has_not_changed_is_not_sent_again(linagora: Linagora, alice: Caller, query: dict[str, str]) -> None:
    community = linagora.id(alice)
    need(upload(alice, community, picture("red")), status(200))
    expect(_avatar(alice, community, _last_modified(alice, community, **query), **query), status(304), body_is(b""))


@documented("GET /api/communities/{community_id}/avatar: 304, the image has not been changed since the last GET")
def test_an_avatar_that_has_changed_is_sent_again(linagora: Linagora, alice: Caller) -> None:
    community, second = linagora.id(alice), picture("blue")
    need(upload(alice, community, picture("red")), status(200))
    time = _last_modified(alice, community)
    need(upload(alice, community, second), status(200))
    expect(_avatar(alice, community, time), status(200))
    expect(_avatar(alice, community, time, format="original"), status(200), body_is(second))


@documented("GET /api/communities/{community_id}/avatar: If-Modified-Since is a Date; RFC 9110 13.1.3 ignores anything else")
@pytest.mark.parametrize("since", ["Wed, 18 Dec 2013 14:51:51 GMT", "yesterday", "0", "2050-01-01"])
def test_an_older_date_or_none_gets_the_picture(linagora: Linagora, alice: Caller, since: str) -> None:
    community, data = linagora.id(alice), picture("red")
    need(upload(alice, community, data), status(200))
    expect(_avatar(alice, community, since, format="original"), status(200), body_is(data))


@inferred("the id that an upload answers is the avatar of the community")
def test_the_community_names_its_avatar(linagora: Linagora, alice: Caller) -> None:
    community = linagora.id(alice)
    image = need(upload(alice, community, picture("red")), status(200)).json["_id"]
    expect(alice.call("getCommunity", community_id=community), status(200), has(avatar=image))


@documented("PUT /api/communities/{community_id}: avatar; GET …/avatar: 304 only if it has not been changed")
def test_an_update_can_go_back_to_an_earlier_avatar(linagora: Linagora, alice: Caller) -> None:
    community, first, second = linagora.id(alice), picture("red"), picture("blue")
    image = need(upload(alice, community, first), status(200)).json["_id"]
    need(upload(alice, community, second), status(200))
    time = _last_modified(alice, community)
    expect(alice.call("updateCommunity", {"avatar": image}, community_id=community), status(200))
    expect(_avatar(alice, community, time, format="original"), status(200), body_is(first))


@inferred("an update that names the current avatar changes nothing")
def test_naming_the_same_avatar_is_no_change(linagora: Linagora, alice: Caller) -> None:
    community = linagora.id(alice)
    image = need(upload(alice, community, picture("red")), status(200)).json["_id"]
    time = _last_modified(alice, community)
    expect(alice.call("updateCommunity", {"avatar": image}, community_id=community), status(200))
    expect(_avatar(alice, community, time), status(304), body_is(b""))


@documented("GET /api/communities/{community_id}/avatar: Last-Modified is a Date, as in Wed, 18 Dec 2013 14:51:51 GMT")
def test_last_modified_is_an_http_date(linagora: Linagora, alice: Caller) -> None:
    community = linagora.id(alice)
    need(upload(alice, community, picture("red")), status(200))
    time = expect(_avatar(alice, community), status(200)).headers["Last-Modified"]
    same(time, _as_http_writes_it(time), "getCommunityAvatar", "has a Last-Modified that is no date of HTTP")


def _as_http_writes_it(time: str) -> str:
    try:
        return format_datetime(parsedate_to_datetime(time).astimezone(UTC), usegmt=True)
    except ValueError:
        return "Wed, 18 Dec 2013 14:51:51 GMT"


@inferred("an avatar belongs to one community")
def test_an_upload_concerns_one_community(linagora: Linagora, alice: Caller) -> None:
    pictured, other = linagora.id(alice), linagora.id(alice)
    image = need(upload(alice, pictured, picture("red")), status(200)).json["_id"]
    expect(_avatar(alice, other), refusal(404))
    expect(alice.call("updateCommunity", {"avatar": image}, community_id=other), refusal(404))
