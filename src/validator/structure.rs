//! A StructureDefinition read into a compact tree of elements, once, before anything is compiled.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::Value;

use super::rules::aggregation::Aggregation;
use super::rules::form::Form;

/// One StructureDefinition with its snapshot as a tree. Element 0 is the root.
pub struct Structure {
    pub url: Arc<str>,
    /// The type that it constrains or defines, such as `Observation`.
    pub type_name: Box<str>,
    /// Canonical of the definition that this one is made from.
    pub base: Option<Box<str>>,
    pub kind: StructureKind,
    pub is_profile: bool,
    pub is_abstract: bool,
    /// Where an extension may be used; empty for others.
    pub contexts: Vec<Context>,
    /// What must hold of the element that an extension stands on.
    pub context_invariants: Vec<Box<str>>,
    /// Canonicals of the profiles that must hold where this one does.
    pub imposed: Vec<Box<str>>,
    pub elements: Vec<Element>,
    /// What the definition builds on and is not there, or cannot be read in it.
    pub gaps: Vec<Box<str>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StructureKind {
    Primitive,
    Complex,
    Resource,
    Logical,
}

impl StructureKind {
    /// As `StructureDefinition.kind` has it.
    pub fn name(self) -> &'static str {
        match self {
            StructureKind::Primitive => "primitive-type",
            StructureKind::Complex => "complex-type",
            StructureKind::Resource => "resource",
            StructureKind::Logical => "logical",
        }
    }
}

/// Source: `StructureDefinition.context`.
pub enum Context {
    Element(Box<str>),
    Extension(Box<str>),
    FhirPath(Box<str>),
}

#[derive(Default)]
pub struct Element {
    pub path: Box<str>,
    /// Last part of the path, without `[x]`.
    pub name: Box<str>,
    pub choice: bool,
    pub slice_name: Option<Box<str>>,
    pub children: Vec<u32>,
    /// Slices and, for a slice, its reslices.
    pub slices: Vec<u32>,
    pub min: u32,
    /// `None` is `*`.
    pub max: Option<u32>,
    /// Whether the element repeats where it is first defined: a JSON array however far `max` is brought down.
    pub array: bool,
    pub types: Vec<Type>,
    pub content_reference: Option<Box<str>>,
    pub fixed: Option<Value>,
    pub pattern: Option<Value>,
    pub max_length: Option<u64>,
    pub min_value: Option<Value>,
    pub max_value: Option<Value>,
    pub binding: Option<Binding>,
    pub constraints: Vec<Constraint>,
    pub slicing: Option<Slicing>,
    pub is_modifier: bool,
    pub form: Option<Form>,
}

impl Element {
    /// Whether JSON may call it by this name: a choice has one for each type.
    pub fn is_called(&self, name: &str) -> bool {
        match name.strip_prefix(&*self.name) {
            Some("") => !self.choice,
            Some(rest) => self.choice && rest.starts_with(|c: char| c.is_ascii_uppercase()),
            None => false,
        }
    }
}

#[derive(Clone, Default)]
pub struct Type {
    pub code: Box<str>,
    pub profiles: Vec<Box<str>>,
    pub targets: Vec<Box<str>>,
    pub aggregation: Aggregation,
}

#[derive(Clone)]
pub struct Binding {
    pub strength: Strength,
    pub value_set: Box<str>,
    pub max_value_set: Option<Box<str>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Strength {
    Required,
    Extensible,
    Preferred,
    Example,
}

pub struct Constraint {
    pub key: Box<str>,
    pub error: bool,
    pub best_practice: bool,
    pub human: Box<str>,
    pub expression: Box<str>,
}

#[derive(Clone)]
pub struct Slicing {
    pub discriminators: Vec<(DiscriminatorKind, Box<str>)>,
    pub rules: SlicingRules,
    pub ordered: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlicingRules {
    Open,
    Closed,
    OpenAtEnd,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiscriminatorKind {
    Value,
    Exists,
    Pattern,
    Type,
    Profile,
}

const FHIR_TYPE: &str = "http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type";
const BEST_PRACTICE: &str = "http://hl7.org/fhir/StructureDefinition/elementdefinition-bestpractice";
const MAX_VALUE_SET: &str = "http://hl7.org/fhir/StructureDefinition/elementdefinition-maxValueSet";

fn text<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value.get(name)?.as_str()
}

fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn strings(value: &Value, name: &str) -> Vec<Box<str>> {
    list(value, name).iter().filter_map(|v| v.as_str().map(Box::from)).collect()
}

pub(super) fn extension<'a>(value: &'a Value, url: &str) -> Option<&'a Value> {
    list(value, "extension").iter().find(|e| text(e, "url") == Some(url))
}

