//! Reads and writes the frames of one socket, until it ends.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{FutureExt, SinkExt, StreamExt};
use serde_json::Value;
use tokio::task::unconstrained;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite;

use crate::activity::{Happening, What};
use crate::event::Connection;
use crate::faults::Faults;
use crate::functions::{Failure, ProxyResult};
use crate::gateway::{Shared, Stop};
use crate::outgoing::Outgoing;
use crate::sockets::{End, Session, Socket};
use crate::{Config, Gateway, event, id, refusal};

/// The largest frame from a client, in bytes. Undocumented [U]: whether exactly this much is allowed. It is.
pub(crate) const MAX_FRAME_BYTES: usize = 32 * 1024;

/// The largest message, in bytes, either way.
pub(crate) const MAX_MESSAGE_BYTES: usize = 128 * 1024;

/// How much is read from a client at once, in bytes: most messages. It is kept for every idle client; for a larger frame
/// the library makes room while it comes.
pub(crate) const READ_BUFFER_BYTES: usize = 512;

/// How long a client that is deleted may take to read what was posted before.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// How long a client may take to answer a close frame. Browsers do it at once.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);

/// How long our close frame has to arrive, at a client whose answer cannot be read.
const LINGER: Duration = Duration::from_millis(250);

/// How a socket ends.
#[derive(Debug)]
enum Ending {
    /// No close frame came and none goes: TCP broke, or the socket is cut on purpose.
    Cut,
    /// The client's close frame. The library has answered it already.
    Theirs(Option<CloseFrame>),
    /// Our close frame, after which the client's answer is waited for.
    Ours(CloseFrame),
    /// Our close frame, to a client that has broken the protocol: nothing it sends can be read any more.
    Broken(CloseFrame),
}

/// Runs a socket to its end, and its session with it.
///
/// Not an `async fn`, which would hold the socket twice, whole and split. And whatever happens rarely is boxed where it
/// happens: ten thousand idle sockets should not hold the room for it.
pub(crate) fn run(websocket: WebSocket, mut session: Session) -> impl Future<Output = ()> {
    // Split, so that a client that does not read is still read from.
    let (mut sink, mut stream) = websocket.split();
    async move {
        let ending = live(&mut sink, &mut stream, &session).await;
        session.ending = told(&ending);
        let (gateway, socket) = (session.gateway.clone(), Arc::clone(&session.socket));
        // Until both ends have said goodbye.
        let _faults = session.faults.take();
        // Late posts find the connection gone while the two ends say goodbye; earlier ones go before the close frame.
        drop(session);
        Box::pin(leave(ending, &gateway, &socket, sink, stream)).await;
    }
}

/// Reads and writes, until something ends it.
async fn live(
    sink: &mut SplitSink<WebSocket, Message>,
    stream: &mut SplitStream<WebSocket>,
    Session { gateway, socket, .. }: &Session,
) -> Ending {
    tokio::select! {
        end = socket.ended.wait() => match end {
            End::Cut => Ending::Cut,
            End::Close(frame) => Ending::Ours(frame.clone()),
        },
        () = gateway.0.closing.cancelled() => gateway_closes(gateway),
        () = too_long(socket, &gateway.0.config) => going_away(),
        ending = read(stream, gateway, socket) => ending,
        ending = write(sink, gateway, socket) => ending,
    }
}

/// Says goodbye, as far as faults let it, and records what the client has not got.
async fn leave(
    ending: Ending,
    gateway: &Gateway,
    socket: &Socket,
    sink: SplitSink<WebSocket, Message>,
    stream: SplitStream<WebSocket>,
) {
    if can_say_goodbye(gateway, &socket.connection, &ending).await {
        let goodbye = say_goodbye(ending, &socket.outgoing, sink, stream);
        let _ = tokio::time::timeout(CLOSE_TIMEOUT, goodbye).await;
    }
    let bytes: usize = std::iter::from_fn(|| socket.outgoing.take()).map(|(_, text)| text.len()).sum();
    if bytes > 0 {
        gateway.0.activity.record(Happening::of(&socket.connection, What::Dropped { bytes }));
    }
}

/// Waits until no fault holds up the last frames; `false` if the gateway closes before.
async fn can_say_goodbye(gateway: &Gateway, connection: &Connection, ending: &Ending) -> bool {
    let Shared { closing, faults, .. } = &*gateway.0;
    if matches!(ending, Ending::Cut) {
        return true;
    }
    let held_up = async {
        faults.delay(connection, Instant::now()).await;
        faults.until_reachable(connection).await;
    };
    closing.run_until_cancelled(held_up).await.is_some() || !faults.swallows(connection)
}

/// Ends when nothing was sent or received for too long, or the connection is too old.
async fn too_long(socket: &Socket, config: &Config) {
    let left = || {
        let idle = config.idle_timeout.checked_sub(socket.idle_for())?;
        Some(idle.min(config.connection_duration.checked_sub(socket.age())?))
    };
    while let Some(left) = left() {
        // A millisecond more: the time since is in whole ones.
        tokio::time::sleep(left.saturating_add(Duration::from_millis(1))).await;
    }
}

