//! Treatment directives, the deactivation of an ICD, advance directives, and the consent to share: Consent.

use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::context::{Context, POLICY, pzp};
use super::limits;
use crate::domain::care_plan::{AdvanceDirective, AgreementParty, IcdDeactivation, SharingConsent, TreatmentDirective};
use crate::domain::common::codes::{
    ADVANCE_DIRECTIVE_TYPE, ICD_DECISION, SHARING_CONSENT, TREATMENT, TREATMENT_DECISION, find,
};
use crate::domain::common::{Attachment, Moment};
use crate::fhir::systems::{NULL_FLAVOR, SNOMED};
use crate::mapping::Trace;
use crate::mapping::common::element::{
    NL_CORE, NOT_STATED, Object, Spot, concept_of, extension, extension_path, listed, stated_as,
};
use crate::mapping::common::narrative::{self, narrative};

pub const SPECIFICATION_OTHER: &str =
    "http://nictiz.nl/fhir/StructureDefinition/ext-TreatmentDirective2.SpecificationOther";
pub(super) const ADDITIONAL: &str =
    "http://nictiz.nl/fhir/StructureDefinition/ext-TreatmentDirective2.AdvanceDirective";
pub const REASON_FOR_ENDING: &str = "http://nictiz.nl/fhir/StructureDefinition/ext-TreatmentDirective2.ReasonForEnding";
pub(super) const DISORDER: &str = "http://nictiz.nl/fhir/StructureDefinition/ext-AdvanceDirective.Disorder";
const SCOPE: &str = "http://terminology.hl7.org/CodeSystem/consentscope";
const ROLE: &str = "http://terminology.hl7.org/CodeSystem/v3-RoleCode";
/// The code of the dataset's decision, as it was sent: carried beside `specificationOther`, which is text.
pub const DECISION: &str = "https://overdracht.example/fhir/StructureDefinition/ext-TreatmentDecision";
/// The code of the deactivation of an ICD.
pub(super) const DEACTIVATION_CODE: &str = "400231000146108";
/// The words by which the deactivation of an ICD is told apart, as PZP has them: its code is outside the value set.
pub const DEACTIVATION_TEXT: &str =
    "uitzetten van cardioverter-defibrillator in laatste levensfase (SNOMED CT - 400231000146108)";

/// What a treatment directive and the deactivation of an ICD have in common.
struct Agreement<'c> {
    id: String,
    at: Spot,
    /// `provision.code`.
    code: Value,
    /// Code of the decision, with its words.
    decision: (&'c str, &'static [crate::domain::common::codes::Code]),
    specification: Option<&'c str>,
    discussed_at: Option<&'c Moment>,
    ended_at: Option<&'c Moment>,
    reason_ended: Option<&'c str>,
    rests_on: &'c [String],
    parties: &'c [AgreementParty],
    comment: Option<&'c str>,
}

/// The concept of a directive: the treatment, and for another treatment its words, never its position.
fn concept(directive: &TreatmentDirective) -> String {
    let words = directive.other_treatment.as_deref().unwrap_or_default();
    format!("treatment-directive/{}/{words}", directive.treatment)
}

