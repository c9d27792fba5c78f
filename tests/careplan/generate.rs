//! Documents made from their schemas: every property of a schema is filled in by some seed.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::LazyLock;

use overdracht::domain::{self, Document, Kind};
use serde_json::{Map, Value, json};

pub struct Schemas {
    common: Value,
    plan: Value,
    record: Value,
    event: Value,
}

pub static SCHEMAS: LazyLock<Schemas> = LazyLock::new(Schemas::load);

/// A document of this kind that its door accepts, as it is sent and as it is parsed. The same seed makes the same.
pub fn document(kind: Kind, seed: u64) -> (Value, Document) {
    let now = "2026-11-22T12:00:00Z".parse().unwrap();
    let mut maker = Maker { schemas: &SCHEMAS, state: seed, number: 0 };
    // What the schema cannot say (dates in order, a stage that fits its system) is taken out where it came out wrong.
    for _ in 0..200 {
        let mut sent = match kind {
            Kind::CarePlan => {
                let plan = maker.make(&SCHEMAS.plan, "");
                settled(plan, &mut maker)
            }
            _ => maker.make(SCHEMAS.of(kind), ""),
        };
        for _ in 0..60 {
            match domain::parse(kind, &sent, now) {
                Ok(document) => return (sent, document),
                Err(faults) => {
                    if !faults.iter().any(|fault| take_out(&mut sent, &fault.pointer)) {
                        break;
                    }
                }
            }
        }
    }
    panic!("no {kind:?} of seed {seed} is accepted");
}

/// Takes out what stands at a pointer, or what would hold it; false where that is the document itself.
fn take_out(document: &mut Value, pointer: &str) -> bool {
    let Some((above, name)) = pointer.rsplit_once('/') else { return false };
    let taken = match document.pointer_mut(above) {
        Some(Value::Object(object)) => object.shift_remove(name).is_some(),
        Some(Value::Array(items)) => {
            name.parse().is_ok_and(|at: usize| at < items.len() && !items.remove(at).is_null())
        }
        _ => false,
    };
    taken || take_out(document, above)
}

impl Schemas {
    pub fn load() -> Self {
        let read = |name: &str| {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("profiles/documents").join(name);
            serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
        };
        Schemas {
            common: read("common.schema.json"),
            plan: read("care-plan.schema.json"),
            record: read("registry-record.schema.json"),
            event: read("metastasis-event.schema.json"),
        }
    }

    pub fn of(&self, kind: Kind) -> &Value {
        match kind {
            Kind::CarePlan => &self.plan,
            Kind::RegistryRecord => &self.record,
            Kind::MetastasisEvent => &self.event,
        }
    }

    fn resolve<'s>(&'s self, schema: &'s Value) -> &'s Value {
        let mut at = schema;
        while let Some(reference) = at["$ref"].as_str() {
            let (_, pointer) = reference.split_once('#').unwrap();
            let all = [&self.common, &self.plan, &self.record, &self.event];
            let found = all.into_iter().find_map(|schema| schema.pointer(pointer));
            at = found.unwrap_or_else(|| panic!("{reference} leads nowhere"));
        }
        at
    }

    /// Every property of the care plan's schema, as a path without the numbers of items.
    pub fn properties(&self) -> BTreeSet<String> {
        self.properties_of(Kind::CarePlan)
    }

    pub fn properties_of(&self, kind: Kind) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        self.walk(self.of(kind), "", &mut found);
        found
    }

    fn walk(&self, schema: &Value, at: &str, found: &mut BTreeSet<String>) {
        let schema = self.resolve(schema);
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            let at = format!("{at}/{name}");
            self.walk(property, &at, found);
            found.insert(at);
        }
        for nested in ["items", "else"] {
            if schema[nested].is_object() && (nested == "items" || schema["type"].is_array()) {
                self.walk(&schema[nested], at, found);
            }
        }
    }

    /// A care plan that its door accepts. The same seed makes the same plan.
    pub fn plan(&self, seed: u64) -> Value {
        let mut maker = Maker { schemas: self, state: seed, number: 0 };
        let plan = maker.make(&self.plan, "");
        settled(plan, &mut maker)
    }
}

