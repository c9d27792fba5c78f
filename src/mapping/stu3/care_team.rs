//! CareTeam, where a participant has one role in STU3; and ClinicalImpression, which shares the name of its context.

use serde_json::Value;

use super::draft::Draft;
use super::observation::lists;

const RENAMED: &[(&str, &str)] = &[("encounter", "context")];

pub(super) fn to_stu3(draft: &mut Draft<'_>) {
    draft.rename_all(RENAMED);
}

pub(super) fn to_r4(draft: &mut Draft<'_>) {
    draft.rename_back(RENAMED);
    for participant in draft.body.get_mut("participant").and_then(Value::as_array_mut).into_iter().flatten() {
        lists(participant, &["role"]);
    }
}
