//! Goal. STU3 says in one status what R4 says in `lifecycleStatus` and `achievementStatus`.

use serde_json::{Value, json};

use super::draft::{Draft, code};

const LIFECYCLE: &[(&str, &str)] = &[("active", "in-progress"), ("completed", "achieved")];
/// `achievementStatus` and the status that says it.
const ACHIEVEMENT: &[(&str, &str)] = &[
    ("improving", "on-target"),
    ("worsening", "behind-target"),
    ("sustaining", "sustaining"),
    ("achieved", "achieved"),
];
const SYSTEM: &str = "http://terminology.hl7.org/CodeSystem/goal-achievement";

pub(super) fn to_stu3(draft: &mut Draft<'_>) {
    draft.rename("lifecycleStatus", "status");
    let going_on = matches!(draft.body["status"].as_str(), Some("active" | "completed"));
    code(&mut draft.body, "status", LIFECYCLE, false);
    let achieved = draft.body["achievementStatus"]["coding"][0]["code"].as_str();
    let said = ACHIEVEMENT.iter().find(|(r4, _)| Some(*r4) == achieved);
    if let Some((_, stu3)) = said.filter(|_| going_on) {
        draft.set("status", *stu3);
    }
}

pub(super) fn to_r4(draft: &mut Draft<'_>) {
    let status = draft.body["status"].as_str().unwrap_or_default().to_owned();
    let target = match status.as_str() {
        "in-progress" | "on-target" | "ahead-of-target" | "behind-target" | "sustaining" => Some("active"),
        "achieved" => Some("completed"),
        _ => None,
    };
    if let Some(target) = target {
        draft.set("status", target);
    }
    draft.rename("status", "lifecycleStatus");
    let said = ACHIEVEMENT.iter().find(|(_, stu3)| *stu3 == status && status != "achieved");
    if let Some((r4, _)) = said {
        draft.set("achievementStatus", json!({ "coding": [{ "system": SYSTEM, "code": r4 }] }));
    }
    if status == "ahead-of-target" {
        draft.lose("status", "R4 does not tell being ahead of a target apart");
    }
    if let Some(target) = draft.take("target").filter(Value::is_object) {
        draft.set("target", json!([target]));
    }
}
