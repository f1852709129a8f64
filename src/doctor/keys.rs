//! The pair that signs, as far as the files go; the log's part is among the records.

use api::signing::{self, Exposure};

use super::Finding;
use crate::{cli, config::Config};

pub(super) fn examine(config: &Config) -> Vec<Finding> {
    const ABOUT: &str = "signing key";
    let key = match signing::load(&cli::key_files(config)) {
        Ok(key) => key,
        Err(error) => {
            return vec![Finding::failure(
                ABOUT,
                error,
                "make a pair with `oathbook keys generate`, or copy it from the node that signs; until then no tokens are issued",
            )];
        }
    };
    let private = config.keys.private.display();
    let said = format!("{} of {} bits", key.kid().0, key.bits());
    vec![match key.exposure() {
        Exposure::Private => Finding::good(ABOUT, said),
        Exposure::Group { mode } | Exposure::World { mode } => Finding::warning(
            ABOUT,
            format_args!("{said}; {private} has the mode {:o}", mode & 0o777),
            format_args!("chmod 600 {private}"),
        ),
    }]
}
