"""Where the secrets of subscriptions are kept between two runs of a program."""

from __future__ import annotations

import os
import re
import stat
import tempfile
import threading
from pathlib import Path
from typing import Protocol, TypeAlias, runtime_checkable

from openwop.errors import ConfigurationError

__all__ = [
    "AnySecretStore",
    "AsyncSecretStore",
    "FileSecretStore",
    "MemorySecretStore",
    "SecretStore",
]

_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}")
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


@runtime_checkable
class SecretStore(Protocol):
    """Keeps short texts by name: a secrets manager, a vault, an encrypted table.

    The texts are JSON and hold secrets: a store keeps them from everybody else, and out of its own
    representation and messages.  Whatever it raises reaches the caller of the subscription.
    """

    def get(self, name: str) -> str | None:
        """Return the text that is kept under *name*, or None."""
        ...

    def put(self, name: str, text: str) -> None:
        """Keep *text* under *name*, in place of what was there, whole or not at all."""
        ...

    def delete(self, name: str) -> None:
        """Forget what is kept under *name*; nothing happens where there is nothing."""
        ...


@runtime_checkable
class AsyncSecretStore(Protocol):
    """The asynchronous twin of `SecretStore`."""

    async def get(self, name: str) -> str | None:
        """Return the text that is kept under *name*, or None."""
        ...

    async def put(self, name: str, text: str) -> None:
        """Keep *text* under *name*, in place of what was there, whole or not at all."""
        ...

    async def delete(self, name: str) -> None:
        """Forget what is kept under *name*; nothing happens where there is nothing."""
        ...


AnySecretStore: TypeAlias = SecretStore | AsyncSecretStore


class MemorySecretStore:
    """Keeps texts until the process ends: for tests, and for subscriptions that end with it."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}
        self._lock = threading.Lock()

    def get(self, name: str) -> str | None:
        """Return the text that is kept under *name*, or None."""
        with self._lock:
            return self._texts.get(name)

    def put(self, name: str, text: str) -> None:
        """Keep *text* under *name*."""
        with self._lock:
            self._texts[name] = text

    def delete(self, name: str) -> None:
        """Forget what is kept under *name*."""
        with self._lock:
            self._texts.pop(name, None)

    def __repr__(self) -> str:
        return f"MemorySecretStore(<{len(self._texts)} kept>)"


class FileSecretStore:
    """Keeps each text in a file of its own that nobody but its owner may read.

    Files are written beside their place, flushed to the disk and renamed, so that one is never seen
    half written.  The folder is made with mode 0700 and the files with 0600; a file that others may
    read is refused, because what it holds may be known to them.

    Args:
        folder: Where the files are; made when something is first kept.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = Path(folder)

    def get(self, name: str) -> str | None:
        """Return the text that is kept under *name*, or None.

        Raises:
            ConfigurationError: The name cannot be that of a file, or others may read the file.
        """
        path = self._path(name)
        try:
            with path.open(encoding="utf-8") as file:
                # Modes mean nothing where permissions are lists, as on Windows.
                if os.name == "posix" and os.fstat(file.fileno()).st_mode & _OTHERS:
                    raise ConfigurationError(
                        f"others than its owner may read {path}: rotate the secret, or restrict "
                        "the file to mode 0600 if nobody has looked"
                    )
                return file.read()
        except FileNotFoundError:
            return None

    def put(self, name: str, text: str) -> None:
        """Keep *text* under *name*.

        Raises:
            ConfigurationError: The name cannot be that of a file.
        """
        path = self._path(name)
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # mkstemp makes files of mode 0600.
        handle, draft = tempfile.mkstemp(prefix=".", suffix=".tmp", dir=self.folder)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            Path(draft).replace(path)
        except BaseException:
            Path(draft).unlink()
            raise

    def delete(self, name: str) -> None:
        """Forget what is kept under *name*.

        Raises:
            ConfigurationError: The name cannot be that of a file.
        """
        self._path(name).unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise ConfigurationError(
                f"{name!r} cannot name a kept subscription: use letters, digits, '.', '_' and '-', "
                "at most 100, and no '.' at the beginning"
            )
        return self.folder / f"{name}.json"

    def __repr__(self) -> str:
        return f"FileSecretStore({str(self.folder)!r})"
