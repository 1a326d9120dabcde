"""What spec/openwop/events.yaml says is what the references and the published schemas say."""

from __future__ import annotations

import importlib.util
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from openwop_codegen.catalogue import CatalogueConfig, generate_catalogue
from openwop_codegen.events import CatalogueError, load_catalogue, rules_for

ROOT = Path(__file__).resolve().parents[2]
EVENTS = ROOT / "spec" / "openwop" / "events.yaml"
PROTOCOL = ROOT.parent / "shared" / "protocol"

needs_references = pytest.mark.skipif(
    not PROTOCOL.is_dir(), reason="the protocol's references are not beside this checkout"
)

CATALOGUE = load_catalogue(EVENTS, ("1", "2"))
TYPES = {event.name: event for event in CATALOGUE.types}
OF_RUNS = [event for event in CATALOGUE.types if "log" in event.carriers or event.late]

LATE = "the published copy is older than the last releases of major 1"
BOTH_READ = "sources disagree; what real hosts send besides is named, and never required"
ELSEWHERE = "the data of each kind of interrupt is described with the interrupts"

# By payload and member: differences from the published schema that are meant, and why.
EXPLAINED = {
    "RunPausedPayload.drainPolicy": BOTH_READ,
    "ReplayDivergedPayload.replayEventId": BOTH_READ,
    "ChannelWrittenPayload.reducer": BOTH_READ,
    "TriggerSubscriptionStateChangedPayload.source": LATE,
    "RunStartedPayload.owner": LATE,
    "InterruptRequestedPayload.data": ELSEWHERE,
}


@cache
def published() -> dict[str, Any]:
    folder = PROTOCOL / "v1" / "schemas"
    return {path.name: json.loads(path.read_text()) for path in folder.glob("*.json")}


