//! From where somebody signed in: address and browser, kept sealed with their key.

use std::net::IpAddr;

use domain::{Personal, UserId};
use serde::{Deserialize, Serialize};

use crate::{
    app::App,
    web::{errors::Problem, visit::Visit},
};

/// A browser somewhere.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(in crate::web) struct Device {
    address: Option<Personal>,
    user_agent: Option<Personal>,
}

impl Device {
    pub(in crate::web) fn of(visit: &Visit) -> Self {
        let address = visit.address.map(|address: IpAddr| Personal::new(address.to_string()));
        let user_agent = visit.user_agent.as_deref().map(Personal::new);
        Self { address, user_agent }
    }

    /// A JSON document that only this installation reads, and nobody once the person is erased. `place` is used once.
    pub(in crate::web) async fn seal(
        &self,
        app: &App,
        person: UserId,
        place: &str,
    ) -> Result<Option<String>, Problem> {
        let Ok(mut document) = serde_json::to_value(self) else {
            return Ok(None);
        };
        app.commands.log.vault().seal(Some(person), place, &mut document).await?;
        Ok(Some(document.to_string()))
    }

    /// What cannot be read any more is an unknown device.
    pub(in crate::web) async fn open(app: &App, sealed: Option<&str>) -> Result<Self, Problem> {
        let document = sealed.and_then(|sealed| serde_json::from_str(sealed).ok());
        let Some(mut document) = document else {
            return Ok(Self::default());
        };
        app.commands.log.vault().open(&mut document).await?;
        Ok(serde_json::from_value(document).unwrap_or_default())
    }

    pub(super) fn address(&self) -> Option<String> {
        self.address.as_ref()?.as_open().map(str::to_owned)
    }

    /// Such as "Firefox on Windows".
    pub(super) fn in_words(&self) -> String {
        let agent = self.user_agent.as_ref().and_then(Personal::as_open).unwrap_or_default();
        let browser = named(agent, BROWSERS);
        let system = named(agent, SYSTEMS);
        match (browser, system) {
            (Some(browser), Some(system)) => format!("{browser} on {system}"),
            (Some(browser), None) => browser.to_owned(),
            (None, Some(system)) => format!("A program on {system}"),
            (None, None) => "Unknown device".to_owned(),
        }
    }
}

/// What browsers call themselves. Most claim to be others as well, so the order matters.
const BROWSERS: &[(&str, &str)] = &[
    ("Edg/", "Edge"),
    ("EdgA/", "Edge"),
    ("EdgiOS/", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Vivaldi/", "Vivaldi"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("HeadlessChrome/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
];

const SYSTEMS: &[(&str, &str)] = &[
    ("iPhone", "an iPhone"),
    ("iPad", "an iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
];

fn named(agent: &str, names: &[(&str, &'static str)]) -> Option<&'static str> {
    names.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_named_as_people_name_it() {
        for (agent, expected) in [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605.1.15",
                "Safari on macOS",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/141.0 Mobile/15E148 Safari/604.1",
                "Chrome on an iPhone",
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0",
                "Firefox on Linux",
            ),
            (
                "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36",
                "Chrome on Android",
            ),
            ("curl/8.5.0", "curl"),
            ("", "Unknown device"),
            ("<script>", "Unknown device"),
        ] {
            let device = Device { user_agent: Some(Personal::new(agent)), address: None };
            assert_eq!(device.in_words(), expected, "{agent}");
        }
        assert_eq!(Device::default().in_words(), "Unknown device");
    }
}
