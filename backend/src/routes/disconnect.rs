//! `$disconnect`: forget the connection.

use crate::{FunctionError, Request};

/// The route `$disconnect`. Idempotent: API Gateway may call it twice, or after a push has found the connection gone.
///
/// # Errors
/// When the store cannot be written.
pub async fn disconnect(request: Request) -> Result<(), FunctionError> {
    Ok(request.store().delete(request.connection_id()?).await?)
}
