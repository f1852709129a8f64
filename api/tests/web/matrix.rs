//! The whole surface in one table: every route, who may use it, and what everybody else gets.
//!
//! The routes are read from the sources, so that one which is not in the table fails a test. What a person may not see is
//! not there (404); what they may see but not do is refused (403); whatever is refused writes nothing.

mod routes;
mod table;

use axum::http::StatusCode;
use commands::organizations::Change;
use domain::{
    OrganizationId, UserId,
    authority::{Acquaintance, Action, Belonging, Deed, Member, Role},
    notification::Recipient,
};

use self::table::{ELSEWHERE, Entry, MATRIX, Needs, Wanted};
use crate::{browser::Browser, office::Office, support::Answer};

/// Whose the thing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whose {
    Own,
    /// Of somebody else in the same organization.
    Colleagues,
    /// Of somebody in another organization.
    Foreign,
}

impl Whose {
    const ALL: [Self; 3] = [Self::Own, Self::Colleagues, Self::Foreign];
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// Whatever the answer is, it is no refusal.
    Allowed,
    Forbidden,
    Absent,
}

impl Outcome {
    /// What is there may still be forbidden.
    const fn and(self, allowed: bool) -> Self {
        match self {
            Self::Allowed => unless(allowed, Self::Forbidden),
            Self::Forbidden | Self::Absent => self,
        }
    }
}

/// Bob works in Acme, in some role. Ada administers it, and Eve is a member of Nordwind.
struct Case {
    office: Office,
    member: Member,
    nordwind: OrganizationId,
    eve: UserId,
    registered: usize,
}

impl Case {
    async fn new(role: Role, global_access: bool) -> Self {
        let office = Office::new().await;
        let bob = office.colleague("bob", role).await;
        let nordwind = office.organization("Nordwind").await;
        let eve = office.person("eve").await;
        office.admit(nordwind, eve, Role::Member).await;
        if global_access {
            office.change(office.acme, Change::GrantGlobalAccess).await;
        }
        let member = Member { user: bob, organization: office.acme, role, global_access };
        Self { office, member, nordwind, eve, registered: 0 }
    }

    fn belonging(&self, whose: Whose) -> Belonging {
        let (owner, organization) = match whose {
            Whose::Own => (self.member.user, self.office.acme),
            Whose::Colleagues => (self.office.ada, self.office.acme),
            Whose::Foreign => (self.eve, self.nordwind),
        };
        Belonging { organization, owner }
    }

    /// The id of a thing such as the route is about.
    async fn target(&mut self, needs: Needs, whose: Whose) -> String {
        let Belonging { organization, owner } = self.belonging(whose);
        match needs {
            Needs::Nothing
            | Needs::OwnForm
            | Needs::SigningIn
            | Needs::Creating
            | Needs::SeeingPeople
            | Needs::Deed(_)
            | Needs::Registering
            | Needs::Operating => "applications".to_owned(),
            Needs::Rule => self.office.rule("Target").await.to_string(),
            Needs::KeepingLetters => {
                self.office.letter(Recipient::User(owner), None).await.to_string()
            }
            Needs::Template => self.office.template().await.to_string(),
            Needs::Person(Wanted::View) if whose == Whose::Own => self.member.user.to_string(),
            Needs::Person(_) => self.somebody_in(organization).await.to_string(),
            Needs::Organization(Wanted::KeepOrganizations) => self.elsewhere().await.to_string(),
            Needs::Organization(_) | Needs::Appointing => organization.to_string(),
            Needs::Membership(_) => {
                let user = self.somebody_in(organization).await;
                format!("{organization}/{user}")
            }
            Needs::Application(action) => {
                self.registered += 1;
                let name = format!("Target {}", self.registered);
                let id = self.office.register(owner, organization, &name).await.id;
                if action == Action::Restore {
                    self.office.delete(id).await;
                }
                id.to_string()
            }
            Needs::SavedView | Needs::RemovingView => {
                self.registered += 1;
                let name = format!("View {}", self.registered);
                self.office.save_view(owner, organization, &name, "name=sync").await.to_string()
            }
        }
    }