async fn read(stream: &mut SplitStream<WebSocket>, gateway: &Gateway, socket: &Arc<Socket>) -> Ending {
    let Shared { faults, config, tasks, .. } = &*gateway.0;
    let most_handlers = config.concurrent_messages.max(1);
    loop {
        let frame = next(stream, faults, &socket.connection).await;
        let arrived = Instant::now();
        if !matches!(frame, Some(Ok(Message::Text(_))) | None) {
            // Messages wait in their queue; everything else waits here.
            faults.delay(&socket.connection, arrived).await;
        }
        let text = match frame {
            Some(Ok(Message::Text(text))) => text,
            // Undocumented [U]: the reason's text, here and below.
            Some(Ok(Message::Binary(_))) => {
                return Ending::Ours(close(1003, "Binary messages are not supported"));
            }
            Some(Ok(Message::Close(frame))) => return Ending::Theirs(frame),
            // The library answers pings. Undocumented [U]: whether they count as activity. They do not, unless the
            // gateway is told so.
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => {
                if config.pings_are_activity {
                    socket.mark_active();
                }
                continue;
            }
            Some(Err(error)) => return broken(error),
            None => return Ending::Cut,
        };
        socket.mark_active();
        if !gateway.0.throttle.allows_request() || faults.throttles(&socket.connection) {
            gateway.0.activity.record(Happening::of(&socket.connection, What::Throttled));
            // Undocumented [U]: the reason, and that it is the client over the limit whose socket is closed.
            return Ending::Ours(close(1008, "Too many requests"));
        }
        // While there is no room nothing is read: a client that floods is slowed down by TCP.
        if socket.inbox.put(arrived, text, most_handlers).await {
            tasks.spawn(handle_all(gateway.clone(), Arc::clone(socket)));
        }
    }
}

/// The next frame that no black hole swallows.
async fn next(
    stream: &mut SplitStream<WebSocket>,
    faults: &Faults,
    connection: &Connection,
) -> Option<Result<Message, axum::Error>> {
    'swallowed: loop {
        let mut frame = stream.next().await;
        if !faults.swallows(connection) {
            return frame;
        }
        // Nothing is read meanwhile: the library would answer pings.
        faults.until_reachable(connection).await;
        // What came meanwhile is lost, but not that the client has closed.
        while let Some(Ok(Message::Text(_) | Message::Binary(_) | Message::Ping(_) | Message::Pong(_))) =
            frame
        {
            match unconstrained(stream.next()).now_or_never() {
                Some(later) => frame = later,
                None => continue 'swallowed,
            }
        }
        return frame;
    }
}

/// Handles messages while there are any, and no fault holds them up. Tasks of their own: meanwhile the client's pings and
/// its close frame are still read, and what it sent before it closed is handled all the same.
async fn handle_all(gateway: Gateway, socket: Arc<Socket>) {
    let Shared { faults, closing, .. } = &*gateway.0;
    while let Some((arrived, text)) = socket.inbox.take() {
        tokio::select! {
            // What nothing holds up is handled though the gateway closes.
            biased;
            () = faults.delay(&socket.connection, arrived) => {}
            // What a fault still holds up has not arrived.
            () = closing.cancelled() => return,
        }
        // A panic takes one message with it, and not the handler that the others count on.
        let _ = AssertUnwindSafe(handle(&gateway, &socket, text)).catch_unwind().await;
    }
}

/// Writes message after message, until the connection is deleted and nothing left, or the client too slow to take it.
async fn write(
    sink: &mut SplitSink<WebSocket, Message>,
    gateway: &Gateway,
    Socket { connection, outgoing, .. }: &Socket,
) -> Ending {
    let Shared { faults, activity, .. } = &*gateway.0;
    let overdue = async || tokio::time::sleep_until(outgoing.closed().await + LAST_WORDS).await;
    while let Some((queued, text)) = outgoing.next().await {
        let sending = async {
            faults.delay(connection, queued).await;
            if faults.swallows(connection) {
                activity.record(Happening::of(connection, What::Dropped { bytes: text.len() }));
                return Ok(());
            }
            sink.send(Message::Text(text)).await
        };
        tokio::select! {
            sent = sending => if sent.is_err() { return Ending::Cut },
            () = overdue() => break,
        }
    }
    closed_normally()
}

