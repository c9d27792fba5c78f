//! What a type consists of, read from its StructureDefinition.

use serde_json::Value;

/// A type's base and its elements, inherited ones included.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TypeDescription {
    /// `DomainResource` of `Patient`.
    pub base: Option<String>,
    pub elements: Vec<ElementDescription>,
}

/// One element of a type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ElementDescription {
    /// Without `[x]`.
    pub name: String,
    /// Names of types as a [`TypeModel`](super::TypeModel) takes them; at least one.
    pub types: Vec<String>,
    /// True of `value[x]`, whose JSON properties carry the type's name.
    pub choice: bool,
}

/// Says on `id` and `url` elements which FHIR type they have; their type code is FHIRPath's.
const FHIR_TYPE: &str = "http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type";

impl TypeDescription {
    /// The description of the element at `path` (the type itself, or `Patient.contact`) in the snapshot of
    /// `structure`, which defines the type that `path` starts with. `None` without such an element.
    pub fn from_structure(structure: &Value, path: &str) -> Option<TypeDescription> {
        let elements = structure["snapshot"]["element"].as_array()?;
        let own = elements.iter().find(|element| element["path"] == path)?;
        let base = if path.contains('.') {
            own["type"][0]["code"].as_str()
        } else {
            structure["baseDefinition"].as_str().map(|canonical| canonical.rsplit('/').next().unwrap_or(canonical))
        };
        let mut described = TypeDescription { base: base.map(str::to_owned), elements: Vec::new() };
        for (index, element) in elements.iter().enumerate() {
            let Some(child) = element["path"].as_str() else { continue };
            let Some(name) = child.strip_prefix(path).and_then(|rest| rest.strip_prefix('.')) else { continue };
            // A slice repeats the path of what it slices.
            if name.contains('.') || element.get("sliceName").is_some() {
                continue;
            }
            let next = elements.get(index + 1).and_then(|next| next["path"].as_str());
            let nested = next.is_some_and(|next| next.strip_prefix(child).is_some_and(|rest| rest.starts_with('.')));
            let types = types_of(element, child, nested);
            if !types.is_empty() {
                let choice = name.strip_suffix("[x]");
                described.elements.push(ElementDescription {
                    name: choice.unwrap_or(name).to_owned(),
                    types,
                    choice: choice.is_some(),
                });
            }
        }
        Some(described)
    }
}

fn types_of(element: &Value, path: &str, nested: bool) -> Vec<String> {
    if let Some(reference) = element["contentReference"].as_str() {
        return vec![reference.rsplit('#').next().unwrap_or(reference).to_owned()];
    }
    let types = element["type"].as_array().map_or(&[][..], Vec::as_slice);
    let code = |of: &Value| {
        let code = of["code"].as_str()?;
        match code.strip_prefix("http://hl7.org/fhirpath/System.") {
            None => Some(code.to_owned()),
            Some(system) => {
                let named = of["extension"].as_array().into_iter().flatten().find(|e| e["url"] == FHIR_TYPE);
                let named = named.and_then(|e| e["valueUrl"].as_str().or(e["valueUri"].as_str()));
                Some(named.map_or_else(|| system.to_lowercase(), str::to_owned))
            }
        }
    };
    match types {
        [one] if nested && matches!(one["code"].as_str(), Some("BackboneElement" | "Element")) => vec![path.to_owned()],
        types => types.iter().filter_map(code).collect(),
    }
}
