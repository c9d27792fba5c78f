//! What rh-fhirpath makes of expressions: a line `{"resource", "asked": [{"focus": POINTER, "expressions": […]}]}` a
//! resource on standard input, and a line with the answers in that order: `{"items": […]}` as texts, or `{"error": …}`.
//! `make oracle` builds it.

use std::collections::HashMap;
use std::io::{BufRead, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

use rh_fhirpath::serde_json::{Value, json};
use rh_fhirpath::{EvaluationContext, FhirPathEvaluator, FhirPathExpression, FhirPathParser, FhirPathValue};

fn main() {
    let (parser, evaluator) = (FhirPathParser::new(), FhirPathEvaluator::new());
    let mut parsed: HashMap<String, Result<FhirPathExpression, String>> = HashMap::new();
    let mut out = std::io::stdout().lock();
    std::panic::set_hook(Box::new(|_| {}));
    for line in std::io::stdin().lock().lines() {
        let case: Value = serde_json::from_str(&line.expect("a line")).expect("a case");
        let whole = EvaluationContext::new(case["resource"].clone());
        let mut answers: Vec<Value> = Vec::new();
        for asked in case["asked"].as_array().expect("what is asked") {
            let focus = case["resource"].pointer(asked["focus"].as_str().unwrap_or_default());
            let context = whole.with_current(focus.cloned().unwrap_or_default());
            let answer = |expression: &Value| {
                let text = expression.as_str().expect("an expression");
                let expression = parsed.entry(text.to_owned()).or_insert_with(|| {
                    let read = catch_unwind(AssertUnwindSafe(|| parser.parse(text)));
                    read.map_err(|_| "panicked".to_owned())?.map_err(|error| format!("unread: {error:?}"))
                });
                let expression = match expression {
                    Ok(expression) => &*expression,
                    Err(error) => return json!({ "error": error }),
                };
                match catch_unwind(AssertUnwindSafe(|| evaluator.evaluate(expression, &context))) {
                    Ok(Ok(value)) => json!({ "items": shown(&value) }),
                    Ok(Err(error)) => json!({ "error": format!("{error:?}") }),
                    Err(_) => json!({ "error": "panicked" }),
                }
            };
            answers.extend(asked["expressions"].as_array().expect("expressions").iter().map(answer));
        }
        writeln!(out, "{}", Value::from(answers)).and_then(|()| out.flush()).expect("an answer is taken");
    }
}

/// Each item as a text that does not tell its type: numbers without zeros at their end, moments without their signs, an
/// element with elements of its own as `{}`.
fn shown(value: &FhirPathValue) -> Vec<String> {
    let one = |text: String| vec![text];
    match value {
        FhirPathValue::Empty => Vec::new(),
        FhirPathValue::Collection(items) | FhirPathValue::UnorderedCollection(items) => {
            items.iter().flat_map(shown).collect()
        }
        FhirPathValue::FhirPrimitive { inner, .. } => shown(inner),
        FhirPathValue::Boolean(value) | FhirPathValue::TypedBoolean { value, .. } => one(value.to_string()),
        FhirPathValue::String(text) | FhirPathValue::TypedString { value: text, .. } => one(text.clone()),
        FhirPathValue::Number(number) => one(number.normalize().to_string()),
        FhirPathValue::Integer(number) | FhirPathValue::Long(number) => one(number.to_string()),
        FhirPathValue::Date(text)
        | FhirPathValue::DateTime(text)
        | FhirPathValue::TypedDateTime { value: text, .. } => one(text.trim_start_matches('@').to_owned()),
        FhirPathValue::Time(text) => one(text.trim_start_matches(['@', 'T']).to_owned()),
        FhirPathValue::Quantity { value, unit } => {
            let unit = unit.as_deref().unwrap_or("1");
            one(format!("{} {}", value.normalize(), unit.trim_matches('\'')))
        }
        FhirPathValue::DateTimePrecision(precision) => one(format!("{precision:?}")),
        FhirPathValue::Object(_) | FhirPathValue::TypedObject { .. } => one("{}".to_owned()),
    }
}
