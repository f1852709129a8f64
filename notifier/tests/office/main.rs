//! What the notifier notices, asks for and delivers, by a clock that tests move: once, whoever looks, however often, and
//! whatever fails meanwhile.

#![expect(clippy::unwrap_used, reason = "clippy exempts the tests, but not what they share")]

mod announcing;
mod delivery;
mod disuse;
mod exposure;
mod fickle;
mod import;
mod office;
mod open_office;
