//! `oathbook rules`.

use briefing::{Changes, KeptRule, Registry, Standing, blank_rule, mistakes, shipped_rule};
use clap::{Args, Subcommand};
use commands::{
    Failure, Permit, Scribe,
    notifications::{NewRule, Refusal},
};
use domain::{
    EmailTemplateId, NotificationRuleId,
    name::ApplicationName,
    notification_rule::{Error, Filter, NotificationRule, Recipients, Rule, RuleName},
    user::Email,
};
use serde_json::{Value, json};

use super::{
    lookup,
    outcome::{Exit, Outcome, print_json, print_line, print_table},
    users::RoleName,
};
use crate::{compose::House, config::Config};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List the rules, shipped ones first.
    List(List),
    /// Show one rule.
    Show(Show),
    /// Make a rule.
    Create(Create),
    /// Change a rule; what is not said stays. Recipients are replaced as a whole.
    Change(Change),
    /// Remove a rule. Those that ship with Oathbook stay, and can be switched off.
    Remove(One),
    /// Let a rule tell of what happens from now on.
    On(One),
    /// Let a rule tell nobody any more.
    Off(One),
}

#[derive(Args, Debug)]
pub(super) struct List {
    /// Print one JSON array.
    #[arg(long)]
    json: bool,
}

#[derive(Args, Debug)]
pub(super) struct Show {
    /// Id or name.
    rule: String,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Args, Debug)]
pub(super) struct One {
    /// Id or name.
    rule: String,
}

#[derive(Args, Debug)]
pub(super) struct Create {
    /// As people call it.
    name: String,
    /// What must happen, such as `application_created`; `docs/letters.md` lists all.
    #[arg(long)]
    occasion: String,
    #[command(flatten)]
    words: Words,
    /// Make it without letting it tell anybody yet.
    #[arg(long)]
    off: bool,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Args, Debug)]
pub(super) struct Change {
    /// Id or name.
    rule: String,
    /// As people call it from now on.
    #[arg(long)]
    name: Option<String>,
    /// What must happen from now on. A shipped rule keeps its occasion.
    #[arg(long)]
    occasion: Option<String>,
    #[command(flatten)]
    words: Words,
    /// Take the former filter away.
    #[arg(long)]
    no_filter: bool,
}

#[derive(Args, Debug)]
struct Words {
    /// Tell the owner of the application, or the person whose account it is.
    #[arg(long)]
    to_owner: bool,
    /// Tell who created the application.
    #[arg(long)]
    to_creator: bool,
    /// Tell people in this role in the organization that it is about; as often as needed.
    #[arg(long = "to-role", value_enum, value_name = "ROLE")]
    to_roles: Vec<RoleName>,
    /// Tell this user (id or name); as often as needed.
    #[arg(long = "to-user", value_name = "USER")]
    to_users: Vec<String>,
    /// Tell somebody who has no account, at this address; as often as needed.
    #[arg(long = "to-address", value_name = "EMAIL")]
    to_addresses: Vec<String>,
    /// Only what is about this organization (id or name).
    #[arg(long, value_name = "ORGANIZATION")]
    for_organization: Option<String>,
    /// Only applications with this in their name, in any case.
    #[arg(long, value_name = "PART")]
    for_application: Option<String>,
    /// Only what this user owns (id or name).
    #[arg(long, value_name = "USER")]
    for_owner: Option<String>,
    /// The template of the letters (id or name); the shipped one by default.
    #[arg(long)]
    template: Option<String>,
    /// After how many days without use, for `application_unused`.
    #[arg(long)]
    days: Option<u16>,
}

/// What the rules are read and changed with.
struct Desk {
    scribe: Scribe,
    standing: Standing,
}

impl Desk {
    async fn open(config: &Config) -> Outcome<Self> {
        let scribe = House::open(config).await?.commands.as_operator();
        let standing = Registry::default().now(scribe.log()).await?;
        Ok(Self { scribe, standing })
    }

    /// The rule with this id or name.
    async fn find(&self, text: &str) -> Outcome<KeptRule> {
        let absent = || {
            let hint = "`oathbook rules list` shows all";
            Exit::not_found(format_args!("there is no rule {text:?}; {hint}"))
        };
        let mut named = self.standing.rules.all().filter(|(_, it)| it.name.as_str() == text);
        let id = match (text.parse::<NotificationRuleId>(), named.next(), named.next()) {
            (Ok(id), ..) | (Err(_), Some((id, _)), None) => id,
            (Err(_), Some(_), Some(_)) => {
                let rule = "several rules have this name; say the id";
                return Err(Exit::argument("RULE", rule));
            }
            (Err(_), None, _) => return Err(absent()),
        };
        KeptRule::find(self.scribe.log(), id, None).await?.ok_or_else(absent)
    }

