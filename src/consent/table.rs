//! The table of purpose × source × statement, and what follows from it.

use serde::{Deserialize, Serialize};

/// What the data would be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// Sent to the patient's own GP, or to a party that the record names as treating.
    HandoverToTreating,
    /// Sent to an organisation that the record does not name.
    HandoverToOther,
    /// Read by another organisation, such as a GP post at night.
    Reading,
    /// Sent to the cancer registry.
    Registry,
}

impl Purpose {
    pub const ALL: [Purpose; 4] =
        [Purpose::HandoverToTreating, Purpose::HandoverToOther, Purpose::Reading, Purpose::Registry];
}

/// Who said it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// Nobody needs to say it: the treatment relation, or the law, carries it.
    Presumed,
    /// The care plan's agreement to share (dataset 735).
    CarePlan,
    /// A register of the hospital itself.
    LocalRegister,
    /// The national register of consent.
    Mitz,
    /// The opt-out for the cancer registry.
    RegistryOptOut,
}

/// What a source says. A source that was not asked, or does not know, says unknown: which is not a yes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Statement {
    Yes,
    No,
    #[default]
    Unknown,
}

/// What a statement does for a purpose. A source and statement without a row does nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    Allows,
    /// Stronger than any number of `Allows`.
    Stops,
    /// The care plan does not travel; the rest may.
    WithholdsCarePlan,
}

/// One rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    pub purpose: Purpose,
    pub source: Source,
    pub says: Statement,
    pub effect: Effect,
}

const fn row(purpose: Purpose, source: Source, says: Statement, effect: Effect) -> Row {
    Row { purpose, source, says, effect }
}

/// All the rules (decision 9). Where several rows allow, the first is the basis that is recorded.
pub const ROWS: &[Row] = &[
    row(Purpose::HandoverToTreating, Source::CarePlan, Statement::Yes, Effect::Allows),
    row(Purpose::HandoverToTreating, Source::LocalRegister, Statement::Yes, Effect::Allows),
    row(Purpose::HandoverToTreating, Source::Presumed, Statement::Yes, Effect::Allows),
    row(Purpose::HandoverToTreating, Source::LocalRegister, Statement::No, Effect::Stops),
    row(Purpose::HandoverToTreating, Source::CarePlan, Statement::No, Effect::WithholdsCarePlan),
    row(Purpose::HandoverToOther, Source::CarePlan, Statement::Yes, Effect::Allows),
    row(Purpose::HandoverToOther, Source::LocalRegister, Statement::Yes, Effect::Allows),
    row(Purpose::HandoverToOther, Source::LocalRegister, Statement::No, Effect::Stops),
    row(Purpose::HandoverToOther, Source::CarePlan, Statement::No, Effect::WithholdsCarePlan),
    row(Purpose::Reading, Source::CarePlan, Statement::Yes, Effect::Allows),
    row(Purpose::Reading, Source::LocalRegister, Statement::Yes, Effect::Allows),
    row(Purpose::Reading, Source::Mitz, Statement::Yes, Effect::Allows),
    row(Purpose::Reading, Source::LocalRegister, Statement::No, Effect::Stops),
    row(Purpose::Reading, Source::Mitz, Statement::No, Effect::Stops),
    row(Purpose::Reading, Source::CarePlan, Statement::No, Effect::WithholdsCarePlan),
    row(Purpose::Registry, Source::Presumed, Statement::Yes, Effect::Allows),
    row(Purpose::Registry, Source::RegistryOptOut, Statement::Yes, Effect::Stops),
];

/// What every source says about one patient now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statements {
    pub care_plan: Statement,
    pub local_register: Statement,
    pub mitz: Statement,
    /// `Yes`: the patient opted out.
    pub registry_opt_out: Statement,
}

impl Statements {
    fn of(&self, source: Source) -> Statement {
        match source {
            Source::Presumed => Statement::Yes,
            Source::CarePlan => self.care_plan,
            Source::LocalRegister => self.local_register,
            Source::Mitz => self.mitz,
            Source::RegistryOptOut => self.registry_opt_out,
        }
    }
}

/// Why a decision is what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reason", content = "source", rename_all = "kebab-case")]
pub enum Reason {
    AllowedBy(Source),
    StoppedBy(Source),
    /// An explicit yes is needed, and nobody gave one.
    NoExplicitConsent,
}

/// The answer, with what it rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    pub purpose: Purpose,
    pub allowed: bool,
    /// False where the care plan's part stays behind though the rest may go.
    pub care_plan: bool,
    pub reason: Reason,
}

