//! A care plan as the form sees it: people under the name that the form gives them, treatments under their code, and
//! only what the form can ask.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::edition::Edition;
use super::read::is_within;
use crate::domain::CarePlan;
use crate::domain::care_plan::TreatmentDirective;

const YES: &str = "373066001";
/// Observations whose question offers "unknown", and the property of the answer.
const OFFER_UNKNOWN: &[(&str, &str)] =
    &[("/preferredPlaceOfDeath", "place"), ("/euthanasiaPosition", "position"), ("/organDonation", "registered")];

/// Someone whom the form names by where they stand: the entry and the mention of it in the document, and the item (by
/// its linkId of zib2020).
pub(super) struct Named {
    pub entry: String,
    pub mention: String,
    pub link: &'static str,
}

/// The plan for the table of items: its pointers are those of [`super::Item::to`].
pub(super) struct Draft {
    pub value: Value,
    /// How many people were present.
    pub present: usize,
    /// Pointer here → pointer in the document, where they differ.
    places: Vec<(String, String)>,
    /// Pointer here → why what stands there is not what the document says.
    pub converted: BTreeMap<String, &'static str>,
    /// Pointers in the document that were joined into one here.
    pub joined: Vec<(String, String)>,
    /// Pointers here that the document does not have.
    pub derived: BTreeMap<String, &'static str>,
    /// People whom the form names by where they stand.
    pub named: Vec<Named>,
    /// Pointer in the document → why the form cannot say it.
    pub lost: Vec<(String, &'static str)>,
}

impl Draft {
    pub fn of(plan: &CarePlan, edition: Edition) -> Draft {
        let mut draft = Draft {
            value: plan.to_json(),
            present: 0,
            places: Vec::new(),
            converted: BTreeMap::new(),
            joined: Vec::new(),
            derived: BTreeMap::new(),
            named: Vec::new(),
            lost: Vec::new(),
        };
        draft.date(plan);
        draft.people(plan);
        draft.treatments(plan, edition);
        draft.icd(plan);
        draft.observations();
        draft.earlier(plan);
        draft
    }

    /// The place in the document of what stands here.
    pub fn source(&self, pointer: &str) -> String {
        let place = self.places.iter().find(|(here, _)| is_within(pointer, here));
        place.map_or_else(|| pointer.to_owned(), |(here, there)| format!("{there}{}", &pointer[here.len()..]))
    }

    /// Why the form cannot say what stands there in the document.
    pub fn reason(&self, pointer: &str) -> &'static str {
        let told = self.lost.iter().find(|(lost, _)| is_within(pointer, lost));
        told.map_or("the form does not ask it", |(_, reason)| reason)
    }

    /// Puts an entry of a list under its name here.
    fn place(&mut self, list: &str, name: &str, from: usize, entry: Value) {
        self.places.push((format!("/{list}/{name}"), format!("/{list}/{from}")));
        self.value[list][name] = entry;
    }

    /// The form has one date. Its readers take it for that of the conversation, which therefore goes before the moment
    /// of recording.
    fn date(&mut self, plan: &CarePlan) {
        if plan.content.filled_in_at.is_some() {
            return;
        }
        match plan.content.conversation_date() {
            Some(date) => {
                self.value["filledInAt"] = Value::from(date.as_str());
                self.places.push(("/filledInAt".to_owned(), "/conversation/startedAt".to_owned()));
                self.converted.insert("/filledInAt".to_owned(), "the form has one date");
            }
            None => self.derive("/filledInAt", plan.envelope.recorded_at.to_string(), "when the document was recorded"),
        }
    }

