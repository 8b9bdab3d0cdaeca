//! Who is connected: one row for each open socket, in SQLite.

#[cfg(unix)]
use std::fs;
use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sqlx::SqlitePool;
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions};
use thiserror::Error;

static MIGRATIONS: Migrator = sqlx::migrate!();

/// How long a row can be true, in milliseconds: API Gateway closes a connection after 2 h. 5 min more, for
/// clocks that differ.
const MAX_AGE_MS: i64 = (2 * 60 + 5) * 60 * 1000;

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

/// How long a handshake may go on after `$connect` has stored the row, in milliseconds: API Gateway's longest
/// integration timeout and a second.
const HANDSHAKE_MS: i64 = 30 * 1000;

impl Connection {
    /// Whether the handshake may still go on: until it is over, `/@connections` answers 410 for a socket that is
    /// about to open.
    pub(crate) fn may_be_opening(&self) -> bool {
        now_ms() - self.connected_at < HANDSHAKE_MS
    }
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
    /// Opens a database file, which is made for the owner only if it is missing: a connection id in it is all that
    /// `/@connections` asks for. Its folder has to exist.
    ///
    /// # Errors
    /// When the file cannot be opened or is no database of ours.
    pub async fn open(path: &Path) -> Result<Self, StoreError> {
        make_private(path).map_err(|error| StoreError::Open(error.into()))?;
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

    /// A user's connections, the oldest first; none so old that it must have ended.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn by_user(&self, user: &str) -> Result<Vec<Connection>, StoreError> {
        let connections = sqlx::query_as(
            "SELECT connection_id, user, domain_name, stage, connected_at FROM connections
             WHERE user = ? AND connected_at >= ? ORDER BY connected_at, connection_id",
        )
        .bind(user)
        .bind(oldest_ms())
        .fetch_all(&self.pool)
        .await?;
        Ok(connections)
    }

    /// Where the connections are: each host, and port if any, once.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn domain_names(&self) -> Result<Vec<String>, StoreError> {
        let names = sqlx::query_scalar("SELECT DISTINCT domain_name FROM connections ORDER BY domain_name");
        Ok(names.fetch_all(&self.pool).await?)
    }

    /// Forgets all connections of one host and port, and says how many there were. For a gateway that starts: the
    /// sockets of its last life are gone.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn clear(&self, domain_name: &str) -> Result<u64, StoreError> {
        let done = sqlx::query("DELETE FROM connections WHERE domain_name = ?")
            .bind(domain_name)
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected())
    }

    /// Forgets all connections that are so old that they must have ended, and says how many there were.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn clear_expired(&self) -> Result<u64, StoreError> {
        let done = sqlx::query("DELETE FROM connections WHERE connected_at < ?")
            .bind(oldest_ms())
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected())
    }
}

/// When the oldest connection that can still be open was opened, in milliseconds since 1970.
fn oldest_ms() -> i64 {
    now_ms() - MAX_AGE_MS
}

/// Milliseconds since 1970.
fn now_ms() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    i64::try_from(now).unwrap_or(i64::MAX)
}

/// Makes the file, for its owner only. SQLite gives the files beside it (`-wal`, `-shm`) the same permissions.
#[cfg(unix)]
fn make_private(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    match fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// Elsewhere a file takes its permissions from its folder.
#[cfg(not(unix))]
fn make_private(_: &Path) -> io::Result<()> {
    Ok(())
}
