//! The store in SQLite or PostgreSQL: one table, and the same statements for both.

mod file;

use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use async_trait::async_trait;
use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::{AnyConnection, AnyPool, ConnectOptions, Connection as _, Executor};

use super::{Connection, Cursor, PAGE, Page, Store, StoreError, oldest_ms};

static SQLITE_MIGRATIONS: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES_MIGRATIONS: Migrator = sqlx::migrate!("migrations/postgres");

/// How long to wait for a database to answer, or for a turn. Well below API Gateway's integration timeout, so that
/// the log has the reason.
const PATIENCE: Duration = Duration::from_secs(10);

/// A pool of connections to the database.
#[derive(Debug)]
pub(super) struct Sql {
    pool: AnyPool,
}

impl Sql {
    /// A database that lives as long as this process.
    pub(super) async fn memory() -> Result<Self, StoreError> {
        // Each connection to `:memory:` is a database of its own: one, and never replaced.
        let pool = pool().max_connections(1).idle_timeout(None).max_lifetime(None);
        let pool = pool.connect_lazy_with(options("sqlite::memory:")?);
        let mut connection = pool.acquire().await.map_err(open)?;
        migrate_sqlite(&mut connection).await?;
        drop(connection);
        Ok(Self { pool })
    }

    /// A database file, which is made if it is missing.
    pub(super) async fn file(path: &Path) -> Result<Self, StoreError> {
        let options = options(&file::make_private(path).map_err(open)?)?;
        // On a connection of its own, because a pool would try again what fails for good.
        let mut connection = options.connect().await.map_err(open)?;
        file::write_ahead(&mut connection).await.map_err(open)?;
        migrate_sqlite(&mut connection).await?;
        connection.close().await.map_err(open)?;
        let pool = pool()
            .max_connections(4)
            .after_connect(|connection, _| Box::pin(async move { file::configure(connection).await }));
        Ok(Self { pool: pool.connect_lazy_with(options) })
    }

    /// A database on a server.
    pub(super) async fn postgres(url: &str) -> Result<Self, StoreError> {
        let options = options(url)?;
        // As a whole: whoever stands still with the migrations' lock would be waited for without end.
        within_patience(migrate_postgres(&options)).await.map_err(open)??;
        Ok(Self { pool: pool().max_connections(10).connect_lazy_with(options) })
    }
}

fn options(url: &str) -> Result<AnyConnectOptions, StoreError> {
    sqlx::any::install_default_drivers();
    AnyConnectOptions::from_str(url).map_err(open)
}

fn pool() -> AnyPoolOptions {
    AnyPoolOptions::new().acquire_timeout(PATIENCE)
}

/// In one transaction, which a second process that starts at the same time waits for: sqlx takes no lock here.
async fn migrate_sqlite(connection: &mut AnyConnection) -> Result<(), StoreError> {
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await.map_err(open)?;
    run(&SQLITE_MIGRATIONS, &mut transaction).await.map_err(migration)?;
    transaction.commit().await.map_err(open)
}

async fn migrate_postgres(options: &AnyConnectOptions) -> Result<(), StoreError> {
    // On a connection of its own, because a pool would go on asking a server that is not there.
    let mut connection = options.connect().await.map_err(open)?;
    // That a table is there already is no news for the log.
    connection.execute("SET client_min_messages = warning").await.map_err(open)?;
    // Several processes may start at once: sqlx takes an advisory lock.
    run(&POSTGRES_MIGRATIONS, &mut connection).await.map_err(migration)?;
    connection.close().await.map_err(open)
}

/// `Migrator::run` on one connection. That itself is an "implementation of `Acquire` is not general enough" in every
/// future that may change threads; sqlx keeps this way round it, undocumented.
async fn run(migrations: &Migrator, connection: &mut AnyConnection) -> Result<(), MigrateError> {
    migrations.run_direct(None, connection, false).await
}

/// What the database says to a statement, if it says anything.
async fn answered<T>(statement: impl Future<Output = sqlx::Result<T>>) -> Result<T, StoreError> {
    Ok(within_patience(statement).await.map_err(StoreError::Failed)??)
}

async fn within_patience<F: Future>(future: F) -> Result<F::Output, String> {
    tokio::time::timeout(PATIENCE, future).await.map_err(|_| {
        format!("no answer in {PATIENCE:?}: the database stands still, or somebody holds a lock in it")
    })
}

fn open(error: impl ToString) -> StoreError {
    StoreError::Open(error.to_string())
}

fn migration(error: MigrateError) -> StoreError {
    match error {
        // Not the version: the disk is full, or the user may not make tables.
        MigrateError::Execute(error) => open(error),
        error => StoreError::Migration(error.to_string()),
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::PoolClosed => Self::Closed,
            error => Self::Failed(error.to_string()),
        }
    }
}

#[async_trait]
impl Store for Sql {
    async fn put(&self, connection: &Connection) -> Result<(), StoreError> {
        let put = sqlx::query(
            "INSERT INTO connections (connection_id, user_id, domain_name, stage, connected_at)
             VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (connection_id) DO UPDATE SET user_id = excluded.user_id,
                domain_name = excluded.domain_name, stage = excluded.stage, connected_at = excluded.connected_at",
        )
        .bind(&connection.connection_id)
        .bind(&connection.user)
        .bind(&connection.domain_name)
        .bind(&connection.stage)
        .bind(connection.connected_at);
        answered(put.execute(&self.pool)).await?;
        Ok(())
    }

    async fn delete(&self, connection_id: &str) -> Result<(), StoreError> {
        let delete = sqlx::query("DELETE FROM connections WHERE connection_id = $1").bind(connection_id);
        answered(delete.execute(&self.pool)).await?;
        Ok(())
    }

    async fn page(&self, user: &str, after: Option<&Cursor>) -> Result<Page, StoreError> {
        let oldest_ms = oldest_ms();
        // No id is less than the empty one.
        let (connected_at, connection_id) =
            after.map_or((oldest_ms, ""), |cursor| (cursor.connected_at, cursor.connection_id.as_str()));
        let page = sqlx::query_as(
            "SELECT connection_id, user_id, domain_name, stage, connected_at FROM connections
             WHERE user_id = $1 AND connected_at >= $2 AND (connected_at, connection_id) > ($3, $4)
             ORDER BY connected_at, connection_id LIMIT $5",
        )
        .bind(user)
        .bind(oldest_ms)
        .bind(connected_at)
        .bind(connection_id)
        .bind(PAGE as i64 + 1);
        Ok(Page::new(answered(page.fetch_all(&self.pool)).await?, false))
    }

    async fn domain_names(&self) -> Result<Vec<String>, StoreError> {
        let names = sqlx::query_scalar("SELECT DISTINCT domain_name FROM connections ORDER BY domain_name");
        answered(names.fetch_all(&self.pool)).await
    }

    async fn clear(&self, domain_name: &str) -> Result<u64, StoreError> {
        let clear = sqlx::query("DELETE FROM connections WHERE domain_name = $1").bind(domain_name);
        Ok(answered(clear.execute(&self.pool)).await?.rows_affected())
    }

    async fn clear_expired(&self) -> Result<u64, StoreError> {
        let clear = sqlx::query("DELETE FROM connections WHERE connected_at < $1").bind(oldest_ms());
        Ok(answered(clear.execute(&self.pool)).await?.rows_affected())
    }

    async fn close(&self) {
        self.pool.close().await;
    }
}
