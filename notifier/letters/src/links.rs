//! Addresses of Oathbook's own pages, below the configured public URL.

use domain::{ApplicationId, UserId};
use url::Url;

/// The address of an application's page in the back office.
pub fn application_page(public_url: &Url, application: ApplicationId) -> Url {
    below(public_url, &format!("applications/{application}"))
}

/// The address at which whoever was invited chooses a password.
pub fn invitation_page(public_url: &Url, token: &str) -> Url {
    below(public_url, &format!("invitation/{token}"))
}

/// The address of an account's page: for the person themselves, their own.
pub fn account_page(public_url: &Url, account: UserId, reader: Option<UserId>) -> Url {
    if reader == Some(account) {
        below(public_url, "me")
    } else {
        below(public_url, &format!("users/{account}"))
    }
}

/// The address at which people see, and end, their own sessions.
pub fn sessions_page(public_url: &Url) -> Url {
    below(public_url, "me/sessions")
}

fn below(public_url: &Url, path: &str) -> Url {
    let mut page = public_url.clone();
    page.set_query(None);
    page.set_fragment(None);
    page.set_path(&format!("{}/{path}", page.path().trim_end_matches('/')));
    page
}
