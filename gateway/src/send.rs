//! Asks a running gateway to push to all connections of a user.

use std::time::Duration;

use everwire_backend::causes;
use everwire_backend::push::Report;
use everwire_backend::token::{self, Kind, Secret, TokenError};
use reqwest::{StatusCode, Url};
use thiserror::Error;

/// How long a push token is good, in seconds: it is used at once.
const PUSH_TTL: u64 = 60;

/// Longer than the backend's own 5 s for each post.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Why nothing was sent.
#[derive(Debug, Error)]
pub enum SendError {
    /// A client parses what it gets.
    #[error("the message is not JSON ({0}). A text needs quotes of its own, such as '\"Hi\"'")]
    NotJson(serde_json::Error),
    /// A path cannot carry this name.
    #[error("{0:?} cannot be a user's name here")]
    User(String),
    /// Not `http://HOST/STAGE`.
    #[error("{0} is no endpoint; give one like http://127.0.0.1:3001/dev")]
    Endpoint(Url),
    /// Nobody listens there.
    #[error(
        "no gateway answers at {0} ({1}). Start one with `everwire-gateway serve`, or give its --endpoint"
    )]
    Unreachable(Url, String),
    /// The gateway did not accept the push token.
    #[error("the gateway at {0} has another secret: give it with --secret, or its --database")]
    Unauthorized(Url),
    /// Something listens there, but not for this.
    #[error("{0} answered {1}: {2}")]
    Refused(Url, StatusCode, String),
    /// No token could be signed.
    #[error(transparent)]
    Token(#[from] TokenError),
}

/// Pushes `message`, a JSON text, to all connections of `user`, through the gateway at `endpoint`
/// (`http://HOST/STAGE`).
///
/// # Errors
/// When the message is not JSON, the gateway cannot be reached, or it refuses. That the user is not connected is no
/// error: the report says so.
pub async fn send(endpoint: &Url, secret: &Secret, user: &str, message: &str) -> Result<Report, SendError> {
    serde_json::from_str::<serde::de::IgnoredAny>(message).map_err(SendError::NotJson)?;
    let url = url(endpoint, user)?;
    // The subject is who pushes; the user it is for is in the path.
    let token = token::mint(secret, Kind::Push, "everwire-gateway send", token::now(), PUSH_TTL)?;
    let unreachable = |error: reqwest::Error| {
        // The last cause: reqwest's own text stops at "error sending request".
        let cause = causes(&error).last().map(ToString::to_string).unwrap_or_default();
        SendError::Unreachable(endpoint.clone(), cause)
    };

    let http = reqwest::Client::builder().no_proxy().timeout(TIMEOUT).build().map_err(unreachable)?;
    let request = http.post(url).bearer_auth(token).body(message.to_owned());
    let answer = request.send().await.map_err(unreachable)?;
    let status = answer.status();
    let body = answer.text().await.map_err(unreachable)?;
    match status {
        StatusCode::UNAUTHORIZED => Err(SendError::Unauthorized(endpoint.clone())),
        _ => serde_json::from_str(&body).map_err(|_| SendError::Refused(endpoint.clone(), status, body)),
    }
}

fn url(endpoint: &Url, user: &str) -> Result<Url, SendError> {
    // URLs give the two dots a meaning, in every spelling.
    if matches!(user, "" | "." | "..") {
        return Err(SendError::User(user.to_owned()));
    }
    let mut url = endpoint.clone();
    url.set_query(None);
    match url.path_segments_mut() {
        Ok(mut path) if endpoint.scheme() == "http" => path.pop_if_empty().extend(["@users", user]),
        _ => return Err(SendError::Endpoint(endpoint.clone())),
    };
    Ok(url)
}
