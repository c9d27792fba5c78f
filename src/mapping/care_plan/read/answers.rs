//! The goal, the observations, the ICD, and what only our own profiles hold.

use serde_json::Value;

use super::Reader;
use crate::domain::common::codes::{
    Code, EUTHANASIA_POSITION, LATERALITY, MEDICAL_POLICY_GOAL, PREFERRED_PLACE, YES_NO_UNKNOWN,
};
use crate::fhir::systems::NULL_FLAVOR;
use crate::mapping::care_plan::answers::{FORM_SYMPTOMS, QUESTIONS};
use crate::mapping::care_plan::device::{GTIN, HIBC, YES};
use crate::mapping::common::element::{NL_CORE, STATED_AS, extension_of, is_stated, json_of, list_code, listed_code};
use crate::mapping::common::organization;

/// What kind of value an observation of PZP has.
enum Kind {
    Text,
    Listed(&'static [Code]),
    Extensible(&'static [Code]),
}

/// Code of the observation, property of the document, property of its value, and kind of value.
const OBSERVATIONS: &[(&str, &str, &str, Kind)] = &[
    ("153851000146100", "/specificCareWishes", "wishes", Kind::Text),
    ("395091006", "/preferredPlaceOfDeath", "place", Kind::Extensible(PREFERRED_PLACE)),
    ("340171000146104", "/euthanasiaPosition", "position", Kind::Listed(EUTHANASIA_POSITION)),
    ("570801000146104", "/organDonation", "registered", Kind::Listed(YES_NO_UNKNOWN)),
    ("247751003", "/senseOfPurpose", "text", Kind::Text),
];

impl<'r> Reader<'r> {
    pub(super) fn answers(&mut self) {
        for one in self.of("Goal", |_| true) {
            self.goal(one);
        }
        for one in self.of("Observation", |_| true) {
            let coding = &one["code"]["coding"][0];
            let code = coding["code"].as_str().unwrap_or_default();
            if coding["system"] == QUESTIONS {
                self.own_answer(one, code);
            } else if let Some((_, at, field, kind)) = OBSERVATIONS.iter().find(|(known, ..)| *known == code) {
                self.observation(one, at, field, kind);
            }
        }
        for one in self.of("CommunicationRequest", |_| true) {
            self.put(one, "status", "/informedRelatives", Some(true));
        }
        for one in self.of("DeviceUseStatement", |_| true) {
            self.icd(one);
        }
    }

    fn goal(&mut self, one: &'r Value) {
        let codings = one["description"]["coding"].as_array().into_iter().flatten();
        let form = codings.into_iter().any(|coding| coding["code"] == FORM_SYMPTOMS);
        let code =
            if form { Some(FORM_SYMPTOMS.to_owned()) } else { listed_code(MEDICAL_POLICY_GOAL, &one["description"]) };
        self.put(one, "description", "/goal/goal", code);
        let whole = extension_of(&one["_startDate"], STATED_AS).map(|one| one["valueDateTime"].clone());
        // Who says no start says since when it has this status.
        let element = if one["startDate"].is_null() { "statusDate" } else { "startDate" };
        self.put(one, element, "/goal/date", Some(whole.unwrap_or_else(|| one[element].clone())));
        self.note(one, "/goal/comment");
    }

    fn observation(&mut self, one: &'r Value, at: &str, field: &str, kind: &Kind) {
        let concept = &one["valueCodeableConcept"];
        let value = match kind {
            Kind::Text => Some(one["valueString"].clone()),
            Kind::Listed(list) => listed_code(list, concept).map(Value::from),
            Kind::Extensible(list) => json_of(list_code(list, &concept["coding"][0])),
        };
        let element = if matches!(kind, Kind::Text) { "valueString" } else { "valueCodeableConcept" };
        self.put(one, element, &format!("{at}/{field}"), value);
        let reasons = || one["dataAbsentReason"]["coding"].as_array().into_iter().flatten();
        if reasons().any(|coding| coding["system"] == NULL_FLAVOR && coding["code"] == "UNK") {
            self.put(one, "dataAbsentReason", &format!("{at}/{field}"), Some("UNK"));
        } else {
            // FHIR's plain `unknown` is the dataset's `nog onbekend`.
            let reason = reasons().find_map(|coding| coding["code"].as_str());
            let reason = reason.map(|code| if code == "unknown" { "asked-unknown" } else { code });
            self.put(one, "dataAbsentReason", &format!("{at}/absentReason"), reason);
        }
        self.stated(one, "effectiveDateTime", &format!("{at}/date"));
        self.note(one, &format!("{at}/comment"));
    }

    fn own_answer(&mut self, one: &'r Value, code: &str) {
        let said = listed_code(YES_NO_UNKNOWN, &one["valueCodeableConcept"]);
        let yes = said.as_ref().map(|code| code == YES);
        let element = "valueCodeableConcept";
        match code {
            "icd-present" => self.put(one, element, "/hasIcd", said),
            "earlier-agreements" => {
                self.put(one, element, "/earlierAgreements/recorded", said);
                self.note(one, "/earlierAgreements/comment");
            }
            "earlier-agreements-differ" => self.put(one, element, "/earlierAgreements/differ", said),
            "representative-is-contact-person" => {
                self.put(one, element, "/legalRepresentativeIsContactPerson", yes);
            }
            "informed-relatives" => self.put(one, element, "/informedRelatives", yes),
            _ => {}
        }
    }

    fn icd(&mut self, one: &'r Value) {
        let device = self.at(&one["device"]);
        self.saw(one);
        self.saw(device);
        if !self.ours {
            // Another system cannot say that there is an ICD otherwise than by the statement of its use.
            self.put(one, "status", "/hasIcd", (one["status"] == "active").then_some(YES));
        }
        let number = |system: &str| {
            let all = device["identifier"].as_array()?;
            Some(all.iter().find(|one| one["system"] == system)?["value"].clone())
        };
        self.put(device, "identifier", "/icd/gtin", number(GTIN));
        self.put(device, "identifier", "/icd/hibc", number(HIBC));
        let kind = is_stated(&device["type"]).then(|| device["type"]["coding"][0]["code"].clone());
        self.put(device, "type", "/icd/productType", kind);
        self.note(device, "/icd/description");
        for field in ["system", "code", "display"] {
            let value = one["bodySite"]["coding"][0][field].clone();
            self.put(one, &format!("bodySite.coding[0].{field}"), &format!("/icd/location/{field}"), Some(value));
        }
        let side = extension_of(&one["bodySite"], &format!("{NL_CORE}ext-AnatomicalLocation.Laterality"))
            .and_then(|side| listed_code(LATERALITY, &side["valueCodeableConcept"]));
        self.put(one, "bodySite.extension", "/icd/laterality", side);
        let reasons = one["reasonReference"].as_array().into_iter().flatten();
        let indications: Vec<String> = reasons.filter_map(|reference| self.key("problems", reference)).collect();
        for (i, key) in indications.into_iter().enumerate() {
            self.put(one, &format!("reasonReference[{i}]"), &format!("/icd/indications/{i}"), Some(key));
        }
        self.put(one, "timingPeriod.start", "/icd/startDate", Some(one["timingPeriod"]["start"].clone()));
        self.put(one, "timingPeriod.end", "/icd/endDate", Some(one["timingPeriod"]["end"].clone()));
        self.note(one, "/icd/comment");
        let linked = |name: &str| {
            let found = extension_of(one, &format!("{NL_CORE}ext-MedicalDevice.{name}"));
            found.map_or(&Value::Null, |one| &one["valueReference"])
        };
        let location = self.at(linked("Location"));
        self.saw(location);
        let place = self.at(&location["managingOrganization"]);
        if !place.is_null() {
            self.put(place, "", "/icd/organization", Some(organization::read(place)));
        }
        let role = self.key("practitioners", linked("HealthProfessional"));
        self.put(one, "extension", "/icd/practitioner", role);
    }
}
