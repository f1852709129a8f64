//! What clients, browsers and operators get from the routes, one request at a time.

mod cors;
mod documents;
mod freshness;
mod keys;
mod limits;
mod malformed;
mod operations;
#[expect(dead_code, reason = "shared with the tests of pages")]
#[path = "../support/mod.rs"]
mod support;
mod tokens;
mod usage;
