//! Faults to plant in a document: what is written where, and what each rests on, so that no two hide each other.

use overdracht::domain::Kind;
use serde_json::{Value, json};

/// One fault.
#[derive(Debug)]
pub struct Plant {
    /// Where it is planted, with `*` for any item of a list; its object must be there.
    pub at: &'static str,
    pub what: What,
    /// What the rule reads besides: no other fault is planted there.
    pub rests_on: &'static [&'static str],
}

#[derive(Debug)]
pub enum What {
    /// In the place of what stands there.
    Put(&'static str),
    /// In the place of what stands there, where this stands beside it (empty: anything).
    Beside(&'static str, &'static str, &'static str),
    /// Only where nothing stands.
    Add(&'static str),
    /// Only where nothing stands, and this stands beside it.
    AddBeside(&'static str, &'static str),
    Remove,
    /// The last item of this list a second time, told at this property of the copy.
    Twice(&'static str),
}

use What::{Add, AddBeside, Beside, Put, Remove, Twice};

const fn write(at: &'static str, json: &'static str) -> Plant {
    Plant { at, what: Put(json), rests_on: &[] }
}

const fn beside(at: &'static str, name: &'static str, code: &'static str, json: &'static str) -> Plant {
    Plant { at, what: Beside(name, code, json), rests_on: &[] }
}

const fn add(at: &'static str, json: &'static str) -> Plant {
    Plant { at, what: Add(json), rests_on: &[] }
}

const fn remove(at: &'static str) -> Plant {
    Plant { at, what: Remove, rests_on: &[] }
}

const fn twice(list: &'static str, at: &'static str) -> Plant {
    Plant { at: list, what: Twice(at), rests_on: &[] }
}

impl Plant {
    const fn on(self, rests_on: &'static [&'static str]) -> Plant {
        Plant { at: self.at, what: self.what, rests_on }
    }
}

/// Faults of any document: of the schema, then those that it cannot express.
const ENVELOPE: &[Plant] = &[
    write("/documentId", "\"\""),
    write("/version", "0"),
    write("/recordedAt", "\"gisteren\""),
    write("/source/system", "\"no uri\""),
    write("/source/organization/agb", "\"123\""),
    remove("/source/organization/name"),
    write("/patient/identifiers/bsn", "\"123456789\""),
    write("/patient/gender", "\"X\""),
    write("/patient/birthDate", "\"1950-13\""),
    write("/patient/name/nameUsage", "\"NL9\""),
    write("/patient/name/lastName", "{\"prefix\": \"van\", \"name\": 1}"),
    write("/patient/addresses/*/country", "\"XX\""),
    write("/patient/addresses/*/houseNumberLetter", "\"12\""),
    write("/patient/contactDetails/telephones/*/telecomType", "\"tel\""),
    add("/patient/nickname", "\"x\""),
    add("/opmerking", "\"x\""),
    write("/recordedAt", "\"3024-01-01T00:00:00Z\""),
    write("/patient/birthDate", "\"3024\""),
    add("/patient/deceasedDate", "\"3024-01\"").on(&["/patient/birthDate", "/patient/deceased"]),
];

const CARE_PLAN: &[Plant] = &[
    beside("/patient/deceasedDate", "birthDate", "", "\"1820\"").on(&["/patient/birthDate", "/patient/deceased"]),
    write("/filledInAt", "\"2026-02-30\""),
    write("/conversation/patientPresent", "\"ja\""),
    write("/conversation/contactType", "\"BEL\""),
    write("/goal/goal", "1"),
    add("/goal/doel", "1"),
    write("/treatmentDirectives/*/decision", "\"9\""),
    write("/treatmentDirectives/*/comment", "\"\""),
    write("/hasIcd", "\"ja\""),
    write("/icd/productType", "\"ICD\""),
    write("/icdDeactivation/decision", "\"2\""),
    write("/preferredPlaceOfDeath/place", "\"HIER\""),
    write("/euthanasiaPosition/position", "\"nee\""),
    write("/contactPersons/*/roles/0", "\"BUUR\""),
    write("/contactPersons/*/addresses", "{}"),
    write("/practitioners/*/specialty", "\"oncoloog\""),
    write("/practitioners/*/uzi", "\"1\""),
    remove("/advanceDirectives/*/date"),
    write("/advanceDirectives/*/type", "\"X\""),
    write("/informedRelatives", "\"ja\""),
    write("/sharingConsent", "\"nee\""),
    add("/wilsbekwaam", "true"),
    write("/conversation/startedAt", "\"3024-01-01\"")
        .on(&["/treatmentDirectives/*/endedAt", "/icdDeactivation/endedAt"]),
    write("/filledInAt", "\"3024-01-01\"").on(&["/treatmentDirectives/*/endedAt", "/icdDeactivation/endedAt"]),
    write("/goal/date", "\"3024-01-01\""),
    write("/treatmentDirectives/*/discussedAt", "\"3024-01-01\"").on(&["/treatmentDirectives/*/endedAt"]),
    write("/treatmentDirectives/*/endedAt", "\"1900\"").on(TOLD),
    write("/icdDeactivation/endedAt", "\"1900\"").on(TOLD),
    write("/specificCareWishes/date", "\"3024\""),
    write("/preferredPlaceOfDeath/date", "\"3024\""),
    write("/euthanasiaPosition/date", "\"3024-02\""),
    write("/organDonation/date", "\"3024\""),
    write("/senseOfPurpose/date", "\"3024\""),
    write("/advanceDirectives/*/date", "\"3024\""),
    Plant { at: "/icd/hibc", what: AddBeside("gtin", "\"+H1\""), rests_on: &["/icd/gtin"] },
    write("/icd/location/system", "\"urn:oid:2.999\""),
    write("/icd/startDate", "\"3024\"").on(&["/icd/endDate"]),
    beside("/icd/endDate", "startDate", "", "\"1900\"").on(&["/icd/startDate"]),
    beside("/inCharge/to", "from", "", "\"1900\"").on(&["/inCharge/from"]),
    write("/inCharge/acceptedAt", "\"3024\""),
    write("/conversation/conductedBy", "\"niemand\"").on(&["/practitioners"]),
    write("/inCharge/practitioner", "\"niemand\"").on(&["/practitioners"]),
    write("/inCharge/acceptedBy", "\"niemand\"").on(&["/practitioners"]),
    write("/icd/practitioner", "\"niemand\"").on(&["/practitioners"]),
    write("/legalRepresentative", "\"niemand\"").on(&["/contactPersons"]),
    write("/firstContacts/*", "\"niemand\"").on(&["/contactPersons", "/firstContacts"]),
    write("/conversation/contactPersonsPresent/*", "\"niemand\"")
        .on(&["/contactPersons", "/conversation/contactPersonsPresent"]),
    write("/advanceDirectives/*/representative", "\"niemand\"").on(&["/contactPersons"]),
    write("/treatmentDirectives/*/agreementParties/*", "{\"practitioner\": 1}"),
    write("/treatmentDirectives/*/advanceDirectives/0", "\"niets\"").on(&["/advanceDirectives"]),
    write("/icdDeactivation/advanceDirectives/0", "\"niets\"").on(&["/advanceDirectives"]),
    write("/advanceDirectives/*/disorders/0", "\"niets\"").on(&["/problems"]),
    write("/icd/indications/0", "\"niets\"").on(&["/problems"]),
    twice("/problems", "/key").on(&["/icd/indications", "/advanceDirectives"]),
    twice("/practitioners", "/key").on(&["/conversation/conductedBy", "/inCharge", "/icd"]),
];

/// What a treatment directive that names no date of its own is held against.
const TOLD: &[&str] =
    &["/conversation/startedAt", "/filledInAt", "/treatmentDirectives/*/discussedAt", "/icdDeactivation/discussedAt"];

const REGISTRY: &[Plant] = &[
    write("/tumour/icd10", "\"kanker\""),
    write("/tumour/basisOfDiagnosis", "\"microscoop\""),
    write("/tumour/histology/grade", "\"hoog\""),
    write("/tumour/histology/behaviour", "3"),
    write("/tumour/tnm/*/edition", "\"5\""),
    write("/tumour/tnm/*/stageGroup", "\"V\""),
    write("/tumour/characteristics/*/result", "\"ja\""),
    write("/performanceStatuses/*/score", "\"6\""),
    write("/treatments/*/kinds/0", "\"kuur\""),
    write("/treatments/*/line", "0"),
    write("/treatments/*/changes/*/reasons", "[]"),
    write("/noTreatmentDecisions/*/reasons/0", "\"geen zin\""),
    write("/meetings/*/kind", "\"mdo\""),
    write("/consultations/*/kind", "\"arts\""),
    write("/expectedCourses/*/outlook", "\"slecht\""),
    write("/qlqC30/*/pain", "101"),
    write("/fourDimensional/*/social", "\"5\""),
    add("/causeOfDeath", "\"kanker\""),
    add("/tumour/stadium", "\"IV\""),
    write("/tumour/incidenceDate", "\"3024\""),
    write("/tumour/incidenceDate", "\"1800\"").on(&["/patient/birthDate"]),
    write("/tumour/recordedOn", "\"1800\"").on(&["/patient/birthDate"]),
    write("/tumour/tnm/*/date", "\"3024\"").on(&["/tumour/tnm"]),
    beside("/tumour/tnm/*/t", "classification", "clinical", "\"ypT1\"").on(&["/tumour/tnm/*/classification"]),
    beside("/tumour/otherStages/*/stage", "system", "FIGO", "\"IX\"").on(&["/tumour/otherStages/*/system"]),
    add("/tumour/otherStages/*/name", "\"x\"").on(&["/tumour/otherStages/*/system"]),
    add("/tumour/characteristics/*/name", "\"x\"").on(&["/tumour/characteristics/*/marker"]),
    write("/tumour/characteristics/*/date", "\"3024\""),
    write("/treatments/*/start", "\"3024\"").on(&["/treatments/*/status"]),
    beside("/treatments/*/end", "start", "", "\"1990\"").on(&["/treatments/*/start", "/patient/birthDate"]),
    write("/treatments/*/status", "\"klaar\"").on(&["/treatments/*/start", "/treatments/*/end"]),
    write("/treatments/*/response/date", "\"1990\"").on(&["/treatments/*/start", "/patient/birthDate"]),
    write("/treatments/*/changes/*/date", "\"3024\""),
    write("/noTreatmentDecisions/*/date", "\"3024\""),
    write("/performanceStatuses/*/date", "\"3024\"").on(&["/performanceStatuses"]),
    write("/meetings/*/date", "\"3024\""),
    write("/consultations/*/date", "\"1800\"").on(&["/patient/birthDate"]),
    write("/expectedCourses/*/toldOn", "\"3024\"").on(&["/expectedCourses/*/told"]),
    write("/comorbidities/*/since", "\"1800\"").on(&["/patient/birthDate"]),
    write("/qlqC30/*/date", "\"3024\"").on(&["/qlqC30"]),
    write("/fourDimensional/*/date", "\"3024\"").on(&["/fourDimensional"]),
    twice("/treatments", "/id"),
    twice("/comorbidities", "/description"),
    twice("/meetings", ""),
    twice("/consultations", ""),
    twice("/tumour/tnm", ""),
    twice("/tumour/characteristics", ""),
];

const METASTASIS: &[Plant] = &[
    write("/statedTiming", "\"vroeg\""),
    add("/tumour/soort", "\"borst\""),
    write("/tumour/facts/laterality", "\"L\""),
    write("/tumour/facts/topography", "\"borst\""),
    write("/tumour/facts/morphology", "8500"),
    write("/sites/*/confirmation", "\"scan\""),
    write("/sites/*/description", "\"\""),
    write("/sites/*/laterality", "\"L\""),
    write("/sites/*/site", "\"bot\"").on(&["/sites/*/icd10", "/sites/*/topography", "/sites/*/nodes"]),
    write("/detectedOn", "\"2026-02-30\""),
    write("/detectedOn", "\"3024\""),
    write("/detectedOn", "\"1800\"").on(&["/patient/birthDate"]),
    write("/tumour/facts/incidenceDate", "\"3024\""),
    write("/tumour/facts/firstTreatment/date", "\"3024\"").on(&["/tumour/facts/firstTreatment/status"]),
    write("/sites/*/confirmedOn", "\"3024\""),
    add("/sites/*/icd10", "\"C34\""),
    add("/sites/*/nodes", "\"regional\"").on(&["/sites/*/site", "/sites/*/icd10", "/sites/*/topography"]),
    twice("/sites", ""),
];

pub fn table(kind: Kind) -> impl Iterator<Item = &'static Plant> {
    let own = match kind {
        Kind::CarePlan => CARE_PLAN,
        Kind::RegistryRecord => REGISTRY,
        Kind::MetastasisEvent => METASTASIS,
    };
    ENVELOPE.iter().chain(own)
}

/// A document with up to `count` faults that have nothing to do with each other, and the places at which they are told.
pub fn planted(kind: Kind, mut document: Value, seed: u64, count: usize) -> (Value, Vec<String>) {
    let mut state = seed;
    let mut rows: Vec<(u64, &Plant)> = table(kind)
        .map(|row| {
            // A linear congruential generator: any order will do.
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 16, row)
        })
        .collect();
    rows.sort_by_key(|(order, _)| *order);
    // What was planted, and what it rests on; both as they are resolved.
    let mut taken: Vec<String> = Vec::new();
    let mut told = Vec::new();
    for (order, row) in rows {
        if told.len() == count {
            break;
        }
        let Some((with, at)) = row.plant(document.clone(), usize::try_from(order % 97).unwrap()) else { continue };
        let mut touched: Vec<String> = vec![at.clone()];
        if matches!(row.what, Twice(_)) {
            touched.push(row.at.to_owned());
        }
        touched.extend(row.rests_on.iter().map(|one| (*one).to_owned()));
        if touched.iter().any(|one| taken.iter().any(|other| meet(one, other))) {
            continue;
        }
        taken.extend(touched);
        told.push(at);
        document = with;
    }
    (document, told)
}

/// True where one of two places lies within the other; `*` is any item.
fn meet(one: &str, other: &str) -> bool {
    one.split('/').zip(other.split('/')).all(|(a, b)| a == b || a == "*" || b == "*")
}

impl Plant {
    /// The document with the fault, and the place at which it is told; none where there is no place for it.
    pub fn plant(&self, mut document: Value, choice: usize) -> Option<(Value, String)> {
        if let Twice(property) = self.what {
            let list = document.pointer_mut(self.at)?.as_array_mut()?;
            list.push(list.last()?.clone());
            let at = format!("{}/{}{property}", self.at, list.len() - 1);
            document.pointer(&at)?;
            return Some((document, at));
        }
        let (object, name) = self.at.rsplit_once('/')?;
        let holders = each(&document, object);
        let wanted: Vec<String> = holders
            .into_iter()
            .flat_map(|holder| {
                let inner = document.pointer(&holder);
                if name == "*" {
                    return each(&document, &format!("{holder}/*"));
                }
                let there = inner.is_some_and(|inner| {
                    inner.get(name).is_some() || inner.get(name.parse::<usize>().unwrap_or(usize::MAX)).is_some()
                });
                let beside = match self.what {
                    Beside(name, code, _) => {
                        let stands = inner.and_then(|inner| inner[name].as_str());
                        stands.is_some_and(|stands| code.is_empty() || stands == code)
                    }
                    AddBeside(name, _) => inner.is_some_and(|inner| inner.get(name).is_some()),
                    _ => true,
                };
                let fits = beside
                    && inner.is_some_and(|inner| inner.is_object() || inner.is_array())
                    && there != matches!(self.what, Add(_) | AddBeside(..));
                if fits { vec![format!("{holder}/{name}")] } else { Vec::new() }
            })
            .collect();
        let at = wanted.get(choice % wanted.len().max(1))?.clone();
        let is_new = match self.what {
            Put(json) | Add(json) | AddBeside(_, json) | Beside(_, _, json) => serde_json::from_str(json).ok(),
            _ => None,
        };
        put_at(&mut document, &at, is_new);
        // What is told deeper than it is planted.
        let told = match self.at {
            "/patient/name/lastName" => format!("{at}/name"),
            "/treatmentDirectives/*/agreementParties/*" => format!("{at}/practitioner"),
            _ => at,
        };
        Some((document, told))
    }
}

/// Writes a value where a pointer says; Null takes away what stands there.
pub fn put(document: &mut Value, at: &str, value: Value) {
    put_at(document, at, Some(value).filter(|value| !value.is_null()));
}

fn put_at(document: &mut Value, at: &str, value: Option<Value>) {
    let (holder, name) = at.rsplit_once('/').unwrap();
    match (document.pointer_mut(holder).unwrap(), value) {
        (Value::Object(object), Some(value)) => {
            object.insert(name.to_owned(), value);
        }
        (Value::Object(object), None) => {
            object.shift_remove(name);
        }
        (holder, value) => holder[name.parse::<usize>().unwrap()] = value.unwrap_or(json!(null)),
    }
}

fn each(document: &Value, pattern: &str) -> Vec<String> {
    let mut found = vec![String::new()];
    for step in pattern.split('/').skip(1) {
        found = found
            .into_iter()
            .flat_map(|at| match document.pointer(&at) {
                Some(Value::Array(items)) if step == "*" => (0..items.len()).map(|i| format!("{at}/{i}")).collect(),
                Some(value) if value.pointer(&format!("/{step}")).is_some() => vec![format!("{at}/{step}")],
                _ => Vec::new(),
            })
            .collect();
    }
    found
}

/// Every place of a document below `at`.
pub fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    let mut below = |name: String, value: &Value| {
        let at = format!("{at}/{name}");
        places(value, &at, found);
        found.push(at);
    };
    match value {
        Value::Object(object) => object.iter().for_each(|(name, value)| below(name.clone(), value)),
        Value::Array(items) => items.iter().enumerate().for_each(|(i, value)| below(i.to_string(), value)),
        _ => {}
    }
}
