//! An event for an instance, and what it answers.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::body::Bytes;
use axum::http::HeaderValue;
use serde_json::Value;
use uuid::Uuid;

/// The largest answer, in bytes: 6 MB and a little. [C, and O in Lambda's error texts]
pub(super) const MAX_ANSWER_BYTES: usize = 6 * 1024 * 1024 + 100;

/// An event for an instance, and what is said along with it. No Debug: tokens are in events.
#[derive(Clone)]
pub(super) struct Invocation {
    pub(super) request_id: String,
    /// The event as JSON.
    pub(super) event: Bytes,
    /// When the instance has to be done, in milliseconds since 1970.
    pub(super) deadline_ms: u128,
    pub(super) function_arn: String,
    pub(super) trace_id: String,
}

impl Invocation {
    pub(super) fn new(request_id: String, function: &str, event: &Value, time_left: Duration) -> Self {
        let deadline = SystemTime::now() + time_left;
        Self {
            request_id,
            event: event.to_string().into(),
            deadline_ms: deadline.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis(),
            // The gateway's ARNs have this region and account everywhere.
            function_arn: format!("arn:aws:lambda:us-east-1:123456789012:function:{function}"),
            trace_id: trace_id(event),
        }
    }
}

/// The trace that the event belongs to, or a new one; not sampled, for nobody collects it.
fn trace_id(event: &Value) -> String {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let random = Uuid::new_v4().simple().to_string();
    let root = match event.pointer("/headers/X-Amzn-Trace-Id").and_then(Value::as_str) {
        Some(root) if HeaderValue::from_str(root).is_ok() && !root.contains(';') => root.to_owned(),
        _ => format!("Root=1-{seconds:08x}-{}", &random[..24]),
    };
    format!("{root};Parent={};Sampled=0", &random[16..])
}

/// What an instance says to an event. No Debug: it may say secrets.
pub(super) enum Answer {
    Response(Bytes),
    /// An error report, as JSON.
    Error(Bytes),
    /// A response of more than [`MAX_ANSWER_BYTES`].
    TooLarge,
    /// A response in a mode that Lambda does not know.
    InvalidMode,
}
