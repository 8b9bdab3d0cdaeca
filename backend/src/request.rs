//! What a route is given: the event of one connection, and the way to answer it.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use aws_lambda_events::apigw::ApiGatewayWebsocketProxyRequest;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::FunctionError;
use crate::function::without_values;
use crate::object::with_member;
use crate::push::{Message, PostError, Report};
use crate::services::Services;
use crate::store::{Connection, Store};

/// One event of a route: a client has connected, sent a message, or left. Cheap to clone.
///
/// Routes are one-way on AWS: what they return never reaches the client. [`Request::reply`] does.
#[derive(Clone)]
pub struct Request {
    event: Arc<ApiGatewayWebsocketProxyRequest>,
    services: Arc<Services>,
}

impl Request {
    pub(crate) fn new(event: ApiGatewayWebsocketProxyRequest, services: Arc<Services>) -> Self {
        Self { event: Arc::new(event), services }
    }

    /// The event as API Gateway wrote it. That of `$connect` has the client's token in its query and headers: log
    /// none of them.
    pub fn event(&self) -> &ApiGatewayWebsocketProxyRequest {
        &self.event
    }

    /// API Gateway's name for the socket.
    ///
    /// # Errors
    /// When the event names none, which those of API Gateway always do.
    pub fn connection_id(&self) -> Result<&str, FunctionError> {
        self.event.request_context.connection_id.as_deref().ok_or_else(|| missing("connectionId"))
    }

    /// Whose connection it is: the authorizer's `principalId`. `None` if the API was deployed without its
    /// authorizer.
    pub fn user(&self) -> Option<&str> {
        self.context("principalId").and_then(Value::as_str)
    }

    /// What the authorizer's rule put into the context when the client connected; see [`Decision`](crate::Decision).
    ///
    /// Undocumented: whether API Gateway keeps numbers and booleans as they are, or makes texts of them. `[U]`
    pub fn context(&self, name: &str) -> Option<&Value> {
        self.event.request_context.authorizer.fields.get(name)
    }

    /// The message as it was sent. Empty for `$connect` and `$disconnect`.
    pub fn text(&self) -> &str {
        self.event.body.as_deref().unwrap_or_default()
    }

    /// The message as a value: your own type, or [`Value`] for any.
    ///
    /// # Errors
    /// When it is not JSON, or not of that type. Left to itself, the client gets `Internal server error`.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, FunctionError> {
        serde_json::from_str(self.text()).map_err(|error| {
            let why = without_values(&error);
            FunctionError::new(format!("the message is not as this route expects it: {why}"))
        })
    }

    /// The message's `id`, by which the client tells what an answer answers.
    pub fn id(&self) -> Option<Box<RawValue>> {
        let mut members: HashMap<Cow<'_, str>, Box<RawValue>> = serde_json::from_str(self.text()).ok()?;
        members.remove("id").filter(|id| id.get() != "null")
    }

    /// Answers the message, on its own connection. An object gets the message's [`id`](Self::id), unless it has one,
    /// so that the client's `request()` finds it. That the client has left meanwhile is no error.
    ///
    /// # Errors
    /// When the answer is no JSON, or cannot be posted.
    pub async fn reply(&self, answer: impl Serialize) -> Result<(), FunctionError> {
        let text = serde_json::to_string(&answer)?;
        let with_id = self.id().and_then(|id| with_member(&text, "id", id.get()));
        self.post(with_id.as_deref().unwrap_or(&text)).await
    }

    /// Pushes a message to this connection, which need not be an answer. While `$connect` runs nothing can be pushed:
    /// the socket is not open yet.
    ///
    /// # Errors
    /// When the message is no JSON, or cannot be posted.
    pub async fn push(&self, message: impl Serialize) -> Result<(), FunctionError> {
        self.post(&serde_json::to_string(&message)?).await
    }

    /// Pushes a message to all connections of a user, as [`Backend::send`](crate::Backend::send).
    ///
    /// # Errors
    /// When the message is no JSON, or the store cannot be read.
    pub async fn send(&self, user: &str, message: impl Serialize) -> Result<Report, FunctionError> {
        Ok(self.services.send(user, &serde_json::to_string(&message)?).await?)
    }

    /// Who is connected.
    pub fn store(&self) -> &dyn Store {
        &*self.services.store
    }

    /// The connection as the store keeps it; `None` without an authorizer's user.
    ///
    /// # Errors
    /// When the event names no connection, domain or stage, which those of API Gateway always do.
    pub fn connection(&self) -> Result<Option<Connection>, FunctionError> {
        let Some(user) = self.user() else { return Ok(None) };
        let context = &self.event.request_context;
        Ok(Some(Connection {
            connection_id: self.connection_id()?.to_owned(),
            user: user.to_owned(),
            domain_name: context.domain_name.clone().ok_or_else(|| missing("domainName"))?,
            stage: context.stage.clone().ok_or_else(|| missing("stage"))?,
            connected_at: context.connected_at,
        }))
    }

    async fn post(&self, text: &str) -> Result<(), FunctionError> {
        let connection = self.connection()?.ok_or_else(|| missing("authorizer.principalId"))?;
        match self.services.post(connection, Message { text, is_marked: false }).await {
            // The client left before its answer came: nobody is left to tell.
            Ok(()) | Err(PostError::Gone) => Ok(()),
            Err(error) => Err(FunctionError::new(error.to_string())),
        }
    }
}

/// Without the event, which may have a token in it.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let context = &self.event.request_context;
        f.debug_struct("Request")
            .field("route_key", &context.route_key)
            .field("connection_id", &context.connection_id)
            .finish_non_exhaustive()
    }
}

fn missing(field: &str) -> FunctionError {
    FunctionError::new(format!("the event has no requestContext.{field}"))
}
