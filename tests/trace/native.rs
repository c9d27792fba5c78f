//! Native documents: registry record, metastasis event and care plan.

use std::collections::BTreeSet;

use overdracht::domain::{Document, Kind};
use overdracht::mapping::{self, Existing, Ids, Mapped};
use proptest::prelude::*;
use serde_json::Value;

use super::check::faults;
use super::generate::{SCHEMAS, document, filled};

fn ids(document: &Document) -> Ids {
    let parties = mapping::parties(document).into_iter().enumerate();
    let envelope = document.envelope();
    Ids {
        patient: "patient-1".into(),
        source: envelope.source.system.clone(),
        document: envelope.document_id.clone(),
        parties: parties.map(|(i, party)| (party, format!("party-{i}"))).collect(),
    }
}

fn mapped(document: &Document) -> Mapped {
    mapping::map(document, &ids(document), &Existing::default()).expect("a document that is accepted is mapped")
}

/// The form that is rendered of a care plan has a trace of its own.
fn but_the_form(mapped: &Mapped) -> Vec<Value> {
    mapped.resources.iter().filter(|one| one["resourceType"] != "QuestionnaireResponse").cloned().collect()
}

#[test]
fn the_generator_fills_in_every_property_of_every_schema() {
    for kind in [Kind::RegistryRecord, Kind::MetastasisEvent, Kind::CarePlan] {
        let mut seen = BTreeSet::new();
        (0..1500).for_each(|seed| filled(&document(kind, seed).0, "", &mut seen));
        let missing: Vec<_> = SCHEMAS.properties_of(kind).difference(&seen).cloned().collect();
        assert!(missing.is_empty(), "{kind:?}: {missing:#?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn what_the_trace_says_is_so(seed in any::<u64>(), kind in 0..3_usize) {
        let (sent, parsed) = document(Kind::ALL[kind], seed);
        let mapped = mapped(&parsed);
        prop_assert_eq!(faults(&sent, &but_the_form(&mapped), &mapped.trace.rows), Vec::<String>::new());
    }
}
