"""Documents that are put on file: what they are, and by which digest they are kept."""

import hashlib

from django.core.exceptions import ValidationError

from plateward.documents.kinds import UnusableFileError, media_type_of


def kept_as(document: bytes, field: str) -> tuple[str, str]:
    """A document's media type and SHA-256; raises ValidationError at `field` for what is none."""
    try:
        return media_type_of(document), hashlib.sha256(document).hexdigest()
    except UnusableFileError as error:
        raise ValidationError({field: str(error)}) from error
