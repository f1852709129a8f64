//! The buttons of a page: what may be done, and why the rest may not.

use serde::Serialize;

/// One button. Without an address it is shown disabled, with the reason.
#[derive(Serialize)]
pub(super) struct Action {
    label: &'static str,
    url: Option<String>,
    /// Whether it is done at once; otherwise the address is that of a form.
    sends: bool,
    /// What the page is for.
    primary: bool,
    danger: bool,
    reason: Option<String>,
}

impl Action {
    pub(super) const fn form(label: &'static str, url: String) -> Self {
        Self { label, url: Some(url), sends: false, primary: false, danger: false, reason: None }
    }

    pub(super) const fn at_once(label: &'static str, url: String) -> Self {
        Self { label, url: Some(url), sends: true, primary: false, danger: false, reason: None }
    }

    pub(super) const fn primary(mut self) -> Self {
        self.primary = true;
        self
    }

    pub(super) const fn dangerous(mut self) -> Self {
        self.danger = true;
        self
    }

    pub(super) fn if_allowed(self, allowed: bool, reason: &'static str) -> Self {
        self.unless((!allowed).then(|| reason.to_owned()))
    }

    /// Not where there is a reason against it.
    pub(super) fn unless(self, reason: Option<String>) -> Self {
        match reason {
            None => self,
            Some(_) => Self { url: None, reason, ..self },
        }
    }
}

#[cfg(test)]
pub(super) fn sample() -> Action {
    Action::form("Edit", String::new()).if_allowed(true, "reason")
}
