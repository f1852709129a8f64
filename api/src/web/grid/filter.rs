//! What the rows of the grid may be narrowed to, as people say it: days rather than moments, and "the last 7 days" rather
//! than the days they are now.

use domain::{OrganizationId, Scope, UserId, application::Grant};
use projections::register::{Choice, Status};
use time::Date;

/// Values in one filter.
pub(super) const VALUES: usize = 500;
/// Days that a filter counts back: a hundred years.
pub(super) const DAYS: u16 = 36_500;

/// Combined with AND; `None` filters nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::web) struct Filters {
    pub(super) name: Option<Text>,
    pub(super) client_id: Option<Text>,
    pub(super) organization: Option<Choice<OrganizationId>>,
    pub(super) organization_name: Option<Text>,
    pub(in crate::web) owner: Option<Choice<UserId>>,
    pub(super) owner_name: Option<Text>,
    pub(super) status: Option<Choice<Status>>,
    pub(super) grant: Option<Choice<Grant>>,
    pub(super) scope: Option<Choice<Scope>>,
    pub(super) created: Option<Days>,
    pub(super) last_used: Option<Use>,
}

/// By what there is a filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Field {
    Name,
    ClientId,
    Organization,
    OrganizationName,
    Owner,
    OwnerName,
    Status,
    Grant,
    Scope,
    Created,
    LastUsed,
}

impl Field {
    /// In the order in which they are shown and written.
    pub(super) const ALL: [Self; 11] = [
        Self::Name,
        Self::ClientId,
        Self::Organization,
        Self::OrganizationName,
        Self::Owner,
        Self::OwnerName,
        Self::Status,
        Self::Grant,
        Self::Scope,
        Self::Created,
        Self::LastUsed,
    ];

    /// In addresses and forms.
    pub(super) const fn key(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::ClientId => "client_id",
            Self::Organization => "organization",
            Self::OrganizationName => "organization_name",
            Self::Owner => "owner",
            Self::OwnerName => "owner_name",
            Self::Status => "status",
            Self::Grant => "grant",
            Self::Scope => "scope",
            Self::Created => "created",
            Self::LastUsed => "last_used",
        }
    }

    pub(super) const fn label(self) -> &'static str {
        match self {
            Self::Name => "Application Name",
            Self::ClientId => "Client ID",
            Self::Organization => "Organization",
            Self::OrganizationName => "Organization’s name",
            Self::Owner => "Owner",
            Self::OwnerName => "Owner’s name",
            Self::Status => "Status",
            Self::Grant => "Grant Type",
            Self::Scope => "Scopes",
            Self::Created => "Created",
            Self::LastUsed => "Last Used",
        }
    }
}

impl Filters {
    pub(in crate::web) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    pub(super) fn has(&self, field: Field) -> bool {
        match field {
            Field::Name => self.name.is_some(),
            Field::ClientId => self.client_id.is_some(),
            Field::Organization => self.organization.is_some(),
            Field::OrganizationName => self.organization_name.is_some(),
            Field::Owner => self.owner.is_some(),
            Field::OwnerName => self.owner_name.is_some(),
            Field::Status => self.status.is_some(),
            Field::Grant => self.grant.is_some(),
            Field::Scope => self.scope.is_some(),
            Field::Created => self.created.is_some(),
            Field::LastUsed => self.last_used.is_some(),
        }
    }

    pub(super) fn without(mut self, field: Field) -> Self {
        match field {
            Field::Name => self.name = None,
            Field::ClientId => self.client_id = None,
            Field::Organization => self.organization = None,
            Field::OrganizationName => self.organization_name = None,
            Field::Owner => self.owner = None,
            Field::OwnerName => self.owner_name = None,
            Field::Status => self.status = None,
            Field::Grant => self.grant = None,
            Field::Scope => self.scope = None,
            Field::Created => self.created = None,
            Field::LastUsed => self.last_used = None,
        }
        self
    }
}

/// How a text is compared. Case and composition make no difference.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum TextOp {
    #[default]
    Contains,
    DoesNotContain,
    Equals,
    DiffersFrom,
    StartsWith,
    EndsWith,
    AnyOf,
    NoneOf,
    Empty,
    NotEmpty,
}

impl TextOp {
    pub(super) const ALL: [Self; 10] = [
        Self::Contains,
        Self::DoesNotContain,
        Self::Equals,
        Self::DiffersFrom,
        Self::StartsWith,
        Self::EndsWith,
        Self::AnyOf,
        Self::NoneOf,
        Self::Empty,
        Self::NotEmpty,
    ];

