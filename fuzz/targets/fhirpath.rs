//! A first line as FHIRPath, the rest as the resource that it is evaluated on: what is parsed prints as what parses to
//! the same, with types and without neither panics nor goes on for ever, and the quick truth is the truth.

use std::sync::{Arc, LazyLock};

use overdracht::fhir::json;
use overdracht::fhirpath::{
    Context, Item, Node, ParseErrorKind, TypeDescription, TypeModel, Types, compile_expression, parse,
};
use serde_json::Value;

use crate::common;

struct Model;

impl TypeModel for Model {
    fn describe(&self, name: &str) -> Option<TypeDescription> {
        let root = name.split('.').next().unwrap_or(name);
        TypeDescription::from_structure(&*common::definitions().structure_for_type(root)?, name)
    }
}

pub fn run(bytes: &[u8]) {
    static NOW: LazyLock<jiff::Zoned> =
        LazyLock::new(|| "2024-06-01T12:30:00+02:00[Europe/Amsterdam]".parse().expect("a time"));
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let (expression, resource) = text.split_once('\n').unwrap_or((text, "{}"));
    let Ok(expression) = parse(expression) else { return };
    let printed = expression.to_string();
    match parse(&printed) {
        Ok(again) => assert_eq!(again.to_string(), printed),
        // Every operand is printed in parentheses, and they can be nested only so deep.
        Err(error) => assert_eq!(error.kind, ParseErrorKind::TooDeep, "{printed}"),
    }

    let resource = json::parse(resource.as_bytes()).unwrap_or(Value::Null);
    static TYPED: LazyLock<Arc<Types>> = LazyLock::new(|| Arc::new(Types::new(Arc::new(Model))));
    for types in [Arc::new(Types::untyped()), TYPED.clone()] {
        let focus = types.intern(resource["resourceType"].as_str().unwrap_or("Patient"));
        let Ok(program) = compile_expression(&expression, focus, &types) else { continue };
        let node = Node::resource(&resource, &types);
        let context = Context { now: Some(&NOW), budget: 100_000, ..Context::new(node) };
        let all = program.evaluate(&context, node);
        let truth = program.evaluate_bool(&context, node);
        if let (Ok(items), Ok(truth)) = (&all, &truth) {
            match (items.as_slice(), truth) {
                ([Item::Boolean(one)], truth) => assert_eq!(*truth, Some(*one)),
                ([], truth) => assert_eq!(*truth, None),
                _ => {}
            }
        }
    }
}
