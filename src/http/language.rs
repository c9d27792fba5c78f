//! The language of words that a person reads, from `Accept-Language`.

use crate::validator;

/// Dutch where it is asked for before English, else English.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    Nl,
    En,
}

impl Language {
    /// Reads `nl-NL, en;q=0.5`; the highest weight wins, the first of equals.
    pub fn negotiate(header: Option<&str>) -> Self {
        let mut best = (Language::En, 0.0_f32);
        for range in header.unwrap_or_default().split(',') {
            let mut parts = range.split(';').map(str::trim);
            let primary = parts.next().unwrap_or_default().split('-').next().unwrap_or_default();
            let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(Some(1.0), |q| q.parse().ok());
            let language = match primary.to_ascii_lowercase().as_str() {
                "nl" => Language::Nl,
                "en" => Language::En,
                _ => continue,
            };
            if weight.is_some_and(|weight: f32| weight > best.1) {
                best = (language, weight.unwrap_or_default());
            }
        }
        best.0
    }

    /// As BCP 47 and `Content-Language` name it.
    pub fn tag(self) -> &'static str {
        self.choose("nl", "en")
    }

    pub fn choose<'a>(self, nl: &'a str, en: &'a str) -> &'a str {
        match self {
            Language::Nl => nl,
            Language::En => en,
        }
    }
}

impl From<Language> for validator::Language {
    fn from(language: Language) -> Self {
        match language {
            Language::Nl => validator::Language::Dutch,
            Language::En => validator::Language::English,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_with_the_highest_weight_is_spoken_and_english_when_none_is_known() {
        for (header, language) in [
            (None, Language::En),
            (Some("nl"), Language::Nl),
            (Some("nl-NL, en;q=0.8"), Language::Nl),
            (Some("en, nl"), Language::En),
            (Some("en;q=0.3, nl;q=0.9"), Language::Nl),
            (Some("fr, de"), Language::En),
            (Some("nl;q=0"), Language::En),
            (Some("nl;q=x"), Language::En),
        ] {
            assert_eq!(Language::negotiate(header), language, "{header:?}");
        }
    }
}
