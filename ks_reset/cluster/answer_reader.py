"""The content of an answer, read up to a size and a time: a server may send without end, or one byte a minute."""

import time
import zlib
from collections.abc import Iterator

import urllib3

from ks_reset.errors import Retry, Unknown
from ks_reset.limits import ANSWER_BYTES, MIB

PLAIN = ("", "identity")


def read_answer(answer: urllib3.BaseHTTPResponse, request: str, seconds: float, most: int = ANSWER_BYTES) -> bytes:
    """The content. Raises Retry if it is not complete after so many seconds, Unknown if it is too large or packed."""
    try:
        content = b"".join(_parts(answer, request, seconds, most))
    except BaseException:
        answer.close()
        raise
    answer.release_conn()
    return _unpacked(answer, content, request, most)


def _parts(answer: urllib3.BaseHTTPResponse, request: str, seconds: float, most: int) -> Iterator[bytes]:
    deadline, size = time.monotonic() + seconds, 0
    while part := answer.read1(MIB, decode_content=False):
        size += len(part)
        if size > most:
            raise _too_large(request, most)
        if time.monotonic() > deadline:
            raise Retry(f"{request} was not answered completely within {seconds:.0f} s (--request-timeout)")
        yield part


def _unpacked(answer: urllib3.BaseHTTPResponse, content: bytes, request: str, most: int) -> bytes:
    encoding = answer.headers.get("Content-Encoding", "").lower()
    if encoding in PLAIN:
        return content
    if encoding != "gzip":
        raise Unknown(f"{request} was answered in the encoding {encoding[:20]!r}, which was not asked for.")
    try:
        unpacked = zlib.decompressobj(31).decompress(content, most + 1)
    except zlib.error as error:
        raise Unknown(f"{request} was answered with damaged gzip: {error}.") from error
    if len(unpacked) > most:
        raise _too_large(request, most)
    return unpacked


def _too_large(request: str, most: int) -> Unknown:
    return Unknown(
        f"{request} was answered with more than {most // MIB} MiB, the most that ks-reset reads of one answer. It "
        "counts as unread. See what answers at this address."
    )
