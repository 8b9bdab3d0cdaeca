//! Serves HTTP on a listener: requests and handshakes, until it is told to stop.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use axum::extract::ConnectInfo;
use axum::http::Request;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Router};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use socket2::SockRef;
use thiserror::Error;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

/// How long to wait after `accept` has failed, most often because the process has too many files open. Connections
/// that end meanwhile make room.
const BREATH: Duration = Duration::from_millis(100);

/// How many clients may wait to be accepted. Tokio's own 128 is little when all clients come back at once: who finds
/// no place tries again a second later. The system may allow less.
const BACKLOG: i32 = 4096;

/// Serves until `closing`, and until the last response is out. `request_timeout` is how long a client may take to send
/// a request's headers; whoever is slower is cut off.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    request_timeout: Duration,
    closing: CancellationToken,
) -> io::Result<()> {
    // Where a listener's backlog cannot be changed any more it stays as it is.
    let _ = SockRef::from(&listener).listen(BACKLOG);
    let connections = TaskTracker::new();
    let mut is_short_of_files = false;
    while let Some(accepted) = closing.run_until_cancelled(listener.accept()).await {
        match accepted {
            Ok((stream, client)) => {
                is_short_of_files = false;
                let connection = connection(stream, client, router.clone(), request_timeout, closing.clone());
                connections.spawn(connection);
            }
            Err(error) if is_of_one_client(&error) => {}
            Err(error) => {
                // Once, and not with every breath until there is room.
                if !is_short_of_files {
                    let remedy = "clients wait until others leave; if the limit of open files is low, raise it with `ulimit -n`";
                    tracing::warn!(%error, "cannot accept connections: {remedy}");
                }
                is_short_of_files = true;
                closing.run_until_cancelled(tokio::time::sleep(BREATH)).await;
            }
        }
    }
    drop(listener);
    connections.close();
    connections.wait().await;
    Ok(())
}

async fn connection(
    stream: TcpStream,
    client: SocketAddr,
    router: Router,
    request_timeout: Duration,
    closing: CancellationToken,
) {
    // Frames are small and wait for nothing: Nagle's algorithm would only delay them.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(client));
        let router = router.clone();
        async move {
            let response = router.oneshot(request).await.unwrap_or_else(|never: Infallible| match never {});
            // Instead of an error's answer, hyper cuts the connection.
            if response.extensions().get::<Cut>().is_some() { Err(Cut) } else { Ok(response) }
        }
    });
    let serving = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(request_timeout)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    tokio::pin!(serving);
    // What went wrong is the client's affair: it has been answered, or is gone.
    tokio::select! {
        _ = &mut serving => {}
        () = closing.cancelled() => {
            serving.as_mut().graceful_shutdown();
            let _ = serving.await;
        }
    }
}

/// In a response's extensions: there is no answer, the connection is cut.
#[derive(Debug, Clone, Error)]
#[error("cut on purpose")]
struct Cut;

/// Cuts the connection instead of an answer.
pub(crate) fn cut() -> Response {
    Extension(Cut).into_response()
}

/// Whether the client went away before it was accepted.
fn is_of_one_client(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}
