//! In which form a caller wants an answer, and in which form a body is.
//!
//! Source: <http://hl7.org/fhir/R4/http.html#mime-type>, RFC 9110 section 12.5.1.

use std::cmp::Ordering;

use super::door::Door;
use crate::fhir::{FhirVersion, Format};

/// Media types by which a format is asked for, and the name under which it is then answered. The first of a format is
/// its own; those with `+fhir` are of older releases.
const NAMES: &[(&str, Format, &str)] = &[
    ("application/fhir+json", Format::Json, "application/fhir+json"),
    ("application/json", Format::Json, "application/json"),
    ("text/json", Format::Json, "text/json"),
    ("application/json+fhir", Format::Json, "application/fhir+json"),
    ("json", Format::Json, "application/fhir+json"),
    ("application/fhir+xml", Format::Xml, "application/fhir+xml"),
    ("application/xml", Format::Xml, "application/xml"),
    ("text/xml", Format::Xml, "text/xml"),
    ("application/xml+fhir", Format::Xml, "application/fhir+xml"),
    ("xml", Format::Xml, "application/fhir+xml"),
];

/// A form of a resource on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Representation {
    pub format: Format,
    pub version: FhirVersion,
    name: &'static str,
}

impl Representation {
    /// What a door gives to who asks for nothing, and the form of its refusals to who asks for what is not there.
    pub fn usual(door: Door) -> Self {
        Representation { format: Format::Json, version: door.version(), name: NAMES[0].0 }
    }

    /// The form that the caller likes best of those that the door has: `_format` before the header; then by weight, by
    /// the place in the header, and JSON before XML. None where the door has none that the caller takes.
    pub fn negotiate(door: Door, format: Option<&str>, accept: Option<&str>) -> Option<Self> {
        match (format, accept) {
            (Some(format), _) => {
                // In a URL a plus sign that is not escaped reads as a space.
                let range = Range::read(&format.replace(' ', "+"), 0)?;
                let exact = NAMES.iter().find(|(name, ..)| *name == range.name)?;
                offers(door)
                    .find(|offer| offer.format == exact.1 && range.fits(offer, door))
                    .map(|it| it.named(exact.2))
            }
            (None, Some(accept)) if !accept.trim().is_empty() => {
                let ranges: Vec<Range> =
                    accept.split(',').enumerate().filter_map(|(at, range)| Range::read(range, at)).collect();
                offers(door).filter_map(|offer| liking(&ranges, offer, door)).max_by(Liking::compare).map(|it| it.offer)
            }
            _ => Some(Self::usual(door)),
        }
    }

    /// The form of a body by its `Content-Type`; none where the door takes no such body.
    pub fn of_body(door: Door, content_type: &str) -> Option<Self> {
        let range = Range::read(content_type, 0)?;
        let (_, format, name) = NAMES.iter().find(|(name, ..)| *name == range.name && name.contains('/'))?;
        let utf8 = range.charset.as_deref().is_none_or(|charset| charset.eq_ignore_ascii_case("utf-8"));
        offers(door).find(|it| it.format == *format && utf8 && range.fits(it, door)).map(|it| it.named(name))
    }

    fn named(self, name: &'static str) -> Self {
        Representation { name, ..self }
    }

    /// The header that says so. R4 is what everybody takes for granted here.
    pub fn content_type(self) -> String {
        let version = match self.version {
            FhirVersion::R4 => String::new(),
            other => format!("; fhirVersion={}", other.as_str()),
        };
        format!("{}; charset=utf-8{version}", self.name)
    }
}

/// Everything that a door can give, best first. That of R4 speaks STU3 to who asks for it by name.
fn offers(door: Door) -> impl Iterator<Item = Representation> {
    let usual = Representation::usual(door);
    let other = (door == Door::Fhir(FhirVersion::R4)).then_some(FhirVersion::Stu3);
    [Some(usual.version), other].into_iter().flatten().flat_map(move |version| {
        let json = Representation { version, ..usual };
        let xml = Representation { format: Format::Xml, name: "application/fhir+xml", ..json };
        [Some(json), door.has_xml().then_some(xml)].into_iter().flatten()
    })
}

/// One media type, or a range of them, with its weight and the release of FHIR that it names.
struct Range {
    name: String,
    weight: f32,
    version: Option<String>,
    charset: Option<String>,
    /// Its place in the header.
    at: usize,
}

impl Range {
    fn read(text: &str, at: usize) -> Option<Self> {
        let mut parts = text.split(';').map(str::trim);
        let name = parts.next()?.to_ascii_lowercase();
        let mut range = Range { name, weight: 1.0, version: None, charset: None, at };
        for (key, value) in parts.filter_map(|part| part.split_once('=')) {
            let value = value.trim().trim_matches('"');
            match key.trim().to_ascii_lowercase().as_str() {
                "q" => range.weight = value.parse::<f32>().ok().filter(|weight| (0.0..=1.0).contains(weight))?,
                "fhirversion" => range.version = Some(value.to_owned()),
                "charset" => range.charset = Some(value.to_owned()),
                _ => {}
            }
        }
        (!range.name.is_empty()).then_some(range)
    }

    /// Whether it speaks of this release; without a word about it, of the door's own.
    fn fits(&self, offer: &Representation, door: Door) -> bool {
        let wanted = self.version.as_deref().map_or(Some(door.version()), FhirVersion::parse);
        wanted == Some(offer.version)
    }

