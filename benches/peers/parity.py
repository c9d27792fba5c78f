#!/usr/bin/env python3
"""Compares our verdicts with the reference validator's on resources that it makes itself.

It takes resources that are there (HL7's cases that need no definitions of their own, and the examples of the Dutch
packages), changes each a few times in one place with a fixed seed, lets both validators judge the original and the
changed one, and compares what the *change* brought: whether there is a new error, and where. So differences that an
original has already, such as content of terminologies that neither has, do not hide or fake anything. What the reference
failed on, or says itself that it could not check without a terminology server, is counted and not compared.

    parity.py --ours BINARY [--seed N] [--each N] [--only WORD] [--made N] [--core N] [--mcode] [--keep DIR]

With `--mcode` the originals are mCODE's examples instead, which no rule was made with. With `--core N` it takes N conformance resources of each kind from HL7's and the Dutch packages as originals too, and with
`--made N` it makes N groups of definitions with instances (`made.py`), of which the whole verdicts are compared.

Prints the rates by kind of change and a line for every difference. Needs `make bench-peers` to have built the peer.
"""

import argparse
import collections
import copy
import hashlib
import itertools
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tarfile
import tempfile

import made

ROOT = pathlib.Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"
CORE = ROOT / "profiles/packages/hl7.fhir.r4.core#4.0.1.tgz"
MCODE = ROOT / "profiles/mcode/hl7.fhir.us.mcode-4.0.0.tgz"
DUTCH = [
    "nictiz.fhir.nl.r4.zib2020-0.12.0-beta.4.tgz",
    "nictiz.fhir.nl.r4.nl-core-0.12.0-beta.4.tgz",
    "nictiz.fhir.nl.r4.medicationprocess9-2.0.0-rc.7.tgz",
    "iknl.fhir.nl.r4.ncr-ehr-1.4.2.tgz",
]
# What the reference asks a terminology server, a registry or the network about.
CONTENT = re.compile(
    r"mimetypes|could not be determined for the code|terminology server|tx\.fhir|could not be found, so the code"
    r"|cannot be validated|Unable to check whether the code|bcp13|snomed|loinc|Unable to expand|not been able to check"
    r"|language of the ValueSet|CodeSystem is unknown",
    re.I,
)
# How it says, at whatever severity, that it had nothing to check a code with, and at which place: the concept's.
UNCHECKED = re.compile(
    r"Could not confirm that the codes|without terminology services|so the code cannot be validated"
    r"|so the code has not been validated",
    re.I,
)
CODED = re.compile(r"\.(coding|coding\[\d+\]|system|code|version)$")
OF_CODING = re.compile(r"(\.coding\[\d+\])?(\.(system|code))?$")


# --- Changes. Each takes a resource and a source of chance, changes the resource, and says what it did, or None. ---

CHANGES = {}


def change(function):
    CHANGES[function.__name__] = function
    return function


def places(value, path=()):
    yield path, value
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from places(inner, path + (name,))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from places(inner, path + (index,))


def at(resource, path):
    for step in path:
        resource = resource[step]
    return resource


def put(resource, path, value):
    at(resource, path[:-1])[path[-1]] = value


def pick(resource, chance, wanted):
    found = [path for path, value in places(resource) if path and wanted(path, value)]
    return chance.choice(found) if found else None


def shown(path):
    return ".".join(map(str, path))


def name_of(path):
    return next((step for step in reversed(path) if isinstance(step, str)), "")


def is_narrative(path):
    return "div" in path


def replaced(resource, chance, wanted, values):
    """Puts one of the values where one of the places is that are wanted."""
    path = pick(resource, chance, wanted)
    if path is None:
        return None
    old = at(resource, path)
    new = chance.choice([value for value in values if value != old] or values)
    put(resource, path, new)
    return f"{shown(path)} := {json.dumps(new)[:60]}"


@change
def delete(resource, chance):
    path = pick(resource, chance, lambda p, v: isinstance(p[-1], str) and p[-1] != "resourceType")
    if path:
        del at(resource, path[:-1])[path[-1]]
        return shown(path)


@change
def delete_item(resource, chance):
    path = pick(resource, chance, lambda p, v: isinstance(p[-1], int))
    if path:
        items = at(resource, path[:-1])
        del items[path[-1]]
        if not items and chance.random() < 0.7:
            del at(resource, path[:-2])[path[-2]]
        return shown(path)


@change
def repeat_item(resource, chance):
    path = pick(resource, chance, lambda p, v: isinstance(p[-1], int))
    if path:
        at(resource, path[:-1]).insert(path[-1], copy.deepcopy(at(resource, path)))
        return shown(path)


@change
def json_type(resource, chance):
    path = pick(resource, chance, lambda p, v: p[-1] != "resourceType" and not is_narrative(p))
    if not path:
        return None
    old = at(resource, path)
    if isinstance(old, bool):
        new = chance.choice(["true", 1, None])
    elif isinstance(old, (int, float)):
        new = chance.choice([str(old), True, [old], {}])
    elif isinstance(old, str):
        new = chance.choice([7, False, [old], {"value": old}, None, ""])
    elif isinstance(old, list):
        new = chance.choice([old[0] if old else None, [], {}, old + [None], [[*old]], "x"])
    elif isinstance(old, dict):
        new = chance.choice([[old], {}, "x", None])
    else:
        new = "x"
    put(resource, path, new)
    return f"{shown(path)} := {json.dumps(new)[:60]}"


@change
def code(resource, chance):
    return replaced(
        resource, chance,
        lambda p, v: isinstance(v, str) and name_of(p) in CODES and not is_narrative(p),
        ["wrong-code", "final", "Active", "active ", " male", "x y", "AMENDED", "unknown", "http://x.y", "1", "entered-in-error"],
    )


