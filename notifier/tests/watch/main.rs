//! What the watch notices, by a clock that tests move: once, whoever looks, however often.

#![expect(clippy::unwrap_used, reason = "clippy exempts the tests, but not what they share")]

mod disuse;
mod exposure;
mod office;
