//! The Lambda function: authorizer, routes and send in one binary, deployed as `bootstrap`.
//!
//! Configured by environment variables only; see [`everwire_backend::settings`].

use std::env;
use std::io;
use std::process::ExitCode;
use std::sync::Arc;

use everwire_backend::settings::{self, Settings, SettingsError};
use everwire_backend::store::{self, Store, StoreError};
use everwire_backend::{Backend, FunctionError};
use lambda_runtime::layers::TracingLayer;
use lambda_runtime::{LambdaEvent, Runtime, service_fn};
use serde_json::Value;
use thiserror::Error;
use tracing::Level;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt};

/// What Lambda sets, and the runtime library cannot do without.
const LAMBDA: [&str; 4] = [
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_VERSION",
];

const LOG_LEVEL: &str = "AWS_LAMBDA_LOG_LEVEL";

#[derive(Debug, Error)]
enum StartError {
    #[error("{0} is not set: this program is run by AWS Lambda, or by `everwire-gateway` in its place")]
    NotInLambda(&'static str),
    #[error(transparent)]
    Settings(#[from] SettingsError),
    #[error("{name}: cannot use the store: {0}", name = settings::STORE)]
    Store(#[from] StoreError),
    #[error("the Lambda runtime failed: {0}")]
    Runtime(lambda_runtime::Error),
}

#[tokio::main]
async fn main() -> ExitCode {
    start_logging();
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), StartError> {
    if let Some(missing) = LAMBDA.into_iter().find(|name| env::var_os(name).is_none()) {
        return Err(StartError::NotInLambda(missing));
    }
    // Not `vars()`, which panics when any variable of the machine is not UTF-8.
    let variables = env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    let settings = Settings::read(variables)?;
    for warning in &settings.warnings {
        tracing::warn!("{warning}");
    }
    let backend = &Backend::new(settings.config, open(settings.store.as_deref()).await?);
    let function = service_fn(async |event: LambdaEvent<Value>| answer(backend, event.payload).await);
    Runtime::new(function).layer(TracingLayer::new()).run().await.map_err(StartError::Runtime)
}

async fn answer(backend: &Backend, event: Value) -> Result<Value, FunctionError> {
    let answer = backend.handle(event).await;
    if let Err(error) = &answer
        && !error.is_unauthorized()
    {
        tracing::error!(%error, "the function failed");
    }
    answer
}

async fn open(address: Option<&str>) -> Result<Arc<dyn Store>, StoreError> {
    match address {
        Some(address) => store::open(address).await,
        None => Ok(store::absent()),
    }
}

/// As Lambda's logging controls say: `AWS_LAMBDA_LOG_FORMAT` (JSON or plain) and `AWS_LAMBDA_LOG_LEVEL`.
fn start_logging() {
    let asked = env::var(LOG_LEVEL).unwrap_or_default();
    let known = match asked.as_str() {
        "" => Some(Level::INFO),
        // Lambda has one level more.
        "FATAL" => Some(Level::ERROR),
        other => other.parse().ok(),
    };
    let level = known.unwrap_or(Level::INFO);
    let filter = Targets::new()
        .with_target("everwire_backend", level)
        // It says every failure of a function as an error, a stale token too; `answer` knows better.
        .with_target("lambda_runtime::layers::panic", LevelFilter::OFF)
        // Never less: the runtime library shows whole events, and the SDK its requests, to those who ask for it.
        .with_default(level.min(Level::WARN));
    let lines = match env::var("AWS_LAMBDA_LOG_FORMAT") {
        Ok(format) if format.eq_ignore_ascii_case("json") => {
            fmt::layer().with_writer(io::stderr).json().flatten_event(true).boxed()
        }
        // CloudWatch has its own clock and no colours.
        _ => fmt::layer().with_writer(io::stderr).without_time().with_ansi(false).boxed(),
    };
    tracing_subscriber::registry().with(lines.with_filter(filter)).init();
    if known.is_none() {
        tracing::warn!("{LOG_LEVEL}: {asked:?} is no level; give TRACE, DEBUG, INFO, WARN, ERROR or FATAL");
    }
}
