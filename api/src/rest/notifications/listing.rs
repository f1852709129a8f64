//! Lists of letters, answered by the views.

use std::collections::BTreeSet;

use domain::{ApplicationId, application::Application};
use projections::{
    Projection,
    notifications::{
        Delivery, Notifications,
        listing::{self, Filter, From, Place, Readers},
    },
};
use store::{Position, StreamName};

use super::{
    super::{
        call::Call,
        error::{Error, Errors, Kind},
        listing::Ends,
        occasions,
        operation::ReadNotifications,
        query::{Condition, Query, Test},
        reply::Reply,
    },
    NOTIFICATIONS, resource, rules,
};
use crate::{
    app::App,
    sealed::{self, Use},
};

pub(super) async fn list(call: Call<ReadNotifications>) -> Result<Reply, Errors> {
    let (query, views) = (wanted(&call.app, &call.query)?, call.app.projections.views());
    // Asked first, so that no row is younger than what the answer says.
    let live = views.live(Notifications::IDENTITY).await?;
    let as_of = live.map_or(Position::START, |live| live.checkpoint.position);
    let page = match call.keeps_notifications() {
        Ok(()) => views.letters(&query).await?,
        Err(_) => query.page(vec![], 0),
    };
    let rules = rules(&call).await?;
    let resources: Vec<_> = page.rows.iter().map(|row| resource(row, &rules)).collect();
    let seal = |place| sealed::seal(&call.app, Use::PlaceOfLetters, &place);
    let ends = Ends {
        total: page.total,
        before: call.query.paging.offset(),
        previous: page.previous.map(seal),
        next: page.next.map(seal),
    };
    Ok(call.page(NOTIFICATIONS.name, &resources, &[], ends).position(as_of))
}

fn wanted(app: &App, query: &Query) -> Result<listing::Query, Errors> {
    let place = |text: &str, parameter: &str| {
        sealed::open::<Place>(app, Use::PlaceOfLetters, text).ok_or_else(|| {
            Error::new(Kind::NotFound, "There is no such page.").parameter(parameter)
        })
    };
    let from = match (&query.paging.after, &query.paging.before) {
        (Some(text), _) => From::After(place(text, "page[after]")?),
        (None, Some(text)) => From::Before(place(text, "page[before]")?),
        (None, None) => From::Offset(query.paging.offset()),
    };
    let mut filter = Filter::default();
    for condition in &query.conditions {
        narrow(&mut filter, condition);
    }
    Ok(listing::Query { filter, from, limit: query.paging.size })
}

fn narrow(filter: &mut Filter, Condition { field, test }: &Condition) {
    let one = || match test {
        Test::AnyOf(values) => values.first().map_or("", String::as_str),
        _ => "",
    };
    match *field {
        "state" => {
            let states = Delivery::ALL.into_iter().filter(|it| holds(test, it.as_str()));
            both(&mut filter.states, states.collect());
        }
        "occasion" => {
            let names = occasions::ALL.iter().filter(|name| holds(test, name));
            both(&mut filter.occasions, names.map(|name| (*name).to_owned()).collect());
        }
        "recipient" => filter.readers = one().parse().map_or(Readers::Anybody, Readers::One),
        "application" => {
            let id = one().parse::<ApplicationId>().ok();
            filter.subject = id.map(|id| StreamName::of::<Application>(&id));
        }
        _ => {}
    }
}

fn holds(test: &Test, value: &str) -> bool {
    let among = |values: &[String]| values.iter().any(|it| it == value);
    match test {
        Test::AnyOf(values) => among(values),
        Test::NoneOf(values) => !among(values),
        _ => true,
    }
}

/// Several filters of one field are "and".
fn both<T: Ord>(kept: &mut Option<BTreeSet<T>>, more: BTreeSet<T>) {
    *kept = Some(match kept.take() {
        Some(kept) => kept.into_iter().filter(|it| more.contains(it)).collect(),
        None => more,
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_of_one_field_are_all_to_hold() {
        let any =
            |values: &[&str]| Test::AnyOf(values.iter().map(|value| (*value).to_owned()).collect());
        let mut filter = Filter::default();
        for (field, test) in [
            ("state", any(&["sent", "waiting"])),
            ("state", Test::NoneOf(vec!["sent".to_owned()])),
            ("occasion", any(&["user_invited"])),
            ("occasion", any(&["role_changed"])),
        ] {
            narrow(&mut filter, &Condition { field, test });
        }
        assert_eq!(filter.states, Some([Delivery::Waiting].into()));
        assert_eq!(filter.occasions, Some([].into()));
    }
}
