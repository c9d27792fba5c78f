//! What the packages publish for FHIRPath: expressions with the elements that they are about, and resources that have such
//! elements.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use flate2::read::GzDecoder;
use overdracht::fhir::definitions::Definitions;
use overdracht::fhirpath::{Context, Node, Program, TypeDescription, TypeId, TypeModel, Types, compile};
use serde_json::Value;

/// The types of all definitions that are installed.
pub struct Installed(pub Definitions);

impl TypeModel for Installed {
    fn describe(&self, name: &str) -> Option<TypeDescription> {
        TypeDescription::from_structure(&*self.0.structure_for_type(name.split('.').next()?)?, name)
    }
}

/// An expression that is evaluated on an element.
#[allow(dead_code)] // Not every test reads all of it.
pub struct Expression {
    /// The package that publishes it, without its version.
    pub package: String,
    /// Key of the constraint, code of the search parameter, or `context` for a context invariant.
    pub key: String,
    pub text: String,
    /// Where the element stands: the type that the path starts at, and the names from there.
    pub of: String,
    pub path: Vec<String>,
    /// Of a profile its URL: its constraints hold of extensions that have it and of resources that claim it.
    pub profile: Option<String>,
}

/// A resource, with the package that it is from and the name of its file.
pub struct Example {
    pub name: String,
    pub resource: Value,
}

pub struct Published {
    pub model: Arc<Installed>,
    pub types: Arc<Types>,
    pub expressions: Vec<Expression>,
    pub examples: Vec<Example>,
    by_type: HashMap<String, Vec<usize>>,
    /// What a profile builds on.
    bases: HashMap<String, String>,
    lineages: RefCell<HashMap<TypeId, Vec<String>>>,
    descendants: Program,
}

/// How many conformance resources of a type and package are taken as examples beside the examples proper.
const CONFORMANCE: usize = 2;

/// All of HL7's core package and the Dutch ones, and its oncology package where that is; none where they are not there, and
/// the reason is printed.
pub fn published() -> Option<Published> {
    let (true, Some(folder)) = (super::common::packages(), super::common::shared("packages")) else { return None };
    let mut packages: Vec<PathBuf> =
        std::fs::read_dir(folder).expect("a folder").flatten().map(|entry| entry.path()).collect();
    packages.extend(super::common::mcode());
    packages.sort();
    let definitions = Definitions::builder().packages(packages.clone()).open().expect("the packages can be read");
    let model = Arc::new(Installed(definitions));
    let types = Arc::new(Types::new(model.clone()));
    packages.push(Path::new(env!("CARGO_MANIFEST_DIR")).join("profiles/packages/hl7.fhir.r4.core#4.0.1.tgz"));
    let descendants = compile("descendants()", TypeId::UNKNOWN, &types).expect("an expression");
    let mut found = Published {
        descendants,
        model,
        types,
        expressions: Vec::new(),
        examples: Vec::new(),
        by_type: HashMap::new(),
        bases: HashMap::new(),
        lineages: RefCell::default(),
    };
    for package in &packages {
        found.read(package);
    }
    for (index, expression) in found.expressions.iter().enumerate() {
        found.by_type.entry(expression.of.clone()).or_default().push(index);
    }
    Some(found)
}

impl Published {
    fn read(&mut self, path: &Path) {
        let file = std::fs::File::open(path).expect("a package opens");
        let package = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let is_version = |part: &str| part.starts_with(|c: char| c.is_ascii_digit());
        let end = package.match_indices(['-', '#']).find(|(at, _)| is_version(&package[at + 1..])).map(|(at, _)| at);
        let package = package[..end.unwrap_or(package.len())].to_owned();
        let mut archive = tar::Archive::new(GzDecoder::new(file));
        let mut taken: HashMap<String, usize> = HashMap::new();
        for entry in archive.entries().expect("a package is a tar").flatten() {
            let Ok(name) = entry.path().map(|path| path.to_string_lossy().into_owned()) else { continue };
            let Ok(resource) = serde_json::from_reader::<_, Value>(entry) else { continue };
            let Some(kind) = resource["resourceType"].as_str() else { continue };
            let is_example = name.starts_with("package/example");
            if !is_example {
                self.definition(&package, &resource);
            }
            let taken = taken.entry(kind.to_owned()).or_default();
            *taken += 1;
            if is_example || *taken <= CONFORMANCE {
                let name = format!("{package}/{}", name.rsplit('/').next().unwrap_or_default());
                // What stands in a Bundle is a resource of its own too.
                for (n, entry) in resource["entry"].as_array().into_iter().flatten().enumerate() {
                    if entry["resource"].is_object() {
                        let resource = entry["resource"].clone();
                        self.examples.push(Example { name: format!("{name}#{n}"), resource });
                    }
                }
                self.examples.push(Example { name, resource });
            }
        }
    }

