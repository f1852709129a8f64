//! Selections of the grid that people keep under a name, for themselves or for their organization.

use std::{fmt, str::FromStr};

use async_trait::async_trait;
use domain::{OrganizationId, Timestamp, UserId, name};
use uuid::Uuid;

use crate::state::StateError;

/// How many views a person may keep to themselves in an organization.
pub const PRIVATE: u32 = 50;
/// How many views may be shared with an organization.
pub const SHARED: u32 = 100;
/// Characters of a name.
pub const NAME_LENGTH: usize = 60;
/// Bytes of a query; a longer one is no address that browsers and proxies carry.
pub const QUERY_LENGTH: usize = 8 * 1024;

/// A view's id, minted by us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SavedViewId(Uuid);

impl SavedViewId {
    pub const fn new(id: Uuid) -> Self {
        Self(id)
    }
}

impl fmt::Display for SavedViewId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for SavedViewId {
    type Err = InvalidViewId;

    /// Accepts the hyphenated form in small letters only, so that an id has one spelling.
    fn from_str(text: &str) -> Result<Self, InvalidViewId> {
        let id = Uuid::try_parse(text).map_err(|_| InvalidViewId)?;
        if id.to_string() == text { Ok(Self(id)) } else { Err(InvalidViewId) }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the id of a view")]
pub struct InvalidViewId;

/// Trimmed, NFC, 1–60 characters, none of them a control character.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedViewName(String);

/// The rule that a name breaks, in words for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidViewName {
    #[error("This value should not be blank.")]
    Blank,
    #[error("This value is too long. It should have {NAME_LENGTH} characters or less.")]
    TooLong,
    #[error("This value should not contain control characters.")]
    ControlCharacter,
}

impl SavedViewName {
    pub fn parse(text: &str) -> Result<Self, InvalidViewName> {
        let name = name::plain(text).map_err(|error| match error {
            name::InvalidName::Blank => InvalidViewName::Blank,
            name::InvalidName::TooLong => InvalidViewName::TooLong,
            // The rule of user names is no part of this one.
            name::InvalidName::ControlCharacter | name::InvalidName::NotAUserName => {
                InvalidViewName::ControlCharacter
            }
        })?;
        if name.chars().count() > NAME_LENGTH {
            return Err(InvalidViewName::TooLong);
        }
        Ok(Self(name))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Names with the same key are the same name.
    pub fn key(&self) -> String {
        name::folded(&self.0)
    }
}

impl fmt::Display for SavedViewName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Who may open a view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sharing {
    Private,
    /// Everybody who works in its organization, each seeing what they may see.
    Organization,
}

impl Sharing {
    /// How many views of this kind there may be: of the owner, or of all owners.
    pub const fn bound(self) -> u32 {
        match self {
            Self::Private => PRIVATE,
            Self::Organization => SHARED,
        }
    }
}

/// A selection of the grid under a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedView {
    pub id: SavedViewId,
    pub owner: UserId,
    /// The organization it was made in; it is offered nowhere else.
    pub organization: OrganizationId,
    /// Its owner has no other view of that name there.
    pub name: SavedViewName,
    pub sharing: Sharing,
    /// The query of the grid's address without paging.
    pub query: String,
    pub changed_at: Timestamp,
}

impl SavedView {
    pub fn is_open_to(&self, user: UserId, organization: OrganizationId) -> bool {
        self.organization == organization
            && (self.owner == user || self.sharing == Sharing::Organization)
    }
}

/// What became of a view that was to be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeping {
    Kept,
    /// Its owner has another one of that name.
    NameTaken,
    /// There are as many of its kind as there may be. What is of that kind already may be changed all the same.
    TooMany,
}

/// The part of state that keeps them.
#[async_trait]
pub trait SavedViews: Send + Sync {
    /// What a person may open in the organization, their own and those shared there, by name.
    async fn saved_views(
        &self,
        user: UserId,
        organization: OrganizationId,
    ) -> Result<Vec<SavedView>, StateError>;

    async fn saved_view(&self, id: SavedViewId) -> Result<Option<SavedView>, StateError>;

    /// Writes the view, or writes it anew if its owner has it already.
    async fn keep_saved_view(&self, view: &SavedView) -> Result<Keeping, StateError>;

    /// Forgets the owner's view, for everybody who had it as their default too.
    async fn forget_saved_view(&self, id: SavedViewId, owner: UserId) -> Result<(), StateError>;

    /// Forgets a view that is shared with the organization, whoever owns it; one that is private by now stays.
    async fn forget_shared_view(
        &self,
        id: SavedViewId,
        organization: OrganizationId,
    ) -> Result<(), StateError>;

    /// The view that opens for a person in the organization when they ask for nothing in particular, whether or not it
    /// is still open to them.
    async fn default_view(
        &self,
        user: UserId,
        organization: OrganizationId,
    ) -> Result<Option<SavedViewId>, StateError>;

    async fn set_default_view(
        &self,
        user: UserId,
        organization: OrganizationId,
        view: Option<SavedViewId>,
    ) -> Result<(), StateError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_line_of_at_most_sixty_characters() {
        let parsed = SavedViewName::parse("  Not used for months ").expect("a name");
        assert_eq!(parsed.as_str(), "Not used for months");
        assert!(SavedViewName::parse(&"ä".repeat(60)).is_ok());
        assert_eq!(SavedViewName::parse(&"ä".repeat(61)), Err(InvalidViewName::TooLong));
        assert_eq!(SavedViewName::parse(" "), Err(InvalidViewName::Blank));
        assert_eq!(SavedViewName::parse("a\nb"), Err(InvalidViewName::ControlCharacter));
    }

    #[test]
    fn an_id_has_one_spelling() {
        let id = "0199a0b4-3c5d-7e6f-8a1b-000000000003";
        assert_eq!(id.parse::<SavedViewId>().expect("an id").to_string(), id);
        for other in ["", "x", &id.to_uppercase(), &id.replace('-', ""), &format!("{{{id}}}")] {
            assert!(other.parse::<SavedViewId>().is_err(), "{other}");
        }
    }

    #[test]
    fn a_view_is_open_to_its_owner_and_if_shared_to_the_organization() {
        let [acme, nordwind] = [1, 2].map(|id| OrganizationId::new(Uuid::from_u128(id)));
        let [ada, bob] = [3, 4].map(|id| UserId::new(Uuid::from_u128(id)));
        let private = SavedView {
            id: SavedViewId::new(Uuid::nil()),
            owner: ada,
            organization: acme,
            name: SavedViewName::parse("Mine").expect("a name"),
            sharing: Sharing::Private,
            query: String::new(),
            changed_at: Timestamp::from_micros(0),
        };
        let shared = SavedView { sharing: Sharing::Organization, ..private.clone() };
        assert!(private.is_open_to(ada, acme) && !private.is_open_to(bob, acme));
        assert!(shared.is_open_to(bob, acme) && !shared.is_open_to(ada, nordwind));
    }
}
