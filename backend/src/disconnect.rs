//! `$disconnect`: forget the connection.

use aws_lambda_events::apigw::{ApiGatewayProxyResponse, ApiGatewayWebsocketProxyRequest};

use crate::reply::{missing, response};
use crate::{Backend, FunctionError};

/// Idempotent: API Gateway may call it twice, or after a push has found the connection gone.
pub(crate) async fn disconnect(
    backend: &Backend,
    request: &ApiGatewayWebsocketProxyRequest,
) -> Result<ApiGatewayProxyResponse, FunctionError> {
    let id = request.request_context.connection_id.as_deref().ok_or_else(|| missing("connectionId"))?;
    backend.store.delete(id).await.map_err(|error| FunctionError::new(error.to_string()))?;
    Ok(response(200, "ok"))
}
