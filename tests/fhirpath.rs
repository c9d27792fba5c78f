//! FHIRPath from outside: what expressions yield on small resources, and that the published constraints compile.

mod common;

use overdracht::fhir::definitions::Definitions;
use overdracht::fhirpath::{
    Context, ElementDescription, EvalErrorKind, Item, Node, Program, Resolve, TypeDescription, TypeId, TypeModel,
    Types, compile,
};
use serde_json::{Value, json};
use std::sync::Arc;

/// A few types, as their definitions describe them.
struct Table;

impl TypeModel for Table {
    fn describe(&self, name: &str) -> Option<TypeDescription> {
        let (base, elements): (&str, &[(&str, &str)]) = match name {
            "Patient" => (
                "DomainResource",
                &[
                    ("id", "id"),
                    ("extension", "Extension"),
                    ("contained", "Resource"),
                    ("active", "boolean"),
                    ("name", "HumanName"),
                    ("birthDate", "date"),
                    ("deceased[x]", "boolean dateTime"),
                    ("multipleBirth[x]", "boolean integer"),
                    ("contact", "Patient.contact"),
                    ("link", "Patient.link"),
                    ("managingOrganization", "Reference"),
                ],
            ),
            "Patient.contact" => ("BackboneElement", &[("name", "HumanName"), ("gender", "code")]),
            "HumanName" => (
                "Element",
                &[
                    ("id", "string"),
                    ("extension", "Extension"),
                    ("use", "code"),
                    ("family", "string"),
                    ("given", "string"),
                    ("period", "Period"),
                ],
            ),
            "Period" => ("Element", &[("extension", "Extension"), ("start", "dateTime"), ("end", "dateTime")]),
            "Observation" => (
                "DomainResource",
                &[
                    ("id", "id"),
                    ("contained", "Resource"),
                    ("status", "code"),
                    ("subject", "Reference"),
                    ("value[x]", "Quantity string CodeableConcept dateTime integer boolean"),
                    ("component", "Observation.component"),
                    ("issued", "instant"),
                ],
            ),
            "Observation.component" => ("BackboneElement", &[("value[x]", "Quantity string")]),
            "Quantity" => (
                "Element",
                &[
                    ("value", "decimal"),
                    ("comparator", "code"),
                    ("unit", "string"),
                    ("system", "uri"),
                    ("code", "code"),
                ],
            ),
            "Extension" => (
                "Element",
                &[("url", "uri"), ("extension", "Extension"), ("value[x]", "string canonical boolean Reference")],
            ),
            "Reference" => ("Element", &[("reference", "string"), ("display", "string")]),
            "CodeableConcept" => ("Element", &[("coding", "Coding"), ("text", "string")]),
            "Coding" => ("Element", &[("system", "uri"), ("code", "code"), ("display", "string")]),
            "Resource" => return Some(TypeDescription::default()),
            "DomainResource" => ("Resource", &[("contained", "Resource")]),
            _ => return None,
        };
        let element = |(name, types): &(&str, &str)| ElementDescription {
            name: name.trim_end_matches("[x]").to_owned(),
            types: types.split(' ').map(str::to_owned).collect(),
            choice: name.ends_with("[x]"),
        };
        Some(TypeDescription { base: Some(base.to_owned()), elements: elements.iter().map(element).collect() })
    }
}

fn typed() -> Arc<Types> {
    Arc::new(Types::new(Arc::new(Table)))
}

fn patient() -> Value {
    json!({
        "resourceType": "Patient",
        "id": "p",
        "active": true,
        "name": [
            {
                "use": "official",
                "family": "Jansen",
                "_family": { "extension": [{ "url": "http://x/own", "valueString": "own" }] },
                "given": ["Anna", null, "Bea"],
                "_given": [null, { "extension": [{ "url": "http://x/initial", "valueString": "C." }] }]
            },
            { "use": "nickname", "given": ["An"] }
        ],
        "_birthDate": { "extension": [{ "url": "http://x/unknown", "valueBoolean": true }] },
        "deceasedDateTime": "2024-05",
        "multipleBirthInteger": 2,
        "contact": [{ "gender": "female", "name": { "family": "Bakker" } }],
        "contained": [
            { "resourceType": "Observation", "id": "o", "status": "final",
              "valueQuantity": { "value": 1.5, "unit": "g", "system": "http://unitsofmeasure.org", "code": "g" } }
        ],
        "managingOrganization": { "reference": "#o" }
    })
}

