//! Keeps endpoints that trust everybody on this machine to this machine.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, Request};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, HOST, ORIGIN};
use axum::http::uri::Authority;
use axum::http::{HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tower_http::cors::{AllowOrigin, CorsLayer};
use url::Url;

use crate::refusal::Message;

/// Lets through what comes from this machine, to a name of this machine, from pages of this machine if from any. CORS
/// alone does not keep pages of the internet away: one whose host name was rebound to 127.0.0.1 is same-origin, but
/// its Host header still tells.
pub(crate) async fn only(request: Request, next: Next) -> Response {
    let refuse = |remedy| {
        let text = format!("{} is for {remedy}", request.uri().path());
        Message::new(StatusCode::FORBIDDEN, text).into_response()
    };
    let headers = request.headers();
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    if !peer.is_some_and(|ConnectInfo(peer)| peer.ip().to_canonical().is_loopback()) {
        return refuse("this machine: call it from there");
    }
    if !headers.get(HOST).is_some_and(is_loopback_host) {
        return refuse("this machine: call it as localhost or 127.0.0.1");
    }
    if headers.get(ORIGIN).is_some_and(|origin| !is_loopback_origin(origin)) {
        return refuse("pages of this machine: serve yours from localhost");
    }
    next.run(request).await
}

/// Lets pages of this machine call these methods, and read the answers.
pub(crate) fn cors<const N: usize>(methods: [Method; N]) -> CorsLayer {
    CorsLayer::new()
        .allow_origin(AllowOrigin::predicate(|origin, _| is_loopback_origin(origin)))
        .allow_methods(methods)
        .allow_headers([AUTHORIZATION, CONTENT_TYPE])
}

/// Nothing but host and port: what a URL would read as a user or a fragment is somebody's trick.
fn is_loopback_host(host: &HeaderValue) -> bool {
    let Ok(authority) = Authority::try_from(host.as_bytes()) else { return false };
    !authority.as_str().contains('@') && is_loopback_url(&format!("http://{authority}"))
}

fn is_loopback_origin(origin: &HeaderValue) -> bool {
    origin.to_str().is_ok_and(is_loopback_url)
}

fn is_loopback_url(url: &str) -> bool {
    let Ok(url) = Url::parse(url) else { return false };
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => IpAddr::V6(ip).is_loopback(),
        None => false,
    }
}
