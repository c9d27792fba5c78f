"""Definitions and instances of its own making, for `parity.py`: profiles, extensions, terminology, forms and Bundles that
nobody wrote as a test, drawn by chance from recipes, each with resources that keep them and that break them."""

import copy

NET = "http://made.example.net/fhir"
GENDER = "http://hl7.org/fhir/administrative-gender"
XHTML = '<div xmlns="http://www.w3.org/1999/xhtml"><p>x</p></div>'
CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
UCUM = "http://unitsofmeasure.org"


def concept(code, system=f"{NET}/CodeSystem/made", **more):
    return {"coding": [{"system": system, "code": code, **more}]}


def some(chance, values, least=0):
    values = list(values)
    count = chance.randint(least, max(least, len(values)))
    return chance.sample(values, min(count, len(values)))


def terminology():
    """A code system with properties, and value sets of every way to make one."""
    system = f"{NET}/CodeSystem/made"
    base = {"status": "active", "version": "1"}
    yield {
        "resourceType": "CodeSystem", "id": "made", "url": system, "name": "Made", "title": "Made", **base, "content": "complete", "caseSensitive": True,
        "hierarchyMeaning": "is-a", "property": [{"code": "kind", "type": "string"}],
        "concept": [
            {"code": "a", "display": "Alpha", "property": [{"code": "kind", "valueString": "x"}], "concept": [{"code": "a1", "display": "Alpha one"}, {"code": "a2", "display": "Alpha two"}]},
            {"code": "b", "display": "Beta"}, {"code": "c", "display": "Gamma"},
        ],
    }
    ways = {
        "all": {"include": [{"system": system}]},
        "listed": {"include": [{"system": system, "concept": [{"code": "a"}, {"code": "b"}]}]},
        "below": {"include": [{"system": system, "filter": [{"property": "concept", "op": "is-a", "value": "a"}]}]},
        "without": {"include": [{"system": system}], "exclude": [{"system": system, "concept": [{"code": "c"}]}]},
        "imported": {"include": [{"valueSet": [f"{NET}/ValueSet/listed"]}]},
        "both": {"include": [{"system": system, "valueSet": [f"{NET}/ValueSet/listed", f"{NET}/ValueSet/below"]}]},
        "kinds": {"include": [{"system": system, "filter": [{"property": "kind", "op": "=", "value": "x"}]}]},
        "unknown": {"include": [{"system": f"{NET}/CodeSystem/none"}]},
        "unknown-listed": {"include": [{"system": f"{NET}/CodeSystem/none", "concept": [{"code": "a"}]}]},
        "units": {"include": [{"system": UCUM, "concept": [{"code": "kg"}, {"code": "g"}]}]},
        "statuses": {"include": [{"system": "http://hl7.org/fhir/observation-status", "concept": [{"code": "final"}, {"code": "amended"}]}]},
    }
    for name, compose in ways.items():
        yield {"resourceType": "ValueSet", "id": name, "url": f"{NET}/ValueSet/{name}", "name": name.replace("-", "_").title(), "title": name, **base, "compose": compose}


def extension(name, differential, context=({"type": "element", "expression": "Element"},), **more):
    return {
        "resourceType": "StructureDefinition", "id": name, "url": f"{NET}/StructureDefinition/{name}", "name": name.title().replace("-", ""), "title": name,
        "status": "active", "fhirVersion": "4.0.1", "kind": "complex-type", "abstract": False, "type": "Extension", "context": list(context),
        "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Extension", "derivation": "constraint", **more,
        "differential": {"element": [{"id": "Extension", "path": "Extension"}, *differential(f"{NET}/StructureDefinition/{name}")]},
    }


def simple(type_code, **more):
    return lambda url: [
        {"id": "Extension.extension", "path": "Extension.extension", "max": "0"},
        {"id": "Extension.url", "path": "Extension.url", "fixedUri": url},
        {"id": "Extension.value[x]", "path": "Extension.value[x]", "min": 1, "type": [{"code": type_code}], **more},
    ]


def complex_parts(url):
    parts = [{"id": "Extension.extension", "path": "Extension.extension", "slicing": {"discriminator": [{"type": "value", "path": "url"}], "rules": "closed"}, "min": 1}]
    for name, least, most, type_code in (("one", 1, "1", "string"), ("many", 0, "*", "integer")):
        at = f"Extension.extension:{name}"
        parts += [
            {"id": at, "path": "Extension.extension", "sliceName": name, "min": least, "max": most},
            {"id": f"{at}.extension", "path": "Extension.extension.extension", "max": "0"},
            {"id": f"{at}.url", "path": "Extension.extension.url", "fixedUri": name},
            {"id": f"{at}.value[x]", "path": "Extension.extension.value[x]", "min": 1, "type": [{"code": type_code}]},
        ]
    return [*parts, {"id": "Extension.url", "path": "Extension.url", "fixedUri": url}, {"id": "Extension.value[x]", "path": "Extension.value[x]", "max": "0"}]


def extensions():
    element = lambda path: {"type": "element", "expression": path}
    yield extension("ext-string", simple("string", maxLength=5))
    yield extension("ext-code", simple("code", binding={"strength": "required", "valueSet": f"{NET}/ValueSet/listed"}))
    yield extension("ext-complex", complex_parts)
    yield extension("ext-patient", simple("boolean"), [element("Patient")])
    yield extension("ext-name", simple("string"), [element("Patient.name"), element("Observation.component")])
    yield extension("ext-human", simple("string"), [element("HumanName")])
    yield extension("ext-coding", simple("string"), [element("CodeableConcept.coding")])
    yield extension("ext-primitive", simple("string"), [element("string"), element("date")])
    yield extension("ext-domain", simple("string"), [element("DomainResource")])
    yield extension("ext-path", simple("string"), [{"type": "fhirpath", "expression": "Observation.code | Patient.contact"}])
    yield extension("ext-within", simple("string"), [{"type": "extension", "expression": f"{NET}/StructureDefinition/ext-complex"}])
    yield extension("ext-invariant", simple("string"), contextInvariant=["id.exists()"])
    modifier = extension("ext-modifier", simple("boolean"))
    modifier["differential"]["element"][0].update(isModifier=True, isModifierReason="it changes what is said")
    yield modifier


