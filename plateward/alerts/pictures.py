"""Addresses of the pictures of an opened alert."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from plateward.alerts.actions import OpenedAlert
from plateward.reads.models import Picture, PictureRole
from plateward.reads.pictures import signed_url


def picture_urls(opened: OpenedAlert, user_id: UUID) -> Mapping[str, str]:
    """Signed addresses of the scene and of the plate, as far as the read has them."""
    if opened.access is None or opened.seen.read is None:
        return {}
    access_id = opened.access.pk
    by_role = {PictureRole(picture.role): picture for picture in opened.pictures}
    urls = {}
    if scene := by_role.get(PictureRole.SCENE) or by_role.get(PictureRole.VEHICLE):
        urls["scene"] = signed_url(picture=scene, user_id=user_id, access_id=access_id)
    if plate := by_role.get(PictureRole.PLATE):
        urls["plate"] = signed_url(picture=plate, user_id=user_id, access_id=access_id)
    elif boxed := _boxed(opened.seen.read.plate_box, by_role):
        urls["plate"] = signed_url(picture=boxed, user_id=user_id, access_id=access_id, crop=True)
    return urls


def _boxed(box: Mapping[str, Any] | None, by_role: Mapping[PictureRole, Picture]) -> Picture | None:
    """The picture in which the read's plate box lies."""
    return by_role.get(PictureRole(str(box["picture"]).upper())) if box else None
