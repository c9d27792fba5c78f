//! What became of every field of a source document.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::fhir::ResourceKey;

/// What became of a field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fate", rename_all = "kebab-case")]
pub enum Fate {
    /// Stands in the resource as it was sent.
    Carried,
    /// Stands in the resource in another form, for this reason.
    Converted { reason: String },
    /// Was not in the document and was filled in, for this reason.
    Defaulted { reason: String },
    /// Stands in no resource, for this reason.
    NotCarried { reason: String },
}

/// One source field and the element that it became.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// JSON pointer into the source document; of a form that was sent the linkId, of a Bundle FHIRPath into it.
    pub source: String,
    /// Where a form or a Bundle was read first: JSON pointer into the care plan that it says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub via: Option<String>,
    /// `Consent/<id>#Consent.provision.code`: the resource, and FHIRPath in it; none where the field is not carried.
    pub target: Option<String>,
    #[serde(flatten)]
    pub fate: Fate,
}

/// Rows in the order of mapping; a source field may have several.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trace {
    pub rows: Vec<Row>,
}

impl Trace {
    pub fn add(&mut self, source: impl Into<String>, target: Option<String>, fate: Fate) {
        self.rows.push(Row { source: source.into(), via: None, target, fate });
    }

    /// An element is a copy of another: every field that became the one became the other too.
    pub fn copied(&mut self, from: &str, to: &str) {
        let copy = |row: &Row| {
            let rest = row.target.as_deref()?.strip_prefix(from)?;
            let whole = rest.is_empty() || rest.starts_with(['.', '[']);
            whole.then(|| Row { target: Some(format!("{to}{rest}")), ..row.clone() })
        };
        let copies: Vec<Row> = self.rows.iter().filter_map(copy).collect();
        self.rows.extend(copies);
    }

    /// Tells from what was sent what was told from the care plan that was read of it. `read` leads from places in what
    /// was sent into the plan, and `around` names the places of what the plan says around its content.
    pub fn precede(&mut self, read: &[Row], around: &[(&str, String)]) {
        let mut rows = Vec::new();
        let mut told = vec![false; self.rows.len()];
        for before in read {
            let Some(pointer) = &before.target else {
                rows.push(before.clone());
                continue;
            };
            for (row, told) in self.rows.iter().zip(&mut told) {
                if is_within(pointer, &row.source) && !matches!(row.fate, Fate::Defaulted { .. }) {
                    *told = true;
                    let (source, via) = (before.source.clone(), Some(row.source.clone()));
                    rows.push(Row { source, via, target: row.target.clone(), fate: before.fate.then(&row.fate) });
                }
            }
        }
        for (row, _) in self.rows.drain(..).zip(told).filter(|(_, told)| !told) {
            let place = around.iter().find(|(part, _)| is_within(part, &row.source));
            rows.push(match (place, row.fate) {
                (Some((_, place)), fate) => Row { source: place.clone(), via: Some(row.source), fate, ..row },
                (None, Fate::Carried | Fate::Converted { .. }) => {
                    let reason = "follows from where the rest stood in what was sent".to_owned();
                    Row { fate: Fate::Defaulted { reason }, ..row }
                }
                (None, fate) => Row { fate, ..row },
            });
        }
        self.rows = rows;
    }

    /// A resource is kept otherwise than it was made, because what is stored says more, or says it later: a field whose
    /// element gave way is not carried.
    pub fn follow(&mut self, made: &Value, kept: &Value) {
        let Some(key) = ResourceKey::of(made).filter(|_| made != kept) else { return };
        let prefix = format!("{key}#{}.", key.resource_type);
        for row in &mut self.rows {
            let Some(path) = row.target.as_deref().and_then(|target| target.strip_prefix(&prefix)) else { continue };
            if !stays(path, made, kept) {
                row.target = None;
                let reason = "a document that was recorded later says it otherwise".to_owned();
                row.fate = Fate::NotCarried { reason };
            }
        }
    }
}

impl Fate {
    /// What became of a field in two steps.
    fn then(&self, next: &Fate) -> Fate {
        match (self, next) {
            (Fate::Converted { reason }, Fate::Converted { reason: then }) => {
                Fate::Converted { reason: format!("{reason}; {then}") }
            }
            (Fate::Carried, next) | (_, next @ (Fate::NotCarried { .. } | Fate::Defaulted { .. })) => next.clone(),
            (first, _) => first.clone(),
        }
    }
}