    /// How exactly it names a form, and under which name that is then answered.
    fn names(&self, offer: &Representation, door: Door) -> Option<(u8, &'static str)> {
        if !self.fits(offer, door) {
            return None;
        }
        let known = NAMES.iter().filter(|(_, format, _)| *format == offer.format);
        match self.name.as_str() {
            "*/*" => Some((0, offer.name)),
            "application/*" => Some((1, offer.name)),
            exact => known.into_iter().find(|(name, ..)| *name == exact).map(|(.., answered)| (2, *answered)),
        }
    }
}

/// How much a caller wants a form.
struct Liking {
    offer: Representation,
    weight: f32,
    at: usize,
}

impl Liking {
    fn compare(&self, other: &Liking) -> Ordering {
        let is_json = |it: &Liking| it.offer.format == Format::Json;
        let by_weight = self.weight.total_cmp(&other.weight);
        by_weight.then(other.at.cmp(&self.at)).then(is_json(self).cmp(&is_json(other)))
    }
}

/// The most exact range about a form decides; of several as exact the heaviest.
fn liking(ranges: &[Range], offer: Representation, door: Door) -> Option<Liking> {
    let about = ranges.iter().filter_map(|range| Some((range, range.names(&offer, door)?)));
    let (range, (_, name)) = about.max_by(|(one, (exact, _)), (other, (as_exact, _))| {
        exact.cmp(as_exact).then(one.weight.total_cmp(&other.weight)).then(other.at.cmp(&one.at))
    })?;
    (range.weight > 0.0).then(|| Liking { offer: offer.named(name), weight: range.weight, at: range.at })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FHIR: Door = Door::Fhir(FhirVersion::R4);

    fn answered(format: Option<&str>, accept: Option<&str>) -> Option<String> {
        Representation::negotiate(FHIR, format, accept)
            .map(|it| it.content_type().split(';').next().unwrap_or_default().to_owned())
    }

    #[test]
    fn a_caller_gets_the_form_that_it_likes_best() {
        for (accept, answer) in [
            (None, "application/fhir+json"),
            (Some(""), "application/fhir+json"),
            (Some("*/*"), "application/fhir+json"),
            (Some("application/*"), "application/fhir+json"),
            (Some("application/fhir+xml"), "application/fhir+xml"),
            (Some("Application/FHIR+XML; fhirVersion=4.0"), "application/fhir+xml"),
            (Some("application/fhir+json;fhirVersion=4.0.1;charset=utf-8"), "application/fhir+json"),
            (Some("application/xml"), "application/xml"),
            (Some("text/xml"), "text/xml"),
            (Some("application/json"), "application/json"),
            (Some("application/xml+fhir"), "application/fhir+xml"),
            // As HAPI's client asks.
            (Some("application/fhir+xml;q=1.0, application/fhir+json;q=1.0"), "application/fhir+xml"),
            (Some("application/fhir+json;q=1.0, application/json+fhir;q=0.9"), "application/fhir+json"),
            (Some("application/fhir+json;q=0.2, application/fhir+xml;q=0.9"), "application/fhir+xml"),
            (Some("*/*, application/fhir+json;q=0"), "application/fhir+xml"),
            (Some("application/*;q=0.1, application/fhir+xml"), "application/fhir+xml"),
            (Some("application/fhir+json;fhirVersion=9.9, application/fhir+xml;q=0.1"), "application/fhir+xml"),
            // As browsers ask.
            (Some("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"), "application/xml"),
            (Some("text/html, */*"), "application/fhir+json"),
        ] {
            assert_eq!(answered(None, accept).as_deref(), Some(answer), "{accept:?}");
        }
        for accept in [
            "text/html",
            "application/fhir+json;q=0",
            "application/fhir+turtle",
            "application/fhir+json;fhirVersion=5.0",
            "image/*",
            "application/json;q=x",
        ] {
            assert_eq!(answered(None, Some(accept)), None, "{accept}");
        }
    }

    #[test]
    fn format_comes_before_the_header_and_has_short_names() {
        let xml = Some("application/fhir+xml");
        for (format, answer) in [
            ("json", "application/fhir+json"),
            ("xml", "application/fhir+xml"),
            ("application/fhir+json", "application/fhir+json"),
            ("application/fhir json", "application/fhir+json"),
            ("application/fhir+json; fhirVersion=4.0", "application/fhir+json"),
            ("text/xml", "text/xml"),
        ] {
            assert_eq!(answered(Some(format), xml).as_deref(), Some(answer), "{format}");
        }
        for format in ["ttl", "html", "", "*/*", "json;fhirVersion=1.0"] {
            assert_eq!(answered(Some(format), xml), None, "{format}");
        }
    }

    #[test]
    fn a_native_door_has_no_xml() {
        let accept = Some("application/xml, application/json;q=0.1");
        let native = Representation::negotiate(Door::Native, None, accept);
        assert_eq!(native.map(|it| it.format), Some(Format::Json));
        assert_eq!(Representation::negotiate(Door::Native, None, Some("application/xml")), None);
    }

    #[test]
    fn a_body_says_what_it_is() {
        let read = |text| Representation::of_body(FHIR, text).map(|it| it.format);
        for json in ["application/fhir+json", "application/json; charset=UTF-8", "Application/JSON;fhirVersion=4.0"] {
            assert_eq!(read(json), Some(Format::Json), "{json}");
        }
        for xml in ["application/fhir+xml", "text/xml; charset=\"utf-8\"", "application/xml+fhir"] {
            assert_eq!(read(xml), Some(Format::Xml), "{xml}");
        }
        for bad in [
            "",
            "text/plain",
            "json",
            "application/json; charset=latin1",
            "application/fhir+json;fhirVersion=5.0",
            "*/*",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
