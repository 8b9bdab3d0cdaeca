//! `$connect`: remember who is connected, and where to push to.

use crate::{FunctionError, Request, Response};

/// The route `$connect`: keeps the connection in the store.
///
/// # Errors
/// When the store cannot be written.
pub async fn connect(request: Request) -> Result<Response, FunctionError> {
    // Only an API deployed without its authorizer comes here without a user.
    let Some(connection) = request.connection()? else {
        return Ok(Response::status(401, "Not authorized"));
    };
    request.store().put(&connection).await?;
    Ok(Response::ok())
}
