//! What a route returns.

use std::collections::BTreeMap;

use serde::Serialize;

/// A route's result, in the shape that API Gateway takes from a Lambda function. `()` is as good as `Response::ok()`.
///
/// Only `$connect`'s reaches the client: a status of 200 to 299 lets it in, any other refuses it with that status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Response {
    status_code: u16,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    headers: BTreeMap<String, String>,
    body: String,
}

impl Response {
    /// 200.
    pub fn ok() -> Self {
        Self::status(200, "ok")
    }

    /// This status, and a text for whoever reads the response. API Gateway knows 200 to 599.
    pub fn status(status_code: u16, body: impl Into<String>) -> Self {
        Self { status_code, headers: BTreeMap::new(), body: body.into() }
    }

    /// Adds a header. `$connect` chooses a subprotocol with `Sec-WebSocket-Protocol`.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.insert(name.into(), value.into());
        self
    }
}

impl From<()> for Response {
    fn from((): ()) -> Self {
        Self::ok()
    }
}
