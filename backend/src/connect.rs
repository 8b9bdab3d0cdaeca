//! `$connect`: remember who is connected, and where to push to.

use aws_lambda_events::apigw::{ApiGatewayProxyResponse, ApiGatewayWebsocketProxyRequest};
use serde_json::Value;

use crate::reply::{missing, response};
use crate::store::Connection;
use crate::{Backend, FunctionError};

pub(crate) async fn connect(
    backend: &Backend,
    request: &ApiGatewayWebsocketProxyRequest,
) -> Result<ApiGatewayProxyResponse, FunctionError> {
    // Only an API deployed without its authorizer comes here without a user.
    let Some(connection) = connection(request)? else {
        return Ok(response(401, "Not authorized"));
    };
    backend.store.put(&connection).await.map_err(|error| FunctionError::new(error.to_string()))?;
    Ok(response(200, "ok"))
}

/// The connection that an event is about; none without an authorizer's user.
pub(crate) fn connection(
    request: &ApiGatewayWebsocketProxyRequest,
) -> Result<Option<Connection>, FunctionError> {
    let context = &request.request_context;
    let Some(user) = context.authorizer.fields.get("principalId").and_then(Value::as_str) else {
        return Ok(None);
    };
    Ok(Some(Connection {
        connection_id: context.connection_id.clone().ok_or_else(|| missing("connectionId"))?,
        user: user.to_owned(),
        domain_name: context.domain_name.clone().ok_or_else(|| missing("domainName"))?,
        stage: context.stage.clone().ok_or_else(|| missing("stage"))?,
        connected_at: context.connected_at,
    }))
}
