//! The web API as programs see it: one program, one request, one document.

mod applications;
mod bearer;
mod conventions;
mod desk;
mod idempotency;
mod lending;
#[path = "../support/letters.rs"]
mod letters;
mod limits;
mod lost;
mod matrix;
mod metadata;
mod notifications;
mod people;
mod permissions;
mod queries;
mod robustness;
mod rules;
#[expect(dead_code, unused_imports, reason = "shared with the tests of the token endpoint")]
#[path = "../support/mod.rs"]
mod support;
mod telling;
mod templates;
