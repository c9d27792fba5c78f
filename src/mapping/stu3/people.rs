//! RelatedPerson: STU3 has one relationship, and the roles of a contact person in an extension of nl-core.

use serde_json::{Value, json};

use super::draft::{Draft, list, take_extensions};
use super::observation::lists;
use crate::mapping::common::related_person::is_role;

const ROLE: &str = "http://fhir.nl/fhir/StructureDefinition/nl-core-relatedperson-role";

pub(super) fn related_to_stu3(draft: &mut Draft<'_>) {
    let (roles, relationships): (Vec<Value>, Vec<Value>) =
        draft.take_list("relationship").into_iter().partition(is_role);
    for role in roles {
        super::draft::extend(&mut draft.body, json!({ "url": ROLE, "valueCodeableConcept": role }));
    }
    draft.set_list("relationship", relationships);
}

pub(super) fn related_to_r4(draft: &mut Draft<'_>) {
    let roles = take_extensions(&mut draft.body, ROLE);
    let mut all: Vec<Value> = roles.iter().map(|one| one["valueCodeableConcept"].clone()).collect();
    all.extend(list(draft.take("relationship")));
    draft.set_list("relationship", all);
}

pub(super) fn location_to_r4(draft: &mut Draft<'_>) {
    lists(&mut draft.body, &["type"]);
}
