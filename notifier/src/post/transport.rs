//! The URL that says how mail leaves.

mod server;

use std::{fmt, path::PathBuf, str::FromStr};

pub use server::{Credentials, Secret, Server, Tls};

/// How mail leaves, as `mail.transport` names it. Prints neither user nor password.
#[derive(Clone, Debug)]
pub enum Transport {
    /// `file:DIR`: each mail becomes a file there.
    File(PathBuf),
    /// `smtp://[user[:password]@]host[:port][?options]`, or `smtps://` for TLS from the first byte.
    Smtp(Server),
    /// `sendmail:[PATH]`: the program of that name, or `/usr/sbin/sendmail`.
    Sendmail(PathBuf),
}

/// What is wrong with a transport. The URL itself is never repeated, it may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTransport {
    #[error("a mail transport begins with `file:`, `smtp://`, `smtps://` or `sendmail:`")]
    Scheme,
    #[error("`file:` needs a directory, such as `file:var/mail`")]
    Directory,
    #[error("`sendmail:` takes an absolute path, such as `sendmail:/usr/sbin/sendmail`")]
    Program,
    #[error(
        "the mail server's URL is not well-formed; in user and password `%`, `/`, `?`, `#`, `@`, `:` and `,` are \
         written as `%25`, `%2F`, `%3F`, `%23`, `%40`, `%3A` and `%2C`"
    )]
    Malformed,
    #[error("the mail server's host is missing or not a host name")]
    Host,
    #[error("the mail server's port is not between 1 and 65535")]
    Port,
    #[error(
        "a mail server takes a user with one secret, or neither: a password in the URL, `password_file=FILE` or \
         `token_file=FILE`"
    )]
    Credentials,
    #[error(
        "`smtp://` knows the options `tls=none` or `tls=starttls`, `password_file=FILE` and `token_file=FILE`, each \
         once; `smtps://` knows all but `tls`"
    )]
    Option,
    #[error("a mail server's URL ends behind host, port and options")]
    Path,
    #[error(
        "a password or token goes to another machine only over TLS: use `smtps://` or `tls=starttls`"
    )]
    SecretInClear,
}

const SENDMAIL: &str = "/usr/sbin/sendmail";

impl Transport {
    /// The path that may be relative to something: the directory of mails, or the file of a secret.
    pub fn path_mut(&mut self) -> Option<&mut PathBuf> {
        match self {
            Self::File(folder) => Some(folder),
            Self::Smtp(server) => match &mut server.credentials.as_mut()?.secret {
                Secret::PasswordFile(file) | Secret::TokenFile(file) => Some(file),
                Secret::Password(_) => None,
            },
            Self::Sendmail(_) => None,
        }
    }
}

impl FromStr for Transport {
    type Err = InvalidTransport;

    fn from_str(text: &str) -> Result<Self, InvalidTransport> {
        let (scheme, rest) = text.split_once(':').ok_or(InvalidTransport::Scheme)?;
        match scheme.to_ascii_lowercase().as_str() {
            "file" => folder(rest).map(Self::File),
            "sendmail" => program(rest).map(Self::Sendmail),
            "smtp" | "smtps" if !rest.starts_with("//") => Err(InvalidTransport::Scheme),
            "smtp" | "smtps" => text.parse().map(Self::Smtp),
            _ => Err(InvalidTransport::Scheme),
        }
    }
}

fn folder(rest: &str) -> Result<PathBuf, InvalidTransport> {
    let path = match rest.strip_prefix("//") {
        // `file://host/…` names another machine.
        Some(absolute) if !absolute.starts_with('/') => return Err(InvalidTransport::Directory),
        Some(absolute) => absolute,
        None => rest,
    };
    if path.is_empty() || path.contains('\0') {
        return Err(InvalidTransport::Directory);
    }
    Ok(PathBuf::from(path))
}

fn program(rest: &str) -> Result<PathBuf, InvalidTransport> {
    match rest {
        "" => Ok(PathBuf::from(SENDMAIL)),
        path if path.starts_with('/') && !path.contains('\0') => Ok(PathBuf::from(path)),
        _ => Err(InvalidTransport::Program),
    }
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(folder) => write!(f, "file:{}", folder.display()),
            Self::Smtp(server) => server.fmt(f),
            Self::Sendmail(program) => write!(f, "sendmail:{}", program.display()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_is_taken_as_it_is_written() {
        for (text, path) in [
            ("file:var/mail", "var/mail"),
            ("file:/var/mail", "/var/mail"),
            ("file:///var/mail", "/var/mail"),
            ("file:50%20 off", "50%20 off"),
        ] {
            let mut transport: Transport = text.parse().unwrap();
            assert_eq!(transport.path_mut().unwrap(), &PathBuf::from(path));
        }
    }

    #[test]
    fn what_is_wrong_with_a_transport_is_said_without_repeating_it() {
        use InvalidTransport as Wrong;
        for (text, wrong) in [
            ("", Wrong::Scheme),
            ("var/mail", Wrong::Scheme),
            ("http://hunter2", Wrong::Scheme),
            ("smtp:mail.example", Wrong::Scheme),
            ("file:", Wrong::Directory),
            ("file://host/hunter2", Wrong::Directory),
            ("file:a\0b", Wrong::Directory),
            ("sendmail:sendmail", Wrong::Program),
            ("smtp://", Wrong::Host),
            ("smtp:///hunter2", Wrong::Host),
            ("smtp://a b", Wrong::Malformed),
            ("smtp://u:hunter2/x@mail.example", Wrong::Port),
            ("smtp://mail.example:0", Wrong::Port),
            ("smtp://mail.example:65536", Wrong::Port),
            ("smtp://u@mail.example", Wrong::Credentials),
            ("smtp://:hunter2@mail.example", Wrong::Credentials),
            ("smtp://mail.example?password_file=hunter2", Wrong::Credentials),
            ("smtp://u:hunter2@mail.example?token_file=t", Wrong::Credentials),
            ("smtp://u@mail.example?password_file=p&token_file=t", Wrong::Credentials),
            ("smtp://u:hunter2%00@mail.example", Wrong::Malformed),
            ("smtp://u:hunter2%ff@mail.example", Wrong::Malformed),
            ("smtp://u@mail.example?password_file=%00", Wrong::Option),
            ("smtp://u@mail.example?token_file=", Wrong::Option),
            ("smtp://mail.example?tls=opportunistic", Wrong::Option),
            ("smtp://mail.example?tls=none&tls=starttls", Wrong::Option),
            ("smtp://u:p@mail.example?password=hunter2", Wrong::Option),
            ("smtps://mail.example?tls=none", Wrong::Option),
            ("smtp://mail.example/hunter2", Wrong::Path),
            ("smtp://mail.example#hunter2", Wrong::Path),
            ("smtp://u:hunter2@mail.example?tls=none", Wrong::SecretInClear),
            ("smtp://u@mail.example?tls=none&token_file=hunter2", Wrong::SecretInClear),
        ] {
            let error = text.parse::<Transport>().unwrap_err();
            assert_eq!(error, wrong, "{text}");
            assert!(!format!("{error} {error:?}").contains("hunter2"));
        }
    }
}
