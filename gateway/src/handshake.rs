//! From `GET /STAGE?token=…` to 101: identity source, authorizer, `$connect`.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use axum::extract::ws::CloseFrame;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{ConnectInfo, State, WebSocketUpgrade};
use axum::http::header::{SEC_WEBSOCKET_PROTOCOL, UPGRADE, USER_AGENT};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Response};

use crate::activity::{Happening, What};
use crate::api::Authorizer;
use crate::event::{self, Connection, Request};
use crate::faults::{Fault, Met};
use crate::faults_endpoint::close_frame;
use crate::functions::{Failure, ProxyResult};
use crate::policy::Answer;
use crate::refusal::Refusal;
use crate::sockets::{End, Session};
use crate::{Gateway, clock, id, listener, socket};

/// The longest URL, in characters of path and query: it limits how long a token can be.
const MAX_URL_CHARS: usize = 4096;

pub(crate) async fn handle(
    State(gateway): State<Gateway>,
    ConnectInfo(client): ConnectInfo<SocketAddr>,
    uri: Uri,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let handshake = Handshake::new(gateway, client, &uri, &headers);
    let upgrade = match upgradable(&handshake.gateway, &uri, &headers, upgrade) {
        Ok(upgrade) => upgrade,
        Err(status) => return handshake.refuse(status).into_response(),
    };
    let crashed = handshake.refusal(StatusCode::INTERNAL_SERVER_ERROR);
    let shared = handshake.gateway.clone();
    // A task of its own: a client that leaves now must not stop `$connect` halfway. The session that nobody picks
    // up is dropped, and `$disconnect` called.
    let tasks = handshake.gateway.0.tasks.clone();
    match tasks.spawn(handshake.admit()).await.unwrap_or(Err(Denial::Refused(crashed))) {
        Err(denial) => {
            if let Denial::Refused(Refusal { connection_id, status, .. }) = &denial {
                shared.0.activity.record(Happening::refused(connection_id, *status));
            }
            denial.answer(&shared).await
        }
        Ok((session, subprotocol)) => {
            let alive = session.gateway.0.tasks.token();
            // A task of its own: axum's is several times as large as the socket's.
            let mut response = upgrade.on_upgrade(async move |socket| {
                alive.task_tracker().spawn(socket::run(socket, session));
            });
            // API Gateway chooses no subprotocol: `$connect` does, or nobody.
            if let Some(value) = subprotocol.and_then(|name| HeaderValue::from_str(&name).ok()) {
                response.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, value);
            }
            response
        }
    }
}