/// The value of a choice element `prefix[x]`.
pub(super) fn choice<'a>(value: &'a Value, prefix: &str) -> Option<&'a Value> {
    value.as_object()?.iter().find_map(|(name, v)| {
        let rest = name.strip_prefix(prefix)?;
        rest.starts_with(|c: char| c.is_ascii_uppercase()).then_some(v)
    })
}

impl Structure {
    /// Reads a StructureDefinition that has a snapshot; `None` where it has none, or no root element.
    pub fn read(definition: &Value) -> Option<Structure> {
        let snapshot = definition.get("snapshot")?;
        let mut elements: Vec<Element> = Vec::new();
        // The latest element of a path: what follows in a snapshot belongs to it.
        let mut latest: HashMap<Box<str>, u32> = HashMap::new();
        let mut unsliced: HashMap<(Option<u32>, Box<str>), u32> = HashMap::new();
        for json in list(snapshot, "element") {
            let mut element = read_element(json)?;
            let at = elements.len() as u32;
            let path = element.path.clone();
            let parent = path.rfind('.').and_then(|dot| latest.get(&path[..dot]).copied());
            if at > 0 && parent.is_none() {
                continue;
            }
            match (&element.slice_name, unsliced.get(&(parent, path.clone()))) {
                (Some(slice), Some(&whole)) => {
                    let owner = reslice_of(&elements, whole, slice).unwrap_or(whole);
                    if element.types.is_empty() {
                        element.types = elements[whole as usize].types.clone();
                    }
                    element.array = elements[whole as usize].array;
                    elements[owner as usize].slices.push(at);
                }
                _ => {
                    unsliced.insert((parent, path.clone()), at);
                    if let Some(parent) = parent {
                        elements[parent as usize].children.push(at);
                    }
                }
            }
            latest.insert(path, at);
            elements.push(element);
        }
        elements.first()?;
        Some(Structure {
            url: text(definition, "url")?.into(),
            type_name: text(definition, "type")?.into(),
            base: text(definition, "baseDefinition").map(Box::from),
            kind: match text(definition, "kind")? {
                "primitive-type" => StructureKind::Primitive,
                "resource" => StructureKind::Resource,
                "logical" => StructureKind::Logical,
                _ => StructureKind::Complex,
            },
            is_profile: text(definition, "derivation") == Some("constraint"),
            is_abstract: definition.get("abstract").and_then(Value::as_bool).unwrap_or(false),
            contexts: list(definition, "context").iter().filter_map(read_context).collect(),
            context_invariants: strings(definition, "contextInvariant"),
            imposed: list(definition, "extension").iter().filter_map(read_imposed).collect(),
            elements,
            gaps: Vec::new(),
        })
    }

    pub fn root(&self) -> &Element {
        &self.elements[0]
    }

    /// The elements right below one, without slices.
    pub fn children(&self, of: u32) -> impl Iterator<Item = &Element> {
        self.elements[of as usize].children.iter().map(|child| &self.elements[*child as usize])
    }

    /// The element right below the root that JSON calls by this name.
    pub fn child(&self, name: &str) -> Option<&Element> {
        self.children(0).find(|child| child.is_called(name))
    }

    /// The element that a `contentReference` such as `#Questionnaire.item` names.
    pub fn by_path(&self, path: &str) -> Option<u32> {
        self.elements.iter().position(|e| &*e.path == path && e.slice_name.is_none()).map(|i| i as u32)
    }

    /// The value of an extension defined here, where it may have one.
    pub fn extension_value(&self) -> Option<&Element> {
        self.children(0).find(|e| &*e.name == "value" && e.max != Some(0))
    }

    /// Whether an extension defined here must be used as a `modifierExtension`.
    pub fn is_modifier(&self) -> bool {
        self.root().is_modifier
    }
}

/// The slice that a name such as `a/b` reslices.
fn reslice_of(elements: &[Element], whole: u32, slice: &str) -> Option<u32> {
    let (outer, _) = slice.rsplit_once('/')?;
    let mut open = elements[whole as usize].slices.clone();
    while let Some(candidate) = open.pop() {
        let element = &elements[candidate as usize];
        if element.slice_name.as_deref() == Some(outer) {
            return Some(candidate);
        }
        open.extend(&element.slices);
    }
    None
}

/// Source: <http://hl7.org/fhir/extensions/StructureDefinition-structuredefinition-imposeProfile.html>.
fn read_imposed(extension: &Value) -> Option<Box<str>> {
    let of_it =
        text(extension, "url") == Some("http://hl7.org/fhir/StructureDefinition/structuredefinition-imposeProfile");
    text(extension, "valueCanonical").filter(|_| of_it).map(Box::from)
}

