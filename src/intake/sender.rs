//! Who sent a form or a Bundle: the organisation, and the professional where one is named.

use serde_json::{Map, Value, json};

use super::known::Known;
use crate::fhir::systems::{AGB, URA, UZI};
use crate::mapping::common::{organization, practitioner};

/// Where a Reference leads: into what was sent, or to what is known here.
pub(super) struct Around<'a> {
    /// Resources that were sent with it, by reference (`#id`, `Type/id`).
    pub sent: &'a dyn Fn(&str) -> Option<&'a Value>,
    pub known: &'a Known,
}

/// The sender as far as it is said.
#[derive(Clone, Debug, Default)]
pub struct Sender {
    /// As a document says it.
    pub(super) organization: Option<Value>,
    pub(super) author: Option<Value>,
}

impl<'a> Around<'a> {
    pub fn at(&self, reference: &'a Value) -> Option<&'a Value> {
        let sent = reference["reference"].as_str().and_then(|name| (self.sent)(name));
        sent.or_else(|| self.known.at(reference))
    }

    /// The organisation or professional of a Reference; by its identifier and `display` where it leads nowhere.
    pub fn sender(&self, reference: &'a Value) -> Sender {
        let Some(found) = self.at(reference) else { return by_identifier(reference) };
        match found["resourceType"].as_str() {
            Some("Organization") => Sender { organization: Some(organization::read(found)), author: None },
            Some("Practitioner") => {
                let author = practitioner::read(&Value::Null, found, &Value::Null);
                Sender { organization: None, author: Some(author) }
            }
            Some("PractitionerRole") => {
                let of = |name: &str| self.at(&found[name]).unwrap_or(&Value::Null);
                let author = practitioner::read(found, of("practitioner"), of("organization"));
                let place = author.get("organization").cloned();
                Sender {
                    organization: place.or(by_identifier(&found["organization"]).organization),
                    author: Some(author),
                }
            }
            _ => Sender::default(),
        }
    }
}

impl Sender {
    /// An organisation or a professional's role that stands beside the form.
    pub fn of(resource: &Value) -> Sender {
        let nothing = |_: &str| None;
        let known = Known::default();
        let reference = json!({ "reference": "#it" });
        let it = |name: &str| if name == "#it" { Some(resource) } else { nothing(name) };
        Around { sent: &it, known: &known }.sender(&reference)
    }

    /// What this one does not say, as the other says it.
    pub fn or(self, other: Sender) -> Sender {
        Sender { organization: self.organization.or(other.organization), author: self.author.or(other.author) }
    }

    /// The `source` of a document; `system` is the URI of the sending system where that is said.
    pub fn source(&self, system: Option<&str>) -> Option<Value> {
        let place = self.organization.as_ref()?;
        let number = |field: &str, base: &str| Some(format!("{base}/{}", place[field].as_str()?));
        let system = system.map(str::to_owned).or_else(|| number("agb", AGB)).or_else(|| number("ura", URA))?;
        let mut source = json!({ "system": system, "organization": place });
        if let (Some(source), Some(author)) = (source.as_object_mut(), &self.author) {
            source.insert("author".to_owned(), author.clone());
        }
        Some(source)
    }
}

/// A party that is named by number.
pub(super) fn by_identifier(reference: &Value) -> Sender {
    let identifier = &reference["identifier"];
    let Some(number) = identifier["value"].as_str() else { return Sender::default() };
    let with = |field: &str, name: Option<Value>| {
        let mut party = Map::from_iter([(field.to_owned(), Value::from(number))]);
        party.extend(name.map(|name| ("name".to_owned(), name)));
        Some(Value::Object(party))
    };
    let display = reference.get("display").cloned();
    match identifier["system"].as_str() {
        Some(AGB) => Sender { organization: with("agb", display), author: None },
        Some(URA) => Sender { organization: with("ura", display), author: None },
        Some(UZI) => Sender { organization: None, author: with("uzi", None) },
        _ => Sender::default(),
    }
}
