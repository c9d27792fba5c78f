//! The table of FHIRPath's functions and operators in `docs/fhirpath.md`, held to the compiler and to what the packages use;
//! and that every published expression compiles and can be evaluated.

mod common;
#[path = "common/published.rs"]
mod published;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use overdracht::fhirpath::{
    self, Conformance, Context, Item, Node, ParseErrorKind, Resolve, Terminology, TypeId, Types, compile,
};
use published::{Published, published};
use regex::Regex;
use serde_json::{Value, json};

/// A row of the table: function or operator, where it is from, whether it is here, and the packages that use it.
#[derive(Debug)]
struct Row {
    example: String,
    name: String,
    origin: String,
    here: bool,
    used: String,
}

const DOCUMENT: &str = include_str!("../docs/fhirpath.md");

fn rows() -> Vec<Row> {
    let (tables, _) = DOCUMENT.split_once("\n## ").expect("tables, and what is beside them");
    let lines = tables.lines().filter(|line| line.starts_with("| `"));
    lines
        .map(|line| {
            // A bar in an operator is escaped in the table.
            let line = line.replace("\\|", "\u{1}");
            let cells: Vec<String> =
                line.trim_matches('|').split('|').map(|cell| cell.trim().replace('\u{1}', "|")).collect();
            let [name, example, origin, here, used] = &cells[..] else { panic!("not five columns: {line}") };
            let code = |cell: &str| cell.trim_matches('`').to_owned();
            assert!(matches!(here.as_str(), "yes" | "no"), "{line}");
            let (here, origin, used) = (here == "yes", origin.clone(), used.clone());
            Row { name: code(name), example: code(example), origin, here, used }
        })
        .collect()
}

/// Knows nothing, and can be asked all the same.
struct Nobody;

impl Resolve for Nobody {
    fn resolve(&self, _: &str) -> Option<&Value> {
        None
    }
}

impl Terminology for Nobody {
    fn member_of(&self, _: &Item<'_>, _: &Types, _: &str) -> Option<bool> {
        None
    }

    fn subsumes(&self, _: &Item<'_>, _: &Item<'_>) -> Option<bool> {
        None
    }
}

impl Conformance for Nobody {
    fn conforms_to(&self, _: Node<'_>, _: &str) -> Option<bool> {
        None
    }

    fn is_in_slice(&self, _: Node<'_>, _: &str, _: &str) -> Option<bool> {
        Some(false)
    }
}

/// Where everything may be asked for, and nobody knows.
fn context<'a>(resource: &'a Value, types: &'a Arc<Types>, now: &'a jiff::Zoned) -> Context<'a> {
    Context {
        now: Some(now),
        resolver: Some(&Nobody),
        terminology: Some(&Nobody),
        conformance: Some(&Nobody),
        ..Context::new(Node::resource(resource, types))
    }
}

fn evaluate(types: &Arc<Types>, resource: &Value, node: Node<'_>, expression: &str) -> Result<usize, String> {
    let program = compile(expression, node.of(), types).map_err(|error| error.to_string())?;
    let now = jiff::Zoned::now();
    let context = context(resource, types, &now);
    program.evaluate(&context, node).map(|items| items.len()).map_err(|error| error.to_string())
}

#[test]
fn the_table_lists_what_is_compiled_and_nothing_else() {
    let types = Arc::new(Types::untyped());
    let resource = json!({ "resourceType": "Patient", "name": [{ "given": ["a"], "family": "b" }] });
    let node = Node::resource(&resource, &types);
    let (mut functions, mut names) = (BTreeSet::new(), BTreeSet::new());
    for row in rows() {
        assert!(names.insert(row.name.clone()), "{} stands there twice", row.name);
        assert!(row.example.contains(row.name.trim_end_matches("()")), "{}: the example has no {0}", row.name);
        assert!(row.origin.starts_with("FHIRPath") || row.origin.starts_with("FHIR "), "{row:?}");
        let called = row.name.strip_suffix("()");
        match (row.here, compile(&row.example, TypeId::UNKNOWN, &types)) {
            (true, Ok(_)) => {
                let result = evaluate(&types, &resource, node, &row.example);
                assert!(result.is_ok(), "{}: {result:?}", row.example);
            }
            (false, Err(error)) if matches!(error.kind, ParseErrorKind::UnknownFunction(_)) => {}
            (_, other) => panic!("{} in the table, {:?} of the compiler", row.name, other.map(drop)),
        }
        functions.extend(called.filter(|_| row.here).map(str::to_owned));
    }
    let compiled: BTreeSet<String> = fhirpath::functions().map(str::to_owned).collect();
    assert_eq!(functions, compiled);
    // Those of the specification, whether they are here or not.
    let of = |origin: &str| rows().iter().filter(|row| row.name.ends_with("()") && row.origin == origin).count();
    assert_eq!((of("FHIRPath 2.0"), of("FHIR R4")), (76, 12));
}

