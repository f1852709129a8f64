//! One schema and its migrations. Whoever serves needs no right to alter tables if somebody else migrated.

use std::borrow::Cow;

use sqlx::{
    AssertSqlSafe, Connection, PgConnection,
    migrate::{MigrateError, Migration, Migrator},
};

use crate::{ACQUIRE, Address, OpenError, connecting, within};

/// A store's schema.
#[derive(Clone, Copy, Debug)]
pub struct Schema<'a> {
    /// A plain word: lower-case letters, digits, underscores.
    pub name: &'a str,
    /// Statements that do not name the schema.
    pub migrations: &'static Migrator,
}

/// How a schema stands to what this release needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Missing,
    /// So many migrations are to be applied.
    Behind(usize),
    /// Everything this release needs is there; a later one may have added more.
    Ready,
}

/// INSUFFICIENT PRIVILEGE and READ ONLY SQL TRANSACTION.
const REFUSALS: [&str; 2] = ["42501", "25006"];

impl Schema<'_> {
    fn table(&self) -> String {
        format!("{}.migrations", self.name)
    }

    /// Migrations of a later release are left alone, so that both can run beside each other.
    fn migrator(&self) -> Migrator {
        let mut migrator = Migrator {
            migrations: Cow::Borrowed(&self.migrations.migrations),
            table_name: Cow::Owned(self.table()),
            create_schemas: Cow::Owned(vec![Cow::Owned(self.name.to_owned())]),
            ..Migrator::DEFAULT
        };
        migrator.set_ignore_missing(true);
        migrator
    }
}

/// How the schema stands, without changing anything.
pub async fn standing(address: &Address, schema: &Schema<'_>) -> Result<Standing, OpenError> {
    let mut connection = connect(address, schema).await?;
    Ok(within(ACQUIRE, ask(&mut connection, schema)).await?)
}

/// Brings the schema up to date, and says how many migrations were applied.
pub async fn migrate(address: &Address, schema: &Schema<'_>) -> Result<usize, OpenError> {
    let mut connection = connect(address, schema).await?;
    let missing = match ask(&mut connection, schema).await? {
        Standing::Missing => schema.migrations.iter().count(),
        Standing::Behind(missing) => missing,
        Standing::Ready => 0,
    };
    bring_up_to_date(&mut connection, schema).await?;
    connection.close().await?;
    Ok(missing)
}

/// Drops a schema with everything in it.
pub async fn drop_schema(address: &Address, name: &str) -> Result<(), OpenError> {
    let options = connecting::options(address, name);
    let connection = within(ACQUIRE, connecting::connect(&options)).await;
    let mut connection =
        connection.map_err(|source| OpenError::Unreachable { address: address.clone(), source })?;
    let drop = AssertSqlSafe(format!("DROP SCHEMA IF EXISTS {name} CASCADE"));
    sqlx::raw_sql(drop).execute(&mut connection).await?;
    connection.close().await?;
    Ok(())
}

async fn connect(address: &Address, schema: &Schema<'_>) -> Result<PgConnection, OpenError> {
    let options = connecting::options(address, schema.name);
    within(ACQUIRE, connecting::connect(&options))
        .await
        .map_err(|source| OpenError::Unreachable { address: address.clone(), source })
}

async fn ask(connection: &mut PgConnection, schema: &Schema<'_>) -> Result<Standing, sqlx::Error> {
    let there: Option<String> = sqlx::query_scalar("SELECT to_regclass($1)::text")
        .bind(schema.table())
        .fetch_one(&mut *connection)
        .await?;
    if there.is_none() {
        return Ok(Standing::Missing);
    }
    let table = schema.table();
    let applied: Vec<(i64, Vec<u8>)> = sqlx::query_as(AssertSqlSafe(format!(
        "SELECT version, checksum FROM {table} WHERE success"
    )))
    .fetch_all(connection)
    .await?;
    let is_applied = |migration: &&Migration| {
        applied.iter().any(|(version, checksum)| {
            *version == migration.version && **checksum == *migration.checksum
        })
    };
    let missing = schema.migrations.iter().filter(|one| !is_applied(one)).count();
    Ok(if missing == 0 { Standing::Ready } else { Standing::Behind(missing) })
}

pub(crate) async fn bring_up_to_date(
    connection: &mut PgConnection,
    schema: &Schema<'_>,
) -> Result<(), OpenError> {
    if within(ACQUIRE, ask(connection, schema)).await? == Standing::Ready {
        return Ok(());
    }
    // An index on a large log takes as long as it takes.
    let patient = "SET statement_timeout = 0; SET lock_timeout = '10min'";
    sqlx::raw_sql(patient).execute(&mut *connection).await?;
    let migrated = schema.migrator().run_direct(None, connection, false).await;
    match migrated {
        Ok(()) => Ok(()),
        Err(error) if is_refusal(&error) => Err(OpenError::MayNotMigrate {
            schema: schema.name.to_owned(),
            role: sqlx::query_scalar("SELECT current_user::text").fetch_one(connection).await?,
        }),
        Err(source) => Err(OpenError::Migration { schema: schema.name.to_owned(), source }),
    }
}

fn is_refusal(error: &MigrateError) -> bool {
    let (MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _)) = error else {
        return false;
    };
    let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
    code.is_some_and(|code| REFUSALS.contains(&&*code))
}
