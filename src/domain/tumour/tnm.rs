//! TNM categories as they are written (`ypT2a(m)`, `pN1(sn)`, `cM1c`) and the stage they make.
//!
//! Source: the TNM classification of malignant tumours, 6th to 9th edition: categories, prefixes and suffixes. Which
//! values a site has in an edition is not checked: those tables are not ours to carry.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::edition::Edition;
use crate::domain::PartialDate;
use crate::domain::coded::coded;

/// Tumour, nodes or metastases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Axis {
    T,
    N,
    M,
}

impl Axis {
    pub const ALL: &[Axis] = &[Axis::T, Axis::N, Axis::M];

    fn letter(self) -> char {
        match self {
            Axis::T => 'T',
            Axis::N => 'N',
            Axis::M => 'M',
        }
    }
}

coded! {
    /// What the classification rests on.
    Classification {
        Clinical = "clinical" "klinisch",
        Pathological = "pathological" "pathologisch",
    }
}

impl Classification {
    fn letter(self) -> char {
        match self {
            Classification::Clinical => 'c',
            Classification::Pathological => 'p',
        }
    }
}

/// The text is no TNM category. Does not repeat the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a TNM category such as cT2a, ypN1(sn) or M1c")]
pub struct NotACategory;

/// One category: prefixes (`y` after treatment, `r` recurrence, `a` autopsy, `u` ultrasound, `m` several tumours), what it rests on
/// (`c`, `p`), axis, value (`X`, `0`, `is`, `a`, `1` … `4` with subdivisions) and suffixes in brackets.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Category {
    /// In the order y, r, a, u, m, whatever the order that was sent.
    prefixes: Vec<char>,
    classification: Option<Classification>,
    axis: Axis,
    value: String,
    /// Without their brackets.
    suffixes: Vec<String>,
}

const PREFIXES: [char; 5] = ['y', 'r', 'a', 'u', 'm'];

impl Category {
    /// # Errors
    /// The text is no category.
    pub fn parse(text: &str) -> Result<Self, NotACategory> {
        let at = text.find(['T', 'N', 'M']).ok_or(NotACategory)?;
        let (front, rest) = text.split_at(at);
        let axis = match rest.as_bytes()[0] {
            b'T' => Axis::T,
            b'N' => Axis::N,
            _ => Axis::M,
        };
        let (prefixes, classification) = front_of(front)?;
        let body = &rest[1..];
        let (value, tail) = body.split_at(body.find('(').unwrap_or(body.len()));
        if !is_value(axis, value) {
            return Err(NotACategory);
        }
        Ok(Category { prefixes, classification, axis, value: value.to_owned(), suffixes: suffixes_of(tail)? })
    }

    pub fn axis(&self) -> Axis {
        self.axis
    }

    /// `c` or `p`, where it was written.
    pub fn classification(&self) -> Option<Classification> {
        self.classification
    }

    /// The value without prefixes and suffixes: `2a`, `X`, `is`.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// Was it assessed after treatment (`y`)?
    pub fn after_treatment(&self) -> bool {
        self.prefixes.contains(&'y')
    }

    /// The category as written, with the letter of `classification` where none was written.
    pub fn within(&self, classification: Classification) -> String {
        Category { classification: self.classification.or(Some(classification)), ..self.clone() }.to_string()
    }
}

/// The letters in front of the axis, each at most once, and not both `c` and `p`.
fn front_of(front: &str) -> Result<(Vec<char>, Option<Classification>), NotACategory> {
    let mut classification = None;
    let mut prefixes = Vec::new();
    for letter in front.chars() {
        match letter {
            'c' | 'p' if classification.is_some() => return Err(NotACategory),
            'c' => classification = Some(Classification::Clinical),
            'p' => classification = Some(Classification::Pathological),
            other if PREFIXES.contains(&other) && !prefixes.contains(&other) => prefixes.push(other),
            _ => return Err(NotACategory),
        }
    }
    prefixes.sort_by_key(|letter| PREFIXES.iter().position(|one| one == letter));
    Ok((prefixes, classification))
}

