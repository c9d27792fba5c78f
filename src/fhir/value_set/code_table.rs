//! The codes of a code system, with what filters and display checks ask of them.

use ahash::HashMap;
use serde_json::Value;

use super::Membership;
use crate::fhir::definitions::Canonical;

/// A code system's concepts.
#[derive(Debug, Default)]
pub struct CodeTable {
    url: Box<str>,
    version: Box<str>,
    concepts: Vec<Concept>,
    /// Lower case where the system ignores case.
    by_code: HashMap<Box<str>, usize>,
    ignores_case: bool,
    /// In lower case, where nothing is said of case: then a code is taken as it is written, and else in any case.
    ///
    /// Source: <http://hl7.org/fhir/R4/codesystem-definitions.html#CodeSystem.caseSensitive>.
    in_any_case: HashMap<Box<str>, usize>,
    complete: bool,
    supplement: bool,
    /// Of the displays.
    language: Option<Box<str>>,
}

/// One concept.
#[derive(Debug)]
pub struct Concept {
    pub code: Box<str>,
    pub display: Option<Box<str>>,
    /// Language (where given) and text.
    pub designations: Vec<(Option<Box<str>>, Box<str>)>,
    /// Property code and value as text.
    pub properties: Vec<(Box<str>, Box<str>)>,
    /// Places of the concepts right above it.
    pub(super) parents: Vec<usize>,
}

/// How a text compares to what a code is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DisplayCheck<'a> {
    Matches,
    /// It is called otherwise; the preferred name.
    Differs(&'a str),
    /// The code is not here, or has no name.
    Unknown,
}

impl CodeTable {
    /// Reads a CodeSystem.
    pub fn read(code_system: &Value) -> CodeTable {
        let text = |key: &str| code_system.get(key).and_then(Value::as_str).unwrap_or_default();
        let mut table = CodeTable {
            url: text("url").into(),
            version: text("version").into(),
            complete: text("content") == "complete",
            supplement: text("content") == "supplement",
            language: language_of(code_system).map(Box::from),
            ignores_case: code_system.get("caseSensitive").and_then(Value::as_bool) == Some(false),
            ..CodeTable::default()
        };
        table.read_concepts(code_system, None);
        if code_system.get("caseSensitive").is_none() {
            let folded = |(at, concept): (usize, &Concept)| (concept.code.to_lowercase().into(), at);
            table.in_any_case = table.concepts.iter().enumerate().map(folded).collect();
        }
        table.link(code_system);
        table
    }

    fn read_concepts(&mut self, within: &Value, parent: Option<usize>) {
        for concept in within.get("concept").and_then(Value::as_array).into_iter().flatten() {
            let Some(code) = concept.get("code").and_then(Value::as_str) else { continue };
            let at = self.concepts.len();
            self.by_code.insert(self.key(code), at);
            self.concepts.push(Concept {
                code: code.into(),
                display: concept.get("display").and_then(Value::as_str).map(Box::from),
                designations: list(concept, "designation", |designation| {
                    let language = designation.get("language").and_then(Value::as_str).map(Box::from);
                    Some((language, designation.get("value")?.as_str()?.into()))
                }),
                properties: list(concept, "property", |property| {
                    Some((property.get("code")?.as_str()?.into(), value_of(property)?))
                }),
                parents: parent.into_iter().collect(),
            });
            self.read_concepts(concept, Some(at));
        }
    }

    /// Adds the hierarchy that is told by properties, whatever their codes are called.
    fn link(&mut self, code_system: &Value) {
        let named = |uri: &str| {
            let is = |property: &&Value| property.get("uri").and_then(Value::as_str).is_some_and(|u| u.ends_with(uri));
            let properties = code_system.get("property").and_then(Value::as_array).into_iter().flatten();
            properties.filter(is).filter_map(|p| p.get("code")?.as_str()).map(str::to_owned).collect::<Vec<_>>()
        };
        let mut up = named("concept-properties#parent");
        up.extend(["parent".to_owned(), "subsumedBy".to_owned()]);
        let mut down = named("concept-properties#child");
        down.push("child".to_owned());
        let mut links = Vec::new();
        for (at, concept) in self.concepts.iter().enumerate() {
            for (property, value) in &concept.properties {
                let Some(other) = self.place(value) else { continue };
                if up.iter().any(|name| **name == **property) {
                    links.push((at, other));
                } else if down.iter().any(|name| **name == **property) {
                    links.push((other, at));
                }
            }
        }
        for (child, parent) in links {
            let parents = &mut self.concepts[child].parents;
            if child != parent && !parents.contains(&parent) {
                parents.push(parent);
            }
        }
    }

    fn key(&self, code: &str) -> Box<str> {
        if self.ignores_case { code.to_lowercase().into() } else { code.into() }
    }

