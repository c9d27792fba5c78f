//! English wording.

mod parts;

use crate::validator::kind::Kind;
use parts::{a, by_type, filter_form, fixed, form, near, no_criterion, no_snapshot, not_all, other_version, unchecked};

pub(super) fn text(kind: &Kind) -> String {
    use Kind::*;
    match kind {
        NotUtf8 => "From here on this is not UTF-8; save it as such.".into(),
        NotJson { fault } => format!("This is not JSON: {}.", fault.english()),
        NotXml { fault } => format!("This is not FHIR in XML: {}.", fault.english()),
        XmlOrder => "In XML elements have an order, and those of one name stand together; here they do not.".into(),
        XmlAttribute => "An attribute stands here that FHIR does not have; write an element.".into(),
        XmlNamespace => "This element is not in the namespace of FHIR.".into(),
        DuplicateProperty => "A property stands here twice; which of them counts cannot be told.".into(),
        NotAnObject => "A resource must be a JSON object.".into(),
        NoResourceType => "A resource must say what it is: add `resourceType`.".into(),
        UnknownResourceType => "FHIR R4 has no such resource type.".into(),
        ResourceTypeNotAllowed { allowed } => format!("This type of resource is not allowed here; allowed: {allowed}."),
        OtherFhirVersion { version, element } => other_version(version, *element),
        TooDeep { limit } => format!("Nested more than {limit} levels deep; not checked further."),
        UnknownProperty { name, of_version: Some(version) } => {
            format!("`{name}` is an element of FHIR {version}, and not of R4; remove it or write what R4 has for it.")
        }
        UnknownProperty { name, of_version: None } => {
            format!("`{name}` is no property of this element; remove it or correct its name.")
        }
        ExpectedObject => "A JSON object is expected here.".into(),
        ExpectedArray => "This element repeats: write it as a JSON array, also when there is one.".into(),
        ExpectedSingle => "This element does not repeat: give it once (in JSON without an array).".into(),
        WrongJsonType { expected } => format!("The value here must be {expected}."),
        EmptyArray => "An array cannot be empty; leave the property out.".into(),
        EmptyObject => "An element must have a value or children; leave it out (ele-1).".into(),
        NullValue => "null is not allowed here; leave the property out.".into(),
        EmptyValue { type_name } => format!("A value of type {type_name} cannot be empty; leave it out."),
        BadFormat { type_name } => format!("This does not have the form of {}: {}.", a(type_name), form(type_name)),
        BlankText => "Only white space says nothing; leave it out.".into(),
        ControlCharacters => "The text has control characters, which XML cannot carry.".into(),
        NotAbsolute { type_name } => format!("The {type_name} must be an absolute URL here."),
        BadUriScheme { expected } => format!("Write this URI with {expected} in front."),
        FormRefused { form } => format!("The value does not have the form that the profile asks for: {form}."),
        TooShort { min } => format!("Too short: at least {min} characters are asked for."),
        TooManyDecimals { max } => format!("At most {max} decimal places are allowed."),
        DataTooLarge { max } => format!("The data may have at most {max} bytes."),
        AttachmentSize => "`size` is not how many bytes the data has.".into(),
        AttachmentHash => "`hash` is not the SHA-1 of the data, in base64.".into(),
        AttachmentData => "The data of an attachment is base64 without white space.".into(),
        IdentifierSystem => "The system of an identifier must be an absolute URI.".into(),
        IdentifierScheme => "The system of an identifier is seldom a URI of this kind; is it the right one?".into(),
        IdentifierNotUri => "An identifier of system urn:ietf:rfc:3986 is itself a URI.".into(),
        IdentifierUuidSystem => {
            "UUIDs have no system of their own: write urn:ietf:rfc:3986 as system and urn:uuid: before the value."
                .into()
        }
        IdentifierNotUuid => "This system names the document that defines UUIDs, and the value is none.".into(),
        NoSuchDate { type_name } => format!("There is no such {type_name} in the calendar or on the clock."),
        NoTimeZone => "A date with a time must have a time zone, such as +01:00 or Z.".into(),
        TooLong { max, type_name } => format!("Too long: {} has at most {max} characters here.", a(type_name)),
        TooFew { element, min: 1, found: 0, profile } => {
            format!("`{element}` is required and missing (from {profile}).")
        }
        TooFew { element, min, found, profile } => {
            format!("`{element}`: at least {min} are required, found {found} (from {profile}).")
        }
        TooMany { element, max: 0, profile, .. } => format!("`{element}` may not be used here (from {profile})."),
        TooMany { element, max, found, profile } => {
            format!("`{element}`: at most {max} may be there, found {found} (from {profile}).")
        }
        SeveralTypes { element } => format!("`{element}` is given in more than one type; keep one."),
        TypeNotAllowed { element, allowed, .. } if allowed.is_empty() => format!("`{element}` may not be used here."),
        TypeNotAllowed { element, type_name, allowed } => {
            format!("`{element}` may not be {} here; allowed: {allowed}.", a(type_name))
        }
        NotFixed { expected } => format!("The value is fixed here: {}.", fixed(expected)),
        NotPattern { expected } => format!("The value must have at least: {expected}."),
        BelowMinimum { min } => format!("The value is less than the allowed minimum of {min}."),
        AboveMaximum { max } => format!("The value is greater than the allowed maximum of {max}."),
        LimitUnchecked { limit } => {
            format!("{limit} could not be checked: it counts from now, and no clock was given.")
        }
        SliceTooFew { slice, min, found, nearly } => {
            let nearly = nearly.as_ref().map_or(String::new(), near);
            if (*min, *found) == (1, 0) {
                format!("Slice `{slice}` is required, and nothing matches it.{nearly}")
            } else {
                format!("Slice `{slice}`: at least {min} must match, found {found}.{nearly}")
            }
        }
        SliceTooMany { slice, max: 0, .. } => format!("What matches slice `{slice}` may not be here."),
        SliceTooMany { slice, max, found } => format!("Slice `{slice}`: at most {max} may match, found {found}."),
        NoSlice { slices, nearly } => {
            let nearly = nearly.as_ref().map_or(String::new(), near);
            format!("This matches none of the slices, and no others are allowed: {slices}.{nearly}")
        }
        SeveralSlices { slices } => format!("This element is in more than one slice: {slices}."),
        SliceOrder { slice } => format!("Slice `{slice}` stands out of order."),
        SliceNotAtEnd => "What matches no slice must stand after all that does.".into(),
        SliceUndecidable { slice } => {
            format!("Slice `{slice}` could not be checked: its definition gives nothing to tell it by.")
        }
        SliceUnchecked { slice, needs: Some(needs) } => {
            format!(
                "Whether this is in slice `{slice}` could not be told: {needs} is not here; add the package that has it."
            )
        }
        SliceUnchecked { slice, needs: None } => {
            format!("Whether this is in slice `{slice}` could not be told: what the reference names is not here.")
        }
        ConstraintFailed { key, human } | ConstraintWarning { key, human } => format!("{key}: {human}"),
        ConstraintBroken { key, reason } => {
            format!("Constraint {key} of the definition is no FHIRPath, and nothing can meet it: {reason}.")
        }
        ConstraintUnchecked { key, reason } => format!("Constraint {key} could not be checked: {}.", unchecked(reason)),
        CodeNotInValueSet { value_set, codes } => {
            let codes = if codes.is_empty() { String::new() } else { format!(" Its codes: {codes}.") };
            format!("A code from value set {value_set} is required, and this is not one.{codes}")
        }
        NoCodeFromValueSet { value_set } => {
            format!("A code from value set {value_set} is required, and there is none.")
        }
        ExtensibleOutside { value_set } => format!("Not from value set {value_set}: use a code of it where one fits."),
        MaxValueSetOutside { value_set } => {
            format!("A code from the largest allowed value set {value_set} is required.")
        }
        PreferredOutside { value_set } => format!("Not from the preferred value set {value_set}."),
        ValueSetUnchecked { value_set, is_here: true } => {
            format!("Codes of value set {value_set} could not be checked: its code systems are not here.")
        }
        ValueSetUnchecked { value_set, is_here: false } => {
            format!("Value set {value_set} is not here, and codes of it were not checked: add its package.")
        }
        ServerSilent => {
            "The terminology server that was named does not answer; what it would tell was not checked.".into()
        }
        UnknownCode { system } => format!("Code system {system} has no such code."),
        WrongDisplay { system, display } => {
            format!("The display is none of those that {system} gives for this code, such as \"{display}\".")
        }
        BadUnit => "This is no UCUM unit.".into(),
        UnitNotComparable => "The unit cannot be converted to that of the limit.".into(),
        RelativeSystem => "The system of a code must be an absolute URI.".into(),
        CodeVersionUnchecked { system } => {
            format!("This version of {system} is not here; whether it has the code was not checked.")
        }
        SupplementAsSystem => "This system is a supplement; name the code system that it adds to.".into(),
        ValueSetAsSystem => "This system is a value set; name the code system.".into(),
        UnknownExtension => "The definition of this extension is not here; it was not checked.".into(),
        UnknownExtensionRefused => {
            "The definition of this extension could not be found, so it is not allowed here.".into()
        }
        UnknownModifierExtension => {
            "This modifier extension is not known, and may change what the element means; it cannot be accepted.".into()
        }
        ExtensionPartUnknown => "The extension around this is not defined to have a part with this url.".into(),
        RelativeExtensionUrl => "The url of an extension must be absolute.".into(),
        ExtensionNotHere { url, allowed } => {
            format!("Extension {url} is not allowed on this element; it belongs on: {allowed}.")
        }
        ExtensionInvariant { invariant } => {
            format!("An extension is allowed on this element only where this holds: {invariant}.")
        }
        ExtensionIsModifier => "This extension changes meaning and must be used as a modifierExtension.".into(),
        ExtensionIsNoModifier => "This extension does not change meaning and must be used as an extension.".into(),
        NotAnExtension => "The url names a definition that is no extension.".into(),
        ExtensionUrlVersion => "The url of an extension has no version; leave it out.".into(),
        ExtensionWithoutValue => "This extension is a simple one: it must have a value, not extensions.".into(),
        UnknownProfile { profile } => {
            format!("Profile {profile} is not here; the resource was not checked against it.")
        }
        DefinitionIncomplete { reason } => format!("Not checked as a whole: {reason}"),
        ProfileOfOtherType { profile } => format!("Profile {profile} is for another type."),
        NotInProfile { profile } => format!("Profile {profile}, for another type, has no such element."),
        NoProfileMatches { profiles } => format!("None of these profiles is met: {profiles}."),
        ReferenceTarget { allowed } => {
            format!("This type of resource may not be referred to here; allowed: {allowed}.")
        }
        ReferenceTypeMismatch => {
            "`type` is not the name of the type that the reference leads to, such as Patient.".into()
        }
        ReferenceTypeUnknown => "The reference names a resource type that FHIR R4 does not have.".into(),
        ReferenceProfile { allowed } => {
            format!("The resource referred to keeps none of the profiles that are asked for: {allowed}.")
        }
        ReferenceProfileMissing { profile } => {
            format!("What is referred to must keep {profile}, which is not here: add the package that has it.")
        }
        ContainedNotFound => "There is no contained resource with this id (ref-1).".into(),
        ReferenceSeveral => "More than one entry of the Bundle has this fullUrl; which is meant cannot be told.".into(),
        ReferenceOfOtherType => "The entry that this leads to has another type.".into(),
        ReferenceRelative => "Within a Bundle a relative reference is a type and an id.".into(),
        ReferenceWithoutBase => {
            "The entry has no fullUrl: what this relative reference names is up to the server.".into()
        }
        NotInBundle => "The reference leads to no entry of the Bundle: check its fullUrl.".into(),
        NotInTransaction => "No entry of the transaction goes by this: give the one that is meant this fullUrl.".into(),
        ReferenceForm => "A reference has no white space, and a conditional one has a query.".into(),
        ReferenceAggregation { allowed } => format!("What is referred to must be {allowed}."),
        CanonicalOfOtherType { allowed } => {
            format!("This canonical names a definition of another kind; allowed: {allowed}.")
        }
        ContainedWithoutId => "A contained resource must have an id.".into(),
        ContainedUnused => {
            "Nothing refers to this contained resource, nor does it refer to its container (dom-3).".into()
        }
        SecurityLabelTwice => "This security label stands here already.".into(),
        DuplicateId => "This id occurs more than once in the resource.".into(),
        FullUrlRelative => "fullUrl must be an absolute URL.".into(),
        FullUrlMismatch => "fullUrl looks like a RESTful URL and must end in the type and id of its resource.".into(),
        FullUrlMissing => "Every entry needs a fullUrl, but in a batch or transaction.".into(),
        FullUrlWithoutId => "fullUrl looks like a RESTful URL, and its resource has no id.".into(),
        EntryUnreachable => "No link leads from the Composition to this entry, nor back.".into(),
        SearchEntryWithoutId => "A search result must have an id.".into(),
        SearchEntryWithoutResource => "An entry of a search set must have a resource.".into(),
        SearchEntryOutcome => "An entry with mode `outcome` must be an OperationOutcome.".into(),
        SearchEntryOfOtherType => "The search did not ask for this type of resource.".into(),
        RequestWithoutResource => "This request creates or updates a resource, and none comes with it.".into(),
        RequestWithoutId => "A PUT names type and id of the resource in its url, or a search that finds it.".into(),
        RequestOtherId => "The id of the resource is not the one in the url of the request.".into(),
        RequestOtherType => "The url of the request names another type than that of the resource.".into(),
        LinkNotAllowed => "A paging link does not belong in this type of Bundle.".into(),
        LinkTwice => "A link with this relation stands here already.".into(),
        StylesheetUnresolved => "The stylesheet is no entry of the Bundle.".into(),
        SignatureForm => "The data of this signature is no JWS: a header in JSON, a payload and the signature.".into(),
        SignatureTime => "The time within the signature is not that of `when`.".into(),
        NarrativeMalformed { fault: Some(fault) } => format!("The narrative is not XHTML: {}.", fault.english()),
        NarrativeMalformed { fault: None } => "The narrative is not well-formed XHTML with one div around it.".into(),
        NarrativeElement { name } => format!("Element `{name}` is not allowed in a narrative (txt-1)."),
        NarrativeAttribute { name } => format!("Attribute `{name}` is not allowed in a narrative (txt-1)."),
        NarrativeAttributeUnusual { name } => format!("Not every reader takes attribute `{name}`; leave it out."),
        NarrativeEmpty => "The narrative has nothing to read (txt-2).".into(),
        NarrativeNamespace => "The div of a narrative must be in namespace http://www.w3.org/1999/xhtml.".into(),
        NarrativeLink => "A link within the narrative leads nowhere.".into(),
        NarrativeUrl => "A link or image of the narrative has no usable address.".into(),
        NarrativeNesting { name } => format!("`{name}` may not stand directly in this element of the narrative."),
        QuestionnaireUnknown => "The questionnaire is not here; the answers were not checked against it.".into(),
        QuestionnaireTooCostly => {
            "There is too much to compare; not every answer was checked against its question.".into()
        }
        LinkIdUnknown { link } => format!("The questionnaire has no item with linkId `{link}`."),
        LinkIdMisplaced { link } => format!("The questionnaire has item `{link}` in another place."),
        ItemOrder { link } => format!("Item `{link}` stands out of the order of the questionnaire."),
        ItemNotEnabled => "This item is not enabled by the other answers, and may not be answered.".into(),
        GroupWithAnswer => "A group has items, no answers.".into(),
        DisplayWithAnswer => "A display item has neither answers nor items.".into(),
        QuestionWithItems => "Items under a question stand within its answer.".into(),
        AnswerRequired { link } => format!("The required item `{link}` has no answer."),
        GroupRequired => "A required group has no items.".into(),
        AnswerRepeats { link } => format!("Item `{link}` may be answered once."),
        AnswerCount { min, found } => format!("At least {min} answers are asked for; there are {found}."),
        AnswerCountAbove { max, found } => format!("At most {max} answers are asked for; there are {found}."),
        AnswerType { expected } => format!("The answer must be {}.", a(expected)),
        AnswerNotAnOption => "The answer is none of the options.".into(),
        AnswerTooLong { max } => format!("The answer may have at most {max} characters."),
        AnswerTooShort { min } => format!("The answer must have at least {min} characters."),
        AnswerBelowMinimum => "The answer is less than the questionnaire's minimum.".into(),
        AnswerAboveMaximum => "The answer is greater than the questionnaire's maximum.".into(),
        AnswerNotComparable => {
            "The answer cannot be compared with the questionnaire's limit: give units that UCUM knows.".into()
        }
        AnswerDecimals { max } => format!("The answer may have at most {max} decimal places."),
        AnswerUnit => "The unit is none of those that the questionnaire allows.".into(),
        AnswerMimeType => "The type of the attachment is none of those that the questionnaire allows.".into(),
        AnswerMaxSize { max } => format!("The attachment may have at most {max} bytes."),
        ItemText => "The text of this item is not the questionnaire's; correct it or leave it out.".into(),
        AnswerPattern => "The answer does not have the form that the questionnaire asks for.".into(),
        AnswerExclusive => "This answer excludes others, and there are more.".into(),
        AnswerReferenceType { allowed } => format!("The answer must refer to one of these types: {allowed}."),
        EnableWhenInner => "An item cannot depend on an answer within itself.".into(),
        EnableWhenUnknown => "enableWhen names a question that the questionnaire does not have.".into(),
        EnableWhenSelf => "An item cannot depend on its own answer.".into(),
        EnableWhenAfter => "enableWhen names a question that comes later.".into(),
        DerivedItemNew { from } => {
            format!("The questionnaire complies with {from}, which has no item with this linkId.")
        }
        DerivedItemDiffers { property, from } => {
            format!("`{property}` is not what {from} has or allows for this item.")
        }
        MeasureScore { scoring } => format!("A measure that is scored by {scoring} has no measureScore."),
        MeasureShare => "A proportion is a number from 0 to 1.".into(),
        MeasureScoreMissing { scoring } => {
            format!("A measure that is scored by {scoring} has a measureScore with a value.")
        }
        MeasureScoreUnit => "A proportion has no unit.".into(),
        MeasureGroupCode => "This group, population or stratifier has no code that the measure has there.".into(),
        MeasureGroupTwice => "The measure's group, population or stratifier with this code is reported already.".into(),
        MeasureGroupMissing => "A group, population or stratifier of the measure is not reported.".into(),
        MeasureCount { found } => format!("`count` is not the number of subjects that are named: {found}."),
        MeasureSubjects => "subjectResults belong in a subject list alone, and are as many as count says.".into(),
        DifferentialPath { path } => format!("Element {path} of the differential has no match in the base definition."),
        DifferentialOrder { path } => {
            format!("Element {path} stands before one that comes earlier in the base definition.")
        }
        DifferentialRootSlicing => "The root of a profile cannot be sliced.".into(),
        DifferentialBinding => "A binding means nothing on an element of this type.".into(),
        DifferentialDiscriminator { path } => format!("The discriminator {path} leads to no element."),
        DefinitionType { type_name } => {
            format!("The type `{type_name}` does not fit the kind and derivation of this definition.")
        }
        DifferentialWidens { property } => format!("`{property}` allows more than the base definition does."),
        DifferentialValueType { type_name } => {
            format!("A fixed value or pattern of type {type_name} fits none of the types of this element.")
        }
        DifferentialProfileType => "This profile is for another type than the one that it is named for.".into(),
        DefinitionKind => "The kind must be that of the base definition.".into(),
        DefinitionDerivation => "A definition with a base says its derivation.".into(),
        DefinitionBaseType { base } => {
            format!("A profile has the type of its base ({base}); a new type has one of its own.")
        }
        ElementPath { type_name } => format!("The path of an element starts with {type_name}."),
        NotInProfiles { property } => {
            format!("`{property}` is said where an element is first defined, and not in a profile.")
        }
        NotInTypes { property } => format!("`{property}` is said in a profile, and not where a type is defined."),
        ElementProperty { property, types } => format!("`{property}` means nothing on an element of type {types}."),
        ElementType { type_name, allowed } => {
            format!("The base definition does not allow {type_name} here; it allows: {allowed}.")
        }
        ElementTypeMissing => "An element of a snapshot has a type, or the name of the element that it is like.".into(),
        SlicingOfOne => "An element that occurs once, and is no choice of types, cannot be sliced.".into(),
        SlicingByType { broken } => format!("Slices of a choice that have a type each: {}.", by_type(*broken)),
        SliceNotSetUp { slice } => {
            format!("Slice `{slice}` has no `slicing` that says how it is told: give the element one before it.")
        }
        SliceUnnamed => "The id of this element names a slice; give it a `sliceName`.".into(),
        SlicingChanged { property } => {
            format!("The base definition is sliced in another way: `{property}` cannot become this.")
        }
        ConstraintKeyTaken { key } => {
            format!("Constraint {key} stands elsewhere with another expression; give this one a key of its own.")
        }
        ConstraintSource { key } => {
            format!("Constraint {key} is said to come from another definition; leave `source` out.")
        }
        ConstraintExpression { key, reason } => format!("Constraint {key} cannot be evaluated: {reason}."),
        ExtensionUrlFixed => "The definition of an extension fixes Extension.url to its own url.".into(),
        ContextUnknown { context } => format!("The context {context} is no element."),
        ContextOfNoExtension => "Only an extension has a context.".into(),
        SnapshotImpossible { reason } => {
            format!("Not every tool can make a snapshot of this definition: {}.", no_snapshot(*reason))
        }
        CodeTwice => "This code is defined twice.".into(),
        CodeCount { found } => format!("The code system has {found} concepts."),
        ContentPresent => "A code system whose content is not-present lists no concepts.".into(),
        PropertyTwice => "A property with this code or uri is declared already.".into(),
        PropertyType { expected } => format!("The value of this property must be {}.", a(expected)),
        PropertyUri => "The uri of a property is absolute, and in the space of HL7 one that HL7 defines.".into(),
        PropertyCode { expected } => {
            format!("The property with this uri has the code `{expected}`; this code is another's.")
        }
        PropertyReference => {
            "The value of this property is a code of the code system, and there is none like it.".into()
        }
        AllCodesSet { reason } => format!("The value set of all codes is not that: {}.", not_all(*reason)),
        SupplementOfNothing => "A supplement names the code system that it supplements.".into(),
        SupplementContent => "What supplements a code system has content supplement.".into(),
        SupplementCase => "Whether case matters is said by the code system that is supplemented; leave it out.".into(),
        SupplementCode => "The code system that is supplemented has no such code.".into(),
        SupplementHierarchy => {
            "hierarchyMeaning is not that of the code system that is supplemented; leave it out.".into()
        }
        SupplementCount => "count must be that of the code system that is supplemented; leave it out.".into(),
        IncludeRelative => "The system must be an absolute URL.".into(),
        IncludeVersion => "The version of a code system stands in `version`, not behind its URL.".into(),
        IncludeNoSystem => "This is the URL of a value set; name its code system, or include it in `valueSet`.".into(),
        IncludeSupplement => "This is a supplement; name the code system that it supplements.".into(),
        FilterExpression => "The regular expression of this filter is not one.".into(),
        FilterOperator { allowed } => format!("This property is not filtered with this operator; allowed: {allowed}."),
        FilterValue { expected } => format!("The value of this filter must be {}.", filter_form(*expected)),
        IncludeByOid { system } => format!("This code system has a url: name it by that ({system}), not by its OID."),
        ExpressionBroken => "This is not FHIRPath.".into(),
        ExpressionWrong { reason } => format!("The expression cannot be right: {reason}."),
        SearchParameterDiffers { property } => {
            format!("`{property}` is not what the search parameter that is named has.")
        }
        CompositeParts => "A composite search parameter has at least two components.".into(),
        MapName => "A name in a map begins with a letter, and has letters and digits alone.".into(),
        MapNameTwice => "This name stands here already.".into(),
        MapVariable { name } => format!("The variable `{name}` is not known here in this role."),
        MapPath { element } => format!("The type here has no element `{element}`."),
        MapType { type_name } => format!("The type `{type_name}` is not known, or not possible here."),
        MapMode => "The structure of this type has another mode.".into(),
        MapGroupUnknown => "There is no group of this name, here or in what is imported.".into(),
        MapArguments { wanted, found } => format!("The group takes {wanted} variables; {found} are given."),
        MapParameters => "This transform takes other parameters.".into(),
        OperationDiffers { property } => {
            format!("The profile of the parameters says another `{property}` of this one.")
        }
        GuideUrl => "A guide is named by the url of its ImplementationGuide.".into(),
        GuideVersion => "The version of a guide stands in `version`, not only behind its url.".into(),
        MeasureCriteria { reason } => format!("This criterion cannot be found: {}.", no_criterion(*reason)),
    }
}
