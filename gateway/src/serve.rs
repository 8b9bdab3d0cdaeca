//! Runs the gateway over the backend of this workspace.

use std::fmt;
use std::fs;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use everwire_backend::push::Endpoint;
use everwire_backend::store::{Store, StoreError};
use everwire_backend::token::Secret;
use everwire_backend::{Backend, Config as BackendConfig};
use thiserror::Error;
use tokio::net::TcpListener;

use crate::api::{Api, Authorizer, Route};
use crate::{Config, Gateway, Stop, demo, stale, users};

/// Where connections are kept, unless told otherwise. The secret is beside it.
pub const DEFAULT_DATABASE: &str = ".everwire/connections.db";

/// Where connections are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Database {
    /// In a file, made with its folder if missing.
    File(PathBuf),
    /// In this process.
    Memory,
}

impl Database {
    /// The file that holds the secret. A database in memory has its secret where the default one has it.
    pub fn secret_path(&self) -> PathBuf {
        crate::secret::path(match self {
            Self::File(path) => path,
            Self::Memory => Path::new(DEFAULT_DATABASE),
        })
    }

    /// Makes the folder for the database and the secret, for the owner only, if it is missing.
    ///
    /// # Errors
    /// The file system's own.
    pub fn make_folder(&self) -> io::Result<()> {
        let mut folder = fs::DirBuilder::new();
        folder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut folder, 0o700);
        self.secret_path().parent().map_or(Ok(()), |path| folder.create(path))
    }
}

impl fmt::Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Memory => f.write_str(":memory:"),
        }
    }
}

impl From<&str> for Database {
    fn from(path: &str) -> Self {
        match path {
            ":memory:" => Self::Memory,
            path => Self::File(path.into()),
        }
    }
}

/// What to serve.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where connections are kept.
    pub database: Database,
    /// Signs and verifies tokens.
    pub secret: Secret,
    /// The API: its routes, and who is asked before. [`backend_api`] is that of the backend in this workspace.
    pub api: Api,
    /// The gateway's own options.
    pub gateway: Config,
    /// The demo's endpoints, off by default: how long its access tokens are good.
    pub demo: Option<Duration>,
    /// Whether `/faults` breaks connections on request; the demo has it anyway. Default: no.
    pub faults: bool,
}

/// Why nothing is served.
#[derive(Debug, Error)]
pub enum ServeError {
    /// The demo signs in anybody as anybody.
    #[error(
        "--demo signs in anybody as anybody, so it is for loopback only, and {0} is not: leave out --demo or --listen"
    )]
    DemoNotLoopback(SocketAddr),
    /// Anybody could break anybody's connection.
    #[error(
        "--faults lets anybody break connections, so it is for loopback only, and {0} is not: leave out --faults or --listen"
    )]
    FaultsNotLoopback(SocketAddr),
    /// A path cannot carry this stage.
    #[error("{0:?} cannot be a stage: use letters, digits, - and _, up to 128 of them")]
    Stage(String),
    /// The connections cannot be kept.
    #[error("cannot use the database {0}: {1}")]
    Store(Database, StoreError),
    /// The folder of the database cannot be made.
    #[error("cannot make the folder of the database {0}: {1}")]
    Folder(Database, io::Error),
    /// The backend cannot post.
    #[error("cannot make an HTTP client: {0}")]
    Http(#[from] reqwest::Error),
    /// The listener broke.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// A gateway that is ready: from here on nothing but the network can fail.
pub struct Server {
    gateway: Gateway,
    listener: TcpListener,
    beside: Router,
}

impl Server {
    /// Opens the database, and forgets the connections that cannot exist any more: those of this address's last
    /// life, of local gateways that do not answer, and older than AWS lets them get.
    ///
    /// # Errors
    /// Every reason why it cannot be served.
    pub async fn new(listener: TcpListener, options: Options) -> Result<Self, ServeError> {
        let address = listener.local_addr()?;
        let Options { database, secret, api, gateway: config, demo, faults } = options;
        if demo.is_some() && !address.ip().is_loopback() {
            return Err(ServeError::DemoNotLoopback(address));
        }
        if faults && !address.ip().is_loopback() {
            return Err(ServeError::FaultsNotLoopback(address));
        }
        let stage = api.stage.clone();
        if !is_stage(&stage) {
            return Err(ServeError::Stage(stage));
        }
        let store = open(&database).await?;
        let backend_config = BackendConfig { endpoint: Endpoint::Http, ..BackendConfig::new(secret.clone()) };
        let backend = Arc::new(Backend::new(backend_config, store.clone())?);
        let gateway = Gateway::new(address, api, config, backend.clone());
        let stale = stale::forget(&store, gateway.domain_name()).await;
        match stale.map_err(|error| ServeError::Store(database, error))? {
            0 => {}
            stale => tracing::info!(stale, "forgot the connections of a gateway that did not close"),
        }
        let mut beside = users::router(&stage, backend, secret.clone());
        if faults || demo.is_some() {
            beside = beside.merge(gateway.faults());
        }
        if let Some(token_ttl) = demo {
            beside = beside.merge(demo::router(gateway.clone(), secret, token_ttl));
        }
        Ok(Self { gateway, listener, beside })
    }

    /// Where clients connect: `ws://HOST/STAGE`.
    pub fn url(&self) -> String {
        format!("ws://{}/{}", self.gateway.domain_name(), self.gateway.0.address.stage)
    }

    /// Serves until `shutdown` ends and says how to stop, and at most 2 s longer.
    ///
    /// # Errors
    /// When the listener breaks.
    pub async fn run(self, shutdown: impl Future<Output = Stop>) -> Result<(), ServeError> {
        Ok(self.gateway.serve(self.listener, self.beside, shutdown).await?)
    }
}

/// Serves on `listener` until `shutdown` ends; [`Server`] in one step.
///
/// # Errors
/// Every reason why it cannot be served.
pub async fn run(
    listener: TcpListener,
    options: Options,
    shutdown: impl Future<Output = Stop>,
) -> Result<(), ServeError> {
    Server::new(listener, options).await?.run(shutdown).await
}

/// The API of the backend in this workspace: all its routes, and its authorizer.
pub fn backend_api() -> Api {
    let api = Api { authorizer: Some(Authorizer::new(Backend::AUTHORIZER)), ..Api::default() };
    Backend::ROUTES.iter().fold(api, |api, &route_key| api.with_route(route_key, Route::new(route_key)))
}

async fn open(database: &Database) -> Result<Store, ServeError> {
    let store = match database {
        Database::Memory => Store::in_memory().await,
        Database::File(path) => {
            database.make_folder().map_err(|error| ServeError::Folder(database.clone(), error))?;
            Store::open(path).await
        }
    };
    store.map_err(|error| ServeError::Store(database.clone(), error))
}

fn is_stage(stage: &str) -> bool {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    (1..=128).contains(&stage.len()) && stage.chars().all(is_allowed)
}
