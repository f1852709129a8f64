//! Somebody who registers applications, as the command line does.

use std::{
    ops::Range,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use commands::{
    Commands, Permit,
    applications::{Created, NewApplication},
    users::NewUser,
};
use domain::{
    application::Settings,
    authority::{Belonging, Role},
    name::{ApplicationName, OrganizationName, UserName},
    user::{DisplayName, Email, Locale},
};
use tokio::task::JoinSet;

#[derive(Clone, Debug)]
pub(crate) struct Registrar {
    commands: Commands,
    belonging: Belonging,
}

impl Registrar {
    /// Founds an organization with one member, who owns what is registered.
    pub(crate) async fn found(commands: Commands) -> anyhow::Result<Self> {
        let permit = Permit::operator();
        let organization = OrganizationName::parse("Bench")?;
        let person = NewUser {
            user_name: UserName::parse("bench")?,
            display_name: DisplayName::parse("Bench")?,
            email: Email::parse("bench@localhost")?,
            locale: Locale::parse("en")?,
        };
        let as_operator = || commands.as_operator();
        let (organization, _) = as_operator().register_organization(&permit, organization).await?;
        let (owner, _) = as_operator().register_user(&permit, person).await?;
        as_operator().admit(&permit, organization, owner, Role::Administrator).await?;
        Ok(Self { commands, belonging: Belonging { organization, owner } })
    }

    pub(crate) async fn register(&self, number: u64) -> anyhow::Result<Created> {
        let new = NewApplication {
            belonging: self.belonging,
            name: ApplicationName::parse(&format!("Application {number}"))?,
            active: true,
            settings: Settings::default(),
        };
        let scribe = self.commands.as_operator();
        Ok(scribe.create_application(&Permit::operator(), new).await?)
    }

    /// Registers one application for each number, so many at a time, and hands each to `then`.
    pub(crate) async fn register_all<F>(
        &self,
        numbers: Range<u64>,
        clients: usize,
        then: impl Fn(Created) -> F + Clone + Send + Sync + 'static,
    ) -> anyhow::Result<()>
    where
        F: Future<Output = anyhow::Result<()>> + Send + 'static,
    {
        let next = Arc::new(AtomicU64::new(numbers.start));
        let mut tasks = JoinSet::new();
        for _ in 0..clients {
            let (this, next, then) = (self.clone(), next.clone(), then.clone());
            tasks.spawn(async move {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= numbers.end {
                        return anyhow::Ok(());
                    }
                    then(this.register(number).await?).await?;
                }
            });
        }
        while let Some(done) = tasks.join_next().await {
            done??;
        }
        Ok(())
    }
}
