//! Old shapes of events, read as the present ones: JSON to JSON, before serde sees them.

use domain::{EmailTemplateId, NotificationRuleId};
use serde_json::{Value, json};

/// From one tag to the next version of it.
#[derive(Clone, Copy, Debug)]
pub struct Upcaster {
    pub from: &'static str,
    pub to: &'static str,
    pub change: fn(Value) -> Value,
}

/// Every tag that is no longer written.
pub const UPCASTERS: &[Upcaster] = &[Upcaster {
    from: "notification.requested.v1",
    to: "notification.requested.v2",
    change: requested_by_rule,
}];

/// The first version knew two occasions, and no rules or templates but those that are shipped.
fn requested_by_rule(data: Value) -> Value {
    let occasion = data["occasion"]["name"].as_str().unwrap_or_default();
    let (template, stream) = if let Some(id) = data["occasion"]["application"].as_str() {
        ("oauth_application_created", format!("application-{id}"))
    } else {
        ("user_invited", format!("user-{}", data["recipient"].as_str().unwrap_or_default()))
    };
    json!({
        "occasion": occasion,
        "event": data["event"],
        "stream": stream,
        "rule": NotificationRuleId::shipped(occasion),
        "template": EmailTemplateId::shipped(template),
        "recipient": { "user": data["recipient"] },
    })
}

/// Applies upcasters until none fits.
pub fn upcast(upcasters: &[Upcaster], tag: &str, data: Value) -> (String, Value) {
    match upcasters.iter().find(|upcaster| upcaster.from == tag) {
        Some(upcaster) => upcast(upcasters, upcaster.to, (upcaster.change)(data)),
        None => (tag.to_owned(), data),
    }
}

#[cfg(test)]
mod tests {
    use domain::{Event, notification};
    use serde_json::json;

    use super::*;

    #[test]
    fn an_old_shape_climbs_through_all_versions() {
        let upcasters = [
            Upcaster { from: "a.v1", to: "a.v2", change: |_| json!({ "two": 2 }) },
            Upcaster { from: "a.v2", to: "a.v3", change: |data| json!({ "three": data["two"] }) },
        ];
        assert_eq!(
            upcast(&upcasters, "a.v1", json!({})),
            ("a.v3".to_owned(), json!({ "three": 2 }))
        );
        assert_eq!(upcast(&upcasters, "b.v1", json!(1)), ("b.v1".to_owned(), json!(1)));
    }

    #[test]
    fn letters_that_were_asked_for_without_rules_are_still_understood() {
        let id = "0198c2f4-7d1e-7a3b-9c55-000000000001";
        let occasions = [
            (
                json!({ "name": "application_created", "application": id, "application_name": "A" }),
                "application",
            ),
            (
                json!({ "name": "user_invited", "invitation": id, "until": "2026-11-30T09:14:05.123456Z" }),
                "user",
            ),
        ];
        for (occasion, category) in occasions {
            let data = json!({ "event": id, "recipient": id, "occasion": occasion });
            let (tag, data) = upcast(UPCASTERS, "notification.requested.v1", data);
            let event = Event::decode(domain::Category::Notification, &tag, data);
            let Ok(Event::Notification(notification::Event::Requested { request, .. })) = event
            else {
                panic!("{event:?}");
            };
            assert_eq!(request.stream, format!("{category}-{id}"));
            assert_eq!(request.recipient.user().map(|user| user.to_string()).as_deref(), Some(id));
        }
    }
}
