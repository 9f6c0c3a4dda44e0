"""Sending what is too long to hold: from the database to the client, a piece at a time."""

from collections.abc import Iterator

from django.http import StreamingHttpResponse


def download(pieces: Iterator[bytes], *, content_type: str, filename: str) -> StreamingHttpResponse:
    """Return ``pieces`` as a file; each is made when it is sent, all in one thread (``onehop``)."""
    return StreamingHttpResponse(
        pieces,
        content_type=content_type,
        headers={"Content-Disposition": f'attachment; filename="{filename}"'},
    )
