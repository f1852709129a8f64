//! Every operation of the web API in one table: what it takes to use it, and what everybody else gets.
//!
//! The operations are those of the `OpenAPI` document, which is made from the same table as the routes. What a token's owner
//! may not see is not there (404), what they may see but not do is refused (403), and whatever is refused writes nothing.

use std::collections::BTreeSet;

use commands::organizations::Change;
use domain::{
    OrganizationId, UserId,
    authority::{Acquaintance, Action, Belonging, Deed, Member, Role},
    notification::Recipient,
};
use serde_json::{Value, json};

use crate::{
    desk::{ALL_SCOPES, Desk, Program},
    metadata::operations,
    support::State,
};

/// What an operation takes, beside its scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Needs {
    /// Lists hold what the owner may see.
    Nothing,
    /// Registering an application for the owner in the body.
    Creating,
    /// The right to do that to the application in the address.
    Application(Action),
    SeeingUser,
    /// Changing any fact of the account in the address.
    KeepingAccount,
    Inviting,
    SeeingOrganization,
    RenamingOrganization,
    Founding,
    /// Seeing a membership, of somebody without special rights.
    SeeingMembership,
    /// Changing or ending it.
    Appointing,
    /// Beginning one.
    Admitting,
    /// Looking after letters.
    KeepingLetters,
    /// Keeping the notification rule in the address.
    KeepingRule,
    MakingRule,
    /// The same, about the e-mail template in the address.
    KeepingTemplate,
    MakingTemplate,
}

const MATRIX: [(&str, Needs); 37] = [
    ("listApplications", Needs::Nothing),
    ("createApplication", Needs::Creating),
    ("getApplication", Needs::Application(Action::View)),
    ("updateApplication", Needs::Application(Action::Change)),
    ("deleteApplication", Needs::Application(Action::Delete)),
    ("activateApplication", Needs::Application(Action::Change)),
    ("deactivateApplication", Needs::Application(Action::Change)),
    ("restoreApplication", Needs::Application(Action::Restore)),
    ("getApplicationOwner", Needs::Application(Action::View)),
    ("transferApplication", Needs::Application(Action::Transfer)),
    ("listUsers", Needs::Nothing),
    ("getUser", Needs::SeeingUser),
    ("inviteUser", Needs::Inviting),
    ("updateUser", Needs::KeepingAccount),
    ("listOrganizations", Needs::Nothing),
    ("getOrganization", Needs::SeeingOrganization),
    ("createOrganization", Needs::Founding),
    ("updateOrganization", Needs::RenamingOrganization),
    ("listMemberships", Needs::Nothing),
    ("getMembership", Needs::SeeingMembership),
    ("createMembership", Needs::Admitting),
    ("updateMembership", Needs::Appointing),
    ("deleteMembership", Needs::Appointing),
    ("listNotifications", Needs::Nothing),
    ("getNotification", Needs::KeepingLetters),
    ("resendNotification", Needs::KeepingLetters),
    ("cancelNotification", Needs::KeepingLetters),
    ("listNotificationRules", Needs::Nothing),
    ("getNotificationRule", Needs::KeepingRule),
    ("createNotificationRule", Needs::MakingRule),
    ("updateNotificationRule", Needs::KeepingRule),
    ("deleteNotificationRule", Needs::KeepingRule),
    ("listEmailTemplates", Needs::Nothing),
    ("getEmailTemplate", Needs::KeepingTemplate),
    ("createEmailTemplate", Needs::MakingTemplate),
    ("updateEmailTemplate", Needs::KeepingTemplate),
    ("deleteEmailTemplate", Needs::KeepingTemplate),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whose {
    Own,
    Colleagues,
    Foreign,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Allowed,
    Forbidden,
    Absent,
}

impl Needs {
    /// For whose things it makes a difference.
    const fn kinds(self) -> &'static [Whose] {
        match self {
            Self::Nothing
            | Self::Inviting
            | Self::Founding
            | Self::KeepingLetters
            | Self::KeepingRule
            | Self::MakingRule
            | Self::KeepingTemplate
            | Self::MakingTemplate => &[Whose::Own],
            Self::Creating | Self::Application(_) | Self::SeeingUser | Self::SeeingMembership => {
                &[Whose::Own, Whose::Colleagues, Whose::Foreign]
            }
            Self::KeepingAccount | Self::Admitting | Self::Appointing => {
                &[Whose::Colleagues, Whose::Foreign]
            }
            Self::SeeingOrganization | Self::RenamingOrganization => &[Whose::Own, Whose::Foreign],
        }
    }
}

