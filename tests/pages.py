"""What a person reads on a page."""

from django.http import HttpResponse


def text(response: HttpResponse) -> str:
    """The page's source with every run of white space as one space."""
    return " ".join(response.content.decode().split())