/// What an expression uses: functions as `name()`, operators as they are.
fn used(expression: &str) -> BTreeSet<String> {
    let strings = Regex::new(r"'(?:\\.|[^'\\])*'|`[^`]*`|//[^\n]*").expect("a regular expression");
    let expression = strings.replace_all(expression, "''");
    let calls = Regex::new(r"([A-Za-z]+)\s*\(").expect("a regular expression");
    let words = ["and", "or", "xor", "implies", "in", "contains", "is", "as", "div", "mod"];
    let mut found: BTreeSet<String> = calls
        .captures_iter(&expression)
        .map(|call| call[1].to_owned())
        .filter(|name| fhirpath::functions().any(|known| known == name))
        .map(|name| format!("{name}()"))
        .collect();
    let operators =
        Regex::new(r"(?:^|[\s)'}])([a-z]+)[\s('{]|(!=|!~|<=|>=|[=~<>+*/|&-])").expect("a regular expression");
    let mut at = 0;
    while let Some(operator) = operators.captures_at(&expression, at) {
        at = operator.get(0).expect("itself").end() - usize::from(operator.get(1).is_some());
        if let Some(symbol) = operator.get(2) {
            found.insert(symbol.as_str().to_owned());
        } else if words.contains(&&operator[1]) {
            found.insert(operator[1].to_owned());
        }
    }
    found
}

/// How many expressions of each package use it.
fn uses(published: &Published) -> BTreeMap<String, BTreeMap<String, usize>> {
    let mut distinct = BTreeSet::new();
    let mut uses: BTreeMap<String, BTreeMap<String, usize>> = BTreeMap::new();
    for expression in &published.expressions {
        if distinct.insert((&expression.package, &expression.text)) {
            for name in used(&expression.text) {
                *uses.entry(name).or_default().entry(expression.package.clone()).or_default() += 1;
            }
        }
    }
    uses
}

#[test]
fn the_table_says_which_packages_use_what() {
    let Some(published) = published() else { return };
    let (uses, has_mcode) = (uses(&published), common::mcode().is_some());
    let short = |package: &str| package.rsplit('.').next().unwrap_or_default().to_owned();
    let mut wrong = Vec::new();
    for row in rows() {
        let uses: Vec<String> = uses
            .get(&row.name)
            .into_iter()
            .flatten()
            .map(|(package, count)| format!("{} {count}", short(package)))
            .collect();
        let uses = uses.join(", ");
        // What the oncology package uses is known where that is.
        let used =
            row.used.split(", ").filter(|of| has_mcode || !of.starts_with("mcode ")).collect::<Vec<_>>().join(", ");
        if uses != used {
            wrong.push(format!("| `{}` | … | {uses} |", row.name));
        }
    }
    assert!(wrong.is_empty(), "these rows should end so:\n{}", wrong.join("\n"));
}

#[test]
fn every_published_expression_can_be_evaluated_on_the_published_examples() {
    let Some(published) = published() else { return };
    let (mut evaluated, mut met, mut failed) = (0, BTreeSet::new(), BTreeMap::new());
    let mut programs = std::collections::HashMap::new();
    for example in &published.examples {
        let now = jiff::Zoned::now();
        let context = context(&example.resource, &published.types, &now);
        for (node, pointer, indexes) in published.about(&example.resource) {
            for index in indexes {
                let expression = &published.expressions[index];
                let program = programs
                    .entry((index, published.types.name(node.of()).to_owned()))
                    .or_insert_with(|| compile(&expression.text, node.of(), &published.types));
                evaluated += 1;
                let error = match program {
                    Ok(program) => match program.evaluate(&context, node) {
                        Ok(_) => {
                            met.insert(index);
                            continue;
                        }
                        Err(error) => format!("{:?}", error.kind),
                    },
                    Err(error) => error.to_string(),
                };
                let at = format!("{} {pointer}: {error}", example.name);
                failed.entry((expression.key.clone(), expression.text.clone())).or_insert(at);
            }
        }
    }
    let counted = |met: &BTreeSet<usize>, package: &str| {
        let of = |index: &usize| published.expressions[*index].package == package;
        let texts: BTreeSet<&str> =
            published.expressions.iter().filter(|it| it.package == package).map(|it| it.text.as_str()).collect();
        let met: BTreeSet<&str> =
            met.iter().filter(|index| of(index)).map(|index| published.expressions[*index].text.as_str()).collect();
        (met.len(), texts.len())
    };
    let packages: BTreeSet<&str> = published.expressions.iter().map(|it| it.package.as_str()).collect();
    for package in packages {
        let (met, all) = counted(&met, package);
        println!("{package}: {met} of {all} expressions evaluated");
    }
    println!("{evaluated} evaluations on {} resources", published.examples.len());
    assert!(failed.is_empty(), "{failed:#?}");
    assert!(evaluated > 100_000, "{evaluated} evaluations");
}

