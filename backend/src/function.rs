//! What a function says when it fails.

use thiserror::Error;

use crate::push::SendError;
use crate::store::StoreError;

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

impl From<StoreError> for FunctionError {
    fn from(error: StoreError) -> Self {
        Self::new(error.to_string())
    }
}

impl From<SendError> for FunctionError {
    fn from(error: SendError) -> Self {
        Self::new(error.to_string())
    }
}

impl From<serde_json::Error> for FunctionError {
    fn from(error: serde_json::Error) -> Self {
        Self::new(without_values(&error))
    }
}

/// What is wrong with a JSON text, without the values that serde cites from it: one may be a token, and functions'
/// errors are logged.
pub(crate) fn without_values(error: &serde_json::Error) -> String {
    let mut text = error.to_string();
    if let (Some(from), Some(to)) = (text.find('"'), text.rfind('"')) {
        text.replace_range(from..=to, "…");
    }
    // Numbers and variants are between backticks; so are members' names, which stay.
    let names_a_member =
        ["missing field", "duplicate field", "unknown field"].iter().any(|start| text.starts_with(start));
    if let (Some(from), Some(to)) = (text.find('`'), text.rfind("`, ").or(text.rfind('`')))
        && !names_a_member
    {
        text.replace_range(from..=to, "…");
    }
    text
}

/// Exactly the text: the default conversion would put the type's name before it, and API Gateway would answer 500
/// where 401 is meant.
#[cfg(feature = "lambda")]
impl From<FunctionError> for lambda_runtime::Diagnostic {
    fn from(error: FunctionError) -> Self {
        Self { error_type: "FunctionError".to_owned(), error_message: error.message }
    }
}
