//! The items of the published form: linkIds, dataset concept, place in a care plan, and what may be answered.
//!
//! The structure is that of the published form; the words are ours.

use super::edition::{Edition, ICD_WORD, NAMES, NO_WORD, OTHER, OTHER_ROLE, OTHERWISE, PATIENT, YES, YES_NO};
use super::item::{Item, Kind, ask, group};
use crate::domain::common::codes::{
    EMAIL_TYPE, EUTHANASIA_POSITION, ICD_DECISION, ICD_PRODUCT, ICD_TREATMENT, MEDICAL_POLICY_GOAL, NUMBER_TYPE,
    PREFERRED_PLACE, RELATIONSHIP, ROLE, SHARING_CONSENT, SPECIALTY, TELECOM_TYPE, TREATMENT, TREATMENT_DECISION,
    YES_NO_UNKNOWN,
};

const RELATIVES: &[&str] = &["DOMPART", "HUSB", "WIFE", "FTH", "MTH", "SONC", "DAUC", "BRO", "SIS", "OTH"];
const YES_NO_CODES: &[&str] = &["1", "0"];
const YES_NO_UNKNOWN_CODES: &[&str] = &["373066001", "373067005", "UNK"];
const DECISIONS: &[&str] = &["0", "1", "2", "UNK"];
const GOALS: &[&str] = &["385987000", "1351964001", "225353007", "UNK"];
const GOALS_2017: &[&str] = &["385987000", "1351964001", "713148004", "UNK"];
const PRODUCTS: &[&str] = &["72506001", "465460004", "468542000", "704707009", "1263462004", "1236894001"];

/// First names, prefixes and family name of a person.
macro_rules! name {
    ($at:literal: $first:literal $first_2017:literal $first_concept:literal $first_text:literal,
     $prefix:literal $prefix_2017:literal $prefix_concept:literal $prefix_text:literal,
     $last:literal $last_2017:literal $last_concept:literal $last_text:literal) => {
        &[
            ask($first, $first_2017, $first_concept, Kind::Text, concat!($at, "/name/firstNames"), $first_text),
            ask(
                $prefix,
                $prefix_2017,
                $prefix_concept,
                Kind::Text,
                concat!($at, "/name/lastName/prefix"),
                $prefix_text,
            ),
            ask($last, $last_2017, $last_concept, Kind::Text, concat!($at, "/name/lastName/name"), $last_text),
        ]
    };
}

/// Telephone numbers and e-mail addresses of a person: linkIds of both forms and concept, in the order of the form.
macro_rules! contact {
    ($at:literal: $phones:literal [$($phone:literal $phone_2017:literal $phone_concept:literal),*],
     $mails:literal [$($mail:literal $mail_2017:literal $mail_concept:literal),*]) => {
        &[
            ask($phones, $phones, "", Kind::Group, concat!($at, "/contactDetails/telephones"), "Telefonisch bereikbaar op")
                .repeats()
                .with(&contact!(@phones $at [$($phone $phone_2017 $phone_concept),*])),
            ask($mails, $mails, "", Kind::Group, concat!($at, "/contactDetails/emails"), "Per e-mail bereikbaar op")
                .repeats()
                .with(&contact!(@mails $at [$($mail $mail_2017 $mail_concept),*])),
        ]
    };
    (@phones $at:literal [$n:literal $n7:literal $nc:literal, $t:literal $t7:literal $tc:literal,
     $k:literal $k7:literal $kc:literal, $c:literal $c7:literal $cc:literal]) => {
        [
            ask($n, $n7, $nc, Kind::Text, concat!($at, "/contactDetails/telephones/#/number"), "Nummer"),
            ask($t, $t7, $tc, Kind::Code, concat!($at, "/contactDetails/telephones/#/telecomType"), "Soort toestel")
                .offers(TELECOM_TYPE, &["LL", "FAX", "MC", "PG"]),
            ask($k, $k7, $kc, Kind::Code, concat!($at, "/contactDetails/telephones/#/numberType"), "Soort nummer")
                .offers(NUMBER_TYPE, &["HP", "TMP", "WP"]),
            ask($c, $c7, $cc, Kind::Text, concat!($at, "/contactDetails/telephones/#/comment"), "Opmerking bij dit nummer"),
        ]
    };
    (@mails $at:literal [$a:literal $a7:literal $ac:literal, $k:literal $k7:literal $kc:literal]) => {
        [
            ask($a, $a7, $ac, Kind::Text, concat!($at, "/contactDetails/emails/#/address"), "Adres"),
            ask($k, $k7, $kc, Kind::Code, concat!($at, "/contactDetails/emails/#/emailType"), "Soort adres")
                .offers(EMAIL_TYPE, &["HP", "WP"]),
        ]
    };
}

