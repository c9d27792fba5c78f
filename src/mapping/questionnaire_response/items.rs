//! The items of the published form `ACP-zib2020`: linkId, dataset concept, and where the answer goes in a care plan.

use super::Form;

/// How an answer becomes a value of the care plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Text,
    /// A date or date-time, as it was written.
    Moment,
    /// A date without its time: the form asks for a date-time where only a day is meant.
    Day,
    /// The code of a coding.
    Code,
    /// A coding `1` or `0`.
    YesNo,
    /// A coding that says yes by being chosen.
    Chosen,
    /// What the form says of itself (the name of a measurement, the treatment of a group): it has one answer.
    Fixed,
    /// Another treatment: a code, or its name in words.
    Treatment,
    /// `ICD`, where the dataset has a code of SNOMED CT.
    IcdProduct,
    Sharing,
    /// Words for the code "other" of the item above it, which stands at `to`.
    OtherWords,
}

/// One item that can be answered. In `to`, `#` stands for the number of the repeated group or answer.
#[derive(Clone, Copy, Debug)]
pub struct Item {
    pub link: &'static str,
    /// Dataset concept (zib2020 branch).
    pub concept: &'static str,
    /// Where the answer goes in the document; people stand under a name here, treatments under their code.
    pub to: &'static str,
    pub kind: Kind,
}

const fn item(link: &'static str, concept: &'static str, kind: Kind, to: &'static str) -> Item {
    Item { link, concept, to, kind }
}