CODES = set(
    "status use code gender type mode intent priority kind comparator operator action system relationship linkType "
    "contentType language severity criticality clinicalStatus rank verificationStatus category direction method "
    "fhirVersion publicationStatus docStatus days timing durationUnit periodUnit when content compare property op "
    "hierarchyMeaning enableBehavior derivation strength rules aggregation versioning".split()
)


@change
def reference(resource, chance):
    return replaced(
        resource, chance,
        lambda p, v: isinstance(v, str) and p[-1] == "reference",
        ["Patient", "#none", "#", "Chicken/1", "Patient/1 2", "http://example.org/fhir/Patient/1", "Device/1", "x",
         "urn:uuid:bad", "urn:uuid:7cde1b2a-1bbd-4a6c-b5b6-8f0f3c0a1d11", "urn:oid:1.2.3.", "Patient/1/_history/2",
         "Patient/" + "x" * 65, "Organization/o?x=y", "/Patient/1", "http://example.org/Chicken/1", "Patient/1#a",
         "https://example.org/Patient", "Observation?code=1", "Medication/m", "Practitioner/p"],
    )


@change
def reference_parts(resource, chance):
    path = pick(resource, chance, lambda p, v: isinstance(v, dict) and isinstance(v.get("reference"), str))
    if path:
        there = at(resource, path)
        what = chance.choice(["type", "badtype", "nothing", "identifier", "display"])
        if what == "type":
            there["type"] = chance.choice(["Patient", "Organization", "Observation", "Chicken", "http://x.org/T"])
        elif what == "nothing":
            there.clear()
            there["type"] = "Patient"
        elif what == "identifier":
            there.pop("reference")
            there["identifier"] = {"system": chance.choice(["x", "http://x.org"]), "value": "1"}
        else:
            there.pop("reference")
            there["display"] = "x"
        return f"{shown(path)} {what}"


@change
def unknown_property(resource, chance):
    path = pick(resource, chance, lambda p, v: isinstance(v, dict)) if chance.random() < 0.7 else ()
    name = chance.choice(["unknown", "Status", "value", "_x", "fhir_comments", "resourceType", "valueFoo", "name", "text", "id "])
    there = at(resource, path or ())
    if name not in there:
        there[name] = chance.choice(["x", 1, {"text": "x"}, ["x"], [{"text": "x"}], True])
        return f"{shown(path or ())} + {name}"


KNOWN = [
    "http://hl7.org/fhir/StructureDefinition/patient-birthPlace",
    "http://hl7.org/fhir/StructureDefinition/data-absent-reason",
    "http://hl7.org/fhir/StructureDefinition/iso21090-EN-use",
    "http://hl7.org/fhir/StructureDefinition/geolocation",
    "http://hl7.org/fhir/StructureDefinition/patient-nationality",
    "http://hl7.org/fhir/StructureDefinition/questionnaire-hidden",
    "http://hl7.org/fhir/StructureDefinition/rendering-markdown",
    "http://hl7.org/fhir/StructureDefinition/elementdefinition-bindingName",
]


@change
def extension(resource, chance):
    path = pick(resource, chance, lambda p, v: isinstance(v, dict) and not is_narrative(p)) if chance.random() < 0.7 else ()
    there = at(resource, path or ())
    url = chance.choice(KNOWN + ["http://example.org/unknown", "x", "", None, "http://hl7.org/fhir/StructureDefinition/none"])
    made = {"url": url} if url is not None else {}
    for value in chance.choice([
        [("valueString", "x")], [("valueCode", "unknown")], [("valueBoolean", True)], [], [("valueString", "a"), ("valueCode", "b")],
        [("extension", [{"url": "code", "valueCodeableConcept": {"text": "x"}}])], [("extension", [{"url": "latitude", "valueDecimal": 1.5}])],
        [("valueAddress", {"city": "x"})], [("valueString", "x"), ("extension", [{"url": "y", "valueString": "z"}])], [("valueFoo", "x")],
        [("extension", [{"url": "latitude", "valueDecimal": 1.5}, {"url": "longitude", "valueDecimal": 2.5}])],
        [("extension", [{"url": "latitude", "valueDecimal": 1.5}, {"url": "latitude", "valueDecimal": 2.5}, {"url": "longitude", "valueString": "x"}])],
    ]):
        made[value[0]] = value[1]
    kind = chance.choice(["extension"] * 5 + ["modifierExtension"])
    if isinstance(there.get(kind, []), list):
        there.setdefault(kind, []).append(made)
        return f"{shown(path or ())}.{kind} + {json.dumps(made)[:90]}"


@change
def sibling(resource, chance):
    path = pick(resource, chance, lambda p, v: isinstance(p[-1], str) and isinstance(v, (str, int, float)) and p[-1] != "resourceType")
    if not path or path[-1].startswith("_"):
        return None
    there = at(resource, path[:-1])
    made = chance.choice([
        {"id": "a"}, {"id": "a b"}, {}, [], [None], "x", {"extension": []}, {"value": 1}, {"extension": [{"url": KNOWN[1], "valueCode": "unknown"}]},
        {"extension": [{"url": KNOWN[1], "valueCode": "wrong"}]}, {"extension": [{"url": KNOWN[6], "valueMarkdown": "x"}]},
    ])
    there["_" + path[-1]] = made
    if chance.random() < 0.4:
        del there[path[-1]]
        return f"{shown(path)} only as _ := {json.dumps(made)[:60]}"
    return f"{shown(path)} and _ := {json.dumps(made)[:60]}"