/// The properties that a document fills in, as [`Schemas::properties`] names them.
pub fn filled(value: &Value, at: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => object.iter().for_each(|(name, value)| {
            let at = format!("{at}/{name}");
            filled(value, &at, found);
            found.insert(at);
        }),
        Value::Array(items) => items.iter().for_each(|item| filled(item, at, found)),
        _ => {}
    }
}

struct Maker<'s> {
    schemas: &'s Schemas,
    state: u64,
    number: u64,
}

impl Maker<'_> {
    fn below(&mut self, limit: usize) -> usize {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.state;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((bits ^ (bits >> 31)) % limit as u64).unwrap()
    }

    fn pick<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())].clone()
    }

    fn make(&mut self, schema: &Value, name: &str) -> Value {
        let schema = self.schemas.resolve(schema);
        if let Some(options) = schema["enum"].as_array() {
            return self.pick(options);
        }
        if let Some(only) = schema.get("const") {
            return only.clone();
        }
        match &schema["type"] {
            // A code of a list, or a coding outside it.
            Value::Array(_) => {
                let branch = if self.below(3) == 0 { "else" } else { "then" };
                self.make(&schema[branch], name)
            }
            Value::String(kind) => match kind.as_str() {
                "object" => self.object(schema),
                "array" => {
                    let least = usize::try_from(schema["minItems"].as_u64().unwrap_or(1)).unwrap();
                    let count = least + self.below(2);
                    let mut items: Vec<Value> = Vec::new();
                    for _ in 0..count {
                        let item = self.make(&schema["items"], name);
                        if schema["uniqueItems"] != true || !items.contains(&item) {
                            items.push(item);
                        }
                    }
                    Value::Array(items)
                }
                "boolean" => Value::Bool(self.below(2) == 0),
                "integer" => {
                    let bound = |name: &str| schema[name].as_u64().map(|bound| usize::try_from(bound).unwrap());
                    let (least, most) = (bound("minimum").unwrap_or(1), bound("maximum").unwrap_or(50));
                    json!(least + self.below(most - least + 1))
                }
                "number" => json!(self.below(100)),
                "string" => Value::String(self.text(schema, name)),
                other => panic!("no maker for {other}"),
            },
            other => panic!("no maker for {name}: {other}"),
        }
    }

    fn object(&mut self, schema: &Value) -> Value {
        let properties = schema["properties"].as_object().unwrap();
        let mut chosen: Vec<&String> = properties.keys().collect();
        if schema["maxProperties"] == 1 {
            chosen = vec![self.pick(&chosen)];
        } else {
            let required = |name: &String| schema["required"].as_array().is_some_and(|all| all.contains(&json!(name)));
            let dense = self.below(4);
            chosen.retain(|name| required(name) || self.below(4) < dense);
            if chosen.is_empty() {
                chosen.extend(properties.keys().next());
            }
        }
        for rule in ["oneOf", "anyOf"] {
            // Each alternative asks for one property.
            let Some(options) = schema[rule].as_array() else { continue };
            let names: Vec<&str> = options.iter().map(|one| one["required"][0].as_str().unwrap()).collect();
            let wanted = self.pick(&names);
            chosen.retain(|name| rule == "anyOf" || !names.contains(&name.as_str()));
            if let Some(name) = properties.keys().find(|name| *name == wanted)
                && !chosen.contains(&name)
            {
                chosen.push(name);
            }
        }
        for (name, needed) in schema["dependentRequired"].as_object().into_iter().flatten() {
            let there = needed.as_array().unwrap().iter().all(|one| chosen.iter().any(|name| one == name.as_str()));
            chosen.retain(|one| *one != name || there);
        }
        let mut object: Map<String, Value> =
            chosen.into_iter().map(|name| (name.clone(), self.make(&properties[name], name))).collect();
        if object.get("treatment").is_some_and(|code| code != "OTH") {
            object.shift_remove("otherTreatment");
        }
        Value::Object(object)
    }

    fn text(&mut self, schema: &Value, name: &str) -> String {
        self.number += 1;
        let number = self.number;
        match schema["format"].as_str() {
            Some("bsn") => return self.pick(&["999990007", "999990019", "111222333"]).to_owned(),
            Some("agb" | "ura") => return format!("{:08}", 10_000_000 + number),
            Some("uzi") => return format!("{:09}", 100_000_000 + number),
            Some("big") => return format!("{:011}", 10_000_000_000 + number),
            Some("uri") => return format!("urn:oid:2.999.{number}"),
            Some("timestamp") => return "2026-01-05T09:00:00Z".to_owned(),
            Some(axis) if axis.starts_with("tnm-") => {
                return format!("{}{}", &axis[4..].to_uppercase(), self.pick(&["0", "1", "1a"]));
            }
            Some("moment") => return self.moment(name, true),
            Some("partial-date") => return self.moment(name, false),
            _ => {}
        }
        match schema["pattern"].as_str() {
            // A code: words with single spaces between them.
            Some(r"^[^\s]+(\s[^\s]+)*$") => self.pick(&["x1", "A b/9", "é:\"<&"]).to_owned(),
            Some("^[A-Za-z]$") => self.pick(&["a", "B"]).to_owned(),
            Some("^[A-Z][0-9A-Z]$") => self.pick(&["V4", "Z3"]).to_owned(),
            Some("^[0-9]{4}$") => self.pick(&["0100", "8400"]).to_owned(),
            Some("^[a-z]+/[A-Za-z0-9.+-]+$") => "application/pdf".to_owned(),
            Some("^[A-Za-z0-9+/]+={0,2}$") => self.pick(&["SGFsbG8=", "AAAA"]).to_owned(),
            Some("^C([0-7][0-9]|80)\\.[0-9]$") => self.pick(&["C18.0", "C34.1", "C50.4", "C56.9"]).to_owned(),
            Some("^[89][0-9]{3}$") => self.pick(&["8140", "8500", "8070"]).to_owned(),
            Some("^[A-Z][0-9]{2}(\\.[0-9]{1,2})?$") => self.pick(&["C18.0", "C78.7", "C79.5", "C77.1"]).to_owned(),
            Some(stage) if stage.starts_with("^(0|0a") => self.pick(&["IIIA", "IV", "X"]).to_owned(),
            None if name == "code" => format!("x{number}"),
            // Keys are given when the lists are there.
            Some("^[A-Za-z0-9._-]{1,64}$") => format!("key-{number}"),
            Some(other) => panic!("no maker for {other}"),
            None => {
                let words = ["Ab", "é", " ", "J.", ":", "<i>", "\"", "&", "Onbekend: ", "  ", "ß/", "'t"];
                let mut text = format!("x{number}");
                for _ in 0..self.below(5) {
                    text.insert_str(if self.below(4) == 0 { 0 } else { text.len() }, self.pick(&words));
                }
                text
            }
        }
    }

    /// Beginnings lie before what is said, and ends after it.
    fn moment(&mut self, name: &str, timed: bool) -> String {
        let year = match name {
            "incidenceDate" | "recordedOn" => 2010,
            "from" | "startDate" | "birthDate" => 1950 + self.below(60),
            "to" | "endDate" | "endedAt" | "deceasedDate" => 2025,
            _ => 2010 + self.below(14),
        };
        let (month, day) = (1 + self.below(12), 1 + self.below(28));
        match self.below(if timed { 4 } else { 3 }) {
            0 => format!("{year}"),
            1 => format!("{year}-{month:02}"),
            2 => format!("{year}-{month:02}-{day:02}"),
            _ => format!("{year}-{month:02}-{day:02}T14:30:00+01:00"),
        }
    }
}

