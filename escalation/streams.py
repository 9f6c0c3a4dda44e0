"""Sending what is too long to hold: from the database to the client, a piece at a time."""

from collections.abc import AsyncIterator, Iterator

from asgiref.sync import sync_to_async
from django.http import StreamingHttpResponse


def download(pieces: Iterator[bytes], *, content_type: str, filename: str) -> StreamingHttpResponse:
    return StreamingHttpResponse(
        pieces,
        content_type=content_type,
        headers={"Content-Disposition": f'attachment; filename="{filename}"'},
    )


async def piece_by_piece(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Fetch each piece in the request's own thread when the one before has been sent.

    Django would fetch all of them before it sends the first.
    """
    following = sync_to_async(lambda: next(pieces, None))
    while (piece := await following()) is not None:
        yield piece
