//! From a name to a server that knows who we are.

use std::{borrow::Cow, fmt, net::SocketAddr};

use lettre::transport::smtp::{
    authentication::{Credentials, DEFAULT_MECHANISMS, Mechanism},
    client::AsyncSmtpConnection,
    commands::Auth,
    response::Response,
};
use secrecy::{ExposeSecret, SecretString};
use tokio::time::Instant;

use super::{
    Smtp,
    step::{self, command, step},
};
use crate::post::{PostError, Stage, Tls, transport::Secret};

impl Smtp {
    pub(super) async fn resolve(&self, deadline: Instant) -> Result<Vec<SocketAddr>, PostError> {
        let (name, port) = (self.server.name(), self.server.port);
        let looked_up = tokio::net::lookup_host((name, port));
        let addresses: Vec<_> = step::in_time(deadline, Stage::Resolving, looked_up)
            .await?
            .map_err(|error| PostError::transient(Stage::Resolving, error.to_string()))?
            .collect();
        if addresses.is_empty() {
            return Err(PostError::transient(Stage::Resolving, "the name has no address"));
        }
        Ok(addresses)
    }

    /// Connects to the first address that answers, and lets the server introduce itself; with implicit TLS under TLS.
    pub(super) async fn greet(
        &self,
        addresses: &[SocketAddr],
        deadline: Instant,
    ) -> Result<AsyncSmtpConnection, PostError> {
        let tls = self.tls.clone().filter(|_| self.server.tls == Tls::Implicit);
        // An address that swallows everything leaves time for the others.
        let each = deadline.saturating_duration_since(Instant::now());
        let each = each / u32::try_from(addresses.len()).unwrap_or(u32::MAX);
        let connecting =
            AsyncSmtpConnection::connect_tokio1(addresses, Some(each), &self.hello, tls, None);
        Ok(step(deadline, Stage::Connecting, connecting).await?)
    }

    /// By STARTTLS, where that is the way; without it there is no mail.
    pub(super) async fn secure(
        &self,
        connection: &mut AsyncSmtpConnection,
        deadline: Instant,
    ) -> Result<(), PostError> {
        let Some(tls) = self.tls.clone().filter(|_| self.server.tls == Tls::StartTls) else {
            return Ok(());
        };
        let securing = connection.starttls(tls, &self.hello);
        Ok(step(deadline, Stage::Securing, securing).await?)
    }

    /// Says how, if there is anything to say.
    pub(super) async fn log_in(
        &self,
        connection: &mut AsyncSmtpConnection,
        deadline: Instant,
    ) -> Result<String, PostError> {
        let Some(credentials) = &self.server.credentials else {
            return Ok("no login is configured".to_owned());
        };
        let secret = credentials.secret.read()?;
        let known: &[Mechanism] = match credentials.secret {
            Secret::Password(_) | Secret::PasswordFile(_) => DEFAULT_MECHANISMS,
            Secret::TokenFile(_) => &[Mechanism::Xoauth2],
        };
        let Some(mechanism) = connection.server_info().get_auth_mechanism(known) else {
            let known = known.iter().map(ToString::to_string).collect::<Vec<_>>().join(" nor ");
            let reason = format!("the server offers no login by {known}");
            return Err(PostError::transient(Stage::Login, reason));
        };
        let user = credentials.user.clone();
        let said = Credentials::new(user, secret.expose_secret().to_owned());
        match mechanism {
            Mechanism::Plain | Mechanism::Login => {
                step(deadline, Stage::Login, connection.auth(&[mechanism], &said)).await?;
            }
            Mechanism::Xoauth2 => by_token(connection, said, deadline).await?,
        }
        Ok(format!("accepted by {mechanism}"))
    }
}

/// Where a token is refused, the server asks for an empty line before it says so.
async fn by_token(
    connection: &mut AsyncSmtpConnection,
    credentials: Credentials,
    deadline: Instant,
) -> Result<(), PostError> {
    let wrong = |_| PostError::transient(Stage::Login, "the login cannot be put into words");
    let auth = Auth::new(Mechanism::Xoauth2, credentials, None).map_err(wrong)?;
    let answer: Response = step(deadline, Stage::Login, connection.command(auth)).await?;
    if answer.has_code(334) {
        command(connection, Stage::Login, EmptyLine, deadline).await?;
    }
    Ok(())
}

struct EmptyLine;

impl fmt::Display for EmptyLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\r\n")
    }
}

impl Secret {
    /// The first line of a file, which is all there may be.
    fn read(&self) -> Result<Cow<'_, SecretString>, PostError> {
        let file = match self {
            Self::Password(password) => return Ok(Cow::Borrowed(password)),
            Self::PasswordFile(file) | Self::TokenFile(file) => file,
        };
        let wrong = |what: &dyn fmt::Display| {
            let reason = format!("the secret cannot be read from {}: {what}", file.display());
            PostError::transient(Stage::Login, reason)
        };
        let text: SecretString = match std::fs::read_to_string(file) {
            Ok(text) => text.into(),
            Err(error) => return Err(wrong(&error)),
        };
        let secret = text.expose_secret().trim_end_matches(['\r', '\n']);
        if secret.is_empty() {
            return Err(wrong(&"it is empty"));
        }
        if secret.chars().any(char::is_control) {
            return Err(wrong(&"it is more than one line"));
        }
        Ok(Cow::Owned(secret.to_owned().into()))
    }
}