    /// A manager in the organization.
    async fn somebody_in(&mut self, organization: OrganizationId) -> UserId {
        self.registered += 1;
        let somebody = self.office.person(&format!("somebody-{}", self.registered)).await;
        self.office.admit(organization, somebody, Role::Manager).await;
        somebody
    }

    /// An organization that nobody belongs to.
    async fn elsewhere(&mut self) -> OrganizationId {
        self.registered += 1;
        self.office.organization(&format!("Organization {}", self.registered)).await
    }

    fn may(&self, wanted: Wanted, organization: OrganizationId) -> bool {
        let deed = match wanted {
            Wanted::View => Deed::ViewOrganization(organization),
            Wanted::ViewMembers => Deed::ViewMembers(organization),
            Wanted::Rename => Deed::RenameOrganization(organization),
            Wanted::Invite => Deed::Invite { organization, role: Role::Member },
            Wanted::Appoint => {
                Deed::Appoint { organization, from: Some(Role::Manager), to: Some(Role::Member) }
            }
            Wanted::RemoveView => Deed::RemoveSharedView(organization),
            Wanted::KeepAccounts => Deed::KeepAccounts,
            Wanted::KeepOrganizations => Deed::KeepOrganizations,
        };
        self.member.may_do(deed)
    }

    /// What the domain says, and how pages say it.
    fn expected(&self, needs: Needs, whose: Whose) -> Outcome {
        let Self { member, .. } = self;
        match needs {
            Needs::Nothing | Needs::OwnForm | Needs::SigningIn => Outcome::Allowed,
            Needs::Operating | Needs::Rule | Needs::KeepingLetters | Needs::Template => {
                unless(member.operates(), Outcome::Absent)
            }
            Needs::SeeingPeople => {
                unless(member.acquaintance() != Acquaintance::OnlyOneself, Outcome::Absent)
            }
            Needs::Deed(wanted) => {
                if member.acquaintance() == Acquaintance::OnlyOneself {
                    Outcome::Absent
                } else {
                    unless(self.may(wanted, self.office.acme), Outcome::Forbidden)
                }
            }
            // Who is seen by nobody else sees oneself all the same, on the page My User.
            Needs::Person(Wanted::View) if whose == Whose::Own => Outcome::Allowed,
            Needs::Organization(wanted @ Wanted::KeepOrganizations) => {
                unless(self.may(Wanted::View, self.nordwind), Outcome::Absent)
                    .and(self.may(wanted, self.nordwind))
            }
            Needs::Organization(wanted) => {
                let organization = self.belonging(whose).organization;
                unless(self.may(Wanted::View, organization), Outcome::Absent)
                    .and(self.may(wanted, organization))
            }
            Needs::Person(wanted) | Needs::Membership(wanted) => {
                let organization = self.belonging(whose).organization;
                unless(self.may(Wanted::ViewMembers, organization), Outcome::Absent)
                    .and(self.may(wanted, organization))
            }
            Needs::Appointing => {
                let organization = self.belonging(whose).organization;
                unless(self.may(Wanted::ViewMembers, organization), Outcome::Absent)
                    .and(self.may(Wanted::Appoint, organization))
            }
            Needs::Registering => {
                unless(self.may(Wanted::KeepOrganizations, self.office.acme), Outcome::Forbidden)
            }
            Needs::Creating => unless(member.role != Role::Auditor, Outcome::Forbidden),
            // Shared views are seen by everybody who works in the organization.
            Needs::SavedView => match whose {
                Whose::Own => Outcome::Allowed,
                Whose::Colleagues => Outcome::Forbidden,
                Whose::Foreign => Outcome::Absent,
            },
            Needs::RemovingView => match whose {
                Whose::Own => Outcome::Allowed,
                Whose::Colleagues => {
                    unless(self.may(Wanted::RemoveView, self.office.acme), Outcome::Forbidden)
                }
                Whose::Foreign => Outcome::Absent,
            },
            Needs::Application(action) => {
                let belonging = self.belonging(whose);
                if member.reach().covers(belonging) {
                    unless(member.may(action, belonging), Outcome::Forbidden)
                } else {
                    Outcome::Absent
                }
            }
        }
    }

