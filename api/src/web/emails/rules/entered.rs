//! A rule as it stands in a form, and what is wrong about it.

use std::collections::BTreeSet;

use briefing::{Mistake, Place, Standing, mistakes, takes_days, usual_template};
use commands::{Scribe, notifications::NewRule};
use domain::{
    EmailTemplateId, OrganizationId, UserId,
    authority::Role,
    name::{ApplicationName, UserName},
    notification_rule::{Error, Filter, MAX_RECIPIENTS, Recipients, Rule, RuleName},
    user::Email,
};
use serde::Serialize;

use super::Problem;
use crate::{
    app::App,
    web::{form::Fields, shell::open},
};

/// The texts of the form.
#[derive(Clone, Debug, Default)]
pub(super) struct Entered {
    pub(super) name: String,
    pub(super) occasion: String,
    pub(super) organization: String,
    pub(super) application_name: String,
    pub(super) filter_owner: String,
    /// Empty for the template that ships for the occasion.
    pub(super) template: String,
    pub(super) owner: bool,
    pub(super) creator: bool,
    pub(super) roles: BTreeSet<Role>,
    /// User names, one per line.
    pub(super) users: String,
    /// One per line.
    pub(super) addresses: String,
    pub(super) active: bool,
    pub(super) days: String,
}

/// What is wrong, field by field.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Complaints {
    pub(super) error: Option<String>,
    name_error: Option<String>,
    occasion_error: Option<String>,
    organization_error: Option<String>,
    application_name_error: Option<String>,
    filter_owner_error: Option<String>,
    template_error: Option<String>,
    recipients_error: Option<String>,
    users_error: Option<String>,
    addresses_error: Option<String>,
    days_error: Option<String>,
}

impl Complaints {
    pub(super) fn of_form(text: &str) -> Self {
        Self { error: Some(text.to_owned()), ..Self::default() }
    }

    pub(super) fn about(mistake: Mistake) -> Self {
        let mut complaints = Self::default();
        complaints.note(mistake);
        complaints
    }

    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The first complaint about a field stays.
    fn note(&mut self, mistake: Mistake) {
        let place = match mistake.place() {
            Place::Occasion => &mut self.occasion_error,
            Place::FilterOrganization => &mut self.organization_error,
            Place::FilterApplicationName => &mut self.application_name_error,
            Place::FilterOwner => &mut self.filter_owner_error,
            Place::Template => &mut self.template_error,
            Place::Recipients => &mut self.recipients_error,
            Place::Days => &mut self.days_error,
        };
        place.get_or_insert_with(|| mistake.to_string());
    }
}

/// Keeps what could be read, and notes why the rest could not.
fn noted<T, E: ToString>(read: Result<T, E>, place: &mut Option<String>) -> Option<T> {
    read.map_err(|error| *place = Some(error.to_string())).ok()
}

/// What is written on the lines that are not blank, with their numbers.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let numbered = text.lines().map(str::trim).enumerate();
    numbered.filter(|(_, line)| !line.is_empty()).map(|(index, line)| (index + 1, line))
}

impl Entered {
    pub(super) fn blank() -> Self {
        Self { active: true, ..Self::default() }
    }

    /// The rule as it is. Who has no user name any more goes by the id.
    pub(super) fn of(app: &App, rule: &Rule) -> Self {
        let name_of = |id: UserId| match app.knowledge.user(id) {
            Some(user) if user.user_name.as_open().is_some() => open(&user.user_name),
            Some(_) | None => id.to_string(),
        };
        let Recipients { owner, creator, users, roles, addresses } = &rule.recipients;
        let mut users: Vec<_> = users.iter().map(|id| name_of(*id)).collect();
        users.sort_unstable();
        let addresses: Vec<_> = addresses.iter().filter_map(|it| it.address.as_open()).collect();
        Self {
            name: rule.name.as_str().to_owned(),
            occasion: rule.occasion.clone(),
            organization: rule.filter.organization.map(|id| id.to_string()).unwrap_or_default(),
            application_name: rule.filter.application_name.clone(),
            filter_owner: rule.filter.owner.map(name_of).unwrap_or_default(),
            template: if rule.template == usual_template(&rule.occasion) {
                String::new()
            } else {
                rule.template.to_string()
            },
            owner: *owner,
            creator: *creator,
            roles: roles.clone(),
            users: users.join("\n"),
            addresses: addresses.join("\n"),
            active: rule.active,
            days: rule.days.map(|days| days.to_string()).unwrap_or_default(),
        }
    }

