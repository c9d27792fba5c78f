//! RelatedPerson: STU3 has one relationship, and the roles of a contact person in an extension of nl-core.

use serde_json::{Value, json};

use super::draft::{Draft, list, take_extensions};
use super::observation::lists;
use crate::domain::common::codes;
use crate::mapping::care_plan::{AUTHORISED_IN_WRITING as AUTHORISED, LEGAL_REPRESENTATIVE};
use crate::mapping::common::element::{STATED_AS, extension_of, listed, stated_as};
use crate::mapping::common::related_person::is_role;

const ROLE: &str = "http://fhir.nl/fhir/StructureDefinition/nl-core-relatedperson-role";
/// Of a role that another one implies, in `ext-StatedAs`.
const IMPLIED: &str = "implied";

/// Who is authorised in writing is a legal representative too: the STU3 profile asks for both roles, R4's for one.
pub(super) fn related_to_stu3(draft: &mut Draft<'_>) {
    let (mut roles, relationships): (Vec<Value>, Vec<Value>) =
        draft.take_list("relationship").into_iter().partition(is_role);
    let has = |code: &str| roles.iter().any(|role| role["coding"][0]["code"] == code);
    if has(AUTHORISED) && !has(LEGAL_REPRESENTATIVE) {
        let mut implied = listed(codes::ROLE, LEGAL_REPRESENTATIVE);
        implied["extension"] = stated_as(IMPLIED)["extension"].clone();
        roles.push(implied);
    }
    for role in roles {
        super::draft::extend(&mut draft.body, json!({ "url": ROLE, "valueCodeableConcept": role }));
    }
    draft.set_list("relationship", relationships);
}

pub(super) fn related_to_r4(draft: &mut Draft<'_>) {
    let roles = take_extensions(&mut draft.body, ROLE);
    let roles = roles.iter().map(|one| &one["valueCodeableConcept"]);
    let implied = |role: &&Value| extension_of(role, STATED_AS).is_some_and(|one| one["valueCode"] == IMPLIED);
    let mut all: Vec<Value> = roles.filter(|role| !implied(role)).cloned().collect();
    all.extend(list(draft.take("relationship")));
    draft.set_list("relationship", all);
}

pub(super) fn location_to_r4(draft: &mut Draft<'_>) {
    lists(&mut draft.body, &["type"]);
}