pub fn treatment_directives(context: Context<'_>, trace: &mut Trace) -> Vec<Value> {
    let mut resources: Vec<Value> = Vec::new();
    for (i, directive) in context.content().treatment_directives.iter().enumerate() {
        let base = context.id(&concept(directive));
        // The same treatment twice in one document: told apart by what is said of it, and what is said twice by number.
        let taken = |id: &str| resources.iter().any(|resource| resource["id"] == id);
        let mut id = if taken(&base) {
            let said = [&directive.decision, directive.specification_other.as_deref().unwrap_or_default()].join("/");
            context.id(&format!(
                "{}/{said}/{}",
                concept(directive),
                directive.discussed_at.as_ref().map_or("", Moment::as_str)
            ))
        } else {
            base
        };
        while taken(&id) {
            id = context.id(&format!("treatment-directive/again/{id}"));
        }
        let at = Spot::resource(format!("/treatmentDirectives/{i}"), "Consent", &id);
        let mut code = listed(TREATMENT, &directive.treatment);
        if let Some(words) = &directive.other_treatment {
            code["text"] = Value::from(words.as_str());
            trace.carried(&at.down("otherTreatment", "provision.code[0].text"));
        }
        trace.carried(&at.down("treatment", "provision.code[0]"));
        resources.push(agreement(
            context,
            Agreement {
                id,
                at,
                code,
                decision: (&directive.decision, TREATMENT_DECISION),
                specification: directive.specification_other.as_deref(),
                discussed_at: directive.discussed_at.as_ref(),
                ended_at: directive.ended_at.as_ref(),
                reason_ended: directive.reason_ended.as_deref(),
                rests_on: &directive.advance_directives,
                parties: &directive.agreement_parties,
                comment: directive.comment.as_deref(),
            },
            trace,
        ));
    }
    resources
}

pub fn icd_deactivation(context: Context<'_>, directive: &IcdDeactivation, trace: &mut Trace) -> Value {
    let id = context.id("icd-deactivation");
    let at = Spot::resource("/icdDeactivation", "Consent", &id);
    let mut code = listed(TREATMENT, "OTH");
    code["text"] = Value::from(DEACTIVATION_TEXT);
    trace.defaulted(&at.element("provision.code[0].text"), "PZP tells the deactivation of an ICD apart by these words");
    let agreed = Agreement {
        id,
        at,
        code,
        decision: (&directive.decision, ICD_DECISION),
        specification: None,
        discussed_at: directive.discussed_at.as_ref(),
        ended_at: directive.ended_at.as_ref(),
        reason_ended: directive.reason_ended.as_deref(),
        rests_on: &directive.advance_directives,
        parties: &directive.agreement_parties,
        comment: directive.comment.as_deref(),
    };
    agreement(context, agreed, trace)
}

