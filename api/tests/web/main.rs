//! The back office as browsers see it: one browser, one request, one page.

mod account;
mod applications_grid;
mod assets;
mod browser;
mod bulk;
mod credentials;
mod cross_site;
mod deliveries;
mod emails;
mod errors;
mod export;
mod forms;
mod grid;
mod invitation;
#[path = "../support/letters.rs"]
mod letters;
mod lifecycle;
mod matrix;
mod memberships;
mod networks;
mod office;
mod organizations;
mod owners;
mod permissions;
mod saved_views;
mod sessions;
mod settings;
mod sign_in;
mod story;
#[expect(dead_code, reason = "shared with the tests of the token endpoint")]
#[path = "../support/mod.rs"]
mod support;
mod system;
mod templates;
mod users;
