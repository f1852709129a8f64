//! Who is asking: a browser's session, and what its user may do where they work now.

use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use axum::{extract::FromRequestParts, http::request::Parts};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::authority::{Action, Belonging, Member};
use projections::{directory, state::Session};

use super::{account::Device, cookies::Cookie, errors::Problem, own_writes, visit::Visit};
use crate::app::App;

/// How long a page waits for the node to learn how things stand.
const PATIENCE: Duration = Duration::from_secs(1);
/// How exact the end of an idle session is; each touch is a write.
const TOUCH: Duration = Duration::from_mins(1);

/// A person with a valid session, enabled, and a member of the organization they work in.
#[derive(Clone, Debug)]
pub(super) struct SignedIn {
    pub(super) visit: Visit,
    pub(super) member: Member,
    pub(super) user: directory::User,
    /// Where the person works now.
    pub(super) organization: directory::Organization,
    session: Session,
}

/// A session's id, known to the browser alone: 256 random bits in base64url.
pub(super) struct SessionId(String);

impl SessionId {
    /// Bytes of an id.
    const LENGTH: usize = 32;

    pub(super) fn mint(app: &App) -> Self {
        let mut id = [0; Self::LENGTH];
        app.commands.entropy.fill(&mut id);
        Self(URL_SAFE_NO_PAD.encode(id))
    }

    /// `None` unless the text has the form of an id, so that the state is not asked about anything else.
    fn parse(text: &str) -> Option<Self> {
        let decoded = URL_SAFE_NO_PAD.decode(text).ok()?;
        (decoded.len() == Self::LENGTH).then(|| Self(text.to_owned()))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    fn hash(&self) -> [u8; 32] {
        let mut hash = [0; 32];
        hash.copy_from_slice(digest(&SHA256, self.0.as_bytes()).as_ref());
        hash
    }
}

impl SignedIn {
    /// Whoever's session this is, as far as the node knows now.
    pub(super) async fn find(app: &App, visit: Visit) -> Result<Option<Self>, Problem> {
        let Some(id) = visit.cookies.get(Cookie::Session).and_then(SessionId::parse) else {
            return Ok(None);
        };
        let now = app.commands.clock.now();
        let found = app.state.session(id.hash()).await?;
        let Some(mut session) = found.filter(|it| it.is_valid(now, app.settings.sessions)) else {
            return Ok(None);
        };
        own_writes::wait(app, &visit.cookies).await;
        let fresh = app.freshness.wait(&app.knowledge, PATIENCE).await;
        fresh.map_err(|_| Problem::Stale)?;
        let wanted = Some(session.organization);
        let Some(member) = app.knowledge.member_somewhere(session.user, wanted)? else {
            app.state.end_session(session.id_hash).await?;
            return Ok(None);
        };
        let user = app.knowledge.user(member.user).filter(|user| session.is_of(user));
        let organization = app.knowledge.organization(member.organization);
        let (Some(user), Some(organization)) = (user, organization) else {
            return Ok(None);
        };
        if member.organization != session.organization || now.since(session.seen_at) >= TOUCH {
            session.organization = member.organization;
            session.seen_at = now;
            app.state.touch_session(session.id_hash, now, session.organization).await?;
        }
        Ok(Some(Self { visit, member, user, organization, session }))
    }

    pub(super) fn id_hash(&self) -> &[u8; 32] {
        &self.session.id_hash
    }

    /// Whether the person may do this to applications that belong so.
    pub(super) fn may(&self, action: Action, belonging: Belonging) -> bool {
        self.member.may(action, belonging)
    }

    /// The organizations a person works with from here, the current one first (oro.md 2.8).
    pub(super) fn organizations(&self, app: &App) -> Vec<directory::Organization> {
        let mut offered = vec![self.organization.clone()];
        if self.member.global_access {
            let others = app.knowledge.organizations_of(self.member.user);
            offered.extend(others.into_iter().filter(|other| other.id != self.organization.id));
        }
        offered
    }
}

/// Begins a session and ends the one that the browser had. It holds good as of the given revision of the user, at which
/// they proved who they are.
pub(super) async fn renew(
    app: &App,
    visit: &Visit,
    member: Member,
    user_revision: u64,
) -> Result<SessionId, Problem> {
    let (id, now) = (SessionId::mint(app), app.commands.clock.now());
    let place = format!("session/{}", URL_SAFE_NO_PAD.encode(id.hash()));
    let device = Device::of(visit).seal(app, member.user, &place).await?;
    let session = Session {
        id_hash: id.hash(),
        user: member.user,
        organization: member.organization,
        created_at: now,
        seen_at: now,
        device,
        user_revision,
    };
    app.state.keep_session(&session).await?;
    end(app, visit).await?;
    Ok(id)
}

/// Ends the browser's session, if it has one.
pub(super) async fn end(app: &App, visit: &Visit) -> Result<(), Problem> {
    if let Some(id) = visit.cookies.get(Cookie::Session).and_then(SessionId::parse) {
        app.state.end_session(id.hash()).await?;
    }
    Ok(())
}

impl FromRequestParts<App> for SignedIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        Self::find(app, Visit::of(app, parts)).await?.ok_or(Problem::SignedOut)
    }
}