def plain(schema: Any, file: str) -> Any:
    """Return a published schema without annotations and with its references put in."""
    if isinstance(schema, list):
        return [plain(item, file) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        name, _, pointer = schema["$ref"].partition("#")
        name = name.rpartition("/")[2] or file
        target = published()[name]
        for key in pointer.split("/")[1:]:
            target = target[key]
        return plain(target, name)
    out = {}
    for key, value in schema.items():
        if key in {"$schema", "$id", "$defs", "title", "description", "$comment", "examples"}:
            continue
        if key == "default" or (key == "additionalProperties" and value is True):
            continue
        if key == "properties":
            out[key] = {name: plain(inner, file) for name, inner in value.items()}
        elif key == "required":
            out[key] = sorted(value)
        else:
            out[key] = plain(value, file)
    if isinstance(out.get("const"), str) and len(out) == 1:
        out = {"type": "string", "enum": [out["const"]]}  # the same, said in one way
    if out.get("oneOf") and out.get("type") == "object":
        # A choice between objects says the kind again in each of its branches.
        out["oneOf"] = [{k: v for k, v in c.items() if k != "type"} for c in out["oneOf"]]
        out["oneOf"] = [
            {
                **c,
                "properties": {
                    name: {"const": inner["enum"][0]} if "enum" in inner else {}
                    for name, inner in c["properties"].items()
                },
            }
            for c in out["oneOf"]
        ]
    return out


def ours(rule: Any, rules: dict[str, Any]) -> Any:
    """Return one of our rules in the form of `plain`."""
    if isinstance(rule, list):
        return [ours(item, rules) for item in rule]
    if not isinstance(rule, dict):
        return rule
    if "$ref" in rule:
        # A subject may act for a subject: the one shape that holds itself.
        return rule if rule["$ref"] == "Subject" else ours(rules[rule["$ref"]], rules)
    out = {}
    for key, value in rule.items():
        if key == "additionalProperties" and value is True:
            continue
        if key == "properties":
            out[key] = {name: ours(inner, rules) for name, inner in value.items()}
        elif key == "required":
            out[key] = sorted(value)
        else:
            out[key] = ours(value, rules)
    return out


@needs_references
def test_every_published_type_is_here_and_later_ones_are_marked_as_late() -> None:
    index = published()["run-event-payloads.schema.json"]["$defs"]["_typeIndex"]["properties"]
    first = {event.spellings["1"] for event in OF_RUNS if "1" in event.spellings and not event.late}

    assert set(index) == first


@needs_references
@pytest.mark.parametrize(
    "event", [e for e in OF_RUNS if "1" in e.spellings and not e.late], ids=lambda e: e.name
)
def test_a_payload_of_major_1_is_the_published_one(event: Any) -> None:
    file = "run-event-payloads.schema.json"
    definitions = published()[file]["$defs"]
    theirs = plain(definitions["_typeIndex"]["properties"][event.spellings["1"]], file)
    rules = rules_for(CATALOGUE, "1")
    mine = ours(rules[event.payload], rules)
    for side in (theirs, mine):
        members = side.setdefault("properties", {})
        for name in list(members):
            if f"{event.payload}.{name}" in EXPLAINED:
                del members[name]
        if not members:
            del side["properties"]
    if "oneOf" in mine.get("properties", {}).get("decision", {}):
        for side in (theirs, mine):
            decision = side["properties"]["decision"]
            side["properties"]["decision"] = {k: decision[k] for k in ("type", "required", "oneOf")}
    if "oneOf" in mine.get("properties", {}).get("originalDecision", {}):
        for side in (theirs, mine):
            decision = side["properties"]["originalDecision"]
            side["properties"]["originalDecision"] = {k: decision[k] for k in ("type", "oneOf")}

    assert theirs == mine


@needs_references
def test_every_explained_difference_is_one() -> None:
    definitions = published()["run-event-payloads.schema.json"]["$defs"]["_typeIndex"]["properties"]
    rules = rules_for(CATALOGUE, "1")
    by_payload = {event.payload: event for event in CATALOGUE.types}
    same = []
    for place in EXPLAINED:
        payload, _, name = place.partition(".")
        ref = definitions[by_payload[payload].spellings["1"]]
        theirs = plain(ref, "run-event-payloads.schema.json")["properties"].get(name)
        if theirs == ours(rules[payload], rules)["properties"][name]:
            same.append(place)

    assert same == []


@needs_references
def test_the_document_of_major_1_is_the_published_one() -> None:
    theirs = plain(published()["run-event.schema.json"], "run-event.schema.json")
    rules = rules_for(CATALOGUE, "1")
    mine = ours(dict(rules["RunEventDocument"]), {**rules, "EventTypeName": {}})
    grammar = theirs["properties"].pop("type")["anyOf"][1]["pattern"]

    assert mine["properties"].pop("type")["anyOf"][1]["pattern"] == grammar
    assert theirs == mine


# --- major 2 --------------------------------------------------------------------------------


def table_rows(text: str) -> list[list[str]]:
    rows = [line for line in text.splitlines() if line.startswith("| `")]
    return [re.split(r"(?<!\\)\|", row)[1:-1] for row in rows]


def members_of(cell: str) -> tuple[set[str], set[str]]:
    """Return the members that a cell of the reference's table names, and the required ones."""
    depth, start, parts = 0, 0, []
    for at, char in enumerate(cell):
        depth += {"{": 1, "(": 1, "[": 1, "}": -1, ")": -1, "]": -1}.get(char, 0)
        if char == ";" and depth == 0:
            parts.append(cell[start:at])
            start = at + 1
    parts.append(cell[start:])
    named = [re.match(r"\s*(\*\*)?(\w+)(\*\*)?\??", part) for part in parts]
    found = [(match[2], bool(match[1])) for match in named if match]
    return {name for name, _ in found}, {name for name, required in found if required}


# Members on which the table and the prose around it differ.
PROSE = {
    "replay.diverged": {"replayEventId"},
}


def second_major() -> list[Any]:
    if not PROTOCOL.is_dir():
        return [pytest.param("", "", marks=needs_references, id="absent")]
    text = (PROTOCOL / "v2-events.md").read_text().partition("## Frames")[0]
    return [
        pytest.param(cells[0].strip().strip("`"), cells[1].strip(), id=cells[0].strip().strip("`"))
        for cells in table_rows(text)
    ]


@pytest.mark.parametrize(("name", "cell"), second_major())
def test_a_payload_of_major_2_has_the_members_of_the_reference(name: str, cell: str) -> None:
    rules = rules_for(CATALOGUE, "2")
    event = TYPES[name]
    rule = rules[event.payload]
    if cell.startswith(("same as", "the InterruptPayload", "see", "open object")):
        like = {
            "interrupt.requested": "InterruptRequestedPayload",
            "interrupt.resolved": "InterruptResolvedPayload",
        }
        twin = re.match(r"same as `([a-z.]+)`", cell)
        if twin:
            other = rules[like[twin[1]]]
            assert set(rule["properties"]) == set(other["properties"])
            assert set(rule["required"]) == set(other["required"])
        return
    named, required = members_of(cell)

    assert set(rule["properties"]) - PROSE.get(name, set()) == named
    assert set(rule.get("required", [])) == required


@needs_references
def test_the_types_of_major_2_are_those_of_the_reference() -> None:
    listed = {param.values[0] for param in second_major()}

    assert {event.name for event in OF_RUNS} == listed
    assert len(listed) == 118


@needs_references
def test_every_pair_of_spellings_is_that_of_the_code_map() -> None:
    text = (PROTOCOL / "v1-to-v2.md").read_text()
    rows = re.findall(
        r"^\| event \| ([\w.-]+) \| ([\w.-]+) \| (?:same|renamed) ", text, re.MULTILINE
    )
    mine = {(e.spellings["1"], e.name) for e in OF_RUNS if "1" in e.spellings}

    assert set(rows) == mine
    assert len(mine) == 117


def test_no_spelling_stands_for_two_types() -> None:
    spellings = [s for event in CATALOGUE.types for s in set(event.spellings.values())]

    assert len(set(spellings)) == len(spellings)


def test_three_types_end_a_run() -> None:
    terminal = {event.name for event in CATALOGUE.types if event.terminal}

    assert terminal == {"run.completed", "run.failed", "run.cancelled"}


@needs_references
def test_updates_of_major_1_are_those_that_the_catalogue_marks() -> None:
    text = (PROTOCOL / "v1-events.md").read_text()
    rows = [
        [cell.strip() for cell in row]
        for row in table_rows(text[text.index("### 3.1") : text.index("## 4.")])
    ]
    marked = {
        name
        for cells in rows
        if len(cells) > 3 and cells[2].startswith("U") and "L" not in cells[2]
        for name in re.findall(r"`([\w.-]+)`", cells[0])
    }
    mine = {
        event.spellings["1"]
        for event in CATALOGUE.types
        if "updates" in event.modes.get("1", ()) and event.name != "run.annotated"
    }

    assert mine == marked


def test_every_rule_is_a_valid_schema_of_its_draft() -> None:
    import jsonschema

    for variant in ("1", "2"):
        for rule in rules_for(CATALOGUE, variant).values():
            text = json.dumps(rule).replace('"$ref": "', '"$ref": "#/$defs/')
            jsonschema.Draft202012Validator.check_schema(json.loads(text))


# --- the generator --------------------------------------------------------------------------


def config(events: Path, root: Path) -> CatalogueConfig:
    errors = ROOT / "spec" / "openwop" / "errors.yaml"
    return CatalogueConfig(events=events, errors=errors, root=root, top=ROOT)


def test_the_generated_files_are_what_the_specification_gives() -> None:
    root = ROOT / "packages" / "core" / "src" / "openwop" / "_generated"
    files = generate_catalogue(config(EVENTS, root))
    stale = [path.name for path, text in files.items() if path.read_text("utf-8") != text]

    assert stale == []


def test_generating_twice_gives_the_same_text(tmp_path: Path) -> None:
    first = generate_catalogue(config(EVENTS, tmp_path))
    second = generate_catalogue(config(EVENTS, tmp_path))

    assert first == second


def test_a_type_that_is_added_becomes_a_class_with_a_payload(tmp_path: Path) -> None:
    source = yaml.safe_load(EVENTS.read_text("utf-8"))
    source["types"]["node.moved"] = {
        "v1": None,
        "v2": "node.moved",
        "domain": "nodes",
        "summary": "A node went elsewhere.",
        "modes": ["debug"],
        "section": {"v2": "Nodes"},
        "payload": {"$ref": "#/payloads/NodeMovedPayload"},
    }
    source["payloads"]["NodeMovedPayload"] = {
        "type": "object",
        "description": "What `node.moved` carries.",
        "required": ["whereTo"],
        "properties": {"whereTo": {"type": "string", "description": "Where to."}},
    }
    changed = tmp_path / "events.yaml"
    changed.write_text(yaml.safe_dump(source), "utf-8")
    files = generate_catalogue(config(changed, tmp_path))
    module = tmp_path / "made_up_nodes.py"
    module.write_text(files[tmp_path / "payloads" / "nodes.py"], "utf-8")
    spec = importlib.util.spec_from_file_location("made_up_nodes", module)
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)

    assert made.NodeMovedPayload.from_dict({"whereTo": "there"}).where_to == "there"
    assert "class NodeMoved(RunEvent):" in files[tmp_path / "events" / "nodes.py"]
    assert '"node.moved": "NodeMoved"' in files[tmp_path / "events" / "__init__.py"]


def test_a_reference_to_nothing_is_refused(tmp_path: Path) -> None:
    source = yaml.safe_load(EVENTS.read_text("utf-8"))
    source["payloads"]["RunStartedPayload"]["properties"]["owner"] = {"$ref": "#/schemas/Nobody"}
    changed = tmp_path / "events.yaml"
    changed.write_text(yaml.safe_dump(source), "utf-8")

    with pytest.raises(CatalogueError, match="Nobody"):
        load_catalogue(changed, ("1", "2"))
