//! `package.json`: what a package is called and what it needs.

use serde_json::Value;

use super::Cause;

/// Another package that a package is built on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependency {
    pub name: String,
    /// As written: `4.0.1`, `0.10.x`, `current`, …
    pub version: String,
}

/// Name, version and dependencies of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    pub name: String,
    pub version: String,
    /// `fhirVersions`; empty where the package does not say.
    pub fhir_versions: Vec<String>,
    pub dependencies: Vec<Dependency>,
}

impl Manifest {
    /// Parses the text of a `package.json`.
    ///
    /// # Errors
    /// When it is not JSON, or name or version are absent or could not be part of a file name.
    pub fn parse(json: &[u8]) -> Result<Manifest, Cause> {
        let json: Value = serde_json::from_slice(without_bom(json))
            .map_err(|error| Cause::Json { file: "package.json".into(), error })?;
        let versions = json.get("fhirVersions").or_else(|| json.get("fhir-version-list"));
        let manifest = Manifest {
            name: json.get("name").and_then(Value::as_str).unwrap_or_default().to_owned(),
            version: json.get("version").and_then(Value::as_str).unwrap_or_default().to_owned(),
            fhir_versions: strings(versions),
            dependencies: json.get("dependencies").and_then(Value::as_object).map_or_else(Vec::new, |all| {
                all.iter()
                    .filter_map(|(name, version)| {
                        Some(Dependency { name: name.clone(), version: version.as_str()?.to_owned() })
                    })
                    .collect()
            }),
        };
        if !is_name(&manifest.name) {
            return Err(Cause::Manifest("name"));
        }
        if !is_name(&manifest.version) {
            return Err(Cause::Manifest("version"));
        }
        Ok(manifest)
    }

    /// A manifest for definitions that come without one.
    pub(super) fn unnamed(name: &str) -> Manifest {
        let name: String = name.chars().map(|c| if is_name_char(c) { c } else { '-' }).collect();
        let name = if is_name(&name) { name } else { "definitions".to_owned() };
        Manifest { name, version: "0.0.0".into(), fhir_versions: Vec::new(), dependencies: Vec::new() }
    }

    /// `name#version`, as packages are cited and stored.
    pub fn label(&self) -> String {
        format!("{}#{}", self.name, self.version)
    }

    pub(super) fn check_fhir_version(&self) -> Result<(), Cause> {
        if self.fhir_versions.is_empty() || self.fhir_versions.iter().any(|v| v.starts_with("4.0")) {
            return Ok(());
        }
        Err(Cause::FhirVersion(self.fhir_versions.join(", ")))
    }
}

/// Editors on Windows leave a byte order mark, which serde_json refuses.
pub fn without_bom(json: &[u8]) -> &[u8] {
    json.strip_prefix(b"\xef\xbb\xbf").unwrap_or(json)
}

fn strings(list: Option<&Value>) -> Vec<String> {
    let items = list.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    items.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn is_name_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '+' | '@')
}

/// Name and version become a file name, so they may not hold a separator or start with a dot.
fn is_name(text: &str) -> bool {
    !text.is_empty() && text.len() <= 128 && !text.starts_with('.') && text.chars().all(is_name_char)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_would_leave_the_packages_folder_is_refused() {
        for name in ["../up", "a/b", "", ".hidden", "a\\b"] {
            let json = serde_json::json!({ "name": name, "version": "1.0.0" }).to_string();
            assert!(Manifest::parse(json.as_bytes()).is_err(), "{name}");
        }
    }

    #[test]
    fn another_fhir_version_is_refused_and_an_unstated_one_is_not() {
        let of = |json: &str| Manifest::parse(json.as_bytes()).unwrap().check_fhir_version();
        assert!(of(r#"{"name":"a","version":"1","fhirVersions":["3.0.2"]}"#).is_err());
        assert!(of(r#"{"name":"a","version":"1","fhirVersions":["3.0.2","4.0.1"]}"#).is_ok());
        assert!(of(r#"{"name":"a","version":"1"}"#).is_ok());
    }

    #[test]
    fn a_byte_order_mark_does_not_hide_the_manifest() {
        assert_eq!(Manifest::parse(b"\xef\xbb\xbf{\"name\":\"a\",\"version\":\"1\"}").unwrap().label(), "a#1");
    }
}