# Extensions that an instance may bear, right and wrong.
BORNE = [
    ("ext-string", {"valueString": "x"}), ("ext-string", {"valueString": "too long"}), ("ext-string", {"valueCode": "x"}), ("ext-string", {}),
    ("ext-code", {"valueCode": "a"}), ("ext-code", {"valueCode": "c"}), ("ext-complex", {"extension": [{"url": "one", "valueString": "x"}]}),
    ("ext-complex", {"extension": [{"url": "many", "valueInteger": 1}]}), ("ext-complex", {"extension": [{"url": "one", "valueString": "x"}, {"url": "many", "valueInteger": 1}, {"url": "many", "valueInteger": 2}]}),
    ("ext-complex", {"extension": [{"url": "one", "valueInteger": 1}]}), ("ext-complex", {"extension": [{"url": "one", "valueString": "x"}, {"url": "other", "valueString": "x"}]}),
    ("ext-complex", {"valueString": "x"}), ("ext-complex", {"extension": [{"url": "one", "valueString": "x"}, {"url": f"{NET}/StructureDefinition/ext-within", "valueString": "x"}]}),
    ("ext-patient", {"valueBoolean": True}), ("ext-name", {"valueString": "x"}), ("ext-human", {"valueString": "x"}), ("ext-coding", {"valueString": "x"}), ("ext-primitive", {"valueString": "x"}),
    ("ext-domain", {"valueString": "x"}), ("ext-path", {"valueString": "x"}), ("ext-within", {"valueString": "x"}), ("ext-invariant", {"valueString": "x"}),
    ("ext-modifier", {"valueBoolean": True}), ("ext-none", {"valueString": "x"}), ("ext-string|1", {"valueString": "x"}),
]


def bear(resource, chance):
    """An extension somewhere."""
    name, value = chance.choice(BORNE)
    made = {"url": f"{NET}/StructureDefinition/{name}", **copy.deepcopy(value)}
    places = [value for _, value in walk(resource)] or [resource]
    there = chance.choice(places) if chance.random() < 0.7 else resource
    kind = "modifierExtension" if chance.random() < (0.6 if name == "ext-modifier" else 0.1) else "extension"
    strings = [key for key, value in there.items() if isinstance(value, str) and key not in ("resourceType", "id", "url", "div", "reference")]
    if strings and chance.random() < 0.25:
        there = there.setdefault("_" + chance.choice(strings), {})
    there.setdefault(kind, []).append(made)


def walk(value, path=()):
    if isinstance(value, dict):
        if path:
            yield path, value
        for name, inner in value.items():
            if not name.startswith("_") and name not in ("text", "contained", "resource"):
                yield from walk(inner, path + (name,))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from walk(inner, path + (index,))


# --- Profiles: each recipe gives the elements of a differential. ---

RECIPES = {"Observation": [], "Patient": []}


def recipe(kind):
    def add(function):
        RECIPES[kind].append(function)
        return function
    return add


def element(path, **more):
    return {"id": more.pop("id", path), "path": path, **more}


def sliced(path, discriminators, chance, **more):
    slicing = {"discriminator": [{"type": kind, "path": at} for kind, at in discriminators], "rules": chance.choice(["open", "open", "open", "closed", "openAtEnd"])}
    if chance.random() < 0.25:
        slicing["ordered"] = True
    return element(path, slicing=slicing, **more)


def counts(chance):
    return chance.choice([{}, {"min": 1}, {"max": "1"}, {"min": 1, "max": "1"}, {"min": 2}, {"max": "0"}, {"min": 0, "max": "2"}])


def slice_of(path, name, chance, inner, **more):
    at = f"{path}:{name}"
    return [element(path, id=at, sliceName=name, **counts(chance), **more), *[{"id": f"{at}.{e['path']}", **e, "path": f"{path}.{e['path']}"} for e in inner]]


@recipe("Observation")
def o_counts(chance):
    names = ["identifier", "category", "subject", "effective[x]", "value[x]", "interpretation", "note", "bodySite", "method", "referenceRange", "component", "performer", "dataAbsentReason"]
    return [element(f"Observation.{name}", **chance.choice([{"min": 1}, {"max": "0"}])) for name in some(chance, names, 1)[:4]]


@recipe("Observation")
def o_category(chance):
    kind = chance.choice(["pattern", "value", "coding", "bound", "this"])
    discriminators = {"pattern": [("pattern", "$this")], "value": [("value", "coding.code"), ("value", "coding.system")], "coding": [("pattern", "coding")], "bound": [("value", "$this")], "this": [("value", "$this")]}[kind]
    made = [sliced("Observation.category", discriminators, chance)]
    for code in ("vital-signs", "laboratory"):
        if kind == "pattern":
            made += slice_of("Observation.category", code, chance, [], patternCodeableConcept=concept(code, CATEGORY))
        elif kind == "value":
            made += slice_of("Observation.category", code, chance, [{"path": "coding", "min": 1}, {"path": "coding.system", "min": 1, "fixedUri": CATEGORY}, {"path": "coding.code", "min": 1, "fixedCode": code}])
        elif kind == "coding":
            made += slice_of("Observation.category", code, chance, [{"path": "coding", "min": 1, "patternCoding": {"code": code, "system": CATEGORY}}])
        elif kind == "this":
            made += slice_of("Observation.category", code, chance, [], fixedCodeableConcept=concept(code, CATEGORY))
    if kind == "bound":
        made += slice_of("Observation.category", "made", chance, [], binding={"strength": "required", "valueSet": f"{NET}/ValueSet/{chance.choice(['listed', 'below'])}"})
    return made


@recipe("Observation")
def o_component(chance):
    kind = chance.choice(["value", "pattern", "exists", "type", "two", "reslice", "valueonly"])
    path = "Observation.component"
    if kind == "exists":
        return [sliced(path, [("exists", "value")], chance), *slice_of(path, "with", chance, [{"path": "value[x]", "min": 1}]), *slice_of(path, "without", chance, [{"path": "value[x]", "max": "0"}])]
    if kind == "type":
        return [sliced(path, [("type", "value")], chance), *slice_of(path, "quantity", chance, [{"path": "value[x]", "min": 1, "type": [{"code": "Quantity"}]}]), *slice_of(path, "text", chance, [{"path": "value[x]", "type": [{"code": "string"}]}])]
    if kind == "two":
        return [sliced(path, [("pattern", "code"), ("type", "value")], chance), *slice_of(path, "quantity", chance, [{"path": "code", "patternCodeableConcept": concept("a")}, {"path": "value[x]", "min": 1, "type": [{"code": "Quantity"}]}]), *slice_of(path, "text", chance, [{"path": "code", "patternCodeableConcept": concept("a")}, {"path": "value[x]", "min": 1, "type": [{"code": "string"}]}])]
    code = {"path": "code", "patternCodeableConcept": concept("a")} if kind != "value" else {"path": "code", "fixedCodeableConcept": concept("a")}
    other = {"path": "code", "patternCodeableConcept": concept("b")} if kind != "value" else {"path": "code", "fixedCodeableConcept": concept("b")}
    made = [sliced(path, [("pattern" if kind == "pattern" else "value", "code")], chance), *slice_of(path, "a", chance, [code, {"path": "value[x]", **chance.choice([{"min": 1}, {"type": [{"code": "Quantity"}]}, {"min": 1, "type": [{"code": "string"}]}])}])]
    if kind == "reslice":
        made[1]["slicing"] = {"discriminator": [{"type": "exists", "path": "dataAbsentReason"}], "rules": "open"}
        made[1].pop("max", None)
        at = f"{path}:a/none"
        made += [element(path, id=at, sliceName="a/none", **counts(chance)), element(f"{path}.dataAbsentReason", id=f"{at}.dataAbsentReason", min=1)]
    return made + slice_of(path, "b", chance, [other])


