//! Rules in words.

use briefing::{Templates, template_name};
use domain::{
    EmailTemplateId,
    authority::Role,
    notification_rule::{Filter, Recipients, Rule},
};
use letters::{About, Occasion};

use super::masked;
use crate::{
    app::App,
    web::applications::{organization, person},
};

/// People, and addresses, that are named; the others are counted.
const NAMED: usize = 3;

/// What the filter asks for, each in words. Nothing where it lets everything through.
pub(super) fn filter(app: &App, rule: &Rule) -> Vec<String> {
    let Filter { organization: place, owner, application_name } = &rule.filter;
    let unused = rule.days.map(|days| format!("Unused for {days} days"));
    let named =
        (!application_name.is_empty()).then(|| format!("Name contains “{application_name}”"));
    let place = place.map(|id| format!("Organization is {}", organization(app, id)));
    let owner = owner.map(|id| format!("Owner is {}", person(app, id)));
    [unused, place, named, owner].into_iter().flatten().collect()
}

/// What the template is called; `None` where there is none any more.
pub(super) fn template(templates: &Templates, id: EmailTemplateId) -> Option<String> {
    let (occasion, template) = templates.get(id)?;
    Some(template_name(occasion, template).to_owned())
}

/// Whom the rule tells, each in words.
pub(super) fn recipients(app: &App, rule: &Rule) -> Vec<String> {
    let Recipients { owner, creator, users, roles, addresses } = &rule.recipients;
    let occasion = letters::occasion(&rule.occasion);
    let mut all: Vec<String> = vec![];
    all.extend(owner.then(|| owner_of(occasion).to_owned()));
    all.extend(creator.then(|| "Creator".to_owned()));
    all.extend(roles.iter().rev().map(|role| plural(*role).to_owned()));
    let mut people: Vec<_> = users.iter().map(|id| person(app, *id)).collect();
    people.sort_unstable();
    all.extend(some_of(people, "user"));
    let open = addresses.iter().filter_map(|it| it.address.as_open());
    all.extend(some_of(open.map(masked).collect(), "address"));
    all
}

fn some_of(mut all: Vec<String>, kind: &str) -> Vec<String> {
    let more = all.len().saturating_sub(NAMED);
    all.truncate(NAMED);
    let ending = match (more, kind.ends_with('s')) {
        (0 | 1, _) => "",
        (_, true) => "es",
        (_, false) => "s",
    };
    all.extend((more > 0).then(|| format!("{more} more {kind}{ending}")));
    all
}

/// Who the owner is, on that occasion.
pub(super) fn owner_of(occasion: Option<&Occasion>) -> &'static str {
    match occasion.map(|occasion| occasion.about) {
        Some(About::Account) => "Account holder",
        Some(About::Application | About::Installation) | None => "Owner",
    }
}

pub(super) const fn plural(role: Role) -> &'static str {
    match role {
        Role::Member => "Members",
        Role::Auditor => "Auditors",
        Role::Manager => "Managers",
        Role::Administrator => "Administrators",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_not_named_is_counted() {
        let all = |number: usize| (0..number).map(|it| it.to_string()).collect::<Vec<_>>();
        assert_eq!(some_of(all(3), "user"), ["0", "1", "2"]);
        assert_eq!(some_of(all(4), "address"), ["0", "1", "2", "1 more address"]);
        assert_eq!(some_of(all(5), "address"), ["0", "1", "2", "2 more addresses"]);
        assert_eq!(some_of(all(9), "user"), ["0", "1", "2", "6 more users"]);
    }
}
