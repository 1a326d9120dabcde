"""Where documents come from: files, and the URLs of running services."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from openwop_codegen.diagnostics import GeneratorError

__all__ = ["fetch", "is_url"]

_TIMEOUT: Final = 60.0


def is_url(source: str) -> bool:
    """Tell whether *source* is the address of a document rather than a file."""
    return urlsplit(source).scheme in {"http", "https"}


class _SameOrigin(urllib.request.HTTPRedirectHandler):
    """Follows redirects, but takes no credential to another origin."""

    def redirect_request(self, req, fp, code, msg, headers, newurl):  # type: ignore[no-untyped-def]
        made = super().redirect_request(req, fp, code, msg, headers, newurl)
        if made is not None and urlsplit(newurl).netloc != urlsplit(req.full_url).netloc:
            for name in ("Authorization", "Cookie"):
                made.headers.pop(name, None)
        return made


def fetch(url: str, *, bearer: str = "", cookie: str = "", origin: str = "") -> str:
    """Return the document at *url*, as it was sent.

    Args:
        url: The address.
        bearer: A token to send.
        cookie: The value of the `Cookie` header to send.
        origin: The value of the `Origin` header to send.

    Raises:
        GeneratorError: It cannot be had; the message says what came in its place.
    """
    headers = {"Accept": "application/json, application/yaml;q=0.9, */*;q=0.5"}
    if bearer:
        headers["Authorization"] = f"Bearer {bearer}"
    if cookie:
        headers["Cookie"] = cookie
    if origin:
        headers["Origin"] = origin
    request = urllib.request.Request(url, headers=headers)  # noqa: S310  # is_url saw to it
    opener = urllib.request.build_opener(_SameOrigin)
    try:
        with opener.open(request, timeout=_TIMEOUT) as answer:
            body: bytes = answer.read()
            kind = str(answer.headers.get("Content-Type", ""))
    except urllib.error.HTTPError as exc:
        exc.close()
        raise GeneratorError(_refusal(exc.code, bearer=bearer, cookie=cookie), url) from None
    except OSError as exc:
        reason = getattr(exc, "reason", exc)
        raise GeneratorError(f"cannot be reached: {reason}", url) from None
    text = body.decode("utf-8-sig", "replace")
    if "html" in kind or re.match(r"\s*<(!doctype|html)", text, re.IGNORECASE):
        message = (
            "answers with a web page, not with a document; pages of this kind load it from an "
            "address beside their own, often openapi.json or spec.json: give that one"
        )
        raise GeneratorError(message, url)
    return text


def _refusal(status: int, *, bearer: str, cookie: str) -> str:
    if status in {401, 403}:
        given = "the credential that was given is not taken" if bearer or cookie else "it wants one"
        return f"answers {status}: {given}; pass --bearer TOKEN or --cookie COOKIE (and --origin)"
    return f"answers {status}"


def saved(folder: Path, text: str) -> Path:
    """Write the document *text* into *folder*, named by what it is, and return the file."""
    try:
        json.loads(text)
        name = "openapi.json"
    except ValueError:
        name = "openapi.yaml"
    target = folder / name
    target.write_text(text, encoding="utf-8")
    return target
