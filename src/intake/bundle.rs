//! A Bundle of care planning resources of another system, as the care plan that it says.

use serde_json::{Map, Value};

use super::known::Known;
use super::origin::{Origin, missing};
use super::sender::{Around, Sender};
use crate::domain::{Agb, Big, Ura, Uzi};
use crate::fhir::{Issue, IssueCode, ResourceKey};
use crate::mapping::bundle::{Entries, entries};
use crate::mapping::care_plan::{self, Conversation};
use crate::mapping::common::patient;

/// Name of such documents in records and commands.
pub const KIND: &str = "care-plan-bundle";

/// What a sender may say beside a Bundle that does not say it itself.
const BESIDE: &[&str] = &["documentId", "version", "recordedAt", "source", "patient"];

/// The Bundle of a body: the body itself, or its `bundle`.
pub fn of(body: &Value) -> &Value {
    if body["resourceType"].is_string() { body } else { &body["bundle"] }
}

/// Reads a Bundle, or `{ documentId, version, recordedAt, source, patient, bundle }` of which all but the Bundle may be
/// left out where it says so itself: the plan of each conversation that it tells of, the oldest first. Where there are
/// several, the name of each has its conversation's behind it. What is missing, and how to give it, is told beside what
/// can be read, at its place in the Bundle.
///
/// # Errors
/// There is no Bundle that can be read.
pub fn read(body: &Value, known: &Known) -> Result<Vec<Origin>, Vec<Issue>> {
    let bundle = of(body);
    let given = beside(body)?.into_iter().flatten().filter(|(name, _)| BESIDE.contains(&name.as_str()));
    let given: Map<String, Value> = given.map(|(name, value)| (name.clone(), value.clone())).collect();
    let mut entries = entries(bundle)?;
    let mut faults = std::mem::take(&mut entries.faults);
    faults.extend(ambiguous(&entries));
    faults.extend(one_patient(&mut entries, known));
    let conversations = care_plan::conversations(&entries.resources);
    let newest = conversations.len() - 1;
    let mut plans = Vec::new();
    for (number, conversation) in conversations.iter().enumerate() {
        let mut plan = plan(bundle, &entries, known, &given, conversation);
        if number < newest {
            // The patient's record says what holds today, and nothing of what held then.
            plan.document.as_object_mut().map(|document| document.shift_remove("legalCapacity"));
        } else {
            plan.warnings.splice(0..0, entries.warnings.iter().cloned());
        }
        plan.faults.splice(0..0, faults.iter().cloned());
        plans.push(plan);
    }
    Ok(plans)
}

/// The plan of one conversation.
fn plan(
    bundle: &Value,
    entries: &Entries,
    known: &Known,
    given: &Map<String, Value>,
    conversation: &Conversation,
) -> Origin {
    let mut read = care_plan::read(&conversation.resources, &Value::Null);
    let mut document = read.document.as_object().cloned().unwrap_or_default();
    let all: Vec<&Value> = entries.resources.iter().collect();
    let organizations = all.iter().filter(|one| one["resourceType"] == "Organization").count();
    let said = Said { bundle, resources: &all, is_lone: organizations == 1, known, read: &document };
    let nothing = Map::new();
    let around = |these: &[&Value]| {
        let said = Said { resources: these, read: &nothing, ..said };
        Value::Object(said.envelope().0)
    };
    care_plan::account(&conversation.resources, &mut read.trace, &mut read.warnings, &around);
    let (mut envelope, counted) = said.envelope();
    if let Some(sender) = said.only_organization().filter(|_| !given.contains_key("source")) {
        read.take_as_read(sender, "/source/organization");
    }
    let counted = counted && !given.contains_key("version");
    envelope.extend(given.clone());
    document.extend(envelope);
    if let (Some(name), Some(of)) = (&conversation.name, document.get("documentId").and_then(Value::as_str)) {
        document["documentId"] = Value::from(format!("{of}/{name}"));
    }
    let lacking = lacking(&document);
    let without = |part: &str| lacking.iter().any(|(name, _)| *name == part);
    let mut wrong = Vec::new();
    for list in ["practitioners", "icd"] {
        if let Some(value) = document.get_mut(list) {
            without_wrong_numbers(value, &format!("/{list}"), &mut wrong);
        }
    }
    let mut trace = read.trace;
    for row in &mut trace.rows {
        if let Some(place) = entries.place(row.source.trim_end_matches('.')) {
            row.source = place;
        }
    }
    let told = |issue: Issue| match issue.at.as_deref().and_then(|at| entries.place(at)) {
        Some(place) => issue.at(place),
        None => issue,
    };
    let warnings = read.warnings.into_iter().map(told).collect();
    let place = |part: &'static str, in_bundle: &str| {
        let at = if given.contains_key(&part[1..]) { part.to_owned() } else { in_bundle.to_owned() };
        (part, at)
    };
    let mut around = vec![
        place("/documentId", "Bundle.identifier"),
        place("/version", "Bundle.meta.versionId"),
        place("/recordedAt", "Bundle.timestamp"),
    ];
    for part in ["/source", "/patient"] {
        if given.contains_key(&part[1..]) {
            around.push((part, part.to_owned()));
        } else if without(&part[1..]) {
            around.push((part, "Bundle".to_owned()));
        }
    }
    let mut origin = Origin {
        kind: KIND,
        document: Value::Object(document),
        counted,
        places: trace.rows.iter().map(|row| row.source.clone()).collect(),
        trace,
        faults: lacking.into_iter().map(|(_, fault)| fault).collect(),
        warnings,
        form: None,
        around,
    };
    for pointer in wrong {
        let text = "A number of a professional or organisation that is none was not taken in.";
        let warning = Issue::warning(IssueCode::Value, "care-plan-bundle-number", text).at(pointer);
        origin.warnings.push(origin.place(warning));
    }
    origin
}

