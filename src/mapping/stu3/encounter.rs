//! Encounter. STU3 says why there was one in `reason`, and by reference in `diagnosis`.

use serde_json::json;

use super::draft::{Draft, rename, take};

const RENAMED: &[(&str, &str)] = &[("reasonCode", "reason")];

pub(super) fn to_stu3(draft: &mut Draft<'_>) {
    draft.rename_all(RENAMED);
    let mut diagnoses = draft.take_list("diagnosis");
    diagnoses.iter_mut().for_each(|one| rename(one, "use", "role"));
    let reasons = draft.take_list("reasonReference").into_iter().map(|one| json!({ "condition": one }));
    diagnoses.extend(reasons);
    draft.set_list("diagnosis", diagnoses);
}

pub(super) fn to_r4(draft: &mut Draft<'_>) {
    draft.rename_back(RENAMED);
    let (mut diagnoses, mut reasons) = (Vec::new(), Vec::new());
    for mut one in draft.take_list("diagnosis") {
        // A diagnosis says what it was for, or its rank; what says neither is the reason for the encounter.
        if one.get("role").is_some() || one.get("rank").is_some() {
            rename(&mut one, "role", "use");
            diagnoses.push(one);
        } else {
            reasons.extend(take(&mut one, "condition"));
        }
    }
    draft.set_list("diagnosis", diagnoses);
    draft.set_list("reasonReference", reasons);
    draft.leave_out("incomingReferral", "R4 refers to a request here that STU3 has not");
    if draft.body["class"].is_null() {
        let absent = "http://hl7.org/fhir/StructureDefinition/data-absent-reason";
        draft.set("class", json!({ "extension": [{ "url": absent, "valueCode": "unknown" }] }));
    }
}
