//! Condition: statuses are codes in STU3 and concepts in R4; there is one stage.

use serde_json::{Value, json};

use super::draft::{Draft, list};

const RENAMED: &[(&str, &str)] = &[("encounter", "context"), ("recordedDate", "assertedDate")];
/// Code of R4, code of STU3, words of R4's code.
type Status = (&'static str, &'static str, &'static str);
const CLINICAL: &[Status] = &[
    ("active", "active", "Active"),
    ("recurrence", "recurrence", "Recurrence"),
    ("inactive", "inactive", "Inactive"),
    ("remission", "remission", "Remission"),
    ("resolved", "resolved", "Resolved"),
    ("relapse", "recurrence", "Relapse"),
];
const VERIFICATION: &[Status] = &[
    ("provisional", "provisional", "Provisional"),
    ("differential", "differential", "Differential"),
    ("confirmed", "confirmed", "Confirmed"),
    ("refuted", "refuted", "Refuted"),
    ("entered-in-error", "entered-in-error", "Entered in Error"),
    ("unconfirmed", "unknown", "Unconfirmed"),
];
const STATUSES: &[(&str, &str, &[Status])] = &[
    ("clinicalStatus", "http://terminology.hl7.org/CodeSystem/condition-clinical", CLINICAL),
    ("verificationStatus", "http://terminology.hl7.org/CodeSystem/condition-ver-status", VERIFICATION),
];

pub(super) fn to_stu3(draft: &mut Draft<'_>) {
    draft.rename_all(RENAMED);
    for (element, system, codes) in STATUSES {
        let Some(concept) = draft.take(element) else { continue };
        let said = concept["coding"].as_array().into_iter().flatten().find_map(|coding| {
            let code = coding["code"].as_str()?;
            codes.iter().find(|(r4, ..)| *r4 == code)
        });
        if let Some((r4, stu3, display)) = said {
            draft.set(element, *stu3);
            if concept == json!({ "coding": [{ "system": system, "code": r4, "display": display }] }) {
                continue;
            }
        }
        super::kept::keep(&mut draft.body, "Condition", element, &concept);
    }
    for evidence in draft.body.get_mut("evidence").and_then(Value::as_array_mut).into_iter().flatten() {
        super::observation::lists(evidence, &["code", "detail"]);
    }
}

pub(super) fn to_r4(draft: &mut Draft<'_>) {
    draft.rename_back(RENAMED);
    for (element, system, codes) in STATUSES {
        let Some(code) = draft.take(element) else { continue };
        if let Some((r4, _, display)) = codes.iter().find(|(_, stu3, _)| code == *stu3) {
            draft.set(element, json!({ "coding": [{ "system": system, "code": r4, "display": display }] }));
        }
    }
    if let Some(ended) = draft.take("abatementBoolean") {
        draft.lose(
            "abatement",
            if ended == true { "R4 tells that it ended by its status" } else { "R4 has no such element" },
        );
    }
    if let Some(stage) = draft.take("stage") {
        draft.set_list("stage", list(Some(stage)));
    }
}
