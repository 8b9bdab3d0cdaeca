//! The route `ping`: proof of life that a browser can ask for, as it cannot send WebSocket pings.

use std::time::{SystemTime, UNIX_EPOCH};

use aws_lambda_events::apigw::{ApiGatewayProxyResponse, ApiGatewayWebsocketProxyRequest};
use serde::Serialize;
use serde_json::Value;

use crate::reply::{id, reply};
use crate::{Backend, FunctionError};

#[derive(Serialize)]
struct Pong {
    action: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<Value>,
    /// Milliseconds since 1970.
    at: u128,
}

pub(crate) async fn ping(
    backend: &Backend,
    request: &ApiGatewayWebsocketProxyRequest,
) -> Result<ApiGatewayProxyResponse, FunctionError> {
    let at = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    reply(backend, request, Pong { action: "pong", id: id(request), at }).await
}