@recipe("Observation")
def o_value(chance):
    return chance.choice([
        [element("Observation.value[x]", type=[{"code": "Quantity"}])],
        [element("Observation.value[x]", type=[{"code": "Quantity"}, {"code": "string"}])],
        [element("Observation.value[x]", type=[{"code": "Quantity"}], patternQuantity={"system": UCUM, "code": "kg"})],
        [element("Observation.value[x]", slicing={"discriminator": [{"type": "type", "path": "$this"}], "rules": chance.choice(["open", "closed"])}), element("Observation.value[x]", id="Observation.value[x]:valueQuantity", sliceName="valueQuantity", type=[{"code": "Quantity"}], **chance.choice([{"min": 1}, {"min": 0}])), element("Observation.value[x].code", id="Observation.value[x]:valueQuantity.code", min=1, fixedCode="kg")],
        [element("Observation.valueQuantity", id="Observation.value[x]:valueQuantity", sliceName="valueQuantity", type=[{"code": "Quantity"}]), element("Observation.valueQuantity.value", id="Observation.value[x]:valueQuantity.value", min=1)],
        [element("Observation.value[x]", type=[{"code": "string"}], maxLength=5)],
        [element("Observation.value[x]", type=[{"code": "integer"}], minValueInteger=2, maxValueInteger=8)],
        [element("Observation.value[x]", type=[{"code": "Quantity"}], minValueQuantity={"value": 1, "unit": "kg", "system": UCUM, "code": "kg"})],
        [element("Observation.value[x]", type=[{"code": "Quantity"}]), element("Observation.value[x].value", maxValueDecimal=5)],
        [element("Observation.value[x]", type=[{"code": "CodeableConcept"}], binding={"strength": chance.choice(["required", "extensible", "preferred"]), "valueSet": f"{NET}/ValueSet/{chance.choice(['all', 'listed', 'below', 'without', 'imported', 'both', 'kinds', 'unknown', 'unknown-listed'])}"})],
        [element("Observation.value[x]", type=[{"code": "Quantity"}], binding={"strength": "required", "valueSet": f"{NET}/ValueSet/units"})],
        [element("Observation.value[x]", type=[{"code": "Quantity", "profile": ["http://hl7.org/fhir/StructureDefinition/SimpleQuantity"]}])],
        [element("Observation.value[x]", min=1, type=[{"code": "string"}], fixedString="x")],
    ])


@recipe("Observation")
def o_code(chance):
    made = chance.choice([
        {"patternCodeableConcept": concept("a")}, {"fixedCodeableConcept": concept("a")}, {"patternCodeableConcept": {"coding": [{"code": "a"}], "text": "x"}}, {"patternCodeableConcept": {"coding": concept("a")["coding"] + concept("b")["coding"]}},
        {"binding": {"strength": "required", "valueSet": f"{NET}/ValueSet/{chance.choice(['all', 'listed', 'below', 'without', 'imported', 'both', 'kinds', 'unknown', 'unknown-listed'])}"}},
        {"binding": {"strength": "extensible", "valueSet": f"{NET}/ValueSet/{chance.choice(['listed', 'below'])}", "extension": [{"url": "http://hl7.org/fhir/StructureDefinition/elementdefinition-maxValueSet", "valueCanonical": f"{NET}/ValueSet/all"}]}},
        {"type": [{"code": "CodeableConcept", "profile": [f"{NET}/StructureDefinition/concept-with-display"]}]},
    ])
    return [element("Observation.code", **made)]


@recipe("Observation")
def o_status(chance):
    return [element("Observation.status", **chance.choice([{"fixedCode": "final"}, {"patternCode": "final"}, {"binding": {"strength": "required", "valueSet": f"{NET}/ValueSet/statuses"}}]))]


@recipe("Observation")
def o_references(chance):
    reference = lambda *types, **more: [{"code": "Reference", "targetProfile": [t if ":" in t else f"http://hl7.org/fhir/StructureDefinition/{t}" for t in types], **more}]
    return chance.choice([
        [element("Observation.subject", min=1, type=reference("Patient"))], [element("Observation.subject", type=reference("Patient", "Group"))],
        [element("Observation.subject", type=reference(f"{NET}/StructureDefinition/named-patient"))],
        [element("Observation.subject", type=reference("Patient", aggregation=[chance.choice(["contained", "referenced", "bundled"])]))],
        [element("Observation.subject.reference", min=1)], [element("Observation.subject.identifier", min=1)], [element("Observation.subject", patternReference={"type": "Patient"})],
        [sliced("Observation.performer", [("type", "resolve()")], chance), *slice_of("Observation.performer", "practitioner", chance, [], type=reference("Practitioner")), *slice_of("Observation.performer", "organization", chance, [], type=reference("Organization"))],
        [sliced("Observation.performer", [("profile", "resolve()")], chance), *slice_of("Observation.performer", "practitioner", chance, [], type=reference("Practitioner")), *slice_of("Observation.performer", "patient", chance, [], type=reference(f"{NET}/StructureDefinition/named-patient"))],
        [sliced("Observation.performer", [("value", "resolve().active")], chance), *slice_of("Observation.performer", "practitioner", chance, [], type=reference("Practitioner"))],
        [element("Observation.contained", max="0")], [element("Observation.contained", min=1, type=[{"code": "Patient"}])],
    ])


