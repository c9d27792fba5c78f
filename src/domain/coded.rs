//! Closed lists of answers: each one a code in the document and a meaning in Dutch.

/// An answer of a closed list. The code travels, the Dutch words are for people.
pub trait Coded: Copy {
    /// Name of the list, as the type is called.
    const LIST: &'static str;

    /// The code as documents, resources and figures write it.
    fn code(self) -> &'static str;

    /// What it means, in Dutch.
    fn dutch(self) -> &'static str;
}

/// A list as it is published: name, codes and their Dutch meanings.
pub type List = (&'static str, Vec<(&'static str, &'static str)>);

pub fn list<C: Coded + 'static>(all: &[C]) -> List {
    (C::LIST, all.iter().map(|one| (one.code(), one.dutch())).collect())
}

/// Enums whose variants are codes of a document.
macro_rules! coded {
    ($($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $code:literal $dutch:literal,)+ })+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name { $($(#[$variant_doc])* #[serde(rename = $code)] $variant),+ }

        impl $name {
            pub const ALL: &[$name] = &[$($name::$variant),+];

            pub fn from_code(code: &str) -> Option<$name> {
                use $crate::domain::Coded;
                Self::ALL.iter().copied().find(|one| one.code() == code)
            }
        }

        impl $crate::domain::Coded for $name {
            const LIST: &'static str = stringify!($name);

            fn code(self) -> &'static str {
                match self { $($name::$variant => $code),+ }
            }

            fn dutch(self) -> &'static str {
                match self { $($name::$variant => $dutch),+ }
            }
        }
    )+};
}
pub(crate) use coded;

/// Every list of the documents and of what is derived from them, in the order of their names.
pub fn lists() -> Vec<List> {
    use super::metastasis_event::{Confirmation, NationalSite, Nodes, SiteGroup, Spread, Synchrony};
    use super::registry_record::*;
    use super::tumour::*;
    let mut lists = vec![
        list(BasisOfDiagnosis::ALL),
        list(Behaviour::ALL),
        list(CancerKind::ALL),
        list(ChangeKind::ALL),
        list(ChangeReason::ALL),
        list(Classification::ALL),
        list(Confirmation::ALL),
        list(ConsultationKind::ALL),
        list(Edition::ALL),
        list(Grade::ALL),
        list(Intent::ALL),
        list(Laterality::ALL),
        list(LungKind::ALL),
        list(Marker::ALL),
        list(MarkerResult::ALL),
        list(MeetingKind::ALL),
        list(NationalSite::ALL),
        list(Nodes::ALL),
        list(NoTreatmentReason::ALL),
        list(OutOfScope::ALL),
        list(Outcome::ALL),
        list(Outlook::ALL),
        list(PerformanceScore::ALL),
        list(Response::ALL),
        list(SiteGroup::ALL),
        list(Spread::ALL),
        list(StagingSystem::ALL),
        list(Synchrony::ALL),
        list(Target::ALL),
        list(Technique::ALL),
        list(Told::ALL),
        list(TreatmentKind::ALL),
        list(TreatmentStatus::ALL),
        ("QlqC30", QlqC30::SCALES.to_vec()),
        ("FourDimensional", FourDimensional::SCALES.to_vec()),
    ];
    lists.sort_by_key(|list| list.0);
    lists
}
