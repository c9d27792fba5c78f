//! FHIRPath beside other engines: on every published constraint, and on expressions made from a seed. `make oracle` builds
//! them and calls this; where they disagree stands, with who is right, in `fhirpath_oracle/*.tsv`.

mod common;
#[path = "fhirpath_oracle/generate.rs"]
mod generate;
#[path = "common/published.rs"]
mod published;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use generate::{Dice, RESOURCES};
use overdracht::fhirpath::{Context, Item, Node, Program, Types, compile};
use published::published;
use regex::Regex;
use serde_json::{Value, json};

/// What an engine says: its items as texts, or that it cannot.
#[derive(Clone, Debug, PartialEq)]
enum Answer {
    Items(Vec<String>),
    Fails(String),
}

impl Answer {
    /// The same, but for the last digits of numbers that no decimal holds.
    fn is(&self, other: &Answer) -> bool {
        let (Answer::Items(left), Answer::Items(right)) = (self, other) else {
            return matches!((self, other), (Answer::Fails(_), Answer::Fails(_)));
        };
        let same = |(left, right): (&String, &String)| {
            let numbers = left.parse::<f64>().ok().zip(right.parse::<f64>().ok());
            left == right
                || numbers.is_some_and(|(l, r)| left.len().min(right.len()) > 12 && (l - r).abs() <= l.abs() * 1e-12)
        };
        left.len() == right.len() && left.iter().zip(right).all(same)
    }
}

impl std::fmt::Display for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Answer::Items(items) => write!(f, "[{}]", items.join(" ; ")),
            Answer::Fails(_) => f.write_str("fails"),
        }
    }
}

/// Expressions on an element of a resource.
struct Asked<'r> {
    node: Node<'r>,
    pointer: String,
    expressions: Vec<String>,
}

/// An engine that is asked line by line.
struct Engine {
    name: &'static str,
    process: std::process::Child,
}

impl Engine {
    fn start(name: &'static str, mut command: Command) -> Engine {
        let process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        Engine { name, process: process.unwrap_or_else(|error| panic!("{name}: {error}; `make oracle` builds it")) }
    }