/// The properties beside the Bundle; none where the body is the Bundle.
///
/// # Errors
/// There is no Bundle, or something that no document has.
pub(super) fn beside(body: &Value) -> Result<Option<&Map<String, Value>>, Vec<Issue>> {
    if body["resourceType"].is_string() {
        return Ok(None);
    }
    let Some(properties) = body.as_object().filter(|all| all.contains_key("bundle")) else {
        let text = "Send a Bundle, or an object with the Bundle in `bundle`.";
        return Err(vec![missing("care-plan-bundle-missing", "/bundle", text)]);
    };
    let unknown = properties.keys().filter(|name| *name != "bundle" && !BESIDE.contains(&name.as_str()));
    let faults: Vec<Issue> = unknown
        .map(|name| {
            let text = format!("Expected nothing but `bundle` and {}.", BESIDE.join(", "));
            Issue::error(IssueCode::Structure, "document-unknown-property", text).at(format!("/{name}"))
        })
        .collect();
    if faults.is_empty() { Ok(Some(properties)) } else { Err(faults) }
}

/// Takes out the numbers of professionals and their organisations that are none: they name nobody, and a plan is not
/// refused for them. Gives the places at which they stood.
fn without_wrong_numbers(value: &mut Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Array(items) => {
            items.iter_mut().enumerate().for_each(|(i, item)| without_wrong_numbers(item, &format!("{at}/{i}"), found));
        }
        Value::Object(object) => {
            let is_wrong = |name: &str, value: &Value| {
                let Some(number) = value.as_str() else { return false };
                match name {
                    "agb" => Agb::parse(number).is_err(),
                    "ura" => Ura::parse(number).is_err(),
                    "uzi" => Uzi::parse(number).is_err(),
                    "big" => Big::parse(number).is_err(),
                    _ => false,
                }
            };
            let wrong: Vec<String> =
                object.iter().filter(|(name, value)| is_wrong(name, value)).map(|(name, _)| name.clone()).collect();
            for name in wrong {
                object.shift_remove(&name);
                found.push(format!("{at}/{name}"));
            }
            object.iter_mut().for_each(|(name, value)| without_wrong_numbers(value, &format!("{at}/{name}"), found));
        }
        _ => {}
    }
}

/// A care plan is about one patient: the one of the Bundle, or the one who is known here by the id that it refers to.
/// Gives the faults of all others.
fn one_patient(entries: &mut Entries, known: &Known) -> Vec<Issue> {
    let patients: Vec<&Value> = entries.resources.iter().filter(|one| one["resourceType"] == "Patient").collect();
    if let [_, others @ ..] = patients.as_slice() {
        let places = others.iter().filter_map(|other| entries.place(&ResourceKey::of(other)?.to_string()));
        let text = "A care plan is about one patient; this is another one.";
        let fault = |place| Issue::error(IssueCode::BusinessRule, "care-plan-bundle-patients", text).at(place);
        return places.map(fault).collect();
    }
    let named = |subject: &Value| known.at(subject).or_else(|| known.patient(&subject["identifier"])).cloned();
    let found = entries.resources.iter().find_map(|one| named(&one["subject"]).or_else(|| named(&one["patient"])));
    entries.resources.extend(found);
    Vec::new()
}

/// What the Bundle says around its content.
#[derive(Clone, Copy)]
struct Said<'b> {
    bundle: &'b Value,
    resources: &'b [&'b Value],
    /// There is one organisation in the whole Bundle.
    is_lone: bool,
    known: &'b Known,
    /// The document that was read, which has an envelope where our own Provenance came along.
    read: &'b Map<String, Value>,
}

