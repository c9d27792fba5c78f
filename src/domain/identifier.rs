//! Business identifiers: BSN, AGB, URA, UZI and hospital numbers.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A business identifier as FHIR writes it. Equality is on both parts.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Identifier {
    pub system: String,
    pub value: String,
}

impl Identifier {
    pub fn new(system: impl Into<String>, value: impl Into<String>) -> Self {
        Identifier { system: system.into(), value: value.into() }
    }
}

/// The value never reaches a log: only the system is shown.
impl std::fmt::Debug for Identifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Identifier({}|…)", self.system)
    }
}

/// The text is not such a number. Does not repeat the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {0}")]
pub struct NotANumber(&'static str);

macro_rules! numbers {
    ($($(#[$doc:meta])* $name:ident = $expected:literal, $read:path;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            #[doc = concat!("Reads ", $expected, "; the only way to make one.")]
            pub fn parse(text: &str) -> Result<Self, NotANumber> {
                $read(text).map($name).ok_or(NotANumber($expected))
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        /// The number never reaches a log.
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                Self::parse(&text).map_err(serde::de::Error::custom)
            }
        }
    )*};
}

numbers! {
    /// Citizen service number, always as nine digits, and passing the eleven-test.
    Bsn = "a BSN of eight or nine digits that passes the eleven-test", bsn;
    /// National code of a care provider (a person or an organisation), eight digits.
    Agb = "an AGB code of eight digits", digits::<8>;
    /// Subscriber number of the UZI register: an organisation, eight digits.
    Ura = "a URA of eight digits", digits::<8>;
    /// Number of a professional's card in the UZI register, nine digits.
    Uzi = "a UZI number of nine digits", digits::<9>;
    /// Number in the register of care professions, eleven digits.
    Big = "a BIG number of eleven digits", digits::<11>;
}

/// Exactly `N` digits that are not all zero.
fn digits<const N: usize>(text: &str) -> Option<String> {
    let fits = text.len() == N && text.bytes().all(|b| b.is_ascii_digit()) && text.bytes().any(|b| b != b'0');
    fits.then(|| text.to_owned())
}

/// Weights 9 to 2 over the first eight digits and −1 over the last: the sum is a multiple of eleven.
fn bsn(text: &str) -> Option<String> {
    let padded = if text.len() == 8 { format!("0{text}") } else { text.to_owned() };
    let number = digits::<9>(&padded)?;
    let sum: i32 = number.bytes().zip([9, 8, 7, 6, 5, 4, 3, 2, -1]).map(|(b, w)| i32::from(b - b'0') * w).sum();
    (sum % 11 == 0).then_some(number)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_eleven_test_tells_valid_numbers_from_invalid_ones() {
        for valid in ["123456782", "249566758", "999999990"] {
            assert!(Bsn::parse(valid).is_ok());
        }
        for invalid in ["123456789", "000000000", "", "12345678x", "1234567821", " 123456782", "१२३४५६७८२"]
        {
            assert!(Bsn::parse(invalid).is_err());
        }
    }

    #[test]
    fn eight_digits_are_padded() {
        assert_eq!(Bsn::parse("10000008").map(|bsn| bsn.as_str().to_owned()), Ok("010000008".to_owned()));
    }

    #[test]
    fn debug_shows_no_number() {
        let shown = format!("{:?} {:?}", Bsn::parse("123456782"), Agb::parse("01012345"));
        assert!(!shown.contains("1234") && !shown.contains("0101"), "{shown}");
    }

    proptest! {
        #[test]
        fn changing_one_digit_of_a_bsn_makes_it_invalid(first in 1u32..99_999_999, place in 0usize..9, add in 1u8..10) {
            // Of ten last digits at most one fits; eight digits for which none does are no case.
            let Some(valid) = (0..10).map(|last| format!("{first:08}{last}")).find(|text| Bsn::parse(text).is_ok())
                else { return Ok(()) };
            let mut changed = valid.into_bytes();
            changed[place] = (changed[place] - b'0' + add) % 10 + b'0';
            prop_assert!(Bsn::parse(std::str::from_utf8(&changed).unwrap()).is_err());
        }

        #[test]
        fn any_text_is_read_or_refused_without_a_panic(text in "\\PC{0,12}") {
            if let Ok(agb) = Agb::parse(&text) {
                prop_assert_eq!(agb.as_str(), text.as_str());
            }
            if let Ok(uzi) = Uzi::parse(&text) {
                prop_assert_eq!(uzi.as_str().len(), 9);
            }
            if let Ok(ura) = Ura::parse(&text) {
                prop_assert!(ura.as_str().bytes().all(|b| b.is_ascii_digit()));
            }
        }

        #[test]
        fn eight_digits_that_are_not_all_zero_are_an_agb_and_a_ura(number in 1u32..=99_999_999) {
            let text = format!("{number:08}");
            prop_assert!(Agb::parse(&text).is_ok() && Ura::parse(&text).is_ok());
        }
    }
}