/// Properties that refer to an entry, and the list that they refer to.
const REFERENCES: &[(&str, &str)] = &[
    ("conductedBy", "practitioners"),
    ("practitionersPresent", "practitioners"),
    ("acceptedBy", "practitioners"),
    ("practitioner", "practitioners"),
    ("contactPersonsPresent", "contactPersons"),
    ("legalRepresentative", "contactPersons"),
    ("firstContacts", "contactPersons"),
    ("representative", "contactPersons"),
    ("disorders", "problems"),
    ("indications", "problems"),
    ("advanceDirectives", "advanceDirectives"),
];

/// The plan with keys that lead somewhere, and without answers that exclude each other.
fn settled(mut plan: Value, maker: &mut Maker<'_>) -> Value {
    let keys = |list: &str| -> Vec<Value> {
        plan[list].as_array().into_iter().flatten().map(|entry| entry["key"].clone()).collect()
    };
    let lists: Vec<(&str, Vec<Value>)> =
        ["practitioners", "contactPersons", "problems", "advanceDirectives"].map(|list| (list, keys(list))).into();
    point(&mut plan, &lists, maker);
    let object = plan.as_object_mut().unwrap();
    if object.get("inCharge").is_some_and(|one| one.get("practitioner").is_none()) {
        object.shift_remove("inCharge");
    }
    if object.get("icd").is_some() || object.get("icdDeactivation").is_some() {
        object.entry("hasIcd").and_modify(|answer| *answer = json!("373066001"));
    }
    if let Some(icd) = object.get_mut("icd").and_then(Value::as_object_mut) {
        if icd.contains_key("gtin") {
            icd.shift_remove("hibc");
        }
        if let Some(location) = icd.get_mut("location") {
            location["system"] = maker.pick(&["http://snomed.info/sct", "urn:oid:2.16.840.1.113883.6.43.1"]).into();
        }
    }
    let told =
        object.get("filledInAt").is_some() || object.get("conversation").is_some_and(|c| c["startedAt"].is_string());
    if !told {
        object.insert("filledInAt".into(), json!("2024-05-17T10:00:00+02:00"));
    }
    if let Some(patient) = object["patient"].as_object_mut()
        && patient.contains_key("deceasedDate")
        && patient.get("deceased").is_some()
    {
        patient.insert("deceased".into(), json!(true));
    }
    Value::Object(object.iter().filter(|(_, value)| !is_empty(value)).map(|(k, v)| (k.clone(), v.clone())).collect())
}

