//! Codes and value sets offline: what can be said, and what cannot.

mod known;
mod remote;

use std::sync::Arc;

use serde_json::Value;

use crate::fhir::definitions::Definitions;
pub use crate::fhir::value_set::{Membership, Question};
pub use remote::CodeServer;

use crate::fhir::value_set::{self, DisplayCheck, ValueSet};

/// R4's list of ISO 3166's codes of two letters.
const COUNTRY_LIST: &str = "http://hl7.org/fhir/ValueSet/iso3166-1-2";
/// The most filters and imports of a value set that comes with a document.
const PARTS: usize = 200;

/// The value sets and code systems of the definitions, with the grammars that some systems are.
pub struct Terminology {
    definitions: Arc<Definitions>,
    server: Option<Arc<dyn CodeServer>>,
}

impl Terminology {
    pub fn new(definitions: Arc<Definitions>) -> Self {
        Terminology { definitions, server: None }
    }

    /// Also asks a server what the definitions cannot tell.
    pub fn ask(&mut self, server: Arc<dyn CodeServer>) {
        self.server = Some(server);
    }

    /// Whether a server is to be asked, and does not answer.
    pub fn is_silent(&self) -> bool {
        self.server.as_ref().is_some_and(|server| server.is_silent())
    }

    /// The value set (`url` or `url|version`); hold on to it where it is asked often.
    pub fn value_set(&self, canonical: &str) -> Option<Arc<ValueSet>> {
        self.definitions.codes(canonical)
    }

    /// Whether a value set has a code. Without a system any system of the set will do.
    pub fn contains(&self, value_set: &str, system: Option<&str>, code: &str) -> Membership {
        self.in_set(value_set, self.value_set(value_set).as_deref(), system, code)
    }

    /// The same for a value set that was found before; `None` where it is not here.
    pub fn in_set(&self, canonical: &str, set: Option<&ValueSet>, system: Option<&str>, code: &str) -> Membership {
        let told = set.map_or(Membership::Unknown, |set| self.has(set, system, code));
        match &self.server {
            Some(server) if told == Membership::Unknown => {
                let definition = self.definitions.value_set(canonical);
                let definition = definition.as_deref();
                server.validate_code(&Question { value_set: canonical, definition, system, code })
            }
            _ => told,
        }
    }

    /// A value set that is at hand, such as a contained one; `None` where its filters and imports are more than anyone
    /// writes.
    pub fn contained_value_set(&self, value_set: &Value) -> Option<Arc<ValueSet>> {
        let parts = ["include", "exclude"].map(|name| value_set.get("compose").and_then(|compose| compose.get(name)));
        let parts = parts.into_iter().flatten().filter_map(Value::as_array).flatten();
        let costs = |part: &Value| ["filter", "valueSet"].map(|name| part.get(name)?.as_array().map(Vec::len));
        let cost: usize = parts.flat_map(costs).flatten().sum();
        (cost <= PARTS).then(|| Arc::new(value_set::compile(value_set, &*self.definitions)))
    }

    /// Where the definitions cannot tell, a grammar may: a text that is no UCUM unit is in no set of them.
    pub fn has(&self, set: &ValueSet, system: Option<&str>, code: &str) -> Membership {
        let told = set.contains(system, code);
        if told != Membership::Unknown {
            return told;
        }
        let by_grammar = |system: &str| match self.known(system, code) {
            Membership::In if !set.takes_all_of(system) => Membership::Unknown,
            other => other,
        };
        match system {
            Some(system) => by_grammar(system),
            None => set.systems().map(by_grammar).max().unwrap_or(Membership::Unknown),
        }
    }

    /// Whether a code system has a code.
    pub fn in_system(&self, system: &str, code: &str) -> Membership {
        match self.table(system) {
            Some(table) => table.contains(code),
            None => self.known(system, code),
        }
    }

    /// Whether a version of a code system has a code: of another version than the one that is here nothing is said.
    pub fn in_version(&self, system: &str, version: Option<&str>, code: &str) -> Membership {
        match version.is_none_or(|version| self.has_version(system, version)) {
            true => self.in_system(system, code),
            false => Membership::Unknown,
        }
    }

    /// Whether a code, with its system, is another or stands above it.
    pub fn subsumes(&self, above: (&str, &str), below: (&str, &str)) -> Membership {
        if above == below {
            return Membership::In;
        }
        match self.table(below.0).filter(|_| above.0 == below.0) {
            Some(table) => table.subsumes(above.1, below.1),
            None => Membership::Unknown,
        }
    }

    /// Whether what goes by this url only adds to another code system.
    pub fn is_supplement(&self, system: &str) -> bool {
        self.table(system).is_some_and(|table| table.is_supplement())
    }

    /// Whether the definition of a code system that is here may be taken for this version of it.
    pub fn has_version(&self, system: &str, version: &str) -> bool {
        self.table(system).is_none_or(|table| table.is_of(version))
    }

    /// Of code systems outside FHIR.
    fn known(&self, system: &str, code: &str) -> Membership {
        match known::contains(system, code) {
            Membership::Unknown
                if system == known::COUNTRIES && code.len() == 2 && !known::is_unlisted_country(code) =>
            {
                self.value_set(COUNTRY_LIST).map_or(Membership::Unknown, |list| list.contains(Some(system), code))
            }
            other => other,
        }
    }

    /// Whether a text is one of a code's displays; `Unknown` where the code system is not here or gives none.
    pub fn is_display(&self, system: &str, code: &str, display: &str) -> Membership {
        match self.table(system).map(|table| matches!(table.check_display(code, display), DisplayCheck::Differs(_))) {
            Some(true) => Membership::Out,
            Some(false) => Membership::In,
            None => Membership::Unknown,
        }
    }

    /// What a code system calls a code; empty where it does not say.
    pub fn name(&self, system: &str, code: &str) -> Box<str> {
        let table = self.table(system);
        let concept = table.as_ref().and_then(|table| table.concept(code));
        concept
            .and_then(|c| c.display.as_ref().or(c.designations.first().map(|(_, text)| text)))
            .cloned()
            .unwrap_or_default()
    }

    /// Whether a code system says what a code is called in a language.
    pub fn has_name_in(&self, system: &str, code: &str, language: &str) -> bool {
        self.table(system).is_some_and(|table| table.is_complete() && table.has_name_in(code, language))
    }

    pub fn questionnaire(&self, canonical: &str) -> Option<Arc<Value>> {
        self.definitions.resource("Questionnaire", canonical)
    }

    /// What a sender makes up is looked for in the index alone, and not remembered.
    fn table(&self, system: &str) -> Option<Arc<value_set::CodeTable>> {
        self.definitions.contains(system).then(|| self.definitions.code_table(system)).flatten()
    }
}
