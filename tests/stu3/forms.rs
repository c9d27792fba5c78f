//! Filled forms on the edition of the other release of the zibs.

use overdracht::mapping::questionnaire_response::{Edition, canonical, translated};
use proptest::prelude::*;
use serde_json::Value;

use super::{documents, published};

/// The form there and back again.
fn there_and_back(form: &Value, there: Edition) -> (Value, Value) {
    let own = Edition::of(canonical(form)).expect("an edition");
    let other = translated(form, there).expect("it can be said");
    let back = translated(&other, own).expect("it can be said again");
    (other, back)
}

#[test]
fn the_published_forms_of_zib2017_are_the_same_after_being_on_that_of_zib2020() {
    let Some(forms) = published::files(&["QuestionnaireResponse-"]) else { return };
    for form in forms {
        // As R4 writes it.
        let form = overdracht::mapping::stu3::to_r4(&form, &overdracht::mapping::stu3::alone).resource.unwrap();
        let (other, back) = there_and_back(&form, Edition::Zib2020);
        let (_, again) = there_and_back(&back, Edition::Zib2020);
        assert_eq!(Edition::of(canonical(&other)), Some(Edition::Zib2020));
        assert_eq!(back, again);
        assert!(back["item"].as_array().unwrap().len() > 5);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn a_plan_is_filled_in_on_the_form_of_zib2017_too(seed in any::<u64>()) {
        let made = documents::generated(seed);
        let form = made.resources.iter().find(|one| one["resourceType"] == "QuestionnaireResponse").unwrap();
        let (other, back) = there_and_back(form, Edition::Zib2017);
        prop_assert_eq!(canonical(&other), Edition::Zib2017.canonical());
        prop_assert!(other["item"] != form["item"]);
        // The form of zib2017 lacks items, and has the words of another treatment and what is said of it in one.
        prop_assert_eq!(translated(&back, Edition::Zib2017), Some(other));
    }
}
