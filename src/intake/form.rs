//! A filled form of the published questionnaire, as the care plan that it says: with a native document's properties
//! beside it, or as FHIR alone.

use serde_json::{Map, Value, json};

use super::known::Known;
use super::origin::{Origin, missing};
use super::sender::{Around, Sender};
use crate::fhir::{Issue, IssueCode};
use crate::mapping::care_plan::FORM;
use crate::mapping::common::patient;
use crate::mapping::questionnaire_response::{self, Edition, Said};

/// Name of such documents in records and commands.
pub const KIND: &str = "questionnaire-response";

/// Reads `{ documentId, version, recordedAt, source, patient, form }`. What cannot be read is told beside the rest.
///
/// # Errors
/// There is no form that can be read.
pub fn read(body: &Value) -> Result<Origin, Vec<Issue>> {
    let without = |at: &str, text: &str| vec![missing("form-missing", at, text)];
    let mut envelope = body
        .as_object()
        .cloned()
        .ok_or_else(|| without("", "Send an object: a document's properties, with the form in `form`."))?;
    let response = envelope
        .shift_remove("form")
        .ok_or_else(|| without("/form", "`form` is required: the QuestionnaireResponse."))?;
    origin(response, &Value::Object(envelope), false, Vec::new(), Said::LinkId)
}

