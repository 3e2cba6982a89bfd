"""Our static files: read once at start, named by their content, so that browsers may keep them for ever.

``static/console.css`` is served as ``/console/static/console.1a2b3c4d5e6f.css``; a changed file has another
name. Nothing but what lies in the package is ever served, so no path of a request touches the disk.
"""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import PurePosixPath

from aiohttp import web

_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
KEPT = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Asset:
    """``url``: its name below ``/static/``, with the hash in it."""

    url: str
    media_type: str
    body: bytes
    packed: bytes


class Assets:
    def __init__(self) -> None:
        root = files(__package__) / "static"
        self._by_name = {name: _asset(name, file.read_bytes()) for name, file in _walk(root, PurePosixPath())}
        self._by_url = {asset.url: asset for asset in self._by_name.values()}

    def url(self, name: str) -> str:
        """The name of a file below /static/, by its name in the package. KeyError for no such file."""
        return self._by_name[name].url

    def names(self) -> tuple[str, ...]:
        return tuple(sorted(self._by_name))

    async def serve(self, request: web.Request) -> web.StreamResponse:
        asset = self._by_url.get(request.match_info["name"])
        if asset is None:
            raise web.HTTPNotFound
        packed = "gzip" in request.headers.get("Accept-Encoding", "")
        headers = {"Cache-Control": KEPT, "Vary": "Accept-Encoding"}
        if packed:
            headers["Content-Encoding"] = "gzip"
        return web.Response(
            body=asset.packed if packed else asset.body, content_type=asset.media_type, charset="utf-8", headers=headers
        )


def _walk(folder: Traversable, path: PurePosixPath) -> list[tuple[str, Traversable]]:
    found: list[tuple[str, Traversable]] = []
    for entry in folder.iterdir():
        here = path / entry.name
        if entry.is_dir():
            found += _walk(entry, here)
        elif here.suffix in _TYPES:
            found.append((str(here), entry))
    return found


def _asset(name: str, body: bytes) -> Asset:
    path = PurePosixPath(name)
    digest = hashlib.sha256(body).hexdigest()[:12]
    url = str(path.with_name(f"{path.stem}.{digest}{path.suffix}"))
    return Asset(url, _TYPES[path.suffix], body, gzip.compress(body, 9, mtime=0))
