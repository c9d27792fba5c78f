//! What keeps a text from being FHIR in XML.

use quick_xml::Error;
use quick_xml::errors::{IllFormedError, SyntaxError};

/// Why a text is no FHIR in XML, without a word of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SyntaxFault {
    NotUtf8,
    Empty,
    EndsEarly,
    GoesOn,
    EndTag,
    Attribute,
    Reference,
    DocumentType,
    TextBetween,
    NoNamespace,
    OtherNamespace,
    ClinicalDocument,
    Html,
    TooDeep,
    NoXml,
}

impl SyntaxFault {
    pub(crate) fn of(error: &Error) -> SyntaxFault {
        match error {
            Error::Syntax(SyntaxError::InvalidBangMarkup) => SyntaxFault::NoXml,
            Error::Syntax(_) => SyntaxFault::EndsEarly,
            Error::IllFormed(error) => match error {
                IllFormedError::MissingEndTag(_) => SyntaxFault::EndsEarly,
                IllFormedError::UnmatchedEndTag(_) | IllFormedError::MismatchedEndTag { .. } => SyntaxFault::EndTag,
                IllFormedError::UnclosedReference => SyntaxFault::Reference,
                IllFormedError::MissingDoctypeName => SyntaxFault::DocumentType,
                _ => SyntaxFault::NoXml,
            },
            Error::InvalidAttr(_) => SyntaxFault::Attribute,
            Error::Escape(_) => SyntaxFault::Reference,
            _ => SyntaxFault::NoXml,
        }
    }

    /// Of a root element that is not in the namespace of FHIR.
    pub(super) fn of_root(name: &str, has_namespace: bool) -> SyntaxFault {
        match name {
            "ClinicalDocument" => SyntaxFault::ClinicalDocument,
            _ if name.eq_ignore_ascii_case("html") => SyntaxFault::Html,
            _ if has_namespace => SyntaxFault::OtherNamespace,
            _ => SyntaxFault::NoNamespace,
        }
    }

    pub fn english(self) -> &'static str {
        match self {
            SyntaxFault::NotUtf8 => "the text is not UTF-8",
            SyntaxFault::Empty => "there is nothing in it",
            SyntaxFault::EndsEarly => "the text ends before all that was opened is closed",
            SyntaxFault::GoesOn => "something stands after the end of the resource",
            SyntaxFault::EndTag => "this end tag is not that of the element that is open",
            SyntaxFault::Attribute => {
                "the attributes of this element are not written as name=\"value\", each with a name of its own"
            }
            SyntaxFault::Reference => {
                "an & begins a character or entity that XML knows; write one that stands for itself as &amp;"
            }
            SyntaxFault::DocumentType => "a DOCTYPE is not allowed; leave it out, with the entities that it defines",
            SyntaxFault::TextBetween => {
                "text stands between elements here; a value is written as an attribute: <gender value=\"…\"/>"
            }
            SyntaxFault::NoNamespace => "the root has no namespace; add xmlns=\"http://hl7.org/fhir\"",
            SyntaxFault::OtherNamespace => "the root is in another namespace than http://hl7.org/fhir",
            SyntaxFault::ClinicalDocument => "it is a clinical document of HL7 version 3 (CDA)",
            SyntaxFault::Html => "it is a page of HTML",
            SyntaxFault::TooDeep => "elements are nested too deeply",
            SyntaxFault::NoXml => "it cannot be read as XML from here on",
        }
    }

    pub fn dutch(self) -> &'static str {
        match self {
            SyntaxFault::NotUtf8 => "de tekst is geen UTF-8",
            SyntaxFault::Empty => "er staat niets in",
            SyntaxFault::EndsEarly => "de tekst houdt op voordat alles wat geopend is, gesloten is",
            SyntaxFault::GoesOn => "er staat nog iets na het einde van de resource",
            SyntaxFault::EndTag => "deze eindtag is niet die van het element dat open staat",
            SyntaxFault::Attribute => {
                "de attributen van dit element staan er niet als naam=\"waarde\", elk met een eigen naam"
            }
            SyntaxFault::Reference => "met & begint een teken of entiteit die XML kent; schrijf een gewone & als &amp;",
            SyntaxFault::DocumentType => "een DOCTYPE mag niet; laat die weg, met de entiteiten die hij bepaalt",
            SyntaxFault::TextBetween => {
                "hier staat tekst tussen elementen; een waarde is een attribuut: <gender value=\"…\"/>"
            }
            SyntaxFault::NoNamespace => "de wortel heeft geen namespace; voeg xmlns=\"http://hl7.org/fhir\" toe",
            SyntaxFault::OtherNamespace => "de wortel is in een andere namespace dan http://hl7.org/fhir",
            SyntaxFault::ClinicalDocument => "het is een klinisch document van HL7 versie 3 (CDA)",
            SyntaxFault::Html => "het is een pagina in HTML",
            SyntaxFault::TooDeep => "elementen zijn te diep genest",
            SyntaxFault::NoXml => "vanaf hier is het niet als XML te lezen",
        }
    }
}
