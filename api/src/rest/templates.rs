//! `emailtemplates`: the words of letters. For installation administrators; for everybody else there are none.

mod writing;

use axum::http::{Method, StatusCode};
use briefing::{KeptTemplate, template_name};
use domain::{
    EmailTemplateId,
    email_template::{EmailTemplate, Origin},
    user::Locale,
};
use letters::Occasion;
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

/// Bytes of a body that holds the words of one language: two parts of 64 KiB, and what JSON adds to them.
const LIMIT: usize = 256 * 1024;

pub(super) static TEMPLATES: Type = Type {
    name: "emailtemplates",
    about: "The words of letters about an occasion, by language.",
    attributes: &[
        Attribute {
            name: "name",
            shape: Shape::Name,
            access: Access::RequiredOnce,
            about: "As people call it.",
        },
        Attribute {
            name: "occasion",
            shape: Shape::Choice(occasions::ALL),
            access: Access::RequiredOnce,
            about: "What its letters tell of. A new template begins as a copy of the shipped one.",
        },
        Attribute {
            name: "words",
            shape: Shape::Words,
            access: Access::Update,
            about: "Subject, text and HTML by language; left out of lists. Said of one language at a time: null takes its own words away, so that it says again what is shipped, or what its parent language says.",
        },
        Attribute {
            name: "customized",
            shape: Shape::Texts,
            access: Access::Read,
            about: "The languages that have words of their own.",
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
        Filter::choice("occasion", occasions::ALL),
        Filter::flag("shipped"),
    ],
    sort: &["name", "occasion", "shipped"],
    include: &[],
    fields: &[&TEMPLATES],
    pages: Pages::Yes,
};
const ONE: Accepts = Accepts { fields: &[&TEMPLATES], ..Accepts::NOTHING };
const BY_NAME: &[Order] = &[Order { field: "name", descending: false }];

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::new(Method::GET, "/emailtemplates", "listEmailTemplates", list)
            .summary("List the e-mail templates")
            .accepting(&LIST)
            .giving(Gives::Many(&TEMPLATES)),
        Operation::new(Method::GET, "/emailtemplates/{id}", "getEmailTemplate", show)
            .summary("Get an e-mail template with its words")
            .accepting(&ONE)
            .giving(Gives::One(StatusCode::OK, &TEMPLATES)),
        Operation::new(Method::POST, "/emailtemplates", "createEmailTemplate", writing::create)
            .summary("Make an e-mail template, as a copy of the shipped one")
            .accepting(&ONE)
            .body(Body::Needed(TEMPLATES.body(Purpose::Create)))
            .giving(Gives::One(StatusCode::CREATED, &TEMPLATES)),
        Operation::new(
            Method::PATCH,
            "/emailtemplates/{id}",
            "updateEmailTemplate",
            writing::update,
        )
        .summary("Give one language of an e-mail template words of its own, or take them away")
        .accepting(&ONE)
        .body(Body::Needed(TEMPLATES.body(Purpose::Update)))
        .of_at_most(LIMIT)
        .giving(Gives::One(StatusCode::OK, &TEMPLATES)),
        Operation::new(
            Method::DELETE,
            "/emailtemplates/{id}",
            "deleteEmailTemplate",
            writing::delete,
        )
        .summary("Delete an e-mail template that does not ship with Oathbook"),
    ]
}

/// One template of the list.
struct Listing<'a> {
    id: EmailTemplateId,
    occasion: &'static Occasion,
    template: &'a EmailTemplate,
}

async fn list(call: Call<ReadNotifications>) -> Result<Reply, Errors> {
    let log = &call.app.commands.log;
    let standing = call.app.registry.now(log).await.map_err(refusals::log)?;
    let may = call.keeps_notifications().is_ok();
    let all = standing.templates.all().filter(|_| may);
    let rows = all.map(|(id, occasion, template)| Listing { id, occasion, template });
    let shown = |it: &Listing<'_>| resource(it.id, it.occasion, it.template, 0);
    let page = call.list(rows, BY_NAME, TEMPLATES.name, shown, |_| vec![]);
    Ok(page?.position(standing.through))
}

async fn show(call: Call<ReadNotifications>) -> Result<Reply, Errors> {
    let found = call.template().await?;
    Ok(reply(&call, &found, StatusCode::OK))
}

impl<S: Needs> Call<S> {
    /// The template that the address names, for who may know of it.
    async fn template(&self) -> Result<KeptTemplate, Error> {
        let id = self.id()?;
        self.keeps_notifications()?;
        let found =
            KeptTemplate::find(&self.app.commands.log, id, None).await.map_err(refusals::log)?;
        found.ok_or_else(Error::not_found)
    }
}

fn reply<S: Needs>(call: &Call<S>, kept: &KeptTemplate, status: StatusCode) -> Reply {
    // A shipped template that nobody changed has a revision, too.
    let revision = kept.expected.next_revision();
    let mut found = resource(kept.id, kept.occasion, &kept.template, revision);
    found.attributes["words"] = json!(kept.words());
    let document = document::one(&found, &[], &call.base(), &call.query);
    Reply::document(status, document).revision(found.revision)
}

/// All of it but the words.
fn resource(
    id: EmailTemplateId,
    occasion: &'static Occasion,
    template: &EmailTemplate,
    revision: u64,
) -> Resource {
    let customized: Vec<&Locale> = template.customized.keys().collect();
    let attributes: Value = json!({
        "name": template_name(occasion, template),
        "occasion": occasion.name,
        "customized": customized,
        "shipped": template.origin == Origin::Shipped,
    });
    let (relationships, meta) = (vec![], json!({}));
    Resource { of: &TEMPLATES, id: id.to_string(), revision, attributes, relationships, meta }
}

impl Listed for Listing<'_> {
    fn id(&self) -> String {
        self.id.to_string()
    }

    fn facet(&self, field: &str) -> Facet<'_> {
        match field {
            "id" => Facet::Exact(self.id.to_string().into()),
            "name" => Facet::Text(template_name(self.occasion, self.template).into()),
            "occasion" => Facet::Exact(self.occasion.name.into()),
            "shipped" => Facet::Flag(self.template.origin == Origin::Shipped),
            _ => Facet::None,
        }
    }
}
