//! The gateway: what its parts share, and how it is served.

use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::any;
use everwire_backend::FunctionError;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::activity::{Activity, Happening, Observer, What};
use crate::api::{Address, Api};
use crate::event::Connection;
use crate::faults::Faults;
use crate::functions::{Failure, Functions};
use crate::refusal::Message;
use crate::sigv4::Credentials;
use crate::sockets::Sockets;
use crate::throttle::Throttle;
use crate::{handshake, listener, management, redaction};

/// How long closing the sockets may take, from the signal on.
const CLOSING: Duration = Duration::from_secs(2);

/// How long functions may run on after that: most of all `$disconnect`, without which the store lists who is gone.
const LAST_CALLS: Duration = Duration::from_secs(8);

/// What a gateway has to be told.
#[derive(Debug, Clone)]
pub struct Config {
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
    /// How many handshakes per second are let through; more are refused with 429. 0 is no limit. Default: 500, as on
    /// AWS.
    pub connections_per_second: u32,
    /// How many messages and calls of `/@connections` per second are let through in the long run: a client's message
    /// over it is closed with 1008, a call answered with 429. 0 is no limit. Default: 10,000, as on AWS.
    pub requests_per_second: u32,
    /// How many of those may come at once. Default: 5,000, as on AWS.
    pub request_burst: u32,
    /// How long a client may take to send the headers of a request or handshake, and then as long again for a body.
    /// Whoever is slower is cut off. Default: 10 s.
    pub request_timeout: Duration,
    /// Whether pings keep a connection from being idle. Default: no. AWS's documentation does not say.
    pub pings_are_activity: bool,
    /// Whether a message's route that answers with a status of 400 or more has failed. Default: no, as was seen on
    /// AWS; some emulators say otherwise.
    pub failed_status_is_error: bool,
    /// Whose signature every request to `/@connections` has to carry. Default: none, and signatures are ignored.
    pub credentials: Option<Credentials>,
}

/// How a gateway stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// For good: clients are closed with 1001 "Going away".
    GoAway,
    /// To be started again: clients are closed with 1012 "Service restart".
    Restart,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            integration_timeout: Duration::from_secs(29),
            concurrent_messages: 16,
            idle_timeout: Duration::from_secs(10 * 60),
            connection_duration: Duration::from_secs(2 * 60 * 60),
            connections_per_second: 500,
            requests_per_second: 10_000,
            request_burst: 5_000,
            request_timeout: Duration::from_secs(10),
            pings_are_activity: false,
            failed_status_is_error: false,
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
    pub(crate) address: Address,
    pub(crate) port: u16,
    pub(crate) config: Config,
    pub(crate) functions: Arc<dyn Functions>,
    pub(crate) sockets: Sockets,
    pub(crate) throttle: Throttle,
    pub(crate) activity: Activity,
    /// Everything that has to end before the gateway does.
    pub(crate) tasks: TaskTracker,
    pub(crate) closing: CancellationToken,
    /// How it stops; set before `closing` is cancelled.
    pub(crate) stop: OnceLock<Stop>,
    /// What goes wrong on purpose: nothing, unless `/faults` or `/demo` is asked for it.
    pub(crate) faults: Faults,
}

impl Gateway {
    /// A gateway for this API and its functions, to be served at `address`: the address that a listener is bound to.
    pub fn new(address: SocketAddr, api: Api, config: Config, functions: Arc<dyn Functions>) -> Self {
        let Api { stage, stage_variables, .. } = api.clone();
        Self(Arc::new(Shared {
            api,
            address: Address { domain_name: domain_name(address), stage, stage_variables },
            port: address.port(),
            throttle: Throttle::new(&config),
            config,
            functions,
            sockets: Sockets::default(),
            activity: Activity::default(),
            tasks: TaskTracker::new(),
            closing: CancellationToken::new(),
            stop: OnceLock::new(),
            faults: Faults::default(),
        }))
    }

    /// Has `observer` told of everything that happens from now on. The first one stays.
    pub fn observe(&self, observer: Observer) {
        self.0.activity.observe(observer);
    }

    /// The `domainName` of its events: host and port where the gateway can be reached from this machine.
    pub fn domain_name(&self) -> &str {
        &self.0.address.domain_name
    }

    /// Serves until `shutdown` ends, and says how. Then clients get close frames, within 2 s, and `$disconnect`
    /// runs for each, for 8 s more at most. `beside` are routes that AWS does not have.
    ///
    /// # Errors
    /// When the listener breaks.
    pub async fn serve(
        self,
        listener: TcpListener,
        beside: Router,
        shutdown: impl Future<Output = Stop>,
    ) -> io::Result<()> {
        let closing = self.0.closing.clone();
        let tasks = self.0.tasks.clone();
        let router = self.router().merge(beside);
        let serving = async {
            listener::serve(listener, router, self.0.config.request_timeout, closing.clone()).await?;
            tasks.close();
            tasks.wait().await;
            Ok(())
        };
        let overdue = async {
            let _ = self.0.stop.set(shutdown.await);
            closing.cancel();
            tokio::time::sleep(CLOSING).await;
            tracing::warn!(
                "waiting for functions to end, {LAST_CALLS:?} at most; another signal ends the gateway at once"
            );
            tokio::time::sleep(LAST_CALLS).await;
        };
        tokio::select! {
            done = serving => done,
            () = overdue => {
                tracing::warn!("some functions did not end in {:?}; they are not waited for", CLOSING + LAST_CALLS);
                Ok(())
            }
        }
    }

    fn router(&self) -> Router {
        let stage = &self.0.address.stage;
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

    /// Runs a function on behalf of a connection, for no longer than the integration timeout.
    pub(crate) async fn invoke(
        &self,
        connection: &Connection,
        function: &str,
        event: Value,
    ) -> Result<Value, Failure> {
        // A task of its own: a function that panics is a failed function, not a lost connection. One that is late
        // runs on, but nobody waits for it.
        let functions = Arc::clone(&self.0.functions);
        let name = function.to_owned();
        let secrets = redaction::secrets(&event);
        // Only there the word is an answer and no failure.
        let is_authorizer = event.get("type").is_some();
        let running = tokio::spawn(async move { functions.invoke(&name, event).await });
        let result = match tokio::time::timeout(self.0.config.integration_timeout, running).await {
            Err(_) => Err(Failure::TimedOut),
            Ok(Err(_)) => Err(Failure::Function(FunctionError::new("the function panicked"))),
            Ok(Ok(result)) => result.map_err(Failure::Function),
        };
        let function = function.to_owned();
        let what = match &result {
            Err(Failure::Function(error)) if !(is_authorizer && error.is_unauthorized()) => {
                What::FunctionFailed { function, error: redaction::hide(&error.to_string(), &secrets) }
            }
            Err(Failure::TimedOut) => What::FunctionTimedOut { function },
            _ => return result,
        };
        self.0.activity.record(Happening::of(connection, what));
        result
    }

    /// Records that a function answered, but not with `expected`.
    pub(crate) fn malformed(&self, connection: &Connection, function: &str, expected: &str) {
        let (function, error) = (function.to_owned(), format!("its answer is not {expected}"));
        self.0.activity.record(Happening::of(connection, What::FunctionFailed { function, error }));
    }
}

/// Undocumented [C] for an unknown stage: what AWS says to a path that it has no API for.
pub(crate) async fn no_such_path() -> Message {
    Message::new(StatusCode::FORBIDDEN, "Forbidden")
}

/// Where this machine reaches the address: "all interfaces" is no place to post to.
pub(crate) fn domain_name(address: SocketAddr) -> String {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port()).to_string()
}