    async fn filter(&self, words: &Words, mut filter: Filter) -> Outcome<Filter> {
        if let Some(organization) = &words.for_organization {
            filter.organization = Some(lookup::organization(&self.scribe, organization).await?);
        }
        if let Some(owner) = &words.for_owner {
            filter.owner = Some(lookup::user(&self.scribe, owner).await?);
        }
        if let Some(part) = &words.for_application {
            let part = ApplicationName::parse(part);
            let part = part.map_err(|rule| Exit::argument("--for-application", rule))?;
            filter.application_name = part.to_string();
        }
        Ok(filter)
    }

    /// `None` where nobody is named.
    async fn recipients(&self, words: &Words) -> Outcome<Option<(Recipients, Vec<Email>)>> {
        let mut recipients = Recipients {
            owner: words.to_owner,
            creator: words.to_creator,
            roles: words.to_roles.iter().map(|role| (*role).into()).collect(),
            ..Recipients::default()
        };
        for user in &words.to_users {
            recipients.users.insert(lookup::user(&self.scribe, user).await?);
        }
        let addresses = words.to_addresses.iter().map(|address| Email::parse(address));
        let addresses: Vec<_> = addresses
            .collect::<Result<_, _>>()
            .map_err(|rule| Exit::argument("--to-address", rule))?;
        let said = !recipients.is_empty() || !addresses.is_empty();
        Ok(said.then_some((recipients, addresses)))
    }

    fn template(&self, words: &Words) -> Outcome<Option<EmailTemplateId>> {
        let named = words.template.as_deref();
        named.map(|text| lookup::template(&self.standing.templates, text)).transpose()
    }

    /// The rule with what was said.
    async fn said(&self, words: &Words, changes: Changes, present: Rule) -> Outcome<NewRule> {
        let filter = changes.filter.clone().unwrap_or_else(|| present.filter.clone());
        let (recipients, addresses) = match self.recipients(words).await? {
            Some((recipients, addresses)) => (Some(recipients), Some(addresses)),
            None => (None, None),
        };
        let changes = Changes {
            filter: Some(self.filter(words, filter).await?),
            template: self.template(words)?,
            days: words.days.map(Some).or(changes.days),
            recipients,
            ..changes
        };
        let new = NewRule::of(changes.of(present));
        Ok(NewRule { addresses: addresses.unwrap_or(new.addresses), ..new })
    }

    fn check(&self, new: &NewRule, shipped: Option<&Rule>) -> Outcome {
        let addresses = new.addresses.len();
        let found = mistakes(&new.rule, addresses, &self.standing.templates, shipped);
        let texts: Vec<_> = found.iter().map(ToString::to_string).collect();
        if texts.is_empty() { Ok(()) } else { Err(Exit::refused(texts.join(" "))) }
    }

    async fn change(&self, kept: KeptRule, new: NewRule) -> Outcome {
        let KeptRule { id, shipped, expected, .. } = kept;
        self.check(&new, shipped.as_ref())?;
        let scribe = self.scribe.clone().only_at::<NotificationRule>(&id, expected);
        let done = scribe.change_rule(&Permit::operator(), id, new, shipped).await;
        done.map_err(exit)?;
        Ok(())
    }

    async fn switch(&self, rule: &str, active: bool) -> Outcome {
        let kept = self.find(rule).await?;
        let new = NewRule::of(Rule { active, ..kept.rule.clone() });
        self.change(kept, new).await
    }
}

pub(super) async fn run(command: Command, config: &Config) -> Outcome {
    let desk = Desk::open(config).await?;
    match command {
        Command::List(arguments) => list(&desk, &arguments),
        Command::Show(arguments) => show(&desk, &arguments).await,
        Command::Create(arguments) => create(&desk, arguments).await,
        Command::Change(arguments) => change(&desk, arguments).await,
        Command::Remove(One { rule }) => {
            let kept = desk.find(&rule).await?;
            let ships = kept.shipped.is_some();
            let done = desk.scribe.remove_rule(&Permit::operator(), kept.id, ships).await;
            done.map_err(exit)?;
            Ok(())
        }
        Command::On(One { rule }) => desk.switch(&rule, true).await,
        Command::Off(One { rule }) => desk.switch(&rule, false).await,
    }
}

