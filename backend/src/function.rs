//! What a function says when it fails.

use thiserror::Error;

/// A function's failure, as Lambda reports it: one text.
///
/// API Gateway gives one text a meaning: an authorizer that fails with exactly `Unauthorized` refuses the
/// client with 401. Every other failure of an authorizer is a 500, of `$connect` a 502, of a message's route
/// an `Internal server error` frame.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct FunctionError {
    message: String,
}

impl FunctionError {
    /// A failure with this text.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into() }
    }

    /// The failure that refuses a client with 401.
    pub fn unauthorized() -> Self {
        Self::new("Unauthorized")
    }

    /// Whether this is the failure that refuses a client with 401. The case matters, as on AWS.
    pub fn is_unauthorized(&self) -> bool {
        self.message == "Unauthorized"
    }
}