@recipe("Observation")
def o_constraint(chance):
    severity = chance.choice(["error", "error", "warning"])
    at, expression = chance.choice([
        ("Observation", "value.exists() or component.exists()"), ("Observation", "status = 'final' implies effective.exists()"), ("Observation", "component.code.coding.code.isDistinct()"), ("Observation", "note.text.matches('^[a-z]+$')"),
        ("Observation.code", "coding.exists() or text.exists()"), ("Observation.code", "coding.where(system = 'x').empty()"), ("Observation.component", "value.exists() xor dataAbsentReason.exists()"), ("Observation.value[x]", "$this is Quantity or $this is string"),
        ("Observation.subject", "reference.startsWith('Patient/')"), ("Observation.subject", "resolve().exists()"), ("Observation.subject", "resolve() is Patient"), ("Observation", "value.ofType(Quantity).value > 2"), ("Observation", "(value as Quantity).unit.exists()"),
        ("Observation", "effective <= today()"), ("Observation", "effective.is(dateTime)"), ("Observation", "identifier.all(system.exists())"), ("Observation", f"code.memberOf('{NET}/ValueSet/listed')"), ("Observation", "component.select(value.value).sum() < 10"), ("Observation", "component.value.ofType(Quantity).value.aggregate($this + $total, 0) < 10"),
        ("Observation", "extension.count() < 2"), ("Observation", "contained.ofType(Patient).exists()"), ("Observation", "%resource.id.exists()"), ("Observation", "meta.profile.exists()"), ("Observation", "note.exists().not()"), ("Observation.component", "%resource.status = 'final'"), ("Observation", "iif(value.exists(), component.empty(), true)"),
        ("Observation", "note.text.length() < 5"), ("Observation", "category.coding.code contains 'laboratory'"), ("Observation", "'laboratory' in category.coding.code"), ("Observation", "effective.toString().substring(0, 4) = '2020'"), ("Observation", f"subject.extension('{NET}/StructureDefinition/ext-string').empty()"), ("Observation", "descendants().where($this is Quantity).count() < 3"),
        ("Observation", "(component | component).count() = component.count()"), ("Observation", "identifier.value.lower() = 'x'"), ("Observation", "identifier.first().value.toInteger() > 1"), ("Observation", "conformsTo('http://hl7.org/fhir/StructureDefinition/vitalsigns')"),
    ])
    return [element(at, constraint=[{"key": "made-1", "severity": severity, "human": "made", "expression": expression}])]


@recipe("Observation")
def o_extension(chance):
    name = chance.choice(["ext-string", "ext-code", "ext-complex", "ext-domain"])
    typed = [{"code": "Extension", "profile": [f"{NET}/StructureDefinition/{name}"]}]
    slicing = {"discriminator": [{"type": "value", "path": "url"}], "rules": chance.choice(["open", "open", "closed"]), "ordered": False}
    made = [element("Observation.extension", slicing=slicing), element("Observation.extension", id="Observation.extension:one", sliceName="one", type=typed, **counts(chance))]
    if name == "ext-string" and chance.random() < 0.5:
        made.append(element("Observation.extension.value[x]", id="Observation.extension:one.value[x]", patternString="x"))
    return made


@recipe("Observation")
def o_deep(chance):
    return chance.choice([
        [element("Observation.component.referenceRange", min=1)], [element("Observation.component.referenceRange.low", min=1)], [element("Observation.referenceRange.low", min=1)], [element("Observation.referenceRange.text", max="0")], [element("Observation.note.text", maxLength=3)],
        [element("Observation.component.code.coding", min=2)], [element("Observation.code.coding.display", min=1)], [element("Observation.code.coding", max="1")], [element("Observation.identifier.system", min=1, fixedUri=f"{NET}/ids")], [element("Observation.identifier", patternIdentifier={"system": f"{NET}/ids"})],
        [element("Observation.effective[x]", type=[{"code": "dateTime"}], minValueDateTime="2020-01-01"), ], [element("Observation.effective[x]", type=[{"code": "Period"}]), element("Observation.effective[x].start", min=1)], [element("Observation.meta", min=1), element("Observation.meta.profile", min=1)],
        [element("Observation.text", min=1)], [element("Observation.id", min=1)], [element("Observation.interpretation", max="1"), element("Observation.interpretation.coding.system", min=1)],
    ])


@recipe("Observation")
def o_identifier(chance):
    path = "Observation.identifier"
    return [sliced(path, [("value", "system")], chance), *slice_of(path, "ids", chance, [{"path": "system", "min": 1, "fixedUri": f"{NET}/ids"}, {"path": "value", **chance.choice([{"min": 1}, {"maxLength": 2}, {}])}]), *slice_of(path, "more", chance, [{"path": "system", "min": 1, "patternUri": f"{NET}/more"}])]


@recipe("Patient")
def p_counts(chance):
    return [element(f"Patient.{name}", **chance.choice([{"min": 1}, {"max": "0"}])) for name in some(chance, ["name", "gender", "birthDate", "address", "telecom", "contact", "deceased[x]", "photo", "link", "communication", "identifier", "active"], 1)[:4]]


@recipe("Patient")
def p_deep(chance):
    return chance.choice([
        [element("Patient.name.family", min=1)], [element("Patient.name.given", min=2)], [element("Patient.name.given", max="1")], [element("Patient.name", max="1"), element("Patient.name.text", max="0")], [element("Patient.birthDate", minValueDate="1950-01-01", maxValueDate="2000-12-31")], [element("Patient.gender", fixedCode="male")],
        [element("Patient.name", type=[{"code": "HumanName", "profile": [f"{NET}/StructureDefinition/short-name"]}])], [element("Patient.name", type=[{"code": "HumanName", "profile": [f"{NET}/StructureDefinition/short-name", f"{NET}/StructureDefinition/official-name"]}])], [element("Patient.maritalStatus", min=1, binding={"strength": "required", "valueSet": f"{NET}/ValueSet/listed"})],
        [element("Patient.address", fixedAddress={"city": "x"})], [element("Patient.address", patternAddress={"line": ["a"]})], [element("Patient.deceased[x]", type=[{"code": "boolean"}])], [element("Patient.contact.name", min=1), element("Patient.contact.relationship", min=1)], [element("Patient.telecom.value", maxLength=4)], [element("Patient.photo", max="0")], [element("Patient.generalPractitioner", max="1")],
        [element("Patient.birthDate.extension", slicing={"discriminator": [{"type": "value", "path": "url"}], "rules": "open"}), element("Patient.birthDate.extension", id="Patient.birthDate.extension:one", sliceName="one", min=1, type=[{"code": "Extension", "profile": [f"{NET}/StructureDefinition/ext-primitive"]}])],
    ])