    fn answers(&mut self, resource: &Value, asked: &[Asked<'_>]) -> Vec<Answer> {
        let asked: Vec<Value> = asked
            .iter()
            .map(|one| json!({ "focus": one.pointer, "at": path(resource, &one.pointer), "expressions": one.expressions }))
            .collect();
        let line = json!({ "resource": resource, "asked": asked }).to_string();
        let input = self.process.stdin.as_mut().expect("a pipe");
        input
            .write_all(line.as_bytes())
            .and_then(|()| input.write_all(b"\n"))
            .and_then(|()| input.flush())
            .expect("taken");
        let mut answer = Vec::new();
        let output = self.process.stdout.as_mut().expect("a pipe");
        // A line at a time is all that is there: nothing is lost with the reader.
        BufReader::new(output).read_until(b'\n', &mut answer).expect("an answer");
        let answers: Vec<Value> = serde_json::from_slice(&answer).unwrap_or_else(|e| panic!("{}: {e}", self.name));
        let text = |item: &Value| item.as_str().unwrap_or_default().to_owned();
        let answer = |one: &Value| match &one["items"] {
            Value::Array(items) => Answer::Items(items.iter().map(text).collect()),
            _ => Answer::Fails(text(&one["error"])),
        };
        answers.iter().map(answer).collect()
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// rh-fhirpath, and where Maven has built it the reference's engine.
fn engines() -> Vec<Engine> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut engines = vec![Engine::start("rh-fhirpath", Command::new(root.join("tests/oracle/target/release/oracle")))];
    let hapi = root.join("benches/peers/hapi/target");
    match std::fs::read_to_string(hapi.join("classpath")) {
        Ok(classpath) if hapi.join("classes/overdracht/peers/Paths.class").exists() => {
            let mut java = Command::new("java");
            let classes = hapi.join("classes").display().to_string();
            java.args(["-Xmx2g", "-cp", &format!("{classes}:{}", classpath.trim()), "overdracht.peers.Paths"]);
            engines.push(Engine::start("reference", java));
        }
        _ => println!("the reference's engine is not there: Maven builds it (`make oracle`)"),
    }
    engines
}

/// A JSON pointer as FHIRPath: `/contact/0/name` as `Patient.contact[0].name`, `/_given/1/extension/0` of the given name.
fn path(resource: &Value, pointer: &str) -> String {
    if pointer.is_empty() {
        return String::new();
    }
    let mut path = resource["resourceType"].as_str().unwrap_or_default().to_owned();
    for part in pointer.split('/').skip(1) {
        match part.parse::<usize>() {
            Ok(index) => path.push_str(&format!("[{index}]")),
            Err(_) => path.push_str(&format!(".`{}`", part.trim_start_matches('_'))),
        }
    }
    path
}

fn shown(item: &Item<'_>, types: &Types) -> String {
    match item {
        Item::Node(node) => match node.value() {
            Value::String(text) => text.clone(),
            Value::Number(number) => plain(number.as_str()),
            Value::Object(object) if types.name(node.of()) == "Quantity" && object.contains_key("value") => {
                let value = plain(&object["value"].to_string());
                let unit = object.get("code").or(object.get("unit")).and_then(Value::as_str).unwrap_or("1");
                format!("{value} {unit}")
            }
            Value::Object(_) => "{}".to_owned(),
            Value::Null => String::new(),
            other => other.to_string(),
        },
        Item::Boolean(value) => value.to_string(),
        Item::Integer(value) => value.to_string(),
        Item::Decimal(value) => plain(&value.to_string()),
        Item::Text(text) => text.to_string(),
        Item::Moment(moment) => moment.to_string(),
        Item::Quantity(quantity) => {
            let text = quantity.to_string();
            let (value, unit) = text.split_once(' ').expect("a value and a unit");
            format!("{} {}", plain(value), unit.trim_matches('\''))
        }
    }
}

/// A number without zeros at its end.
fn plain(number: &str) -> String {
    number.parse::<rust_decimal::Decimal>().map_or(number.to_owned(), |it| it.normalize().to_string())
}

fn ours(types: &Arc<Types>, resource: &Value, asked: &Asked<'_>, programs: &mut Programs) -> Vec<Answer> {
    let now = jiff::Zoned::now();
    let context = Context { now: Some(&now), ..Context::new(Node::resource(resource, types)) };
    let answer = |expression: &String| {
        let of = asked.node.of();
        let key = (expression.clone(), types.name(of).to_owned());
        let program =
            programs.entry(key).or_insert_with(|| compile(expression, of, types).map_err(|error| error.to_string()));
        match program {
            Ok(program) => match program.evaluate(&context, asked.node) {
                Ok(items) => Answer::Items(items.iter().map(|item| shown(item, types)).collect()),
                Err(error) => Answer::Fails(error.to_string()),
            },
            Err(error) => Answer::Fails(error.clone()),
        }
    };
    asked.expressions.iter().map(answer).collect()
}

type Programs = HashMap<(String, String), Result<Program, String>>;

/// A kind of difference: which engine, on what, what we and it say, and who is right.
struct Row {
    engine: &'static str,
    on: Regex,
    told: Regex,
    /// How many answers differ so: a fault of ours that a wide row would hide changes it.
    times: usize,
    text: &'static str,
}

/// Lines of engine, expression, `ours -> theirs` (both regular expressions), how many times, who is right, and why.
fn known(text: &'static str) -> Vec<Row> {
    let rows = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    rows.map(|line| {
        let columns: Vec<&str> = line.split('\t').collect();
        let [engine, on, told, times, right, why] = columns[..] else { panic!("not six columns: {line}") };
        let times = times.parse().expect("a number");
        assert!(matches!(right, "ours" | "theirs" | "both") && !why.is_empty(), "who is right, and why: {line}");
        let whole = |pattern: &str| Regex::new(&format!("^(?s:{pattern})$")).expect("a regular expression");
        Row { engine, on: whole(on), told: whole(told), times, text: line }
    })
    .collect()
}

/// Differences, and which of the known kinds they are.
struct Comparison {
    rows: Vec<Row>,
    met: BTreeMap<&'static str, usize>,
    new: BTreeMap<String, (String, usize)>,
    same: BTreeMap<&'static str, (usize, usize)>,
}

impl Comparison {
    fn new(text: &'static str) -> Self {
        Comparison { rows: known(text), met: BTreeMap::new(), new: BTreeMap::new(), same: BTreeMap::new() }
    }

    fn compare(&mut self, engine: &'static str, at: &str, expression: &str, ours: &Answer, theirs: &Answer) {
        let same = self.same.entry(engine).or_default();
        same.1 += 1;
        if ours.is(theirs) {
            same.0 += 1;
            return;
        }
        let told = format!("{ours} -> {theirs}");
        let fits = |row: &&Row| row.engine == engine && row.on.is_match(expression) && row.told.is_match(&told);
        match self.rows.iter().find(fits) {
            Some(row) => *self.met.entry(row.text).or_default() += 1,
            None => {
                let why = if let Answer::Fails(error) = theirs { error } else { "" };
                let first = || (format!("{told}\t(first at {at}: {why})"), 0);
                self.new.entry(format!("{engine}\t{expression}")).or_insert_with(first).1 += 1;
            }
        }
    }

    /// Fails where something differs that is not known, or something known no longer does, or not as often.
    fn end(self, engines: &[Engine]) {
        for (engine, (same, all)) in &self.same {
            println!("{engine}: {same} of {all} answers are ours");
        }
        let asked: Vec<&str> = engines.iter().map(|engine| engine.name).collect();
        let times = |row: &Row| self.met.get(row.text).copied().unwrap_or_default();
        let other = self.rows.iter().filter(|row| asked.contains(&row.engine) && times(row) != row.times);
        let other: Vec<String> = other.map(|row| format!("{} x {}", times(row), row.text)).collect();
        let new: Vec<String> = self.new.iter().map(|(on, (told, times))| format!("{times} x {on}\t{told}")).collect();
        assert!(
            other.is_empty() && new.is_empty(),
            "not as often:\n{}\nnot known:\n{}",
            other.join("\n"),
            new.join("\n")
        );
    }
}

#[test]
#[ignore = "needs the engines that `make oracle` builds"]
fn made_expressions_mean_the_same_to_other_engines() {
    let Some(published) = published() else { return };
    let mut engines = engines();
    let mut comparison = Comparison::new(include_str!("fhirpath_oracle/made.tsv"));
    let mut dice = Dice::new(2026);
    for (index, text) in RESOURCES.iter().enumerate() {
        let resource: Value = serde_json::from_str(text).expect("a resource");
        let expressions: BTreeSet<String> = (0..2_500).map(|_| dice.expression(index)).collect();
        let node = Node::resource(&resource, &published.types);
        let asked = Asked { node, pointer: String::new(), expressions: expressions.into_iter().collect() };
        let ours = ours(&published.types, &resource, &asked, &mut Programs::new());
        for engine in &mut engines {
            let theirs = engine.answers(&resource, std::slice::from_ref(&asked));
            for (expression, (ours, theirs)) in asked.expressions.iter().zip(ours.iter().zip(&theirs)) {
                comparison.compare(engine.name, "", expression, ours, theirs);
            }
        }
    }
    comparison.end(&engines);
}

#[test]
#[ignore = "needs the engines that `make oracle` builds"]
fn published_expressions_mean_the_same_to_other_engines() {
    let Some(published) = published() else { return };
    let mut engines = engines();
    let mut comparison = Comparison::new(include_str!("fhirpath_oracle/published.tsv"));
    let (mut programs, mut met) = (Programs::new(), BTreeSet::new());
    for example in &published.examples {
        let about = published.about(&example.resource);
        let asked: Vec<Asked<'_>> = about
            .into_iter()
            .map(|(node, pointer, indexes)| {
                let texts: BTreeSet<&String> =
                    indexes.iter().map(|index| &published.expressions[*index].text).collect();
                Asked { node, pointer, expressions: texts.into_iter().cloned().collect() }
            })
            .collect();
        let ours: Vec<Answer> =
            asked.iter().flat_map(|one| ours(&published.types, &example.resource, one, &mut programs)).collect();
        let expressions = asked
            .iter()
            .flat_map(|one| one.expressions.iter().map(|text| (format!("{} {}", example.name, one.pointer), text)));
        let expressions: Vec<(String, &String)> = expressions.collect();
        met.extend(expressions.iter().map(|(_, text)| (*text).clone()));
        for engine in &mut engines {
            let theirs = engine.answers(&example.resource, &asked);
            assert_eq!(theirs.len(), ours.len(), "{}: {}", engine.name, example.name);
            for ((at, expression), (ours, theirs)) in expressions.iter().zip(ours.iter().zip(&theirs)) {
                comparison.compare(engine.name, at, expression, ours, theirs);
            }
        }
    }
    println!("{} expressions on {} resources", met.len(), published.examples.len());
    comparison.end(&engines);
}

#[test]
fn expressions_are_made_of_every_function() {
    // What asks for a clock, a server or a document, what only FHIR's narratives and types have, and what no other engine has.
    let beside = [
        "now",
        "today",
        "timeOfDay",
        "resolve",
        "memberOf",
        "conformsTo",
        "htmlChecks",
        "hasExtension",
        "type",
        "subsumes",
        "subsumedBy",
        "slice",
        "checkModifiers",
    ];
    let made: BTreeSet<&str> = generate::functions().chain(beside).collect();
    let all: BTreeSet<&str> = overdracht::fhirpath::functions().collect();
    assert_eq!(made, all);
}