    fn definition(&mut self, package: &str, resource: &Value) {
        if let (Some(url), Some(base)) = (resource["url"].as_str(), resource["baseDefinition"].as_str()) {
            self.bases.insert(url.to_owned(), base.to_owned());
        }
        let mut add = |key: &str, text: &str, of: &str, path: Vec<String>, profile: Option<String>| {
            let (package, key, text, of) = (package.to_owned(), key.to_owned(), text.to_owned(), of.to_owned());
            self.expressions.push(Expression { package, key, text, of, path, profile });
        };
        match resource["resourceType"].as_str() {
            Some("SearchParameter") => {
                let (Some(text), Some(code)) = (resource["expression"].as_str(), resource["code"].as_str()) else {
                    return;
                };
                for of in resource["base"].as_array().into_iter().flatten().filter_map(Value::as_str) {
                    add(code, text, of, Vec::new(), None);
                }
            }
            Some("StructureDefinition") => {
                let of = resource["type"].as_str().unwrap_or_default();
                let profile = resource["derivation"] == "constraint";
                let url = profile.then(|| resource["url"].as_str().unwrap_or_default().to_owned());
                for invariant in resource["contextInvariant"].as_array().into_iter().flatten() {
                    add("context", invariant.as_str().unwrap_or_default(), "Extension", Vec::new(), url.clone());
                }
                // A profile's own constraints; those that it inherits are its base's.
                let view = if profile { "differential" } else { "snapshot" };
                for element in resource[view]["element"].as_array().into_iter().flatten() {
                    let path: Vec<String> =
                        element["path"].as_str().unwrap_or_default().split('.').skip(1).map(str::to_owned).collect();
                    for constraint in element["constraint"].as_array().into_iter().flatten() {
                        let key = constraint["key"].as_str().unwrap_or_default();
                        // What every element has is said of the types of elements.
                        if key == "ele-1" && !path.is_empty() {
                            continue;
                        }
                        if let Some(text) = constraint["expression"].as_str() {
                            add(key, text, of, path.clone(), url.clone());
                        }
                    }
                }
            }
            _ => {}
        }
    }

    /// Every element of the resource that an expression is about: its node, its JSON pointer, and the indexes of the
    /// expressions.
    pub fn about<'r>(&'r self, resource: &'r Value) -> Vec<(Node<'r>, String, Vec<usize>)> {
        let mut pointers = HashMap::new();
        point(resource, &mut String::new(), &mut pointers);
        let mut wanted: HashMap<String, Vec<usize>> = HashMap::new();
        let nodes = self.nodes(resource);
        let claims = self.claims(resource);
        for node in &nodes {
            let Some(pointer) = pointers.get(&std::ptr::from_ref(node.value())) else { continue };
            for of in self.lineage(node.of()) {
                for index in self.by_type.get(&of).into_iter().flatten() {
                    let expression = &self.expressions[*index];
                    if expression.profile.as_deref().is_some_and(|profile| !fits(node.value(), &claims, profile)) {
                        continue;
                    }
                    below(node.value(), pointer.clone(), &expression.path, &mut |pointer| {
                        wanted.entry(pointer).or_default().push(*index);
                    });
                }
            }
        }
        let found = nodes.into_iter().filter_map(|node| {
            let pointer = pointers.get(&std::ptr::from_ref(node.value()))?.clone();
            let indexes = wanted.remove(&pointer)?;
            Some((node, pointer, indexes))
        });
        found.collect()
    }

    /// The profiles that a resource claims, and those that they build on.
    fn claims(&self, resource: &Value) -> Vec<String> {
        let claimed = resource["meta"]["profile"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let mut claims: Vec<String> = claimed.map(str::to_owned).collect();
        let mut next = 0;
        while let Some(url) = claims.get(next) {
            let base = self.bases.get(url).cloned();
            claims.extend(base.filter(|base| !claims.contains(base)));
            next += 1;
        }
        claims
    }

    /// A type and what it derives from.
    fn lineage(&self, of: TypeId) -> Vec<String> {
        if let Some(known) = self.lineages.borrow().get(&of) {
            return known.clone();
        }
        let mut names = Vec::new();
        let mut name = self.types.name(of).to_owned();
        while !name.is_empty() {
            let base = self.model.describe(&name).and_then(|described| described.base);
            names.push(std::mem::replace(&mut name, base.unwrap_or_default()));
        }
        self.lineages.borrow_mut().insert(of, names.clone());
        names
    }

    /// The resource and everything in it that has a value.
    fn nodes<'r>(&'r self, resource: &'r Value) -> Vec<Node<'r>> {
        let root = Node::resource(resource, &self.types);
        let found = self.descendants.evaluate(&Context::new(root), root).expect("its elements");
        std::iter::once(root).chain(found.iter().filter_map(|item| item.node())).collect()
    }
}

/// The JSON pointer of every value, by where it lies in memory.
fn point(value: &Value, at: &mut String, pointers: &mut HashMap<*const Value, String>) {
    pointers.insert(std::ptr::from_ref(value), at.clone());
    let mut step = |name: &str, value: &Value, at: &mut String| {
        let length = at.len();
        at.push('/');
        at.push_str(name);
        point(value, at, pointers);
        at.truncate(length);
    };
    match value {
        Value::Object(object) => object.iter().for_each(|(name, value)| step(name, value, at)),
        Value::Array(values) => values.iter().enumerate().for_each(|(n, value)| step(&n.to_string(), value, at)),
        _ => {}
    }
}

/// The pointers of the elements at `path` below `value`.
fn below(value: &Value, at: String, path: &[String], found: &mut dyn FnMut(String)) {
    let Some((name, rest)) = path.split_first() else { return found(at) };
    for (property, content) in value.as_object().into_iter().flatten() {
        let fits = match name.strip_suffix("[x]") {
            Some(stem) => {
                property.strip_prefix(stem).is_some_and(|end| end.starts_with(|c: char| c.is_ascii_uppercase()))
            }
            None => property == name,
        };
        match content {
            Value::Array(values) if fits => {
                for (n, value) in values.iter().enumerate() {
                    below(value, format!("{at}/{property}/{n}"), rest, found);
                }
            }
            content if fits => below(content, format!("{at}/{property}"), rest, found),
            _ => {}
        }
    }
}

/// Whether the constraints of a profile hold of a value: of a resource that claims it, of an extension with its URL. Those
/// of other types are all taken.
fn fits(value: &Value, claims: &[String], profile: &str) -> bool {
    if value["resourceType"].is_string() {
        return claims.iter().any(|claim| claim == profile);
    }
    value["url"].as_str().is_none_or(|url| url == profile)
}
