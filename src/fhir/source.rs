//! A resource as it came, in JSON or XML: what it says, and where in the text its elements stand.

use ahash::AHashMap;
use serde_json::Value;

use super::json::{self, JsonError};
use super::place::{Counting, line_and_column};
use super::xml::{self, Fault, Layout};
use super::{Issue, scan};

/// A resource with the text that it was read from.
pub struct Source {
    pub resource: Value,
    text: String,
    /// Of XML the places are known from reading; of JSON they are looked up where there is something to place.
    places: Option<AHashMap<String, usize>>,
    faults: Vec<(String, Fault)>,
    /// The expression of the resource in the text.
    at: String,
}

impl Source {
    /// Reads JSON.
    ///
    /// # Errors
    /// Those of [`json::parse`].
    pub fn json(text: String) -> Result<Source, JsonError> {
        let resource = json::parse(text.as_bytes())?;
        let at = root_name(&resource).to_owned();
        Ok(Source { resource, text, places: None, faults: Vec::new(), at })
    }

    /// Reads XML in this layout.
    ///
    /// # Errors
    /// The line and column where it stops to be XML of FHIR, and why.
    pub fn xml(layout: &dyn Layout, text: String) -> Result<Source, ((u32, u32), xml::SyntaxFault)> {
        let document = xml::read(layout, &text).map_err(|(at, fault)| (line_and_column(&text, at), fault))?;
        let at = root_name(&document.resource).to_owned();
        let mut faults = document.faults;
        faults.sort();
        faults.dedup();
        Ok(Source { resource: document.resource, text, places: Some(document.places), faults, at })
    }

    /// A resource inside this one, by its JSON pointer.
    pub fn part(mut self, pointer: &str) -> Option<Source> {
        let resource = self.resource.pointer_mut(pointer)?.take();
        for step in pointer.split('/').skip(1) {
            let is_number = step.bytes().all(|b| b.is_ascii_digit());
            self.at.push_str(&if is_number { format!("[{step}]") } else { format!(".{step}") });
        }
        let root = root_name(&resource);
        let within = |(at, fault): (String, Fault)| {
            let rest = at.strip_prefix(&self.at).filter(|rest| rest.is_empty() || rest.starts_with('.'))?;
            Some((format!("{root}{rest}"), fault))
        };
        let faults = self.faults.into_iter().filter_map(within).collect();
        Some(Source { faults, resource, ..self })
    }

    /// What is wrong with the XML alone, once at each element, by FHIRPath expression.
    pub fn faults(&self) -> &[(String, Fault)] {
        &self.faults
    }

    /// Gives these issues, at FHIRPath expressions of the resource, their line and column (from 1, columns in
    /// characters). What has no place of its own has that of the nearest element around it; what is about something
    /// else than this resource gets none.
    pub fn locate(&self, issues: &mut [Issue]) {
        self.locate_properties(issues, &[]);
    }

    /// The same, where an issue may be about a property, by this name, of the element that it names: its place is then
    /// that of the property.
    pub fn locate_properties(&self, issues: &mut [Issue], properties: &[Option<Box<str>>]) {
        if issues.is_empty() {
            return;
        }
        let root = root_name(&self.resource);
        let properties = properties.iter().map(Option::as_deref).chain(std::iter::repeat(None));
        let expression = |issue: &Issue, property: Option<&str>| {
            let rest = issue.at.as_deref()?.strip_prefix(root)?;
            let is_whole = rest.is_empty() || rest.starts_with(['.', '[']);
            // What stands beside a primitive has the place of the primitive.
            let property = property.map_or(String::new(), |name| format!(".{}", name.trim_start_matches('_')));
            is_whole.then(|| format!("{}{rest}{property}", self.at))
        };
        let (expressions, issues): (Vec<String>, Vec<&mut Issue>) = issues
            .iter_mut()
            .zip(properties)
            .filter_map(|(issue, property)| Some((expression(issue, property)?, issue)))
            .unzip();
        let offsets = match &self.places {
            Some(places) => expressions.iter().map(|expression| nearest(places, expression)).collect(),
            None => scan::offsets(&self.text, &expressions),
        };
        let mut offsets: Vec<_> = offsets.into_iter().zip(issues).collect();
        offsets.sort_by_key(|(offset, _)| *offset);
        let mut counting = Counting::new(&self.text);
        for (offset, issue) in offsets {
            issue.position = Some(counting.on_to(offset));
        }
    }
}

/// What expressions start with: the type, where it could be one.
pub fn root_name(resource: &Value) -> &str {
    let name = resource.get("resourceType").and_then(Value::as_str).unwrap_or("Resource");
    if name.bytes().all(|b| b.is_ascii_alphabetic()) { name } else { "Resource" }
}

/// The offset of an expression or of the nearest element around it.
fn nearest(places: &AHashMap<String, usize>, mut part: &str) -> usize {
    loop {
        if let Some(offset) = places.get(part) {
            return *offset;
        }
        match part.rfind(['.', '[']) {
            Some(cut) => part = &part[..cut],
            None => return 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fhir::IssueCode;

    fn placed(text: &str, part: &str, at: &str) -> Option<(u32, u32)> {
        let mut issues = [Issue::error(IssueCode::Invalid, "x", "").at(at)];
        Source::json(text.to_owned()).expect("JSON").part(part).expect("a part").locate(&mut issues);
        issues[0].position
    }

    #[test]
    fn a_place_is_that_of_the_property_or_of_what_is_around() {
        let text = "{\n  \"resourceType\": \"Patient\", \"name\": [\n    { \"family\": \"\\\"x\" }\n  ]\n}";
        assert_eq!(placed(text, "", "Patient.name[0].family"), Some((3, 7)));
        assert_eq!(placed(text, "", "Patient.name[0].given"), Some((3, 5)));
        assert_eq!(placed(text, "", "Patient"), Some((1, 1)));
    }

    #[test]
    fn a_resource_inside_is_placed_in_the_text_around_it() {
        let text = "{\n\"resourceType\": \"Parameters\", \"parameter\": [\n {\n\"resource\": {\n \"id\": 1, \"resourceType\": \"Patient\" } } ] }";
        let part = "/parameter/0/resource";
        assert_eq!(placed(text, part, "Patient.id"), Some((5, 2)));
        assert_eq!(placed(text, part, "Patient"), Some((4, 1)));
    }
}