/// Runs a message's route. What the function returns is dropped, unless the route is two-way.
async fn handle(gateway: &Gateway, socket: &Socket, text: Utf8Bytes) {
    let Shared { api, address, activity, config, .. } = &*gateway.0;
    let connection = &socket.connection;
    let request_id = id::request();
    let bytes = text.len();
    let refuse = |message| {
        let text = refusal::error_text(message, &connection.id, &request_id);
        send(gateway, socket, text);
    };
    let Some(route_key) = api.select(&text) else {
        activity.record(Happening::of(connection, What::NoRoute { bytes }));
        return refuse("Forbidden");
    };
    activity.record(Happening::of(connection, What::Message { route: route_key.to_owned(), bytes }));
    let route = &api.routes[route_key];
    let message_id = id::message(&connection.id);
    let event = event::message(address, connection, route_key, &request_id, message_id, text.to_string());
    match gateway.invoke(connection, &route.function, event).await {
        // Undocumented [C]: a function without a result. No complaint on messages, as a suite run against AWS expects.
        Ok(Value::Null) => {}
        Ok(result) => match ProxyResult::read(&result) {
            None => {
                gateway.malformed(connection, &route.function, "a proxy integration's result");
                refuse("Internal server error");
            }
            // Undocumented [O, C]: the status of a message's route. It means nothing, unless the gateway is told so.
            Some(result) if config.failed_status_is_error && result.status_code >= 400 => {
                refuse("Internal server error");
            }
            Some(ProxyResult { body: Some(body), .. }) if route.is_two_way => {
                let what = What::Answered { route: route_key.to_owned(), bytes: body.len() };
                if send(gateway, socket, body) {
                    activity.record(Happening::of(connection, what));
                }
            }
            Some(_) => {}
        },
        // Undocumented [U]: this frame's shape; that of the other two.
        Err(Failure::TimedOut) => refuse("Endpoint request timed out"),
        Err(Failure::Function(_)) => refuse("Internal server error"),
    }
}

/// Sends what nobody waits for. Says whether it could.
fn send(gateway: &Gateway, socket: &Socket, text: String) -> bool {
    let bytes = text.len();
    let is_sent = socket.send(text.into()).is_ok();
    if !is_sent {
        gateway.0.activity.record(Happening::of(&socket.connection, What::Dropped { bytes }));
    }
    is_sent
}

async fn say_goodbye(
    ending: Ending,
    left: &Outgoing,
    mut sink: SplitSink<WebSocket, Message>,
    mut stream: SplitStream<WebSocket>,
) {
    match ending {
        Ending::Cut => {}
        Ending::Theirs(_) => while stream.next().await.is_some() {},
        Ending::Ours(frame) => {
            while let Some((_, text)) = left.take() {
                if sink.send(Message::Text(text)).await.is_err() {
                    return;
                }
            }
            if sink.send(Message::Close(Some(frame))).await.is_ok() {
                while stream.next().await.is_some() {}
            }
        }
        Ending::Broken(frame) => {
            // Dropping a socket with unread bytes resets it, and on some systems a reset overtakes the close
            // frame. The stream has ended, so the client's answer cannot be waited for: give the frame time.
            if sink.send(Message::Close(Some(frame))).await.is_ok() {
                tokio::time::sleep(LINGER).await;
            }
        }
    }
}

/// What `$disconnect` is told about the ending: code and reason.
fn told(ending: &Ending) -> (u16, String) {
    match ending {
        Ending::Cut => (1006, String::new()),
        Ending::Theirs(None) => (1005, "Client-side close frame status not set".to_owned()),
        // Undocumented [U]: a client's own code and reason. They are passed on.
        Ending::Theirs(Some(frame)) | Ending::Ours(frame) | Ending::Broken(frame) => {
            (frame.code, frame.reason.to_string())
        }
    }
}

/// The close frame for what could not be read.
fn broken(error: axum::Error) -> Ending {
    use tungstenite::Error;
    use tungstenite::error::ProtocolError;
    match error.into_inner().downcast::<Error>().map(|error| *error) {
        Ok(Error::Capacity(_)) => Ending::Broken(close(1009, "Message too big")),
        // Undocumented [U]: whether AWS uses these two. RFC 6455 does.
        Ok(Error::Utf8(_)) => Ending::Broken(close(1007, "Text is not UTF-8")),
        Ok(Error::Protocol(ProtocolError::ResetWithoutClosingHandshake)) => Ending::Cut,
        Ok(Error::Protocol(_)) => Ending::Broken(close(1002, "Protocol error")),
        _ => Ending::Cut,
    }
}

/// The gateway stops, for good or to be started again.
fn gateway_closes(gateway: &Gateway) -> Ending {
    match gateway.0.stop.get() {
        Some(Stop::Restart) => Ending::Ours(close(1012, "Service restart")),
        Some(Stop::GoAway) | None => going_away(),
    }
}

/// The connection has become too old or idle, or the gateway goes.
fn going_away() -> Ending {
    Ending::Ours(close(1001, "Going away"))
}

/// The backend has deleted the connection.
fn closed_normally() -> Ending {
    Ending::Ours(close(1000, "Connection Closed Normally"))
}

fn close(code: u16, reason: &'static str) -> CloseFrame {
    CloseFrame { code, reason: Utf8Bytes::from_static(reason) }
}
