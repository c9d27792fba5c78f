//! Whether the packages that are there have the packages that they need.

use crate::fhir::package::{Dependency, Manifest};
use crate::fhir::{Issue, IssueCode};

/// One issue for every package that is missing, and for every one that is there in another version.
pub fn check<'a>(packages: impl Iterator<Item = &'a Manifest> + Clone) -> Vec<Issue> {
    let mut issues = Vec::new();
    for package in packages.clone() {
        for dependency in &package.dependencies {
            let mut versions = packages.clone().filter(|other| other.name == dependency.name).peekable();
            let first = versions.peek().map(|other| other.version.clone());
            match first {
                None => issues.push(missing(package, dependency)),
                Some(_) if versions.any(|other| satisfies(&other.version, &dependency.version)) => {}
                Some(found) => issues.push(other_version(package, dependency, &found)),
            }
        }
    }
    issues
}

/// `0.10.x` takes any patch; `current` and `latest` take anything.
fn satisfies(version: &str, wanted: &str) -> bool {
    let prefix = wanted.strip_suffix('x').or_else(|| wanted.strip_suffix('*'));
    version == wanted
        || matches!(wanted, "current" | "latest" | "dev")
        || prefix.is_some_and(|prefix| version.starts_with(prefix))
}

fn missing(package: &Manifest, needed: &Dependency) -> Issue {
    let text = format!(
        "Package {} needs {}#{}, which is missing: what it builds on that is not checked. Add it with `overdracht packages add`.",
        package.label(),
        needed.name,
        needed.version
    );
    Issue::warning(IssueCode::Incomplete, "definitions-dependency-missing", text)
}

fn other_version(package: &Manifest, needed: &Dependency, found: &str) -> Issue {
    let text = format!(
        "Package {} was made for {}#{}; {found} is here and used instead.",
        package.label(),
        needed.name,
        needed.version
    );
    Issue::information(IssueCode::Informational, "definitions-dependency-version", text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(json: &str) -> Manifest {
        Manifest::parse(json.as_bytes()).unwrap()
    }

    #[test]
    fn a_missing_package_and_another_version_are_told_apart() {
        let packages = [
            package(r#"{"name":"a","version":"1.0.0","dependencies":{"b":"2.0.x","c":"1.0.0","d":"1.0.0"}}"#),
            package(r#"{"name":"b","version":"2.0.7"}"#),
            package(r#"{"name":"c","version":"1.1.0"}"#),
        ];
        let found: Vec<_> =
            check(packages.iter()).iter().map(|issue| (issue.id, issue.text.contains("d#1.0.0"))).collect();
        assert_eq!(found, [("definitions-dependency-version", false), ("definitions-dependency-missing", true)]);
    }
}