    fn people(&mut self, plan: &CarePlan) {
        let content = &plan.content;
        let taken = ["practitioners", "contactPersons"].map(|list| {
            let entries = std::mem::take(&mut self.value[list]);
            self.value[list] = Value::Object(Map::new());
            entries
        });
        let [practitioners, persons] = taken;
        let conductor = content.conversation.as_ref().and_then(|one| one.conducted_by.as_ref());
        if let Some(at) = content.practitioners.iter().position(|entry| Some(&entry.key) == conductor) {
            self.place("practitioners", "conductor", at, practitioners[at].clone());
            self.named(&format!("/practitioners/{at}"), "/conversation/conductedBy", "16");
        }
        let at = |key: &str| content.contact_persons.iter().position(|entry| entry.key == key);
        let representative = content.legal_representative.as_deref();
        if let Some(found) = representative.and_then(at) {
            self.place("contactPersons", "representative", found, persons[found].clone());
            self.named(&format!("/contactPersons/{found}"), "/legalRepresentative", "30");
        }
        self.first_contact(plan, &persons);
        self.present(plan, &persons);
    }

    fn named(&mut self, entry: &str, mention: &str, link: &'static str) {
        self.named.push(Named { entry: entry.to_owned(), mention: mention.to_owned(), link });
    }

    /// The form asks for a first contact only where it is not the representative.
    fn first_contact(&mut self, plan: &CarePlan, persons: &Value) {
        const SAME: &str = "/legalRepresentativeIsContactPerson";
        let content = &plan.content;
        let Some(first) = content.first_contacts.first() else { return };
        let said = content.legal_representative_is_contact_person;
        if content.legal_representative.as_ref() == Some(first) {
            if said != Some(false) {
                self.named("/legalRepresentativeIsContactPerson", "/firstContacts/0", "984");
            }
            if said.is_none() {
                self.derive(SAME, true, "the representative is the first contact");
            }
        } else if said == Some(true) {
            let reason = "the form asks for a first contact only where it is not the representative";
            self.lost.push(("/firstContacts".to_owned(), reason));
        } else if let Some(at) = content.contact_persons.iter().position(|entry| entry.key == *first) {
            self.place("contactPersons", "first-contact", at, persons[at].clone());
            self.named(&format!("/contactPersons/{at}"), "/firstContacts/0", "53");
            if said.is_none() {
                self.derive(SAME, false, "the first contact is another person than the representative");
            }
        }
    }

    /// What the form needs said, and the document implies.
    fn derive(&mut self, at: &str, value: impl Into<Value>, reason: &'static str) {
        self.value[&at[1..]] = value.into();
        self.derived.insert(at.to_owned(), reason);
    }

    /// The form lists roles and relationships of those present apart: the first role goes with the first relationship.
    fn present(&mut self, plan: &CarePlan, persons: &Value) {
        let content = &plan.content;
        let keys = content.conversation.iter().flat_map(|one| &one.contact_persons_present);
        let there = keys.filter_map(|key| content.contact_persons.iter().position(|entry| entry.key == *key));
        let told = there.filter(|at| !persons[at]["roles"].is_null() || !persons[at]["relationships"].is_null());
        let told: Vec<usize> = told.collect();
        self.present = told.len();
        for (list, reason) in [
            ("roles", "the form does not say whose role it is"),
            ("relationships", "the form does not say whose relationship it is"),
        ] {
            let having: Vec<usize> = (0..told.len()).filter(|i| !persons[told[*i]][list].is_null()).collect();
            let apart = having.iter().enumerate().any(|(place, at)| place != *at);
            for at in having.iter().filter(|_| apart) {
                self.converted.insert(format!("/contactPersons/present-{at}/{list}/0"), reason);
            }
        }
        for (i, at) in told.into_iter().enumerate() {
            self.place("contactPersons", &format!("present-{i}"), at, persons[at].clone());
            let key = &content.contact_persons[at].key;
            let mention = content.conversation.iter().flat_map(|one| &one.contact_persons_present);
            let mention = mention.into_iter().position(|one| one == key).unwrap_or_default();
            let mention = format!("/conversation/contactPersonsPresent/{mention}");
            self.named(&format!("/contactPersons/{at}"), &mention, "78");
        }
    }