    fn place(&self, code: &str) -> Option<usize> {
        if self.ignores_case {
            return self.by_code.get(&*code.to_lowercase()).copied();
        }
        let written = self.by_code.get(code).copied();
        let is_known = written.is_some() || self.in_any_case.is_empty();
        if is_known { written } else { self.in_any_case.get(&*code.to_lowercase()).copied() }
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// Whether the code system is of this version, or says none.
    pub fn is_of(&self, version: &str) -> bool {
        self.version.is_empty() || Canonical { url: &self.url, version: Some(version) }.accepts(&self.version)
    }

    pub fn concepts(&self) -> &[Concept] {
        &self.concepts
    }

    pub fn ignores_case(&self) -> bool {
        self.ignores_case
    }

    /// Whether it only adds names and properties to another code system.
    pub fn is_supplement(&self) -> bool {
        self.supplement
    }

    /// True where every code of the system is here (`content` = `complete`).
    pub fn is_complete(&self) -> bool {
        self.complete
    }

    /// Whether the system has the code; `Unknown` for one that is not among those of an incomplete system.
    pub fn contains(&self, code: &str) -> Membership {
        match self.place(code) {
            Some(_) => Membership::In,
            None if self.complete => Membership::Out,
            None => Membership::Unknown,
        }
    }

    pub fn concept(&self, code: &str) -> Option<&Concept> {
        self.place(code).map(|at| &self.concepts[at])
    }

    /// Compares a text to the code's display and designations; case and runs of spaces make no difference.
    pub fn check_display(&self, code: &str, text: &str) -> DisplayCheck<'_> {
        let Some(concept) = self.concept(code) else { return DisplayCheck::Unknown };
        let names = concept.display.iter().chain(concept.designations.iter().map(|(_, text)| text));
        if names.clone().any(|name| same_text(name, text)) {
            return DisplayCheck::Matches;
        }
        names.into_iter().next().map_or(DisplayCheck::Unknown, |name| DisplayCheck::Differs(name))
    }

    /// Whether the system says what a code is called in this language (a tag of BCP 47, of which the first part counts).
    pub fn has_name_in(&self, code: &str, language: &str) -> bool {
        let is_it = |other: &str| primary(other).eq_ignore_ascii_case(primary(language));
        let names = self.concept(code).into_iter().flat_map(|concept| &concept.designations);
        let own =
            self.language.as_deref().is_some_and(is_it) && self.concept(code).is_some_and(|c| c.display.is_some());
        own || names.filter_map(|(language, _)| language.as_deref()).any(is_it)
    }

    /// The concept and everything below it, as marks by place; `None` where the code is not here.
    pub(super) fn below(&self, code: &str, with_itself: bool) -> Option<Vec<bool>> {
        let root = self.place(code)?;
        let mut children: Vec<Vec<usize>> = vec![Vec::new(); self.concepts.len()];
        for (at, concept) in self.concepts.iter().enumerate() {
            concept.parents.iter().for_each(|parent| children[*parent].push(at));
        }
        let mut marked = self.reached(root, |at| &children[at]);
        marked[root] = with_itself;
        Some(marked)
    }

    /// The concept and everything above it, as marks by place; `None` where the code is not here.
    pub(super) fn above(&self, code: &str) -> Option<Vec<bool>> {
        Some(self.reached(self.place(code)?, |at| &self.concepts[at].parents))
    }

    /// Whether `code` is `other` or stands above it; `Unknown` where a code is not among those of an incomplete system.
    pub fn subsumes(&self, code: &str, other: &str) -> Membership {
        let (Some(at), Some(above)) = (self.place(code), self.above(other)) else {
            return if self.complete { Membership::Out } else { Membership::Unknown };
        };
        match above[at] {
            true => Membership::In,
            false if self.complete => Membership::Out,
            false => Membership::Unknown,
        }
    }

    fn reached<'t>(&self, root: usize, next: impl Fn(usize) -> &'t [usize]) -> Vec<bool> {
        let mut marked = vec![false; self.concepts.len()];
        let mut open = vec![root];
        while let Some(at) = open.pop() {
            if !std::mem::replace(&mut marked[at], true) {
                open.extend(next(at));
            }
        }
        marked
    }
}

/// The language of a code system's displays: the one that it states; HL7's own are English and do not say so.
fn language_of(code_system: &Value) -> Option<&str> {
    let text = |key: &str| code_system.get(key).and_then(Value::as_str);
    let is_of_hl7 =
        |url: &str| url.starts_with("http://hl7.org/fhir/") || url.starts_with("http://terminology.hl7.org/");
    text("language").or_else(|| text("url").filter(|url| is_of_hl7(url)).map(|_| "en"))
}

fn primary(language: &str) -> &str {
    language.split('-').next().unwrap_or(language)
}

fn list<T>(of: &Value, key: &str, read: impl Fn(&Value) -> Option<T>) -> Vec<T> {
    of.get(key).and_then(Value::as_array).into_iter().flatten().filter_map(read).collect()
}

fn value_of(property: &Value) -> Option<Box<str>> {
    let (_, value) = property.as_object()?.iter().find(|(key, _)| key.starts_with("value"))?;
    match value {
        Value::String(text) => Some((**text).into()),
        Value::Object(coding) => coding.get("code")?.as_str().map(Box::from),
        other => Some(other.to_string().into()),
    }
}

fn same_text(left: &str, right: &str) -> bool {
    left == right || {
        let words = |text: &str| text.split_whitespace().map(str::to_lowercase).collect::<Vec<_>>();
        words(left) == words(right)
    }
}
