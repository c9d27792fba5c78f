//! What can be wrong, as data. Each kind has a stable identifier, listed in `docs/messages.md`; wording comes last.

use super::reason::{FilterForm, Fixed, NoCriterion, NoSnapshot, NotAllCodes, NotByType, Unchecked};
use crate::fhir::json::SyntaxFault;
use crate::fhir::xml;
use crate::fhir::{IssueCode, Severity};

/// One finding of the validator, at a FHIRPath expression.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Finding {
    pub kind: Kind,
    pub at: String,
}

type Text = Box<str>;

/// The item or slice that came nearest to matching, and what it lacks.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Nearly {
    /// An item (`identifier[1]`) where a slice found too few, the slice's name where an item found none.
    pub name: Text,
    pub lacks: Vec<Lack>,
}

/// What must be there for a slice to match: the discriminator's path, and what is wanted at its end.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Lack {
    pub path: Text,
    pub wanted: Wanted,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Wanted {
    Value(Text),
    CodeFrom(Text),
    Present,
    Absent,
    Type(Text),
    Profile(Text),
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident $({ $($field:ident : $type:ty),* $(,)? })? = $id:literal, $severity:ident, $code:ident;)*) => {
        /// A kind of finding with what its wording needs. No field holds a patient's value: names of elements, rules
        /// and definitions, and counts alone.
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub enum Kind { $($(#[$doc])* $variant $({ $($field: $type),* })?),* }

        impl Kind {
            /// Identifiers with severity and code, in the order of the declaration.
            pub const ALL: &[(&str, Severity, IssueCode)] = &[$(($id, Severity::$severity, IssueCode::$code)),*];

            /// The stable identifier.
            pub fn id(&self) -> &'static str {
                match self { $(Kind::$variant { .. } => $id),* }
            }

            /// How severe this kind is unless an option or a definition says otherwise.
            pub fn base_severity(&self) -> Severity {
                match self { $(Kind::$variant { .. } => Severity::$severity),* }
            }

            pub fn code(&self) -> IssueCode {
                match self { $(Kind::$variant { .. } => IssueCode::$code),* }
            }
        }
    };
}

kinds! {
    NotUtf8 = "structure-not-utf-8", Fatal, Structure;
    NotJson { fault: SyntaxFault } = "structure-not-json", Fatal, Structure;
    NotXml { fault: xml::SyntaxFault } = "structure-not-xml", Fatal, Structure;
    XmlOrder = "structure-xml-order", Error, Structure;
    XmlAttribute = "structure-xml-attribute", Error, Structure;
    XmlNamespace = "structure-xml-namespace", Error, Structure;
    DuplicateProperty = "structure-duplicate-property", Fatal, Structure;
    NotAnObject = "structure-not-an-object", Error, Structure;
    NoResourceType = "structure-no-resource-type", Error, Structure;
    UnknownResourceType = "structure-unknown-resource-type", Error, Structure;
    ResourceTypeNotAllowed { allowed: Text } = "structure-resource-type-not-allowed", Error, Structure;
    OtherFhirVersion { version: Text, element: Option<&'static str> } = "structure-other-fhir-version", Error, NotSupported;
    TooDeep { limit: usize } = "structure-too-deep", Error, TooCostly;
    UnknownProperty { name: Text, of_version: Option<&'static str> } = "structure-unknown-property", Error, Structure;
    ExpectedObject = "structure-expected-object", Error, Structure;
    ExpectedArray = "structure-expected-array", Error, Structure;
    ExpectedSingle = "structure-expected-single", Error, Structure;
    WrongJsonType { expected: &'static str } = "structure-wrong-json-type", Error, Structure;
    EmptyArray = "structure-empty-array", Error, Structure;
    EmptyObject = "structure-empty-object", Error, Structure;
    NullValue = "structure-null", Error, Structure;
    EmptyValue { type_name: &'static str } = "value-empty", Error, Value;
    BadFormat { type_name: &'static str } = "value-format", Error, Value;
    BlankText = "value-blank", Warning, Value;
    ControlCharacters = "value-control-characters", Warning, Value;
    NotAbsolute { type_name: &'static str } = "value-not-absolute", Error, Invalid;
    BadUriScheme { expected: &'static str } = "value-uri-scheme", Error, Value;
    FormRefused { form: Text } = "value-form-refused", Error, Value;
    TooShort { min: u64 } = "value-too-short", Error, Value;
    TooManyDecimals { max: u64 } = "value-too-many-decimals", Error, Value;
    DataTooLarge { max: u64 } = "value-data-too-large", Error, TooLong;
    AttachmentSize = "attachment-size", Error, Structure;
    AttachmentHash = "attachment-hash", Error, Structure;
    AttachmentData = "attachment-data-white-space", Error, Structure;
    IdentifierSystem = "identifier-system-relative", Error, CodeInvalid;
    IdentifierScheme = "identifier-system-scheme", Warning, CodeInvalid;
    IdentifierNotUri = "identifier-value-not-uri", Error, CodeInvalid;
    IdentifierUuidSystem = "identifier-uuid-system", Warning, CodeInvalid;
    IdentifierNotUuid = "identifier-value-not-uuid", Error, CodeInvalid;
    NoSuchDate { type_name: &'static str } = "value-no-such-date", Error, Value;
    NoTimeZone = "value-no-time-zone", Error, Value;
    TooLong { max: u64, type_name: &'static str } = "value-too-long", Error, TooLong;
    TooFew { element: Text, min: u32, found: u32, profile: Text } = "cardinality-too-few", Error, Required;
    TooMany { element: Text, max: u32, found: u32, profile: Text } = "cardinality-too-many", Error, Structure;
    SeveralTypes { element: Text } = "structure-several-types", Error, Structure;
    TypeNotAllowed { element: Text, type_name: Text, allowed: Text } = "structure-type-not-allowed", Error, Structure;
    NotFixed { expected: Fixed } = "value-not-fixed", Error, Value;
    NotPattern { expected: Text } = "value-not-pattern", Error, Value;
    BelowMinimum { min: Text } = "value-below-minimum", Error, Value;
    AboveMaximum { max: Text } = "value-above-maximum", Error, Value;
    LimitUnchecked { limit: &'static str } = "value-limit-unchecked", Information, NotSupported;
    SliceTooFew { slice: Text, min: u32, found: u32, nearly: Option<Nearly> } = "slice-too-few", Error, Required;
    SliceTooMany { slice: Text, max: u32, found: u32 } = "slice-too-many", Error, Structure;
    NoSlice { slices: Text, nearly: Option<Nearly> } = "slice-none-matches", Error, Structure;
    SeveralSlices { slices: Text } = "slice-matches-several", Error, Structure;
    SliceOrder { slice: Text } = "slice-order", Error, Structure;
    SliceNotAtEnd = "slice-not-at-end", Error, Structure;
    SliceUndecidable { slice: Text } = "slice-undecidable", Error, Processing;
    SliceUnchecked { slice: Text, needs: Option<Text> } = "slice-unchecked", Information, NotSupported;
    ConstraintFailed { key: Text, human: Text } = "constraint-failed", Error, Invariant;
    ConstraintWarning { key: Text, human: Text } = "constraint-warning", Warning, Invariant;
    ConstraintBroken { key: Text, reason: Text } = "constraint-broken", Error, Invariant;
    ConstraintUnchecked { key: Text, reason: Unchecked } = "constraint-unchecked", Information, NotSupported;
    CodeNotInValueSet { value_set: Text, codes: Text } = "binding-code-not-in-value-set", Error, CodeInvalid;
    NoCodeFromValueSet { value_set: Text } = "binding-no-code-from-value-set", Error, CodeInvalid;
    ExtensibleOutside { value_set: Text } = "binding-extensible-outside", Warning, CodeInvalid;
    MaxValueSetOutside { value_set: Text } = "binding-outside-max-value-set", Error, CodeInvalid;
    PreferredOutside { value_set: Text } = "binding-preferred-outside", Information, CodeInvalid;
    ValueSetUnchecked { value_set: Text, is_here: bool } = "binding-unchecked", Information, NotSupported;
    ServerSilent = "terminology-no-answer", Information, NotSupported;
    UnknownCode { system: Text } = "code-unknown-in-system", Error, CodeInvalid;
    WrongDisplay { system: Text, display: Text } = "code-wrong-display", Warning, Invalid;
    BadUnit = "code-unit-not-ucum", Error, CodeInvalid;
    UnitNotComparable = "code-unit-not-comparable", Error, Invalid;
    RelativeSystem = "code-relative-system", Error, CodeInvalid;
    CodeVersionUnchecked { system: Text } = "code-version-unchecked", Information, NotSupported;
    SupplementAsSystem = "code-supplement-as-system", Error, CodeInvalid;
    ValueSetAsSystem = "code-value-set-as-system", Error, CodeInvalid;
    UnknownExtension = "extension-unknown", Information, NotSupported;
    UnknownExtensionRefused = "extension-unknown-refused", Error, Extension;
    UnknownModifierExtension = "extension-unknown-modifier", Error, Extension;
    ExtensionPartUnknown = "extension-part-unknown", Error, Extension;
    RelativeExtensionUrl = "extension-relative-url", Error, Extension;
    ExtensionNotHere { url: Text, allowed: Text } = "extension-not-allowed-here", Error, Extension;
    ExtensionInvariant { invariant: Text } = "extension-context-invariant", Error, Extension;
    ExtensionIsModifier = "extension-is-modifier", Error, Extension;
    ExtensionIsNoModifier = "extension-is-no-modifier", Error, Extension;
    NotAnExtension = "extension-url-names-no-extension", Error, Extension;
    ExtensionUrlVersion = "extension-url-version", Error, Extension;
    ExtensionWithoutValue = "extension-without-value", Error, Extension;
    UnknownProfile { profile: Text } = "profile-unknown", Information, NotSupported;
    DefinitionIncomplete { reason: Text } = "profile-incomplete", Information, NotSupported;
    ProfileOfOtherType { profile: Text } = "profile-of-other-type", Error, Structure;
    NotInProfile { profile: Text } = "profile-element-not-allowed", Error, Structure;
    NoProfileMatches { profiles: Text } = "profile-none-matches", Error, Structure;
    ReferenceProfileMissing { profile: Text } = "reference-profile-not-here", Error, Structure;
    ReferenceTarget { allowed: Text } = "reference-target-type", Error, Structure;
    ReferenceTypeMismatch = "reference-type-mismatch", Error, Structure;
    ReferenceTypeUnknown = "reference-type-unknown", Warning, Structure;
    ReferenceProfile { allowed: Text } = "reference-target-profile", Error, Structure;
    ContainedNotFound = "reference-contained-not-found", Error, Structure;
    ReferenceSeveral = "reference-several-entries", Error, Forbidden;
    ReferenceOfOtherType = "reference-entry-of-other-type", Error, Required;
    ReferenceRelative = "reference-relative-in-bundle", Error, Invalid;
    ReferenceWithoutBase = "reference-without-base", Warning, Invalid;
    NotInBundle = "reference-not-in-bundle", Error, NotFound;
    NotInTransaction = "reference-not-in-transaction", Warning, NotFound;
    ReferenceForm = "reference-form", Error, Invalid;
    ReferenceAggregation { allowed: &'static str } = "reference-aggregation", Error, Structure;
    CanonicalOfOtherType { allowed: Text } = "reference-canonical-of-other-type", Error, Invalid;
    ContainedWithoutId = "contained-without-id", Error, Structure;
    ContainedUnused = "contained-not-referenced", Error, Invariant;
    SecurityLabelTwice = "security-label-twice", Error, BusinessRule;
    DuplicateId = "id-duplicate", Error, BusinessRule;
    FullUrlRelative = "bundle-full-url-relative", Error, Invalid;
    FullUrlMismatch = "bundle-full-url-mismatch", Error, Invalid;
    FullUrlMissing = "bundle-full-url-missing", Error, Invalid;
    FullUrlWithoutId = "bundle-full-url-without-id", Error, Invalid;
    EntryUnreachable = "bundle-entry-unreachable", Error, Informational;
    SearchEntryWithoutId = "bundle-search-entry-without-id", Error, Invalid;
    SearchEntryWithoutResource = "bundle-search-entry-without-resource", Error, Invalid;
    SearchEntryOutcome = "bundle-search-entry-no-outcome", Error, Invalid;
    SearchEntryOfOtherType = "bundle-search-entry-of-other-type", Error, Invalid;
    RequestWithoutResource = "bundle-request-without-resource", Warning, Invalid;
    RequestWithoutId = "bundle-request-without-id", Warning, Invalid;
    RequestOtherId = "bundle-request-other-id", Warning, Invalid;
    RequestOtherType = "bundle-request-other-type", Warning, Invalid;
    LinkNotAllowed = "bundle-link-not-allowed", Error, Invalid;
    LinkTwice = "bundle-link-twice", Error, Invalid;
    StylesheetUnresolved = "bundle-stylesheet-unresolved", Error, NotFound;
    SignatureForm = "signature-form", Error, Invalid;
    SignatureTime = "signature-time", Error, BusinessRule;
    NarrativeMalformed { fault: Option<xml::SyntaxFault> } = "narrative-malformed", Error, Invalid;
    NarrativeElement { name: Text } = "narrative-element-not-allowed", Error, Invariant;
    NarrativeAttribute { name: Text } = "narrative-attribute-not-allowed", Error, Invariant;
    NarrativeAttributeUnusual { name: Text } = "narrative-attribute-unusual", Warning, Invariant;
    NarrativeEmpty = "narrative-empty", Error, Invariant;
    NarrativeNamespace = "narrative-namespace", Error, Invalid;
    NarrativeLink = "narrative-link-unresolved", Error, Invalid;
    NarrativeUrl = "narrative-url", Error, Invalid;
    NarrativeNesting { name: Text } = "narrative-nesting", Error, Invariant;
    QuestionnaireUnknown = "questionnaire-unknown", Information, NotSupported;
    QuestionnaireTooCostly = "questionnaire-too-costly", Information, TooCostly;
    LinkIdUnknown { link: Text } = "questionnaire-link-id-unknown", Error, NotFound;
    LinkIdMisplaced { link: Text } = "questionnaire-link-id-misplaced", Error, Structure;
    ItemOrder { link: Text } = "questionnaire-item-order", Error, Structure;
    ItemNotEnabled = "questionnaire-item-not-enabled", Error, BusinessRule;
    GroupWithAnswer = "questionnaire-group-with-answer", Error, Structure;
    DisplayWithAnswer = "questionnaire-display-with-answer", Error, Structure;
    QuestionWithItems = "questionnaire-question-with-items", Error, Structure;
    AnswerRequired { link: Text } = "questionnaire-answer-required", Error, Required;
    GroupRequired = "questionnaire-group-required", Error, Required;
    AnswerRepeats { link: Text } = "questionnaire-answer-repeats", Error, Invalid;
    AnswerCount { min: u64, found: usize } = "questionnaire-answer-too-few", Error, Invalid;
    AnswerCountAbove { max: u64, found: usize } = "questionnaire-answer-too-many", Error, Invalid;
    AnswerType { expected: Text } = "questionnaire-answer-type", Error, Invariant;
    AnswerNotAnOption = "questionnaire-answer-not-an-option", Error, CodeInvalid;
    AnswerTooLong { max: u64 } = "questionnaire-answer-too-long", Error, Invariant;
    AnswerTooShort { min: u64 } = "questionnaire-answer-too-short", Error, Invariant;
    AnswerBelowMinimum = "questionnaire-answer-below-minimum", Error, Invariant;
    AnswerAboveMaximum = "questionnaire-answer-above-maximum", Error, Invariant;
    AnswerNotComparable = "questionnaire-answer-not-comparable", Error, Invariant;
    AnswerDecimals { max: u64 } = "questionnaire-answer-decimals", Error, Invariant;
    AnswerUnit = "questionnaire-answer-unit", Error, Invariant;
    AnswerMimeType = "questionnaire-answer-mime-type", Error, Required;
    AnswerMaxSize { max: u64 } = "questionnaire-answer-size", Error, TooLong;
    ItemText = "questionnaire-item-text", Error, Invalid;
    AnswerPattern = "questionnaire-answer-pattern", Error, Invariant;
    AnswerExclusive = "questionnaire-answer-exclusive", Error, Invariant;
    AnswerReferenceType { allowed: Text } = "questionnaire-answer-reference-type", Error, Invariant;
    EnableWhenInner = "questionnaire-enable-when-inner", Error, BusinessRule;
    EnableWhenUnknown = "questionnaire-enable-when-unknown", Error, BusinessRule;
    EnableWhenSelf = "questionnaire-enable-when-self", Error, BusinessRule;
    EnableWhenAfter = "questionnaire-enable-when-after", Warning, BusinessRule;
    DerivedItemNew { from: Text } = "questionnaire-derived-item-new", Error, NotFound;
    DerivedItemDiffers { property: Text, from: Text } = "questionnaire-derived-item-differs", Error, BusinessRule;
    MeasureScore { scoring: Text } = "measure-score", Error, BusinessRule;
    MeasureShare = "measure-score-share", Error, BusinessRule;
    MeasureScoreMissing { scoring: Text } = "measure-score-missing", Error, Required;
    MeasureScoreUnit = "measure-score-unit", Error, BusinessRule;
    MeasureGroupCode = "measure-group-code", Error, BusinessRule;
    MeasureGroupTwice = "measure-group-twice", Error, BusinessRule;
    MeasureGroupMissing = "measure-group-missing", Error, BusinessRule;
    MeasureCount { found: u64 } = "measure-count", Error, BusinessRule;
    MeasureSubjects = "measure-subjects", Error, BusinessRule;
    DifferentialPath { path: Text } = "definition-differential-path", Error, Value;
    DifferentialOrder { path: Text } = "definition-differential-order", Error, Value;
    DifferentialRootSlicing = "definition-root-slicing", Error, Invalid;
    DifferentialBinding = "definition-binding-on-type", Error, BusinessRule;
    DifferentialDiscriminator { path: Text } = "definition-discriminator", Error, Invalid;
    DefinitionType { type_name: Text } = "definition-type", Error, Invalid;
    DifferentialWidens { property: Text } = "definition-widens", Error, Exception;
    DifferentialValueType { type_name: Text } = "definition-value-type", Error, Exception;
    DifferentialProfileType = "definition-profile-type", Error, Exception;
    DefinitionKind = "definition-kind", Error, Exception;
    DefinitionDerivation = "definition-derivation", Error, NotFound;
    DefinitionBaseType { base: Text } = "definition-base-type", Error, NotFound;
    ElementPath { type_name: Text } = "definition-element-path", Error, NotFound;
    NotInProfiles { property: Text } = "definition-not-in-profiles", Error, NotFound;
    NotInTypes { property: Text } = "definition-not-in-types", Error, Exception;
    ElementProperty { property: Text, types: Text } = "definition-property-on-type", Error, BusinessRule;
    ElementType { type_name: Text, allowed: Text } = "definition-element-type", Error, Exception;
    ElementTypeMissing = "definition-element-type-missing", Error, Exception;
    SlicingOfOne = "definition-slicing-of-one", Error, NotFound;
    SlicingByType { broken: NotByType } = "definition-slicing-by-type", Error, Exception;
    SliceNotSetUp { slice: Text } = "definition-slice-without-slicing", Error, Value;
    SliceUnnamed = "definition-slice-unnamed", Error, BusinessRule;
    SlicingChanged { property: Text } = "definition-slicing-changed", Error, Exception;
    ConstraintKeyTaken { key: Text } = "definition-constraint-key", Error, Invalid;
    ConstraintSource { key: Text } = "definition-constraint-source", Error, Invalid;
    ConstraintExpression { key: Text, reason: Text } = "definition-constraint-expression", Error, Invalid;
    ExtensionUrlFixed = "definition-extension-url", Error, Invalid;
    ContextUnknown { context: Text } = "definition-context-unknown", Error, Invalid;
    ContextOfNoExtension = "definition-context", Error, BusinessRule;
    SnapshotImpossible { reason: NoSnapshot } = "definition-snapshot-impossible", Error, Exception;
    CodeTwice = "code-system-code-twice", Error, BusinessRule;
    CodeCount { found: u64 } = "code-system-count", Error, Invalid;
    ContentPresent = "code-system-content-present", Error, Invalid;
    PropertyTwice = "code-system-property-twice", Error, BusinessRule;
    PropertyType { expected: Text } = "code-system-property-type", Error, BusinessRule;
    PropertyUri = "code-system-property-uri", Error, BusinessRule;
    PropertyCode { expected: Text } = "code-system-property-code", Error, BusinessRule;
    PropertyReference = "code-system-property-reference", Error, Invalid;
    AllCodesSet { reason: NotAllCodes } = "code-system-value-set", Error, BusinessRule;
    SupplementOfNothing = "code-system-supplement-of-nothing", Error, BusinessRule;
    SupplementContent = "code-system-supplement-content", Error, BusinessRule;
    SupplementCase = "code-system-supplement-case", Error, BusinessRule;
    SupplementCode = "code-system-supplement-code", Error, BusinessRule;
    SupplementHierarchy = "code-system-supplement-hierarchy", Error, BusinessRule;
    SupplementCount = "code-system-supplement-count", Error, Invalid;
    IncludeRelative = "value-set-system-relative", Error, Invalid;
    IncludeVersion = "value-set-system-version", Error, BusinessRule;
    IncludeNoSystem = "value-set-system-is-value-set", Error, Invalid;
    IncludeSupplement = "value-set-system-is-supplement", Error, Invalid;
    FilterExpression = "value-set-filter-expression", Error, Invalid;
    FilterOperator { allowed: Text } = "value-set-filter-operator", Error, Invalid;
    FilterValue { expected: FilterForm } = "value-set-filter-value", Error, Invalid;
    IncludeByOid { system: Text } = "value-set-system-by-oid", Error, Invalid;
    ExpressionBroken = "definition-expression", Error, Invalid;
    ExpressionWrong { reason: Text } = "definition-expression-wrong", Error, Invalid;
    SearchParameterDiffers { property: Text } = "search-parameter-differs", Error, BusinessRule;
    CompositeParts = "search-parameter-components", Error, BusinessRule;
    MapName = "structure-map-name", Error, Invalid;
    MapNameTwice = "structure-map-name-twice", Error, Duplicate;
    MapVariable { name: Text } = "structure-map-variable", Error, NotFound;
    MapPath { element: Text } = "structure-map-path", Error, Invalid;
    MapType { type_name: Text } = "structure-map-type", Error, Invalid;
    MapMode = "structure-map-mode", Error, NotSupported;
    MapGroupUnknown = "structure-map-group-unknown", Error, NotFound;
    MapArguments { wanted: usize, found: usize } = "structure-map-arguments", Error, Invalid;
    MapParameters = "structure-map-parameters", Error, Invalid;
    OperationDiffers { property: Text } = "operation-definition-differs", Error, Invalid;
    GuideUrl = "implementation-guide-url", Error, BusinessRule;
    GuideVersion = "implementation-guide-version", Error, BusinessRule;
    MeasureCriteria { reason: NoCriterion } = "measure-criteria", Error, Invalid;
}
