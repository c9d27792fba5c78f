//! Who is in the plan: professionals, contact persons, the conversation, legal capacity, who is in charge.

use serde_json::{Value, json};

use super::Reader;
use super::conversations::encounters;
use crate::domain::common::ListCode;
use crate::domain::common::codes::{CONTACT_TYPE, ROLE};
use crate::mapping::care_plan::context::pzp;
use crate::mapping::care_plan::encounter::{PATIENT_PRESENT, took_part};
use crate::mapping::care_plan::people::{ACCEPTED_BY_GP, FIRST_CONTACT, LEGAL_REPRESENTATIVE};
use crate::mapping::common::element::{NL_CORE, extension_of, json_of, list_code};
use crate::mapping::common::{practitioner, related_person};

impl<'r> Reader<'r> {
    /// The professional of a PractitionerRole, or of a Practitioner alone.
    pub(super) fn practitioner(&mut self, role: &'r Value) -> Value {
        let person = if role["resourceType"] == "Practitioner" { role } else { self.at(&role["practitioner"]) };
        let place = self.at(&role["organization"]);
        for one in [role, person, place] {
            self.saw(one);
        }
        practitioner::read(role, person, place)
    }

    pub(super) fn people(&mut self) {
        let found = self.of("PractitionerRole", |_| true);
        for (i, (key, role)) in self.list("practitioners", found).into_iter().enumerate() {
            let mut entry = json!({ "key": key });
            if let (Some(entry), Value::Object(more)) = (entry.as_object_mut(), self.practitioner(role)) {
                entry.extend(more);
            }
            self.put(role, "", &format!("/practitioners/{i}"), Some(entry));
        }
        self.contact_persons();
        self.legal_capacity();
        for one in encounters(self.resources.iter().copied()) {
            self.conversation(one);
        }
        for one in self.of("CareTeam", |_| true) {
            self.in_charge(one);
        }
        // The procedure says what every plan says, and where.
        for one in self.of("Procedure", |one| one["code"]["coding"][0]["code"] == "713603004") {
            self.saw(one);
        }
    }

    fn contact_persons(&mut self) {
        let found = self.of("RelatedPerson", |_| true);
        for (i, (key, person)) in self.list("contactPersons", found.clone()).into_iter().enumerate() {
            let mut entry = json!({ "key": key });
            if let (Some(entry), Value::Object(more)) = (entry.as_object_mut(), related_person::read(person)) {
                entry.extend(more);
            }
            self.put(person, "", &format!("/contactPersons/{i}"), Some(entry));
        }
        let with_role = |role: &str| -> Vec<&'r Value> {
            let has = |one: &&&Value| {
                let all = one["relationship"].as_array().into_iter().flatten();
                let mut codes = all.filter_map(|concept| list_code(ROLE, &concept["coding"][0]));
                codes.any(|code| code == ListCode::Listed(role.to_owned()))
            };
            found.iter().filter(has).copied().collect()
        };
        let (representatives, firsts) = (with_role(LEGAL_REPRESENTATIVE), with_role(FIRST_CONTACT));
        let key_of = |reader: &Self, one: &Value| {
            let reference = json!({ "reference": format!("RelatedPerson/{}", one["id"].as_str().unwrap_or_default()) });
            reader.key("contactPersons", &reference)
        };
        if let Some((_, one)) = self.list("legalRepresentative", representatives).into_iter().next() {
            let key = key_of(self, one);
            self.put(one, "relationship", "/legalRepresentative", key);
        }
        for (i, (_, one)) in self.list("firstContacts", firsts).into_iter().enumerate() {
            let key = key_of(self, one);
            self.put(one, "relationship", &format!("/firstContacts/{i}"), key);
        }
    }

    fn legal_capacity(&mut self) {
        for patient in self.of("Patient", |_| true) {
            let url = pzp("ext-LegallyCapable-MedicalTreatmentDecisions");
            let Some(capacity) = extension_of(patient, &url) else { continue };
            for (part, value, field) in
                [("legallyCapable", "valueBoolean", "capable"), ("legallyCapableComment", "valueString", "comment")]
            {
                let said = extension_of(capacity, part).map(|one| one[value].clone());
                self.put(patient, "extension.extension", &format!("/legalCapacity/{field}"), said);
            }
        }
    }

    fn conversation(&mut self, one: &'r Value) {
        let kind = json_of(list_code(CONTACT_TYPE, &one["class"]));
        self.put(one, "class", "/conversation/contactType", kind);
        self.stated(one, "period.start", "/conversation/startedAt");
        let reason = &one["reasonReference"][0];
        let comment = extension_of(reason, &format!("{NL_CORE}ext-Comment")).map(|one| one["valueString"].clone());
        self.put(one, "reasonReference[0].extension", "/conversation/reasonComment", comment);
        let present = extension_of(one, PATIENT_PRESENT).map(|one| one["valueBoolean"].clone());
        self.put(one, "extension", "/conversation/patientPresent", present);
        let (mut persons, mut others, mut conducted) = (0, 0, false);
        for (i, participant) in one["participant"].as_array().into_iter().flatten().enumerate() {
            let element = format!("participant[{i}].individual");
            let individual = &participant["individual"];
            if let Some(key) = self.key("practitioners", individual) {
                let is_person = self.at(individual)["resourceType"] == "RelatedPerson";
                if !is_person && !conducted && !took_part(participant) {
                    self.put(one, &element, "/conversation/conductedBy", Some(key));
                    conducted = true;
                    continue;
                }
                if !is_person {
                    self.put(one, &element, &format!("/conversation/practitionersPresent/{others}"), Some(key));
                    others += 1;
                    continue;
                }
            }
            if let Some(key) = self.key("contactPersons", individual) {
                self.put(one, &element, &format!("/conversation/contactPersonsPresent/{persons}"), Some(key));
                persons += 1;
            }
        }
    }

    fn in_charge(&mut self, one: &'r Value) {
        let member = self.key("practitioners", &one["participant"][0]["member"]);
        self.put(one, "participant[0].member", "/inCharge/practitioner", member);
        self.put(one, "period.start", "/inCharge/from", Some(one["period"]["start"].clone()));
        self.put(one, "period.end", "/inCharge/to", Some(one["period"]["end"].clone()));
        let Some(accepted) = extension_of(one, ACCEPTED_BY_GP) else { return };
        let part = |name: &str, value: &str| extension_of(accepted, name).map(|part| part[value].clone());
        self.put(one, "extension.extension", "/inCharge/acceptedByGp", part("accepted", "valueBoolean"));
        self.put(one, "extension.extension", "/inCharge/acceptedAt", part("at", "valueDateTime"));
        let by = part("by", "valueReference").and_then(|by| self.key("practitioners", &by));
        self.put(one, "extension.extension", "/inCharge/acceptedBy", by);
    }
}