/// Whether a JSON pointer is this place or one below it.
fn is_within(place: &str, pointer: &str) -> bool {
    pointer.strip_prefix(place).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether the element of a resource to which a path leads is in `kept` what it was in `made`, as merging takes them:
/// whole, and lists of identifiers and extensions item by item.
fn stays(path: &str, made: &Value, kept: &Value) -> bool {
    let name = path.split(['.', '[', '(']).next().unwrap_or_default();
    match name {
        "id" | "meta" => true,
        "identifier" | "extension" => {
            let items = |resource: &Value| resource[name].as_array().cloned().unwrap_or_default();
            let (kept, mentioned) = (items(kept), |one: &Value| {
                ["system", "url"].iter().any(|field| one[*field].as_str().is_some_and(|name| path.contains(name)))
            });
            items(made).iter().filter(|one| mentioned(one)).all(|one| kept.contains(one))
        }
        _ => {
            let beside = format!("_{name}");
            kept[name] == made[name] && kept[beside.as_str()] == made[beside.as_str()]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_field_that_gave_way_to_a_later_document_is_not_carried() {
        let mut trace = Trace::default();
        for element in ["gender", "identifier.where(system = 's').value", "extension('u')", "name[0].given"] {
            trace.add("/x", Some(format!("Patient/1#Patient.{element}")), Fate::Carried);
        }
        let made = json!({
            "resourceType": "Patient", "id": "1", "gender": "male", "name": [{ "given": ["A"] }],
            "identifier": [{ "system": "s", "value": "1" }], "extension": [{ "url": "u", "valueString": "old" }],
        });
        let mut kept = made.clone();
        trace.follow(&made, &kept);
        assert!(trace.rows.iter().all(|row| row.fate == Fate::Carried));
        kept["gender"] = json!("female");
        kept["extension"][0]["valueString"] = json!("new");
        kept["identifier"] = json!([{ "system": "r", "value": "0" }, { "system": "s", "value": "1" }]);
        trace.follow(&made, &kept);
        let carried: Vec<bool> = trace.rows.iter().map(|row| row.target.is_some()).collect();
        assert_eq!(carried, [false, true, false, true]);
    }

    #[test]
    fn what_was_read_of_a_form_is_told_from_the_form() {
        let converted = |reason: &str| Fate::Converted { reason: reason.into() };
        let mut trace = Trace::default();
        trace.add("/goal/goal", Some("Goal/1#Goal.description".into()), converted("b"));
        trace.add("/goal/date", Some("Goal/1#Goal.startDate".into()), Fate::Defaulted { reason: "d".into() });
        trace.add("/source/system", Some("Provenance/1#Provenance.entity".into()), Fate::Carried);
        trace.add("/persons/0/key", Some("RelatedPerson/1#RelatedPerson.id".into()), Fate::Carried);
        let mut read = Trace::default();
        read.add("999", Some("/goal".into()), converted("a"));
        read.add("12", None, Fate::NotCarried { reason: "n".into() });
        trace.precede(&read.rows, &[("/source", "Questionnaire.author".into())]);
        let told: Vec<_> = trace.rows.iter().map(|row| (row.source.as_str(), row.via.as_deref(), &row.fate)).collect();
        assert_eq!(told[0], ("999", Some("/goal/goal"), &converted("a; b")));
        assert_eq!(told[1], ("12", None, &Fate::NotCarried { reason: "n".into() }));
        assert_eq!(told[2], ("/goal/date", None, &Fate::Defaulted { reason: "d".into() }));
        assert_eq!(told[3], ("Questionnaire.author", Some("/source/system"), &Fate::Carried));
        assert!(matches!(told[4], ("/persons/0/key", None, Fate::Defaulted { .. })));
    }

    #[test]
    fn a_copy_has_the_rows_of_what_it_copies() {
        let mut trace = Trace::default();
        trace.add("/a", Some("R/1#R.name[0].given".into()), Fate::Carried);
        trace.add("/b", Some("R/1#R.name[01]".into()), Fate::Carried);
        trace.copied("R/1#R.name[0]", "P/1#P.contact[2].name");
        let targets: Vec<_> = trace.rows.iter().skip(2).map(|row| row.target.as_deref()).collect();
        assert_eq!(targets, [Some("P/1#P.contact[2].name.given")]);
    }
}