@change
def narrative(resource, chance):
    xhtml = '<div xmlns="http://www.w3.org/1999/xhtml">'
    bodies = [
        "<div>x</div>", f"{xhtml}</div>", f"{xhtml} </div>", f"{xhtml}<script>x</script></div>", f"{xhtml}<p>x</div>", "x", "",
        f'{xhtml}<a href="javascript:x">x</a></div>', f'{xhtml}<img src="x.png"/></div>', f'{xhtml}<img alt="x" src="#none"/></div>',
        f'{xhtml}<p onclick="x">x</p></div>', f"{xhtml}&nbsp;</div>", f"{xhtml}&foo;</div>", f"{xhtml}&amp;&lt;</div>", f"{xhtml}<table><tr><td>x</td></tr></table></div>",
        f"{xhtml}<form>x</form></div>", f'{xhtml}<p style="x: y">x</p></div>', "<p>x</p>", f"{xhtml}<!-- c -->x</div>", f"{xhtml}<?x y?>x</div>",
        f'{xhtml}<a name="x">x</a><a href="#x">y</a></div>', f'{xhtml}<a href="#none">y</a></div>', f"{xhtml}<b>x</b><i>y</i></div> ", f"<?xml version='1.0'?>{xhtml}x</div>",
        f'{xhtml}<p id="a">x</p><p id="a">y</p></div>', f"{xhtml}<font>x</font></div>", f'{xhtml}<td colspan="2">x</td></div>', f"{xhtml}<br></br>x</div>",
        f"{xhtml}<h1>x</h1><blockquote cite='y'>z</blockquote><ol start='3'><li value='2'>a</li></ol></div>", f'{xhtml}<p class="x" title="y" lang="nl" xml:lang="nl" dir="rtl">x</p></div>',
        '<div xmlns="http://www.w3.org/1999/xhtml" xmlns:x="http://x">x</div>', "<DIV xmlns='http://www.w3.org/1999/xhtml'>x</DIV>", f"{xhtml}<object data='x'/>x</div>", f"{xhtml}<img src='data:x' alt='y'/></div>",
        f"{xhtml}<a href='http://x.org'>x</a><a href='mailto:x'>y</a><a href=''>z</a></div>", "<div xmlns='http://hl7.org/fhir'>x</div>", f"{xhtml}<p xmlns='http://x'>x</p></div>", f"{xhtml}\u00a0</div>", f"{xhtml}<img alt='x'/></div>",
    ]
    resources = [p for p, v in places(resource) if isinstance(v, dict) and "resourceType" in v and v["resourceType"] not in ("Bundle", "Parameters", "Binary")]
    if not resources:
        return None
    there = at(resource, chance.choice(resources))
    text = there.setdefault("text", {"status": "generated"})
    if not isinstance(text, dict):
        return None
    what = chance.random()
    if what < 0.05:
        text.pop("div", None)
    elif what < 0.1:
        text["status"] = chance.choice(["empty", "extensions", "additional", "x"])
    else:
        text["div"] = chance.choice(bodies)
    return json.dumps(text)[:110]


@change
def bundle(resource, chance):
    if resource.get("resourceType") != "Bundle":
        return None
    entries = resource.get("entry")
    entry = chance.choice(entries) if entries else None
    what = chance.choice(["type", "type", "type", "top", "top", "entry", "entry", "entry", "entry", "entry", "order"])
    if what == "type":
        resource["type"] = chance.choice(["document", "message", "transaction", "transaction-response", "batch", "batch-response", "history", "searchset", "collection", "x"])
        return f"type := {resource['type']}"
    if what == "top":
        name, value = chance.choice([
            ("total", 1), ("total", "1"), ("identifier", None), ("identifier", {"value": "1"}), ("timestamp", None), ("timestamp", "2020-01-01"),
            ("link", [{"relation": "self", "url": "x"}]), ("link", [{"relation": "x"}]), ("link", [{"relation": "self", "url": "a"}, {"relation": "self", "url": "b"}]),
            ("signature", {"when": "2020"}), ("entry", None), ("entry", []),
        ])
        resource.pop(name, None) if value is None else resource.__setitem__(name, value)
        return f"{name} := {value}"
    if entry is None or not isinstance(entry, dict):
        return None
    if what == "order":
        chance.shuffle(entries)
        return "shuffled"
    inner = entry.get("resource") if isinstance(entry.get("resource"), dict) else {}
    kind, identity = inner.get("resourceType", "Patient"), inner.get("id", "x")
    name, value = chance.choice([
        ("fullUrl", None), ("fullUrl", "Patient/1"), ("fullUrl", "http://example.org/fhir/Patient/zz"), ("fullUrl", f"http://example.org/fhir/{kind}/{identity}"),
        ("fullUrl", "urn:uuid:7cde1b2a-1bbd-4a6c-b5b6-8f0f3c0a1d11"), ("fullUrl", "urn:uuid:XX"), ("fullUrl", "urn:oid:1.2"), ("fullUrl", f"http://example.org/fhir/{kind}/{identity}/_history/1"),
        ("fullUrl", entries[0].get("fullUrl") if isinstance(entries[0], dict) else "x"), ("resource", None), ("resource", {}), ("resource", {"resourceType": "Chicken"}), ("resource", {"resourceType": "Patient"}),
        ("request", None), ("request", {"method": "PUT", "url": "Patient/1"}), ("request", {"method": "GET", "url": "Patient"}), ("request", {"method": "X", "url": "Patient"}), ("request", {"method": "POST"}),
        ("request", {"method": "DELETE", "url": "Patient/1"}), ("response", None), ("response", {"status": "200 OK"}), ("response", {}), ("response", {"status": "201", "outcome": {"resourceType": "OperationOutcome"}}),
        ("search", {"mode": "match"}), ("search", {"mode": "x"}), ("search", {"score": 2}), ("search", {"mode": "outcome"}), ("search", {"mode": "include"}),
    ])
    entry.pop(name, None) if value is None else entry.__setitem__(name, value)
    return f"entry {entries.index(entry)} {name} := {json.dumps(value)[:70]}"


@change
def ids(resource, chance):
    bad = ["a b", "x" * 65, "", "a_b", "A.b-1", "é", "x" * 64, 1]
    paths = [p for p, v in places(resource) if isinstance(v, dict) and not is_narrative(p)]
    path = chance.choice(paths)
    at(resource, path)["id"] = chance.choice(bad + ["a", "a"])
    if chance.random() < 0.3:
        other = at(resource, chance.choice(paths))
        other["id"] = at(resource, path)["id"]
    return f"{shown(path)}.id := {str(at(resource, path)['id'])[:70]!r}"