/// The kinds of constraint that mCODE makes (STU 3 and 4), as expressions of our own: one of two references, a reason in one
/// of two ways, what goes with a code in a nested extension, a unit, a value or why there is none.
#[test]
fn constraints_of_the_kinds_that_mcode_makes_are_evaluated() {
    let types = Arc::new(Types::untyped());
    let modality = |code: &str, technique: Option<&str>| {
        let coded = |url: &str, code: &str| json!({ "url": url, "valueCodeableConcept": { "coding": [{ "system": "http://snomed.info/sct", "code": code }] } });
        let mut parts = vec![coded("https://example.org/modality", code)];
        parts.extend(technique.map(|technique| coded("https://example.org/technique", technique)));
        json!({ "resourceType": "Procedure", "extension": [{ "url": "https://example.org/both", "extension": parts }] })
    };
    let photon = "extension.where(url = 'https://example.org/both').all(extension.where(url = \
                  'https://example.org/modality').value.exists(coding.system = 'http://snomed.info/sct' and coding.code = \
                  '1156506007') implies extension.where(url = 'https://example.org/technique').value.exists(coding.code = \
                  '1156530009' or coding.code = '168524008'))";
    let one_of_two = "(focus.exists() or specimen.exists()) and (focus.exists() and specimen.exists()).not()";
    let reason = "reasonCode.exists() or reasonReference.exists()";
    let valued = "value.exists() or dataAbsentReason.exists() or component.exists() or hasMember.exists()";
    let unit = "component.value.ofType(Quantity).all(system = 'http://unitsofmeasure.org' and code in ('cm' | 'mm'))";
    let claimed = "entry.resource.all(meta.profile.where($this.startsWith('http://hl7.org/fhir/us/mcode/')).exists())";
    let staged =
        "hasMember.empty() or hasMember.resolve().all(code.memberOf('https://example.org/tnm') or code.exists())";
    let subject = "entry.resource.ofType(Observation).subject.reference.distinct().count() <= 1";
    let reference = |name: &str| json!({ "reference": name });
    let tumour = json!({
        "resourceType": "Observation", "focus": [reference("BodyStructure/1")], "valueQuantity": { "value": 1 },
        "component": [{ "valueQuantity": { "value": 2.5, "system": "http://unitsofmeasure.org", "code": "cm" } }],
    });
    let mut both = tumour.clone();
    both["specimen"] = reference("Specimen/1");
    both["component"][0]["valueQuantity"]["code"] = "kg".into();
    let bundle = json!({ "resourceType": "Bundle", "entry": [
        { "resource": { "resourceType": "Observation", "subject": reference("Patient/1"),
                        "meta": { "profile": ["http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-tumor-size"] } } },
        { "resource": { "resourceType": "Observation", "subject": reference("Patient/2") } },
    ] });
    let procedure = json!({ "resourceType": "Procedure", "reasonReference": [reference("Condition/1")] });
    let cases = [
        (photon, modality("1156506007", Some("168524008")), true),
        (photon, modality("1156506007", Some("1162782007")), false),
        (photon, modality("1156506007", None), false),
        (photon, modality("45643008", None), true),
        (one_of_two, tumour.clone(), true),
        (one_of_two, both.clone(), false),
        (one_of_two, json!({ "resourceType": "Observation" }), false),
        (reason, procedure, true),
        (reason, json!({ "resourceType": "Procedure" }), false),
        (valued, tumour.clone(), true),
        (valued, json!({ "resourceType": "Observation" }), false),
        (unit, tumour.clone(), true),
        (unit, both, false),
        (staged, tumour, true),
        (claimed, bundle.clone(), false),
        (subject, bundle, false),
    ];
    for (expression, resource, expected) in cases {
        let node = Node::resource(&resource, &types);
        let context = Context { resolver: Some(&Nobody), terminology: Some(&Nobody), ..Context::new(node) };
        let program = compile(expression, node.of(), &types).unwrap_or_else(|error| panic!("{expression}: {error}"));
        assert_eq!(program.evaluate_bool(&context, node), Ok(Some(expected)), "{expression}\n{resource}");
    }
}
