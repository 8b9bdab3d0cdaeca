//! What the routes share: answering the connection that a message came from.

use aws_lambda_events::apigw::{ApiGatewayProxyResponse, ApiGatewayWebsocketProxyRequest};
use aws_lambda_events::encodings::Body;
use serde::Serialize;
use serde_json::Value;

use crate::connect::connection;
use crate::push::PostError;
use crate::{Backend, FunctionError};

/// Pushes `answer` to the connection that the message came from. Routes are one-way on AWS: what they return
/// never reaches the client.
pub(crate) async fn reply(
    backend: &Backend,
    request: &ApiGatewayWebsocketProxyRequest,
    answer: impl Serialize,
) -> Result<ApiGatewayProxyResponse, FunctionError> {
    let connection = connection(request)?.ok_or_else(|| missing("authorizer.principalId"))?;
    let text = serde_json::to_string(&answer).map_err(|error| FunctionError::new(error.to_string()))?;
    match backend.post(connection, &text).await {
        // The client left before its answer came: nobody is left to tell.
        Ok(()) | Err(PostError::Gone) => Ok(response(200, "ok")),
        Err(error) => Err(FunctionError::new(error.to_string())),
    }
}

/// The message's `id`, which answers carry so that the client can tell what they answer.
pub(crate) fn id(request: &ApiGatewayWebsocketProxyRequest) -> Option<Value> {
    let message: Value = serde_json::from_str(body(request)).ok()?;
    message.get("id").cloned()
}

/// The message as it was sent.
pub(crate) fn body(request: &ApiGatewayWebsocketProxyRequest) -> &str {
    request.body.as_deref().unwrap_or_default()
}

pub(crate) fn response(status_code: i64, body: &str) -> ApiGatewayProxyResponse {
    let mut response = ApiGatewayProxyResponse::default();
    response.status_code = status_code;
    response.body = Some(Body::Text(body.to_owned()));
    response
}

pub(crate) fn missing(field: &str) -> FunctionError {
    FunctionError::new(format!("the event has no requestContext.{field}"))
}