@recipe("Patient")
def p_names(chance):
    path = "Patient.name"
    return chance.choice([
        [sliced(path, [("value", "use")], chance), *slice_of(path, "official", chance, [{"path": "use", "min": 1, "fixedCode": "official"}, {"path": "family", "min": 1}]), *slice_of(path, "usual", chance, [{"path": "use", "min": 1, "patternCode": "usual"}])],
        [sliced(path, [("exists", "family")], chance), *slice_of(path, "with", chance, [{"path": "family", "min": 1}]), *slice_of(path, "without", chance, [{"path": "family", "max": "0"}])],
        [sliced(path, [("profile", "$this")], chance), *slice_of(path, "short", chance, [], type=[{"code": "HumanName", "profile": [f"{NET}/StructureDefinition/short-name"]}]), *slice_of(path, "official", chance, [], type=[{"code": "HumanName", "profile": [f"{NET}/StructureDefinition/official-name"]}])],
        [sliced(path, [("value", "use"), ("exists", "period")], chance), *slice_of(path, "now", chance, [{"path": "use", "min": 1, "fixedCode": "official"}, {"path": "period", "min": 1}])],
    ])


@recipe("Patient")
def p_telecom(chance):
    path = "Patient.telecom"
    return [sliced(path, [("value", "system")], chance), *slice_of(path, "phone", chance, [{"path": "system", "min": 1, "fixedCode": "phone"}]), *slice_of(path, "reach", chance, [{"path": "system", "min": 1, "binding": {"strength": "required", "valueSet": "http://hl7.org/fhir/ValueSet/contact-point-system"}}])][: chance.choice([3, 5])]


@recipe("Patient")
def p_constraint(chance):
    at, expression = chance.choice([
        ("Patient", "name.exists() or identifier.exists()"), ("Patient.name", "family.exists() or given.exists()"), ("Patient", "birthDate <= today()"), ("Patient", "name.where(use = 'official').count() = 1"), ("Patient", "telecom.where(system = 'phone').value.all(matches('^[0-9]+$'))"), ("Patient.contact", "name.exists()"),
        ("Patient", "deceased.ofType(boolean).empty()"), ("Patient", "name.given.first() = 'Jan'"), ("Patient", "name.given.exists($this.length() > 3)"), ("Patient", "address.line.count() < 3"), ("Patient.birthDate", "$this > @1950-01-01"), ("Patient", "gender in ('male' | 'female')"), ("Patient", "name.repeat(given).exists()"),
        ("Patient", "name.family.single().exists()"), ("Patient", "link.other.resolve().exists()"), ("Patient", "unknownFunction()"), ("Patient", "name.unknown.exists()"), ("Patient", "name.given.trace('x').exists()"), ("Patient", "name.skip(1).empty()"), ("Patient", "name.given.join(',').length() < 9"), ("Patient", "photo.hash.empty()"), ("Patient", "birthDate.hasValue()"),
    ])
    return [element(at, constraint=[{"key": "made-2", "severity": "error", "human": "made", "expression": expression}])]


@recipe("Patient")
def p_extension(chance):
    name = chance.choice(["ext-patient", "ext-string", "ext-complex", "ext-modifier"])
    place = "modifierExtension" if name == "ext-modifier" else "extension"
    return [element(f"Patient.{place}", slicing={"discriminator": [{"type": "value", "path": "url"}], "rules": chance.choice(["open", "closed"])}), element(f"Patient.{place}", id=f"Patient.{place}:one", sliceName="one", type=[{"code": "Extension", "profile": [f"{NET}/StructureDefinition/{name}"]}], **counts(chance))]


def profile(name, kind, elements, base=None, **more):
    return {
        "resourceType": "StructureDefinition", "id": name, "url": f"{NET}/StructureDefinition/{name}", "name": name.title().replace("-", ""), "title": name, "status": "active", "version": "1", "fhirVersion": "4.0.1",
        "kind": more.pop("of", "resource"), "abstract": False, "type": kind, "baseDefinition": base or f"http://hl7.org/fhir/StructureDefinition/{kind}", "derivation": "constraint", **more,
        "differential": {"element": [element(kind), *elements] if not elements or elements[0]["path"] != kind else elements},
    }


ORDER = {
    "Observation": "id meta text contained extension modifierExtension identifier status category code subject effective value dataAbsentReason interpretation note bodySite method performer referenceRange component".split(),
    "Patient": "id meta text contained extension modifierExtension identifier active name telecom gender birthDate deceased address maritalStatus photo contact communication generalPractitioner link".split(),
}


def profiles(chance):
    """Some recipes put together, in the order of the elements; and what they refer to."""
    yield profile("named-patient", "Patient", [element("Patient.name", min=1)])
    yield profile("short-name", "HumanName", [element("HumanName.family", min=1, maxLength=5)], of="complex-type")
    yield profile("official-name", "HumanName", [element("HumanName.use", min=1, fixedCode="official")], of="complex-type")
    yield profile("concept-with-display", "CodeableConcept", [element("CodeableConcept.coding", min=1), element("CodeableConcept.coding.display", min=1)], of="complex-type")
    for kind, recipes in RECIPES.items():
        base = None
        for number in range(2):
            parts = [part(chance) for part in chance.sample(recipes, chance.choice([1, 1, 2, 3]))]
            taken, made = set(), []
            for part in parts:
                names = {(e["path"] + ".").split(".")[1] for e in part}
                if names & taken:
                    continue
                taken |= names
                made += part
            rank = lambda e: (ORDER[kind].index(n.split("[")[0].replace("valueQuantity", "value")) if (n := (e["path"] + ".").split(".")[1]) else -1)
            made.sort(key=rank)
            yield profile(f"made-{kind.lower()}-{number}", kind, made, base)
            if chance.random() < 0.4:
                base = f"{NET}/StructureDefinition/made-{kind.lower()}-0"


# --- Instances that the recipes speak of. ---


