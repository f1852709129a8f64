//! `users`: invited, read, changed.

mod writing;

use axum::http::{Method, StatusCode};
use domain::{Personal, UserId};
use projections::directory::User;
use serde_json::json;

use super::{
    call::Call,
    document::{self, Resource},
    error::Errors,
    listing::{Facet, Listed},
    memberships::ROLES,
    operation::{Body, Gives, Operation, ReadUsers},
    query::{Accepts, Filter, Order, Pages},
    reply::Reply,
    schema::{Access, Attribute, Purpose, Relationship, Shape, Type},
};

pub(super) static USERS: Type = Type {
    name: "users",
    about: "A person with an account. What is personal is null once the person was erased.",
    attributes: &[
        Attribute {
            name: "userName",
            shape: Shape::Perhaps(&Shape::UserName),
            access: Access::Required,
            about: "To sign in with; unique.",
        },
        Attribute {
            name: "displayName",
            shape: Shape::Perhaps(&Shape::Name),
            access: Access::Required,
            about: "As the person is called.",
        },
        Attribute {
            name: "email",
            shape: Shape::Perhaps(&Shape::Email),
            access: Access::Required,
            about: "Where letters go.",
        },
        Attribute {
            name: "locale",
            shape: Shape::Locale,
            access: Access::Write,
            about: "The language of letters, a tag of RFC 5646.",
        },
        Attribute {
            name: "role",
            shape: Shape::Choice(ROLES),
            access: Access::Create,
            about: "Of the membership that an invitation begins; a member unless said otherwise.",
        },
        Attribute {
            name: "enabled",
            shape: Shape::Flag,
            access: Access::Update,
            about: "A disabled user cannot sign in, and their applications get no tokens.",
        },
        Attribute {
            name: "createdAt",
            shape: Shape::Moment,
            access: Access::Read,
            about: "When the account was made, UTC.",
        },
    ],
    relationships: &[Relationship {
        name: "organization",
        to: "organizations",
        access: Access::Create,
        about: "Where an invited user becomes a member; the token's organization unless another one is named.",
    }],
    meta: &[],
    handed_out: &[],
};

const LIST: Accepts = Accepts {
    filters: &[
        Filter::id("id"),
        Filter::text("userName"),
        Filter::text("displayName"),
        Filter::text("email"),
        Filter::flag("enabled"),
        Filter::moment("createdAt"),
    ],
    sort: &["userName", "displayName", "email", "enabled", "createdAt"],
    include: &[],
    fields: &[&USERS],
    pages: Pages::Yes,
};
const ONE: Accepts = Accepts { fields: &[&USERS], ..Accepts::NOTHING };
const BY_NAME: &[Order] = &[Order { field: "userName", descending: false }];

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::new(Method::GET, "/users", "listUsers", list)
            .summary("List the users that the caller may see")
            .accepting(&LIST)
            .giving(Gives::Many(&USERS)),
        Operation::new(Method::GET, "/users/{id}", "getUser", show)
            .summary("Get a user")
            .accepting(&ONE)
            .giving(Gives::One(StatusCode::OK, &USERS)),
        Operation::new(Method::POST, "/users", "inviteUser", writing::invite)
            .summary("Invite a user: they get a letter with a link to choose a password")
            .accepting(&ONE)
            .body(Body::Needed(USERS.body(Purpose::Create)))
            .giving(Gives::One(StatusCode::CREATED, &USERS)),
        Operation::new(Method::PATCH, "/users/{id}", "updateUser", writing::update)
            .summary(
                "Change a user, all that is named or nothing; it takes the right to keep accounts",
            )
            .accepting(&ONE)
            .body(Body::Needed(USERS.body(Purpose::Update)))
            .giving(Gives::One(StatusCode::OK, &USERS)),
    ]
}

async fn list(call: Call<ReadUsers>) -> Result<Reply, Errors> {
    call.app.knowledge.ask_roster(|roster| {
        let page = call.list(call.users(roster), BY_NAME, "users", |it| resource(it), |_| vec![]);
        Ok(page?.position(roster.as_of()))
    })
}

async fn show(call: Call<ReadUsers>) -> Result<Reply, Errors> {
    let found = resource(&call.user(call.id::<UserId>()?)?);
    let document = document::one(&found, &[], &call.base(), &call.query);
    Ok(Reply::document(StatusCode::OK, document).revision(found.revision))
}

pub(super) fn resource(user: &User) -> Resource {
    Resource {
        of: &USERS,
        id: user.id.to_string(),
        revision: user.revision,
        attributes: json!({
            "userName": user.user_name.as_open(),
            "displayName": user.display_name.as_open(),
            "email": user.email.as_open(),
            "locale": user.locale,
            "enabled": user.enabled,
            "createdAt": user.created_at,
        }),
        relationships: vec![],
        meta: json!({}),
    }
}

impl Listed for User {
    fn id(&self) -> String {
        self.id.to_string()
    }

    fn facet(&self, field: &str) -> Facet<'_> {
        match field {
            "id" => Facet::Exact(self.id.to_string().into()),
            "userName" => personal(&self.user_name),
            "displayName" => personal(&self.display_name),
            "email" => personal(&self.email),
            "enabled" => Facet::Flag(self.enabled),
            "createdAt" => Facet::Moment(self.created_at),
            _ => Facet::None,
        }
    }
}

fn personal(value: &Personal) -> Facet<'_> {
    value.as_open().map_or(Facet::None, |text| Facet::Text(text.into()))
}
