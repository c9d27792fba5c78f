//! ICD-O-3 topography, morphology, behaviour and grade, and ICD-10-NL codes.

use std::fmt;

use crate::domain::coded::coded;

/// A code that has the shape which its classification gives it. Whether the classification knows it is not checked:
/// its content is not ours to carry.
macro_rules! shaped {
    ($($(#[$doc:meta])* $name:ident: $shape:ident, $expected:literal;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// # Errors
            /// The text does not have the shape of the code.
            pub fn parse(text: &str) -> Result<Self, NotACode> {
                if $shape(text.as_bytes()) { Ok($name(text.to_owned())) } else { Err(NotACode { expected: $expected }) }
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = NotACode;

            fn try_from(text: String) -> Result<Self, NotACode> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(code: $name) -> String {
                code.0
            }
        }

        /// What a patient has never reaches a log.
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    )+};
}

/// The text has another shape than the code. Does not repeat the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}")]
pub struct NotACode {
    pub expected: &'static str,
}

shaped! {
    /// ICD-O-3 topography: `C56.9`.
    Topography: is_topography, "an ICD-O-3 topography code such as C34.1";
    /// ICD-O-3 morphology without behaviour: `8140`.
    Morphology: is_morphology, "an ICD-O-3 morphology code of four digits such as 8140";
    /// ICD-10-NL: `C56`, `C79.3`, `D05.1`.
    Icd10: is_icd10, "an ICD-10 code such as C34 or C79.3";
}

fn is_topography(text: &[u8]) -> bool {
    matches!(text, [b'C', tens @ b'0'..=b'8', units, b'.', site]
        if units.is_ascii_digit() && site.is_ascii_digit() && (*tens < b'8' || *units == b'0'))
}

fn is_morphology(text: &[u8]) -> bool {
    matches!(text, [b'8' | b'9', rest @ ..] if rest.len() == 3 && rest.iter().all(u8::is_ascii_digit))
}

fn is_icd10(text: &[u8]) -> bool {
    let digits = |part: &[u8]| part.iter().all(u8::is_ascii_digit);
    match text {
        [letter, a, b] => letter.is_ascii_uppercase() && digits(&[*a, *b]),
        [letter, a, b, b'.', rest @ ..] => {
            letter.is_ascii_uppercase() && digits(&[*a, *b]) && (1..=2).contains(&rest.len()) && digits(rest)
        }
        _ => false,
    }
}

impl Topography {
    /// The three-character site (34 of `C34.1`).
    pub fn site(&self) -> u8 {
        number(&self.0[1..3]) as u8
    }

    /// The digit behind the full stop.
    pub fn subsite(&self) -> u8 {
        number(&self.0[4..5]) as u8
    }
}

impl Morphology {
    pub fn number(&self) -> u16 {
        number(&self.0)
    }
}

impl Icd10 {
    /// The category (`C79` of `C79.3`).
    pub fn category(&self) -> &str {
        &self.0[..3]
    }
}

/// Of text that the shape says is digits.
fn number(digits: &str) -> u16 {
    digits.parse().unwrap_or_default()
}

coded! {
    /// ICD-O-3 behaviour, the digit behind the slash.
    Behaviour {
        Benign = "0" "goedaardig",
        Uncertain = "1" "onzeker of goed- of kwaadaardig",
        InSitu = "2" "in situ",
        Malignant = "3" "kwaadaardig, primair",
        Metastatic = "6" "kwaadaardig, metastase",
        MalignantUncertainOrigin = "9" "kwaadaardig, onzeker of primair of metastase",
    }
    /// ICD-O-3 grade or differentiation, the sixth digit; 5 to 8 are cell lines of leukaemia and lymphoma.
    Grade {
        Well = "1" "graad 1, goed gedifferentieerd",
        Moderate = "2" "graad 2, matig gedifferentieerd",
        Poor = "3" "graad 3, slecht gedifferentieerd",
        Undifferentiated = "4" "graad 4, ongedifferentieerd of anaplastisch",
        TCell = "5" "T-cel",
        BCell = "6" "B-cel",
        NullCell = "7" "nulcel",
        NkCell = "8" "NK-cel",
        Unknown = "9" "graad niet bepaald of niet van toepassing",
    }
    /// Side of a paired organ.
    Laterality {
        Left = "left" "links",
        Right = "right" "rechts",
        Bilateral = "bilateral" "beiderzijds",
    }
    /// How sure the diagnosis is, by what it rests on.
    BasisOfDiagnosis {
        DeathCertificate = "death-certificate" "alleen overlijdensverklaring",
        Clinical = "clinical" "klinisch, zonder beeldvorming",
        Imaging = "imaging" "beeldvorming of ander klinisch onderzoek",
        TumourMarker = "tumour-marker" "tumormarker",
        Cytology = "cytology" "cytologie",
        HistologyOfMetastasis = "histology-of-metastasis" "histologie van een metastase",
        HistologyOfPrimary = "histology-of-primary" "histologie van de primaire tumor",
        Autopsy = "autopsy" "obductie",
        Unknown = "unknown" "onbekend",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn codes_have_the_shape_of_their_classification() {
        for good in ["C00.0", "C34.1", "C80.9"] {
            assert!(Topography::parse(good).is_ok(), "{good}");
        }
        for bad in ["C34", "C81.0", "C90.0", "D05.1", "c34.1", "C34.10", "C3é.1", ""] {
            assert!(Topography::parse(bad).is_err(), "{bad}");
        }
        for good in ["C56", "C79.3", "D05.1", "E85.4", "I50.01"] {
            assert!(Icd10::parse(good).is_ok(), "{good}");
        }
        for bad in ["C5", "C56.", "C79.333", "79.3", "C79,3", "M8140/3", "Cé6"] {
            assert!(Icd10::parse(bad).is_err(), "{bad}");
        }
        for bad in ["7999", "814", "8140/3", "81400", "84 1"] {
            assert!(Morphology::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_parts_of_a_topography_are_numbers() {
        let lung = Topography::parse("C34.1").unwrap();
        assert_eq!((lung.site(), lung.subsite()), (34, 1));
    }

    #[test]
    fn debug_shows_no_code() {
        assert_eq!(format!("{:?}", Icd10::parse("C56").unwrap()), "Icd10(…)");
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC{0,8}") {
            if let Ok(code) = Topography::parse(&text) {
                prop_assert_eq!(format!("C{:02}.{}", code.site(), code.subsite()), text);
            } else if let Ok(code) = Morphology::parse(&text) {
                prop_assert_eq!(code.number().to_string(), text);
            } else if let Ok(code) = Icd10::parse(&text) {
                prop_assert!(text.starts_with(code.category()));
            }
        }
    }
}
