//! The route `echo`: sends a message back as it came.

use aws_lambda_events::apigw::{ApiGatewayProxyResponse, ApiGatewayWebsocketProxyRequest};
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::reply::{body, id, reply};
use crate::{Backend, FunctionError};

#[derive(Serialize)]
struct Echo<'a> {
    action: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<Value>,
    // Raw, so that key order and long numbers survive.
    message: &'a RawValue,
}

pub(crate) async fn echo(
    backend: &Backend,
    request: &ApiGatewayWebsocketProxyRequest,
) -> Result<ApiGatewayProxyResponse, FunctionError> {
    let message = serde_json::from_str(body(request))
        .map_err(|error| FunctionError::new(format!("the message is not JSON: {error}")))?;
    reply(backend, request, Echo { action: "echo", id: id(request), message }).await
}
