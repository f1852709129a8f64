//! What leaves in one mail: a letter by itself, or all of a day to one reader.

use std::collections::{BTreeMap, HashMap};

use domain::{NotificationId, notification::Recipient};
use projections::notifications::Row;
use url::Url;

use crate::{post::Mail, writing::Written};

/// Letters that leave together.
pub(super) struct Parcel {
    pub(super) rows: Vec<Row>,
}

/// The longest mail of a day; what is left goes into another one.
const LETTERS: usize = 50;

/// Daily letters to the same reader together, any other by itself.
pub(super) fn parcels(due: Vec<Row>) -> Vec<Parcel> {
    let mut daily: BTreeMap<Recipient, Vec<Row>> = BTreeMap::new();
    let mut parcels = Vec::new();
    for row in due {
        if row.request.daily {
            daily.entry(row.request.recipient).or_default().push(row);
        } else {
            parcels.push(Parcel { rows: vec![row] });
        }
    }
    for rows in daily.into_values() {
        parcels.extend(rows.chunks(LETTERS).map(|rows| Parcel { rows: rows.to_vec() }));
    }
    parcels
}

/// One mail of several letters to the same reader, under the name of the first.
pub(super) fn bundle(mut written: Vec<Written>, public_url: &Url) -> Option<Mail> {
    if written.len() < 2 {
        return Some(written.pop()?.mail);
    }
    written.sort_by_key(|letter| letter.mail.moment);
    let last = written.last()?;
    let (moment, locale) = (last.mail.moment, last.locale.clone());
    let letters: Vec<_> = written.iter().map(|letter| letter.mail.letter.clone()).collect();
    let letter = letters::digest(&locale, public_url, &letters);
    let first = written.into_iter().next()?.mail;
    Some(Mail { letter, moment, ..first })
}

/// What was attempted while the view still shows it as due.
#[derive(Default)]
pub(super) struct Handled(HashMap<NotificationId, u64>);

impl Handled {
    /// Those of the letters that the view knows more of than when they were attempted. What is due no more is forgotten.
    pub(super) fn without(&mut self, due: Vec<Row>) -> Vec<Row> {
        let known = std::mem::take(&mut self.0);
        due.into_iter()
            .filter(|row| match known.get(&row.id) {
                Some(revision) if *revision == row.revision => {
                    self.0.insert(row.id, *revision);
                    false
                }
                Some(_) | None => true,
            })
            .collect()
    }

    pub(super) fn note(&mut self, parcel: &Parcel) {
        self.0.extend(parcel.rows.iter().map(|row| (row.id, row.revision)));
    }
}