pub const ITEMS: &[Item] = &[
    item("963", "736", Kind::Moment, "/filledInAt"),
    item("964", "353", Kind::Text, "/patient/name/firstNames"),
    item("965", "358", Kind::Text, "/patient/name/lastName/prefix"),
    item("966", "359", Kind::Text, "/patient/name/lastName/name"),
    item("967", "386", Kind::Day, "/patient/birthDate"),
    item("968", "394", Kind::Text, "/practitioners/conductor/name/firstNames"),
    item("969", "399", Kind::Text, "/practitioners/conductor/name/lastName/prefix"),
    item("970", "400", Kind::Text, "/practitioners/conductor/name/lastName/name"),
    item("1405", "405", Kind::Code, "/practitioners/conductor/specialty"),
    item("1406", "762", Kind::YesNo, "/legalCapacity/capable"),
    item("1407", "763", Kind::Text, "/legalCapacity/comment"),
    item("973", "443", Kind::Text, "/contactPersons/representative/name/firstNames"),
    item("974", "448", Kind::Text, "/contactPersons/representative/name/lastName/prefix"),
    item("975", "449", Kind::Text, "/contactPersons/representative/name/lastName/name"),
    item("976", "456", Kind::Text, "/contactPersons/representative/contactDetails/telephones/#/number"),
    item("977", "457", Kind::Code, "/contactPersons/representative/contactDetails/telephones/#/telecomType"),
    item("978", "458", Kind::Code, "/contactPersons/representative/contactDetails/telephones/#/numberType"),
    item("979", "459", Kind::Text, "/contactPersons/representative/contactDetails/telephones/#/comment"),
    item("980", "461", Kind::Text, "/contactPersons/representative/contactDetails/emails/#/address"),
    item("981", "462", Kind::Code, "/contactPersons/representative/contactDetails/emails/#/emailType"),
    item("982", "475", Kind::Code, "/contactPersons/representative/roles/#"),
    item("411", "475", Kind::OtherWords, "/contactPersons/representative/roles/#"),
    item("983", "476", Kind::Code, "/contactPersons/representative/relationships/0"),
    item("408", "476", Kind::OtherWords, "/contactPersons/representative/relationships/0"),
    item("984", "477", Kind::YesNo, "/legalRepresentativeIsContactPerson"),
    item("985", "480", Kind::Text, "/contactPersons/first-contact/name/firstNames"),
    item("986", "485", Kind::Text, "/contactPersons/first-contact/name/lastName/prefix"),
    item("987", "486", Kind::Text, "/contactPersons/first-contact/name/lastName/name"),
    item("988", "493", Kind::Text, "/contactPersons/first-contact/contactDetails/telephones/#/number"),
    item("989", "494", Kind::Code, "/contactPersons/first-contact/contactDetails/telephones/#/telecomType"),
    item("990", "495", Kind::Code, "/contactPersons/first-contact/contactDetails/telephones/#/numberType"),
    item("991", "496", Kind::Text, "/contactPersons/first-contact/contactDetails/telephones/#/comment"),
    item("992", "498", Kind::Text, "/contactPersons/first-contact/contactDetails/emails/#/address"),
    item("993", "499", Kind::Code, "/contactPersons/first-contact/contactDetails/emails/#/emailType"),
    item("995", "513", Kind::Code, "/contactPersons/first-contact/relationships/0"),
    item("412", "513", Kind::OtherWords, "/contactPersons/first-contact/relationships/0"),
    item("82", "514", Kind::Chosen, "/conversation/patientPresent"),
    item("997", "588", Kind::Code, "/contactPersons/present-#/roles/0"),
    item("414", "588", Kind::OtherWords, "/contactPersons/present-#/roles/0"),
    item("998", "589", Kind::Code, "/contactPersons/present-#/relationships/0"),
    item("413", "589", Kind::OtherWords, "/contactPersons/present-#/relationships/0"),
    item("1408", "591", Kind::Fixed, "/goal"),
    item("999", "592", Kind::Code, "/goal/goal"),
    item("1410", "604", Kind::Fixed, "/treatmentDirectives/89666000"),
    item("1386", "603", Kind::Code, "/treatmentDirectives/89666000/decision"),
    item("1001", "605", Kind::Text, "/treatmentDirectives/89666000/specificationOther"),
    item("1002", "618", Kind::Text, "/treatmentDirectives/89666000/comment"),
    item("1412", "604", Kind::Fixed, "/treatmentDirectives/40617009"),
    item("1387", "603", Kind::Code, "/treatmentDirectives/40617009/decision"),
    item("1388", "605", Kind::Text, "/treatmentDirectives/40617009/specificationOther"),
    item("1389", "618", Kind::Text, "/treatmentDirectives/40617009/comment"),
    item("1414", "604", Kind::Fixed, "/treatmentDirectives/305351004"),
    item("1390", "603", Kind::Code, "/treatmentDirectives/305351004/decision"),
    item("1391", "605", Kind::Text, "/treatmentDirectives/305351004/specificationOther"),
    item("1392", "618", Kind::Text, "/treatmentDirectives/305351004/comment"),
    item("1416", "604", Kind::Fixed, "/treatmentDirectives/32485007"),
    item("1393", "603", Kind::Code, "/treatmentDirectives/32485007/decision"),
    item("1394", "605", Kind::Text, "/treatmentDirectives/32485007/specificationOther"),
    item("1395", "618", Kind::Text, "/treatmentDirectives/32485007/comment"),
    item("1418", "604", Kind::Fixed, "/treatmentDirectives/281789004"),
    item("1396", "603", Kind::Code, "/treatmentDirectives/281789004/decision"),
    item("1397", "605", Kind::Text, "/treatmentDirectives/281789004/specificationOther"),
    item("1398", "618", Kind::Text, "/treatmentDirectives/281789004/comment"),
    item("1420", "604", Kind::Fixed, "/treatmentDirectives/116762002"),
    item("1399", "603", Kind::Code, "/treatmentDirectives/116762002/decision"),
    item("1400", "605", Kind::Text, "/treatmentDirectives/116762002/specificationOther"),
    item("1401", "618", Kind::Text, "/treatmentDirectives/116762002/comment"),
    item("1422", "604", Kind::Treatment, "/treatmentDirectives/OTH"),
    item("1402", "603", Kind::Code, "/treatmentDirectives/OTH/decision"),
    item("1404", "618", Kind::Text, "/treatmentDirectives/OTH/comment"),
    item("1006", "619", Kind::Code, "/hasIcd"),
    item("1008", "623", Kind::IcdProduct, "/icd/productType"),
    item("1009", "632", Kind::Text, "/icd/comment"),
    item("1426", "639", Kind::Fixed, "/icdDeactivation"),
    item("1005", "638", Kind::Code, "/icdDeactivation/decision"),
    item("1010", "653", Kind::Text, "/icdDeactivation/comment"),
    item("1428", "655", Kind::Fixed, "/specificCareWishes"),
    item("1190", "656", Kind::Text, "/specificCareWishes/wishes"),
    item("1430", "667", Kind::Fixed, "/preferredPlaceOfDeath"),
    item("1191", "668", Kind::Code, "/preferredPlaceOfDeath/place"),
    item("1192", "674", Kind::Text, "/preferredPlaceOfDeath/comment"),
    item("1432", "679", Kind::Fixed, "/euthanasiaPosition"),
    item("1193", "680", Kind::Code, "/euthanasiaPosition/position"),
    item("1194", "686", Kind::Text, "/euthanasiaPosition/comment"),
    item("1434", "747", Kind::Fixed, "/organDonation"),
    item("1435", "748", Kind::Code, "/organDonation/registered"),
    item("1436", "710", Kind::Fixed, "/senseOfPurpose"),
    item("1196", "711", Kind::Text, "/senseOfPurpose/text"),
    item("1197", "731", Kind::Code, "/earlierAgreements/recorded"),
    item("1198", "732", Kind::Text, "/earlierAgreements/comment"),
    item("1199", "733", Kind::Code, "/earlierAgreements/differ"),
    item("1200", "734", Kind::YesNo, "/informedRelatives"),
    item("1201", "735", Kind::Sharing, "/sharingConsent"),
];

/// Groups that the form lets repeat.
pub const REPEATED_GROUPS: &[&str] = &["40", "41", "62", "66"];

pub fn of(link: &str) -> Option<&'static Item> {
    ITEMS.iter().find(|item| item.link == link)
}

impl Form {
    /// The canonicals of the published form: that of 0.1.3-beta3, and that of 1.0.0-rc2.
    pub const CANONICALS: &[&str] = &[
        "https://fhir.iknl.nl/fhir/Questionnaire/ACP-zib2020",
        "https://api.iknl.nl/docs/pzp/r4/Questionnaire/ACP-zib2020",
    ];
}
