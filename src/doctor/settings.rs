//! What the configuration says, as far as that can be judged by itself.

use super::Finding;
use crate::config::{Config, Engine};

pub(super) fn examine(config: &Config) -> Vec<Finding> {
    let mut findings = vec![public_url(config)];
    findings.extend(proxies(config));
    findings.extend(exposed(config));
    findings.extend(mixed(config));
    findings
}

/// The problem that `serve` warns of, too.
pub(crate) fn derived_public_url(config: &Config) -> Option<&'static str> {
    let shared = [&config.events, &config.views, &config.state].into_iter().any(Engine::is_shared);
    (shared && config.public_url.is_none()).then_some(
        "public_url is not set, and the engines are shared: each node derives another issuer from its own address",
    )
}

fn public_url(config: &Config) -> Finding {
    const ABOUT: &str = "public_url";
    if let Some(problem) = derived_public_url(config) {
        return Finding::failure(
            ABOUT,
            problem,
            "set public_url to the address that clients use, the same on every node",
        );
    }
    let Some(url) = &config.public_url else {
        return Finding::good(ABOUT, "derived from listen, which suits one node without a proxy");
    };
    let local = url.as_url().host_str().is_some_and(|host| {
        matches!(host, "localhost" | "127.0.0.1" | "[::1]") || host.ends_with(".localhost")
    });
    if url.as_url().scheme() == "http" && !local {
        return Finding::warning(
            ABOUT,
            format_args!(
                "{url} is not encrypted: passwords, secrets and tokens can be read on the way"
            ),
            "put a proxy that ends TLS in front, and begin public_url with https://",
        );
    }
    Finding::good(ABOUT, url)
}

/// Who calls by https calls a proxy, since Oathbook does not speak it.
fn proxies(config: &Config) -> Option<Finding> {
    let url = config.public_url.as_ref()?.as_url();
    (url.scheme() == "https" && config.trusted_proxies.networks().is_empty()).then(|| {
        Finding::warning(
            "trusted_proxies",
            "is not set: all people share the address of the proxy, and its count of wrong passwords",
            "name the addresses of the proxies that add to X-Forwarded-For",
        )
    })
}

/// The ways to engines that others can read or change.
pub(crate) fn exposed_engines(config: &Config) -> Vec<&Engine> {
    let mut exposed: Vec<&Engine> = Vec::new();
    for engine in [&config.events, &config.views, &config.state] {
        if engine.is_exposed() && !exposed.contains(&engine) {
            exposed.push(engine);
        }
    }
    exposed
}

fn exposed(config: &Config) -> Vec<Finding> {
    exposed_engines(config)
        .into_iter()
        .map(|engine| {
            Finding::warning(
                "engines",
                format_args!("what is said to {engine} can be read or changed on the way"),
                "use sslmode=verify-full with PostgreSQL, tls and tlsVerifyCert with KurrentDB",
            )
        })
        .collect()
}

/// Engines that several machines share beside ones that they cannot.
fn mixed(config: &Config) -> Option<Finding> {
    let stores = [("events", &config.events), ("views", &config.views), ("state", &config.state)];
    let (shared, own): (Vec<_>, Vec<_>) =
        stores.into_iter().partition(|(_, engine)| engine.is_shared());
    let names = |stores: &[(&str, &Engine)]| {
        stores.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(" and ")
    };
    (!shared.is_empty() && own.iter().any(|(name, _)| *name != "views")).then(|| {
        Finding::warning(
            "engines",
            format_args!(
                "{} can be shared by several machines, {} cannot",
                names(&shared),
                names(&own)
            ),
            "with more than one machine, keep all three in PostgreSQL, or the log in KurrentDB and the others in PostgreSQL",
        )
    })
}