fn exit(failure: Failure<Refusal>) -> Exit {
    match failure {
        Failure::Refused(Refusal::Rule(Error::Absent)) => {
            Exit::not_found("there is no such rule; `oathbook rules list` shows all")
        }
        failure => failure.into(),
    }
}

fn name_of(text: &str, argument: &str) -> Outcome<RuleName> {
    RuleName::parse(text).map_err(|rule| Exit::argument(argument, rule))
}

async fn create(desk: &Desk, arguments: Create) -> Outcome {
    let name = name_of(&arguments.name, "NAME")?;
    let blank = blank_rule(name, arguments.occasion);
    let changes = Changes { active: Some(!arguments.off), ..Changes::default() };
    let new = desk.said(&arguments.words, changes, blank).await?;
    desk.check(&new, None)?;
    let made = desk.scribe.create_rule(&Permit::operator(), new).await;
    let (id, _) = made.map_err(exit)?;
    if arguments.json { print_json(&json!({ "id": id })) } else { print_line(&id.to_string()) }
}

async fn change(desk: &Desk, arguments: Change) -> Outcome {
    let kept = desk.find(&arguments.rule).await?;
    let name = arguments.name.as_deref().map(|name| name_of(name, "--name")).transpose()?;
    let changes = Changes {
        name,
        occasion: arguments.occasion,
        filter: arguments.no_filter.then(Filter::default),
        ..Changes::default()
    };
    let new = desk.said(&arguments.words, changes, kept.rule.clone()).await?;
    desk.change(kept, new).await
}

fn list(desk: &Desk, arguments: &List) -> Outcome {
    let all = desk.standing.rules.all();
    if arguments.json {
        return print_json(&all.map(|(id, rule)| document(id, rule)).collect::<Vec<_>>());
    }
    let row = |(id, rule): (NotificationRuleId, &Rule)| {
        vec![
            id.to_string(),
            rule.name.as_str().to_owned(),
            rule.occasion.clone(),
            if rule.active { "on" } else { "off" }.to_owned(),
        ]
    };
    print_table(&["ID", "NAME", "OCCASION", "STATE"], &all.map(row).collect::<Vec<_>>())
}

async fn show(desk: &Desk, arguments: &Show) -> Outcome {
    let KeptRule { id, rule, .. } = desk.find(&arguments.rule).await?;
    if arguments.json {
        return print_json(&document(id, &rule));
    }
    let Filter { organization, owner, application_name } = &rule.filter;
    let listed = |all: Vec<String>| all.join(", ");
    let recipients = &rule.recipients;
    for (label, value) in [
        ("Rule", id.to_string()),
        ("Name", rule.name.as_str().to_owned()),
        ("Occasion", rule.occasion.clone()),
        ("State", if rule.active { "on" } else { "off" }.to_owned()),
        ("Days", rule.days.map(|days| days.to_string()).unwrap_or_default()),
        ("Organization", organization.map(|id| id.to_string()).unwrap_or_default()),
        ("Owned by", owner.map(|id| id.to_string()).unwrap_or_default()),
        ("Name has", application_name.clone()),
        ("Template", rule.template.to_string()),
        ("To owner", if recipients.owner { "yes" } else { "" }.to_owned()),
        ("To creator", if recipients.creator { "yes" } else { "" }.to_owned()),
        ("To roles", listed(recipients.roles.iter().map(|it| it.as_str().to_owned()).collect())),
        ("To users", listed(recipients.users.iter().map(ToString::to_string).collect())),
        ("To addresses", listed(addresses(recipients))),
    ] {
        if !value.is_empty() {
            print_line(&format!("{label:13} {value}"))?;
        }
    }
    Ok(())
}

fn addresses(recipients: &Recipients) -> Vec<String> {
    let open = recipients.addresses.iter().filter_map(|it| it.address.as_open());
    open.map(str::to_owned).collect()
}

fn document(id: NotificationRuleId, rule: &Rule) -> Value {
    let Recipients { owner, creator, users, roles, .. } = &rule.recipients;
    json!({
        "id": id,
        "name": rule.name,
        "occasion": rule.occasion,
        "active": rule.active,
        "filter": {
            "organization": rule.filter.organization,
            "owner": rule.filter.owner,
            "application_name": rule.filter.application_name,
        },
        "template": rule.template,
        "recipients": {
            "owner": owner,
            "creator": creator,
            "roles": roles,
            "users": users,
            "addresses": addresses(&rule.recipients),
        },
        "days": rule.days,
        "shipped": shipped_rule(id).is_some(),
    })
}
