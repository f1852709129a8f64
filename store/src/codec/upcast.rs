//! Old shapes of events, read as the present ones: JSON to JSON, before serde sees them.

use serde_json::Value;

/// From one tag to the next version of it.
#[derive(Clone, Copy, Debug)]
pub struct Upcaster {
    pub from: &'static str,
    pub to: &'static str,
    pub change: fn(Value) -> Value,
}

/// Every tag that is no longer written. None so far.
pub const UPCASTERS: &[Upcaster] = &[];

/// Applies upcasters until none fits.
pub fn upcast(upcasters: &[Upcaster], tag: &str, data: Value) -> (String, Value) {
    match upcasters.iter().find(|upcaster| upcaster.from == tag) {
        Some(upcaster) => upcast(upcasters, upcaster.to, (upcaster.change)(data)),
        None => (tag.to_owned(), data),
    }
}

#[cfg(test)]
mod tests {
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
}
