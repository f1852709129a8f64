//! What the address of a grid asks for, and the shortest address that asks for the same.
//!
//! Every parameter is a field of the filter form, so the form works by itself. What cannot be meant is left out; what
//! somebody typed and cannot be understood is said at its field.

mod reading;
#[cfg(test)]
mod tests;
mod writing;

use projections::saved_views::SavedViewId;

pub(super) use self::writing::written;
use super::{
    Frame,
    column::{Column, Sort},
    filter::{DayOp, Field, Filters},
};

/// Rows on a page.
pub(super) const SIZES: [u32; 4] = [10, 25, 50, 100];
pub(super) const USUAL_SIZE: u32 = 25;

/// One page of one selection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::web) struct Wanted {
    pub(in crate::web) filters: Filters,
    pub(super) sort: Sort,
    /// In their order and with the name, unless those that a place shows by itself are meant.
    pub(super) columns: Option<Vec<Column>>,
    pub(super) size: u32,
    pub(super) place: Place,
    pub(super) view: View,
    /// What was typed and cannot be understood.
    pub(super) mistakes: Vec<Mistake>,
}

/// Where the page begins. Cursors are sealed, so they are opened by whoever looks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Place {
    #[default]
    Start,
    After(String),
    Before(String),
}

/// Which saved view the selection comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum View {
    /// One's default, if the address says nothing else either.
    #[default]
    Unsaid,
    Nothing,
    Saved(SavedViewId),
}

/// Something at a field that cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mistake {
    pub(super) field: Field,
    pub(super) typed: Typed,
    pub(super) words: &'static str,
}

/// The inputs of a field for days, as they were filled in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Typed {
    pub(super) op: Option<DayOp>,
    pub(super) from: String,
    pub(super) to: String,
    pub(super) days: String,
    /// Of a list that is too long.
    pub(super) list: String,
}

impl Default for Wanted {
    fn default() -> Self {
        Self {
            filters: Filters::default(),
            sort: Sort::default(),
            columns: None,
            size: USUAL_SIZE,
            place: Place::Start,
            view: View::Unsaid,
            mistakes: vec![],
        }
    }
}

impl Wanted {
    /// Columns are named only where others than the usual ones are meant, and views only where there are any.
    pub(in crate::web) fn tidied(self, frame: &Frame) -> Self {
        let columns = self.columns.filter(|columns| *columns != frame.usual);
        let view = if frame.owner.is_some() { View::Unsaid } else { self.view };
        Self { columns, view, ..self }
    }

    /// Whether there is anything that a saved view keeps.
    pub(super) fn says_something(&self) -> bool {
        !self.filters.is_empty() || self.sort != Sort::default() || self.columns.is_some()
    }

    /// The first page of the same.
    pub(super) fn at_the_start(&self) -> Self {
        Self { place: Place::Start, ..self.clone() }
    }

    /// The same in another order, from the start.
    pub(super) fn sorted(&self, sort: Sort) -> Self {
        Self { sort, ..self.at_the_start() }.speaking()
    }

    /// The same with other filters, from the start.
    pub(super) fn with(&self, filters: Filters) -> Self {
        Self { filters, ..self.at_the_start() }.speaking()
    }

    /// Without anything to say the address of a view would open the view again, and one without a view the default.
    pub(super) fn speaking(self) -> Self {
        let view = if self.says_something() { self.view } else { View::Nothing };
        Self { view, ..self }
    }
}
