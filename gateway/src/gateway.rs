//! The gateway: what its parts share, and how it is served.

use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::any;
use axum::serve::ListenerExt;
use everwire_backend::FunctionError;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::event::Api;
use crate::functions::{Failure, Functions};
use crate::refusal::Message;
use crate::sigv4::Credentials;
use crate::sockets::Sockets;
use crate::{handshake, management};

/// How long closing may take, from the signal to the end.
const CLOSING: Duration = Duration::from_secs(2);

/// What a gateway has to be told.
#[derive(Debug, Clone)]
pub struct Config {
    /// The API's stage, the first part of every path. Default: `dev`.
    pub stage: String,
    /// How long a function may run. Default: 29 s, AWS's longest.
    pub integration_timeout: Duration,
    /// How many messages of one connection are handled at once. Default: 16. With 1 they are handled in order;
    /// AWS runs them concurrently, so that the answer to a later message may come first.
    pub concurrent_messages: usize,
    /// How long a connection may be without a message in either direction; pings do not count. Then it is closed
    /// with 1001 "Going away". Default: 10 min, as on AWS.
    pub idle_timeout: Duration,
    /// How long a connection may last. Then it is closed with 1001 "Going away". Default: 2 h, as on AWS; the
    /// backend's store does not count on a longer one.
    pub connection_duration: Duration,
    /// Whose signature every request to `/@connections` has to carry. Default: none, and signatures are ignored.
    pub credentials: Option<Credentials>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            stage: "dev".to_owned(),
            integration_timeout: Duration::from_secs(29),
            concurrent_messages: 16,
            idle_timeout: Duration::from_secs(10 * 60),
            connection_duration: Duration::from_secs(2 * 60 * 60),
            credentials: None,
        }
    }
}

/// An API Gateway for one WebSocket API. Cheap to clone; all clones are the same gateway.
#[derive(Clone)]
pub struct Gateway(pub(crate) Arc<Shared>);

/// What all requests and sockets share.
pub(crate) struct Shared {
    pub(crate) api: Api,
    pub(crate) port: u16,
    pub(crate) config: Config,
    pub(crate) functions: Arc<dyn Functions>,
    pub(crate) sockets: Sockets,
    /// Everything that has to end before the gateway does.
    pub(crate) tasks: TaskTracker,
    pub(crate) closing: CancellationToken,
    /// How many of the next handshakes are refused with 503. Set by `/demo/refuse`.
    pub(crate) refusals: AtomicU32,
}

impl Gateway {
    /// A gateway for these functions, to be served at `address`: the address that a listener is bound to.
    pub fn new(address: SocketAddr, config: Config, functions: Arc<dyn Functions>) -> Self {
        let api = Api { domain_name: domain_name(address), stage: config.stage.clone() };
        Self(Arc::new(Shared {
            api,
            port: address.port(),
            config,
            functions,
            sockets: Sockets::default(),
            tasks: TaskTracker::new(),
            closing: CancellationToken::new(),
            refusals: AtomicU32::new(0),
        }))
    }

    /// The `domainName` of its events: host and port where the gateway can be reached from this machine.
    pub fn domain_name(&self) -> &str {
        &self.0.api.domain_name
    }

    /// Serves until `shutdown` ends. Then clients get close frames (1001 "Going away"), and `$disconnect` runs for
    /// each; all that within 2 s. `beside` are routes that AWS does not have.
    ///
    /// # Errors
    /// When the listener breaks.
    pub async fn serve(
        self,
        listener: TcpListener,
        beside: Router,
        shutdown: impl Future<Output = ()>,
    ) -> io::Result<()> {
        let closing = self.0.closing.clone();
        let tasks = self.0.tasks.clone();
        let service = self.router().merge(beside).into_make_service_with_connect_info::<SocketAddr>();
        // Frames are small and wait for nothing: Nagle's algorithm would only delay them.
        let listener = listener.tap_io(|stream| {
            let _ = stream.set_nodelay(true);
        });
        let serving = async {
            axum::serve(listener, service).with_graceful_shutdown(closing.clone().cancelled_owned()).await?;
            tasks.close();
            tasks.wait().await;
            Ok(())
        };
        let overdue = async {
            shutdown.await;
            closing.cancel();
            tokio::time::sleep(CLOSING).await;
        };
        tokio::select! {
            done = serving => done,
            () = overdue => {
                tracing::warn!("some connections did not close in {CLOSING:?}; they are cut");
                Ok(())
            }
        }
    }

    fn router(&self) -> Router {
        let stage = &self.0.api.stage;
        let management = || any(management::handle);
        Router::new()
            .route(&format!("/{stage}"), any(handshake::handle))
            .route(&format!("/{stage}/"), any(handshake::handle))
            // SDKs send the `@` as it is; AWS's own awscurl example encodes it. Routes match the raw path.
            .route(&format!("/{stage}/@connections/{{id}}"), management())
            .route(&format!("/{stage}/%40connections/{{id}}"), management())
            .fallback(no_such_path)
            .with_state(self.clone())
    }

    /// Runs a function, for no longer than the integration timeout.
    pub(crate) async fn invoke(&self, function: &str, event: Value) -> Result<Value, Failure> {
        // A task of its own: a function that panics is a failed function, not a lost connection. One that is late
        // runs on, but nobody waits for it.
        let functions = Arc::clone(&self.0.functions);
        let name = function.to_owned();
        let running = tokio::spawn(async move { functions.invoke(&name, event).await });
        let result = match tokio::time::timeout(self.0.config.integration_timeout, running).await {
            Err(_) => Err(Failure::TimedOut),
            Ok(Err(_)) => Err(Failure::Function(FunctionError::new("the function panicked"))),
            Ok(Ok(result)) => result.map_err(Failure::Function),
        };
        match &result {
            Err(Failure::Function(error)) if !error.is_unauthorized() => {
                tracing::warn!(function, error = ?error.to_string(), "function failed");
            }
            Err(Failure::TimedOut) => tracing::warn!(function, "function timed out"),
            _ => {}
        }
        result
    }
}

/// Undocumented for an unknown stage: what AWS says to a path that it has no API for.
async fn no_such_path() -> Message {
    Message::new(StatusCode::FORBIDDEN, "Forbidden")
}

/// Where this machine reaches the address: "all interfaces" is no place to post to.
fn domain_name(address: SocketAddr) -> String {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port()).to_string()
}