fn is_value(axis: Axis, value: &str) -> bool {
    let bytes = value.as_bytes();
    match (axis, bytes) {
        (_, b"X" | b"0") | (Axis::T, b"is" | b"a") => true,
        (Axis::T, [b'1'..=b'4', rest @ ..]) => is_subdivision(rest),
        (Axis::N, [b'1'..=b'3', rest @ ..]) => is_subdivision(rest),
        (Axis::M, [b'1', rest @ ..]) => is_subdivision(rest),
        _ => false,
    }
}

/// Nothing, `mi`, or a letter (with a digit or `i`s where the site has such).
fn is_subdivision(rest: &[u8]) -> bool {
    match rest {
        [] | b"mi" => true,
        [b'a'..=b'e', tail @ ..] => matches!(tail, [] | [b'1'..=b'4'] | [b'i'] | [b'i', b'i'] | [b'i', b'i', b'i']),
        _ => false,
    }
}

/// `(m)`, `(sn)`, `(i+)`, `(mol-)`, `(2)`, `(DCIS)` …: up to three, each short.
fn suffixes_of(mut tail: &str) -> Result<Vec<String>, NotACategory> {
    let mut suffixes = Vec::new();
    while !tail.is_empty() {
        let (suffix, rest) = tail.strip_prefix('(').and_then(|t| t.split_once(')')).ok_or(NotACategory)?;
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '+' || c == '-';
        if suffix.is_empty() || suffix.len() > 8 || !suffix.chars().all(plain) || suffixes.len() == 3 {
            return Err(NotACategory);
        }
        suffixes.push(suffix.to_owned());
        tail = rest;
    }
    Ok(suffixes)
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for prefix in &self.prefixes {
            write!(f, "{prefix}")?;
        }
        if let Some(classification) = self.classification {
            write!(f, "{}", classification.letter())?;
        }
        write!(f, "{}{}", self.axis.letter(), self.value)?;
        self.suffixes.iter().try_for_each(|suffix| write!(f, "({suffix})"))
    }
}

/// What a patient has never reaches a log.
impl fmt::Debug for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Category({}…)", self.axis.letter())
    }
}

impl Serialize for Category {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Category {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

/// A classification of one tumour at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Tnm {
    pub classification: Classification,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub t: Option<Category>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub n: Option<Category>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub m: Option<Category>,
    /// As the sender says; which one holds is in [`super::edition::edition_for`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub edition: Option<Edition>,
    /// `IIIA`, `IVB`, `0`, as the sender says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stage_group: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<PartialDate>,
}

/// A TNM whose parts contradict each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TnmFault {
    /// The property holds a category of another axis.
    Axis(Axis),
    /// T or N is marked clinical in a pathological classification, or the reverse. (M may be either: a pathological
    /// stage often has a clinical M.)
    Classification(Axis),
}

impl Tnm {
    pub fn categories(&self) -> impl Iterator<Item = (Axis, &Category)> {
        [(Axis::T, &self.t), (Axis::N, &self.n), (Axis::M, &self.m)]
            .into_iter()
            .filter_map(|(axis, category)| Some((axis, category.as_ref()?)))
    }

    pub fn faults(&self) -> Vec<TnmFault> {
        self.categories()
            .filter_map(|(axis, category)| {
                let other = category.classification().is_some_and(|own| own != self.classification);
                match (category.axis() != axis, other && axis != Axis::M) {
                    (true, _) => Some(TnmFault::Axis(axis)),
                    (_, true) => Some(TnmFault::Classification(axis)),
                    _ => None,
                }
            })
            .collect()
    }

    /// `cT2a cN1 cM0`, in the order T, N, M.
    pub fn text(&self) -> String {
        self.categories().map(|(_, one)| one.within(self.classification)).collect::<Vec<_>>().join(" ")
    }

