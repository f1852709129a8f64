//! Many applications of many people in many organizations, registered as everybody registers them.

use std::{collections::BTreeMap, future::Future, sync::Arc, time::Duration};

use anyhow::Context;
use commands::{Commands, Permit, applications::NewApplication, users::NewUser};
use domain::{
    OrganizationId, Scope, Timestamp, UserId,
    application::{Description, Settings},
    authority::{Belonging, Reach, Role},
    name::{ApplicationName, OrganizationName, UserName},
    user::{DisplayName, Email, Locale},
};
use projections::{Knowledge, register::Sort};
use tokio::task::JoinSet;

pub(super) const APPLICATIONS: u64 = 100_000;
pub(super) const ORGANIZATIONS: u64 = 1_000;
pub(super) const OWNERS: u64 = 5_000;
/// Registered at once.
const CLIENTS: u64 = 64;

const GIVEN: [&str; 8] =
    ["Ada", "Grace", "Edsger", "Barbara", "Donald", "Frances", "Niklaus", "Radia"];
const TRADES: [&str; 7] =
    ["Till", "Warehouse", "Ledger", "Newsletter", "Größenberater", "Sync", "Price feed"];
const PLACES: [&str; 5] = ["North", "South", "EMEA", "São Paulo", "Kyoto"];
const SCOPES: [&[&str]; 4] =
    [&[], &["orders:read"], &["orders:read", "orders:write"], &["products:read", "prices:read"]];

/// Registers everything; answers with the organizations and the owners.
pub(super) async fn register(
    commands: &Commands,
) -> anyhow::Result<(Vec<OrganizationId>, Vec<UserId>)> {
    let permit = Permit::operator();
    let organizations = all(ORGANIZATIONS, commands, |commands, number| async move {
        let name = OrganizationName::parse(&format!("{} {number}", of(&PLACES, number * 7)))?;
        Ok(commands.as_operator().register_organization(&Permit::operator(), name).await?.0)
    })
    .await?;
    let owners = all(OWNERS, commands, |commands, number| async move {
        let person = NewUser {
            user_name: UserName::parse(&format!("user{number}"))?,
            display_name: DisplayName::parse(&format!("{} {number}", of(&GIVEN, number * 5)))?,
            email: Email::parse(&format!("user{number}@example.com"))?,
            locale: Locale::parse("en")?,
        };
        Ok(commands.as_operator().register_user(&Permit::operator(), person).await?.0)
    })
    .await?;
    for (owner, organization) in owners.iter().zip(organizations.iter().cycle()) {
        let scribe = commands.as_operator();
        scribe.admit(&permit, *organization, *owner, Role::Administrator).await?;
    }
    let people = Arc::new((organizations, owners));
    let belonging = people.clone();
    all(APPLICATIONS, commands, move |commands, number| {
        let people = belonging.clone();
        async move {
            let (organizations, owners) = &*people;
            let new = application(number, organizations, owners)?;
            commands.as_operator().create_application(&Permit::operator(), new).await?;
            Ok(())
        }
    })
    .await?;
    Arc::into_inner(people).context("nobody else looks at them")
}

fn application(
    number: u64,
    organizations: &[OrganizationId],
    owners: &[UserId],
) -> anyhow::Result<NewApplication> {
    let owner = number % OWNERS;
    let scopes = of(&SCOPES, number / 3).iter().map(|scope| Scope::parse(scope));
    let described = number.is_multiple_of(3).then(|| format!("Moves orders of shop {number}."));
    Ok(NewApplication {
        belonging: Belonging { organization: *of(organizations, owner), owner: *of(owners, owner) },
        name: ApplicationName::parse(&format!(
            "{} {} {number}",
            of(&TRADES, number * 11),
            of(&PLACES, number * 13)
        ))?,
        active: !number.is_multiple_of(10),
        settings: Settings {
            scopes: scopes.collect::<Result<_, _>>()?,
            description: Description::parse(&described.unwrap_or_default())?,
            ..Settings::default()
        },
    })
}

/// Two thirds of all were used within the last weeks.
pub(super) fn use_them(knowledge: &Knowledge, now: Timestamp) {
    let all = knowledge.matching(Reach::EVERYTHING, &[], Sort::BY_NAME);
    let used = (0..).zip(all).filter(|(number, _)| number % 3 != 0);
    let last = used.map(|(number, id)| {
        let ago = Duration::from_secs(number * 7_919 % 10_000_000);
        let ago = i64::try_from(ago.as_micros()).unwrap_or_default();
        (id, Timestamp::from_micros(now.as_micros() - ago))
    });
    knowledge.note_uses(&last.collect::<Vec<_>>());
}

/// Does something for every number, many at a time; answers in the order of the numbers.
async fn all<T, F>(
    count: u64,
    commands: &Commands,
    each: impl Fn(Commands, u64) -> F + Clone + Send + 'static,
) -> anyhow::Result<Vec<T>>
where
    T: Send + 'static,
    F: Future<Output = anyhow::Result<T>> + Send + 'static,
{
    let mut tasks = JoinSet::new();
    for first in 0..CLIENTS {
        let (commands, each) = (commands.clone(), each.clone());
        tasks.spawn(async move {
            let mut done = Vec::new();
            let mut number = first;
            while number < count {
                done.push((number, each(commands.clone(), number).await?));
                number += CLIENTS;
            }
            anyhow::Ok(done)
        });
    }
    let mut done = BTreeMap::new();
    while let Some(some) = tasks.join_next().await {
        done.extend(some??);
    }
    Ok(done.into_values().collect())
}

fn of<T>(some: &[T], number: u64) -> &T {
    &some[usize::try_from(number).unwrap_or_default() % some.len()]
}
