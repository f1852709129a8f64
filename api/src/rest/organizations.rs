//! `organizations`: registered, read, changed.

mod writing;

use axum::http::{Method, StatusCode};
use domain::OrganizationId;
use projections::directory::Organization;
use serde_json::json;

use super::{
    call::Call,
    document::{self, Resource},
    error::Errors,
    listing::{Facet, Listed},
    operation::{Body, Gives, Operation, ReadOrganizations},
    query::{Accepts, Filter, Order, Pages},
    reply::Reply,
    schema::{Access, Attribute, Purpose, Shape, Type},
};

pub(super) static ORGANIZATIONS: Type = Type {
    name: "organizations",
    about: "An organization, inside which applications and people work.",
    attributes: &[
        Attribute {
            name: "name",
            shape: Shape::Name,
            access: Access::Required,
            about: "Unique, whatever its case.",
        },
        Attribute {
            name: "enabled",
            shape: Shape::Flag,
            access: Access::Write,
            about: "Applications of a disabled organization get no tokens.",
        },
        Attribute {
            name: "globalAccess",
            shape: Shape::Flag,
            access: Access::Write,
            about: "Whether roles in this organization reach every other one.",
        },
        Attribute {
            name: "createdAt",
            shape: Shape::Moment,
            access: Access::Read,
            about: "When it was registered, UTC.",
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
        Filter::flag("enabled"),
        Filter::flag("globalAccess"),
        Filter::moment("createdAt"),
    ],
    sort: &["name", "enabled", "createdAt"],
    include: &[],
    fields: &[&ORGANIZATIONS],
    pages: Pages::Yes,
};
const ONE: Accepts = Accepts { fields: &[&ORGANIZATIONS], ..Accepts::NOTHING };
const BY_NAME: &[Order] = &[Order { field: "name", descending: false }];

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::new(Method::GET, "/organizations", "listOrganizations", list)
            .summary("List the organizations that the caller may see")
            .accepting(&LIST)
            .giving(Gives::Many(&ORGANIZATIONS)),
        Operation::new(Method::GET, "/organizations/{id}", "getOrganization", show)
            .summary("Get an organization")
            .accepting(&ONE)
            .giving(Gives::One(StatusCode::OK, &ORGANIZATIONS)),
        Operation::new(Method::POST, "/organizations", "createOrganization", writing::create)
            .summary("Register an organization without members")
            .accepting(&ONE)
            .body(Body::Needed(ORGANIZATIONS.body(Purpose::Create)))
            .giving(Gives::One(StatusCode::CREATED, &ORGANIZATIONS)),
        Operation::new(Method::PATCH, "/organizations/{id}", "updateOrganization", writing::update)
            .summary("Rename, disable or enable an organization, or let it reach the others, all at once or nothing")
            .accepting(&ONE)
            .body(Body::Needed(ORGANIZATIONS.body(Purpose::Update)))
            .giving(Gives::One(StatusCode::OK, &ORGANIZATIONS)),
    ]
}

async fn list(call: Call<ReadOrganizations>) -> Result<Reply, Errors> {
    call.app.knowledge.ask_roster(|roster| {
        let page = call.list(
            call.organizations(roster),
            BY_NAME,
            "organizations",
            |it| resource(it),
            |_| vec![],
        );
        Ok(page?.position(roster.as_of()))
    })
}

async fn show(call: Call<ReadOrganizations>) -> Result<Reply, Errors> {
    let found = resource(&call.organization(call.id::<OrganizationId>()?)?);
    let document = document::one(&found, &[], &call.base(), &call.query);
    Ok(Reply::document(StatusCode::OK, document).revision(found.revision))
}

pub(super) fn resource(organization: &Organization) -> Resource {
    Resource {
        of: &ORGANIZATIONS,
        id: organization.id.to_string(),
        revision: organization.revision,
        attributes: json!({
            "name": organization.name,
            "enabled": organization.enabled,
            "globalAccess": organization.global_access,
            "createdAt": organization.created_at,
        }),
        relationships: vec![],
        meta: json!({}),
    }
}

impl Listed for Organization {
    fn id(&self) -> String {
        self.id.to_string()
    }

    fn facet(&self, field: &str) -> Facet<'_> {
        match field {
            "id" => Facet::Exact(self.id.to_string().into()),
            "name" => Facet::Text(self.name.as_str().into()),
            "enabled" => Facet::Flag(self.enabled),
            "globalAccess" => Facet::Flag(self.global_access),
            "createdAt" => Facet::Moment(self.created_at),
            _ => Facet::None,
        }
    }
}