fn agreement(context: Context<'_>, one: Agreement<'_>, trace: &mut Trace) -> Value {
    let nl_core = format!("{NL_CORE}nl-core-TreatmentDirective2");
    let official = [pzp("ACP-TreatmentDirective"), nl_core];
    let official: Vec<&str> = official.iter().map(String::as_str).collect();
    let mut resource = Object::resource("Consent", &one.id, "Overdracht-TreatmentDirective", &official);
    let (decision, list) = one.decision;
    let words = find(list, decision).map_or(decision, |code| code.display);
    let date = one.discussed_at.or(context.date());
    let said = |moment: Option<&Moment>| moment.map(|moment| narrative::date(moment.as_str())).unwrap_or_default();
    let mut extensions = vec![extension(DECISION, "valueCodeableConcept", listed(list, decision))];
    let comment_url = format!("{NL_CORE}ext-Comment");
    if let Some(comment) = one.comment {
        extensions.push(extension(&comment_url, "valueString", comment));
        trace.carried(&one.at.down("comment", &extension_path(&comment_url)));
    }
    for (i, key) in one.rests_on.iter().enumerate().skip(1) {
        extensions.push(extension(ADDITIONAL, "valueReference", context.advance_directive(key)));
        let spot = one.at.down(&format!("advanceDirectives/{i}"), &extension_path(ADDITIONAL));
        trace.converted(&spot, "a key became a reference");
    }
    resource.set("extension", extensions);
    trace.carried(&one.at.down("decision", &extension_path(DECISION)));
    let mut provision = Object::new();
    // A plain decision is permit or deny. Anything else, a decision with a restriction too, is said with
    // specificationOther alone, so that nobody reads a plain permit or deny (zib-TreatmentDirective2-2).
    match (decision, one.specification) {
        ("0", None) => {
            provision.set("type", "permit");
            trace.converted(&one.at.down("decision", "provision.type"), "carry out is permit");
        }
        ("2", None) => {
            provision.set("type", "deny");
            trace.converted(&one.at.down("decision", "provision.type"), "do not carry out is deny");
        }
        (_, specified) => {
            let text = match (decision, specified) {
                ("1", Some(text)) => text.to_owned(),
                (_, Some(text)) => format!("{words}: {text}"),
                (_, None) => words.to_owned(),
            };
            let mut other = extension(SPECIFICATION_OTHER, "valueString", text);
            if specified.is_none() {
                other["_valueString"] = stated_as(NOT_STATED);
            }
            resource.set("modifierExtension", json!([other]));
            let reason = "neither a plain permit nor a plain deny: said with specificationOther";
            trace.converted(&one.at.down("decision", "modifierExtension"), reason);
            let spot = one.at.down("specificationOther", "modifierExtension");
            match (decision, specified) {
                ("1", Some(_)) => trace.carried(&spot),
                (_, Some(_)) => trace.converted(&spot, "behind the decision"),
                (_, None) => {}
            }
        }
    }
    let today = context.plan.envelope.recorded_at.to_zoned(TimeZone::UTC).date();
    let over = one.ended_at.is_some_and(|end| end.last_day() <= today);
    resource.set("status", if over { "inactive" } else { "active" });
    resource.set("scope", concept_of(SCOPE, "treatment", "Treatment"));
    let category = concept_of(SNOMED, "129125009", "verrichting met expliciete context");
    resource.set("category", json!([category])).set("patient", context.patient());
    if let Some(date) = date {
        resource.set("dateTime", date.as_str());
        match one.discussed_at {
            Some(_) => trace.carried(&one.at.down("discussedAt", "dateTime")),
            None => {
                resource.set("_dateTime", stated_as(NOT_STATED));
                trace.defaulted(&one.at.down("discussedAt", "dateTime"), "the date of the conversation");
            }
        }
    }
    if let Some(key) = one.rests_on.first() {
        resource.set("sourceReference", context.advance_directive(key));
        trace.converted(&one.at.down("advanceDirectives/0", "sourceReference"), "a key became a reference");
    }
    resource.set("policy", json!([{ "uri": POLICY }]));
    if let Some(reason) = one.reason_ended {
        provision.set("extension", json!([extension(REASON_FOR_ENDING, "valueString", reason)]));
        trace.carried(&one.at.down("reasonEnded", &format!("provision.{}", extension_path(REASON_FOR_ENDING))));
    }
    if let Some(ended) = one.ended_at {
        provision.set("period", json!({ "end": ended.as_str() }));
        trace.carried(&one.at.down("endedAt", "provision.period.end"));
    }
    provision.list("actor", actors(context, &one, trace)).set("code", json!([one.code]));
    resource.set("provision", provision.build());
    let mut resource = resource.build();
    resource["text"] = narrative(
        &limits::treatment(&resource),
        &[
            ("Besluit", limits::decided(&resource)),
            ("Toelichting", one.comment.unwrap_or_default().to_owned()),
            ("Besproken", said(date)),
            ("Beëindigd", said(one.ended_at)),
        ],
    );
    resource
}

fn actors(context: Context<'_>, one: &Agreement<'_>, trace: &mut Trace) -> Vec<Value> {
    let derived = one.parties.is_empty();
    let parties = if derived { context.conversation_parties() } else { one.parties.to_vec() };
    let mut actors = Vec::new();
    for (i, party) in parties.iter().enumerate() {
        let Some(reference) = context.party(party) else { continue };
        let element = format!("provision.actor[{}].reference", actors.len());
        if derived {
            trace.defaulted(&one.at.down("agreementParties", &element), "a party to the conversation");
        } else {
            let field = match party {
                AgreementParty::Patient => "patient",
                AgreementParty::Representative(_) => "representative",
                AgreementParty::Practitioner(_) => "practitioner",
            };
            let spot = one.at.down(&format!("agreementParties/{i}/{field}"), &element);
            trace.converted(&spot, "a key became a reference");
        }
        let mut actor = Object::new();
        if derived {
            actor.set("extension", stated_as(NOT_STATED)["extension"].clone());
        }
        actor.set("role", concept_of(ROLE, "CONSENTER", "consenter")).set("reference", reference);
        actors.push(actor.build());
    }
    actors
}