    async fn send(&self, browser: &mut Browser<'_>, entry: &Entry, path: &str) -> Answer {
        if entry.method() == "GET" {
            return browser.get(path).await;
        }
        let acme = self.office.acme.to_string();
        let filled =
            |(name, value): &(&'static str, &'static str)| (*name, value.replace("{acme}", &acme));
        let fields: Vec<_> = entry.fields.iter().map(filled).collect();
        let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        browser.post(path, &fields).await
    }

    async fn check(&mut self, entry: &Entry, whose: Whose) {
        let expected = self.expected(entry.needs, whose);
        let path = entry.path(&self.target(entry.needs, whose).await);
        let mut browser = self.office.signed_in(self.member.user, self.office.acme).await;
        let head = self.office.head().await;
        let answer = self.send(&mut browser, entry, &path).await;
        let what = format!("{} {whose:?} by {:?}: {}", entry.route, self.member, answer.status);
        assert_eq!(outcome(&answer), Some(expected), "{what}");
        if expected != Outcome::Allowed {
            assert_eq!(self.office.head().await, head, "{what}");
        }
    }
}

const fn unless(allowed: bool, otherwise: Outcome) -> Outcome {
    if allowed { Outcome::Allowed } else { otherwise }
}

/// `None` for an answer that is neither yes nor no.
fn outcome(answer: &Answer) -> Option<Outcome> {
    match answer.status {
        StatusCode::NOT_FOUND => Some(Outcome::Absent),
        StatusCode::FORBIDDEN => Some(Outcome::Forbidden),
        StatusCode::UNAUTHORIZED | StatusCode::METHOD_NOT_ALLOWED => None,
        status if status.is_server_error() => None,
        _ if wants_sign_in(answer) => None,
        _ => Some(Outcome::Allowed),
    }
}

fn wants_sign_in(answer: &Answer) -> bool {
    answer.location().is_some_and(|to| to.starts_with("/sign-in"))
}

async fn check_all(role: Role) {
    for global_access in [false, true] {
        let mut case = Case::new(role, global_access).await;
        for entry in MATRIX.iter().filter(|entry| entry.needs != Needs::OwnForm) {
            for whose in Whose::ALL.into_iter().take(entry.needs.kinds()) {
                case.check(entry, whose).await;
            }
        }
    }
}

#[tokio::test]
async fn a_member_gets_what_the_table_says() {
    check_all(Role::Member).await;
}

#[tokio::test]
async fn an_auditor_gets_what_the_table_says() {
    check_all(Role::Auditor).await;
}

#[tokio::test]
async fn a_manager_gets_what_the_table_says() {
    check_all(Role::Manager).await;
}

#[tokio::test]
async fn an_administrator_gets_what_the_table_says() {
    check_all(Role::Administrator).await;
}

#[tokio::test]
async fn whoever_is_not_signed_in_is_asked_to_and_writes_nothing() {
    let mut case = Case::new(Role::Administrator, true).await;
    for entry in
        MATRIX.iter().filter(|entry| !matches!(entry.needs, Needs::Nothing | Needs::OwnForm))
    {
        let path = entry.path(&case.target(entry.needs, Whose::Own).await);
        let head = case.office.head().await;
        let answer = case.send(&mut case.office.browser(), entry, &path).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", entry.route);
        assert!(wants_sign_in(&answer), "{}", entry.route);
        assert_eq!(case.office.head().await, head, "{}", entry.route);
    }
}

#[test]
fn every_route_is_in_the_table_and_no_other() {
    let listed: std::collections::BTreeSet<_> =
        MATRIX.iter().map(|entry| entry.route.to_owned()).collect();
    assert_eq!(listed.len(), MATRIX.len(), "a route stands in the table once");
    assert_eq!(routes::of_pages(), listed);
}

/// What programs call below `/api` has a matrix of its own, made from the same table as its routes.
#[test]
fn every_other_route_is_known_and_open_for_a_reason() {
    let listed = ELSEWHERE.iter().map(|(route, _)| (*route).to_owned()).collect();
    assert_eq!(routes::of_everything_else(), listed);
}