fn shown(item: &Item<'_>) -> String {
    match item {
        Item::Node(node) => match node.value() {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        },
        Item::Boolean(value) => value.to_string(),
        Item::Integer(value) => value.to_string(),
        Item::Decimal(value) => value.to_string(),
        Item::Text(text) => text.to_string(),
        Item::Moment(moment) => moment.to_string(),
        Item::Quantity(quantity) => quantity.to_string(),
    }
}

fn program(types: &Arc<Types>, expression: &str, focus: &str) -> Program {
    compile(expression, types.intern(focus), types).unwrap_or_else(|error| panic!("{expression}: {error}"))
}

/// What `expression` yields on `resource`, its items separated by commas; an error by its kind.
fn evaluated(types: &Arc<Types>, resource: &Value, expression: &str) -> String {
    let program = program(types, expression, resource["resourceType"].as_str().unwrap_or_default());
    let node = Node::resource(resource, types);
    let now = "2024-06-01T12:30:00+02:00[Europe/Amsterdam]".parse().unwrap();
    let context = Context { now: Some(&now), budget: 300_000, ..Context::new(node) };
    let all = match program.evaluate(&context, node) {
        Ok(items) => items.iter().map(shown).collect::<Vec<_>>().join(","),
        Err(error) => format!("{:?}", error.kind),
    };
    // The path without collections says the same.
    let truth = program.evaluate_bool(&context, node);
    match (all.as_str(), truth) {
        ("true", Ok(Some(true))) | ("false", Ok(Some(false))) | ("", Ok(None)) => {}
        ("true" | "false" | "", other) => panic!("{expression}: {all} as a collection, {other:?} as a boolean"),
        _ => {}
    }
    all
}

