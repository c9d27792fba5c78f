//! What holds of every expression and every text.

use super::ast::{CALENDAR_UNITS, Expression, Kind, Literal, Operator, TypeName, Unit, Variable};
use super::temporal::Temporal;
use super::{Context, Node, Types, compile, compile_expression, parse};
use proptest::prelude::*;
use rust_decimal::Decimal;
use serde_json::json;
use std::sync::Arc;

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        "[A-Za-z_][A-Za-z0-9_]{0,6}",
        prop::sample::select(vec!["is", "as", "in", "contains", "day", "years", "true", "and", "div", "this", "name"])
            .prop_map(str::to_owned),
        ".{1,4}",
    ]
}

fn literal() -> impl Strategy<Value = Literal> {
    let decimal = || (0_i64..1_000_000, 1_u32..6).prop_map(|(digits, scale)| Decimal::new(digits, scale));
    let moments =
        ["2024", "2024-05", "2024-02-29", "2024T", "2024-05-06T07:08+01:00", "2024-05-06T07:08:09.120Z", "T10:30"];
    prop_oneof![
        any::<bool>().prop_map(Literal::Boolean),
        (0..i64::MAX).prop_map(Literal::Integer),
        decimal().prop_map(Literal::Decimal),
        any::<String>().prop_map(Literal::Text),
        prop::sample::select(moments.to_vec())
            .prop_map(|text| Literal::Moment(Temporal::literal(text).expect("these are moments"))),
        (decimal(), prop::sample::select(CALENDAR_UNITS.to_vec()), any::<bool>()).prop_map(
            |(value, (one, many), plural)| Literal::Quantity(value, Unit::Calendar(if plural { many } else { one }))
        ),
        (decimal(), any::<String>()).prop_map(|(value, unit)| Literal::Quantity(value, Unit::Ucum(unit))),
    ]
}

fn expression() -> impl Strategy<Value = Expression> {
    let new = |kind| Expression::new(0, kind);
    let variable = || prop::sample::select(vec![Variable::This, Variable::Index, Variable::Total]);
    let leaf = prop_oneof![
        Just(Kind::Empty),
        literal().prop_map(Kind::Literal),
        name().prop_map(Kind::External),
        variable().prop_map(|variable| Kind::Variable(None, variable)),
        name().prop_map(|name| Kind::Member(None, name)),
    ];
    leaf.prop_map(new).prop_recursive(5, 40, 3, move |inner| {
        let boxed = || inner.clone().prop_map(Box::new);
        let target = || prop::option::of(boxed());
        let type_name = (prop::option::of(name()), name()).prop_map(|(namespace, name)| TypeName { namespace, name });
        prop_oneof![
            (target(), variable()).prop_map(|(target, variable)| Kind::Variable(target, variable)),
            (target(), name()).prop_map(|(target, name)| Kind::Member(target, name)),
            (target(), name(), prop::collection::vec(inner.clone(), 0..3))
                .prop_map(|(target, name, arguments)| Kind::Call(target, name, arguments)),
            (boxed(), boxed()).prop_map(|(target, index)| Kind::Indexer(target, index)),
            (any::<bool>(), boxed()).prop_map(|(negative, operand)| Kind::Sign(negative, operand)),
            (prop::sample::select(Operator::ALL.to_vec()), boxed(), boxed())
                .prop_map(|(operator, left, right)| Kind::Binary(operator, left, right)),
            (any::<bool>(), boxed(), type_name).prop_map(|(cast, operand, name)| Kind::Type(cast, operand, name)),
        ]
        .prop_map(new)
    })
}

/// Words of the language in any order: texts that come further than letters by chance.
fn soup() -> impl Strategy<Value = String> {
    let words = vec![
        "name",
        "given",
        "where(",
        "exists()",
        "(",
        ")",
        "[",
        "]",
        ".",
        ",",
        "'a'",
        "1",
        "1.5",
        "@2024-05",
        "@T10:00",
        "4 days",
        "1 'mg'",
        "and",
        "or",
        "not()",
        "=",
        "!=",
        "~",
        "<",
        "|",
        "&",
        "+",
        "-",
        "*",
        "/",
        "div",
        "mod",
        "is",
        "as",
        "Quantity",
        "in",
        "contains",
        "implies",
        "$this",
        "$index",
        "$total",
        "%resource",
        "{}",
        "iif(",
        "select(",
        "repeat(",
        "first()",
        "count()",
        "toString()",
        "substring(",
        "matches(",
        "descendants()",
        "round(",
        "power(",
        "lowBoundary()",
        "highBoundary(",
        "toQuantity()",
        "join(",
        "today()",
        "aggregate(",
        "extension(",
    ];
    prop::collection::vec(prop::sample::select(words), 1..14).prop_map(|words| words.join(" "))
}

proptest! {
    #[test]
    fn what_is_printed_parses_to_the_same(expression in expression()) {
        let text = expression.to_string();
        let parsed = parse(&text).map_err(|error| TestCaseError::fail(format!("{text}: {error}")))?;
        prop_assert_eq!(parsed, expression, "{}", text);
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in any::<String>()) {
        let _ = parse(&text);
    }

    #[test]
    fn no_expression_makes_compiling_or_evaluating_panic(text in soup(), expression in expression()) {
        let types = Arc::new(Types::untyped());
        let patient = types.intern("Patient");
        let programs = [compile(&text, patient, &types), compile_expression(&expression, patient, &types)];
        let resource = json!({
            "resourceType": "Patient",
            "name": [{ "given": ["a", null], "_given": [null, { "id": "x" }], "family": "b" }],
            "valueQuantity": { "value": 1, "code": "mg", "system": "http://unitsofmeasure.org" },
            "birthDate": "2024-02",
        });
        let node = Node::resource(&resource, &types);
        let now = jiff::Timestamp::UNIX_EPOCH.to_zoned(jiff::tz::TimeZone::UTC);
        let context = Context { now: Some(&now), budget: 10_000, ..Context::new(node) };
        for program in programs.into_iter().flatten() {
            // Both ways of running say the same.
            match (program.evaluate(&context, node), program.evaluate_bool(&context, node)) {
                (Ok(items), Ok(truth)) => prop_assert_eq!(items.is_empty(), truth.is_none(), "{} | {}", text, expression),
                (Ok(items), Err(_)) => prop_assert!(items.len() > 1, "{} | {}", text, expression),
                (Err(_), _) => {}
            }
        }
    }
}
