//! What is for this machine only, because it trusts everybody who can reach it.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, Request};
use axum::http::header::{HOST, ORIGIN};
use axum::http::uri::Authority;
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use url::Url;

use crate::refusal::Message;

/// Lets nobody through but clients on this machine, and of those no pages of the internet. CORS alone does not keep
/// them away: a page whose host name was rebound to 127.0.0.1 is same-origin, but its Host header still tells.
pub(crate) async fn loopback_only(
    ConnectInfo(client): ConnectInfo<SocketAddr>,
    request: Request,
    next: Next,
) -> Response {
    let headers = request.headers();
    let refused = if !is_loopback(client.ip()) {
        "it is for the machine that the gateway runs on"
    } else if !headers.get(HOST).is_some_and(is_loopback_host) {
        "it is for this machine: call it as localhost or 127.0.0.1"
    } else if headers.get(ORIGIN).is_some_and(|origin| !is_loopback_origin(origin)) {
        "it is for pages of this machine: serve yours from localhost"
    } else {
        return next.run(request).await;
    };
    let path = request.uri().path();
    Message::new(StatusCode::FORBIDDEN, format!("{path} is not for everybody; {refused}")).into_response()
}

/// Whether an `Origin` is of this machine.
pub(crate) fn is_loopback_origin(origin: &HeaderValue) -> bool {
    origin.to_str().is_ok_and(is_loopback_url)
}

/// Nothing but host and port: what a URL would read as a user or a fragment is somebody's trick.
fn is_loopback_host(host: &HeaderValue) -> bool {
    let Ok(authority) = Authority::try_from(host.as_bytes()) else { return false };
    !authority.as_str().contains('@') && is_loopback_url(&format!("http://{authority}"))
}

fn is_loopback_url(url: &str) -> bool {
    let Ok(url) = Url::parse(url) else { return false };
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => is_loopback(ip.into()),
        None => false,
    }
}

/// A socket for both families sees 127.0.0.1 as `::ffff:127.0.0.1`.
fn is_loopback(ip: IpAddr) -> bool {
    ip.to_canonical().is_loopback()
}