    fn treatments(&mut self, plan: &CarePlan, edition: Edition) {
        let directives = std::mem::replace(&mut self.value["treatmentDirectives"], Value::Object(Map::new()));
        let all = &plan.content.treatment_directives;
        let recorded = plan.envelope.recorded_at.to_zoned(jiff::tz::TimeZone::UTC).date();
        let has_ended = |one: &TreatmentDirective| one.ended_at.as_ref().is_some_and(|end| end.last_day() <= recorded);
        for (i, one) in all.iter().enumerate() {
            let at = format!("/treatmentDirectives/{i}");
            // Of several that hold, the one that was discussed last; of equals the first.
            let date = |one: &TreatmentDirective| one.discussed_at.as_ref().map(|date| date.first_day());
            let better = |(j, other): (usize, &TreatmentDirective)| {
                other.treatment == one.treatment
                    && !has_ended(other)
                    && (date(other) > date(one) || (date(other) == date(one) && j < i))
            };
            let reason = if has_ended(one) {
                "the form has no agreements that have ended"
            } else if all.iter().enumerate().any(better) {
                "the form has one place for each treatment"
            } else if one.treatment == "OTH" && one.decision == "1" {
                "the form knows no restrictions on another treatment"
            } else {
                self.place("treatmentDirectives", &one.treatment, i, directives[i].clone());
                self.restrictions(one, edition);
                continue;
            };
            self.lost.push((at, reason));
        }
    }

    /// What the form has no place for where it stands goes to the comment, before what stands there.
    fn restrictions(&mut self, one: &TreatmentDirective, edition: Edition) {
        let at = format!("/treatmentDirectives/{}", one.treatment);
        if one.decision != "1" {
            self.join(&at, "specificationOther", one.specification_other.as_deref(), "comment");
        }
        if edition == Edition::Zib2017 {
            self.join(&at, "otherTreatment", one.other_treatment.as_deref(), "comment");
        }
    }

    fn join(&mut self, at: &str, field: &str, words: Option<&str>, comment: &str) {
        let (Some(words), Some(entry)) = (words, self.value.pointer_mut(at).and_then(Value::as_object_mut)) else {
            return;
        };
        entry.shift_remove(field);
        let joined = match entry.get(comment).and_then(Value::as_str) {
            Some(said) => format!("{words}: {said}"),
            None => words.to_owned(),
        };
        entry.insert(comment.to_owned(), Value::from(joined));
        let here = format!("{at}/{comment}");
        self.joined.push((format!("{at}/{field}"), here.clone()));
        self.converted.insert(here, "the form has one place for both");
    }

    /// The ICD is described, and switched off, only where the form says that there is one.
    fn icd(&mut self, plan: &CarePlan) {
        let content = &plan.content;
        if content.has_icd.is_none() && (content.icd.is_some() || content.icd_deactivation.is_some()) {
            self.derive("/hasIcd", YES, "the document describes the ICD or its deactivation");
        }
    }

    fn observations(&mut self) {
        for (at, field) in OFFER_UNKNOWN {
            let Some(entry) = self.value.pointer_mut(at).and_then(Value::as_object_mut) else { continue };
            if entry.shift_remove("absentReason").is_some() {
                entry.insert((*field).to_owned(), Value::from("UNK"));
                let reason = "the form has one word for what is unknown and what was not discussed";
                self.converted.insert(format!("{at}/{field}"), reason);
                self.places.push((format!("{at}/{field}"), format!("{at}/absentReason")));
            }
        }
        // A place outside the list is named in the comment.
        let place = self.value["preferredPlaceOfDeath"]["place"].clone();
        if let Some(other) = place.as_object() {
            let words = other.get("display").or_else(|| other.get("code")).and_then(Value::as_str);
            let words = words.map(str::to_owned);
            self.join("/preferredPlaceOfDeath", "place", words.as_deref(), "comment");
            self.value["preferredPlaceOfDeath"]["place"] = Value::from("OTH");
            self.converted.insert("/preferredPlaceOfDeath/place".to_owned(), "the form's list lacks the place");
        }
    }

    fn earlier(&mut self, plan: &CarePlan) {
        let earlier = plan.content.earlier_agreements.as_ref();
        if earlier.is_some_and(|one| one.recorded.as_deref() != Some(YES))
            && let Some(entry) = self.value["earlierAgreements"].as_object_mut()
            && entry.shift_remove("differ").is_some()
        {
            let reason = "the form asks it only where there are earlier agreements";
            self.lost.push(("/earlierAgreements/differ".to_owned(), reason));
        }
    }
}
