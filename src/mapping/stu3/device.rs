//! Device and DeviceUseStatement: one UDI, a model without its number, and reasons that are problems by extension.

use serde_json::{Value, json};

use super::draft::{Draft, extend, list, take, take_extensions};
use super::names::nictiz;
use super::reference::{role_to_stu3, target};

const UDI: &str = "udi-label-name";

pub(super) fn to_stu3(draft: &mut Draft<'_>) {
    draft.rename("modelNumber", "model");
    let mut carriers = draft.take_list("udiCarrier").into_iter();
    let mut udi = carriers.next().unwrap_or(json!({}));
    for carrier in carriers {
        super::kept::keep(&mut draft.body, "Device", "udiCarrier", &carrier);
    }
    for (i, name) in draft.take_list("deviceName").into_iter().enumerate() {
        if name["type"] == UDI && udi["name"].is_null() {
            udi["name"] = name["name"].clone();
        } else {
            draft.lose(&format!("deviceName[{i}]"), "STU3 has the name of the UDI alone");
        }
    }
    if udi.as_object().is_some_and(|udi| !udi.is_empty()) {
        draft.set("udi", udi);
    }
    for (i, version) in draft.take_list("version").into_iter().enumerate() {
        match i {
            0 => draft.set("version", version["value"].clone()),
            _ => draft.lose(&format!("version[{i}]"), "STU3 has one version"),
        }
    }
}

pub(super) fn to_r4(draft: &mut Draft<'_>) {
    draft.rename("model", "modelNumber");
    if let Some(mut udi) = draft.take("udi") {
        if let Some(name) = take(&mut udi, "name") {
            draft.set("deviceName", json!([{ "name": name, "type": UDI }]));
        }
        if udi.as_object().is_some_and(|udi| !udi.is_empty()) {
            draft.set("udiCarrier", json!([udi]));
        }
    }
    if let Some(version) = draft.take("version") {
        draft.set("version", json!([{ "value": version }]));
    }
}

/// Nictiz's extension of R4 for the place of a device, which is a Location; STU3's is for an Organization.
const PLACE: (&str, &str) = ("ext-MedicalDevice.Location", "zib-MedicalDevice-Organization");
const PROBLEM: &str = "zib-MedicalDevice-Problem";
const PRACTITIONER: &str = "zib-MedicalDevice-Practitioner";

pub(super) fn use_to_stu3(draft: &mut Draft<'_>) {
    let mut indications = draft.take_list("reasonCode");
    let problems = draft.take_list("reasonReference").into_iter();
    indications.extend(problems.map(|one| json!({ "extension": [{ "url": nictiz(PROBLEM), "valueReference": one }] })));
    draft.set_list("indication", indications);
    let others = draft.others;
    for one in draft.body.get_mut("extension").and_then(Value::as_array_mut).into_iter().flatten() {
        let is = |name: &str| one["url"] == nictiz(name);
        if is(PRACTITIONER) && target(&one["valueReference"]) == Some("PractitionerRole") {
            role_to_stu3(&mut one["valueReference"], others);
        } else if is(PLACE.0) {
            place_to_stu3(one, others);
        }
    }
}

/// The organisation that runs the place, with the place beside it.
fn place_to_stu3(extension: &mut Value, others: &super::Others<'_>) {
    let mut place = extension["valueReference"].take();
    take(&mut place, "type");
    let found = others(place["reference"].as_str().unwrap_or_default()).unwrap_or(Value::Null);
    let mut organization = found["managingOrganization"].clone();
    if !organization.is_object() {
        organization = json!({});
    }
    take(&mut organization, "type");
    if organization["display"].is_null()
        && let Some(display) = place.get("display")
    {
        organization["display"] = display.clone();
    }
    extend(&mut organization, json!({ "url": nictiz(PLACE.0), "valueReference": place }));
    *extension = json!({ "url": nictiz(PLACE.1), "valueReference": organization });
}

pub(super) fn use_to_r4(draft: &mut Draft<'_>) {
    let (mut codes, mut problems) = (Vec::new(), Vec::new());
    for mut indication in list(draft.take("indication")) {
        let references = take_extensions(&mut indication, &nictiz(PROBLEM));
        problems.extend(references.iter().map(|one| one["valueReference"].clone()));
        if indication.as_object().is_some_and(|one| !one.is_empty()) {
            codes.push(indication);
        }
    }
    draft.set_list("reasonCode", codes);
    draft.set_list("reasonReference", problems);
    let mut without_place = false;
    for one in draft.body.get_mut("extension").and_then(Value::as_array_mut).into_iter().flatten() {
        if one["url"] != nictiz(PLACE.1) {
            continue;
        }
        match take_extensions(&mut one["valueReference"], &nictiz(PLACE.0)).into_iter().next() {
            Some(place) => *one = json!({ "url": nictiz(PLACE.0), "valueReference": place["valueReference"] }),
            None => without_place = true,
        }
    }
    if without_place {
        draft.lose("extension", "R4 refers to a place here, and STU3 to an organisation");
    }
    draft.leave_out("whenUsed", "R4 says the time of use in its timing");
}
