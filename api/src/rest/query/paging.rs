//! Pages: by number, or by a cursor that stays right while rows change.

use super::super::error::{Error, Kind};
use super::unknown;

/// Resources on a page of which nobody said how long it is to be, as with Oro.
pub(in super::super) const SIZE: u32 = 10;
/// The longest page.
pub(in super::super) const MOST: u32 = 100;

/// Which page is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Paging {
    pub(in super::super) size: u32,
    pub(in super::super) number: Option<u32>,
    /// Cursors, as they were given.
    pub(in super::super) after: Option<String>,
    pub(in super::super) before: Option<String>,
}

impl Default for Paging {
    fn default() -> Self {
        Self { size: SIZE, number: None, after: None, before: None }
    }
}

impl Paging {
    pub(super) fn read(&mut self, name: &str, which: &str, value: &str) -> Result<(), Error> {
        match which {
            "size" if value == "-1" => {
                let text = format!(
                    "All at once is not offered: a page has {MOST} resources at most, and links to the next one."
                );
                return Err(Error::new(Kind::UnexpectedValue, text).parameter(name));
            }
            "size" => {
                self.size = number(name, value)?;
                if self.size > MOST {
                    let text = format!("A page has {MOST} resources at most.");
                    return Err(Error::new(Kind::UnexpectedValue, text).parameter(name));
                }
            }
            "number" => self.number = Some(number(name, value)?),
            "after" => self.after = Some(value.to_owned()),
            "before" => self.before = Some(value.to_owned()),
            _ => return Err(unknown(name)),
        }
        Ok(())
    }

    /// What no parameter can be asked alone.
    pub(super) fn check(&self) -> Result<(), Error> {
        let ways = [self.number.is_some(), self.after.is_some(), self.before.is_some()];
        if ways.into_iter().filter(|given| *given).count() > 1 {
            let text = "Only one of page[number], page[after] and page[before] names a page.";
            return Err(Error::new(Kind::BadRequest, text).parameter("page"));
        }
        Ok(())
    }

    /// How many resources come before the page, where that is said by its number.
    pub(in super::super) fn offset(&self) -> u64 {
        u64::from(self.number.unwrap_or(1) - 1) * u64::from(self.size)
    }
}

fn number(name: &str, value: &str) -> Result<u32, Error> {
    let digits = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    let number = digits.then(|| value.parse::<u32>().ok()).flatten();
    number.filter(|number| *number > 0).ok_or_else(|| {
        let text = format!("Expected integer value greater than 0. Given \"{value}\".");
        Error::new(Kind::UnexpectedValue, text).parameter(name)
    })
}