fn origin(
    response: Value,
    envelope: &Value,
    counted: bool,
    around: Vec<(&'static str, String)>,
    said: Said<'_>,
) -> Result<Origin, Vec<Issue>> {
    let read = questionnaire_response::read_all(&response, envelope, said)?;
    Ok(Origin {
        kind: KIND,
        document: read.document,
        counted,
        trace: read.trace,
        places: read.places,
        faults: read.faults,
        warnings: read.warnings,
        form: Some(response),
        around,
    })
}

/// The parts that Parameters may have, with the types of resource that each may be.
const PARTS: &[(&str, &[&str])] = &[
    ("form", &["QuestionnaireResponse"]),
    ("patient", &["Patient"]),
    ("source", &["Organization", "PractitionerRole"]),
];

/// The parts of Parameters, or the QuestionnaireResponse alone: each with its place.
struct Parts<'b> {
    form: &'b Value,
    form_at: String,
    patient: Option<(&'b Value, String)>,
    source: Option<(&'b Value, String)>,
}

impl<'b> Parts<'b> {
    fn of(body: &'b Value) -> Result<Parts<'b>, Vec<Issue>> {
        if body["resourceType"] != "Parameters" {
            return Ok(Parts { form: body, form_at: "QuestionnaireResponse".to_owned(), patient: None, source: None });
        }
        let all = body["parameter"].as_array().map_or(&[][..], Vec::as_slice);
        let faults: Vec<Issue> = all.iter().enumerate().filter_map(|(at, one)| no_part(one, at)).collect();
        if !faults.is_empty() {
            return Err(faults);
        }
        let part = |name: &str| {
            let at = all.iter().position(|one| one["name"] == name)?;
            Some((&all[at]["resource"], format!("Parameters.parameter[{at}].resource")))
        };
        let Some((form, form_at)) = part("form") else {
            let text =
                "Parameters need a part `form` with the QuestionnaireResponse, and may have `patient` and `source`.";
            return Err(vec![missing("form-missing", "Parameters.parameter", text)]);
        };
        Ok(Parts { form, form_at, patient: part("patient"), source: part("source") })
    }
}

/// What is wrong with a parameter that is none of [`PARTS`], or holds something else than its resource.
fn no_part(parameter: &Value, at: usize) -> Option<Issue> {
    let at = format!("Parameters.parameter[{at}]");
    let Some((name, types)) = PARTS.iter().find(|(name, _)| parameter["name"] == *name) else {
        let text = "The parts of Parameters are `form`, `patient` and `source`; this is none of them.";
        return Some(Issue::error(IssueCode::Structure, "form-part-unknown", text).at(format!("{at}.name")));
    };
    let fits = types.iter().any(|name| parameter["resource"]["resourceType"] == *name);
    let text = || format!("The part `{name}` holds its {} in `resource`, whole.", types.join(" or "));
    (!fits).then(|| Issue::error(IssueCode::Structure, "form-part-resource", text()).at(format!("{at}.resource")))
}

/// Reads a QuestionnaireResponse, or Parameters with `form`, `patient` and `source` (Patient and Organization). What is
/// missing, and how to give it, is told beside what can be read, at its place in what was sent. A form that names no
/// sender comes from the organisation that runs this, `own`, which is told too.
///
/// # Errors
/// There is no form that can be read.
pub fn read_fhir(body: &Value, known: &Known, own: &Sender) -> Result<Origin, Vec<Issue>> {
    let parts = Parts::of(body)?;
    let (form, at) = (parts.form, parts.form_at.as_str());
    let contained = |name: &str| {
        let id = name.strip_prefix('#')?;
        form["contained"].as_array()?.iter().find(|one| one["id"] == id)
    };
    let here = Around { sent: &contained, known };
    let mut faults = Vec::new();
    if !matches!(form["status"].as_str(), Some("completed" | "amended")) {
        let text = "A form is taken in when it is finished: `completed` or `amended`.";
        faults.push(Issue::error(IssueCode::BusinessRule, "form-not-finished", text).at(format!("{at}.status")));
    }
    let mut envelope = Map::new();
    let mut put = |name: &str, value: Option<Value>, fault: Issue| match value {
        Some(value) => {
            envelope.insert(name.to_owned(), value);
        }
        None => faults.push(fault),
    };
    let identifier = &form["identifier"];
    let id = identifier["value"].as_str().or(form["id"].as_str()).map(Value::from);
    let text = "The form needs an `identifier` (or an `id`) of the sender's, the same in every version of it.";
    put("documentId", id, missing("form-no-identifier", format!("{at}.identifier"), text));
    let text = "The form needs `authored`, the moment at which it was recorded, with time and time zone.";
    put("recordedAt", moment(form), missing("form-no-authored", format!("{at}.authored"), text));
    let sent_by = parts.source.as_ref().map(|(source, _)| Sender::of(source)).unwrap_or_default();
    let sender = sent_by.or(here.sender(&form["author"])).or(here.sender(&form["source"]));
    let system = form["meta"]["source"].as_str().map(|source| source.split('#').next().unwrap_or(source));
    let system = system.or(identifier["system"].as_str());
    let text = "The form needs a sender: an organisation as `author` or in its role (contained, known here, or by AGB or \
                URA with `display`), or as part `source` of Parameters; and the URI of the sending system in \
                `meta.source` or `identifier.system`, where no number names the organisation. (Where \
                OVERDRACHT_ORGANIZATION is set, a form without sender is taken to come from there.)";
    let is_assumed = sender.organization.is_none() && own.organization.is_some();
    let sender = sender.or(own.clone());
    put("source", sender.source(system), missing("form-no-source", format!("{at}.author"), text));
    let given = parts.patient.as_ref().map(|(one, _)| patient::read(one));
    let text = "The form needs a patient: `subject` as a contained Patient, a Patient known here, or an identifier (BSN, \
                or a hospital's number with its assigner); or part `patient` of Parameters.";
    let patient = given.or_else(|| subject(form, &here));
    put("patient", patient, missing("form-no-patient", format!("{at}.subject"), text));
    let version = form["meta"]["versionId"].as_str().and_then(|version| version.parse::<u64>().ok());
    envelope.insert("version".to_owned(), Value::from(version.unwrap_or(1)));
    let place = |part: &Option<(&Value, String)>, element: &str| {
        part.as_ref().map_or_else(|| format!("{at}.{element}"), |(_, at)| at.clone())
    };
    let said_of_source = if is_assumed { "/source/author" } else { "/source" };
    let around = vec![
        ("/documentId", format!("{at}.identifier")),
        ("/version", format!("{at}.meta.versionId")),
        ("/recordedAt", format!("{at}.authored")),
        (said_of_source, place(&parts.source, "author")),
        ("/patient", place(&parts.patient, "subject")),
    ];
    let mut read = match origin(form.clone(), &Value::Object(envelope), version.is_none(), around, Said::Element(at)) {
        Ok(read) => read,
        Err(unread) => return Err(faults.into_iter().chain(unread).collect()),
    };
    read.faults.splice(0..0, faults);
    if is_assumed {
        let text =
            "The form names no organisation as its sender; it is taken to come from the one that runs this service.";
        let issue = Issue::warning(IssueCode::Incomplete, "form-sender-assumed", text);
        read.warnings.push(issue.at(format!("{at}.author")));
    }
    Ok(read)
}

fn moment(form: &Value) -> Option<Value> {
    let said = form["authored"].as_str().filter(|said| said.contains('T'));
    said.or(form["meta"]["lastUpdated"].as_str()).map(Value::from)
}

/// Whom the form is about, as a document says it.
fn subject<'a>(form: &'a Value, here: &Around<'a>) -> Option<Value> {
    let subject = &form["subject"];
    if let Some(found) = here.at(subject).filter(|one| one["resourceType"] == "Patient") {
        return Some(patient::read(found));
    }
    let identifier = subject.get("identifier")?;
    if let Some(found) = here.known.patient(identifier) {
        return Some(patient::read(found));
    }
    // Somebody new: the form itself has the name and the date of birth.
    let mut person = patient::read(&json!({ "identifier": [identifier] }));
    person.get("identifiers")?;
    let said = questionnaire_response::patient(form);
    if let (Some(person), Value::Object(said)) = (person.as_object_mut(), said) {
        person.extend(said);
    }
    Some(person)
}

/// The form as it is stored: what the sender answered, about the patient and by the author that are known here.
/// `rendered` is the form that was made of the plan.
pub(super) fn stored(sent: &Value, rendered: &Value, id: &str) -> Value {
    let mut form = rendered.clone();
    form["id"] = Value::from(id);
    for name in ["language", "extension", "identifier", "status", "authored", "item"] {
        if let Some(value) = sent.get(name) {
            form[name] = value.clone();
        }
    }
    form["questionnaire"] = Value::from(questionnaire_response::canonical(sent));
    form
}

/// The concept under which the form of this edition is stored as it was sent: in place of the rendered one where that
/// is of the same edition, else beside it.
pub(super) fn concept(sent: &Value) -> &'static str {
    if Edition::of(questionnaire_response::canonical(sent)) == Some(Edition::Zib2020) { FORM } else { "form/sent" }
}
