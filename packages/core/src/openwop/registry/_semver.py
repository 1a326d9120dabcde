"""Semantic versions and the ranges that packs depend by.

A range is one or more alternatives joined by `||`; an alternative is a list of comparators that
must all hold (`>=1.2.0 <2.0.0`), a caret or tilde range, a partial version (`1.x`) or two versions
joined by ` - `.  A pre-release fits only where a comparator names a pre-release of the same
version: nobody gets one without asking.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import total_ordering
from typing import Any, Final

import attrs

from openwop.errors import ConfigurationError

__all__ = ["Version", "VersionRange"]

_VERSION: Final = re.compile(
    r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)"
    r"(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+([0-9A-Za-z.-]+))?",
    re.ASCII,
)
_PARTIAL: Final = re.compile(
    r"(\^|~>|~|>=|<=|>|<|=|)v?(\d+|[xX*])(?:\.(\d+|[xX*])(?:\.(\d+|[xX*])"
    r"(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z.-]+)?)?)?",
    re.ASCII,
)
_HYPHEN: Final = re.compile(r"\s*(\S+)\s+-\s+(\S+)\s*")
_LONGEST: Final = 256


@total_ordering
@attrs.frozen(eq=False)
class Version:
    """A semantic version; ordered by precedence, so build metadata does not count.

    Attributes:
        release: Major, minor and patch.
        prerelease: The identifiers after the hyphen; empty for a release.
    """

    release: tuple[int, int, int]
    prerelease: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Version | None:
        """Return the version that *text* is; None where it is none."""
        match = _VERSION.fullmatch(text) if len(text) <= _LONGEST else None
        if match is None:
            return None
        release = (int(match[1]), int(match[2]), int(match[3]))
        return cls(release, tuple(match[4].split(".")) if match[4] else ())

    def _key(self) -> tuple[Any, ...]:
        identifiers = tuple(
            (0, int(part), "") if part.isdigit() else (1, 0, part) for part in self.prerelease
        )
        return (self.release, not self.prerelease, identifiers)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Version) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def __lt__(self, other: Version) -> bool:
        return self._key() < other._key()

    def __str__(self) -> str:
        text = ".".join(map(str, self.release))
        return f"{text}-{'.'.join(self.prerelease)}" if self.prerelease else text


@attrs.frozen
class _Comparator:
    sign: str
    version: Version

    def holds(self, version: Version) -> bool:
        if self.sign == ">=":
            return version >= self.version
        if self.sign == ">":
            return version > self.version
        if self.sign == "<":
            return version < self.version
        if self.sign == "<=":
            return version <= self.version
        return version == self.version


# Nothing is below the lowest pre-release of 0.0.0: what `<` of it stands for is the empty range.
_NOTHING: Final = (_Comparator("<", Version((0, 0, 0), ("0",))),)


@attrs.frozen
class VersionRange:
    """The versions that a dependency takes.

    Attributes:
        text: The range as it was written.
        alternatives: Comparators, of which all of one alternative must hold.
    """

    text: str
    alternatives: tuple[tuple[_Comparator, ...], ...]

    @classmethod
    def parse(cls, text: str) -> VersionRange:
        """Return the range that *text* is.

        Raises:
            ConfigurationError: It is none.
        """
        if len(text) > _LONGEST:
            msg = f"a version range of {len(text)} characters is too long"
            raise ConfigurationError(msg)
        return cls(text, tuple(_alternative(part, text) for part in text.split("||")))

    def __contains__(self, version: Version) -> bool:
        return any(_fits(comparators, version) for comparators in self.alternatives)

    def best(self, versions: Iterable[str]) -> str | None:
        """Return the highest of *versions* that is in the range; None where none is."""
        fitting: list[tuple[Version, str]] = []
        for text in versions:
            version = Version.parse(text)
            if version is not None and version in self:
                fitting.append((version, text))
        return max(fitting)[1] if fitting else None


def _fits(comparators: tuple[_Comparator, ...], version: Version) -> bool:
    if not all(comparator.holds(version) for comparator in comparators):
        return False
    return not version.prerelease or any(
        comparator.version.prerelease and comparator.version.release == version.release
        for comparator in comparators
    )


def _alternative(text: str, whole: str) -> tuple[_Comparator, ...]:
    hyphen = _HYPHEN.fullmatch(text)
    if hyphen is not None:
        words = [f">={hyphen[1]}", f"<={hyphen[2]}"]
    else:
        words = re.sub(r"([<>=~^])\s+", r"\1", text.replace(",", " ")).split()
    found: list[_Comparator] = []
    for word in words:
        match = _PARTIAL.fullmatch(word)
        if match is None:
            msg = f"{whole!r} is no version range: {word!r} is neither a version nor a comparator"
            raise ConfigurationError(msg)
        found += _comparators(match)
    return tuple(found)


def _comparators(match: re.Match[str]) -> tuple[_Comparator, ...]:
    """Return what one word of a range says, in comparators with whole versions."""
    sign = match[1].replace("~>", "~")
    given = [None if part is None or part in "xX*" else int(part) for part in match.group(2, 3, 4)]
    numbers: list[int] = []
    for number in given:
        if number is None:
            break
        numbers.append(number)
    known = len(numbers)
    major, minor, patch = [*numbers, 0, 0, 0][:3]
    low = Version(
        (major, minor, patch),
        tuple(match[5].split(".")) if match[5] and known == 3 else (),
    )
    if known == 0:
        return _NOTHING if sign in {"<", ">"} else ()
    if sign == "^":
        leading = next((i for i, number in enumerate(numbers) if number), known - 1)
        return _Comparator(">=", low), _Comparator("<", _next(numbers, leading))
    if sign == "~":
        return _Comparator(">=", low), _Comparator("<", _next(numbers, min(known, 2) - 1))
    if known == 3:
        return (_Comparator(sign or "=", low),)
    after = _next(numbers, known - 1)
    if sign == ">":
        return (_Comparator(">=", Version(after.release)),)
    if sign == "<=":
        return (_Comparator("<", after),)
    if sign in {">=", "<"}:
        return (_Comparator(sign, low),)
    return _Comparator(">=", low), _Comparator("<", after)


def _next(numbers: list[int], index: int) -> Version:
    """Return the first version above all that agree with *numbers* up to *index*."""
    release = [*numbers[:index], numbers[index] + 1, 0, 0]
    # The lowest pre-release of it is above the range too.
    return Version((release[0], release[1], release[2]), ("0",))