    pub(super) const fn key(self) -> &'static str {
        match self {
            Self::Contains => "contains",
            Self::DoesNotContain => "not_contains",
            Self::Equals => "equals",
            Self::DiffersFrom => "differs",
            Self::StartsWith => "starts_with",
            Self::EndsWith => "ends_with",
            Self::AnyOf => "any_of",
            Self::NoneOf => "none_of",
            Self::Empty => "empty",
            Self::NotEmpty => "not_empty",
        }
    }

    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::Contains => "contains",
            Self::DoesNotContain => "does not contain",
            Self::Equals => "is equal to",
            Self::DiffersFrom => "is not equal to",
            Self::StartsWith => "starts with",
            Self::EndsWith => "ends with",
            Self::AnyOf => "is any of",
            Self::NoneOf => "is not any of",
            Self::Empty => "is empty",
            Self::NotEmpty => "is not empty",
        }
    }

    /// How many values it takes.
    pub(super) const fn takes(self) -> Takes {
        match self {
            Self::Contains
            | Self::DoesNotContain
            | Self::Equals
            | Self::DiffersFrom
            | Self::StartsWith
            | Self::EndsWith => Takes::One,
            Self::AnyOf | Self::NoneOf => Takes::Several,
            Self::Empty | Self::NotEmpty => Takes::Nothing,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Takes {
    Nothing,
    One,
    Several,
}

/// As many values as the operator takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Text {
    pub(super) op: TextOp,
    pub(super) values: Vec<String>,
}

/// The values of a choice, which are in order and without duplicates.
pub(super) fn values<T>(choice: &Choice<T>) -> &[T] {
    match choice {
        Choice::AnyOf(values) | Choice::NoneOf(values) => values,
    }
}

pub(super) const fn is_none_of<T>(choice: &Choice<T>) -> bool {
    matches!(choice, Choice::NoneOf(_))
}

pub(super) const fn status_key(status: Status) -> &'static str {
    match status {
        Status::Active => "active",
        Status::Inactive => "inactive",
        Status::Deleted => "deleted",
    }
}

pub(in crate::web) const fn status_label(status: Status) -> &'static str {
    match status {
        Status::Active => "Active",
        Status::Inactive => "Inactive",
        Status::Deleted => "Deleted",
    }
}

/// Every grant there is.
pub(super) const GRANTS: [Grant; 1] = [Grant::ClientCredentials];

pub(super) const fn grant_key(grant: Grant) -> &'static str {
    match grant {
        Grant::ClientCredentials => "client_credentials",
    }
}

pub(in crate::web) const fn grant_label(grant: Grant) -> &'static str {
    match grant {
        Grant::ClientCredentials => "Client Credentials",
    }
}

/// Days in UTC, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Days {
    Between(Date, Date),
    NotBetween(Date, Date),
    Before(Date),
    After(Date),
    On(Date),
    NotOn(Date),
    Today,
    ThisMonth,
    /// So many days back from now.
    Last(u16),
}

/// When an application got its last token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    At(Days),
    /// Never, or longer ago than so many days.
    NotFor(u16),
    Never,
    Ever,
}

/// How days are compared, in the order of the select.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DayOp {
    Between,
    NotBetween,
    Before,
    After,
    On,
    NotOn,
    Today,
    ThisMonth,
    Last,
    NotFor,
    Never,
    Ever,
}

impl DayOp {
    pub(super) const OF_USE: [Self; 12] = [
        Self::NotFor,
        Self::Never,
        Self::Ever,
        Self::Last,
        Self::Today,
        Self::ThisMonth,
        Self::Between,
        Self::NotBetween,
        Self::Before,
        Self::After,
        Self::On,
        Self::NotOn,
    ];
    pub(super) const OF_DAYS: [Self; 9] = [
        Self::Last,
        Self::Today,
        Self::ThisMonth,
        Self::Between,
        Self::NotBetween,
        Self::Before,
        Self::After,
        Self::On,
        Self::NotOn,
    ];

    pub(super) const fn key(self) -> &'static str {
        match self {
            Self::Between => "between",
            Self::NotBetween => "not_between",
            Self::Before => "before",
            Self::After => "after",
            Self::On => "equals",
            Self::NotOn => "not_equals",
            Self::Today => "today",
            Self::ThisMonth => "this_month",
            Self::Last => "last",
            Self::NotFor => "not_for",
            Self::Never => "never",
            Self::Ever => "ever",
        }
    }

    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::Between => "between",
            Self::NotBetween => "not between",
            Self::Before => "before",
            Self::After => "after",
            Self::On => "on",
            Self::NotOn => "not on",
            Self::Today => "today",
            Self::ThisMonth => "this month",
            Self::Last => "in the last … days",
            Self::NotFor => "not for … days",
            Self::Never => "never",
            Self::Ever => "ever",
        }
    }
}

impl Days {
    pub(super) const fn op(self) -> DayOp {
        match self {
            Self::Between(..) => DayOp::Between,
            Self::NotBetween(..) => DayOp::NotBetween,
            Self::Before(_) => DayOp::Before,
            Self::After(_) => DayOp::After,
            Self::On(_) => DayOp::On,
            Self::NotOn(_) => DayOp::NotOn,
            Self::Today => DayOp::Today,
            Self::ThisMonth => DayOp::ThisMonth,
            Self::Last(_) => DayOp::Last,
        }
    }
}

impl Use {
    pub(super) const fn op(self) -> DayOp {
        match self {
            Self::At(days) => days.op(),
            Self::NotFor(_) => DayOp::NotFor,
            Self::Never => DayOp::Never,
            Self::Ever => DayOp::Ever,
        }
    }
}