impl Decision {
    /// What to tell the one who asked: no value of the patient, English.
    pub fn text(&self) -> &'static str {
        match self.reason {
            Reason::AllowedBy(Source::Presumed) if self.purpose == Purpose::Registry => {
                "Sending to the registry is allowed unless the patient opted out."
            }
            Reason::AllowedBy(Source::Presumed) => "Presumed consent: the receiver treats the patient.",
            Reason::AllowedBy(Source::CarePlan) => "The patient agreed to sharing in the care plan.",
            Reason::AllowedBy(Source::LocalRegister) => "The patient agreed to sharing in the hospital's own register.",
            Reason::AllowedBy(Source::Mitz) => "The patient agreed to sharing in Mitz.",
            Reason::AllowedBy(Source::RegistryOptOut) => "No opt-out was recorded.",
            Reason::StoppedBy(Source::RegistryOptOut) => "The patient opted out of the registry.",
            Reason::StoppedBy(Source::Mitz) => "The patient does not agree to sharing, as recorded in Mitz.",
            Reason::StoppedBy(_) => "The patient objected to sharing.",
            Reason::NoExplicitConsent => {
                "The receiver is not named in the record as treating the patient, and the patient gave no explicit \
                 consent; unknown is not a yes."
            }
        }
    }
}

/// Pure: the same statements give the same decision.
pub fn decide(purpose: Purpose, statements: &Statements) -> Decision {
    let holds = |effect| {
        ROWS.iter()
            .find(|row| row.purpose == purpose && row.effect == effect && statements.of(row.source) == row.says)
            .map(|row| row.source)
    };
    let care_plan = purpose != Purpose::Registry && holds(Effect::WithholdsCarePlan).is_none();
    let (allowed, reason) = match (holds(Effect::Stops), holds(Effect::Allows)) {
        (Some(source), _) => (false, Reason::StoppedBy(source)),
        (None, Some(source)) => (true, Reason::AllowedBy(source)),
        (None, None) => (false, Reason::NoExplicitConsent),
    };
    Decision { purpose, allowed, care_plan: allowed && care_plan, reason }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Purpose::*;
    use Statement::*;

    fn said(care_plan: Statement, local_register: Statement, mitz: Statement) -> Statements {
        Statements { care_plan, local_register, mitz, registry_opt_out: Unknown }
    }

    #[test]
    fn every_cell_of_the_table_is_decided_as_the_rules_say() {
        let cases = [
            // purpose, care plan, register, Mitz → may the rest go, may the care plan go
            (HandoverToTreating, Unknown, Unknown, Unknown, true, true),
            (HandoverToTreating, Yes, Unknown, Unknown, true, true),
            (HandoverToTreating, No, Unknown, Unknown, true, false),
            (HandoverToTreating, Yes, No, Unknown, false, false),
            (HandoverToTreating, Unknown, No, Yes, false, false),
            (HandoverToTreating, No, Yes, Unknown, true, false),
            (HandoverToTreating, Unknown, Unknown, No, true, true),
            (HandoverToOther, Unknown, Unknown, Unknown, false, false),
            (HandoverToOther, Unknown, Unknown, Yes, false, false),
            (HandoverToOther, Yes, Unknown, Unknown, true, true),
            (HandoverToOther, No, Unknown, Unknown, false, false),
            (HandoverToOther, No, Yes, Unknown, true, false),
            (HandoverToOther, Yes, No, Unknown, false, false),
            (Reading, Unknown, Unknown, Unknown, false, false),
            (Reading, Yes, Unknown, Unknown, true, true),
            (Reading, Unknown, Yes, Unknown, true, true),
            (Reading, Unknown, Unknown, Yes, true, true),
            (Reading, No, Unknown, Yes, true, false),
            (Reading, Yes, Unknown, No, false, false),
            (Reading, Yes, No, Yes, false, false),
        ];
        for (purpose, care_plan, register, mitz, rest, plan) in cases {
            let decision = decide(purpose, &said(care_plan, register, mitz));
            let case = (purpose, care_plan, register, mitz);
            assert_eq!((decision.allowed, decision.care_plan), (rest, plan), "{case:?}");
        }
    }

    #[test]
    fn an_opt_out_stops_the_registry_and_nothing_else() {
        let out = Statements { registry_opt_out: Yes, ..Statements::default() };
        assert_eq!(decide(Registry, &out).reason, Reason::StoppedBy(Source::RegistryOptOut));
        assert!(decide(HandoverToTreating, &out).allowed);
        let refused = said(No, No, No);
        assert!(decide(Registry, &refused).allowed, "refusing to share a plan is no opt-out of the registry");
    }

    #[test]
    fn no_statement_ever_turns_a_no_into_a_yes() {
        let all = [Yes, No, Unknown];
        for purpose in Purpose::ALL {
            for care_plan in all {
                for local_register in all {
                    for mitz in all {
                        let decision = decide(purpose, &said(care_plan, local_register, mitz));
                        assert!(decision.allowed || !decision.care_plan);
                        assert!(purpose == Registry || local_register != No || !decision.allowed);
                        assert!(care_plan != No || !decision.care_plan);
                    }
                }
            }
        }
    }

    #[test]
    fn the_basis_that_is_recorded_is_the_strongest() {
        assert_eq!(
            decide(HandoverToTreating, &said(Yes, Unknown, Unknown)).reason,
            Reason::AllowedBy(Source::CarePlan)
        );
        let presumed = decide(HandoverToTreating, &said(Unknown, Unknown, Unknown));
        assert_eq!(presumed.reason, Reason::AllowedBy(Source::Presumed));
    }
}
