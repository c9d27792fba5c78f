//! Where in a resource: a list of steps on the stack, written out only when something is reported.

/// One step from the root of the document. Lives on the stack of the walk, so that a valid resource costs nothing.
#[derive(Clone, Copy)]
pub struct Path<'p> {
    parent: Option<&'p Path<'p>>,
    step: Step<'p>,
}

#[derive(Clone, Copy)]
enum Step<'p> {
    Name(&'p str),
    Index(usize),
}

impl<'p> Path<'p> {
    pub fn root(name: &'p str) -> Self {
        Path { parent: None, step: Step::Name(name) }
    }

    pub fn name(&'p self, name: &'p str) -> Path<'p> {
        Path { parent: Some(self), step: Step::Name(name) }
    }

    pub fn index(&'p self, index: usize) -> Path<'p> {
        Path { parent: Some(self), step: Step::Index(index) }
    }

    /// The step before this one: the container of an element.
    pub fn parent(&self) -> Option<&'p Path<'p>> {
        self.parent
    }

    /// Name of the last named step.
    pub fn last_name(&self) -> &'p str {
        match self.step {
            Step::Name(name) => name,
            Step::Index(_) => self.parent.map_or("", |p| p.last_name()),
        }
    }

    /// Whether the names on the way, without indexes, are these: `Patient.name.given`.
    pub fn is_written(&self, names: &str) -> bool {
        match (self.step, self.parent) {
            (Step::Index(_), Some(parent)) => parent.is_written(names),
            (Step::Name(name), Some(parent)) => {
                names.rsplit_once('.').is_some_and(|(before, last)| last == name && parent.is_written(before))
            }
            (Step::Name(name), None) => names == name,
            (Step::Index(_), None) => false,
        }
    }

    fn write(&self, out: &mut String) {
        if let Some(parent) = self.parent {
            parent.write(out);
        }
        match self.step {
            Step::Name(name) => {
                if self.parent.is_some() {
                    out.push('.');
                }
                out.push_str(shown(name));
            }
            Step::Index(index) => {
                out.push('[');
                out.push_str(&index.to_string());
                out.push(']');
            }
        }
    }
}

/// A property's name as it may be shown: one that no definition would give could be anything, a patient's name or number
/// too.
pub fn shown(name: &str) -> &str {
    let plain = name.strip_prefix('_').unwrap_or(name);
    let is_name = plain.starts_with(|c: char| c.is_ascii_alphabetic())
        && plain.len() <= 64
        && plain.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        && plain.bytes().filter(u8::is_ascii_digit).count() < 6;
    if is_name || name.is_empty() { name } else { "…" }
}

impl std::fmt::Display for Path<'_> {
    /// A FHIRPath expression such as `Bundle.entry[0].resource.name[0].family`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut out = String::new();
        self.write(&mut out);
        f.write_str(&out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_be_a_number_of_a_patient_is_not_written_out() {
        let patient = Path::root("Patient");
        for (name, wanted) in [("_given", "Patient._given"), ("123456782", "Patient.…"), ("p123456782", "Patient.…")]
        {
            assert_eq!(patient.name(name).to_string(), wanted);
        }
    }

    #[test]
    fn a_path_reads_as_a_fhirpath_expression() {
        let root = Path::root("Bundle");
        let entry = root.name("entry");
        let first = entry.index(0);
        let resource = first.name("resource");
        assert_eq!(resource.to_string(), "Bundle.entry[0].resource");
        assert_eq!(first.last_name(), "entry");
        assert!(resource.is_written("Bundle.entry.resource"));
        assert!(!resource.is_written("Bundle.resource"));
    }
}