impl<'b> Said<'b> {
    /// The properties that are said, and whether no version is.
    fn envelope(&self) -> (Map<String, Value>, bool) {
        let bundle = self.bundle;
        let mut envelope = Map::new();
        let mut put = |name: &str, value: Option<Value>| {
            envelope.extend(value.map(|value| (name.to_owned(), value)));
        };
        let identifier = bundle["identifier"]["value"].as_str();
        let named = |value: &str| Some(Value::from(value));
        let before = |name: &str| self.read.get(name).cloned();
        let composition = self.first("Composition");
        let id = identifier.and_then(named).or_else(|| before("documentId"));
        let id = id.or_else(|| named(composition["identifier"]["value"].as_str()?));
        put("documentId", id.or_else(|| named(bundle["id"].as_str()?)));
        put("recordedAt", self.moment().map(Value::from).or_else(|| before("recordedAt")));
        let version = bundle["meta"]["versionId"].as_str().and_then(|version| version.parse::<u64>().ok());
        // Of a Bundle with a name of its own our version says nothing.
        let version = version.map(Value::from).or_else(|| before("version").filter(|_| identifier.is_none()));
        let counted = version.is_none();
        put("version", Some(version.unwrap_or(Value::from(1))));
        let system = bundle["meta"]["source"].as_str().map(|source| source.split('#').next().unwrap_or(source));
        let system = system.or(bundle["identifier"]["system"].as_str());
        put("source", self.sender().source(system).or_else(|| before("source")));
        put("patient", self.patient());
        (envelope, counted)
    }

    fn first(&self, resource_type: &str) -> &'b Value {
        let found = self.resources.iter().find(|one| one["resourceType"] == resource_type);
        found.copied().unwrap_or(&Value::Null)
    }

    /// With a time, of what says when the plan was recorded.
    fn moment(&self) -> Option<&'b str> {
        let provenance = self.first("Provenance");
        let said = [
            &self.bundle["timestamp"],
            &self.first("Composition")["date"],
            &provenance["recorded"],
            &self.bundle["meta"]["lastUpdated"],
        ];
        let newest = || {
            let all = self.resources.iter().filter_map(|one| one["meta"]["lastUpdated"].as_str());
            all.max_by_key(|text| text.parse::<jiff::Timestamp>().ok())
        };
        said.into_iter().filter_map(Value::as_str).find(|text| text.contains('T')).or_else(newest)
    }

    /// Who signs for the plan: of the Composition or the Provenance, else the only organisation of the Bundle.
    fn sender(&self) -> Sender {
        let of = |name: &str| {
            let is_it = |one: &&&Value| ResourceKey::of(one).is_some_and(|key| key.to_string() == name);
            self.resources.iter().find(is_it).copied()
        };
        let here = Around { sent: &of, known: self.known };
        let (composition, provenance) = (self.first("Composition"), self.first("Provenance"));
        let agents = provenance["agent"].as_array().into_iter().flatten();
        let agents = agents.flat_map(|agent| [&agent["who"], &agent["onBehalfOf"]]);
        let authors = composition["author"].as_array().into_iter().flatten();
        let mentions = authors.chain([&composition["custodian"]]).chain(agents);
        let sender = mentions.fold(Sender::default(), |sender, mention| sender.or(here.sender(mention)));
        match self.only_organization() {
            Some(only) => sender.or(Sender::of(only)),
            None => sender,
        }
    }

    fn only_organization(&self) -> Option<&'b Value> {
        let found = self.resources.iter().find(|one| self.is_lone && one["resourceType"] == "Organization");
        found.copied()
    }

    fn patient(&self) -> Option<Value> {
        let found = self.first("Patient");
        (!found.is_null()).then(|| patient::read(found))
    }
}

/// Faults of the treatment directives that say two things.
fn ambiguous(entries: &Entries) -> Vec<Issue> {
    let ambiguous = entries.resources.iter().filter(|one| care_plan::is_ambiguous(one)).filter_map(ResourceKey::of);
    let fault = |key| {
        let text = "A directive is permit or deny, or says otherwise with `specificationOther`; never both.";
        let issue = Issue::error(IssueCode::BusinessRule, "care-plan-bundle-ambiguous", text);
        issue.at(entries.place(&format!("{key}#Consent.provision.type")).unwrap_or_default())
    };
    ambiguous.map(fault).collect()
}

/// What no document can do without, each with how to say it.
fn lacking(document: &Map<String, Value>) -> Vec<(&'static str, Issue)> {
    let needed = [
        (
            "documentId",
            "Bundle.identifier",
            "care-plan-bundle-no-identifier",
            "The Bundle needs an `identifier` (or an `id`), the same in every version of the plan; or `documentId` beside it.",
        ),
        (
            "recordedAt",
            "Bundle.timestamp",
            "care-plan-bundle-no-time",
            "The Bundle needs a `timestamp` (or a Composition with a date and time, or a Provenance); or `recordedAt` beside it.",
        ),
        (
            "source",
            "Bundle",
            "care-plan-bundle-no-source",
            "The Bundle needs a sender: an Organization with an AGB or URA number as author or custodian of its Composition, as \
             agent of its Provenance, or as its only Organization; or `source` beside it.",
        ),
        (
            "patient",
            "Bundle",
            "care-plan-bundle-no-patient",
            "The Bundle needs its Patient, or references to a Patient who is known here; or `patient` beside it.",
        ),
    ];
    let absent = needed.into_iter().filter(|(name, ..)| !document.contains_key(*name));
    absent.map(|(name, at, id, text)| (name, missing(id, at, text))).collect()
}