def observation(chance):
    pick = chance.choice
    o = {"resourceType": "Observation", "status": pick(["final", "final", "amended", "preliminary"]), "code": pick([concept("a"), concept("b"), concept("a", display="Alpha"), concept("a1"), concept("c"), {"text": "x"}, {"coding": concept("a")["coding"] + concept("b")["coding"]}, {"coding": concept("a")["coding"], "text": "x"}, concept("none"), concept("a", f"{NET}/CodeSystem/none")])}
    may = lambda share: chance.random() < share
    if may(0.5): o["id"] = "o"
    if may(0.2): o["text"] = {"status": "generated", "div": XHTML}
    if may(0.5): o["identifier"] = some(chance, [{"system": f"{NET}/ids", "value": "1"}, {"system": f"{NET}/ids", "value": "123"}, {"system": f"{NET}/more", "value": "x"}, {"value": "x"}, {"system": f"{NET}/other", "value": "X"}], 1)[:3]
    if may(0.6): o["category"] = some(chance, [concept("vital-signs", CATEGORY), concept("laboratory", CATEGORY), concept("a"), concept("a1"), {"text": "x"}, concept("laboratory", CATEGORY, display="Laboratory"), {"coding": [{"code": "laboratory"}]}], 1)[:3]
    target = pick([{"reference": "Patient/p"}, {"reference": "#p"}, {"reference": "Group/g"}, {"reference": "Device/d"}, {"display": "x"}, {"identifier": {"system": f"{NET}/ids", "value": "1"}}, {"reference": "Patient/p", "type": "Patient"}, {"type": "Patient", "identifier": {"system": f"{NET}/ids", "value": "1"}}, {"reference": "urn:uuid:7cde1b2a-1bbd-4a6c-b5b6-8f0f3c0a1d11"}, {"reference": "http://example.com/fhir/Patient/p"}])
    if may(0.7): o["subject"] = target
    contained = {"p": pick([{"resourceType": "Patient", "id": "p"}, {"resourceType": "Patient", "id": "p", "name": [{"family": "x"}]}]), "d": {"resourceType": "Practitioner", "id": "d", "active": True}, "org": {"resourceType": "Organization", "id": "org", "name": "x"}}
    if may(0.4): o["performer"] = some(chance, [{"reference": "#d"}, {"reference": "#org"}, {"reference": "Practitioner/x"}, {"reference": "#p"}, {"display": "x"}, {"reference": "Organization/x"}], 1)[:3]
    used = [r["reference"][1:] for r in [o.get("subject", {}), *o.get("performer", [])] if r.get("reference", "").startswith("#")]
    if used: o["contained"] = [contained[i] for i in dict.fromkeys(used)]
    if may(0.5): o.update(pick([{"effectiveDateTime": "2020-05-01"}, {"effectiveDateTime": "2019"}, {"effectivePeriod": {"start": "2020-01-01"}}, {"effectivePeriod": {"end": "2020-01-01"}}, {"effectiveDateTime": "2999-01-01"}]))
    if may(0.7): o.update(pick([{"valueQuantity": {"value": 3, "unit": "kg", "system": UCUM, "code": "kg"}}, {"valueQuantity": {"value": 7, "system": UCUM, "code": "g"}}, {"valueQuantity": {"value": 3, "comparator": "<", "system": UCUM, "code": "kg"}}, {"valueQuantity": {"unit": "kg"}}, {"valueString": "x"}, {"valueString": "too long"}, {"valueInteger": 5}, {"valueInteger": 9}, {"valueCodeableConcept": concept("a")}, {"valueCodeableConcept": concept("c")}, {"valueCodeableConcept": {"text": "x"}}, {"valueCodeableConcept": concept("a2")}, {"valueBoolean": True}, {"valueQuantity": {"value": 500, "system": UCUM, "code": "g", "unit": "g"}}, {"valueQuantity": {"value": 5, "system": UCUM, "code": "m", "unit": "m"}}]))
    if may(0.2): o["interpretation"] = some(chance, [{"text": "x"}, concept("a")], 1)
    if may(0.2): o["note"] = [{"text": pick(["abc", "ABC", "abcdefg"])}]
    if may(0.1): o["bodySite"] = {"text": "x"}
    if may(0.1): o["method"] = {"text": "x"}
    if may(0.2): o["referenceRange"] = [pick([{"text": "x"}, {"low": {"value": 1}}])]
    if may(0.6):
        parts = [{"code": concept("a"), "valueQuantity": {"value": 1}}, {"code": concept("a"), "valueString": "x"}, {"code": concept("b")}, {"code": concept("b"), "valueQuantity": {"value": 20}}, {"code": concept("a"), "dataAbsentReason": {"text": "x"}}, {"code": concept("c")}, {"code": {"text": "x"}, "valueBoolean": True}, {"code": concept("a"), "referenceRange": [{"low": {"value": 1}}]}, {"code": concept("a", display="Alpha"), "referenceRange": [{"text": "x"}]}]
        o["component"] = copy.deepcopy(some(chance, parts, 1)[:4])
    return o


def patient(chance):
    pick = chance.choice
    p = {"resourceType": "Patient"}
    may = lambda share: chance.random() < share
    if may(0.5): p["id"] = "p"
    if may(0.3): p["identifier"] = [{"system": f"{NET}/ids", "value": "1"}]
    if may(0.5): p["active"] = pick([True, False])
    if may(0.8): p["name"] = copy.deepcopy(some(chance, [{"family": "x"}, {"use": "official", "family": "Jansen"}, {"use": "official", "given": ["Jan"]}, {"use": "usual", "text": "x"}, {"given": ["Jan", "Piet"]}, {"use": "official", "family": "Vries", "period": {"start": "2020"}}], 1)[:3])
    if may(0.6): p["telecom"] = copy.deepcopy(some(chance, [{"system": "phone", "value": "0612"}, {"system": "email", "value": "a@b.nl"}, {"system": "phone", "value": "06-12"}, {"value": "x"}], 1)[:3])
    if may(0.5): p["gender"] = pick(["male", "female", "unknown"])
    if may(0.5): p["birthDate"] = pick(["1970-01-01", "1940", "2010-05", "2000-12-31"])
    if may(0.2) and "birthDate" in p: p["_birthDate"] = {"extension": [{"url": f"{NET}/StructureDefinition/ext-primitive", "valueString": "x"}]}
    if may(0.3): p.update(pick([{"deceasedBoolean": False}, {"deceasedDateTime": "2020"}]))
    if may(0.4): p["address"] = copy.deepcopy(some(chance, [{"city": "x"}, {"city": "x", "line": ["a", "b"]}, {"line": ["a"]}], 1)[:2])
    if may(0.3): p["maritalStatus"] = pick([concept("a"), concept("c"), {"text": "x"}])
    if may(0.3): p["contact"] = [pick([{"name": {"family": "x"}}, {"relationship": [{"text": "x"}]}, {"name": {"text": "x"}, "relationship": [{"text": "x"}]}, {"gender": "male"}])]
    if may(0.1): p["photo"] = [{"title": "x"}]
    if may(0.1): p["generalPractitioner"] = [{"display": "x"}, {"display": "y"}]
    if may(0.1): p["link"] = [{"other": {"reference": "Patient/x"}, "type": "seealso"}]
    return p


