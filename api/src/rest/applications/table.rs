//! What applications look like, and what can be asked about them.

use super::super::{
    organizations::ORGANIZATIONS,
    query::{Accepts, Filter, Pages},
    schema::{Access, Attribute, Relationship, Shape, Type},
    users::USERS,
};

pub(super) const STATUSES: &[&str] = &["active", "inactive", "deleted"];

pub(in super::super) static APPLICATIONS: Type = Type {
    name: "oauthapplications",
    about: "An OAuth application: credentials in the name of its owner, inside one organization.",
    attributes: &[
        Attribute {
            name: "name",
            shape: Shape::Name,
            access: Access::Required,
            about: "Unique among the owner's applications in the organization.",
        },
        Attribute {
            name: "clientId",
            shape: Shape::Text(32),
            access: Access::Read,
            about: "The public half of the credentials.",
        },
        Attribute {
            name: "clientSecret",
            shape: Shape::Perhaps(&Shape::Text(64)),
            access: Access::Read,
            about: "In the answer that creates the application, and never again: only a hash is kept.",
        },
        Attribute {
            name: "active",
            shape: Shape::Flag,
            access: Access::Write,
            about: "Whether the application gets tokens.",
        },
        Attribute {
            name: "status",
            shape: Shape::Choice(STATUSES),
            access: Access::Read,
            about: "Active, inactive or deleted.",
        },
        Attribute {
            name: "grants",
            shape: Shape::Texts,
            access: Access::Read,
            about: "The grant types the application may use.",
        },
        Attribute {
            name: "scopes",
            shape: Shape::Scopes,
            access: Access::Write,
            about: "What its tokens may be good for, out of the catalogue of the installation. Of Oathbook's own scopes a token can only give those it has.",
        },
        Attribute {
            name: "description",
            shape: Shape::Perhaps(&Shape::Lines(2000)),
            access: Access::Write,
            about: "What the application is for.",
        },
        Attribute {
            name: "contactEmail",
            shape: Shape::Perhaps(&Shape::Email),
            access: Access::Write,
            about: "Who looks after it.",
        },
        Attribute {
            name: "homepageUrl",
            shape: Shape::Perhaps(&Shape::Url),
            access: Access::Write,
            about: "Where to read about it.",
        },
        Attribute {
            name: "secrets",
            shape: Shape::Secrets,
            access: Access::Read,
            about: "Records of its secrets: the last four characters of each, never its value.",
        },
        Attribute {
            name: "createdAt",
            shape: Shape::Moment,
            access: Access::Read,
            about: "When it was created, UTC.",
        },
        Attribute {
            name: "updatedAt",
            shape: Shape::Moment,
            access: Access::Read,
            about: "When anything about it was changed the last time, UTC.",
        },
        Attribute {
            name: "deletedAt",
            shape: Shape::Perhaps(&Shape::Moment),
            access: Access::Read,
            about: "When it was deleted, UTC.",
        },
    ],
    relationships: &[
        Relationship {
            name: "owner",
            to: "users",
            access: Access::Write,
            about: "In whose name the application works; when it is created, the token's owner unless another one is named.",
        },
        Relationship {
            name: "organization",
            to: "organizations",
            access: Access::Create,
            about: "Inside which organization it works; the token's unless another one is named.",
        },
    ],
    meta: &[
        Attribute {
            name: "lastUsedAt",
            shape: Shape::Perhaps(&Shape::Moment),
            access: Access::Read,
            about: "When a token was issued the last time, UTC.",
        },
        Attribute {
            name: "secretShownAt",
            shape: Shape::Moment,
            access: Access::Read,
            about: "When the secret was shown, where an answer is given again.",
        },
    ],
    handed_out: &["clientId", "clientSecret", "secretShownAt"],
};

pub(super) const LIST: Accepts = Accepts {
    filters: &[
        Filter::id("id"),
        Filter::text("name"),
        Filter::text("clientId"),
        Filter::flag("active"),
        Filter::choice("status", STATUSES),
        Filter::choice("grants", &["client_credentials"]),
        Filter::scope("scopes"),
        Filter::text("description"),
        Filter::text("contactEmail"),
        Filter::text("homepageUrl"),
        Filter::id("owner"),
        Filter::id("organization"),
        Filter::moment("createdAt"),
        Filter::moment("updatedAt"),
        Filter::moment("lastUsedAt"),
    ],
    sort: &[
        "name",
        "clientId",
        "organization",
        "owner",
        "status",
        "grants",
        "scopes",
        "createdAt",
        "updatedAt",
        "lastUsedAt",
    ],
    include: &["owner", "organization"],
    fields: &[&APPLICATIONS, &ORGANIZATIONS, &USERS],
    pages: Pages::Yes,
};

pub(super) const ONE: Accepts = Accepts {
    include: &["owner", "organization"],
    fields: &[&APPLICATIONS, &ORGANIZATIONS, &USERS],
    ..Accepts::NOTHING
};
