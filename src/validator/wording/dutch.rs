//! Dutch wording.

mod parts;

use crate::validator::kind::Kind;
use parts::{
    by_type, filter_form, fixed, form, json_type, near, no_criterion, no_snapshot, not_all, not_in_value_set,
    other_version, slice_too_few, too_few, unchecked, value_set_unchecked,
};

pub(super) fn text(kind: &Kind) -> String {
    use Kind::*;
    match kind {
        NotUtf8 => "Vanaf hier is dit geen UTF-8; sla het als UTF-8 op.".into(),
        NotJson { fault } => format!("Dit is geen JSON: {}.", fault.dutch()),
        NotXml { fault } => format!("Dit is geen FHIR in XML: {}.", fault.dutch()),
        XmlOrder => "In XML hebben elementen een volgorde, en staan die van één naam bij elkaar; hier niet.".into(),
        XmlAttribute => "Hier staat een attribuut dat FHIR niet heeft; schrijf een element.".into(),
        XmlNamespace => "Dit element is niet in de namespace van FHIR.".into(),
        DuplicateProperty => "Een eigenschap staat hier twee keer; welke geldt, is niet te zeggen.".into(),
        NotAnObject => "Een resource moet een JSON-object zijn.".into(),
        NoResourceType => "Een resource moet zeggen wat hij is: voeg `resourceType` toe.".into(),
        UnknownResourceType => "FHIR R4 kent dit type resource niet.".into(),
        ResourceTypeNotAllowed { allowed } => format!("Dit type resource mag hier niet; wel: {allowed}."),
        OtherFhirVersion { version, element } => other_version(version, *element),
        TooDeep { limit } => format!("Meer dan {limit} niveaus diep genest; niet verder gecontroleerd."),
        UnknownProperty { name, of_version: Some(version) } => {
            format!(
                "`{name}` is een element van FHIR {version}, en niet van R4; verwijder het of schrijf wat R4 ervoor heeft."
            )
        }
        UnknownProperty { name, of_version: None } => {
            format!("`{name}` hoort niet bij dit element; verwijder het of verbeter de naam.")
        }
        ExpectedObject => "Hier hoort een JSON-object.".into(),
        ExpectedArray => {
            "Dit element kan vaker voorkomen: schrijf het in JSON als lijst, ook als er maar één is.".into()
        }
        ExpectedSingle => "Dit element mag maar één keer voorkomen: geef het één keer (in JSON zonder lijst).".into(),
        WrongJsonType { expected } => format!("Hier hoort {}.", json_type(expected)),
        EmptyArray => "Een lijst mag niet leeg zijn; laat de eigenschap weg.".into(),
        EmptyObject => "Een element heeft een waarde of onderdelen; laat het weg (ele-1).".into(),
        NullValue => "null mag hier niet; laat de eigenschap weg.".into(),
        EmptyValue { type_name } => format!("Een {type_name} mag niet leeg zijn; laat hem weg."),
        BadFormat { type_name } => format!("Dit heeft niet de vorm van een {type_name}: {}.", form(type_name)),
        BlankText => "Alleen witruimte zegt niets; laat het weg.".into(),
        ControlCharacters => "De tekst heeft stuurtekens, die XML niet kan bevatten.".into(),
        NotAbsolute { type_name } => format!("Een {type_name} moet hier een absolute URL zijn."),
        BadUriScheme { expected } => format!("Schrijf deze URI met {expected} ervoor."),
        FormRefused { form } => format!("De waarde heeft niet de vorm die het profiel vraagt: {form}."),
        TooShort { min } => format!("Te kort: minstens {min} tekens worden gevraagd."),
        TooManyDecimals { max } => format!("Hoogstens {max} decimalen zijn toegestaan."),
        DataTooLarge { max } => format!("De data mag hoogstens {max} bytes zijn."),
        AttachmentSize => "`size` is niet het aantal bytes van de data.".into(),
        AttachmentHash => "`hash` is niet de SHA-1 van de data, in base64.".into(),
        AttachmentData => "De gegevens van een bijlage zijn base64 zonder witruimte.".into(),
        IdentifierSystem => "Het system van een identifier moet een absolute URI zijn.".into(),
        IdentifierScheme => "Het system van een identifier is zelden een URI van deze soort; is dit de goede?".into(),
        IdentifierNotUri => "Een identifier met system urn:ietf:rfc:3986 is zelf een URI.".into(),
        IdentifierUuidSystem => {
            "UUID's hebben geen eigen system: schrijf urn:ietf:rfc:3986 als system en urn:uuid: voor de waarde.".into()
        }
        IdentifierNotUuid => "Dit system is het document dat UUID's beschrijft, en de waarde is er geen.".into(),
        NoSuchDate { type_name } => format!("Deze {type_name} bestaat niet op kalender of klok."),
        NoTimeZone => "Een datum met tijd heeft een tijdzone nodig, zoals +01:00 of Z.".into(),
        TooLong { max, type_name } => format!("Te lang: een {type_name} heeft hier hoogstens {max} tekens."),
        TooFew { element, min, found, profile } => too_few(element, (*min, *found), profile),
        TooMany { element, max: 0, profile, .. } => format!("`{element}` mag hier niet (volgens {profile})."),
        TooMany { element, max, found, profile } => {
            format!("`{element}`: hoogstens {max} toegestaan, gevonden {found} (volgens {profile}).")
        }
        SeveralTypes { element } => format!("`{element}` staat er in meer dan één type; houd er één."),
        TypeNotAllowed { element, allowed, .. } if allowed.is_empty() => format!("`{element}` mag hier niet."),
        TypeNotAllowed { element, type_name, allowed } => {
            format!("`{element}` mag hier geen {type_name} zijn; wel: {allowed}.")
        }
        NotFixed { expected } => format!("De waarde ligt hier vast: {}.", fixed(expected)),
        NotPattern { expected } => format!("De waarde moet minstens bevatten: {expected}."),
        BelowMinimum { min } => format!("De waarde is kleiner dan het minimum {min}."),
        AboveMaximum { max } => format!("De waarde is groter dan het maximum {max}."),
        LimitUnchecked { limit } => {
            format!("{limit} kon niet gecontroleerd worden: het telt vanaf nu, en er is geen klok.")
        }
        SliceTooFew { slice, min, found, nearly } => slice_too_few(slice, (*min, *found), nearly.as_ref()),
        SliceTooMany { slice, max: 0, .. } => format!("Wat bij slice `{slice}` past, mag hier niet."),
        SliceTooMany { slice, max, found } => {
            format!("Slice `{slice}`: hoogstens {max} toegestaan, {found} gevonden.")
        }
        NoSlice { slices, nearly } => {
            let nearly = nearly.as_ref().map_or(String::new(), near);
            format!("Dit past bij geen van de slices, en andere mogen niet: {slices}.{nearly}")
        }
        SeveralSlices { slices } => format!("Dit element valt in meer dan één slice: {slices}."),
        SliceOrder { slice } => format!("Slice `{slice}` staat niet op volgorde."),
        SliceNotAtEnd => "Wat bij geen slice past, moet achteraan staan.".into(),
        SliceUndecidable { slice } => {
            format!(
                "Slice `{slice}` kon niet gecontroleerd worden: de definitie zegt niet waaraan hij te herkennen is."
            )
        }
        SliceUnchecked { slice, needs: Some(needs) } => {
            format!(
                "Of dit in slice `{slice}` valt, kon niet bepaald worden: {needs} is er niet; voeg het pakket toe dat het heeft."
            )
        }
        SliceUnchecked { slice, needs: None } => {
            format!(
                "Of dit in slice `{slice}` valt, kon niet bepaald worden: waar de verwijzing naar wijst, is hier niet aanwezig."
            )
        }
        ConstraintFailed { key, human } | ConstraintWarning { key, human } => format!("{key}: {human}"),
        ConstraintBroken { key, reason } => {
            format!("Regel {key} van de definitie is geen FHIRPath, en niets kan eraan voldoen: {reason}.")
        }
        ConstraintUnchecked { key, reason } => {
            format!("Regel {key} kon niet gecontroleerd worden: {}.", unchecked(reason))
        }
        CodeNotInValueSet { value_set, codes } => not_in_value_set(value_set, codes),
        NoCodeFromValueSet { value_set } => format!("Een code uit waardelijst {value_set} is verplicht, en ontbreekt."),
        ExtensibleOutside { value_set } => {
            format!("Niet uit waardelijst {value_set}: gebruik een code daaruit als er een past.")
        }
        MaxValueSetOutside { value_set } => {
            format!("Een code uit de ruimste toegestane waardelijst {value_set} is verplicht.")
        }
        PreferredOutside { value_set } => format!("Niet uit de aanbevolen waardelijst {value_set}."),
        ValueSetUnchecked { value_set, is_here } => value_set_unchecked(value_set, *is_here),
        ServerSilent => {
            "De terminologieserver die genoemd is, antwoordt niet; wat die zou zeggen, is niet gecontroleerd.".into()
        }
        UnknownCode { system } => format!("Codesysteem {system} kent deze code niet."),
        WrongDisplay { system, display } => {
            format!("De weergave is geen van die van {system} voor deze code, zoals \"{display}\".")
        }
        BadUnit => "Dit is geen UCUM-eenheid.".into(),
        UnitNotComparable => "De eenheid is niet om te rekenen naar die van de grens.".into(),
        RelativeSystem => "Het system van een code moet een absolute URI zijn.".into(),
        CodeVersionUnchecked { system } => {
            format!("Deze versie van {system} is hier niet; of zij de code kent, is niet nagegaan.")
        }
        SupplementAsSystem => "Dit system is een supplement; noem het codesysteem dat het aanvult.".into(),
        ValueSetAsSystem => "Dit system is een waardelijst; noem het codesysteem.".into(),
        UnknownExtension => "De definitie van deze extensie is er niet; zij is niet gecontroleerd.".into(),
        UnknownExtensionRefused => "De definitie van deze extensie is niet gevonden, dus zij mag hier niet.".into(),
        UnknownModifierExtension => {
            "Deze modifier-extensie is onbekend en kan de betekenis veranderen; dat kan niet aangenomen worden.".into()
        }
        ExtensionPartUnknown => "De extensie hieromheen heeft volgens haar definitie geen deel met deze url.".into(),
        RelativeExtensionUrl => "De url van een extensie moet absoluut zijn.".into(),
        ExtensionNotHere { url, allowed } => {
            format!("Extensie {url} mag niet bij dit element; zij hoort bij: {allowed}.")
        }
        ExtensionInvariant { invariant } => {
            format!("Een extensie mag alleen op dit element staan waar dit geldt: {invariant}.")
        }
        ExtensionIsModifier => "Deze extensie verandert de betekenis en hoort in modifierExtension.".into(),
        ExtensionIsNoModifier => "Deze extensie verandert de betekenis niet en hoort in extension.".into(),
        NotAnExtension => "De url noemt een definitie die geen extensie is.".into(),
        ExtensionUrlVersion => "De url van een extensie heeft geen versie; laat die weg.".into(),
        ExtensionWithoutValue => {
            "Deze extensie is een enkelvoudige: die moet een waarde hebben, geen extensies.".into()
        }
        UnknownProfile { profile } => format!("Profiel {profile} is er niet; daartegen is niet gecontroleerd."),
        DefinitionIncomplete { reason } => format!("Niet in zijn geheel nagegaan: {reason}"),
        ProfileOfOtherType { profile } => format!("Profiel {profile} is voor een ander type."),
        NotInProfile { profile } => format!("Profiel {profile}, voor een ander type, heeft zo'n element niet."),
        NoProfileMatches { profiles } => format!("Aan geen van deze profielen wordt voldaan: {profiles}."),
        ReferenceTarget { allowed } => format!("Naar dit type resource mag hier niet verwezen worden; wel: {allowed}."),
        ReferenceTypeMismatch => "`type` is niet de naam van het type waarheen verwezen wordt, zoals Patient.".into(),
        ReferenceTypeUnknown => "De verwijzing noemt een type resource dat FHIR R4 niet kent.".into(),
        ReferenceProfile { allowed } => {
            format!("De resource waarnaar verwezen wordt, voldoet aan geen van de gevraagde profielen: {allowed}.")
        }
        ReferenceProfileMissing { profile } => {
            format!(
                "Waarnaar verwezen wordt, moet voldoen aan {profile}, dat er niet is: voeg het pakket toe dat het heeft."
            )
        }
        ContainedNotFound => "Er is geen ingesloten resource met deze id (ref-1).".into(),
        ReferenceSeveral => {
            "Meer dan één entry van de Bundle heeft deze fullUrl; welke bedoeld is, is niet te zeggen.".into()
        }
        ReferenceOfOtherType => "De entry waarheen dit leidt, heeft een ander type.".into(),
        ReferenceRelative => "Binnen een Bundle is een relatieve verwijzing een type en een id.".into(),
        ReferenceWithoutBase => {
            "De entry heeft geen fullUrl: de server bepaalt waarheen deze relatieve verwijzing leidt.".into()
        }
        NotInBundle => "De verwijzing leidt naar geen entry van de Bundle: controleer fullUrl.".into(),
        NotInTransaction => "Geen entry van de transactie heet zo: geef de bedoelde deze fullUrl.".into(),
        ReferenceForm => "Een verwijzing heeft geen witruimte, en een voorwaardelijke heeft een zoekvraag.".into(),
        ReferenceAggregation { allowed } => format!("Waarnaar verwezen wordt, moet {allowed} zijn."),
        CanonicalOfOtherType { allowed } => {
            format!("Deze canonical noemt een definitie van een andere soort; wel: {allowed}.")
        }
        ContainedWithoutId => "Een ingesloten resource moet een id hebben.".into(),
        ContainedUnused => {
            "Niets verwijst naar deze ingesloten resource, en hij niet naar wat hem insluit (dom-3).".into()
        }
        SecurityLabelTwice => "Dit beveiligingslabel staat er al.".into(),
        DuplicateId => "Deze id komt meer dan eens voor in de resource.".into(),
        FullUrlRelative => "fullUrl moet een absolute URL zijn.".into(),
        FullUrlMismatch => "fullUrl lijkt een REST-URL en moet eindigen op type en id van de resource.".into(),
        FullUrlMissing => "Elke entry heeft een fullUrl nodig, behalve in een batch of transactie.".into(),
        FullUrlWithoutId => "fullUrl lijkt een REST-URL, en de resource heeft geen id.".into(),
        EntryUnreachable => "Geen verwijzing leidt van de Composition naar deze entry, of terug.".into(),
        SearchEntryWithoutId => "Een zoekresultaat moet een id hebben.".into(),
        SearchEntryWithoutResource => "Een entry van een zoekresultaat moet een resource hebben.".into(),
        SearchEntryOutcome => "Een entry met mode `outcome` moet een OperationOutcome zijn.".into(),
        SearchEntryOfOtherType => "Naar dit type resource was niet gezocht.".into(),
        RequestWithoutResource => "Deze opdracht maakt of wijzigt een resource, en er is er geen bij.".into(),
        RequestWithoutId => {
            "Een PUT noemt in de url type en id van de resource, of een zoekvraag die hem vindt.".into()
        }
        RequestOtherId => "De id van de resource is niet die in de url van de opdracht.".into(),
        RequestOtherType => "De url van de opdracht noemt een ander type dan dat van de resource.".into(),
        LinkNotAllowed => "Een bladerlink hoort niet in dit type Bundle.".into(),
        LinkTwice => "Een link met deze relatie staat hier al.".into(),
        StylesheetUnresolved => "Het stylesheet is geen entry van de Bundle.".into(),
        SignatureForm => {
            "De data van deze handtekening is geen JWS: een header in JSON, de inhoud en de handtekening.".into()
        }
        SignatureTime => "De tijd in de handtekening is niet die van `when`.".into(),
        NarrativeMalformed { fault: Some(fault) } => format!("De tekst is geen XHTML: {}.", fault.dutch()),
        NarrativeMalformed { fault: None } => "De tekst is geen welgevormde XHTML met één div eromheen.".into(),
        NarrativeElement { name } => format!("Element `{name}` mag niet in de tekst (txt-1)."),
        NarrativeAttribute { name } => format!("Attribuut `{name}` mag niet in de tekst (txt-1)."),
        NarrativeAttributeUnusual { name } => format!("Niet elke lezer kent attribuut `{name}`; laat het weg."),
        NarrativeEmpty => "In de tekst valt niets te lezen (txt-2).".into(),
        NarrativeNamespace => "De div van de tekst moet in namespace http://www.w3.org/1999/xhtml staan.".into(),
        NarrativeLink => "Een link in de tekst leidt nergens heen.".into(),
        NarrativeUrl => "Een link of plaatje in de tekst heeft geen bruikbaar adres.".into(),
        NarrativeNesting { name } => format!("`{name}` mag niet op deze plaats in de tekst staan."),
        QuestionnaireUnknown => "De vragenlijst is er niet; de antwoorden zijn er niet tegen gecontroleerd.".into(),
        QuestionnaireTooCostly => {
            "Er is te veel met elkaar te vergelijken; niet elk antwoord is tegen zijn vraag gecontroleerd.".into()
        }
        LinkIdUnknown { link } => format!("De vragenlijst heeft geen item met linkId `{link}`."),
        LinkIdMisplaced { link } => format!("De vragenlijst heeft item `{link}` op een andere plaats."),
        ItemOrder { link } => format!("Item `{link}` staat niet in de volgorde van de vragenlijst."),
        ItemNotEnabled => "Dit item is door de andere antwoorden niet aan de orde en mag niet beantwoord zijn.".into(),
        GroupWithAnswer => "Een groep heeft items, geen antwoorden.".into(),
        DisplayWithAnswer => "Een tekstitem heeft antwoorden noch items.".into(),
        QuestionWithItems => "Items onder een vraag staan binnen het antwoord.".into(),
        AnswerRequired { link } => format!("Het verplichte item `{link}` heeft geen antwoord."),
        GroupRequired => "Een verplichte groep heeft geen items.".into(),
        AnswerRepeats { link } => format!("Item `{link}` mag één keer beantwoord worden."),
        AnswerCount { min, found } => format!("Er zijn minstens {min} antwoorden nodig; het zijn er {found}."),
        AnswerCountAbove { max, found } => format!("Er mogen hoogstens {max} antwoorden zijn; het zijn er {found}."),
        AnswerType { expected } => format!("Het antwoord moet een {expected} zijn."),
        AnswerNotAnOption => "Het antwoord is geen van de keuzes.".into(),
        AnswerTooLong { max } => format!("Het antwoord mag hoogstens {max} tekens hebben."),
        AnswerTooShort { min } => format!("Het antwoord moet minstens {min} tekens hebben."),
        AnswerBelowMinimum => "Het antwoord is kleiner dan het minimum van de vragenlijst.".into(),
        AnswerAboveMaximum => "Het antwoord is groter dan het maximum van de vragenlijst.".into(),
        AnswerNotComparable => {
            "Het antwoord is niet met de grens van de vragenlijst te vergelijken: gebruik UCUM-eenheden.".into()
        }
        AnswerDecimals { max } => format!("Het antwoord mag hoogstens {max} decimalen hebben."),
        AnswerUnit => "De eenheid is geen van die de vragenlijst toestaat.".into(),
        AnswerMimeType => "Het type van de bijlage is geen van die de vragenlijst toestaat.".into(),
        AnswerMaxSize { max } => format!("De bijlage mag hoogstens {max} bytes zijn."),
        ItemText => "De tekst van dit item is niet die van de vragenlijst; verbeter die of laat die weg.".into(),
        AnswerPattern => "Het antwoord heeft niet de vorm die de vragenlijst vraagt.".into(),
        AnswerExclusive => "Dit antwoord sluit andere uit, en er zijn er meer.".into(),
        AnswerReferenceType { allowed } => format!("Het antwoord moet naar een van deze types verwijzen: {allowed}."),
        EnableWhenInner => "Een item kan niet afhangen van een antwoord binnen zichzelf.".into(),
        EnableWhenUnknown => "enableWhen noemt een vraag die de vragenlijst niet heeft.".into(),
        EnableWhenSelf => "Een item kan niet van zijn eigen antwoord afhangen.".into(),
        EnableWhenAfter => "enableWhen noemt een vraag die later komt.".into(),
        DerivedItemNew { from } => {
            format!("De vragenlijst houdt zich aan {from}, die geen item met deze linkId heeft.")
        }
        DerivedItemDiffers { property, from } => {
            format!("`{property}` is niet wat {from} voor dit item heeft of toestaat.")
        }
        MeasureScore { scoring } => format!("Een meting met score {scoring} heeft geen measureScore."),
        MeasureShare => "Een proportie is een getal van 0 tot 1.".into(),
        MeasureScoreMissing { scoring } => {
            format!("Een meting met score {scoring} heeft een measureScore met een waarde.")
        }
        MeasureScoreUnit => "Een proportie heeft geen eenheid.".into(),
        MeasureGroupCode => "Deze groep, populatie of stratificatie heeft geen code die de meting daar heeft.".into(),
        MeasureGroupTwice => "De groep, populatie of stratificatie met deze code staat er al.".into(),
        MeasureGroupMissing => "Een groep, populatie of stratificatie van de meting ontbreekt.".into(),
        MeasureCount { found } => format!("`count` is niet het aantal personen dat genoemd wordt: {found}."),
        MeasureSubjects => {
            "subjectResults horen alleen in een lijst van personen, en zijn er zoveel als count zegt.".into()
        }
        DifferentialPath { path } => format!("Element {path} van de differential hoort bij geen element van de basis."),
        DifferentialOrder { path } => {
            format!("Element {path} staat voor een element dat in de basis eerder komt.")
        }
        DifferentialRootSlicing => "De wortel van een profiel kan niet gesliced worden.".into(),
        DifferentialBinding => "Een binding zegt niets bij een element van dit type.".into(),
        DifferentialDiscriminator { path } => format!("De discriminator {path} leidt naar geen element."),
        DefinitionType { type_name } => {
            format!("Het type `{type_name}` past niet bij de soort en afleiding van deze definitie.")
        }
        DifferentialWidens { property } => format!("`{property}` laat meer toe dan de basisdefinitie."),
        DifferentialValueType { type_name } => {
            format!("Een vaste waarde of patroon van type {type_name} past bij geen van de typen van dit element.")
        }
        DifferentialProfileType => "Dit profiel is voor een ander type dan waarvoor het wordt genoemd.".into(),
        DefinitionKind => "De soort moet die van de basisdefinitie zijn.".into(),
        DefinitionDerivation => "Een definitie met een basis noemt haar afleiding.".into(),
        DefinitionBaseType { base } => {
            format!("Een profiel heeft het type van zijn basis ({base}); een nieuw type heeft er een van zichzelf.")
        }
        ElementPath { type_name } => format!("Het pad van een element begint met {type_name}."),
        NotInProfiles { property } => {
            format!("`{property}` staat waar een element voor het eerst wordt gedefinieerd, en niet in een profiel.")
        }
        NotInTypes { property } => {
            format!("`{property}` staat in een profiel, en niet waar een type wordt gedefinieerd.")
        }
        ElementProperty { property, types } => format!("`{property}` zegt niets bij een element van type {types}."),
        ElementType { type_name, allowed } => {
            format!("De basisdefinitie staat {type_name} hier niet toe; wel: {allowed}.")
        }
        ElementTypeMissing => {
            "Een element van een snapshot heeft een type, of de naam van het element waar het op lijkt.".into()
        }
        SlicingOfOne => {
            "Een element dat eenmaal voorkomt, en geen keuze van typen is, kan niet gesliced worden.".into()
        }
        SlicingByType { broken } => format!("Slices van een keuze met elk een type: {}.", by_type(*broken)),
        SliceNotSetUp { slice } => format!(
            "Slice `{slice}` heeft geen `slicing` die zegt waaraan hij te herkennen is: geef het element er eerst een."
        ),
        SliceUnnamed => "De id van dit element noemt een slice; geef het een `sliceName`.".into(),
        SlicingChanged { property } => {
            format!("De basisdefinitie is anders gesliced: `{property}` kan niet dit worden.")
        }
        ConstraintKeyTaken { key } => {
            format!("Constraint {key} staat elders met een andere expressie; geef deze een eigen sleutel.")
        }
        ConstraintSource { key } => format!("Constraint {key} zou uit een andere definitie komen; laat `source` weg."),
        ConstraintExpression { key, reason } => format!("Constraint {key} is niet uit te rekenen: {reason}."),
        ExtensionUrlFixed => "De definitie van een extensie zet Extension.url vast op haar eigen url.".into(),
        ContextUnknown { context } => format!("De context {context} is geen element."),
        ContextOfNoExtension => "Alleen een extensie heeft een context.".into(),
        SnapshotImpossible { reason } => {
            format!("Niet elk programma kan van deze definitie een snapshot maken: {}.", no_snapshot(*reason))
        }
        CodeTwice => "Deze code is tweemaal gedefinieerd.".into(),
        CodeCount { found } => format!("Het codesysteem heeft {found} concepten."),
        ContentPresent => "Een codesysteem met content not-present noemt geen concepten.".into(),
        PropertyTwice => "Een eigenschap met deze code of uri is al gedeclareerd.".into(),
        PropertyType { expected } => format!("De waarde van deze eigenschap moet een {expected} zijn."),
        PropertyUri => "De uri van een eigenschap is absoluut, en in de ruimte van HL7 een die HL7 bepaalt.".into(),
        PropertyCode { expected } => {
            format!("De eigenschap met deze uri heeft de code `{expected}`; deze code is van een andere.")
        }
        PropertyReference => "De waarde van deze eigenschap is een code van het codesysteem, en die is er niet.".into(),
        AllCodesSet { reason } => format!("De waardelijst van alle codes is dat niet: {}.", not_all(*reason)),
        SupplementOfNothing => "Een supplement noemt het codesysteem dat het aanvult.".into(),
        SupplementContent => "Wat een codesysteem aanvult, heeft content supplement.".into(),
        SupplementCase => "Of hoofdletters tellen zegt het codesysteem dat wordt aangevuld; laat het weg.".into(),
        SupplementCode => "Het codesysteem dat wordt aangevuld, heeft deze code niet.".into(),
        SupplementHierarchy => {
            "hierarchyMeaning is niet die van het codesysteem dat wordt aangevuld; laat het weg.".into()
        }
        SupplementCount => "count moet die van het codesysteem zijn dat wordt aangevuld; laat het weg.".into(),
        IncludeRelative => "Het system moet een absolute URL zijn.".into(),
        IncludeVersion => "De versie van een codesysteem staat in `version`, niet achter de URL.".into(),
        IncludeNoSystem => {
            "Dit is de URL van een waardelijst; noem het codesysteem ervan, of neem haar op in `valueSet`.".into()
        }
        IncludeSupplement => "Dit is een supplement; noem het codesysteem dat het aanvult.".into(),
        FilterExpression => "De reguliere expressie van dit filter is er geen.".into(),
        FilterOperator { allowed } => {
            format!("Op deze eigenschap wordt niet met deze operator gefilterd; wel met: {allowed}.")
        }
        FilterValue { expected } => format!("De waarde van dit filter moet {} zijn.", filter_form(*expected)),
        IncludeByOid { system } => {
            format!("Dit codesysteem heeft een url: noem het daarmee ({system}), niet met zijn OID.")
        }
        ExpressionBroken => "Dit is geen FHIRPath.".into(),
        ExpressionWrong { reason } => format!("De expressie kan niet kloppen: {reason}."),
        SearchParameterDiffers { property } => format!("`{property}` is niet wat de genoemde zoekparameter heeft."),
        CompositeParts => "Een samengestelde zoekparameter heeft minstens twee componenten.".into(),
        MapName => "Een naam in een map begint met een letter, en heeft alleen letters en cijfers.".into(),
        MapNameTwice => "Deze naam staat hier al.".into(),
        MapVariable { name } => format!("De variabele `{name}` is hier in deze rol niet bekend."),
        MapPath { element } => format!("Het type hier heeft geen element `{element}`."),
        MapType { type_name } => format!("Het type `{type_name}` is niet bekend, of hier niet mogelijk."),
        MapMode => "De structuur van dit type heeft een andere mode.".into(),
        MapGroupUnknown => "Er is geen groep met deze naam, hier of in wat wordt geïmporteerd.".into(),
        MapArguments { wanted, found } => format!("De groep vraagt {wanted} variabelen; er zijn er {found}."),
        MapParameters => "Deze transform vraagt andere parameters.".into(),
        OperationDiffers { property } => {
            format!("Het profiel van de parameters zegt een andere `{property}` van deze.")
        }
        GuideUrl => "Een gids wordt genoemd met de url van haar ImplementationGuide.".into(),
        GuideVersion => "De versie van een gids staat in `version`, niet alleen achter haar url.".into(),
        MeasureCriteria { reason } => format!("Dit criterium is niet te vinden: {}.", no_criterion(*reason)),
    }
}