DATES = ["2020-02-30", "2020-13", "20", "2020-1-1", "2020-01-01T10:00", "2020-01-01T10:00:00", "2020-01-01T10:00:00Z", "2020-01-01T25:00:00Z",
         "2020-01-01T10:00:60Z", "2020-01-01T10:00:00+15:00", "2020-01-01T10:00:00.123456789+01:00", "2020-01-01T24:00:00Z", "2020", "2020-05", "2020-05-06",
         " 2020", "2020-01-01 10:00:00Z", "0000-01-01", "1500", "9999-12-31", "10:00:00", "10:00", "x", "2020-01-01t10:00:00z", "2020-01-01T10:00:00-00:00", "12020-01-01"]


@change
def date(resource, chance):
    return replaced(resource, chance, lambda p, v: isinstance(v, str) and re.match(r"^\d{4}(-\d\d)?(-\d\d)?(T.*)?$", v) and p[-1] != "value", DATES)


@change
def period(resource, chance):
    path = pick(resource, chance, lambda p, v: isinstance(v, dict) and ("start" in v or "end" in v or "low" in v))
    if path:
        there = at(resource, path)
        if "low" in there:
            there["low"], there["high"] = {"value": 5, "unit": "x"}, {"value": 1, "unit": "x"}
        else:
            there["start"], there["end"] = chance.choice([("2020-02-01", "2020-01-01"), ("2020", "2019"), ("2020-01-01", "2020"), ("2020-01-01T10:00:00Z", "2020-01-01"), ("2020-01-01T10:00:00Z", "2020-01-01T10:30:00+01:00")])
        return shown(path)


@change
def text(resource, chance):
    return replaced(
        resource, chance,
        lambda p, v: isinstance(v, str) and p[-1] != "resourceType" and not is_narrative(p),
        ["", " ", " x", "x ", "x  y", "\n", "x\u0000y", "x\u0007y", "a\u202eb", "<b>x</b>", "x" * 100, "&nbsp;", "http://x y", "urn:oid:1.2.3", "urn:uuid:x", "tab\tx", "é\u0301", "#a", "x|1.0", "http://example.org/x|y|z"],
    )


@change
def number(resource, chance):
    return replaced(
        resource, chance,
        lambda p, v: isinstance(v, (int, float)) and not isinstance(v, bool),
        [0, -1, 1.5, 1e3, 10**12, 2147483648, -2147483649, 0.1, 1.0, 123456789012345678901234567890],
    )


@change
def quantity(resource, chance):
    path = pick(resource, chance, lambda p, v: isinstance(v, dict) and "value" in v and isinstance(v["value"], (int, float)))
    if path:
        there = at(resource, path)
        made = chance.choice([
            {"code": "wrongunit", "system": "http://unitsofmeasure.org"}, {"code": "mg/", "system": "http://unitsofmeasure.org"}, {"code": "[in_i]", "system": "http://unitsofmeasure.org"},
            {"code": "kg"}, {"system": "x"}, {"comparator": "<"}, {"comparator": "="}, {"unit": ""}, {"value": "1"}, {"value": None}, {"code": "{x}", "system": "http://unitsofmeasure.org"},
            {"code": "kg", "system": "http://example.org/units"}, {"currency": "EUR"}, {"code": "m", "system": "http://unitsofmeasure.org", "unit": "kg"},
        ])
        there.update(made)
        return f"{shown(path)} {made}"


