//! What the gateway calls, and how it reads the answers.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use everwire_backend::{Backend, FunctionError};
use futures_util::future::BoxFuture;
use serde_json::{Map, Value};

/// The functions behind an API, by name. On AWS each is a Lambda function.
pub trait Functions: Send + Sync + 'static {
    /// Runs a function: AWS's event JSON in, its result out. A name that the API's routes do not have is never asked
    /// for.
    fn invoke<'a>(&'a self, function: &'a str, event: Value) -> BoxFuture<'a, Result<Value, FunctionError>>;
}

/// The name of the backend that is built in, for routes and authorizers.
pub const BACKEND: &str = Backend::FUNCTION;

/// One function for all: the event says itself whom it is for.
impl Functions for Backend {
    fn invoke<'a>(&'a self, _: &'a str, event: Value) -> BoxFuture<'a, Result<Value, FunctionError>> {
        Box::pin(self.handle(event))
    }
}

/// Why a function has no result.
#[derive(Debug)]
pub(crate) enum Failure {
    /// It failed by itself.
    Function(FunctionError),
    /// It was still running after the integration timeout.
    TimedOut,
}

/// What a Lambda proxy integration may answer with.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ProxyResult {
    pub(crate) status_code: u16,
    /// The subprotocol that `$connect` chose, if any.
    pub(crate) subprotocol: Option<String>,
    /// What a two-way route answers the client with; nothing if it is empty.
    pub(crate) body: Option<String>,
}

impl ProxyResult {
    /// Reads a function's result; `None` if API Gateway would call it malformed. An extra key is enough for that.
    pub(crate) fn read(result: &Value) -> Option<Self> {
        const KEYS: [&str; 6] =
            ["statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded", "cookies"];
        let result = result.as_object()?;
        if result.keys().any(|key| !KEYS.contains(&key.as_str())) {
            return None;
        }
        let status_code = result.get("statusCode")?.as_u64()?;
        // Undocumented [U]: AWS takes no other status, but nobody wrote down which.
        let status_code = u16::try_from(status_code).ok().filter(|code| (200..600).contains(code))?;
        let subprotocol = header(result, "sec-websocket-protocol");
        Some(Self { status_code, subprotocol, body: body(result)? })
    }
}

/// Undocumented [U]: a body that is no text makes the result malformed; one in base64 is decoded, and has to be UTF-8
/// then, as it goes out in a text frame; an empty one is not sent.
fn body(result: &Map<String, Value>) -> Option<Option<String>> {
    let text = match result.get("body") {
        None | Some(Value::Null) => return Some(None),
        Some(Value::String(text)) => text,
        Some(_) => return None,
    };
    let text = match result.get("isBase64Encoded") {
        Some(Value::Bool(true)) => String::from_utf8(STANDARD.decode(text).ok()?).ok()?,
        _ => text.clone(),
    };
    Some(Some(text).filter(|text| !text.is_empty()))
}

/// Undocumented [U]: which of the two maps counts if both have it. The one with a single value; and whether a header
/// that is no text makes the result malformed. It is ignored.
fn header(result: &Map<String, Value>, name: &str) -> Option<String> {
    let find = |key: &str| {
        let (_, value) =
            result.get(key)?.as_object()?.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?;
        Some(value)
    };
    let multi = || find("multiValueHeaders")?.as_array()?.last();
    find("headers").or_else(multi)?.as_str().map(str::to_owned)
}
