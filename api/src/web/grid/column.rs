//! The columns of the grid: what can be shown, and what can be sorted by.

use projections::register::{self, Order, SortBy};

/// In the order in which they stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Column {
    /// Always shown: it is the head of the row.
    Name,
    ClientId,
    Organization,
    Owner,
    Status,
    Grant,
    Scopes,
    Created,
    LastUsed,
}

impl Column {
    pub(super) const ALL: [Self; 9] = [
        Self::Name,
        Self::ClientId,
        Self::Organization,
        Self::Owner,
        Self::Status,
        Self::Grant,
        Self::Scopes,
        Self::Created,
        Self::LastUsed,
    ];

    pub(super) const fn key(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::ClientId => "client_id",
            Self::Organization => "organization",
            Self::Owner => "owner",
            Self::Status => "status",
            Self::Grant => "grant",
            Self::Scopes => "scopes",
            Self::Created => "created",
            Self::LastUsed => "last_used",
        }
    }

    pub(super) const fn label(self) -> &'static str {
        match self {
            Self::Name => "Application Name",
            Self::ClientId => "Client ID",
            Self::Organization => "Organization",
            Self::Owner => "Owner",
            Self::Status => "Status",
            Self::Grant => "Grant Type",
            Self::Scopes => "Scopes",
            Self::Created => "Created",
            Self::LastUsed => "Last Used",
        }
    }

    const fn sort_by(self) -> SortBy {
        match self {
            Self::Name => SortBy::Name,
            Self::ClientId => SortBy::ClientId,
            Self::Organization => SortBy::Organization,
            Self::Owner => SortBy::Owner,
            Self::Status => SortBy::Status,
            Self::Grant => SortBy::Grant,
            Self::Scopes => SortBy::Scopes,
            Self::Created => SortBy::Created,
            Self::LastUsed => SortBy::LastUsed,
        }
    }

    pub(super) fn read(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|column| column.key() == key)
    }
}

/// By which column, and which way round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sort {
    pub(super) by: Column,
    pub(super) order: Order,
}

impl Default for Sort {
    fn default() -> Self {
        Self { by: Column::Name, order: Order::Ascending }
    }
}

impl Sort {
    pub(super) fn read(text: &str) -> Option<Self> {
        let (order, column) = match text.strip_prefix('-') {
            Some(column) => (Order::Descending, column),
            None => (Order::Ascending, text),
        };
        Some(Self { by: Column::read(column)?, order })
    }

    pub(super) fn text(self) -> String {
        match self.order {
            Order::Ascending => self.by.key().to_owned(),
            Order::Descending => format!("-{}", self.by.key()),
        }
    }

    pub(super) const fn asked(self) -> register::Sort {
        register::Sort { by: self.by.sort_by(), order: self.order }
    }

    /// What it would be called in a list of ways to sort.
    pub(super) fn label(self) -> String {
        let (up, down) = match self.by {
            Column::Name
            | Column::ClientId
            | Column::Organization
            | Column::Owner
            | Column::Grant
            | Column::Scopes => ("A to Z", "Z to A"),
            Column::Status => ("active first", "active last"),
            Column::Created | Column::LastUsed => ("oldest first", "newest first"),
        };
        let way = match self.order {
            Order::Ascending => up,
            Order::Descending => down,
        };
        format!("{}, {way}", self.by.label())
    }
}