MAKERS = {"Observation": observation, "Patient": patient}


def of_profiles(chance, each):
    """Definitions, and instances against them."""
    definitions = [*terminology(), *extensions(), *profiles(chance)]
    asked = [d for d in definitions if d["id"].startswith("made-")]
    cases = []
    for definition in asked:
        cases.append(("definition", definition["id"], definition, []))
        for _ in range(each):
            resource = MAKERS[definition["type"]](chance)
            if chance.random() < 0.35:
                for _ in range(chance.choice([1, 1, 2])):
                    bear(resource, chance)
            if chance.random() < 0.3:
                resource.setdefault("meta", {})["profile"] = [definition["url"]]
                cases.append(("claimed", definition["id"], resource, []))
            else:
                cases.append(("asked", definition["id"], resource, [definition["url"]]))
    return definitions, cases


# --- Forms. ---

TYPES = "group display boolean decimal integer date dateTime time string text url choice open-choice attachment reference quantity".split()
ANSWERS = {
    "boolean": [{"valueBoolean": True}, {"valueBoolean": False}], "decimal": [{"valueDecimal": 1.5}, {"valueDecimal": 10.25}], "integer": [{"valueInteger": 1}, {"valueInteger": 9}], "date": [{"valueDate": "2020-01-01"}, {"valueDate": "2021"}], "dateTime": [{"valueDateTime": "2020-01-01T10:00:00Z"}, {"valueDateTime": "2020"}],
    "time": [{"valueTime": "10:00:00"}], "string": [{"valueString": "abc"}, {"valueString": "abcdefgh"}], "text": [{"valueString": "abc"}, {"valueString": "a\nb"}], "url": [{"valueUri": "http://x.org"}, {"valueUri": "x"}], "choice": [{"valueCoding": {"system": f"{NET}/CodeSystem/made", "code": c}} for c in "abc"] + [{"valueCoding": {"code": "a"}}, {"valueString": "a"}],
    "open-choice": [{"valueCoding": {"system": f"{NET}/CodeSystem/made", "code": c}} for c in "ac"] + [{"valueString": "a"}], "attachment": [{"valueAttachment": {"contentType": "text/plain", "title": "x"}}], "reference": [{"valueReference": {"reference": "Patient/p"}}, {"valueReference": {"display": "x"}}], "quantity": [{"valueQuantity": {"value": 1, "system": UCUM, "code": "kg"}}, {"valueQuantity": {"value": 2}}],
}
MORE = "http://hl7.org/fhir/StructureDefinition/"


def form_items(chance, prefix, depth, known):
    items = []
    for number in range(chance.randint(1, 4)):
        link = f"{prefix}{number + 1}"
        kind = chance.choice(TYPES if depth < 3 else TYPES[1:])
        item = {"linkId": link, "text": chance.choice(["x", "y"]), "type": kind}
        may = lambda share: chance.random() < share
        if may(0.3) and kind != "display": item["required"] = True
        if may(0.3) and kind != "display": item["repeats"] = True
        if kind in ("string", "text", "url") and may(0.3): item["maxLength"] = 4
        if kind in ("choice", "open-choice"):
            if may(0.5): item["answerValueSet"] = f"{NET}/ValueSet/{chance.choice(['listed', 'all', 'below', 'unknown'])}"
            elif may(0.8): item["answerOption"] = [{"valueCoding": {"system": f"{NET}/CodeSystem/made", "code": c}} for c in "ab"] if may(0.7) else [{"valueString": "a"}]
        elif kind in ("integer", "date", "string") and may(0.2): item["answerOption"] = [copy.deepcopy(a) for a in ANSWERS[kind][:1]]
        bounds = {"integer": ("valueInteger", 2, 8), "decimal": ("valueDecimal", 2, 8), "date": ("valueDate", "2020-06-01", "2020-12-31")}.get(kind)
        if bounds and may(0.4): item["extension"] = [{"url": MORE + chance.choice(["minValue", "maxValue"]), bounds[0]: chance.choice(bounds[1:])}]
        if kind in ("string", "text") and may(0.3): item["extension"] = [chance.choice([{"url": MORE + "minLength", "valueInteger": 4}, {"url": MORE + "regex", "valueString": "[a-c]+"}])]
        if kind == "decimal" and may(0.3): item["extension"] = [{"url": MORE + "maxDecimalPlaces", "valueInteger": 1}]
        if kind in ANSWERS and item.get("repeats") and may(0.4): item["extension"] = [chance.choice([{"url": MORE + "questionnaire-minOccurs", "valueInteger": 2}, {"url": MORE + "questionnaire-maxOccurs", "valueInteger": 1}])]
        if kind in ANSWERS and kind not in ("choice",) and "answerOption" not in item and may(0.15): item["initial"] = copy.deepcopy(ANSWERS[kind][: 2 if item.get("repeats") else 1])
        if known and may(0.35):
            question, of = chance.choice(known)
            operator = chance.choice(["exists", "=", "!=", ">", "<"] if of in ("integer", "decimal", "date") else ["exists", "=", "!="])
            answer = {k.replace("value", "answer"): copy.deepcopy(v) for k, v in (ANSWERS[of][0] if of in ANSWERS else {"valueBoolean": True}).items()}
            answer = {"answerString" if k == "answerUri" else k: v for k, v in answer.items() if k != "answerAttachment"} or {"answerBoolean": True}
            if operator == "exists": answer = {"answerBoolean": may(0.7)}
            item["enableWhen"] = [{"question": question, "operator": operator, **answer}]
            if may(0.3):
                item["enableWhen"].append({"question": question, "operator": "exists", "answerBoolean": True})
                item["enableBehavior"] = chance.choice(["all", "any"])
        if kind in ANSWERS: known.append((link, kind))
        if kind == "group" or (depth < 2 and kind != "display" and may(0.2)):
            item["item"] = form_items(chance, link + ".", depth + 1, known)
        items.append(item)
    return items


