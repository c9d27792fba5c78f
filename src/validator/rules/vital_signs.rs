//! Which vital sign an Observation is of, by its code: FHIR asks its profile of it, claimed or not.
//!
//! Source: <http://hl7.org/fhir/R4/observation-vitalsigns.html>: the codes of its table, and those of LOINC and SNOMED CT
//! below them for which the reference validator asks the same. 8893-0 is not among these: the Dutch building block for
//! the pulse rate has it without the code of the heart rate.

use serde_json::Value;

use super::{list, text};

const LOINC: &str = "http://loinc.org";
const SNOMED: &str = "http://snomed.info/sct";

/// System, profile and codes; the first row that has a code of the Observation counts.
const SIGNS: &[(&str, &str, &[&str])] = &[
    (LOINC, "http://hl7.org/fhir/StructureDefinition/vitalspanel", &["85353-1"]),
    (
        LOINC,
        "http://hl7.org/fhir/StructureDefinition/resprate",
        &["9279-1", "76170-0", "76172-6", "76171-8", "19840-8", "33438-3", "76270-8", "11291-2"],
    ),
    (
        LOINC,
        "http://hl7.org/fhir/StructureDefinition/heartrate",
        &[
            "8867-4", "60978-4", "73795-7", "73799-9", "76476-1", "76477-9", "8889-8", "8890-6", "8891-4", "8892-2",
            "40443-4", "55425-3", "68999-2", "11328-2", "69000-8", "8886-4",
        ],
    ),
    (
        LOINC,
        "http://hl7.org/fhir/StructureDefinition/oxygensat",
        &[
            "2708-6", "19224-5", "20564-1", "2709-4", "2710-2", "2713-6", "51733-4", "59408-5", "59417-6", "89276-0",
            "97549-0",
        ],
    ),
    (
        LOINC,
        "http://hl7.org/fhir/StructureDefinition/bodytemp",
        &[
            "8310-5", "60834-9", "60835-6", "60836-4", "60838-0", "60955-2", "61009-7", "75539-7", "75987-8",
            "76010-8", "76011-6", "76278-1", "8309-7", "8328-7", "8329-5", "8330-3", "8331-1", "8332-9", "8333-7",
            "8334-5", "91371-5", "98657-0", "98663-8",
        ],
    ),
    (LOINC, "http://hl7.org/fhir/StructureDefinition/bodyheight", &["8302-2", "3137-7", "3138-5", "8306-3", "8308-9"]),
    (LOINC, "http://hl7.org/fhir/StructureDefinition/headcircum", &["9843-4", "8287-5"]),
    (
        LOINC,
        "http://hl7.org/fhir/StructureDefinition/bodyweight",
        &["29463-7", "3141-9", "3142-7", "75292-3", "79348-9", "8350-1", "8351-9"],
    ),
    (LOINC, "http://hl7.org/fhir/StructureDefinition/bmi", &["39156-5", "89270-3"]),
    (
        LOINC,
        "http://hl7.org/fhir/StructureDefinition/bp",
        &["85354-9", "35094-2", "8459-0", "76534-7", "55284-4", "8480-6"],
    ),
    (SNOMED, "http://hl7.org/fhir/StructureDefinition/vitalspanel", &["46680005"]),
    (SNOMED, "http://hl7.org/fhir/StructureDefinition/resprate", &["86290005", "271625008", "271306003"]),
    (
        SNOMED,
        "http://hl7.org/fhir/StructureDefinition/heartrate",
        &["249043002", "444981005", "399017001", "251670001", "429525003", "429614003"],
    ),
    (SNOMED, "http://hl7.org/fhir/StructureDefinition/oxygensat", &["442476006", "431314004"]),
    (
        SNOMED,
        "http://hl7.org/fhir/StructureDefinition/bodytemp",
        &[
            "386725007",
            "276885007",
            "300076005",
            "1222808002",
            "364246006",
            "307047009",
            "708499008",
            "431598003",
            "698831002",
            "698832009",
            "415882003",
            "415974002",
            "415929009",
            "415945006",
        ],
    ),
    (
        SNOMED,
        "http://hl7.org/fhir/StructureDefinition/bodyheight",
        &["1153637007", "1162419008", "50373000", "1162418000", "1230278008", "1162392001", "1162417005"],
    ),
    (
        SNOMED,
        "http://hl7.org/fhir/StructureDefinition/headcircum",
        &["363812007", "169876006", "1269262007", "363811000"],
    ),
    (
        SNOMED,
        "http://hl7.org/fhir/StructureDefinition/bodyweight",
        &["735395000", "425024002", "424927000", "784399000", "1162416001", "1162415002"],
    ),
    (SNOMED, "http://hl7.org/fhir/StructureDefinition/bmi", &["60621009"]),
    (
        SNOMED,
        "http://hl7.org/fhir/StructureDefinition/bp",
        &[
            "251076008",
            "163033001",
            "163035008",
            "386534000",
            "386536003",
            "271649006",
            "271650006",
            "407556006",
            "407554009",
            "716579001",
            "399304008",
        ],
    ),
];

/// The profile that FHIR asks of a resource for what it measures; none for what is no Observation of a vital sign.
pub fn implied(resource: &Value) -> Option<&'static str> {
    if text(resource, "resourceType") != Some("Observation") {
        return None;
    }
    let codings = list(resource.get("code")?, "coding");
    let of = |system: &str, codes: &[&str]| {
        let mut coded = codings.iter().filter(|coding| text(coding, "system") == Some(system));
        coded.any(|coding| text(coding, "code").is_some_and(|code| codes.contains(&code)))
    };
    SIGNS.iter().find(|(system, _, codes)| of(system, codes)).map(|(_, profile, _)| *profile)
}
