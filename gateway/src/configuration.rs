//! What the gateway is told: by flag, environment variable or TOML file, in that order.
//!
//! ```toml
//! listen = "127.0.0.1:3001"
//! idle-timeout = "30s"
//!
//! [authorizer]
//! function = "backend"
//!
//! [routes]
//! "$connect" = "chat"
//! sendMessage = { function = "chat", two-way = true }
//!
//! [functions.chat]
//! command = ["python", "-m", "awslambdaric", "app.handler"]
//! working-directory = "functions/chat"
//! ```
//!
//! # Layout
//! - `configuration/knobs.rs`: every knob, its flag, variable and key
//! - `configuration/tables.rs`: the file's tables: authorizer, routes, functions
//! - `configuration/section.rs`: reads a table, and says what is wrong with it, with file and line
//! - `configuration/duration.rs`, `environment.rs`: how durations are spelt; misspelt environment variables
//! - `configuration/key.rs`: the secret, wherever it is
//! - `configuration/print.rs`: the configuration as a file, for `--print-config`

mod duration;
mod environment;
mod key;
mod knobs;
mod print;
mod section;
mod tables;

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{env, fs, io};

use clap::ColorChoice;
use thiserror::Error;

use self::environment::misspelt;
pub use self::key::{Key, KeyError, KeyNotice};
pub use self::knobs::{KeyKnobs, Knobs, dress, token_ttl};
use self::section::Source;
use self::tables::Tables;
use crate::api::Api;
use crate::lambda::Function;
use crate::serve::backend_api;
use crate::{Config, Credentials};

/// The file that is used if it is there and no other is named.
pub const DEFAULT_FILE: &str = "everwire.toml";

const DEFAULT_LISTEN: &str = "127.0.0.1:3001";

/// How long the demo's access tokens are good, unless told otherwise.
const DEFAULT_TOKEN_TTL: Duration = Duration::from_secs(60);

/// All that the gateway is told, with the defaults where it is told nothing.
#[derive(Debug, Clone)]
pub struct Configuration {
    /// The file that it was read from, if there is one.
    pub file: Option<PathBuf>,
    /// Host and port to listen on. Default: `127.0.0.1:3001`.
    pub listen: String,
    /// Database and secret.
    pub key: Key,
    /// The API. Default: [`backend_api`].
    pub api: Api,
    /// The gateway's own options.
    pub gateway: Config,
    /// The functions that run over the Lambda Runtime API. Default: none.
    pub functions: Vec<Function>,
    /// The demo's endpoints, off by default: how long its access tokens are good.
    pub demo: Option<Duration>,
    /// Whether connections may be broken on request. Default: no; the demo has it in any case.
    pub faults: bool,
    /// How the log is written.
    pub log: LogSettings,
    /// What the user should know, and that stops nothing.
    pub warnings: Vec<String>,
}

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogSettings {
    /// One JSON object per line. Default: lines for people.
    pub is_json: bool,
    /// Whether those have colours. Default: on a terminal, unless `NO_COLOR` is set.
    pub color: ColorChoice,
}

/// A text that is never shown: its `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct Hidden(pub String);

impl From<String> for Hidden {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hidden(…)")
    }
}

/// Why there is no configuration. No error cites a value that may be a secret.
#[derive(Debug, Error)]
pub enum ConfigurationError {
    /// The file cannot be read.
    #[error("cannot read the configuration {0}: {1}")]
    Unreadable(PathBuf, io::Error),
    /// Something in the file is wrong.
    #[error("{}:{line}: {text}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: usize,
        /// What, and what to do about it.
        text: String,
    },
    /// Only one of a pair was given.
    #[error("an access key has two halves: give access-key-id and secret-access-key, or neither")]
    HalfACredential,
    /// Nobody but the gateway knows its port.
    #[error(
        "the gateway listens at a port that the system chose: give its --endpoint, which its first line names"
    )]
    AnyPort,
    /// The one without the other.
    #[error("token-ttl is how long the demo's tokens are good: give demo too, or leave it out")]
    TokenTtlWithoutDemo,
}

impl Configuration {
    /// The configuration: these knobs, which are the command line's and the environment's, before the file's.
    ///
    /// # Errors
    /// When the file cannot be read, something in it is wrong, or two knobs do not go together.
    pub fn load(knobs: Knobs, file: Option<&Path>) -> Result<Self, ConfigurationError> {
        let file = File::find(file)?;
        Self::of(knobs, file)
    }

    /// The configuration of a gateway that runs already, as far as whoever calls it needs: where it is, and its secret.
    /// What else its file says may have been made complete by flags and variables that only the gateway was given.
    ///
    /// # Errors
    /// When the file cannot be read, or something in it is wrong.
    pub fn of_running(knobs: Knobs, file: Option<&Path>) -> Result<Self, ConfigurationError> {
        let file = File::find(file)?;
        Self::of(knobs, File { knobs: file.knobs.without_serving(), ..file })
    }