/// Whether this is a handshake, and may go on, before anybody is asked; if not, the status to refuse it with.
///
/// Undocumented [U]: the status for a URL that is too long, [C] for a GET that is no WebSocket handshake, and [U] that
/// a handshake over the limit is refused before anything else is looked at.
fn upgradable(
    Gateway(shared): &Gateway,
    uri: &Uri,
    headers: &HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<WebSocketUpgrade, StatusCode> {
    if uri.path_and_query().is_some_and(|url| url.as_str().len() > MAX_URL_CHARS) {
        return Err(StatusCode::URI_TOO_LONG);
    }
    let upgrade = upgrade.map_err(|_| match headers.contains_key(UPGRADE) {
        true => StatusCode::BAD_REQUEST,
        false => StatusCode::UPGRADE_REQUIRED,
    })?;
    if !shared.throttle.allows_connection() {
        return Err(StatusCode::TOO_MANY_REQUESTS);
    }
    if shared.closing.is_cancelled() {
        return Err(StatusCode::SERVICE_UNAVAILABLE);
    }
    Ok(upgrade
        .max_frame_size(socket::MAX_FRAME_BYTES)
        .max_message_size(socket::MAX_MESSAGE_BYTES)
        .read_buffer_size(socket::READ_BUFFER_BYTES))
}

/// A client that wants in.
struct Handshake {
    gateway: Gateway,
    connection: Connection,
    request: Request,
    /// How long a fault holds the answer back.
    delay: Duration,
    /// What a fault closes the socket with as soon as it is open.
    close: Option<CloseFrame>,
}

/// Why a client does not get in.
enum Denial {
    Refused(Refusal),
    /// A fault cuts it.
    Cut,
    /// A fault swallows it.
    Swallowed,
}

impl Denial {
    /// What the client gets; nothing, while it waits, if it was swallowed.
    async fn answer(self, gateway: &Gateway) -> Response {
        match self {
            Self::Refused(refusal) => refusal.into_response(),
            Self::Cut => listener::cut(),
            Self::Swallowed => {
                gateway.0.closing.cancelled().await;
                listener::cut()
            }
        }
    }
}

impl From<Refusal> for Denial {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl Handshake {
    fn new(gateway: Gateway, client: SocketAddr, uri: &Uri, headers: &HeaderMap) -> Self {
        let user_agent =
            headers.get(USER_AGENT).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        let connection = Connection {
            id: id::connection(),
            connected_at: clock::now_ms(),
            source_ip: client.ip(),
            user_agent,
            authorizer: None,
        };
        let query = uri.query().unwrap_or_default();
        let request = Request::new(id::request(), headers, query, client.ip(), gateway.0.port);
        Self { gateway, connection, request, delay: Duration::ZERO, close: None }
    }

    /// Lets a client in or not; what comes of it is known after the delay that a fault asks for.
    async fn admit(mut self) -> Result<(Session, Option<String>), Denial> {
        let closing = self.gateway.0.closing.clone();
        let admitted = match self.ask().await {
            Ok(subprotocol) => {
                let session = Session::begin(self.gateway, self.connection);
                self.close.into_iter().for_each(|frame| session.socket.end(End::Close(frame)));
                Ok((session, subprotocol))
            }
            Err(denial) => Err(denial),
        };
        closing.run_until_cancelled(tokio::time::sleep(self.delay)).await;
        admitted
    }

    /// Asks the functions in AWS's order, and gives the subprotocol. The client gets nothing until all have said yes.
    async fn ask(&mut self) -> Result<Option<String>, Denial> {
        self.meet_faults(None)?;
        let asked = Instant::now();
        if let Some(authorizer) = self.gateway.0.api.authorizer.clone() {
            self.authorize(&authorizer).await?;
        }
        let latency = u64::try_from(asked.elapsed().as_millis()).unwrap_or(u64::MAX);
        if let Some(user) = self.connection.user().map(str::to_owned) {
            self.meet_faults(Some(&user))?;
        }
        Ok(self.connect(latency).await?)
    }

    /// Has happen to this handshake what was asked for: to all of them or, once its user is known, to that user's.
    fn meet_faults(&mut self, user: Option<&str>) -> Result<(), Denial> {
        let Met { delay, fault } = self.gateway.0.faults.meet(user);
        self.delay = self.delay.max(delay);
        if let Some(fault) = &fault {
            let what = What::Fault { fault: fault.name() };
            self.gateway.0.activity.record(Happening::of(&self.connection, what));
        }
        match fault {
            None | Some(Fault::Delay { .. }) => Ok(()),
            Some(Fault::Refuse { status }) => {
                let status = StatusCode::from_u16(status).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
                Err(self.refusal(status).into())
            }
            Some(Fault::Deny) => Err(self.refusal(StatusCode::FORBIDDEN).into()),
            Some(Fault::Throttle) => Err(self.refusal(StatusCode::TOO_MANY_REQUESTS).into()),
            Some(Fault::Drop) => Err(Denial::Cut),
            Some(Fault::BlackHole) => Err(Denial::Swallowed),
            Some(Fault::Close { code, reason }) => {
                self.close = Some(close_frame(code, &reason));
                Ok(())
            }
        }
    }

    async fn authorize(
        &mut self,
        Authorizer { function, identity_sources }: &Authorizer,
    ) -> Result<(), Refusal> {
        let address = &self.gateway.0.address;
        let event = event::authorizer(address, &self.connection, &self.request);
        // Without its identity sources the authorizer is not even called.
        if !identity_sources.iter().all(|source| source.is_in(&event)) {
            return Err(self.refusal(StatusCode::UNAUTHORIZED));
        }
        let result = match self.gateway.invoke(&self.connection, function, event).await {
            Ok(result) => result,
            Err(Failure::Function(error)) if error.is_unauthorized() => {
                return Err(self.refusal(StatusCode::UNAUTHORIZED));
            }
            Err(_) => return Err(self.refusal(StatusCode::INTERNAL_SERVER_ERROR)),
        };
        let Some(answer) = Answer::read(&result) else {
            self.gateway.malformed(&self.connection, function, "an authorizer's policy");
            return Err(self.refusal(StatusCode::INTERNAL_SERVER_ERROR));
        };
        if !answer.allows(&address.connect_arn()) {
            return Err(self.refusal(StatusCode::FORBIDDEN));
        }
        self.connection.authorizer = Some(answer.into_context());
        Ok(())
    }

    /// Runs `$connect`, and gives the subprotocol it chose. An API without that route lets everybody in.
    async fn connect(&self, integration_latency: u64) -> Result<Option<String>, Refusal> {
        let Some(route) = self.gateway.0.api.routes.get("$connect") else { return Ok(None) };
        let address = &self.gateway.0.address;
        let event = event::connect(address, &self.connection, &self.request, integration_latency);
        let result = match self.gateway.invoke(&self.connection, &route.function, event).await {
            Ok(result) => result,
            // Undocumented [U]: 504 for a timeout, as in REST APIs.
            Err(Failure::TimedOut) => return Err(self.refusal(StatusCode::GATEWAY_TIMEOUT)),
            Err(Failure::Function(_)) => return Err(self.refusal(StatusCode::BAD_GATEWAY)),
        };
        let Some(result) = ProxyResult::read(&result) else {
            self.gateway.malformed(&self.connection, &route.function, "a proxy integration's result");
            // Undocumented [C]: 502 for a malformed result.
            return Err(self.refusal(StatusCode::BAD_GATEWAY));
        };
        match StatusCode::from_u16(result.status_code) {
            Ok(status) if status.is_success() => Ok(result.subprotocol),
            Ok(status) => Err(self.refusal(status)),
            Err(_) => Err(self.refusal(StatusCode::BAD_GATEWAY)),
        }
    }

    /// Refuses before anything was asked.
    fn refuse(&self, status: StatusCode) -> Refusal {
        self.gateway.0.activity.record(Happening::refused(&self.connection.id, status));
        self.refusal(status)
    }

    fn refusal(&self, status: StatusCode) -> Refusal {
        Refusal { status, connection_id: self.connection.id.clone(), request_id: self.request.id.clone() }
    }
}