fn read_context(json: &Value) -> Option<Context> {
    let expression: Box<str> = text(json, "expression")?.into();
    Some(match text(json, "type")? {
        "extension" => Context::Extension(expression),
        "fhirpath" => Context::FhirPath(expression),
        _ => Context::Element(expression),
    })
}

fn read_element(json: &Value) -> Option<Element> {
    let path = text(json, "path")?;
    let last = path.rsplit('.').next().unwrap_or(path);
    let (name, is_choice) = last.strip_suffix("[x]").map_or((last, false), |n| (n, true));
    let max = |value: &Value| text(value, "max").and_then(|m| m.parse::<u32>().ok());
    let own_max = text(json, "max").map_or(Some(u32::MAX), |_| max(json));
    let own_max = own_max.filter(|m| *m != u32::MAX);
    let base_max = json.get("base").map_or(own_max, max);
    Some(Element {
        path: path.into(),
        name: name.into(),
        choice: is_choice,
        slice_name: text(json, "sliceName").map(Box::from),
        children: Vec::new(),
        slices: Vec::new(),
        min: json.get("min").and_then(Value::as_u64).unwrap_or(0) as u32,
        max: own_max,
        array: base_max != Some(1) && base_max != Some(0),
        types: list(json, "type").iter().map(|t| read_type(t, json)).collect(),
        content_reference: text(json, "contentReference").map(Box::from),
        fixed: choice(json, "fixed").cloned(),
        pattern: choice(json, "pattern").cloned(),
        max_length: json.get("maxLength").and_then(Value::as_u64),
        min_value: choice(json, "minValue").cloned(),
        max_value: choice(json, "maxValue").cloned(),
        binding: json.get("binding").and_then(read_binding),
        constraints: list(json, "constraint").iter().filter_map(read_constraint).collect(),
        slicing: json.get("slicing").map(read_slicing),
        is_modifier: json.get("isModifier").and_then(Value::as_bool).unwrap_or(false),
        form: Form::read(json),
    })
}

/// Erratum of R4 core: the logical id of a resource is typed `string`, and is an `id`.
fn read_type(json: &Value, element: &Value) -> Type {
    let code = text(json, "code").unwrap_or_default();
    let of_resource = element.get("base").and_then(|b| text(b, "path")) == Some("Resource.id");
    let code = match (code.starts_with("http://hl7.org/fhirpath/System."), of_resource) {
        (true, true) => "id",
        (true, false) => extension(json, FHIR_TYPE).and_then(|e| text(e, "valueUrl")).unwrap_or("string"),
        (false, _) => code.strip_prefix("http://hl7.org/fhir/StructureDefinition/").unwrap_or(code),
    };
    Type {
        code: code.into(),
        profiles: strings(json, "profile"),
        targets: strings(json, "targetProfile"),
        aggregation: Aggregation::read(list(json, "aggregation")),
    }
}

fn read_binding(json: &Value) -> Option<Binding> {
    Some(Binding {
        strength: match text(json, "strength")? {
            "required" => Strength::Required,
            "extensible" => Strength::Extensible,
            "preferred" => Strength::Preferred,
            _ => Strength::Example,
        },
        value_set: text(json, "valueSet")?.into(),
        max_value_set: extension(json, MAX_VALUE_SET).and_then(|e| text(e, "valueCanonical")).map(Box::from),
    })
}

fn read_constraint(json: &Value) -> Option<Constraint> {
    let practice = extension(json, BEST_PRACTICE).and_then(|e| e.get("valueBoolean")).and_then(Value::as_bool);
    Some(Constraint {
        key: text(json, "key")?.into(),
        error: text(json, "severity") != Some("warning"),
        best_practice: practice.unwrap_or(false),
        human: text(json, "human").unwrap_or_default().into(),
        expression: text(json, "expression")?.into(),
    })
}

fn read_slicing(json: &Value) -> Slicing {
    Slicing {
        discriminators: list(json, "discriminator")
            .iter()
            .filter_map(|d| {
                let kind = match text(d, "type")? {
                    "exists" => DiscriminatorKind::Exists,
                    "pattern" => DiscriminatorKind::Pattern,
                    "type" => DiscriminatorKind::Type,
                    "profile" => DiscriminatorKind::Profile,
                    _ => DiscriminatorKind::Value,
                };
                Some((kind, text(d, "path")?.into()))
            })
            .collect(),
        rules: match text(json, "rules") {
            Some("closed") => SlicingRules::Closed,
            Some("openAtEnd") => SlicingRules::OpenAtEnd,
            _ => SlicingRules::Open,
        },
        ordered: json.get("ordered").and_then(Value::as_bool).unwrap_or(false),
    }
}
