//! Validating beside parsing, for the Dutch examples by kind of resource with all their profiles; compiling; and growth
//! over Bundles. `parse` in the same run is the measure: the figure that counts is validate ÷ parse.

mod common;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use common::least;
use overdracht::fhir::definitions::Definitions;
use overdracht::validator::{Options, Validator};
use serde_json::{Value, json};

/// Time spent on all of a kind, and the example that is worst.
#[derive(Default)]
struct Sum {
    parse: Duration,
    validate: Duration,
    is_valid: Duration,
    count: usize,
    worst: (f64, String),
}

impl Sum {
    fn add(&mut self, parse: Duration, validate: Duration, is_valid: Duration, id: &str) {
        self.parse += parse;
        self.validate += validate;
        self.is_valid += is_valid;
        self.count += 1;
        let ratio = validate.as_secs_f64() / parse.as_secs_f64();
        if ratio > self.worst.0 {
            self.worst = (ratio, id.to_owned());
        }
    }

    fn print(&self, name: &str) {
        let over = |time: Duration| time.as_secs_f64() / self.parse.as_secs_f64();
        println!(
            "{name:<28} {:>4} {:>9.2} {:>9.2} {:>9.2}  {}",
            self.count,
            over(self.validate),
            over(self.is_valid),
            self.worst.0,
            self.worst.1
        );
    }
}

fn ratios(validator: &Validator, examples: &BTreeMap<String, Vec<String>>) {
    println!("\n÷ parse                     of it  validate  is_valid     worst");
    let mut all = Sum::default();
    for (kind, texts) in examples {
        let mut sum = Sum::default();
        for text in texts {
            let value: Value = serde_json::from_str(text).expect("an example is JSON");
            // Compiles what it needs.
            validator.validate(&value, &[]);
            let long = Duration::from_millis(10);
            let parse = least(long, || serde_json::from_str::<Value>(text));
            let validate = least(long, || validator.validate(&value, &[]));
            let is_valid = least(long, || validator.is_valid(&value, &[]));
            let id = value["id"].as_str().unwrap_or_default();
            sum.add(parse, validate, is_valid, id);
            all.add(parse, validate, is_valid, id);
        }
        sum.print(kind);
    }
    all.print("all");
}

/// From definitions that are open to the last profile compiled that the examples need.
fn compiling(definitions: &Arc<Definitions>, examples: &BTreeMap<String, Vec<String>>) {
    let values: Vec<Value> =
        examples.values().flatten().map(|text| serde_json::from_str(text).expect("JSON")).collect();
    let start = Instant::now();
    let validator = Validator::new(definitions.clone(), Options::default());
    for value in &values {
        validator.is_valid(value, &[]);
    }
    let first = start.elapsed();
    let start = Instant::now();
    for value in &values {
        validator.is_valid(value, &[]);
    }
    let compile = first.saturating_sub(start.elapsed());
    let profiles = values.iter().filter_map(|v| v["meta"]["profile"].as_array()).flatten();
    let profiles: std::collections::BTreeSet<_> = profiles.filter_map(Value::as_str).collect();
    println!(
        "\ncompiling {} nodes for {} profiles and what they use: {} ms",
        validator.size(),
        profiles.len(),
        compile.as_millis()
    );
}

/// Time per entry stays what it is: the last column.
fn growth(validator: &Validator) {
    println!("\nBundle of  validate ÷ parse  per entry");
    for entries in [10, 100, 1_000, 10_000] {
        let entry = |i: usize| {
            json!({
                "fullUrl": format!("http://example.org/fhir/Observation/{i}"),
                "resource": {
                    "resourceType": "Observation", "id": i.to_string(), "status": "final",
                    "code": { "text": "x" },
                    "hasMember": [{ "reference": format!("Observation/{}", (i + 1) % entries) }],
                },
            })
        };
        let all: Vec<_> = (0..entries).map(entry).collect();
        let text = json!({ "resourceType": "Bundle", "type": "collection", "entry": all }).to_string();
        let bundle: Value = serde_json::from_str(&text).expect("JSON");
        let long = Duration::from_millis(200);
        let parse = least(long, || serde_json::from_str::<Value>(&text));
        let validate = least(long, || validator.validate(&bundle, &[]));
        let each = validate.as_nanos() as f64 / entries as f64 / 1000.0;
        println!("{entries:>9}  {:>16.2}  {each:>6.2} µs", validate.as_secs_f64() / parse.as_secs_f64());
    }
}

fn main() {
    let Some(packages) = common::packages() else { return };
    let examples = common::examples(&packages);
    let definitions = Arc::new(Definitions::builder().packages(packages).open().expect("definitions open"));
    compiling(&definitions, &examples);
    let validator = Validator::new(definitions, Options::default());
    ratios(&validator, &examples);
    growth(&validator);
}
