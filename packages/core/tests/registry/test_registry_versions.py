"""Versions, ranges, and which version of an index they stand for."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given, strategies as st

from openwop import ConfigurationError
from openwop.registry import PackIndex, Version, VersionManifest, VersionRange
from openwop.registry._pack import choose

ORDERED = [
    "0.0.1",
    "0.1.0",
    "1.0.0-alpha",
    "1.0.0-alpha.1",
    "1.0.0-alpha.beta",
    "1.0.0-beta",
    "1.0.0-beta.2",
    "1.0.0-beta.11",
    "1.0.0-rc.1",
    "1.0.0",
    "1.0.1",
    "1.2.0",
    "1.10.0",
    "2.0.0",
]


def test_precedence_is_that_of_semantic_versions() -> None:
    versions = [Version.parse(text) for text in ORDERED]

    for low, high in itertools.combinations(versions, 2):
        assert low is not None
        assert high is not None
        assert low < high
        assert not high < low
        assert low != high


def test_build_metadata_does_not_count() -> None:
    assert Version.parse("1.0.0+a") == Version.parse("1.0.0+b")
    assert hash(Version.parse("1.0.0+a")) == hash(Version.parse("1.0.0"))
    assert str(Version.parse("1.0.0-rc.1+a")) == "1.0.0-rc.1"


@pytest.mark.parametrize("text", ["", "1", "1.2", "01.2.3", "1.2.3-", "1.2.3+", "v1.2.3", "x"])
def test_what_is_no_version_is_none(text: str) -> None:
    assert Version.parse(text) is None


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("1.2.3", "1.2.3", "1.2.4 1.2.3-a"),
        ("=1.2.3", "1.2.3", "1.2.4"),
        (">=1.0 <2.0.0", "1.0.0 1.9.9", "0.9.9 2.0.0 1.5.0-rc 2.0.0-rc"),
        (">= 1.0, < 2", "1.0.0 1.99.0", "2.0.0"),
        ("^1.2.3", "1.2.3 1.9.0", "1.2.2 2.0.0 2.0.0-a 1.3.0-a"),
        ("^0.2.3", "0.2.3 0.2.9", "0.3.0 1.0.0"),
        ("^0.0.3", "0.0.3", "0.0.4"),
        ("^0.0", "0.0.0 0.0.9", "0.1.0"),
        ("^1", "1.0.0 1.9.9", "2.0.0"),
        ("^1.2.3-beta.2", "1.2.3-beta.2 1.2.3-rc 1.2.3 1.4.0", "1.2.3-beta.1 1.2.4-beta.3"),
        ("~1.2.3", "1.2.3 1.2.9", "1.3.0"),
        ("~1.2", "1.2.0 1.2.9", "1.3.0"),
        ("~1", "1.0.0 1.9.0", "2.0.0"),
        ("~>1.2", "1.2.5", "1.3.0"),
        ("1.x", "1.0.0 1.9.0", "2.0.0 0.9.0"),
        ("1.2.*", "1.2.0 1.2.9", "1.3.0"),
        ("1.2", "1.2.0", "1.3.0"),
        ("*", "0.0.0 9.9.9", "1.0.0-a"),
        ("", "0.0.0 9.9.9", "1.0.0-a"),
        (">1.2", "1.3.0", "1.2.9 1.3.0-a"),
        (">1", "2.0.0", "1.9.9"),
        ("<=1.2", "1.2.9 0.1.0", "1.3.0 1.3.0-a"),
        ("<1.2", "1.1.9", "1.2.0 1.2.0-a"),
        (">1.2.3", "1.2.4", "1.2.3"),
        ("<*", "", "0.0.0 1.0.0"),
        ("1.2.3 - 2.3", "1.2.3 2.3.9", "1.2.2 2.4.0"),
        ("1.2.3 - 2.3.4", "2.3.4", "2.3.5"),
        ("^1.2 || >=3.1 <3.2", "1.2.0 3.1.5", "2.0.0 3.2.0"),
        (">=1.0.0-rc.1", "1.0.0-rc.2 1.0.0 2.0.0", "1.0.0-rc.0 2.0.0-rc.1"),
    ],
)
def test_a_range_holds_what_it_says(text: str, inside: str, outside: str) -> None:
    found = VersionRange.parse(text)

    for version in inside.split():
        assert Version.parse(version) in found, version
    for version in outside.split():
        assert Version.parse(version) not in found, version


@pytest.mark.parametrize("text", ["latest", "1.2.3.4", ">>1", "^", "1.2.3 -", "a||b", "1" * 300])
def test_what_is_no_range_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError):
        VersionRange.parse(text)


numbers = st.integers(0, 12)
releases = st.builds(lambda *n: ".".join(map(str, n)), numbers, numbers, numbers)


@given(releases, releases)
def test_a_caret_range_holds_what_begins_alike_and_is_not_older(low: str, other: str) -> None:
    lowest, version = Version.parse(low), Version.parse(other)
    assert lowest is not None
    assert version is not None
    pairs = zip(lowest.release, version.release, strict=True)
    leading = next((i for i, n in enumerate(lowest.release) if n), 2)
    alike = all(a == b for a, b in list(pairs)[: leading + 1])

    assert (version in VersionRange.parse(f"^{low}")) == (alike and version >= lowest)


@given(st.lists(releases, max_size=8), releases)
def test_the_best_of_a_range_is_in_it_and_nothing_better_is(found: list[str], low: str) -> None:
    wanted = VersionRange.parse(f">={low}")
    best = wanted.best(found)
    fitting = [v for text in found if (v := Version.parse(text)) is not None and v in wanted]

    assert (best is None) == (not fitting)
    assert best is None or Version.parse(best) == max(fitting)


@given(st.text(alphabet="0123456789.xX*^~<>=|- va", max_size=20))
def test_any_text_is_a_range_or_is_refused(text: str) -> None:
    try:
        found = VersionRange.parse(text)
    except ConfigurationError:
        return

    assert found.best(ORDERED) in {*ORDERED, None}


def index(**more: Any) -> PackIndex:
    versions = {
        "1.0.0": {},
        "1.1.0": {"yanked": {"reason": "leaks", "advisoryUrl": "https://example.com/a"}},
        "1.2.0-rc.1": {},
        "2.0.0": {"yanked": True, "yankedReason": "broken"},
    }
    return PackIndex.from_dict({"name": "vendor.acme.tools", "versions": versions} | more)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (None, "1.0.0"),
        ("latest", "1.0.0"),
        ("^1", "1.0.0"),
        ("*", "1.0.0"),
        (">=2", None),
        ("1.1.0", "1.1.0"),
        ("2.0.0", "2.0.0"),
        ("1.9.9", None),
        (">=1.2.0-rc.0", "1.2.0-rc.1"),
    ],
)
def test_yanked_versions_are_found_by_their_number_only(
    wanted: str | None, expected: str | None
) -> None:
    assert choose(index(), wanted) == expected


def test_tags_decide_unless_they_stand_on_a_yanked_version() -> None:
    tagged = index(**{"dist-tags": {"latest": "2.0.0", "next": "1.2.0-rc.1", "bad": "1.1.0"}})

    assert choose(tagged, None) == "1.0.0"
    assert choose(tagged, "next") == "1.2.0-rc.1"
    assert choose(tagged, "bad") is None
    assert choose(index(latest="1.2.0-rc.1"), None) == "1.2.0-rc.1"
    with pytest.raises(ConfigurationError):
        choose(tagged, "nightly")


@pytest.mark.parametrize(
    "marks",
    [
        {"deprecation": {"reason": "old", "supersededBy": "2.0.0"}},
        {"deprecated": {"reason": "old", "supersededBy": "2.0.0"}},
        {"deprecated": True, "deprecationReason": "old", "supersededBy": "2.0.0"},
    ],
)
def test_a_deprecation_reads_the_same_in_every_shape(marks: dict[str, Any]) -> None:
    manifest = VersionManifest.from_dict(
        {"name": "a.b", "version": "1.0.0", "integrity": "sha256-", **marks}
    )

    mark = manifest.deprecation_mark
    assert mark is not None
    assert (mark.reason, mark.superseded_by) == ("old", "2.0.0")
    assert str(mark) == "deprecated: old; use 2.0.0"
    assert manifest.yank_mark is None


@pytest.mark.parametrize(
    "marks",
    [
        {"yanked": {"reason": "leaks", "advisoryUrl": "https://example.com/a"}},
        {"yanked": True, "yankedReason": "leaks", "advisoryUrl": "https://example.com/a"},
    ],
)
def test_a_yank_reads_the_same_in_every_shape(marks: dict[str, Any]) -> None:
    manifest = VersionManifest.from_dict(
        {"name": "a.b", "version": "1.0.0", "integrity": "sha256-", **marks}
    )

    assert str(manifest.yank_mark) == "yanked: leaks (see https://example.com/a)"
    assert manifest.deprecation_mark is None


@pytest.mark.parametrize("marks", [{}, {"yanked": False, "deprecated": False}, {"yanked": None}])
def test_a_version_without_marks_has_none(marks: dict[str, Any]) -> None:
    manifest = VersionManifest.from_dict(
        {"name": "a.b", "version": "1.0.0", "integrity": "sha256-", **marks}
    )

    assert (manifest.deprecation_mark, manifest.yank_mark) == (None, None)
