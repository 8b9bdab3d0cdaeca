//! Who is connected: one record for each open socket, in SQLite, PostgreSQL or DynamoDB.

mod absent;
mod dynamodb;
mod sql;

use std::fmt::Debug;
use std::path::Path;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use futures_util::stream::{self, Stream, TryStreamExt};
use reqwest::Url;
use thiserror::Error;

/// How long a record can be true, in milliseconds: API Gateway closes a connection after 2 h. 5 min more, for
/// clocks that differ.
const MAX_AGE_MS: i64 = (2 * 60 + 5) * 60 * 1000;

/// How many connections a page has at most: small enough to be held in memory, many enough to keep the posts of
/// a `send` busy while the next one is read.
const PAGE: usize = 100;

/// One open socket, and where to push to it.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Connection {
    /// API Gateway's name for the socket.
    pub connection_id: String,
    /// Whose it is: the authorizer's `principalId`.
    #[sqlx(rename = "user_id")]
    pub user: String,
    /// The host, and port if any, of the API.
    pub domain_name: String,
    /// The API's stage.
    pub stage: String,
    /// Milliseconds since 1970.
    pub connected_at: i64,
}

/// How long a handshake may go on after `$connect` has stored the record, in milliseconds: API Gateway's longest
/// integration timeout and a second.
const HANDSHAKE_MS: i64 = 30 * 1000;

impl Connection {
    /// Whether the handshake may still go on: until it is over, `/@connections` answers 410 for a socket that is
    /// about to open.
    pub(crate) fn may_be_opening(&self) -> bool {
        now_ms() - self.connected_at < HANDSHAKE_MS
    }
}

/// A place in a user's connections: the next page begins after it. It stays good while connections come and go,
/// the one it was made from too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    connected_at: i64,
    connection_id: String,
}

/// Some of a user's connections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The oldest first, up to 100.
    pub connections: Vec<Connection>,
    /// Where the next page begins; none after the last.
    pub next: Option<Cursor>,
}

impl Page {
    /// From up to one connection more than a page holds: the last one only tells that there is another page.
    fn new(mut connections: Vec<Connection>, is_cut_short: bool) -> Self {
        let is_last = connections.len() <= PAGE && !is_cut_short;
        connections.truncate(PAGE);
        let next = connections.last().filter(|_| !is_last).map(|last| Cursor {
            connected_at: last.connected_at,
            connection_id: last.connection_id.clone(),
        });
        Self { connections, next }
    }
}

/// The store could not be opened, read or written.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum StoreError {
    /// No store has such an address.
    #[error(
        "no store is there ({0}): give :memory:, a file's path, postgres://USER@HOST/DATABASE or dynamodb://TABLE"
    )]
    Address(String),
    /// There is no database at that address, it cannot be made, or it lets nobody in.
    #[error("it does not open ({0}): is the path or address right, and may it be read and written?")]
    Open(String),
    /// The database was written by another version, or is somebody else's.
    #[error(
        "it is not of this version ({0}): if it is an Everwire database delete it, as it holds nothing lasting"
    )]
    Migration(String),
    /// The DynamoDB table does not exist in that account and region.
    #[error(
        "there is no DynamoDB table {0:?}: are region and account right? deploy/template.yaml makes it, and for an emulator `create=true` in its address"
    )]
    NoTable(String),
    /// Reading or writing failed; the database's own words.
    #[error("the connection store failed: {0}")]
    Failed(String),
    /// There is none: see [`absent`].
    #[error("this function has no connection store: say where connections are kept (EVERWIRE_STORE)")]
    Absent,
    /// It was closed before.
    #[error("the connection store is closed: open it again to use it")]
    Closed,
}

/// The connections of all users.
#[async_trait]
pub trait Store: Debug + Send + Sync + 'static {
    /// Remembers a connection. The same id again replaces the record.
    ///
    /// # Errors
    /// When the store cannot be written.
    async fn put(&self, connection: &Connection) -> Result<(), StoreError>;

    /// Forgets a connection. An unknown id is fine.
    ///
    /// # Errors
    /// When the store cannot be written.
    async fn delete(&self, connection_id: &str) -> Result<(), StoreError>;

    /// A page of a user's connections, the oldest first; none so old that it must have ended. A connection that is
    /// there from the first page to the last is in exactly one of them, whatever happens to the others meanwhile.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn page(&self, user: &str, after: Option<&Cursor>) -> Result<Page, StoreError>;

    /// Where the connections are: each host, and port if any, once. DynamoDB reads its whole table for that: it is
    /// for a local gateway.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn domain_names(&self) -> Result<Vec<String>, StoreError>;

    /// Forgets all connections of one host and port, and says how many there were. For a gateway that starts: the
    /// sockets of its last life are gone. DynamoDB reads its whole table for that.
    ///
    /// # Errors
    /// When the store cannot be written.
    async fn clear(&self, domain_name: &str) -> Result<u64, StoreError>;

    /// Forgets all connections that are so old that they must have ended, and says how many there were. DynamoDB
    /// reads its whole table for that; there, TTL does the same in its own time.
    ///
    /// # Errors
    /// When the store cannot be written.
    async fn clear_expired(&self) -> Result<u64, StoreError>;

    /// Ends all use: what has begun is finished, whatever comes later is [`StoreError::Closed`].
    async fn close(&self);
}