fn point(value: &mut Value, lists: &[(&str, Vec<Value>)], maker: &mut Maker<'_>) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| {
            point(item, lists, maker);
            // The one item that is a reference and nothing else: a party that cannot be pointed at is the patient.
            if is_empty(item) {
                *item = json!({ "patient": true });
            }
        }),
        Value::Object(object) => {
            let names: Vec<String> = object.keys().cloned().collect();
            for name in names {
                let list = REFERENCES.iter().find(|(property, _)| *property == name).map(|(_, list)| *list);
                let refers = |value: &Value| value.is_string() || value[0].is_string();
                let Some(list) = list.filter(|_| refers(&object[name.as_str()])) else {
                    point(&mut object[name.as_str()], lists, maker);
                    if is_empty(&object[name.as_str()]) {
                        object.shift_remove(&name);
                    }
                    continue;
                };
                let keys = &lists.iter().find(|(one, _)| *one == list).unwrap().1;
                if keys.is_empty() {
                    object.shift_remove(&name);
                } else if object[name.as_str()].is_array() {
                    let mut chosen = keys.clone();
                    chosen.rotate_left(maker.below(keys.len()));
                    chosen.truncate(1 + maker.below(keys.len()));
                    object[name.as_str()] = Value::Array(chosen);
                } else {
                    object[name.as_str()] = maker.pick(keys);
                }
            }
        }
        _ => {}
    }
}

fn is_empty(value: &Value) -> bool {
    value.as_object().is_some_and(Map::is_empty) || value.as_array().is_some_and(Vec::is_empty)
}
