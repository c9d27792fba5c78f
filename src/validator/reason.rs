//! Why a definition is refused, where one kind of finding has several reasons. Each has its wording in every language.

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
