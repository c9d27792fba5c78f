//! Procedure. What was not done is `suspended` with `notDone` in STU3.

use serde_json::{Value, json};

use super::draft::{Draft, code, rename};

const RENAMED: &[(&str, &str)] = &[("encounter", "context")];
const STATUS: &[(&str, &str)] = &[("on-hold", "suspended"), ("stopped", "aborted")];

pub(super) fn to_stu3(draft: &mut Draft<'_>) {
    draft.rename_all(RENAMED);
    if draft.body["status"] == "not-done" {
        draft.set("status", "suspended");
        draft.set("notDone", true);
        draft.rename("statusReason", "notDoneReason");
    }
    code(&mut draft.body, "status", STATUS, false);
    for performer in draft.body.get_mut("performer").and_then(Value::as_array_mut).into_iter().flatten() {
        rename(performer, "function", "role");
    }
}

pub(super) fn to_r4(draft: &mut Draft<'_>) {
    draft.rename_back(RENAMED);
    if draft.take("notDone") == Some(json!(true)) {
        draft.set("status", "not-done");
        draft.rename("notDoneReason", "statusReason");
    } else {
        draft.leave_out("notDoneReason", "R4 gives this reason only for what was not done");
        code(&mut draft.body, "status", STATUS, true);
    }
    draft.leave_out("definition", "R4 names the definition by its canonical URL");
    for performer in draft.body.get_mut("performer").and_then(Value::as_array_mut).into_iter().flatten() {
        rename(performer, "role", "function");
    }
}