/// The group of one treatment: linkIds of both forms of the group, the treatment, the decision, the restrictions and
/// the comment.
macro_rules! treatment {
    ($code:literal $prefix:literal $text:literal: $group:literal $group_2017:literal, $fixed:literal $fixed_2017:literal,
     $decision:literal $decision_2017:literal, $otherwise:literal $otherwise_2017:literal,
     $comment:literal $comment_2017:literal) => {
        group(
            $group,
            $group_2017,
            $text,
            &[
                ask(
                    $fixed,
                    $fixed_2017,
                    "604",
                    Kind::Fixed,
                    concat!("/treatmentDirectives/", $code),
                    "Welke behandeling",
                )
                .offers(TREATMENT, &[$code]),
                ask(
                    $decision,
                    $decision_2017,
                    "603",
                    Kind::Code,
                    concat!("/treatmentDirectives/", $code, "/decision"),
                    "Wat is besloten?",
                )
                .offers(TREATMENT_DECISION, DECISIONS)
                .with(&[
                    ask(
                        $otherwise,
                        $otherwise_2017,
                        "605",
                        Kind::Text,
                        concat!("/treatmentDirectives/", $code, "/specificationOther"),
                        "Onder welke beperkingen",
                    )
                    .when($decision, OTHERWISE),
                    ask(
                        $comment,
                        $comment_2017,
                        "618",
                        Kind::Text,
                        concat!("/treatmentDirectives/", $code, "/comment"),
                        "Uitleg bij het besluit",
                    ),
                ]),
            ],
        )
        .prefix($prefix)
    };
}