/// Every line of `table`: an expression, ` => `, what it yields.
fn check(types: &Arc<Types>, resource: &Value, table: &str) {
    let mut wrong = Vec::new();
    for line in table.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (expression, expected) = line.rsplit_once("=>").unwrap_or_else(|| panic!("no => in {line}"));
        let found = evaluated(types, resource, expression.trim());
        if found != expected.trim() {
            wrong.push(format!("{}\n    expected {:?}, found {found:?}", expression.trim(), expected.trim()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The same answers with definitions and, for what needs none, without.
fn check_both(table: &str) {
    check(&typed(), &patient(), table);
    check(&Arc::new(Types::untyped()), &patient(), table);
}

#[test]
fn paths_lead_through_lists_choices_and_contained_resources() {
    check_both(
        "name.given.where($this.hasValue()) => Anna,Bea,An
         name.family => Jansen
         Patient.name.use => official,nickname
         Observation.name =>
         name[1].given => An
         name[7] =>
         deceased => 2024-05
         multipleBirth + 1 => 3
         contact.name.family => Bakker
         contained.value.unit => g
         contained.value.ofType(Quantity).value => 1.5
         contained.is(Observation) => true
         contained.is(Patient) => false
         Resource.id => p
         `name`.`use` => official,nickname
         nothing.at.all =>",
    );
}

#[test]
fn primitives_without_a_value_are_elements_all_the_same() {
    check_both(
        "name.given.count() => 4
         birthDate.exists() => true
         birthDate.hasValue() => false
         birthDate.extension('http://x/unknown').value => true
         birthDate.extension.where(url = 'http://x/unknown').exists() => true
         birthDate = @2020 =>
         name[0].family.extension('http://x/own').value => own
         name[0].family.extension.url => http://x/own
         name[0].family.hasValue() => true
         name.family.getValue() => Jansen
         name.hasValue() => false
         name.use.getValue() =>
         name.getValue() =>
         name.use.hasValue() => false
         name.given[1].extension('http://x/initial').value => C.
         name.given[0].extension.exists() => false
         name.given.extension.value => C.",
    );
}

#[test]
fn types_are_tested_by_what_the_definitions_say() {
    check(
        &typed(),
        &patient(),
        "deceased is dateTime => true
         deceased is boolean => false
         deceased.ofType(boolean).empty() => true
         (deceased as dateTime) => 2024-05
         active is Boolean => true
         active is System.Boolean => false
         true is System.Boolean => true
         multipleBirth is integer => true
         name[0].use is code => true
         name[0].use is string => true
         name[0].family is code => false
         Patient is DomainResource => true
         Patient is FHIR.Resource => true
         contact is BackboneElement => true
         contact is Element => true
         descendants().as(canonical).empty() => true
         descendants().ofType(code).count() => 5
         contained.value is Quantity => true
         1 is Integer => true
         1.0 is Integer => false
         @2020 is Date => true",
    );
}

#[test]
fn booleans_have_three_values() {
    check_both(
        "{} and false => false
         {} and true =>
         {} or true => true
         {} or false =>
         {} implies true => true
         {} implies false =>
         false implies {} => true
         true implies {} =>
         {} xor true =>
         {}.not() =>
         name.family and true => true
         name.use and true => NotSingle
         name.all(given.exists()) => true
         name.all(family.exists()) => false
         {}.all(false) => true
         name.exists(use = 'nickname') => true
         (true | false).allTrue() => false
         (true | false).anyTrue() => true
         {}.allFalse() => true",
    );
}

#[test]
fn equality_compares_collections_and_equivalence_their_content() {
    check_both(
        "name.use = 'official' => false
         name.use = ('official' | 'nickname') => true
         name.use = ('nickname' | 'official') => false
         name.use ~ ('nickname' | 'Official') => true
         {} = {} =>
         {} ~ {} => true
         {} = 1 =>
         {} ~ 1 => false
         1 = 1.0 => true
         1.10 = 1.1 => true
         1 != 2 => true
         'a' = 'A' => false
         'a  b' ~ 'A B' => true
         1.01 ~ 1.0 => true
         1.16 ~ 1.1 => false
         'x' !~ 'y' => true
         name[0] = name[0] => true
         name[0] = name[1] => false
         contained.value = contained.value => true
         1 = 'a' => false
         0.1 + 0.2 = 0.3 => true
         9007199254740993 = 9007199254740992 => false",
    );
}

#[test]
fn partial_dates_compare_as_far_as_they_are_known() {
    check_both(
        "@2024-05 < @2024-06 => true
         @2024-05 < @2024-05-02 =>
         @2024 = @2024-05 =>
         @2024-05 = @2023 => false
         @2024-05-01 != @2024-05-02 => true
         @2024-05-01T10:00:00+02:00 = @2024-05-01T08:00:00Z => true
         @2024-05-01T10:00:00 = @2024-05-01T08:00:00Z =>
         @2024-05-01T10:00:00 < @2024-05-03T08:00:00Z => true
         @2024-05-01T10:00:00.000 = @2024-05-01T10:00:00 => true
         @2024-05-01T10:00 = @2024-05-01T10:00:00 =>
         @T10:00 < @T11 => true
         @2024-05 ~ @2024 => false
         @2024-05 = @2024-05T => true
         deceased > @2024-04 => true
         deceased = @2024-05T => true
         @2024-02-29 + 1 year => 2025-02-28
         @2024-01-31 + 1 month => 2024-02-29
         @2024 + 24 months => 2026
         @2024-05-01 - 1 day => 2024-04-30
         @2024-05-01T10:00:00Z + 90 minutes => 2024-05-01T11:30:00Z
         @T23:30 + 1 hour => 00:30
         @T10:30 < @T10 =>
         @T10:30:15.5 > @T10:30:15 => true
         @2024-05-06T10 < @2024-05-06T10:30 =>
         @2024-05-06T10:30:00 ~ @2024-05-06T10:30:00.000 => true
         @2024-05-06T10:30 ~ @2024-05-06T10:30:00 => false
         @2024-05-06 = @T10:30 => false
         @2024-05-06 < @T10:30 => WrongType
         @2024-05-06 + 1.9 days => 2024-05-07
         @2024-05-06T10:30:15 + 1.5 seconds => 2024-05-06T10:30:16.500
         @2024 + 1 'd' => 2024
         @2024-05-01 + 1 'mo' => WrongType
         today() => 2024-06-01
         now() > @2024-06-01T10:00:00Z => true
         timeOfDay() = @T12:30:00 => true
         1 < 'a' => WrongType",
    );
}

#[test]
fn quantities_compare_across_units() {
    check_both(
        "1 'g' = 1000 'mg' => true
         1 'kg' > 999 'g' => true
         1 'g' = 1 'cm' =>
         1 'g' < 1 'cm' =>
         contained.value = 1.5 'g' => true
         contained.value >= 1400 'mg' => true
         contained.value < 1 'kg' => true
         7 days = 1 week => true
         1 year = 12 months => true
         1 year = 1 'a' =>
         1 year ~ 1 'a' => true
         1 month < 1 'mo' =>
         1 second = 1 's' => true
         1 week ~ 7 days => true
         1 year * 2 => 2 years
         2 * 1 month => 2 months
         12 months / 3 => 4 months
         (-2 'mg').abs() => 2 'mg'
         1 'g' ~ 1000 'mg' => true
         1 'g' ~ 1001 'mg' => true
         1.5 'g' ~ 1500 'mg' => true
         contained.value.abs() => 1.5 'g'
         contained.value.lowBoundary(2) => 1.45 'g'
         contained.value.highBoundary(2) => 1.55 'g'
         contained.value.hasValue() => false
         4 'mg'.hasValue() => false
         '1.5'.toQuantity() => 1.5 '1'
         '1 week'.toQuantity() => 1 week
         '1 \\'wk\\''.toQuantity() => 1 'wk'
         '1 wk'.toQuantity() =>
         1.toQuantity() => 1 '1'
         true.toQuantity() => 1 '1'
         '4 days'.convertsToQuantity('day') => true
         '4 days'.convertsToQuantity('g') => false
         3 'cm' * 2 => 6 'cm'
         1 'm' + 5 'cm' => 1.05 'm'
         2 'm' / 1 'm' => 2 '1'
         '4 days'.toQuantity() => 4 days
         '4 mg'.convertsToQuantity() => false
         (0.1 'g').toQuantity('mg') => 100 'mg'
         -(1 'g') => -1 'g'",
    );
}

#[test]
fn collections_are_cut_joined_and_projected() {
    check_both(
        "(1 | 2 | 2 | 3) => 1,2,3
         (1 | 2).combine(2 | 3) => 1,2,2,3
         (1 | 2).union(2 | 3) => 1,2,3
         (1 | 2 | 3).intersect(2 | 3 | 4) => 2,3
         (1 | 2 | 3).exclude(2) => 1,3
         (1 | 2 | 3).first() => 1
         (1 | 2 | 3).last() => 3
         (1 | 2 | 3).tail() => 2,3
         (1 | 2 | 3).skip(2) => 3
         (1 | 2 | 3).take(2) => 1,2
         (1 | 2 | 3).take(0) =>
         (1 | 2).single() => NotSingle
         {}.single() =>
         (1 | 1).count() => 1
         (1).combine(1).distinct() => 1
         (1).combine(1).isDistinct() => false
         2 in (1 | 2) => true
         (1 | 2) contains 3 => false
         {} in (1 | 2) =>
         (1 | 2).subsetOf(1 | 2 | 3) => true
         (1 | 4).subsetOf(1 | 2 | 3) => false
         (1 | 2 | 3).supersetOf(1 | 2) => true
         name.select(given.first() & '!') => Anna!,An!
         name.where($index = 1).use => nickname
         (1 | 2 | 3).aggregate($total + $this, 0) => 6
         (1 | 2 | 3).aggregate(iif($total.empty(), $this, $total * $this)) => 6
         (3 | 1).select($this * 2) => 6,2
         (1).repeat(iif($this < 4, $this + 1, {})) => 2,3,4
         contained.repeat(contained).empty() => true
         iif(true, 1, 1 / 0) => 1
         iif({}, 1, 2) => 2
         iif(false, 1) =>
         {}.iif(empty(), 'none', 'some') => none
         (1 | 2).iif(count() = 2, last()) => 2
         children().count() > 5 => true
         contact.children().count() => 2
         children().count() = children().where(true).count() => true
         name.children().count() = name.children().where(true).count() => true
         contained.children().count() = contained.children().where(true).count() => true
         (active.exists() = name.exists()) => true
         (active.exists() != nothing.exists()) => true
         contact.descendants().count() => 3
         name.trace('x', given).count() => 2
         name.trace('x').given.trace('y', $this).count() => 4
         (1 | 2 | 3).aggregate(iif($total.empty() or $this > $total, $this, $total)) => 3
         (1 | 2 | 3).aggregate($total & $index.toString(), '') => 012
         {}.aggregate($total + $this, 5) => 5
         name.repeat(children()).count() = name.descendants().count() => true
         contact.repeat(name).family => Bakker
         children().children().count() < descendants().count() => true",
    );
}

#[test]
fn strings_count_characters() {
    check_both(
        "'été'.length() => 3
         'été'.indexOf('é') => 0
         'été'.substring(1) => té
         'été'.substring(1, 1) => t
         'été'.substring(3) =>
         'été'.substring(-1) =>
         'été'.upper() => ÉTÉ
         'abc'.startsWith('') => true
         'abc'.endsWith('bc') => true
         'abc'.contains('x') => false
         'abc'.replace('b', 'xx') => axxc
         'a.b'.replaceMatches('\\\\..*', '') => a
         'ab'.matches('^b') => false
         'ab'.matches('b') => true
         'ab'.matchesFull('b') => false
         'ab'.matchesFull('a|ab') => true
         'a\\nb'.matches('a.b') => true
         'ab'.matches('') => true
         'ab'.matches({}) =>
         'abc'.split('') => a,b,c
         '11/30/1972'.replaceMatches('(\\\\d+)/(\\\\d+)/(\\\\d+)', '$3-$1-$2') => 1972-11-30
         'abc'.toChars() => a,b,c
         'a,b'.split(',') => a,b
         ('a' | 'b').join('-') => a-b
         'a' + 'b' => ab
         'a' + {} =>
         'a' & {} => a
         ' a '.trim() => a
         {}.length() =>
         name.given.first().startsWith('A') => true
         name.use.startsWith('o') => NotSingle
         1.startsWith('1') => WrongType
         '\\u00e9\\'' => é'
         '\\p' => p
         '\\u12' => u12",
    );
}

#[test]
fn numbers_are_exact() {
    check_both(
        "1 / 4 => 0.25
         7 div 2 => 3
         -7 div 2 => -3
         7 mod 2 => 1
         7.5 mod 2 => 1.5
         1 / 0 =>
         9223372036854775807 + 1 =>
         2 + 3 * 4 => 14
         (2 + 3) * 4 => 20
         -1.abs() => -1
         (-1).abs() => 1
         1.1.ceiling() => 2
         (-1.1).floor() => -2
         1.9.truncate() => 1
         1.55.round(1) => 1.6
         2.power(3) => 8
         2.power(0.5) > 1.4 => true
         (-1).power(0.5) =>
         (-1).sqrt() =>
         4.sqrt() = 2 => true
         8.log(2) = 3 => true
         0.exp() = 1 => true
         1.ln() = 0 => true
         1.587.lowBoundary(2) => 1.58
         1.587.highBoundary(2) => 1.59
         @2014.lowBoundary(6) => 2014-01
         @2014.highBoundary() => 2014-12-31
         1.58700.precision() => 5
         1.587.lowBoundary() => 1.58650000
         1.587.highBoundary() => 1.58750000
         (-1.587).lowBoundary(2) => -1.59
         1.lowBoundary(0) => 0
         1.highBoundary(0) => 2
         1.587.highBoundary(40) =>
         @2014-02.highBoundary(8) => 2014-02-28
         @2014-01-01T08.lowBoundary(17) => 2014-01-01T08:00:00.000+14:00
         @2014-01-01T08:05+02:00.highBoundary(17) => 2014-01-01T08:05:59.999+02:00
         @T10:30.lowBoundary(9) => 10:30:00.000
         @T10:30.highBoundary(9) => 10:30:59.999
         @2014.precision() => 4
         @2014-01-05T10:30:00.000.precision() => 17
         @T10:30.precision() => 4",
    );
}

#[test]
fn conversions_give_nothing_rather_than_something_else() {
    check_both(
        "'1'.toInteger() => 1
         '1.5'.toInteger() =>
         '1.5'.toDecimal() => 1.5
         '1e3'.convertsToDecimal() => false
         true.toInteger() => 1
         'Yes'.toBoolean() => true
         2.toBoolean() =>
         1.0.toString() => 1.0
         @2020-05.toString() => 2020-05
         '2020-13'.toDate() =>
         '2020-12-31T10:00:00Z'.toDate() => 2020-12-31
         '2020-02-30'.convertsToDate() => false
         '10:30'.toTime() => 10:30
         '2020-05'.toDateTime() = @2020-05T => true
         name.toString() => NotSingle
         deceased.toString().length() => 7
         {}.toInteger() =>
         {}.convertsToInteger() =>",
    );
}

#[test]
fn the_variables_of_fhir_are_known() {
    check_both(
        "%resource.id => p
         %rootResource.id => p
         %context.id => p
         contact.select(%resource.id) => p
         %ucum => http://unitsofmeasure.org
         %sct => http://snomed.info/sct
         %loinc => http://loinc.org
         %vs-gender => http://hl7.org/fhir/ValueSet/gender
         %`ext-birthPlace` => http://hl7.org/fhir/StructureDefinition/birthPlace
         %nobody => UnknownVariable
         managingOrganization.resolve().status => final
         ('#o').resolve().id => o
         ('Patient/x').resolve() =>
         'a'.memberOf('http://x') => NotSupported",
    );
}

#[test]
fn references_are_resolved_by_who_can() {
    struct One(Value);
    impl Resolve for One {
        fn resolve(&self, reference: &str) -> Option<&Value> {
            (reference == "Patient/p").then_some(&self.0)
        }
    }
    let types = typed();
    let observation = json!({ "resourceType": "Observation", "subject": { "reference": "Patient/p" } });
    let known = One(patient());
    let node = Node::resource(&observation, &types);
    let context = Context { resolver: Some(&known), ..Context::new(node) };
    let check = |expression: &str| program(&types, expression, "Observation").evaluate_bool(&context, node);
    assert_eq!(check("subject.resolve() is Patient"), Ok(Some(true)));
    assert_eq!(check("subject.resolve().name.family = 'Jansen'"), Ok(Some(true)));
    assert_eq!(check("subject.resolve().iif(empty(), true, ofType(Patient).exists())"), Ok(Some(true)));
}

#[test]
fn an_expression_says_what_its_types_do_not_have() {
    let types = typed();
    let lacking = |expression: &str| {
        program(&types, expression, "Patient")
            .warnings()
            .iter()
            .map(|w| format!("{}.{}", w.of, w.element))
            .collect::<Vec<_>>()
    };
    assert_eq!(lacking("name.famly.exists() and contact.name.given.exists()"), ["HumanName.famly"]);
    assert_eq!(lacking("contact.where(name.foo = 1)"), ["HumanName.foo"]);
    assert!(lacking("contained.anything.resolve().whatever").is_empty());
}

#[test]
fn repeats_within_repeats_are_compiled_once_each() {
    let types = typed();
    let nested = (0..30).fold("name".to_owned(), |inner, _| format!("repeat({inner})"));
    assert!(program(&types, &nested, "Patient").warnings().is_empty());
}

#[test]
fn a_hostile_expression_ends_with_an_error() {
    let types = typed();
    let nested = |open: &str, close: &str| format!("{}1{}", open.repeat(5000), close.repeat(5000));
    for hostile in [
        nested("(", ")"),
        nested("-", ""),
        nested("a.where(", ")"),
        nested("a[", "]"),
        format!("a{}", ".a".repeat(20_000)),
        format!("1{}", " + 1".repeat(10_000)),
        format!("1{}", " is Integer".repeat(4_000)),
        "a".repeat(100_000),
    ] {
        assert!(compile(&hostile, types.intern("Patient"), &types).is_err());
    }
    // As high as is allowed is still evaluated, on the small stack of a test's thread.
    let high = format!("1{}", " + 1".repeat(62));
    assert_eq!(evaluated(&types, &patient(), &high), "63");
    let deep = format!("{}true{}", "iif(".repeat(30), ", true)".repeat(30));
    assert_eq!(evaluated(&types, &patient(), &deep), "true");
    for costly in ["(1).repeat($this + 1)", "('a').repeat($this & $this)", "(1).repeat($this | ($this + 1)).count()"] {
        assert_eq!(evaluated(&types, &patient(), costly), format!("{:?}", EvalErrorKind::TooCostly));
    }
}

#[test]
fn the_steps_of_an_evaluation_grow_with_what_it_looks_at() {
    let types = typed();
    let steps = |expression: &str, names: usize| {
        let name = json!({ "family": "x", "given": ["a", "b"] });
        let resource = json!({ "resourceType": "Patient", "name": vec![name; names] });
        let node = Node::resource(&resource, &types);
        let spent = std::cell::Cell::new(0);
        let context = Context { spent: Some(&spent), ..Context::new(node) };
        program(&types, expression, "Patient").evaluate(&context, node).expect("an evaluation");
        spent.get()
    };
    for expression in [
        "descendants().count()",
        "name.given.distinct()",
        "name.select($index).isDistinct()",
        "name.family | name.given",
        "name.where(family = 'x').given.last()",
        "repeat(name)",
        "name.given.combine(name.family).select(length())",
    ] {
        let (few, many) = (steps(expression, 100), steps(expression, 1_000));
        assert!(few > 100 && many < few * 11, "{expression}: {few} steps, and {many} for ten times as much");
    }
    // What is not linear is counted, so that the budget ends it.
    for expression in ["name.distinct()", "name.aggregate($total.combine($this))", "name ~ name.skip(1)"] {
        assert!(steps(expression, 200) > 200, "{expression}");
    }
}

#[test]
fn narratives_are_checked_for_what_could_run() {
    let types = typed();
    let safe = |div: &str| {
        let value = Value::String(div.to_owned());
        let program = program(&types, "htmlChecks()", "xhtml");
        let resource = json!({ "resourceType": "Patient" });
        let context = Context::new(Node::resource(&resource, &types));
        program.evaluate_bool(&context, Node::new(&value, None, types.intern("xhtml")))
    };
    let inner = |content: &str| safe(&format!("<div xmlns=\"http://www.w3.org/1999/xhtml\">{content}</div>"));
    for good in
        ["text", "<p>a &amp; b</p>", "<img src=\"#a\"/>", "<table><tr><td colspan=\"2\">x</td></tr></table>", "&#233;"]
    {
        assert_eq!(inner(good), Ok(Some(true)), "{good}");
    }
    for bad in [
        "",
        "  <p> </p>",
        "<script>x</script>",
        "<p onclick=\"x\">x</p>",
        "<a href=\"java&#115;cript:x\">x</a>",
        "<a href=\" JavaScript:x\">x</a>",
        "<p>x",
        "<p>x</b>",
        "<form>x</form>",
        "<iframe src=\"x\">x</iframe>",
    ] {
        assert_eq!(inner(bad), Ok(Some(false)), "{bad}");
    }
    assert_eq!(safe("<p>no div</p>"), Ok(Some(false)));
    assert_eq!(safe("<!DOCTYPE div [<!ENTITY a \"b\">]><div>x</div>"), Ok(Some(false)));
}

/// The types of all definitions that are installed.
struct Installed(Definitions);

impl TypeModel for Installed {
    fn describe(&self, name: &str) -> Option<TypeDescription> {
        TypeDescription::from_structure(&*self.0.structure_for_type(name.split('.').next()?)?, name)
    }
}

/// The type of an element as a program's focus: the path itself where the element has elements of its own.
fn focus_of(types: &Types, element: &Value) -> TypeId {
    let path = element["path"].as_str().unwrap_or_default();
    match element["type"].as_array().map(Vec::as_slice) {
        _ if !path.contains('.') => types.intern(path),
        Some([of]) => match of["code"].as_str().unwrap_or_default() {
            "BackboneElement" | "Element" => types.intern(path),
            code => types.intern(code),
        },
        _ => TypeId::UNKNOWN,
    }
}

/// What is wrong with constraints as they were published: key, what we say of it, and why it is so.
const WRONG_AS_PUBLISHED: &[(&str, &str, &str)] = &[
    ("cid-0", "ChargeItemDefinition has no name", "copied from resources that have one; it can never hold"),
    ("ele-1", "Definition has no id", "a pattern that resources follow, not a type with instances"),
    ("ele-1", "Event has no id", "as Definition"),
    ("ele-1", "Event.performer has no id", "as Definition"),
    ("ele-1", "FiveWs has no id", "as Definition"),
    ("ele-1", "Request has no id", "as Definition"),
    ("inv-1", "Event has no notDoneReason", "the pattern calls it reasonCode"),
    ("inv-1", "Extension has no code", "written for the extension's owner, checked on the extension"),
    ("inv-1", "Extension has no substanceExposureRisk", "as the one before"),
    ("mp-2033-ma-1", "expected }, found a string (at offset 80)", "{'11','12'} is no FHIRPath: {} is always empty"),
    ("mp-2033-vv-1", "expected }, found a string (at offset 80)", "as the one before"),
];

#[test]
fn every_published_constraint_and_search_parameter_compiles() {
    let (true, Some(published)) = (common::packages(), common::shared("packages")) else { return };
    let mut packages: Vec<_> = std::fs::read_dir(published).expect("a folder").flatten().map(|it| it.path()).collect();
    packages.sort();
    let definitions = Definitions::builder().packages(packages).open().expect("the packages can be read");
    let canonicals: Vec<String> =
        definitions.entries("StructureDefinition").map(|entry| entry.url.to_string()).collect();
    let parameters = definitions.search_parameters(None);
    let model = Arc::new(Installed(definitions));
    let types = Arc::new(Types::new(model.clone()));
    let (mut seen, mut found) = (0, Vec::new());
    for canonical in canonicals {
        let Some(structure) = model.0.structure(&canonical) else { continue };
        for element in structure["snapshot"]["element"].as_array().into_iter().flatten() {
            for constraint in element["constraint"].as_array().into_iter().flatten() {
                let Some(expression) = constraint["expression"].as_str() else { continue };
                let key = constraint["key"].as_str().unwrap_or_default();
                seen += 1;
                match compile(expression, focus_of(&types, element), &types) {
                    Err(error) => found.push((key.to_owned(), error.to_string())),
                    Ok(program) => found.extend(
                        program.warnings().iter().map(|w| (key.to_owned(), format!("{} has no {}", w.of, w.element))),
                    ),
                }
            }
        }
    }
    for parameter in parameters {
        let Some(expression) = parameter["expression"].as_str() else { continue };
        seen += 1;
        if let Err(error) = compile(expression, TypeId::UNKNOWN, &types) {
            found.push((parameter["code"].to_string(), error.to_string()));
        }
    }
    found.sort();
    found.dedup();
    let known: Vec<_> =
        WRONG_AS_PUBLISHED.iter().map(|(key, what, _)| ((*key).to_owned(), (*what).to_owned())).collect();
    assert_eq!(found, known);
    assert!(seen > 10_000, "only {seen} expressions");
}