pub fn advance_directives(context: Context<'_>, trace: &mut Trace) -> Vec<Value> {
    let directives = context.content().advance_directives.iter().enumerate();
    directives.map(|(i, one)| advance_directive(context, one, &format!("/advanceDirectives/{i}"), trace)).collect()
}

fn advance_directive(context: Context<'_>, one: &AdvanceDirective, source: &str, trace: &mut Trace) -> Value {
    let id = context.id(&format!("advance-directive/{}", one.key));
    let at = Spot::resource(source, "Consent", &id);
    trace.converted(&at.down("key", "id"), "a key became a reference");
    let nl_core = format!("{NL_CORE}nl-core-AdvanceDirective");
    let official = [pzp("ACP-AdvanceDirective"), nl_core];
    let official: Vec<&str> = official.iter().map(String::as_str).collect();
    let mut resource = Object::resource("Consent", &id, "Overdracht-AdvanceDirective", &official);
    let words =
        find(ADVANCE_DIRECTIVE_TYPE, &one.directive_type).map_or(one.directive_type.as_str(), |code| code.display);
    resource.set(
        "text",
        narrative(
            "Wilsverklaring",
            &[
                ("Soort", words.to_owned()),
                ("Datum", narrative::date(one.date.as_str())),
                ("Toelichting", one.comment.clone().unwrap_or_default()),
            ],
        ),
    );
    let mut extensions = vec![context.said_on()];
    for (i, key) in one.disorders.iter().enumerate() {
        extensions.push(extension(DISORDER, "valueReference", context.problem(key)));
        let spot = at.down(&format!("disorders/{i}"), &extension_path(DISORDER));
        trace.converted(&spot, "a key became a reference");
    }
    let comment_url = format!("{NL_CORE}ext-Comment");
    if let Some(comment) = &one.comment {
        extensions.push(extension(&comment_url, "valueString", comment.as_str()));
        trace.carried(&at.down("comment", &extension_path(&comment_url)));
    }
    resource.list("extension", extensions);
    resource.set("status", "active").set("scope", concept_of(SCOPE, "adr", "Advanced Care Directive"));
    let category = concept_of("http://terminology.hl7.org/CodeSystem/consentcategorycodes", "acd", "Advance Directive");
    resource.set("category", json!([category])).set("patient", context.patient()).set("dateTime", one.date.as_str());
    trace.carried(&at.down("date", "dateTime"));
    if let Some(document) = &one.document {
        resource.set("sourceAttachment", attachment(document, &at.down("document", "sourceAttachment"), trace));
    }
    resource.set("policy", json!([{ "uri": POLICY }]));
    let mut provision = Object::new();
    if let Some(key) = &one.representative {
        let role = concept_of(ROLE, "RESPRSN", "responsible party");
        provision.set("actor", json!([{ "role": role, "reference": context.person(key) }]));
        trace.converted(&at.down("representative", "provision.actor[0].reference"), "a key became a reference");
    }
    provision.set("code", json!([listed(ADVANCE_DIRECTIVE_TYPE, &one.directive_type)]));
    trace.carried(&at.down("type", "provision.code[0]"));
    resource.set("provision", provision.build());
    resource.build()
}

fn attachment(one: &Attachment, at: &Spot, trace: &mut Trace) -> Value {
    let mut element = Object::new();
    element.set("contentType", one.content_type.as_str()).set("data", one.data.as_str());
    trace.carried(&at.down("contentType", "contentType"));
    trace.carried(&at.down("data", "data"));
    if let Some(title) = &one.title {
        element.set("title", title.as_str());
        trace.carried(&at.down("title", "title"));
    }
    if let Some(creation) = &one.creation {
        element.set("creation", creation.as_str());
        trace.carried(&at.down("creation", "creation"));
    }
    element.build()
}