    pub(super) fn sent(fields: &Fields) -> Result<Self, Problem> {
        let text = |name| fields.text(name).to_owned();
        let flag = |name| {
            let flag = fields.flag(name);
            flag.map_err(|_| {
                Problem::Malformed("One of its check boxes is neither true nor left out.")
            })
        };
        let mut roles = BTreeSet::new();
        for role in Role::ALL {
            if flag(field_of(role))? {
                roles.insert(role);
            }
        }
        Ok(Self {
            name: text("name"),
            occasion: text("occasion"),
            organization: text("organization"),
            application_name: text("application_name"),
            filter_owner: text("filter_owner"),
            template: text("template"),
            owner: flag("owner")?,
            creator: flag("creator")?,
            roles,
            users: text("users"),
            addresses: text("addresses"),
            active: flag("active")?,
            days: text("days"),
        })
    }

    /// The rule, or everything that is wrong about it. `shipped` is the rule as shipped, where it is one.
    pub(super) async fn read(
        &self,
        scribe: &Scribe,
        standing: &Standing,
        shipped: Option<&Rule>,
    ) -> Result<Result<NewRule, Complaints>, Problem> {
        let mut wrong = Complaints::default();
        let owner = match self.filter_owner.trim() {
            "" => None,
            text => {
                let found = find_user(scribe, text).await?;
                noted(found.ok_or_else(|| nobody(text)), &mut wrong.filter_owner_error)
            }
        };
        let users = noted(self.users(scribe).await?, &mut wrong.users_error);
        let name = noted(RuleName::parse(&self.name), &mut wrong.name_error);
        let addresses = noted(self.addresses(), &mut wrong.addresses_error);
        let filter = Filter { owner, ..self.filter(&mut wrong) };
        let occasion = letters::occasion(&self.occasion);
        // The rest is looked at all the same.
        let Some(stand_in) = name.clone().or_else(|| RuleName::parse("Rule").ok()) else {
            return Ok(Err(wrong));
        };
        let rule = Rule {
            name: stand_in,
            occasion: self.occasion.clone(),
            filter,
            template: match self.template.as_str() {
                "" => usual_template(&self.occasion),
                text => text.parse().unwrap_or_else(|_| EmailTemplateId::shipped(text)),
            },
            recipients: Recipients {
                owner: self.owner,
                creator: self.creator,
                users: users.unwrap_or_default(),
                roles: self.roles.clone(),
                addresses: vec![],
            },
            active: self.active,
            // Who says days where there are none to say means another occasion.
            days: occasion.filter(|it| takes_days(it)).and_then(|_| self.days.trim().parse().ok()),
        };
        let addresses = addresses.unwrap_or_default();
        let unread = wrong.users_error.is_some() || wrong.addresses_error.is_some();
        for mistake in mistakes(&rule, addresses.len(), &standing.templates, shipped) {
            let missing = mistake == Mistake::Recipients(Error::NoRecipients);
            if !(missing && unread) {
                wrong.note(mistake);
            }
        }
        Ok(if wrong.is_empty() { Ok(NewRule { rule, addresses }) } else { Err(wrong) })
    }

    /// But for the owner.
    fn filter(&self, wrong: &mut Complaints) -> Filter {
        let mut filter = Filter::default();
        if !self.organization.is_empty() {
            let read = self.organization.parse::<OrganizationId>();
            let read = read.map_err(|_| "Choose one of the organizations.");
            filter.organization = noted(read, &mut wrong.organization_error);
        }
        if !self.application_name.trim().is_empty() {
            let read = ApplicationName::parse(&self.application_name);
            let read = noted(read, &mut wrong.application_name_error);
            filter.application_name = read.map(|name| name.to_string()).unwrap_or_default();
        }
        filter
    }

    async fn users(&self, scribe: &Scribe) -> Result<Result<BTreeSet<UserId>, String>, Problem> {
        let mut found = BTreeSet::new();
        if lines(&self.users).count() > MAX_RECIPIENTS {
            return Ok(Err(Error::TooManyRecipients.to_string()));
        }
        for (_, line) in lines(&self.users) {
            match find_user(scribe, line).await? {
                Some(user) => found.insert(user),
                None => return Ok(Err(nobody(line))),
            };
        }
        Ok(Ok(found))
    }

    fn addresses(&self) -> Result<Vec<Email>, String> {
        let read =
            |(number, line)| Email::parse(line).map_err(|error| format!("Line {number}: {error}"));
        lines(&self.addresses).map(read).collect()
    }
}

fn nobody(text: &str) -> String {
    format!("There is no user “{text}”.")
}

/// By user name, or by id, which is all that is left of who has no name any more.
async fn find_user(scribe: &Scribe, text: &str) -> Result<Option<UserId>, Problem> {
    let named = match UserName::parse(text) {
        Ok(name) => scribe.find_user(&name).await?,
        Err(_) => None,
    };
    Ok(named.or_else(|| text.parse().ok()))
}

/// The field that says whether the rule tells people in the role.
pub(super) const fn field_of(role: Role) -> &'static str {
    match role {
        Role::Member => "role_member",
        Role::Auditor => "role_auditor",
        Role::Manager => "role_manager",
        Role::Administrator => "role_administrator",
    }
}