const fn unless(allowed: bool, otherwise: Outcome) -> Outcome {
    if allowed { Outcome::Allowed } else { otherwise }
}

/// Bob's program works in Acme. Mia is a member there, and Eve one of Nordwind.
struct Case {
    desk: Desk,
    member: Member,
    mia: UserId,
    eve: UserId,
    nordwind: OrganizationId,
}

/// One operation of the document.
#[derive(Clone, Debug)]
pub(crate) struct Operation {
    pub(crate) name: String,
    /// Upper case.
    pub(crate) method: String,
    pub(crate) path: String,
}

/// A resource document, of the kind that changes attributes.
fn changing(kind: &str, id: &str, attributes: &Value) -> Value {
    json!({ "data": { "type": kind, "id": id, "attributes": attributes } })
}

impl Case {
    async fn new(role: Role, global_access: bool) -> Self {
        let desk = Desk::new().await;
        let bob = desk.colleague("bob", role).await;
        let mia = desk.colleague("mia", Role::Member).await;
        let nordwind = desk.organization("Nordwind").await;
        let eve = desk.person("eve").await;
        desk.admit(nordwind, eve, Role::Member).await;
        if global_access {
            desk.change(desk.acme, Change::GrantGlobalAccess).await;
        }
        let member = Member { user: bob, organization: desk.acme, role, global_access };
        Self { desk, member, mia, eve, nordwind }
    }

    fn belonging(&self, whose: Whose) -> Belonging {
        let (owner, organization) = match whose {
            Whose::Own => (self.member.user, self.desk.acme),
            Whose::Colleagues => (self.mia, self.desk.acme),
            Whose::Foreign => (self.eve, self.nordwind),
        };
        Belonging { organization, owner }
    }

    /// What the domain says.
    fn expected(&self, needs: Needs, whose: Whose) -> Outcome {
        let Self { member, .. } = self;
        let belonging = self.belonging(whose);
        let organization = belonging.organization;
        let does = |deed| unless(member.may_do(deed), Outcome::Forbidden);
        let sees_user = whose == Whose::Own
            || match member.acquaintance() {
                Acquaintance::OnlyOneself => false,
                Acquaintance::Organization(own) => own == organization,
                Acquaintance::Everybody => true,
            };
        let reaches = member.may_do(Deed::ViewOrganization(organization));
        let views = member.may_do(Deed::ViewMembers(organization));
        match needs {
            Needs::Nothing => Outcome::Allowed,
            Needs::Creating => unless(member.may(Action::Create, belonging), Outcome::Forbidden),
            Needs::Application(action) if member.reach().covers(belonging) => {
                unless(member.may(action, belonging), Outcome::Forbidden)
            }
            Needs::SeeingUser => unless(sees_user, Outcome::Absent),
            Needs::KeepingLetters | Needs::KeepingRule | Needs::KeepingTemplate => {
                unless(member.operates(), Outcome::Absent)
            }
            Needs::KeepingAccount if sees_user => does(Deed::KeepAccounts),
            Needs::Inviting => does(Deed::Invite { organization, role: Role::Member }),
            Needs::Founding => does(Deed::KeepOrganizations),
            Needs::MakingRule | Needs::MakingTemplate => does(Deed::KeepNotifications),
            Needs::SeeingOrganization => unless(reaches, Outcome::Absent),
            Needs::RenamingOrganization if reaches => does(Deed::RenameOrganization(organization)),
            Needs::SeeingMembership => unless(views || whose == Whose::Own, Outcome::Absent),
            Needs::Appointing if views || whose == Whose::Own => {
                does(Deed::Appoint { organization, from: Some(Role::Member), to: None })
            }
            Needs::Admitting if reaches => {
                does(Deed::Appoint { organization, from: None, to: Some(Role::Member) })
            }
            Needs::Application(_)
            | Needs::KeepingAccount
            | Needs::RenamingOrganization
            | Needs::Appointing
            | Needs::Admitting => Outcome::Absent,
        }
    }

