"""A replay guard in an SQLite file, shared by the processes of one machine."""

from __future__ import annotations

import os
import secrets
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path

from ._base import DEFAULT_LEASE, DEFAULT_RETENTION, Claim, ClaimState, check_times

__all__ = ["SQLiteReplayGuard"]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS openwop_claims (
    key TEXT PRIMARY KEY,
    token TEXT,
    until REAL NOT NULL
) WITHOUT ROWID
"""
_INDEX = "CREATE INDEX IF NOT EXISTS openwop_claims_until ON openwop_claims (until)"
_PRUNE_EVERY = 256

# A handled key is a row without a token.  Each statement decides and writes in one step, so two
# processes can never both believe that a key was free.
_CLAIM = """
INSERT INTO openwop_claims (key, token, until) VALUES (:key, :token, :until)
ON CONFLICT (key) DO UPDATE SET token = excluded.token, until = excluded.until
WHERE openwop_claims.until <= :now
"""
_COMPLETE = """
INSERT INTO openwop_claims (key, token, until) VALUES (:key, NULL, :until)
ON CONFLICT (key) DO UPDATE SET token = NULL, until = excluded.until
WHERE openwop_claims.token IS :token OR openwop_claims.token IS NULL
    OR openwop_claims.until <= :now
"""


class SQLiteReplayGuard:
    """Keeps claims in an SQLite file: right for the processes of one machine.

    The file must be on a local disk, for SQLite's locks are not to be trusted on network file
    systems.  Expired rows are deleted as claims are made.

    Args:
        path: The file; made when it is missing.
        lease: Seconds for which a claim is held.
        retention: Seconds for which a handled key is remembered.
        timeout: Seconds to wait for another process's write before failing closed.
        clock: Unix seconds, the same in every process.

    Raises:
        ConfigurationError: The times make no sense.
    """

    blocking = True

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        lease: float = DEFAULT_LEASE,
        retention: float = DEFAULT_RETENTION,
        timeout: float = 2.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        check_times(lease, retention)
        self.lease = lease
        self.retention = retention
        self._path = Path(path)
        self._timeout = timeout
        self._clock = clock
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._owner = 0
        self._claims = 0

    def claim(self, key: str) -> Claim:
        """Claim *key*, or say who was there before.

        Raises:
            sqlite3.Error: The file cannot be read or written.
        """
        with self._lock:
            connection = self._open()
            now, token = self._clock(), secrets.token_hex(8)
            row = {"key": key, "token": token, "until": now + self.lease, "now": now}
            self._claims += 1
            if self._claims % _PRUNE_EVERY == 0:
                connection.execute("DELETE FROM openwop_claims WHERE until <= ?", (now,))
            if connection.execute(_CLAIM, row).rowcount == 1:
                return Claim(ClaimState.NEW, token)
            found = connection.execute(
                "SELECT token FROM openwop_claims WHERE key = ?", (key,)
            ).fetchone()
            # A row that went between the two statements was released: the host's next try gets it.
            handled = found is not None and found[0] is None
            return Claim(ClaimState.HANDLED if handled else ClaimState.IN_PROGRESS)

    def complete(self, key: str, token: str) -> bool:
        """Remember *key* as handled; False where somebody else holds it by now.

        Raises:
            sqlite3.Error: The file cannot be read or written.
        """
        with self._lock:
            now = self._clock()
            row = {"key": key, "token": token, "until": now + self.retention, "now": now}
            return self._open().execute(_COMPLETE, row).rowcount == 1

    def release(self, key: str, token: str) -> bool:
        """Forget the claim; False where it lapsed.

        Raises:
            sqlite3.Error: The file cannot be read or written.
        """
        with self._lock:
            done = self._open().execute(
                "DELETE FROM openwop_claims WHERE key = ? AND token = ? AND until > ?",
                (key, token, self._clock()),
            )
            return done.rowcount == 1

    def close(self) -> None:
        """Close the file; the next claim opens it again."""
        with self._lock:
            if self._connection is not None and self._owner == os.getpid():
                self._connection.close()
            self._connection = None

    def _open(self) -> sqlite3.Connection:
        # A connection must not cross a fork: a child that inherits one opens its own and leaves the
        # parent's alone, for closing it would drop the parent's locks.
        if self._connection is not None and self._owner == os.getpid():
            return self._connection
        connection = sqlite3.connect(
            self._path, timeout=self._timeout, isolation_level=None, check_same_thread=False
        )
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            # NORMAL may lose the last commits when the machine loses power, never consistency: the
            # worst is a delivery handled again after a power cut.  FULL costs an fsync per claim.
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute(_SCHEMA)
            connection.execute(_INDEX)
        except BaseException:
            connection.close()
            raise
        self._connection, self._owner = connection, os.getpid()
        return connection
