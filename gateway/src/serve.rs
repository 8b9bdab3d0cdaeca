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
use everwire_backend::store::{self, Store, StoreError};
use everwire_backend::token::Secret;
use everwire_backend::{Backend, Config as BackendConfig};
use thiserror::Error;
use tokio::net::TcpListener;

use crate::api::{Api, Authorizer, Route};
use crate::deployed::{self, DeployError, Deployed};
use crate::functions::BACKEND;
use crate::gateway::domain_name;
use crate::lambda::Function;
use crate::{Config, Gateway, Observer, Stop, demo, stale, status, users};

/// Where connections are kept, unless told otherwise. The secret is beside it.
pub const DEFAULT_DATABASE: &str = ".everwire/connections.db";

/// Where connections are kept.
#[derive(Clone, PartialEq, Eq)]
pub enum Database {
    /// In a file, made with its folder if missing.
    File(PathBuf),
    /// In this process.
    Memory,
    /// On a server: the address of a PostgreSQL database or a DynamoDB table, as [`store::open`] has it.
    Server(String),
}

impl Database {
    /// The file that holds the secret. A database without a file has its secret where the default one has it.
    pub fn secret_path(&self) -> PathBuf {
        crate::secret::path(match self {
            Self::File(path) => path,
            Self::Memory | Self::Server(_) => Path::new(DEFAULT_DATABASE),
        })
    }

    /// Where another process finds it; one in memory is nobody else's.
    fn address(&self) -> Option<String> {
        match self {
            Self::Memory => None,
            // A relative one would be another file from another folder.
            Self::File(path) => {
                let path = std::path::absolute(path).unwrap_or_else(|_| path.clone());
                Some(format!("sqlite:{}", path.display()))
            }
            Self::Server(address) => Some(address.clone()),
        }
    }

    /// Makes the folder for the database and the secret, for the owner only, if it is missing.
    ///
    /// # Errors
    /// The file system's own.
    pub fn make_folder(&self) -> io::Result<()> {
        self.secret_path().parent().map_or(Ok(()), make_private_folder)
    }
}

/// Makes a folder for the owner only, with all above it, if it is missing.
pub(crate) fn make_private_folder(path: &Path) -> io::Result<()> {
    let mut folder = fs::DirBuilder::new();
    folder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut folder, 0o700);
    folder.create(path)
}

impl fmt::Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Memory => f.write_str(":memory:"),
            Self::Server(address) => f.write_str(&store::shown(address)),
        }
    }
}

