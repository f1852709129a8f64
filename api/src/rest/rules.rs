//! `notificationrules`: who is told of what. For installation administrators; for everybody else there are none.

mod writing;

use axum::http::{Method, StatusCode};
use briefing::{KeptRule, shipped_rule};
use domain::{
    NotificationRuleId,
    notification_rule::{Recipients, Rule},
};
use serde_json::{Value, json};

use super::{
    call::Call,
    document::{self, Resource},
    error::{Error, Errors},
    listing::{Facet, Listed},
    occasions,
    operation::{Body, Gives, Needs, Operation, ReadNotifications},
    query::{Accepts, Filter, Order, Pages},
    refusals,
    reply::Reply,
    schema::{Access, Attribute, Purpose, Shape, Type},
};

pub(super) static RULES: Type = Type {
    name: "notificationrules",
    about: "When the occasion arises and the filter lets it through, a letter goes to the recipients.",
    attributes: &[
        Attribute {
            name: "name",
            shape: Shape::Name,
            access: Access::Required,
            about: "As people call it.",
        },
        Attribute {
            name: "occasion",
            shape: Shape::Choice(occasions::OF_RULES),
            access: Access::Required,
            about: "What must happen. A shipped rule keeps its occasion.",
        },
        Attribute {
            name: "active",
            shape: Shape::Flag,
            access: Access::Write,
            about: "Whether it tells; true unless said otherwise. This switches it on and off.",
        },
        Attribute {
            name: "filter",
            shape: Shape::RuleFilter,
            access: Access::Write,
            about: "What it must be about, all of it; replaced as a whole.",
        },
        Attribute {
            name: "template",
            shape: Shape::Id,
            access: Access::Write,
            about: "The id of an e-mail template for the occasion; the shipped one unless said otherwise.",
        },
        Attribute {
            name: "recipients",
            shape: Shape::RuleRecipients,
            access: Access::Required,
            about: "Whom it tells, at least one; replaced as a whole. Roles are those in the organization that it is about.",
        },
        Attribute {
            name: "days",
            shape: Shape::Perhaps(&Shape::Number(1, briefing::MAX_DAYS)),
            access: Access::Write,
            about: "After how many days without use; null but for application_unused.",
        },
        Attribute {
            name: "shipped",
            shape: Shape::Flag,
            access: Access::Read,
            about: "Whether it ships with Oathbook: then it can be changed and not be deleted.",
        },
    ],
    relationships: &[],
    meta: &[],
    handed_out: &[],
};

const LIST: Accepts = Accepts {
    filters: &[
        Filter::id("id"),
        Filter::text("name"),
        Filter::choice("occasion", occasions::OF_RULES),
        Filter::flag("active"),
        Filter::flag("shipped"),
    ],
    sort: &["name", "occasion", "active", "shipped"],
    include: &[],
    fields: &[&RULES],
    pages: Pages::Yes,
};
const ONE: Accepts = Accepts { fields: &[&RULES], ..Accepts::NOTHING };
const BY_NAME: &[Order] = &[Order { field: "name", descending: false }];

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::new(Method::GET, "/notificationrules", "listNotificationRules", list)
            .summary("List the notification rules")
            .accepting(&LIST)
            .giving(Gives::Many(&RULES)),
        Operation::new(Method::GET, "/notificationrules/{id}", "getNotificationRule", show)
            .summary("Get a notification rule")
            .accepting(&ONE)
            .giving(Gives::One(StatusCode::OK, &RULES)),
        Operation::new(
            Method::POST,
            "/notificationrules",
            "createNotificationRule",
            writing::create,
        )
        .summary("Make a notification rule")
        .accepting(&ONE)
        .body(Body::Needed(RULES.body(Purpose::Create)))
        .giving(Gives::One(StatusCode::CREATED, &RULES)),
        Operation::new(
            Method::PATCH,
            "/notificationrules/{id}",
            "updateNotificationRule",
            writing::update,
        )
        .summary("Change a notification rule, or switch it on and off")
        .accepting(&ONE)
        .body(Body::Needed(RULES.body(Purpose::Update)))
        .giving(Gives::One(StatusCode::OK, &RULES)),
        Operation::new(
            Method::DELETE,
            "/notificationrules/{id}",
            "deleteNotificationRule",
            writing::delete,
        )
        .summary("Delete a notification rule that does not ship with Oathbook"),
    ]
}

/// One rule of the list.
struct Listing<'a> {
    id: NotificationRuleId,
    rule: &'a Rule,
    shipped: bool,
}

async fn list(call: Call<ReadNotifications>) -> Result<Reply, Errors> {
    let log = &call.app.commands.log;
    let standing = call.app.registry.now(log).await.map_err(refusals::log)?;
    let may = call.keeps_notifications().is_ok();
    let all = standing.rules.all().filter(|_| may);
    let rows = all.map(|(id, rule)| Listing { id, rule, shipped: shipped_rule(id).is_some() });
    let shown = |it: &Listing<'_>| resource(it.id, it.rule, it.shipped, 0);
    let page = call.list(rows, BY_NAME, RULES.name, shown, |_| vec![]);
    Ok(page?.position(standing.through))
}

async fn show(call: Call<ReadNotifications>) -> Result<Reply, Errors> {
    let found = call.rule().await?;
    Ok(reply(&call, &found, StatusCode::OK))
}

impl<S: Needs> Call<S> {
    /// The rule that the address names, for who may know of it.
    async fn rule(&self) -> Result<KeptRule, Error> {
        let id = self.id()?;
        self.keeps_notifications()?;
        let found =
            KeptRule::find(&self.app.commands.log, id, None).await.map_err(refusals::log)?;
        found.ok_or_else(Error::not_found)
    }
}

fn reply<S: Needs>(call: &Call<S>, kept: &KeptRule, status: StatusCode) -> Reply {
    // A shipped rule that nobody changed has a revision, too.
    let revision = kept.expected.next_revision();
    let found = resource(kept.id, &kept.rule, kept.shipped.is_some(), revision);
    let document = document::one(&found, &[], &call.base(), &call.query);
    Reply::document(status, document).revision(found.revision)
}

fn resource(id: NotificationRuleId, rule: &Rule, shipped: bool, revision: u64) -> Resource {
    Resource {
        of: &RULES,
        id: id.to_string(),
        revision,
        attributes: json!({
            "name": rule.name,
            "occasion": rule.occasion,
            "active": rule.active,
            "filter": {
                "organization": rule.filter.organization,
                "owner": rule.filter.owner,
                "applicationName": rule.filter.application_name,
            },
            "template": rule.template,
            "recipients": recipients(&rule.recipients),
            "days": rule.days,
            "shipped": shipped,
        }),
        relationships: vec![],
        meta: json!({}),
    }
}

fn recipients(recipients: &Recipients) -> Value {
    let Recipients { owner, creator, users, roles, addresses } = recipients;
    let addresses: Vec<_> = addresses.iter().filter_map(|it| it.address.as_open()).collect();
    json!({
        "owner": owner,
        "creator": creator,
        "roles": roles,
        "users": users,
        "addresses": addresses,
    })
}

impl Listed for Listing<'_> {
    fn id(&self) -> String {
        self.id.to_string()
    }

    fn facet(&self, field: &str) -> Facet<'_> {
        match field {
            "id" => Facet::Exact(self.id.to_string().into()),
            "name" => Facet::Text(self.rule.name.as_str().into()),
            "occasion" => Facet::Exact(self.rule.occasion.as_str().into()),
            "active" => Facet::Flag(self.rule.active),
            "shipped" => Facet::Flag(self.shipped),
            _ => Facet::None,
        }
    }
}