    /// The e-mail template that the operation is about, or what makes one.
    async fn template(&self, name: &str, needs: Needs, unique: &str) -> (String, Option<Value>) {
        if needs == Needs::MakingTemplate {
            let attributes = json!({ "name": unique, "occasion": "application_created" });
            let body = json!({ "data": { "type": "emailtemplates", "attributes": attributes } });
            return (String::new(), Some(body));
        }
        let id = self.desk.template(unique).await.to_string();
        let words = json!({ "words": { "de": { "subject": "x", "text": "x", "html": "x" } } });
        let body = changing("emailtemplates", &id, &words);
        (id, (name == "updateEmailTemplate").then_some(body))
    }

    /// Something such as the operation is about, that nothing was done to yet: its id, and a body that is accepted.
    async fn target(&self, name: &str, needs: Needs, whose: Whose) -> (String, Option<Value>) {
        let Belonging { organization, owner } = self.belonging(whose);
        let unique = self.desk.app.commands.mint().simple().to_string();
        let link = |kind: &str, id: &str| json!({ "data": { "type": kind, "id": id } });
        match needs {
            Needs::Nothing => (String::new(), None),
            Needs::Creating => {
                let body = json!({ "data": {
                    "type": "oauthapplications",
                    "attributes": { "name": unique },
                    "relationships": {
                        "owner": link("users", &owner.to_string()),
                        "organization": link("organizations", &organization.to_string()),
                    },
                } });
                (String::new(), Some(body))
            }
            Needs::Application(action) => {
                let created = self.desk.register(self.belonging(whose), &unique, &[]).await;
                if action == Action::Restore {
                    self.desk.bring_about(State::Deleted, &created).await;
                }
                let id = created.id.to_string();
                let attributes = json!({ "description": "changed" });
                let body = match name {
                    "updateApplication" => Some(changing("oauthapplications", &id, &attributes)),
                    "transferApplication" => Some(link("users", &owner.to_string())),
                    _ => None,
                };
                (id, body)
            }
            Needs::SeeingUser => (owner.to_string(), None),
            Needs::KeepingLetters => {
                let letter = self.desk.letter(Recipient::User(owner), None).await;
                (letter.to_string(), None)
            }
            Needs::KeepingTemplate | Needs::MakingTemplate => {
                self.template(name, needs, &unique).await
            }
            Needs::KeepingAccount => {
                let id = self.stranger(organization, &unique).await.to_string();
                let body = changing("users", &id, &json!({ "displayName": "Changed" }));
                (id, Some(body))
            }
            Needs::Inviting => {
                let attributes = json!({
                    "userName": unique, "displayName": "Zoe", "email": "zoe@acme.test",
                    "role": "member",
                });
                let body = json!({ "data": { "type": "users", "attributes": attributes } });
                (String::new(), Some(body))
            }
            Needs::SeeingOrganization => (organization.to_string(), None),
            Needs::RenamingOrganization => {
                let id = organization.to_string();
                let body = changing("organizations", &id, &json!({ "name": unique }));
                (id, Some(body))
            }
            Needs::Founding => {
                let attributes = json!({ "name": unique });
                let body = json!({ "data": { "type": "organizations", "attributes": attributes } });
                (String::new(), Some(body))
            }
            Needs::KeepingRule => {
                let id = self.desk.rule(&unique).await.to_string();
                let off = changing("notificationrules", &id, &json!({ "active": false }));
                (id, (name == "updateNotificationRule").then_some(off))
            }
            Needs::MakingRule => {
                let attributes = json!({
                    "name": unique,
                    "occasion": "application_created",
                    "recipients": { "owner": true },
                });
                let body =
                    json!({ "data": { "type": "notificationrules", "attributes": attributes } });
                (String::new(), Some(body))
            }
            Needs::SeeingMembership => (format!("{organization}.{owner}"), None),
            Needs::Appointing => {
                let user = self.stranger(organization, &unique).await;
                let id = format!("{organization}.{user}");
                let changed = changing("memberships", &id, &json!({ "role": "member" }));
                (id, (name == "updateMembership").then_some(changed))
            }
            Needs::Admitting => {
                let user = self.desk.person(&unique).await.to_string();
                let body = json!({ "data": {
                    "type": "memberships",
                    "attributes": { "role": "member" },
                    "relationships": {
                        "user": link("users", &user),
                        "organization": link("organizations", &organization.to_string()),
                    },
                } });
                (String::new(), Some(body))
            }
        }
    }