/// As it is shown: an address may hold a password.
impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl From<&str> for Database {
    fn from(address: &str) -> Self {
        if store::is_server(address) {
            return Self::Server(address.to_owned());
        }
        match address.strip_prefix("sqlite://").or(address.strip_prefix("sqlite:")).unwrap_or(address) {
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
    /// The functions that its routes may name beside the built-in backend; they run as processes. Default: none.
    pub functions: Vec<Function>,
    /// The gateway's own options.
    pub gateway: Config,
    /// The demo's endpoints, off by default: how long its access tokens are good.
    pub demo: Option<Duration>,
    /// Whether `/faults` breaks connections on request; the demo has it anyway. Default: no.
    pub faults: bool,
}

impl Options {
    /// The backend of this workspace, its connections in memory, and nothing else.
    pub fn new(secret: Secret) -> Self {
        Self {
            database: Database::Memory,
            secret,
            api: backend_api(),
            functions: Vec::new(),
            gateway: Config::default(),
            demo: None,
            faults: false,
        }
    }

    fn has_faults(&self) -> bool {
        self.faults || self.demo.is_some()
    }

    /// Whether all this goes together, at this address.
    fn check(&self, address: SocketAddr) -> Result<(), ServeError> {
        let Self { api: Api { stage, .. }, demo, faults, .. } = self;
        if demo.is_some() && !address.ip().is_loopback() {
            return Err(ServeError::DemoNotLoopback(address));
        }
        if *faults && !address.ip().is_loopback() {
            return Err(ServeError::FaultsNotLoopback(address));
        }
        if !is_stage(stage) {
            return Err(ServeError::Stage(stage.clone()));
        }
        if self.has_faults() && stage == "faults" || demo.is_some() && stage == "demo" {
            return Err(ServeError::TakenStage(stage.clone()));
        }
        Ok(())
    }
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
    /// Something else is served there.
    #[error(
        "{0:?} cannot be the stage here: the gateway's own endpoint is at that path. Give another --stage"
    )]
    TakenStage(String),
    /// The connections cannot be kept.
    #[error("cannot use the database {0}: {1}")]
    Store(Database, StoreError),
    /// The folder of the database cannot be made.
    #[error("cannot make the folder of the database {0}: {1}")]
    Folder(Database, io::Error),
    /// A function cannot be run.
    #[error(transparent)]
    Functions(#[from] DeployError),
    /// The listener broke.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// A gateway that is ready: from here on nothing but the network can fail.
pub struct Server {
    gateway: Gateway,
    listener: TcpListener,
    beside: Router,
    store: Arc<dyn Store>,
    functions: Arc<Deployed>,
}

impl Server {
    /// Opens the database, and forgets the connections that cannot exist any more: those of this address's last
    /// life, of local gateways that do not answer, and older than AWS lets them get.
    ///
    /// # Errors
    /// Every reason why it cannot be served.
    pub async fn new(listener: TcpListener, options: Options) -> Result<Self, ServeError> {
        let address = listener.local_addr()?;
        options.check(address)?;
        let has_faults = options.has_faults();
        let Options { database, secret, api, functions, gateway: config, demo, faults: _ } = options;
        let store = open(&database).await?;
        let backend_config = BackendConfig {
            endpoint: Endpoint::Http,
            credentials: config.credentials.as_ref().map(Into::into),
            ..BackendConfig::new(secret.clone())
        };
        let backend = Arc::new(Backend::new(backend_config, store.clone()));
        let known = deployed::Gateway {
            database: database.address(),
            endpoint: format!("http://{}/{}", domain_name(address), api.stage),
            secret: secret.reveal(),
            credentials: config.credentials.as_ref(),
        };
        let functions = Arc::new(Deployed::new(backend.clone(), functions, &known)?);
        let gateway = Gateway::new(address, api, config, functions.clone());
        let stale = stale::forget(&*store, gateway.domain_name()).await;
        match stale.map_err(|error| ServeError::Store(database, error))? {
            0 => {}
            stale => tracing::info!(stale, "forgot the connections of a gateway that did not close"),
        }
        let mut beside =
            users::router(gateway.clone(), backend, secret.clone()).merge(status::router(gateway.clone()));
        if has_faults {
            beside = beside.merge(gateway.faults());
        }
        if let Some(token_ttl) = demo {
            beside = beside.merge(demo::router(gateway.clone(), secret, token_ttl));
        }
        Ok(Self { gateway, listener, beside, store, functions })
    }

    /// Has `observer` told of everything that happens from now on. The first one stays.
    pub fn observe(&self, observer: Observer) {
        self.gateway.observe(observer);
    }

    /// Where clients connect: `ws://HOST/STAGE`.
    pub fn url(&self) -> String {
        format!("ws://{}/{}", self.gateway.domain_name(), self.gateway.0.address.stage)
    }

    /// Where a backend posts: `http://HOST/STAGE/@connections/ID`.
    pub fn management_url(&self) -> String {
        format!("http://{}/{}/@connections/ID", self.gateway.domain_name(), self.gateway.0.address.stage)
    }

    /// Where the status page is. It is for this machine only.
    pub fn status_url(&self) -> String {
        format!("http://{}/", self.gateway.domain_name())
    }

    /// Serves until `shutdown` ends and says how to stop, and at most 2 s longer. Then the functions are
    /// ended and the store is closed.
    ///
    /// # Errors
    /// When the listener breaks.
    pub async fn run(self, shutdown: impl Future<Output = Stop>) -> Result<(), ServeError> {
        let served = self.gateway.serve(self.listener, self.beside, shutdown).await;
        // After every `$disconnect`, also when the listener broke.
        self.functions.stop().await;
        self.store.close().await;
        Ok(served?)
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
    let api = Api { authorizer: Some(Authorizer::new(BACKEND)), ..Api::default() };
    Backend::ROUTES.iter().fold(api, |api, &route_key| api.with_route(route_key, Route::new(BACKEND)))
}

async fn open(database: &Database) -> Result<Arc<dyn Store>, ServeError> {
    let address = match database {
        Database::Memory => ":memory:",
        Database::File(path) => {
            database.make_folder().map_err(|error| ServeError::Folder(database.clone(), error))?;
            &format!("sqlite:{}", path.display())
        }
        Database::Server(address) => address,
    };
    store::open(address).await.map_err(|error| ServeError::Store(database.clone(), error))
}

fn is_stage(stage: &str) -> bool {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    (1..=128).contains(&stage.len()) && stage.chars().all(is_allowed)
}