    /// Do the categories say that there are distant metastases?
    pub fn says_metastatic(&self) -> bool {
        self.m.as_ref().is_some_and(|m| m.value().starts_with('1'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn categories_are_read_with_prefixes_and_suffixes() {
        for text in [
            "T2",
            "cT2a",
            "pT1mi",
            "ypT0",
            "rpT3b",
            "ycN2",
            "pTis(DCIS)",
            "pTa",
            "pT2(m)",
            "pN0(i+)",
            "pN1a(sn)",
            "pN0(sn)(mol-)",
            "cM0(i+)",
            "cM1c1",
            "M1d(1)",
            "TX",
            "NX",
            "cT4c",
            "uT3",
            "pN3c",
            "cN2ai",
        ] {
            assert_eq!(Category::parse(text).map(|c| c.to_string()).as_deref(), Ok(text), "{text}");
        }
        let yp = Category::parse("ypT2a(m)").unwrap();
        assert!(yp.after_treatment());
        assert_eq!((yp.classification(), yp.value()), (Some(Classification::Pathological), "2a"));
    }

    #[test]
    fn what_is_no_category_is_refused() {
        for text in [
            "",
            "T",
            "c",
            "T5",
            "N4",
            "M2",
            "Nis",
            "Ma",
            "cpT2",
            "ccT2",
            "yyT1",
            "T2A",
            "t2",
            "T2 ",
            "T2()",
            "T2(m",
            "T2(é)",
            "Tx",
            "T11",
            "T2(m)x",
            "M1f",
            "T2N0M0",
            "T2(a)(b)(c)(d)",
        ] {
            assert_eq!(Category::parse(text), Err(NotACategory), "{text}");
        }
    }

    #[test]
    fn prefixes_have_one_order() {
        assert_eq!(Category::parse("pyT2").unwrap().to_string(), "ypT2");
        assert_eq!(Category::parse("T2").unwrap().within(Classification::Clinical), "cT2");
        assert_eq!(Category::parse("cM1").unwrap().within(Classification::Pathological), "cM1");
    }

    fn tnm(classification: Classification, t: &str, n: &str, m: &str) -> Tnm {
        let category = |text: &str| (!text.is_empty()).then(|| Category::parse(text).unwrap());
        Tnm {
            classification,
            t: category(t),
            n: category(n),
            m: category(m),
            edition: None,
            stage_group: None,
            date: None,
        }
    }

    #[test]
    fn a_classification_does_not_mix_clinical_and_pathological_but_for_m() {
        assert_eq!(tnm(Classification::Pathological, "pT2", "pN1", "cM0").faults(), []);
        assert_eq!(tnm(Classification::Clinical, "pT2", "", "").faults(), [TnmFault::Classification(Axis::T)]);
        assert_eq!(tnm(Classification::Clinical, "T2", "M1", "").faults(), [TnmFault::Axis(Axis::N)]);
        assert_eq!(tnm(Classification::Pathological, "T2", "ypN1", "cM0").text(), "pT2 ypN1 cM0");
    }

    proptest! {
        #[test]
        fn a_category_reads_back_what_it_writes(
            front in "[yra]{0,1}[cp]{0,1}",
            body in "(T([0X]|is|a|[1-4]([a-d][1-3]?|mi)?)|N([0X]|[1-3]([a-c]|mi)?)|M([0X]|1[a-d]?))",
            tail in "(\\((m|sn|i\\+|mol-|[0-9])\\)){0,2}",
        ) {
            let text = format!("{front}{body}{tail}");
            let category = Category::parse(&text);
            prop_assert!(category.is_ok(), "{}", text);
            prop_assert_eq!(category.unwrap().to_string(), text);
        }

        #[test]
        fn no_text_panics_and_what_is_read_is_stable(text in "\\PC{0,12}|[cpyrTNMXisa0-4()+]{0,10}") {
            if let Ok(category) = Category::parse(&text) {
                let written = category.to_string();
                prop_assert_eq!(Category::parse(&written), Ok(category));
            }
        }
    }
}