    async fn stranger(&self, organization: OrganizationId, name: &str) -> UserId {
        let user = self.desk.person(name).await;
        self.desk.admit(organization, user, Role::Member).await;
        user
    }

    async fn check(
        &self,
        program: &Program<'_>,
        operation: &Operation,
        needs: Needs,
        whose: Whose,
    ) {
        let expected = self.expected(needs, whose);
        let (id, body) = self.target(&operation.name, needs, whose).await;
        let path = format!("/api{}", operation.path.replace("{id}", &id));
        let head = self.desk.head().await;
        let answer = program.send(&operation.method, &path, &[], body.as_ref()).await;
        let (name, member) = (&operation.name, self.member);
        let what = format!("{name} {whose:?} by {member:?}: {answer:?}");
        let outcome = match answer.status.as_u16() {
            404 => Some(Outcome::Absent),
            403 => Some(Outcome::Forbidden),
            // A rule may still say no: an owner who is no member there, or the last administrator.
            200 | 201 | 204 | 409 | 422 => Some(Outcome::Allowed),
            _ => None,
        };
        assert_eq!(outcome, Some(expected), "{what}");
        if expected != Outcome::Allowed {
            assert_eq!(self.desk.head().await, head, "{what}");
        }
    }
}

async fn check_all(role: Role) {
    for global_access in [false, true] {
        let case = Case::new(role, global_access).await;
        let program = case.desk.program_of(case.member.user, case.desk.acme, &ALL_SCOPES).await;
        for operation in operations(&case.desk).await {
            let row = MATRIX.iter().find(|(name, _)| *name == operation.name);
            let (_, needs) =
                row.unwrap_or_else(|| panic!("{} is not in the table", operation.name));
            for whose in needs.kinds() {
                case.check(&program, &operation, *needs, *whose).await;
            }
        }
    }
}

#[tokio::test]
async fn a_members_token_gets_what_the_table_says() {
    check_all(Role::Member).await;
}

#[tokio::test]
async fn an_auditors_token_gets_what_the_table_says() {
    check_all(Role::Auditor).await;
}

#[tokio::test]
async fn a_managers_token_gets_what_the_table_says() {
    check_all(Role::Manager).await;
}

#[tokio::test]
async fn an_administrators_token_gets_what_the_table_says() {
    check_all(Role::Administrator).await;
}

#[tokio::test]
async fn every_operation_is_in_the_table_and_no_other() {
    let desk = Desk::new().await;
    let offered: BTreeSet<_> = operations(&desk).await.into_iter().map(|it| it.name).collect();
    let listed = MATRIX.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(offered, listed);
}
