//! CommunicationRequest: who asks stands one level deeper in STU3.

use serde_json::json;

use super::draft::{Draft, code};

const RENAMED: &[(&str, &str)] = &[("encounter", "context")];
const STATUS: &[(&str, &str)] = &[("on-hold", "suspended"), ("revoked", "cancelled")];

pub(super) fn to_stu3(draft: &mut Draft<'_>) {
    draft.rename_all(RENAMED);
    code(&mut draft.body, "status", STATUS, false);
    if let Some(requester) = draft.take("requester") {
        draft.set("requester", json!({ "agent": requester }));
    }
    if draft.body["doNotPerform"] == false {
        draft.take("doNotPerform");
    }
}

pub(super) fn to_r4(draft: &mut Draft<'_>) {
    draft.rename_back(RENAMED);
    code(&mut draft.body, "status", STATUS, true);
    if let Some(requester) = draft.take("requester") {
        if requester.get("onBehalfOf").is_some() {
            draft.lose("requester.onBehalfOf", "R4 does not say for whom a request was made");
        }
        draft.set("requester", requester["agent"].clone());
    }
    draft.rename("topic", "about");
}
