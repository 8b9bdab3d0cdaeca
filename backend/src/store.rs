//! Who is connected: one row for each open socket, in SQLite.

use std::path::Path;
use std::time::Duration;

use sqlx::SqlitePool;
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions};
use thiserror::Error;

static MIGRATIONS: Migrator = sqlx::migrate!();

/// One open socket, and where to push to it.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Connection {
    /// API Gateway's name for the socket.
    pub connection_id: String,
    /// Whose it is: the authorizer's `principalId`.
    pub user: String,
    /// The host, and port if any, of the API.
    pub domain_name: String,
    /// The API's stage.
    pub stage: String,
    /// Milliseconds since 1970.
    pub connected_at: i64,
}

/// The store could not be opened, read or written.
#[derive(Debug, Error)]
pub enum StoreError {
    /// Reading or writing failed; SQLite's own words.
    #[error("the connection store failed: {0}")]
    Database(#[from] sqlx::Error),
    /// There is no database at that path, nor can one be made.
    #[error("it does not open ({0}): is the path right, and may it be written?")]
    Open(sqlx::Error),
    /// The database was written by another version, or is somebody else's.
    #[error(
        "it is not of this version ({0}): if it is an Everwire database delete it, as it holds nothing lasting"
    )]
    Migration(#[from] MigrateError),
}

/// The connections of all users. Cheap to clone; all clones are the same store.
#[derive(Debug, Clone)]
pub struct Store {
    pool: SqlitePool,
}

impl Store {
    /// Opens a database file, which is made if it is missing. Its folder has to exist.
    ///
    /// # Errors
    /// When the file cannot be opened or is no database of ours.
    pub async fn open(path: &Path) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            // Readers do not wait for the writer, nor a second gateway on the same file for the first.
            .journal_mode(SqliteJournalMode::Wal)
            .busy_timeout(Duration::from_secs(5));
        Self::migrated(
            SqlitePoolOptions::new()
                .max_connections(4)
                .connect_with(options)
                .await
                .map_err(StoreError::Open)?,
        )
        .await
    }

    /// A store that lives as long as this process.
    ///
    /// # Errors
    /// When SQLite cannot start.
    pub async fn in_memory() -> Result<Self, StoreError> {
        // Each connection to `:memory:` is a database of its own: one, and never replaced.
        let pool = SqlitePoolOptions::new().max_connections(1).idle_timeout(None).max_lifetime(None);
        Self::migrated(pool.connect_with(SqliteConnectOptions::new().in_memory(true)).await?).await
    }

    async fn migrated(pool: SqlitePool) -> Result<Self, StoreError> {
        MIGRATIONS.run(&pool).await?;
        Ok(Self { pool })
    }

    /// Remembers a connection. The same id again replaces the row.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn put(&self, connection: &Connection) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT OR REPLACE INTO connections (connection_id, user, domain_name, stage, connected_at)
             VALUES (?, ?, ?, ?, ?)",
        )
        .bind(&connection.connection_id)
        .bind(&connection.user)
        .bind(&connection.domain_name)
        .bind(&connection.stage)
        .bind(connection.connected_at)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Forgets a connection. An unknown id is fine.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn delete(&self, connection_id: &str) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM connections WHERE connection_id = ?")
            .bind(connection_id)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// A user's connections, the oldest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn by_user(&self, user: &str) -> Result<Vec<Connection>, StoreError> {
        let connections = sqlx::query_as(
            "SELECT connection_id, user, domain_name, stage, connected_at FROM connections
             WHERE user = ? ORDER BY connected_at, connection_id",
        )
        .bind(user)
        .fetch_all(&self.pool)
        .await?;
        Ok(connections)
    }

    /// Forgets all connections of one API, and says how many there were. For a gateway that starts: the sockets
    /// of its last life are gone.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn clear(&self, domain_name: &str, stage: &str) -> Result<u64, StoreError> {
        let done = sqlx::query("DELETE FROM connections WHERE domain_name = ? AND stage = ?")
            .bind(domain_name)
            .bind(stage)
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected())
    }
}
