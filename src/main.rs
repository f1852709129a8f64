//! The book of record for OAuth 2.0 applications.

use std::process::ExitCode;

fn main() -> ExitCode {
    oathbook::cli::main()
}
