"""Lists that come in pages: every style, both ways to iterate, three colours."""

from __future__ import annotations

import gc
from types import SimpleNamespace
from typing import Any

import pytest

from openwop.runtime import AsyncPager, Pager, Paging

ITEMS = [list("ab"), list("cd"), list("e")]


def page(items: list[str] | None, cursor: Any = None) -> Any:
    return SimpleNamespace(items=items, next_cursor=cursor, meta={"next": cursor})


class Pages:
    """A list of pages that writes down how it was asked."""

    def __init__(self, *pages: Any) -> None:
        self.pages = pages
        self.asked: list[dict[str, Any]] = []

    def fetch(self, arguments: Any) -> Any:
        self.asked.append(dict(arguments))
        return self.pages[len(self.asked) - 1]

    async def fetch_async(self, arguments: Any) -> Any:
        return self.fetch(arguments)

    def pager(self, colour: Any, paging: Paging, **arguments: Any) -> Any:
        if colour.is_async:
            return AsyncPager(paging, arguments, self.fetch_async)
        return Pager(paging, arguments, self.fetch)


def collect(colour: Any, iterable: Any) -> list[Any]:
    async def read() -> list[Any]:
        return [item async for item in iterable]

    return list(colour.run(read) if colour.is_async else iterable)


def test_items_come_from_all_pages(colour: Any) -> None:
    pages = Pages(page(["a"], "2"), page(["b", "c"], "3"), page(["d"]))

    items = collect(colour, pages.pager(colour, Paging("items"), limit=2))

    assert items == ["a", "b", "c", "d"]
    assert pages.asked == [{"limit": 2}, {"limit": 2, "cursor": "2"}, {"limit": 2, "cursor": "3"}]


def test_pages_can_be_had_one_by_one(colour: Any) -> None:
    first, second = page(["a"], "2"), page(["b"])

    found = collect(colour, Pages(first, second).pager(colour, Paging("items")).pages())

    assert found == [first, second]


def test_the_first_page_alone_costs_one_request(colour: Any) -> None:
    pages = Pages(page(["a"], "2"))
    pager = pages.pager(colour, Paging("items"))

    assert colour.run(pager.first_page).items == ["a"]
    assert len(pages.asked) == 1


def test_nothing_is_fetched_before_it_is_asked_for(colour: Any) -> None:
    pages = Pages(page(["a"], "2"))

    pages.pager(colour, Paging("items"))

    assert pages.asked == []


def test_a_second_page_is_fetched_when_the_first_is_used_up(sync_colour: Any) -> None:
    pages = Pages(page(["a", "b"], "2"), page(["c"]))
    walk = iter(pages.pager(sync_colour, Paging("items")))

    assert [next(walk), next(walk), len(pages.asked)] == ["a", "b", 1]
    assert [next(walk), len(pages.asked)] == ["c", 2]


def test_iterating_twice_fetches_twice(sync_colour: Any) -> None:
    pages = Pages(page(["a"]), page(["b"]))
    pager = pages.pager(sync_colour, Paging("items"))

    assert [list(pager), list(pager)] == [["a"], ["b"]]


@pytest.mark.parametrize("end", [None, ""])
def test_a_list_ends_where_no_cursor_is_given(colour: Any, end: Any) -> None:
    assert collect(colour, Pages(page(["a"], end)).pager(colour, Paging("items"))) == ["a"]


def test_a_host_that_repeats_a_cursor_does_not_keep_the_client_for_ever(colour: Any) -> None:
    pages = Pages(page(["a"], "2"), page(["b"], "3"), page(["c"], "2"))

    assert collect(colour, pages.pager(colour, Paging("items"))) == ["a", "b", "c"]


def test_an_empty_page_in_the_middle_is_passed_over(colour: Any) -> None:
    pages = Pages(page([], "2"), page(None, "3"), page(["c"]))

    assert collect(colour, pages.pager(colour, Paging("items"))) == ["c"]


def test_the_cursor_may_stand_deeper_and_go_elsewhere(colour: Any) -> None:
    paging = Paging("items", next="meta.next", argument="page_token")
    pages = Pages(page(["a"], "2"), page(["b"]))

    assert collect(colour, pages.pager(colour, paging)) == ["a", "b"]
    assert pages.asked == [{}, {"page_token": "2"}]


@pytest.mark.parametrize(
    "missing", [SimpleNamespace(items=["a"]), SimpleNamespace(items=["a"], meta=None)]
)
def test_a_cursor_that_is_missing_ends_the_list(colour: Any, missing: Any) -> None:
    paging = Paging("items", next="meta.next")

    assert collect(colour, Pages(missing).pager(colour, paging)) == ["a"]


@pytest.mark.parametrize(
    ("first", "expected"),
    [(None, [{}, {"skip": 2}, {"skip": 3}]), (4, [{"skip": 4}, {"skip": 6}, {"skip": 7}])],
)
def test_an_offset_grows_by_what_came(
    colour: Any, first: int | None, expected: list[dict[str, int]]
) -> None:
    pages = Pages(page(["a", "b"]), page(["c"]), page([]))
    arguments = {} if first is None else {"skip": first}
    paging = Paging("items", "offset", "skip")

    assert collect(colour, pages.pager(colour, paging, **arguments)) == ["a", "b", "c"]
    assert pages.asked == expected


def test_a_page_number_grows_by_one(colour: Any) -> None:
    pages = Pages(page(["a", "b"]), page(["c"]), page([]))

    assert collect(colour, pages.pager(colour, Paging("items", "page", "page", first=1))) == list(
        "abc"
    )
    assert pages.asked == [{}, {"page": 2}, {"page": 3}]


def test_a_page_may_be_a_bare_list(colour: Any) -> None:
    pages = Pages(["a", "b"], ["c"], [])

    assert collect(colour, pages.pager(colour, Paging("", "offset", "skip"))) == ["a", "b", "c"]


def test_a_list_goes_through_the_client(
    colour: Any, make_script: Any, answer: Any, make_operation: Any
) -> None:
    from openwop.runtime import Parameter

    script = make_script(
        answer(200, [b'{"items":["a"],"next":"t2"}']), answer(200, [b'{"items":["b"]}'])
    )
    listing = make_operation(
        path="/things",
        name="things.list",
        parameters=(Parameter("cursor", "cursor", "query"),),
        paging=Paging("items", next="next"),
    )

    pager = colour.client(script).paginate(listing, {}, {})

    assert collect(colour, pager) == ["a", "b"]
    assert [request.url.partition("/things")[2] for request in script.requests] == [
        "",
        "?cursor=t2",
    ]


def test_a_list_may_be_left_early_without_a_trace(async_colour: Any) -> None:
    """A generator would be reported by trio as left open."""
    pages = Pages(page(["a", "b"], "2"), page(["c"]))

    async def read() -> None:
        async for item in pages.pager(async_colour, Paging("items")):
            assert item == "a"
            break
        walk = aiter(Pages(page(["a"])).pager(async_colour, Paging("items")))
        assert aiter(walk) is walk
        async for found in pages.pager(async_colour, Paging("items")).pages():
            assert found.items == ["c"]
            break
        gc.collect()

    async_colour.run(read)