pub const ITEMS: &[Item] = &[
    ask("963", "385", "736", Kind::Moment, "/filledInAt", "Wanneer is het formulier ingevuld?"),
    group("7", "7", "Over wie gaat het", name!("/patient":
        "964" "386" "353" "Voornaam of voornamen van de patiënt",
        "965" "387" "358" "Voorvoegsel van de naam van de patiënt",
        "966" "388" "359" "Geslachtsnaam van de patiënt")),
    ask("967", "6", "386", Kind::Day, "/patient/birthDate", "Wanneer is de patiënt geboren?"),
    group("8", "8", "Wie het gesprek voerde", &[
        group("16", "16", "De zorgverlener", name!("/practitioners/conductor":
            "968" "389" "394" "Voornaam of voornamen van de zorgverlener",
            "969" "390" "399" "Voorvoegsel van de naam van de zorgverlener",
            "970" "391" "400" "Geslachtsnaam van de zorgverlener")),
        ask("1405", "786", "405", Kind::Code, "/practitioners/conductor/specialty", "Beroep of specialisme")
            .offers(SPECIALTY, &["01.000", "01.015", "01.047", "30.000", "81.000", "99.000"]),
    ]),
    group("26", "26", "Zelf kunnen beslissen, en wie anders spreekt", &[
        ask("1406", "787", "762", Kind::YesNo, "/legalCapacity/capable",
            "Kan de patiënt nu zelf over medische behandelingen beslissen?")
            .offers(YES_NO, YES_NO_CODES)
            .with(&[ask("1407", "788", "763", Kind::Text, "/legalCapacity/comment", "Uitleg bij het zelf kunnen beslissen")]),
        group("29", "29", "Wie er voor de patiënt spreekt als die het zelf niet kan", &[
            group("30", "30", "De vertegenwoordiger", name!("/contactPersons/representative":
                "973" "392" "443" "Voornaam of voornamen van de vertegenwoordiger",
                "974" "393" "448" "Voorvoegsel van de naam van de vertegenwoordiger",
                "975" "394" "449" "Geslachtsnaam van de vertegenwoordiger")).prefix("a)"),
            group("39", "39", "Hoe de vertegenwoordiger te bereiken is", contact!("/contactPersons/representative":
                "40" ["976" "398" "456", "977" "399" "457", "978" "400" "458", "979" "" "459"],
                "41" ["980" "401" "461", "981" "402" "462"])).prefix("b)"),
            ask("982", "410", "475", Kind::Code, "/contactPersons/representative/roles/#", "Rol van de vertegenwoordiger")
                .prefix("c)")
                .repeats()
                .offers(ROLE, &["24", "01", "310141000146103", "03", "15", "09"])
                .with(&[ask("411", "411", "475", Kind::OtherWords, "/contactPersons/representative/roles/#",
                    "Welke andere rol van de vertegenwoordiger?")
                    .offers(ROLE, &[])
                    .when("982", OTHER_ROLE)]),
            ask("983", "51", "476", Kind::Code, "/contactPersons/representative/relationships/0",
                "Wat is de vertegenwoordiger van de patiënt?")
                .prefix("c)")
                .offers(RELATIONSHIP, RELATIVES)
                .with(&[ask("408", "408", "476", Kind::OtherWords, "/contactPersons/representative/relationships/0",
                    "Welke andere band met de vertegenwoordiger?")
                    .offers(RELATIONSHIP, &[])
                    .when("983", OTHER)]),
            ask("984", "52", "477", Kind::YesNo, "/legalRepresentativeIsContactPerson",
                "Wordt de vertegenwoordiger ook als eerste gebeld?")
                .prefix("d)")
                .offers(YES_NO, YES_NO_CODES),
            group("53", "53", "Wie als eerste gebeld wordt", name!("/contactPersons/first-contact":
                "985" "395" "480" "Voornaam of voornamen van de contactpersoon",
                "986" "396" "485" "Voorvoegsel van de naam van de contactpersoon",
                "987" "397" "486" "Geslachtsnaam van de contactpersoon")).prefix("e)").when("984", NO_WORD),
            group("61", "61", "Hoe de eerste contactpersoon te bereiken is", contact!("/contactPersons/first-contact":
                "62" ["988" "403" "493", "989" "404" "494", "990" "405" "495", "991" "" "496"],
                "66" ["992" "406" "498", "993" "407" "499"])).prefix("f)").when("984", NO_WORD),
            ask("1644", "819", "512", Kind::Code, "/contactPersons/first-contact/roles/0", "Rol van de contactpersoon")
                .not_in_beta()
.read_only()
                .offers(ROLE, &["01"])
                .when("984", NO_WORD),
            ask("995", "77", "513", Kind::Code, "/contactPersons/first-contact/relationships/0",
                "Wat is de contactpersoon van de patiënt?")
                .prefix("g)")
                .offers(RELATIONSHIP, RELATIVES)
                .when("984", NO_WORD)
                .with(&[ask("412", "412", "513", Kind::OtherWords, "/contactPersons/first-contact/relationships/0",
                    "Welke andere band met de contactpersoon?")
                    .offers(RELATIONSHIP, &[])
                    .when("995", OTHER)]),
        ]),
    ]).prefix("1."),
    group("78", "78", "Wie erbij waren", &[
        ask("82", "82", "514", Kind::Chosen, "/conversation/patientPresent", "Was de patiënt erbij?")
            .offers(PATIENT, &["Patiënt"]),
        ask("997", "415", "588", Kind::Code, "/contactPersons/present-#/roles/0", "In welke rol was iemand erbij?")
            .repeats()
            .offers(ROLE, &["03", "15", "310141000146103", "09"])
            .with(&[ask("414", "414", "588", Kind::OtherWords, "/contactPersons/present-#/roles/0", "Welke andere rol was dat?")
                .offers(ROLE, &[])]),
        ask("998", "80", "589", Kind::Code, "/contactPersons/present-#/relationships/0", "Welke naasten waren erbij?")
            .repeats()
            .offers(RELATIONSHIP, RELATIVES)
            .with(&[ask("413", "413", "589", Kind::OtherWords, "/contactPersons/present-#/relationships/0",
                "Welke andere naaste was dat?")
                .offers(RELATIONSHIP, &[])
                .when("998", OTHER)]),
    ]).prefix("2."),
    group("586", "586", "Waar de behandeling vooral op gericht is", &[
        ask("1408", "790", "591", Kind::Fixed, "/goal", "Wat hier wordt vastgelegd: het doel").offers(NAMES, &["180771000146100"]),
        ask("999", "784", "592", Kind::Code, "/goal/goal", "Afgesproken doel van de behandeling")
            .offers(MEDICAL_POLICY_GOAL, GOALS)
            .but(Edition::Zib2017, MEDICAL_POLICY_GOAL, GOALS_2017),
    ]).prefix("3."),
    group("83", "83", "Afspraken over behandelingen", &[
        treatment!("89666000" "a)" "Reanimeren": "1409" "792", "1410" "791", "1386" "587", "1001" "122", "1002" "86"),
        treatment!("40617009" "b)" "Beademen": "1411" "793", "1412" "794", "1387" "588", "1388" "123", "1389" "92"),
        treatment!("305351004" "c)" "Naar de intensive care": "1413" "796", "1414" "795", "1390" "589", "1391" "124", "1392" "88"),
        treatment!("32485007" "d)" "Naar het ziekenhuis": "1415" "798", "1416" "799", "1393" "590", "1394" "125", "1395" "94"),
        treatment!("281789004" "e)" "Antibiotica geven": "1417" "800", "1418" "801", "1396" "591", "1397" "126", "1398" "96"),
        treatment!("116762002" "f)" "Bloed of bloedproducten geven": "1419" "802", "1420" "803", "1399" "592", "1400" "127", "1401" "98"),
        group("1421", "804", "Een andere behandeling", &[
            ask("1422", "805", "604", Kind::Treatment, "/treatmentDirectives/OTH", "Om welke behandeling gaat het?")
                .offers(TREATMENT, &["OTH"]),
            ask("1402", "593", "603", Kind::Code, "/treatmentDirectives/OTH/decision", "Wat is erover besloten?")
                .offers(TREATMENT_DECISION, &["0", "2", "UNK"])
                .with(&[ask("1404", "100", "618", Kind::Text, "/treatmentDirectives/OTH/comment", "Uitleg bij dit besluit")]),
        ]).prefix("g)"),
        ask("1006", "249", "619", Kind::Code, "/hasIcd", "Draagt de patiënt een ICD?")
            .prefix("h)")
            .offers(YES_NO_UNKNOWN, YES_NO_UNKNOWN_CODES)
            .with(&[
                ask("1008", "600", "623", Kind::IcdProduct, "/icd/productType", "Wat voor ICD is het?")
                    .offers(ICD_PRODUCT, PRODUCTS)
                    .but(Edition::Zib2020Beta, ICD_WORD, &["ICD"])
                    .when("1006", YES),
                ask("1009", "599", "632", Kind::Text, "/icd/comment", "Opmerking over de ICD").when("1006", YES),
            ]),
        group("1425", "808", "Het uitzetten van de ICD", &[
            ask("1426", "809", "639", Kind::Fixed, "/icdDeactivation", "Wat hier wordt afgesproken: uitzetten")
                .offers(ICD_TREATMENT, &["400231000146108"]),
            ask("1005", "595", "638", Kind::Code, "/icdDeactivation/decision", "Wat is over het uitzetten besloten?")
                .offers(ICD_DECISION, &["0", "ASKU", "NASK"])
                .when("1006", YES)
                .with(&[ask("1010", "596", "653", Kind::Text, "/icdDeactivation/comment", "Uitleg bij het uitzetten")]),
        ]).prefix("i)").when("1006", YES),
    ]).prefix("4."),
    group("107", "107", "Wensen van de patiënt", &[
        group("1427", "810", "Wat zorgverleners moeten weten om goed te zorgen, ook over geloof, gewoonten en naasten", &[
            ask("1428", "811", "655", Kind::Fixed, "/specificCareWishes", "Wat hier wordt vastgelegd: wensen")
                .offers(NAMES, &["153851000146100"]),
            ask("1190", "382", "656", Kind::Text, "/specificCareWishes/wishes", "Wensen en verwachtingen, in eigen woorden"),
        ]).prefix("a)"),
        group("1429", "812", "Waar de patiënt wil overlijden", &[
            ask("1430", "815", "667", Kind::Fixed, "/preferredPlaceOfDeath", "Wat hier wordt vastgelegd: plek")
                .offers(NAMES, &["395091006"]),
            ask("1191", "604", "668", Kind::Code, "/preferredPlaceOfDeath/place", "Liefste plek om te overlijden")
                .offers(PREFERRED_PLACE, &["264362003", "22232009", "108344006", "284546000", "OTH", "UNK"])
                .with(&[ask("1192", "110", "674", Kind::Text, "/preferredPlaceOfDeath/comment", "Uitleg bij de plek")]),
        ]).prefix("b)"),
        group("1431", "813", "Hoe de patiënt tegenover euthanasie staat", &[
            ask("1432", "816", "679", Kind::Fixed, "/euthanasiaPosition", "Wat hier wordt vastgelegd: euthanasie")
                .offers(NAMES, &["340171000146104"]),
            ask("1193", "785", "680", Kind::Code, "/euthanasiaPosition/position", "Standpunt van de patiënt over euthanasie")
                .offers(EUTHANASIA_POSITION, &["340181000146102", "340201000146103", "340191000146100", "UNK"])
                .with(&[ask("1194", "112", "686", Kind::Text, "/euthanasiaPosition/comment", "Uitleg bij het standpunt")]),
        ]).prefix("c)"),
        group("1433", "814", "Orgaandonatie", &[
            ask("1434", "817", "747", Kind::Fixed, "/organDonation", "Wat hier wordt vastgelegd: donorregister")
                .offers(NAMES, &["570801000146104"]),
            ask("1435", "789", "748", Kind::Code, "/organDonation/registered", "Staat de keuze in het Donorregister?")
                .offers(YES_NO_UNKNOWN, YES_NO_UNKNOWN_CODES),
        ]).prefix("d)"),
    ]).prefix("5."),
    group("598", "598", "Wat er nog meer toe doet", &[
        ask("1436", "818", "710", Kind::Fixed, "/senseOfPurpose", "Wat hier wordt vastgelegd: zingeving")
            .offers(NAMES, &["247751003"]),
        ask("1196", "383", "711", Kind::Text, "/senseOfPurpose/text", "Wat voor de patiënt verder van belang is"),
    ]).prefix("6."),
    group("115", "115", "Wat eerder is vastgelegd", &[
        ask("1197", "253", "731", Kind::Code, "/earlierAgreements/recorded", "Zijn er al eerder afspraken over behandelingen?")
            .prefix("a)")
            .offers(YES_NO_UNKNOWN, YES_NO_UNKNOWN_CODES)
            .with(&[ask("1198", "254", "732", Kind::Text, "/earlierAgreements/comment", "Welke eerdere afspraken")]),
        ask("1199", "255", "733", Kind::Code, "/earlierAgreements/differ", "Wilde de patiënt toen iets anders dan nu?")
            .prefix("b)")
            .offers(YES_NO_UNKNOWN, YES_NO_UNKNOWN_CODES)
            .when("1197", YES),
    ]).prefix("7."),
    group("119", "119", "Met wie dit wordt gedeeld", &[
        ask("1200", "256", "734", Kind::YesNo, "/informedRelatives",
            "Weet de patiënt dat het aan hem of haar is dit met naasten te bespreken?")
            .prefix("a)")
            .offers(YES_NO, YES_NO_CODES),
        ask("1201", "257", "735", Kind::Sharing, "/sharingConsent",
            "Mogen andere betrokken zorgverleners deze afspraken zien?")
            .prefix("b)")
            .offers(SHARING_CONSENT, &["441898007", "UNK"]),
    ]).prefix("8."),
];

/// The item with this linkId.
pub fn of(edition: Edition, link: &str) -> Option<&'static Item> {
    find_item(ITEMS, &|item| item.link(edition) == Some(link))
}

/// The item with this linkId of zib2020, as conditions name it.
pub fn named(link: &str) -> Option<&'static Item> {
    find_item(ITEMS, &|item| item.link == link)
}

fn find_item(items: &'static [Item], wanted: &dyn Fn(&Item) -> bool) -> Option<&'static Item> {
    items.iter().find_map(|item| if wanted(item) { Some(item) } else { find_item(item.items, wanted) })
}
