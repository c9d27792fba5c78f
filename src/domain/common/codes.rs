//! The code lists of the documents: code, system and Dutch meaning. Source: the code lists of the PZP dataset (zib2020
//! branch); a test compares them with its publication.

/// A code of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    pub code: &'static str,
    pub system: &'static str,
    /// Dutch.
    pub display: &'static str,
}

impl Code {
    /// The meaning in words for a reader.
    pub fn words(&self) -> &'static str {
        untagged(self.system, self.display)
    }
}

/// A display without SNOMED CT's semantic tag: `thuis (omgeving)` is said as `thuis`.
pub fn untagged<'d>(system: &str, display: &'d str) -> &'d str {
    let tagged = display.strip_suffix(')').filter(|_| system == SNOMED);
    tagged.and_then(|words| words.rsplit_once(" (")).map_or(display, |(words, _)| words)
}

macro_rules! lists {
    ($($(#[$doc:meta])* $name:ident = [$($code:literal $system:ident $display:literal,)*];)*) => {$(
        $(#[$doc])*
        pub const $name: &[Code] = &[$(Code { code: $code, system: $system, display: $display }),*];
    )*};
}

/// The entry of a list for a bare code; codes are unique within each list.
pub fn find(list: &'static [Code], code: &str) -> Option<&'static Code> {
    list.iter().find(|entry| entry.code == code)
}

/// The entry of a list for a code of a system.
pub fn find_in(list: &'static [Code], system: &str, code: &str) -> Option<&'static Code> {
    list.iter().find(|entry| entry.code == code && entry.system == system)
}

pub const SNOMED: &str = "http://snomed.info/sct";
pub const NULL_FLAVOR: &str = "http://terminology.hl7.org/CodeSystem/v3-NullFlavor";
pub const ADDRESS_USE: &str = "http://terminology.hl7.org/CodeSystem/v3-AddressUse";
pub const ROLE_CODE: &str = "http://terminology.hl7.org/CodeSystem/v3-RoleCode";
pub const UZI_ROLE: &str = "http://fhir.nl/fhir/NamingSystem/uzi-rolcode";
pub const ACT_CODE: &str = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
pub const GENDER_SYSTEM: &str = "http://terminology.hl7.org/CodeSystem/v3-AdministrativeGender";
pub const NAME_USAGE_SYSTEM: &str = "urn:oid:2.16.840.1.113883.2.4.3.11.60.101.5.4";
pub const TELECOM_DEVICE: &str = "urn:oid:2.16.840.1.113883.2.4.3.11.60.40.4.22.1";
pub const VEKTIS_RELATION: &str = "urn:oid:2.16.840.1.113883.2.4.3.11.22.472";
pub const EXTRA_ROLE: &str = "urn:oid:2.16.840.1.113883.2.4.3.11.60.40.4.23.1";
pub const TREATMENT_DECISION_SYSTEM: &str = "urn:oid:2.16.840.1.113883.2.4.3.11.60.40.4.25.1";
pub const ADVANCE_DIRECTIVE_SYSTEM: &str = "urn:oid:2.16.840.1.113883.2.4.3.11.60.40.4.14.1";

lists! {
    /// NaamgebruikCodelijst.
    NAME_USAGE = [
        "NL1" NAME_USAGE_SYSTEM "Eigen geslachtsnaam",
        "NL2" NAME_USAGE_SYSTEM "Geslachtsnaam partner",
        "NL3" NAME_USAGE_SYSTEM "Geslachtsnaam partner gevolgd door eigen geslachtsnaam",
        "NL4" NAME_USAGE_SYSTEM "Eigen geslachtsnaam gevolgd door geslachtsnaam partner",
        "UNK" NULL_FLAVOR "Onbekend",
    ];
    /// GeslachtCodelijst.
    GENDER = [
        "UN" GENDER_SYSTEM "Ongedifferentieerd",
        "M" GENDER_SYSTEM "Man",
        "F" GENDER_SYSTEM "Vrouw",
        "UNK" NULL_FLAVOR "Onbekend",
    ];
    /// AdresSoortCodelijst.
    ADDRESS_TYPE = [
        "PST" ADDRESS_USE "Postadres",
        "HP" ADDRESS_USE "Officieel adres",
        "PHYS" ADDRESS_USE "Woon-/verblijfadres",
        "TMP" ADDRESS_USE "Tijdelijk adres",
        "WP" ADDRESS_USE "Werkadres",
        "HV" ADDRESS_USE "Vakantie adres",
    ];
    /// TelecomTypeCodelijst.
    TELECOM_TYPE = [
        "LL" TELECOM_DEVICE "Land Line",
        "FAX" TELECOM_DEVICE "Fax",
        "MC" ADDRESS_USE "Mobiel telefoonnummer",
        "PG" ADDRESS_USE "Pieper",
    ];
    /// NummerSoortCodelijst.
    NUMBER_TYPE = [
        "HP" ADDRESS_USE "Telefoonnummer thuis",
        "TMP" ADDRESS_USE "Tijdelijk telefoonnummer",
        "WP" ADDRESS_USE "Zakelijk telefoonnummer",
    ];
    /// EmailSoortCodelijst.
    EMAIL_TYPE = [
        "HP" ADDRESS_USE "Privé e-mailadres",
        "WP" ADDRESS_USE "Zakelijk e-mailadres",
    ];
    /// SpecialismeUZICodelijst.
    SPECIALTY = [
        "01.000" UZI_ROLE "Arts",
        "01.002" UZI_ROLE "Allergoloog (gesloten register)",
        "01.003" UZI_ROLE "Anesthesioloog",
        "01.004" UZI_ROLE "Apotheekhoudende huisarts",
        "01.008" UZI_ROLE "Bedrijfsarts",
        "01.010" UZI_ROLE "Cardioloog",
        "01.011" UZI_ROLE "Cardiothoracaal chirurg",
        "01.012" UZI_ROLE "Dermatoloog",
        "01.013" UZI_ROLE "Arts v. maag-darm-leverziekten",
        "01.014" UZI_ROLE "Chirurg",
        "01.015" UZI_ROLE "Huisarts",
        "01.016" UZI_ROLE "Internist",
        "01.018" UZI_ROLE "Keel- neus- en oorarts",
        "01.019" UZI_ROLE "Kinderarts",
        "01.020" UZI_ROLE "Arts klinische chemie (gesloten register)",
        "01.021" UZI_ROLE "Klinisch geneticus",
        "01.022" UZI_ROLE "Klinisch geriater",
        "01.023" UZI_ROLE "Longarts",
        "01.024" UZI_ROLE "Arts-microbioloog",
        "01.025" UZI_ROLE "Neurochirurg",
        "01.026" UZI_ROLE "Neuroloog",
        "01.030" UZI_ROLE "Nucleair geneeskundige",
        "01.031" UZI_ROLE "Oogarts",
        "01.032" UZI_ROLE "Orthopedisch chirurg",
        "01.033" UZI_ROLE "Patholoog",
        "01.034" UZI_ROLE "Plastisch chirurg",
        "01.035" UZI_ROLE "Psychiater",
        "01.039" UZI_ROLE "Radioloog",
        "01.040" UZI_ROLE "Radiotherapeut",
        "01.041" UZI_ROLE "Reumatoloog",
        "01.042" UZI_ROLE "Revalidatiearts",
        "01.045" UZI_ROLE "Uroloog",
        "01.046" UZI_ROLE "Gynaecoloog",
        "01.047" UZI_ROLE "Specialist ouderengeneeskunde",
        "01.048" UZI_ROLE "Verzekeringsarts",
        "01.050" UZI_ROLE "Zenuwarts (gesloten register)",
        "01.062" UZI_ROLE "Internist-Allergoloog (gesloten register)",
        "01.055" UZI_ROLE "Arts maatschappij en gezondheid",
        "01.056" UZI_ROLE "Arts voor verstandelijk gehandicapten",
        "01.070" UZI_ROLE "Jeugdarts",
        "01.071" UZI_ROLE "Spoedeisende hulp arts (SEH-arts)",
        "01.074" UZI_ROLE "Sportarts",
        "02.000" UZI_ROLE "Tandarts",
        "02.053" UZI_ROLE "Orthodontist",
        "02.054" UZI_ROLE "Kaakchirurg",
        "03.000" UZI_ROLE "Verloskundige",
        "04.000" UZI_ROLE "Fysiotherapeut",
        "16.000" UZI_ROLE "Psychotherapeut",
        "17.000" UZI_ROLE "Apotheker",
        "17.060" UZI_ROLE "Ziekenhuisapotheker",
        "17.075" UZI_ROLE "Openbaar apotheker",
        "25.000" UZI_ROLE "Gezondheidszorgpsycholoog",
        "25.061" UZI_ROLE "Klinisch psycholoog",
        "25.063" UZI_ROLE "Klinisch neuropsycholoog",
        "30.000" UZI_ROLE "Verpleegkundige",
        "30.065" UZI_ROLE "Verpl. spec. prev. zorg bij som. aandoeningen",
        "30.066" UZI_ROLE "Verpl. spec. acute zorg bij som. aandoeningen",
        "30.067" UZI_ROLE "Verpl. spec. intensieve zorg bij som. aandoeningen",
        "30.068" UZI_ROLE "Verpl. spec. chronische zorg bij som. aandoeningen",
        "30.069" UZI_ROLE "Verpl. spec. geestelijke gezondheidszorg",
        "30.076" UZI_ROLE "Verpl. spec. algemene gezondheidszorg",
        "31.000" UZI_ROLE "Orthopedagoog-generalist",
        "79.000" UZI_ROLE "Geregistreerd-mondhygiënist",
        "80.000" UZI_ROLE "Bachelor medisch hulpverlener",
        "81.000" UZI_ROLE "Physician assistant",
        "82.000" UZI_ROLE "Klinisch technoloog",
        "83.000" UZI_ROLE "Apothekersassistent",
        "84.000" UZI_ROLE "Klinisch fysicus",
        "85.000" UZI_ROLE "Tandprotheticus",
        "86.000" UZI_ROLE "VIG-er",
        "87.000" UZI_ROLE "Optometrist",
        "88.000" UZI_ROLE "Huidtherapeut",
        "89.000" UZI_ROLE "Diëtist",
        "90.000" UZI_ROLE "Ergotherapeut",
        "91.000" UZI_ROLE "Logopedist",
        "92.000" UZI_ROLE "Mondhygiënist",
        "93.000" UZI_ROLE "Oefentherapeut Mensendieck",
        "94.000" UZI_ROLE "Oefentherapeut Cesar",
        "95.000" UZI_ROLE "Orthoptist",
        "96.000" UZI_ROLE "Podotherapeut",
        "97.000" UZI_ROLE "Radiodiagnostisch laborant",
        "98.000" UZI_ROLE "Radiotherapeutisch laborant",
        "99.000" UZI_ROLE "Zorgverlener andere zorg",
    ];
    /// RolCodelijst and RolContactpersoonCodelijst.
    ROLE = [
        "01" VEKTIS_RELATION "Eerste relatie/contactpersoon",
        "02" VEKTIS_RELATION "Tweede relatie/contactpersoon",
        "03" VEKTIS_RELATION "Curator (juridisch)",
        "04" VEKTIS_RELATION "Financieel (gemachtigd)",
        "05" VEKTIS_RELATION "Financieel (toetsing)",
        "06" VEKTIS_RELATION "Leefeenheid",
        "07" VEKTIS_RELATION "Hulpverlener",
        "09" VEKTIS_RELATION "Anders",
        "11" VEKTIS_RELATION "Voogd",
        "14" VEKTIS_RELATION "Bewindvoerder",
        "15" VEKTIS_RELATION "Mentor",
        "19" VEKTIS_RELATION "Buur",
        "20" VEKTIS_RELATION "Vriend(in)/kennis",
        "21" VEKTIS_RELATION "Cliëntondersteuner",
        "23" VEKTIS_RELATION "Contactpersoon",
        "24" VEKTIS_RELATION "Wettelijke vertegenwoordiger",
        "100001" EXTRA_ROLE "Mantelzorger",
        "100002" EXTRA_ROLE "Geestelijk verzorger",
        "100003" EXTRA_ROLE "Tolk",
        "100004" EXTRA_ROLE "Advocaat",
        "310141000146103" SNOMED "schriftelijk gemachtigde zorg en behandeling (persoon)",
    ];
    /// RelatieCodelijst.
    RELATIONSHIP = [
        "ADOPTF" ROLE_CODE "Adoptievader",
        "ADOPTM" ROLE_CODE "Adoptiemoeder",
        "AUNT" ROLE_CODE "Tante",
        "BRO" ROLE_CODE "Broer",
        "BROINLAW" ROLE_CODE "Zwager",
        "COUSN" ROLE_CODE "Neef/nicht, zoon/dochter van oom/tante",
        "DAUC" ROLE_CODE "Dochter",
        "DAUINLAW" ROLE_CODE "Schoondochter",
        "DOMPART" ROLE_CODE "Partner",
        "FTH" ROLE_CODE "Vader",
        "FTHINLAW" ROLE_CODE "Schoonvader",
        "DAUFOST" ROLE_CODE "Pleegdochter",
        "FTHFOST" ROLE_CODE "Pleegvader",
        "MTHFOST" ROLE_CODE "Pleegmoeder",
        "SONFOST" ROLE_CODE "Pleegzoon",
        "GRNDDAU" ROLE_CODE "Kleindochter",
        "GRFTH" ROLE_CODE "Opa",
        "GRMTH" ROLE_CODE "Oma",
        "GRNDSON" ROLE_CODE "Kleinzoon",
        "GGRFTH" ROLE_CODE "Overgrootvader",
        "GGRMTH" ROLE_CODE "Overgrootmoeder",
        "HUSB" ROLE_CODE "Echtgenoot",
        "MTH" ROLE_CODE "Moeder",
        "MTHINLAW" ROLE_CODE "Schoonmoeder",
        "NEPHEW" ROLE_CODE "Neef, zoon van broer/zus",
        "NIECE" ROLE_CODE "Nicht, dochter van broer/zus",
        "SIS" ROLE_CODE "Zuster",
        "SISINLAW" ROLE_CODE "Schoonzuster",
        "SONC" ROLE_CODE "Zoon",
        "SONINLAW" ROLE_CODE "Schoonzoon",
        "STPFTH" ROLE_CODE "Stiefvader",
        "STPMTH" ROLE_CODE "Stiefmoeder",
        "UNCLE" ROLE_CODE "Oom",
        "WIFE" ROLE_CODE "Echtgenote",
        "OTH" NULL_FLAVOR "Anders",
    ];
    /// ContactTypeCodelijst.
    CONTACT_TYPE = [
        "AMB" ACT_CODE "Poliklinisch",
        "EMER" ACT_CODE "SEH",
        "FLD" ACT_CODE "Op lokatie",
        "HH" ACT_CODE "Thuis",
        "IMP" ACT_CODE "Klinisch",
        "SS" ACT_CODE "Dagopname",
        "VR" ACT_CODE "Virtueel",
        "OTH" NULL_FLAVOR "Anders",
    ];
    /// Behandeldoelen.
    MEDICAL_POLICY_GOAL = [
        "385987000" SNOMED "zorg bij ziekte en/of letsel (regime/therapie)",
        "1351964001" SNOMED "levensverlengende behandeling (regime/therapie)",
        "713148004" SNOMED "voorkomen en behandelen van symptomen (verrichting)",
        "225353007" SNOMED "symptoommanagement (regime/therapie)",
        "UNK" NULL_FLAVOR "Nog onbekend",
    ];
    /// BehandelingCodelijst.
    TREATMENT = [
        "305351004" SNOMED "opname op intensive care",
        "89666000" SNOMED "cardiopulmonale resuscitatie",
        "40617009" SNOMED "kunstmatige beademing",
        "116762002" SNOMED "toediening van bloedproduct",
        "281789004" SNOMED "antibiotische therapie",
        "32485007" SNOMED "ziekenhuisopname",
        "OTH" NULL_FLAVOR "Anders",
    ];
    /// behandelgrensbesluit.
    TREATMENT_DECISION = [
        "0" TREATMENT_DECISION_SYSTEM "Wel uitvoeren",
        "1" TREATMENT_DECISION_SYSTEM "Anders",
        "2" TREATMENT_DECISION_SYSTEM "Niet uitvoeren",
        "UNK" NULL_FLAVOR "Onbekend",
    ];
    /// afspraak_uitzetten_icd_behandelbesluit.
    ICD_DECISION = [
        "0" TREATMENT_DECISION_SYSTEM "Wel uitvoeren",
        "ASKU" NULL_FLAVOR "Nee, nog geen besluit genomen",
        "NASK" NULL_FLAVOR "Niet besproken",
    ];
    /// behandeling_van_icd.
    ICD_TREATMENT = [
        "400231000146108" SNOMED "uitzetten van cardioverter-defibrillator in laatste levensfase (verrichting)",
    ];
    /// product_type_van_icd.
    ICD_PRODUCT = [
        "72506001" SNOMED "implanteerbare cardioverter-defibrillator",
        "465460004" SNOMED "univentriculaire implanteerbare cardioverter-defibrillator",
        "468542000" SNOMED "implanteerbare tweekamercardioverter-defibrillator",
        "704707009" SNOMED "implanteerbare biventriculaire cardioverter-defibrillator",
        "1263462004" SNOMED "pulsgenerator van defibrillator voor cardiale resynchronisatietherapie",
        "1236894001" SNOMED "subcutane implanteerbare cardioverter-defibrillator",
    ];
    /// Ja_Nee_Nogonbekend.
    YES_NO_UNKNOWN = [
        "373066001" SNOMED "ja (kwalificatiewaarde)",
        "373067005" SNOMED "nee (kwalificatiewaarde)",
        "UNK" NULL_FLAVOR "onbekend",
    ];
    /// LateraliteitCodelijst.
    LATERALITY = [
        "7771000" SNOMED "links",
        "24028007" SNOMED "rechts",
        "51440002" SNOMED "bilateraal",
    ];
    /// Voorkeursplek.
    PREFERRED_PLACE = [
        "264362003" SNOMED "thuis (omgeving)",
        "22232009" SNOMED "ziekenhuis (omgeving)",
        "108344006" SNOMED "verpleeghuis en/of locatie voor ambulante zorg (omgeving)",
        "284546000" SNOMED "hospice (omgeving)",
        "OTH" NULL_FLAVOR "Anders",
        "UNK" NULL_FLAVOR "Nog onbekend",
    ];
    /// WilsverklaringTypeCodelijst.
    ADVANCE_DIRECTIVE_TYPE = [
        "NR" ADVANCE_DIRECTIVE_SYSTEM "Niet reanimeren verklaring",
        "VOL" ADVANCE_DIRECTIVE_SYSTEM "Volmacht",
        "VERB" ADVANCE_DIRECTIVE_SYSTEM "Behandelverbod",
        "VERBVL" ADVANCE_DIRECTIVE_SYSTEM "Behandelverbod met aanvulling Voltooid Leven",
        "MON" ADVANCE_DIRECTIVE_SYSTEM "Mondelinge afspraak",
        "EU" ADVANCE_DIRECTIVE_SYSTEM "Euthanasieverzoek",
        "EUD" ADVANCE_DIRECTIVE_SYSTEM "Euthanasieverzoek met aanvulling Dementie",
        "LW" ADVANCE_DIRECTIVE_SYSTEM "Levenswensverklaring",
        "DO" ADVANCE_DIRECTIVE_SYSTEM "Verklaring donorschap",
        "ZB" ADVANCE_DIRECTIVE_SYSTEM "Zelfbindingsverklaring",
        "OTH" NULL_FLAVOR "Anders",
    ];
    /// euthanasie_standpunt_uitslag_waarde.
    EUTHANASIA_POSITION = [
        "340181000146102" SNOMED "Heeft euthanasieverklaring",
        "340201000146103" SNOMED "Wenst geen euthanasie",
        "340191000146100" SNOMED "Geen euthanasieverklaring, zou wel verzoek kunnen doen in bepaalde situaties",
        "UNK" NULL_FLAVOR "Onbekend",
    ];
    /// patient_gaat_akkoord_met_het_delen_van_deze_behandelafspraken_met_andere_betrokk.
    SHARING_CONSENT = [
        "441898007" SNOMED "toegestemd (kwalificatiewaarde)",
        "UNK" NULL_FLAVOR "Onbekend",
    ];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_sees_no_semantic_tags_and_all_other_words() {
        for (system, display, words) in [
            (SNOMED, "thuis (omgeving)", "thuis"),
            (SNOMED, "zorg bij ziekte en/of letsel (regime/therapie)", "zorg bij ziekte en/of letsel"),
            (SNOMED, "essentiële (primaire) hypertensie", "essentiële (primaire) hypertensie"),
            (VEKTIS_RELATION, "Curator (juridisch)", "Curator (juridisch)"),
        ] {
            assert_eq!(untagged(system, display), words);
        }
    }
}
