//! What leaves in one mail: a letter by itself, or all of a day to one reader.

use std::collections::BTreeMap;

use domain::notification::Recipient;
use letters::MOST_IN_A_MAIL;
use projections::notifications::Row;
use url::Url;

use crate::{post::Mail, writing::Written};

/// Letters that leave together.
pub(super) struct Parcel {
    pub(super) rows: Vec<Row>,
}

/// Daily letters to the same reader together, any other by itself. Letters to one reader come one after the other, so
/// where these are not `all` that are due, the last reader's may be incomplete: they are left for the next time, unless they
/// fill a mail.
pub(super) fn parcels(due: Vec<Row>, all: bool) -> Vec<Parcel> {
    let last = due.last().filter(|row| !all && row.request.daily).map(|row| row.request.recipient);
    let mut daily: BTreeMap<Recipient, Vec<Row>> = BTreeMap::new();
    let mut parcels = Vec::new();
    for row in due {
        if row.request.daily {
            daily.entry(row.request.recipient).or_default().push(row);
        } else {
            parcels.push(Parcel { rows: vec![row] });
        }
    }
    for (recipient, rows) in daily {
        let parcel = |rows: &[Row]| Parcel { rows: rows.to_vec() };
        if last == Some(recipient) {
            parcels.extend(rows.chunks_exact(MOST_IN_A_MAIL).map(parcel));
        } else {
            parcels.extend(rows.chunks(MOST_IN_A_MAIL).map(parcel));
        }
    }
    parcels
}

/// One mail of several letters to the same reader, under the name of the first.
pub(super) fn bundle(mut written: Vec<Written>, public_url: &Url) -> Option<Mail> {
    if written.len() < 2 {
        return Some(written.pop()?.mail);
    }
    written.sort_by_key(|letter| letter.told_at);
    let locale = written.last()?.locale.clone();
    let date = written.iter().map(|letter| letter.mail.date).max()?;
    let letters: Vec<_> = written.iter().map(|letter| letter.mail.letter.clone()).collect();
    let letter = letters::digest(&locale, public_url, &letters);
    let first = written.into_iter().next()?.mail;
    Some(Mail { letter, date, ..first })
}
