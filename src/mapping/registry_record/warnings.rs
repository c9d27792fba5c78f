//! What the sender should know of a record that is accepted.

use crate::domain::tumour::{CancerKind, Primary, edition_for};
use crate::domain::{Answer, RegistryRecord};
use crate::fhir::{Issue, IssueCode};

fn warning(id: &'static str, at: String, text: &str) -> Issue {
    Issue::warning(IssueCode::BusinessRule, id, text).at(at)
}

pub fn warnings(record: &RegistryRecord) -> Vec<Issue> {
    let content = &record.content;
    let tumour = &content.tumour;
    let mut warnings = Vec::new();
    for (i, tnm) in tumour.tnm.iter().enumerate() {
        let holds = edition_for(tumour.kind(), tumour.incidence_date);
        if let (Some(said), Some(holds)) = (tnm.edition, holds)
            && said != holds
        {
            let text = "another edition of TNM holds for this kind of cancer and incidence date; the one that was sent is kept";
            warnings.push(warning("tnm-edition", format!("/tumour/tnm/{i}/edition"), text));
        }
    }
    let unknown = |category: &str| matches!(category, "C77" | "C78" | "C79" | "C80" | "C26" | "C39" | "C76");
    if tumour.primary == Primary::Unknown && !unknown(tumour.icd10.category()) {
        let text = "the primary site is said to be unknown, and the ICD-10 code names one";
        warnings.push(warning("primary-and-code-differ", "/tumour/icd10".to_owned(), text));
    }
    if tumour.kind() != CancerKind::PrimaryUnknown && matches!(tumour.icd10.category(), "C77" | "C78" | "C79") {
        let text = "the ICD-10 code is that of a metastasis, and this is the record of the tumour itself";
        warnings.push(warning("code-of-a-metastasis", "/tumour/icd10".to_owned(), text));
    }
    for (i, treatment) in content.treatments.iter().enumerate() {
        let before = treatment.start.map_or(Answer::NotDeterminable, |start| start.before(tumour.incidence_date));
        if before == Answer::Yes {
            let text = "the treatment begins before the incidence date of the tumour";
            warnings.push(warning("treatment-before-incidence", format!("/treatments/{i}/start"), text));
        }
    }
    warnings
}