impl dyn Store {
    /// All connections of a user, page by page: a page is read when the one before it is used up.
    pub fn connections<'a>(
        &'a self,
        user: &'a str,
    ) -> impl Stream<Item = Result<Connection, StoreError>> + Send + 'a {
        /// What is still to be read.
        enum Rest {
            All,
            After(Cursor),
            Nothing,
        }
        stream::try_unfold(Rest::All, move |rest| async move {
            let page = match &rest {
                Rest::All => self.page(user, None).await?,
                Rest::After(cursor) => self.page(user, Some(cursor)).await?,
                Rest::Nothing => return Ok(None),
            };
            let connections = stream::iter(page.connections.into_iter().map(Ok));
            Ok::<_, StoreError>(Some((connections, page.next.map_or(Rest::Nothing, Rest::After))))
        })
        .try_flatten()
    }
}

/// Opens the store at an address:
/// - `:memory:`: SQLite, as long as this process lives;
/// - a path, or `sqlite:PATH`: SQLite in a file, which is made for the owner only if it is missing. Its folder has
///   to exist;
/// - `postgres://USER:PASSWORD@HOST/DATABASE`: a database, or a schema, of Everwire's own;
/// - `dynamodb://TABLE`: a table with the keys `pk` and `sk`, as deploy/template.yaml makes it. Region and
///   credentials are AWS's usual ones. Options: `region`; `endpoint`, the URL of an emulator, which on this machine
///   gets made-up credentials and never yours; `create=true` makes a missing table.
///
/// # Errors
/// When there is none, or it is not ours. An error never names a password.
pub async fn open(address: &str) -> Result<Arc<dyn Store>, StoreError> {
    if !is_server(address) {
        let path = address.strip_prefix("sqlite://").or(address.strip_prefix("sqlite:")).unwrap_or(address);
        return Ok(match path {
            ":memory:" => Arc::new(sql::Sql::memory().await?),
            path => Arc::new(sql::Sql::file(Path::new(path)).await?),
        });
    }
    match address.split_once("://") {
        Some(("postgres" | "postgresql", _)) => Ok(Arc::new(sql::Sql::postgres(address).await?)),
        Some(("dynamodb", _)) => Ok(Arc::new(dynamodb::DynamoDb::open(address).await?)),
        Some((scheme, _)) => Err(StoreError::Address(format!("{scheme:?} is no kind of store"))),
        None => Err(StoreError::Address("its kind ends with ://".to_owned())),
    }
}

/// No store at all: every use fails with [`StoreError::Absent`]. For a function that needs none, as one that is only
/// the authorizer and has no access to the table.
pub fn absent() -> Arc<dyn Store> {
    Arc::new(absent::Absent)
}

/// Whether an address is of a server, and neither `:memory:` nor a file's path.
pub fn is_server(address: &str) -> bool {
    match address.split_once(':') {
        Some(("postgres" | "postgresql" | "dynamodb", _)) => true,
        Some((scheme, rest)) => rest.starts_with("//") && scheme != "sqlite",
        None => false,
    }
}

/// An address of a store as it may be shown: without user, password and options, which may hold a password too.
pub fn shown(address: &str) -> String {
    if !is_server(address) {
        return address.to_owned();
    }
    let scheme = address.split(':').next().unwrap_or_default();
    match Url::parse(address) {
        // With an @ elsewhere, the password has a character that ended it early, and the rest is taken for a host.
        Ok(url)
            if url.has_authority()
                && !format!("{}{:?}{:?}", url.path(), url.query(), url.fragment()).contains('@') =>
        {
            let port = url.port().map_or(String::new(), |port| format!(":{port}"));
            format!("{scheme}://{}{port}{}", url.host_str().unwrap_or_default(), url.path())
        }
        _ => format!("{scheme}://…"),
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
