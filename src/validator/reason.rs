//! Why something is refused or cannot be checked, where one kind of finding has several reasons. Each has its wording in
//! every language.

/// Why a snapshot is not to be made of a differential.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NoSnapshot {
    RootSliced,
    NoMatch,
    Order,
    SliceUnnamed,
    SliceNotSetUp,
    ChoiceSliced,
    SlicingChanged,
    TypeNotAllowed,
    Widens,
    SlicingOfOne,
    ProfileOfOtherType,
}

/// Why the value set of all codes is not that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NotAllCodes {
    OtherSystem,
    Part,
    Count,
    Includes,
}

/// What the value of a filter is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FilterForm {
    Boolean,
    Integer,
    Decimal,
    DateTime,
    Code,
    Coding,
    Text,
}

/// What slices of a choice that each have a type of their own are not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NotByType {
    Ordered,
    Discriminator,
    Name,
    /// More than one is needed, of an element that can be of one type.
    Needed,
}

/// The value that is fixed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Fixed {
    Value(Box<str>),
    WithoutExtensions(Box<str>),
    Nothing,
}

/// Why a constraint gives no answer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Unchecked {
    /// What it asks of a value set, code system or profile nobody here can tell, and its answer hangs on that.
    Untold,
    /// What a reference names is not in the document.
    Unfollowed,
    /// Its regular expression asks for more than there is here.
    Pattern,
    /// What FHIRPath says of the expression: to who wrote it, in English.
    Expression(Box<str>),
}

/// Why a criterion of a Measure is found in no library.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NoCriterion {
    NotCompiled,
    Several,
    NoLibrary,
    OtherLibraries,
}