    fn of(knobs: Knobs, file: File) -> Result<Self, ConfigurationError> {
        let File { path, knobs: in_file, tables, warnings } = file;
        let Knobs { key, api, limits, credentials, demo, log } = knobs.or(in_file);
        let defaults = Config::default();
        let gateway = Config {
            integration_timeout: limits.integration_timeout.unwrap_or(defaults.integration_timeout),
            concurrent_messages: match (api.serial, api.concurrent_messages) {
                (Some(true), _) => 1,
                (_, Some(messages)) => messages as usize,
                _ => defaults.concurrent_messages,
            },
            idle_timeout: limits.idle_timeout.unwrap_or(defaults.idle_timeout),
            connection_duration: limits.connection_duration.unwrap_or(defaults.connection_duration),
            connections_per_second: limits.connections_per_second.unwrap_or(defaults.connections_per_second),
            requests_per_second: limits.requests_per_second.unwrap_or(defaults.requests_per_second),
            request_burst: limits.request_burst.unwrap_or(defaults.request_burst),
            request_timeout: limits.request_timeout.unwrap_or(defaults.request_timeout),
            pings_are_activity: limits.pings_are_activity.unwrap_or(defaults.pings_are_activity),
            failed_status_is_error: api.failed_status_is_error.unwrap_or(defaults.failed_status_is_error),
            credentials: self::credentials(credentials)?,
        };
        Ok(Self {
            file: path,
            listen: api.listen.clone().unwrap_or_else(|| DEFAULT_LISTEN.to_owned()),
            key: Key::new(key),
            api: self::api(api, &tables),
            gateway,
            functions: tables.functions,
            faults: demo.faults.unwrap_or_default(),
            demo: self::demo(&demo)?,
            log: LogSettings { is_json: log.json.unwrap_or_default(), color: log.color.unwrap_or_default() },
            warnings,
        })
    }

    /// Where a gateway of this configuration is reached over HTTP, if it listens on this machine.
    ///
    /// # Errors
    /// When the system chooses its port.
    pub fn endpoint(&self) -> Result<String, ConfigurationError> {
        if self.listen.ends_with(":0") {
            return Err(ConfigurationError::AnyPort);
        }
        let listen = self.listen.replacen("0.0.0.0", "127.0.0.1", 1).replacen("[::]", "[::1]", 1);
        Ok(format!("http://{listen}/{}", self.api.stage))
    }
}

fn api(knobs: knobs::ApiKnobs, tables: &Tables) -> Api {
    let defaults = backend_api();
    // Without routes of its own the API is the backend's, all of it; with them it is what the file says.
    let (routes, authorizer) = match &tables.routes {
        Some(routes) => (routes.clone(), tables.authorizer.clone()),
        None => (defaults.routes, tables.authorizer.clone().or(defaults.authorizer)),
    };
    Api {
        stage: knobs.stage.unwrap_or(defaults.stage),
        stage_variables: knobs.stage_variables.into_iter().collect(),
        route_selection: knobs.route_selection_expression.unwrap_or_default(),
        authorizer,
        routes,
    }
}

fn credentials(knobs: knobs::CredentialKnobs) -> Result<Option<Credentials>, ConfigurationError> {
    let (id, Hidden(secret)) = match (knobs.access_key_id, knobs.secret_access_key) {
        (None, None) => return Ok(None),
        (Some(id), Some(secret)) => (id, secret),
        _ => return Err(ConfigurationError::HalfACredential),
    };
    let mut credentials = Credentials::new(id, secret).ok_or(ConfigurationError::HalfACredential)?;
    if let Some(Hidden(token)) = knobs.session_token {
        credentials = credentials.with_session_token(token);
    }
    if let Some(region) = knobs.region {
        credentials = credentials.with_region(region);
    }
    Ok(Some(credentials))
}

fn demo(knobs: &knobs::DemoKnobs) -> Result<Option<Duration>, ConfigurationError> {
    match (knobs.demo, knobs.token_ttl) {
        (Some(true), ttl) => Ok(Some(ttl.unwrap_or(DEFAULT_TOKEN_TTL))),
        (None, Some(_)) => Err(ConfigurationError::TokenTtlWithoutDemo),
        (Some(false), _) | (None, None) => Ok(None),
    }
}

/// What a file says; nothing, if there is none.
#[derive(Default)]
struct File {
    path: Option<PathBuf>,
    knobs: Knobs,
    tables: Tables,
    warnings: Vec<String>,
}

impl File {
    /// The named file, or the default one if it is there.
    fn find(named: Option<&Path>) -> Result<Self, ConfigurationError> {
        let path = named.unwrap_or(Path::new(DEFAULT_FILE));
        match fs::read_to_string(path) {
            Ok(text) => Self::read(Source { path, text: &text }),
            Err(error) if named.is_none() && error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(ConfigurationError::Unreadable(path.to_owned(), error)),
        }
    }

    fn read(source: Source) -> Result<Self, ConfigurationError> {
        let mut top = source.parse()?;
        let knobs = Knobs::read(&mut top)?;
        let tables = Tables::read(&mut top)?;
        top.finish()?;
        let path = source.path.display();
        let exposed = knobs.key.has_secret().then(|| {
            format!("{path} holds the secret, and such a file is soon committed or shared: use secret-file, or EVERWIRE_SECRET")
        });
        Ok(Self {
            path: Some(source.path.to_owned()),
            knobs,
            tables,
            warnings: exposed.into_iter().collect(),
        })
    }
}

/// Warnings about variables of the environment that are like one of the known, but not it.
pub fn misspelt_variables<'a>(known: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let known: Vec<_> = known.into_iter().collect();
    env::vars_os().filter_map(|(name, _)| misspelt(name.to_str()?, &known)).collect()
}
