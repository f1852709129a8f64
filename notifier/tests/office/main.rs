//! What the watch notices, by a clock that tests move: once, whoever looks, however often. And what the announcer tells of a
//! log that cannot be read everywhere.

#![expect(clippy::unwrap_used, reason = "clippy exempts the tests, but not what they share")]

mod announcing;
mod disuse;
mod exposure;
mod office;
