//! Evaluations a second of constraints as R4 publishes them, on elements of ordinary size, and how long compiling one
//! takes. Needs the installed packages (`make definitions`); without them the types are inferred.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use overdracht::fhir::definitions::Definitions;
use overdracht::fhirpath::{Context, Node, Program, TypeDescription, TypeId, TypeModel, Types, compile};
use serde_json::{Value, json};
use std::hint::black_box;
use std::sync::Arc;

struct Installed(Definitions);

impl TypeModel for Installed {
    fn describe(&self, name: &str) -> Option<TypeDescription> {
        TypeDescription::from_structure(&*self.0.structure_for_type(name.split('.').next()?)?, name)
    }
}

fn types() -> Arc<Types> {
    Arc::new(match Definitions::builder().open() {
        Ok(definitions) => Types::new(Arc::new(Installed(definitions))),
        Err(_) => Types::untyped(),
    })
}

/// Key, expression, type of the focus, and where it is in [`observation`].
const CONSTRAINTS: &[(&str, &str, &str, &str)] = &[
    ("ele-1", "hasValue() or (children().count() > id.count())", "CodeableConcept", "/code"),
    ("ext-1", "extension.exists() != value.exists()", "Extension", "/extension/0"),
    (
        "dom-3",
        "contained.where((('#'+id in (%resource.descendants().reference | %resource.descendants().as(canonical) | \
         %resource.descendants().as(uri) | %resource.descendants().as(url))) or descendants().where(reference = \
         '#').exists() or descendants().where(as(canonical) = '#').exists() or descendants().where(as(canonical) = \
         '#').exists()).not()).trace('unmatched', id).empty()",
        "Observation",
        "",
    ),
    ("dom-6", "text.`div`.exists()", "Observation", ""),
    ("obs-6", "dataAbsentReason.empty() or value.empty()", "Observation", ""),
    (
        "obs-7",
        "value.empty() or component.code.where(coding.intersect(%resource.code.coding).exists()).empty()",
        "Observation",
        "",
    ),
    (
        "ref-1",
        "reference.startsWith('#').not() or (reference.substring(1).trace('url') in \
         %rootResource.contained.id.trace('ids'))",
        "Reference",
        "/subject",
    ),
    ("per-1", "start.hasValue().not() or end.hasValue().not() or (start <= end)", "Period", "/effectivePeriod"),
    ("qty-3", "code.empty() or system.exists()", "Quantity", "/valueQuantity"),
    (
        "coding",
        "code.coding.where(system = 'http://loinc.org' and code = '29463-7').exists() implies value.exists()",
        "Observation",
        "",
    ),
];

fn observation() -> Value {
    json!({
        "resourceType": "Observation",
        "id": "weight",
        "text": { "status": "generated", "div": "<div xmlns=\"http://www.w3.org/1999/xhtml\">80 kg</div>" },
        "extension": [{ "url": "https://overdracht.example/a", "valueString": "a" }],
        "status": "final",
        "category": [{ "coding": [{ "system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "vital-signs" }] }],
        "code": { "coding": [
            { "system": "http://snomed.info/sct", "code": "27113001" },
            { "system": "http://loinc.org", "code": "29463-7", "display": "Body weight" }
        ] },
        "subject": { "reference": "Patient/1", "type": "Patient" },
        "effectivePeriod": { "start": "2024-05-01T10:00:00+02:00", "end": "2024-05-01T10:05:00+02:00" },
        "valueQuantity": { "value": 80.5, "unit": "kg", "system": "http://unitsofmeasure.org", "code": "kg" }
    })
}

fn evaluations(c: &mut Criterion) {
    let types = types();
    let resource = observation();
    let context = Context::new(Node::resource(&resource, &types));
    let prepared: Vec<(&str, Program, Node<'_>)> = CONSTRAINTS
        .iter()
        .map(|(key, expression, of, at)| {
            let of = types.intern(of);
            let value = resource.pointer(at).expect("the table fits the resource");
            (*key, compile(expression, of, &types).expect("R4's constraints compile"), Node::new(value, None, of))
        })
        .collect();
    let mut group = c.benchmark_group("fhirpath evaluate");
    for (key, program, focus) in &prepared {
        assert!(matches!(program.evaluate_bool(&context, *focus), Ok(Some(true))), "{key}");
        group.throughput(Throughput::Elements(1));
        group.bench_function(*key, |b| b.iter(|| program.evaluate_bool(black_box(&context), black_box(*focus))));
    }
    group.throughput(Throughput::Elements(prepared.len() as u64));
    group.bench_function("all", |b| {
        b.iter(|| prepared.iter().filter(|(_, p, focus)| p.evaluate_bool(&context, *focus) == Ok(Some(true))).count());
    });
    group.finish();
}

fn compiling(c: &mut Criterion) {
    let types = types();
    let mut group = c.benchmark_group("fhirpath compile");
    group.throughput(Throughput::Elements(CONSTRAINTS.len() as u64));
    group.bench_function("all", |b| {
        b.iter(|| CONSTRAINTS.iter().all(|(_, text, of, _)| compile(text, types.intern(of), &types).is_ok()));
    });
    group.bench_function("all, nothing known of the type", |b| {
        b.iter(|| CONSTRAINTS.iter().all(|(_, text, _, _)| compile(text, TypeId::UNKNOWN, &types).is_ok()));
    });
    group.finish();
}

criterion_group!(benches, evaluations, compiling);
criterion_main!(benches);
