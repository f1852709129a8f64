//! A browser: keeps cookies, remembers the token of the last page, and follows nothing by itself.

use std::{collections::BTreeMap, net::SocketAddr};

use axum::{
    body::Body,
    extract::ConnectInfo,
    http::{Request, header},
};

use crate::support::{Answer, House};

pub(crate) struct Browser<'a> {
    house: &'a House,
    cookies: BTreeMap<String, String>,
    /// Of the last page with a form.
    pub(crate) csrf: String,
    /// From where it calls, if not from where all do.
    pub(crate) address: Option<&'static str>,
    /// Sent with every request.
    pub(crate) headers: Vec<(&'static str, String)>,
}

impl<'a> Browser<'a> {
    pub(crate) fn new(house: &'a House) -> Self {
        let headers =
            vec![("accept", "text/html".to_owned()), ("host", "oathbook.test".to_owned())];
        Self { house, cookies: BTreeMap::new(), csrf: String::new(), address: None, headers }
    }

    pub(crate) fn keep(&mut self, name: &str, value: &str) {
        self.cookies.insert(name.to_owned(), value.to_owned());
    }

    pub(crate) fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.get(name).map(String::as_str)
    }

    pub(crate) fn forget(&mut self, name: &str) {
        self.cookies.remove(name);
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).expect("a request")).await
    }

    /// Sends a form with the token of the last page.
    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let csrf = self.csrf.clone();
        let mut all = vec![("csrf", csrf.as_str())];
        all.extend(fields);
        self.post_only(path, &all).await
    }

    /// Loads the form at an address, and sends it with these fields and the revision that it was made from.
    pub(crate) async fn edit(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let form = self.get(path).await;
        let revision = form.between("name=\"revision\" value=\"", "\"").expect("a revision");
        self.post(path, &[fields, &[("revision", &revision)]].concat()).await
    }

    /// Sends a form with these fields and no other.
    pub(crate) async fn post_only(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.post_raw(path, encoded(fields)).await
    }

    pub(crate) async fn post_raw(&mut self, path: &str, body: String) -> Answer {
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(body.into());
        self.send(request.expect("a request")).await
    }

    /// Sends a form and goes where the answer leads.
    pub(crate) async fn post_and_follow(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let answer = self.post(path, fields).await;
        let location =
            answer.location().unwrap_or_else(|| panic!("no redirect: {}", answer.text()));
        self.get(&location).await
    }

    pub(crate) async fn send(&mut self, mut request: Request<Body>) -> Answer {
        let headers = request.headers_mut();
        for (name, value) in &self.headers {
            headers.entry(*name).or_insert(value.parse().expect("a header"));
        }
        if !self.cookies.is_empty() {
            let pairs: Vec<_> =
                self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            headers.insert(header::COOKIE, pairs.join("; ").parse().expect("cookies"));
        }
        if let Some(address) = self.address {
            let peer = SocketAddr::new(address.parse().expect("an address"), 4711);
            request.extensions_mut().insert(ConnectInfo(peer));
        }
        let answer = self.house.send(request).await;
        for cookie in answer.cookies() {
            let (pair, attributes) = cookie.split_once(';').expect("attributes");
            let (name, value) = pair.split_once('=').expect("a value");
            if attributes.contains("Max-Age=0") {
                self.forget(name);
            } else {
                self.keep(name, value);
            }
        }
        if let Some(csrf) = answer.between("name=\"csrf\" value=\"", "\"") {
            self.csrf = csrf;
        }
        answer
    }

    /// Shows the sign-in page, fills it in and sends it.
    pub(crate) async fn sign_in(&mut self, user_name: &str, password: &str) -> Answer {
        self.get("/sign-in").await;
        self.post("/sign-in", &[("user_name", user_name), ("password", password), ("next", "/me")])
            .await
    }
}

pub(crate) fn encoded(fields: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn says(&self, text: &str) -> bool {
        self.text().contains(text)
    }

    pub(crate) fn location(&self) -> Option<String> {
        self.header("location").map(str::to_owned)
    }

    pub(crate) fn cookies(&self) -> Vec<String> {
        let all = self.headers.get_all(header::SET_COOKIE).iter();
        all.map(|value| value.to_str().expect("a printable cookie").to_owned()).collect()
    }

    /// The first text between the two.
    pub(crate) fn between(&self, before: &str, after: &str) -> Option<String> {
        let text = self.text();
        let (_, rest) = text.split_once(before)?;
        Some(rest.split_once(after)?.0.to_owned())
    }
}
