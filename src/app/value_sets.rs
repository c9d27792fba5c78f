//! Value sets for a search with `:in`: those that list their codes.

use std::sync::Arc;

use serde_json::Value;

use crate::fhir::definitions::Definitions;
use crate::search::ValueSets;

const PZP: &str = "https://api.iknl.nl/docs/pzp/r4/ValueSet/";
const PZP_STU3: &str = "https://api.iknl.nl/docs/pzp/stu3/ValueSet/";

/// Value sets among the definitions that name every code; one that needs a terminology service is not known.
pub struct Listed(pub Arc<Definitions>);

impl ValueSets for Listed {
    fn codes(&self, url: &str) -> Option<Vec<(String, String)>> {
        // The value sets of PZP have the same codes in both releases.
        let of_r4 = url.strip_prefix(PZP_STU3).map(|name| format!("{PZP}{name}"));
        let value_set = self.0.value_set(of_r4.as_deref().unwrap_or(url))?;
        let items = |value: &Value| value.as_array().cloned().unwrap_or_default();
        if value_set["compose"].get("exclude").is_some() {
            return None;
        }
        let mut codes = Vec::new();
        for include in items(&value_set["compose"]["include"]) {
            let concepts = items(&include["concept"]);
            if concepts.is_empty() || include.get("valueSet").is_some() {
                return None;
            }
            let system = include["system"].as_str()?;
            codes.extend(concepts.iter().filter_map(|it| Some((system.to_owned(), it["code"].as_str()?.to_owned()))));
        }
        Some(codes)
    }
}