/// A Consent of own profile: `permit` for yes, `deny` for refused, neither for unknown, which is not a yes.
pub fn sharing(context: Context<'_>, consent: SharingConsent, trace: &mut Trace) -> Value {
    let id = context.id("sharing-consent");
    let at = Spot::resource("/sharingConsent", "Consent", &id);
    let mut resource = Object::resource("Consent", &id, "Overdracht-SharingConsent", &[]);
    let (words, kind, code) = match consent {
        SharingConsent::Yes => ("Akkoord", Some("permit"), listed(SHARING_CONSENT, "441898007")),
        SharingConsent::Unknown => ("Onbekend", None, listed(SHARING_CONSENT, "UNK")),
        SharingConsent::Refused => {
            ("Geweigerd", Some("deny"), concept_of(SNOMED, "443390004", "geweigerd (kwalificatiewaarde)"))
        }
    };
    resource.set("text", narrative("Delen van de behandelafspraken", &[("Toestemming", words.to_owned())]));
    resource.set("status", if kind.is_some() { "active" } else { "proposed" });
    resource.set("scope", concept_of(SCOPE, "patient-privacy", "Privacy Consent"));
    let category = concept_of("http://terminology.hl7.org/CodeSystem/v3-ActCode", "IDSCL", "information disclosure");
    resource.set("category", json!([category])).set("patient", context.patient());
    resource.set("dateTime", context.said_on()["valueDateTime"].clone());
    resource.set("policy", json!([{ "uri": POLICY }]));
    let mut provision = Object::new();
    provision.maybe("type", kind).set("code", json!([code]));
    resource.set("provision", provision.build());
    trace.converted(&at.element("provision"), "yes is permit, a refusal deny, and unknown neither");
    resource.build()
}

/// True for the Consent of a treatment directive (also the deactivation of an ICD).
pub fn is_treatment_directive(resource: &Value) -> bool {
    resource["resourceType"] == "Consent" && resource["scope"]["coding"][0]["code"] == "treatment"
}

/// True for a treatment directive that permits or denies and says otherwise too (`specificationOther`): nobody could
/// tell which of the two holds. What zib-TreatmentDirective2-2 means to forbid.
pub fn is_ambiguous(resource: &Value) -> bool {
    is_treatment_directive(resource) && resource["provision"]["type"].is_string() && specification(resource).is_some()
}

/// What a treatment directive says, as `(system, code)` of the decision.
pub fn decision(consent: &Value) -> Option<(&str, &str)> {
    if let Some(found) = consent["extension"].as_array().and_then(|all| all.iter().find(|one| one["url"] == DECISION)) {
        let coding = &found["valueCodeableConcept"]["coding"][0];
        return Some((coding["system"].as_str()?, coding["code"].as_str()?));
    }
    let system = crate::domain::common::codes::TREATMENT_DECISION_SYSTEM;
    match consent["provision"]["type"].as_str() {
        Some("permit") => Some((system, "0")),
        Some("deny") => Some((system, "2")),
        // Another system's directive says it in words alone: those that PZP names are no decision.
        _ => match specification(consent)? {
            "Onbekend" | "onbekend" => Some((NULL_FLAVOR, "UNK")),
            "Niet besproken" | "niet besproken" => Some((NULL_FLAVOR, "NASK")),
            "Nee, nog geen besluit genomen" | "nog geen besluit" => Some((NULL_FLAVOR, "ASKU")),
            _ => Some((system, "1")),
        },
    }
}

pub fn specification(consent: &Value) -> Option<&str> {
    let found = consent["modifierExtension"].as_array()?.iter().find(|one| one["url"] == SPECIFICATION_OTHER)?;
    found["valueString"].as_str()
}