def answer_items(chance, items):
    made = []
    for item in items:
        if chance.random() < (0.1 if item.get("required") else 0.35): continue
        for _ in range(2 if item["type"] == "group" and (item.get("repeats") or chance.random() < 0.1) else 1):
            it = {"linkId": item["linkId"]}
            if chance.random() < 0.2: it["text"] = chance.choice(["x", "y"])
            if item["type"] == "group":
                inner = answer_items(chance, item.get("item", []))
                if inner: it["item"] = inner
            elif item["type"] in ANSWERS:
                pool = ANSWERS[item["type"]] if chance.random() < 0.92 else ANSWERS[chance.choice(sorted(ANSWERS))]
                answers = copy.deepcopy(some(chance, pool, 1)[: 2 if item.get("repeats") or chance.random() < 0.1 else 1])
                inner = answer_items(chance, item.get("item", []))
                if inner and answers: answers[0]["item"] = inner
                if answers: it["answer"] = answers
            made.append(it)
    if len(made) > 1 and chance.random() < 0.05: made.reverse()
    if chance.random() < 0.03: made.append({"linkId": "none", "answer": [{"valueBoolean": True}]})
    return made


def of_forms(chance, each):
    form = {"resourceType": "Questionnaire", "id": "form", "url": f"{NET}/Questionnaire/form", "version": "1", "name": "Form", "status": "active", "item": form_items(chance, "", 0, [])}
    cases = [("form", "form", form, [])]
    for _ in range(each):
        response = {"resourceType": "QuestionnaireResponse", "questionnaire": form["url"] + chance.choice(["", "", "|1", "|2"]), "status": chance.choice(["completed", "completed", "in-progress", "amended", "stopped"])}
        items = answer_items(chance, form["item"])
        if items: response["item"] = items
        cases.append(("response", "form", response, []))
    return [*terminology(), form], cases


# --- Bundles. ---


def entry(chance, resource, kind, broken):
    base = chance.choice(["http://example.com/fhir", "http://example.com/fhir", "urn"])
    url = f"urn:uuid:{chance.randrange(16**8):08x}-1bbd-4a6c-b5b6-8f0f3c0a1d11" if base == "urn" else f"{base}/{resource['resourceType']}/{resource['id']}"
    made = {"fullUrl": url, "resource": resource}
    if kind in ("transaction", "batch", "history"): made["request"] = {"method": chance.choice(["POST", "PUT", "GET", "DELETE"]), "url": f"{resource['resourceType']}/{resource['id']}"}
    if kind in ("transaction-response", "batch-response", "history"): made["response"] = {"status": "200 OK"}
    if kind == "searchset": made["search"] = {"mode": chance.choice(["match", "include"])}
    if broken:
        chance.choice([
            lambda: made.pop("fullUrl"), lambda: made.update(fullUrl="Patient/x"), lambda: made.update(fullUrl="http://example.com/fhir/Patient/other"), lambda: made.pop("resource"), lambda: made.pop("request", None), lambda: made.update(request={"method": "GET", "url": "x"}), lambda: made.update(response={"status": "x"}), lambda: made.pop("response", None),
            lambda: made.update(search={"mode": "outcome"}), lambda: resource.pop("id", None), lambda: made.update(fullUrl="urn:uuid:x"), lambda: made.update(fullUrl="urn:oid:1.2.3"), lambda: made.update(fullUrl=url + "/_history/1"), lambda: resource.setdefault("meta", {}).update(versionId="2"), lambda: made.update(link=[{"relation": "self", "url": "x"}]), lambda: made.update(fullUrl=url + "|1"), lambda: made.pop("search", None),
        ])()
    return made


def of_bundles(chance, each):
    cases = []
    for _ in range(each):
        kind = chance.choice(["document", "document", "message", "transaction", "transaction-response", "batch", "batch-response", "history", "searchset", "collection", "collection"])
        resources = [patient(chance) | {"id": "p"}, {"resourceType": "Practitioner", "id": "d", "active": True}, {"resourceType": "Organization", "id": "org", "name": "x"}, observation(chance) | {"id": "o"}]
        resources = some(chance, resources, 1)
        chance.shuffle(resources)
        if kind == "document":
            sections = [{"title": "x", "entry": [{"reference": f"{r['resourceType']}/{r['id']}"}]} for r in resources if chance.random() < 0.9]
            composition = {"resourceType": "Composition", "id": "c", "status": "final", "type": {"text": "x"}, "date": "2020-01-01", "author": [chance.choice([{"reference": "Practitioner/d"}, {"display": "x"}])], "title": "x", "subject": {"reference": "Patient/p"}}
            if sections: composition["section"] = sections
            if chance.random() < 0.3: composition.pop("subject")
            resources.insert(0 if chance.random() < 0.9 else len(resources), composition)
        if kind == "message":
            resources.insert(0 if chance.random() < 0.9 else len(resources), {"resourceType": "MessageHeader", "id": "m", "eventUri": "http://x.org", "source": {"endpoint": "http://x.org"}, "focus": [{"reference": chance.choice(["Patient/p", "Patient/none"])}]})
        bundle = {"resourceType": "Bundle", "type": kind, "entry": [entry(chance, r, kind, chance.random() < 0.15) for r in resources]}
        if chance.random() < 0.75: bundle["identifier"] = {"system": "urn:ietf:rfc:3986", "value": "urn:uuid:7cde1b2a-1bbd-4a6c-b5b6-8f0f3c0a1d11"}
        if chance.random() < 0.75: bundle["timestamp"] = "2020-01-01T10:00:00Z"
        if chance.random() < (0.5 if kind in ("searchset", "history") else 0.07): bundle["total"] = 3
        if chance.random() < 0.2: bundle["link"] = some(chance, [{"relation": "self", "url": "http://example.com/fhir/Patient?x=y"}, {"relation": "next", "url": "http://x.org"}, {"relation": "self", "url": "http://x.org"}, {"relation": "other", "url": "x"}, {"relation": "stylesheet", "url": "x"}], 1)
        if chance.random() < 0.1 and bundle["entry"]: bundle["entry"].append(copy.deepcopy(bundle["entry"][-1]))
        if chance.random() < 0.05: bundle["entry"] = []
        cases.append((f"bundle-{kind}", kind, bundle, []))
    return [*terminology(), *extensions()], cases


def groups(chance, count, each):
    """Definitions with cases against them: `(definitions, [(kind, of what, resource, profiles)])`."""
    for number in range(count):
        yield of_profiles(chance, each)
        if number % 2 == 0:
            yield of_forms(chance, each)
    if count:
        yield of_bundles(chance, count * each)