@change
def coding(resource, chance):
    path = pick(resource, chance, lambda p, v: isinstance(v, dict) and "code" in v and ("system" in v or "display" in v) and isinstance(v["code"], str))
    if path:
        there = at(resource, path)
        what = chance.choice([
            {"code": "nonsense"}, {"system": None}, {"code": None}, {"display": "Something else"}, {"system": "x"}, {"system": "urn:oid:1.2.3.x"}, {"system": "http://hl7.org/fhir/ValueSet/languages"},
            {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode"}, {"version": "9"}, {"userSelected": "x"}, {"code": "a b  c"}, {"display": " x"}, {"system": "http://example.org/cs"},
            {"system": "http://terminology.hl7.org/CodeSystem/v3-NullFlavor", "code": "UNK"}, {"system": "http://hl7.org/fhir/administrative-gender", "code": "x"}, {"code": there["code"].upper()},
        ])
        for name, value in what.items():
            there.pop(name, None) if value is None else there.__setitem__(name, value)
        return f"{shown(path)} {what}"


@change
def two_codings(resource, chance):
    path = pick(resource, chance, lambda p, v: isinstance(v, dict) and isinstance(v.get("coding"), list))
    if path:
        there = at(resource, path)
        there["coding"].insert(chance.randint(0, len(there["coding"])), {"system": "http://example.org/own", "code": "own"})
        if chance.random() < 0.5:
            there["coding"] = [{"system": "http://example.org/own", "code": "own"}]
        return shown(path)


@change
def choice(resource, chance):
    path = pick(resource, chance, lambda p, v: isinstance(p[-1], str) and re.match(r"^(value|effective|onset|deceased|multipleBirth|medication|occurrence|performed|answer|abatement|item|product|scheduled|timing|age|born|serviced|rate|asNeeded|fixed|pattern|default|minValue)[A-Z]", p[-1]))
    if path:
        there, old = at(resource, path[:-1]), path[-1]
        base = re.match(r"^[a-z]+(Birth|Value|Needed)?", old)[0]
        kind, value = chance.choice([("String", "x"), ("Boolean", True), ("Integer", 1), ("Decimal", 1.5), ("DateTime", "2020"), ("Date", "2020"), ("CodeableConcept", {"text": "x"}), ("Coding", {"code": "x"}), ("Quantity", {"value": 1}), ("Reference", {"reference": "Patient/1"}), ("Period", {"start": "2020"}), ("Range", {"low": {"value": 1}}), ("Age", {"value": 1, "unit": "a"}), ("Attachment", {"url": "http://x.org"}), ("Code", "x"), ("Uri", "x:y"), ("", "x"), ("Foo", "x")])
        if chance.random() < 0.75:
            del there[old]
        there[base + kind] = value
        return f"{shown(path)} -> {base + kind}"


@change
def contained(resource, chance):
    if resource.get("resourceType") in ("Bundle", "Parameters", "Binary"):
        return None
    inner = chance.choice([
        {"resourceType": "Patient"}, {"resourceType": "Patient", "id": "c1"}, {"resourceType": "Chicken", "id": "c1"}, {"id": "c1"}, {"resourceType": "Patient", "id": "c1", "meta": {"versionId": "1"}},
        {"resourceType": "Patient", "id": "c1", "contained": [{"resourceType": "Patient", "id": "c2"}]}, {"resourceType": "Patient", "id": "c1", "meta": {"security": [{"code": "x"}]}},
        {"resourceType": "Patient", "id": "c1", "text": {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">x</div>'}}, {"resourceType": "Bundle", "id": "c1", "type": "collection"}, "x", {"resourceType": "Patient", "id": "#c1"},
    ])
    there = resource.setdefault("contained", [])
    if isinstance(there, list):
        there.append(inner)
        return json.dumps(inner)[:90]


@change
def resource_type(resource, chance):
    path = pick(resource, chance, lambda p, v: p[-1] == "resourceType")
    put(resource, path, chance.choice(["Patient", "Observation", "Chicken", "patient", "Basic", "DomainResource", "HumanName", "Resource"]))
    return f"{shown(path)} := {at(resource, path)}"


@change
def profile(resource, chance):
    made = chance.choice(["http://hl7.org/fhir/StructureDefinition/vitalsigns", "http://example.org/none", "x", "", "http://hl7.org/fhir/StructureDefinition/Patient", "http://hl7.org/fhir/StructureDefinition/Observation|4.0.1", "http://hl7.org/fhir/StructureDefinition/Patient|9", "http://hl7.org/fhir/ValueSet/languages", "http://hl7.org/fhir/StructureDefinition/bp", "http://hl7.org/fhir/StructureDefinition/lipidprofile"])
    meta = resource.setdefault("meta", {})
    if isinstance(meta, dict):
        meta["profile"] = [made] if chance.random() < 0.7 else meta.get("profile", []) + [made]
        return made


@change
def element(resource, chance):
    """Rules of definitions: the parts of StructureDefinitions."""
    path = pick(resource, chance, lambda p, v: isinstance(v, dict) and "path" in v and "element" in p)
    if path:
        there = at(resource, path)
        made = chance.choice([
            {"min": 2, "max": "1"}, {"max": "x"}, {"max": "0"}, {"path": "x"}, {"path": there["path"] + ".unknown"}, {"id": None}, {"id": "other"}, {"type": [{"code": "Foo"}]}, {"type": [{"code": "string"}, {"code": "string"}]},
            {"binding": {"strength": "required"}}, {"binding": {"strength": "required", "valueSet": "http://example.org/none"}}, {"binding": {"valueSet": "http://hl7.org/fhir/ValueSet/languages"}}, {"slicing": {"rules": "open"}},
            {"slicing": {"discriminator": [{"type": "value", "path": "x"}], "rules": "open"}}, {"constraint": [{"key": "x", "severity": "error", "human": "x"}]}, {"constraint": [{"key": "x", "severity": "error", "human": "x", "expression": "a b c ("}]},
            {"constraint": [{"key": "x", "severity": "error", "human": "x", "expression": "unknown.exists()"}]}, {"sliceName": "a.b"}, {"sliceName": "x/y"}, {"fixedString": "x"}, {"fixedCode": "x", "patternCode": "y"}, {"maxLength": -1}, {"contentReference": "#x"},
            {"type": [{"code": "Reference", "targetProfile": ["x"]}]}, {"type": [{"code": "string", "profile": ["http://example.org/none"]}]}, {"min": None}, {"base": {"path": "x", "min": 0}}, {"definition": ""}, {"mustSupport": "true"}, {"isModifier": True},
        ])
        for name, value in made.items():
            there.pop(name, None) if value is None else there.__setitem__(name, value)
        return f"{shown(path)} {json.dumps(made)[:80]}"


@change
def item(resource, chance):
    """Rules of forms: items of Questionnaires and QuestionnaireResponses."""
    path = pick(resource, chance, lambda p, v: isinstance(v, dict) and "linkId" in v)
    if path:
        there = at(resource, path)
        made = chance.choice([
            {"linkId": ""}, {"linkId": "other"}, {"linkId": None}, {"linkId": "1"}, {"type": "group"}, {"type": "display"}, {"type": "choice"}, {"type": "string"}, {"type": None}, {"required": True}, {"repeats": True}, {"item": []},
            {"answer": []}, {"answer": [{}]}, {"answer": [{"valueString": "x"}]}, {"answer": [{"valueBoolean": True}, {"valueBoolean": False}]}, {"answer": [{"valueCoding": {"code": "x"}}]}, {"answer": [{"valueInteger": 1}]}, {"answer": [{"valueDate": "2020"}]}, {"answer": None}, {"text": None}, {"text": "other"},
            {"enableWhen": [{"question": "x", "operator": "exists", "answerBoolean": True}]}, {"enableWhen": [{"question": "1", "operator": "exists", "answerString": "x"}]}, {"enableWhen": [{"question": "1", "operator": ">", "answerInteger": 1}, {"question": "1", "operator": "=", "answerInteger": 2}]},
            {"answerOption": [{"valueString": "x"}]}, {"answerValueSet": "http://example.org/none"}, {"answerOption": [{"valueCoding": {"code": "a"}}], "answerValueSet": "#x"}, {"initial": [{"valueString": "x"}]}, {"maxLength": 1}, {"readOnly": True}, {"definition": "x"}, {"code": [{"code": "x"}]},
        ])
        for name, value in made.items():
            there.pop(name, None) if value is None else there.__setitem__(name, value)
        return f"{shown(path)} {json.dumps(made)[:80]}"


@change
def terminology(resource, chance):
    """Rules of ValueSets, CodeSystems and ConceptMaps."""
    kind = resource.get("resourceType")
    if kind == "CodeSystem":
        made = chance.choice([
            {"content": "not-present"}, {"content": "supplement"}, {"content": "fragment"}, {"supplements": "http://example.org/x"}, {"count": 1}, {"caseSensitive": None}, {"url": None}, {"url": "x"}, {"url": "http://example.org/cs|1"}, {"valueSet": "http://example.org/vs"}, {"hierarchyMeaning": "x"}, {"concept": None},
            {"concept": [{"code": "a"}, {"code": "a"}]}, {"concept": [{"code": "a", "property": [{"code": "x", "valueString": "y"}]}]}, {"concept": [{"code": "a ", "display": ""}]}, {"concept": [{"code": "a", "concept": [{"code": "b"}, {"code": "a"}]}]}, {"property": [{"code": "x", "type": "string"}, {"code": "x", "type": "code"}]}, {"property": [{"code": "x"}]},
            {"property": [{"code": "x", "type": "code"}], "concept": [{"code": "a", "property": [{"code": "x", "valueString": "y"}]}]}, {"concept": [{"code": "a", "designation": [{"value": "x", "language": "nl"}, {"value": "y", "language": "nl"}]}]}, {"name": "a b"}, {"name": "1"}, {"filter": [{"code": "x", "operator": ["="]}]}, {"version": "a|b"}, {"status": "x"}, {"identifier": [{"system": "urn:ietf:rfc:3986", "value": "x"}]},
        ])
    elif kind == "ValueSet":
        made = chance.choice([
            {"compose": {}}, {"compose": {"include": []}}, {"compose": {"include": [{}]}}, {"compose": {"include": [{"system": "x"}]}}, {"compose": {"include": [{"system": "http://hl7.org/fhir/administrative-gender", "concept": [{"code": "male"}, {"code": "x"}]}]}}, {"compose": {"include": [{"system": "http://hl7.org/fhir/administrative-gender", "concept": [{"code": "male", "display": "Wrong"}]}]}}, {"url": None}, {"url": "x"},
            {"compose": {"include": [{"valueSet": ["http://example.org/none"]}]}}, {"compose": {"include": [{"valueSet": ["http://hl7.org/fhir/administrative-gender"]}]}}, {"compose": {"include": [{"system": "http://hl7.org/fhir/ValueSet/administrative-gender"}]}}, {"compose": {"include": [{"system": "http://hl7.org/fhir/administrative-gender", "filter": [{"property": "concept", "op": "is-a", "value": "male"}]}]}},
            {"compose": {"include": [{"system": "http://hl7.org/fhir/administrative-gender", "filter": [{"property": "x", "op": "=", "value": "male"}]}]}}, {"compose": {"include": [{"system": "http://hl7.org/fhir/administrative-gender", "concept": [{"code": "male"}], "filter": [{"property": "concept", "op": "is-a", "value": "male"}]}]}}, {"compose": {"include": [{"concept": [{"code": "x"}]}]}},
            {"expansion": {"contains": [{"code": "x"}]}}, {"expansion": {"timestamp": "2020-01-01", "contains": [{"display": "x"}]}}, {"compose": {"include": [{"system": "http://snomed.info/sct", "concept": [{"code": "1"}]}]}}, {"compose": {"exclude": [{"system": "http://hl7.org/fhir/administrative-gender"}]}}, {"immutable": "x"}, {"name": "a b"}, {"status": None},
            {"compose": {"include": [{"system": "http://hl7.org/fhir/administrative-gender", "concept": [{"code": "male"}, {"code": "male"}]}]}}, {"compose": {"include": [{"system": "http://hl7.org/fhir/administrative-gender", "version": "x"}]}}, {"compose": {"include": [{"system": "urn:oid:1.2.x"}]}}, {"compose": {"lockedDate": "x", "include": [{"system": "http://example.org/a"}]}},
        ])
    else:
        return None
    for name, value in made.items():
        resource.pop(name, None) if value is None else resource.__setitem__(name, value)
    return json.dumps(made)[:100]


# --- Where resources come from. ---


def originals():
    """Name and resource: what is there, R4 and JSON and in no need of definitions of its own."""
    folder = SHARED / "validator-cases/hl7-r4"
    seen = set()
    for line in (folder / "cases.ndjson").read_text().splitlines():
        case = json.loads(line)
        if case["file"] in seen or case.get("supporting") or case.get("profiles") or not case["in_scope"]:
            continue
        seen.add(case["file"])
        yield case["file"].split("/")[-1], read((folder / case["file"]).read_bytes())
    for package in DUTCH:
        yield from examples(SHARED / "packages" / package)


def examples(package):
    with tarfile.open(package) as archive:
        for member in archive:
            if member.name.startswith("package/example") and member.name.endswith(".json") and "/." not in member.name:
                yield member.name.split("/")[-1], read(archive.extractfile(member).read())


def conformance(count, chance):
    """Name and resource: some of each kind of definition in the packages."""
    for package in [CORE, *(SHARED / "packages" / name for name in DUTCH)]:
        with tarfile.open(package) as archive:
            found = collections.defaultdict(list)
            for member in archive:
                if re.fullmatch(r"package/[^/]+\.json", member.name) and not member.name.endswith(("package.json", ".index.json")):
                    resource = read(archive.extractfile(member).read())
                    if resource:
                        found[resource["resourceType"]].append((member.name.split("/")[-1], resource))
            for _, all_of_kind in sorted(found.items()):
                all_of_kind.sort(key=lambda named: named[0])
                yield from chance.sample(all_of_kind, min(count, len(all_of_kind)))


def read(text):
    try:
        resource = json.loads(text)
    except ValueError:
        return None
    return resource if isinstance(resource, dict) and resource.get("resourceType") not in (None, "ImplementationGuide") else None


def mutants(resource, name, options):
    """As many changed ones as asked for, the same for the same seed whatever else there is."""
    chance = random.Random(hashlib.sha256(f"{options.seed}/{name}".encode()).digest())
    made, tries = set(), 0
    while len(made) < options.each and tries < 20 * options.each:
        tries += 1
        kind = options.only or chance.choice(sorted(CHANGES))
        changed = copy.deepcopy(resource)
        try:
            said = CHANGES[kind](changed, chance)
        except (TypeError, KeyError, AttributeError, IndexError, ValueError):
            continue
        if said is None or changed == resource or (kind, said) in made:
            continue
        made.add((kind, said))
        yield kind, said, changed


# --- The two judges. ---


def reference_home(folder):
    """A package cache as the reference wants it."""
    packages = folder / ".fhir/packages"
    with tarfile.open(CORE) as archive:
        archive.extractall(packages / "hl7.fhir.r4.core#4.0.1")
    other = packages / "hl7.fhir.xver-extensions#0.1.0/package"
    other.mkdir(parents=True)
    manifest = {"name": "hl7.fhir.xver-extensions", "version": "0.1.0", "fhirVersions": ["4.0.1"], "dependencies": {}}
    (other / "package.json").write_text(json.dumps({**manifest, "canonical": "http://hl7.org/fhir/extensions", "type": "fhir.ig"}))
    (packages / "packages.ini").write_text("[cache]\nversion = 3\n\n[urls]\n\n[local]\n\n")


def ask_reference(files, asked, packages, folder):
    peer = ROOT / "benches/peers/hapi/target"
    path = f"{peer / 'classes'}:{(peer / 'classpath').read_text().strip()}"
    reference_home(folder)
    command = ["java", "-Xmx3g", f"-Duser.home={folder}", "-cp", path, "overdracht.peers.Reference", *packages]
    lines = "".join(json.dumps({"file": str(file), **asked.get(str(file), {})}) + "\n" for file in files)
    run = subprocess.run(command, input=lines, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    if run.returncode:
        sys.exit("the reference failed")
    return answers(run.stdout), unchecked(run.stdout)


def ask_ours(files, asked, packages, binary):
    """Files that share profiles and definitions in one run."""
    groups = collections.defaultdict(list)
    for file in map(str, files):
        case = asked.get(file, {})
        groups[tuple(case.get("supporting", [])), tuple(case.get("profiles", []))].append(file)
    found = {}
    for (supporting, profiles), together in groups.items():
        command = [binary, "validate", "--unknown-extensions", "error", "--output", "ndjson"]
        for flag, values in (("--packages", packages), ("--supporting", supporting), ("--profile", profiles)):
            for value in values:
                command += [flag, value]
        run = subprocess.run([*command, *together], stdout=subprocess.PIPE, text=True, cwd=ROOT)
        if run.returncode > 1:
            sys.exit("ours failed")
        found |= answers(run.stdout)
    return found


def answers(lines):
    found = {}
    for line in lines.splitlines():
        answer = json.loads(line)
        errors = [issue for issue in answer["issues"] if issue["severity"] in ("error", "fatal")]
        found[answer["file"]] = [(place(issue["expression"] or ""), issue["message"], issue.get("id")) for issue in errors]
        if "failed" in answer:
            found[answer["file"]].append(("", "failed: " + answer["failed"], None))
    return found


def unchecked(lines):
    """By file, where the reference could not check codes."""
    found = {}
    for answer in map(json.loads, lines.splitlines()):
        places = {place(issue["expression"] or "") for issue in answer["issues"] if UNCHECKED.search(issue["message"])}
        found[answer["file"]] = sorted({OF_CODING.sub("", at) for at in places})
    return found


def place(expression):
    """The reference's places in the form that we use."""
    expression = re.sub(r"/\*.*?\*/|\[url='.*?'\]", "", expression)
    return re.sub(r"\.(\w+)\.ofType\((\w)(\w*)\)", lambda m: f".{m[1]}{m[2].upper()}{m[3]}", expression)


# --- Comparing. ---


def new(before, after):
    """What is found only after the change: errors by place and words."""
    rest = collections.Counter((at, words) for at, words, _ in before)
    found = []
    for error in after:
        if rest[error[:2]] > 0:
            rest[error[:2]] -= 1
        else:
            found.append(error)
    return found


def differences(before, after, at):
    """The places at which two resources differ."""
    if type(before) is not type(after) or not isinstance(before, (dict, list)):
        if before != after:
            yield at
    elif isinstance(before, dict):
        for name in {**before, **after}:
            yield from differences(before.get(name), after.get(name), f"{at}.{name.removeprefix('_')}")
    elif len(before) != len(after):
        yield at
    else:
        for index, (one, other) in enumerate(zip(before, after)):
            yield from differences(one, other, f"{at}[{index}]")


def could_not_tell(before, after, ours, places):
    """Whether codes of concepts that the reference could not check were changed, and we found fault with codes at most."""
    if not places or before is None or any(not (error[2] or "").startswith(("code-", "binding-")) for error in ours):
        return False
    one, other = (json.loads(file.read_text()) for file in (before, after))
    within = lambda at: at in places or any(at.startswith(place + ".") and CODED.search(at) for place in places)
    return all(map(within, differences(one, other, one["resourceType"])))


def found(at, places):
    """Whether a place of the reference's is among ours; while parsing it knows a choice without its type."""
    pattern = re.escape(at).replace(r"\[x\]", r"[A-Z]\w*")
    return at in places or ("[x]" in at and any(re.fullmatch(pattern, place) for place in places))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--ours", required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--each", type=int, default=4, help="mutants of each resource")
    parser.add_argument("--only", choices=sorted(CHANGES))
    parser.add_argument("--made", type=int, default=0, help="groups of definitions of our own making")
    parser.add_argument("--core", type=int, default=0, help="conformance resources of each kind and package")
    parser.add_argument("--mcode", action="store_true", help="mCODE's examples (`make mcode`) and nothing else as originals")
    parser.add_argument("--keep", type=pathlib.Path, help="where mutants, answers and differences stay")
    parser.add_argument("--again", action="store_true", help="ask only ours again, on what --keep has")
    options = parser.parse_args()
    if not SHARED.exists() or not (ROOT / "benches/peers/hapi/target/classpath").exists():
        sys.exit("needs ../shared, and the peer that `make bench-peers` builds")

    with tempfile.TemporaryDirectory() as scratch:
        folder = (options.keep or pathlib.Path(scratch)).absolute()
        packages = [str(MCODE)] if options.mcode else [str(SHARED / "packages" / name) for name in DUTCH]
        index = folder / "index.json"
        if options.again:
            cases, asked = json.loads(index.read_text())
            cases = [(kind, said, a and pathlib.Path(a), pathlib.Path(b)) for kind, said, a, b in cases]
            theirs, blind = json.loads((folder / "reference.json").read_text())
            theirs = {file: [(place(at), *rest) for at, *rest in errors] for file, errors in theirs.items()}
        else:
            asked = {}
            cases = [*write(folder, options), *write_made(folder, options, asked)]
            index.write_text(json.dumps(([(k, s, a and str(a), str(b)) for k, s, a, b in cases], asked)))
        files = sorted({file for case in cases for file in case[2:] if file})
        ours = ask_ours(files, asked, packages, options.ours)
        if not options.again:
            theirs, blind = ask_reference(files, asked, packages, pathlib.Path(scratch) / "home")
            (folder / "reference.json").write_text(json.dumps((theirs, blind)))
        compare(cases, ours, theirs, blind, folder)


def write(folder, options):
    chance = random.Random(options.seed)
    sources = examples(MCODE) if options.mcode else originals()
    sources = itertools.chain(sources, conformance(options.core, chance) if options.core else ())
    for number, (name, resource) in enumerate(sources):
        if resource is None:
            continue
        made = list(mutants(resource, name, options))
        base = folder / f"{number:04}"
        base.mkdir(parents=True, exist_ok=True)
        (base / name).write_text(json.dumps(resource, ensure_ascii=False))
        for count, (kind, said, changed) in enumerate(made):
            file = base / f"{count:02}-{kind}.json"
            file.write_text(json.dumps(changed, ensure_ascii=False))
            yield kind, said, base / name, file


def write_made(folder, options, asked):
    for number, (definitions, cases) in enumerate(made.groups(random.Random(options.seed), options.made, 2 * options.each)):
        base = folder / f"made-{number:03}"
        base.mkdir(parents=True, exist_ok=True)
        supporting = []
        for definition in definitions:
            file = base / f"definition-{definition['id']}.json"
            file.write_text(json.dumps(definition))
            supporting.append(str(file))
        for count, (kind, said, resource, profiles) in enumerate(cases):
            file = base / f"{count:03}-{kind}.json"
            file.write_text(json.dumps(resource))
            asked[str(file)] = {"profiles": profiles, "supporting": supporting}
            yield f"made {kind}", said, None, file


def compare(cases, ours, theirs, blind, folder):
    failed = lambda file: file and any(words.startswith("failed: ") for _, words, _ in theirs[str(file)])
    left_out, whole = collections.Counter(), [0, 0]
    rates = collections.defaultdict(lambda: [0, 0, 0, 0])
    with open(folder / "differences.txt", "w") as report:
        for kind, said, before, after in cases:
            ask = lambda answers: new(answers[str(before)] if before else [], answers[str(after)])
            our, their = ask(ours), ask(theirs)
            their_content = [error for error in their if CONTENT.search(error[1])]
            their = [error for error in their if error not in their_content]
            if failed(before) or failed(after):
                left_out["on which the reference failed"] += 1
                continue
            if their_content and not their:
                left_out["of which the reference found fault with content that it does not have"] += 1
                continue
            whole[1] += 1
            whole[0] += bool(our) == bool(their)
            if not their and could_not_tell(before, after, our, blind[str(after)]):
                left_out["of which the reference said that it could not check the codes"] += 1
                continue
            for row in (rates[kind], rates["all"]):
                row[1] += 1
                row[0] += bool(our) == bool(their)
                at_ours = {at for at, _, _ in ours[str(after)]}
                at_theirs = {at for at, _, _ in their}
                row[3] += len(at_theirs)
                row[2] += sum(found(at, at_ours) for at in at_theirs)
            missed = [error for error in their if not found(error[0], at_ours)]
            if bool(our) != bool(their) or missed:
                mark = "PLACE" if bool(our) == bool(their) else "MISSED" if their else "FALSE"
                print(f"{mark} {kind} {after.relative_to(folder)} {said}", file=report)
                for error in missed if their else []:
                    print(f"    reference {error[0]}: {error[1][:200]} [{error[2]}]", file=report)
                for error in our if mark != "MISSED" else []:
                    print(f"    ours      {error[0]}: {error[1][:160]} [{error[2]}]", file=report)
    for why, count in sorted(left_out.items()):
        print(f"not compared: {count} {why}")
    print(f"verdicts {whole[0]} of {whole[1]} where those of codes that it could not check are compared as well")
    for kind, (agree, total, placed, places) in sorted(rates.items()):
        share = lambda part, whole: f"{100 * part / whole:5.1f} %" if whole else "      -"
        print(f"{kind:<18} verdicts {agree:>5} of {total:<5} {share(agree, total)}   places {placed:>5} of {places:<5} {share(placed, places)}")


if __name__ == "__main__":
    main()
