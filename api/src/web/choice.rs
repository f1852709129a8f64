//! What somebody chooses among.

use std::borrow::Cow;

use serde::Serialize;

/// One option of a select, or of a group of buttons.
#[derive(Serialize)]
pub(super) struct Choice {
    value: Cow<'static, str>,
    label: Cow<'static, str>,
    selected: bool,
}

impl Choice {
    pub(super) fn new(
        value: impl Into<Cow<'static, str>>,
        label: impl Into<Cow<'static, str>>,
        selected: bool,
    ) -> Self {
        Self { value: value.into(), label: label.into(), selected }
    }

    /// Selected if its value is the one that was chosen.
    pub(super) fn among(
        value: impl Into<Cow<'static, str>>,
        label: impl Into<Cow<'static, str>>,
        chosen: &str,
    ) -> Self {
        let value = value.into();
        Self { selected: value == chosen, value, label: label.into() }
    }
}
