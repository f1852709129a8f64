//! Fields about a person, sealed wherever they are kept.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A personal value: open while the person's key exists, erased for ever after.
///
/// In JSON it marks itself, `{"$personal": "…"}`, so that the codec finds and seals every one, and a field of this type
/// cannot be forgotten. It does not print.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Personal {
    #[serde(rename = "$personal")]
    value: Option<String>,
}

impl Personal {
    pub const ERASED: Self = Self { value: None };

    pub fn new(value: impl Into<String>) -> Self {
        Self { value: Some(value.into()) }
    }

    /// `None` once erased.
    pub fn as_open(&self) -> Option<&str> {
        self.value.as_deref()
    }
}

impl fmt::Debug for Personal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.value.is_some() { "Personal(withheld)" } else { "Personal(erased)" })
    }
}
