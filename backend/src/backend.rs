//! The one entry to all handlers.

use std::sync::Arc;
use std::time::Duration;

use aws_lambda_events::apigw::{ApiGatewayProxyResponse, ApiGatewayWebsocketProxyRequest};
use futures_util::{StreamExt, TryStreamExt};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::push::{Endpoint, PostError, Poster, Report};
use crate::store::{Connection, Store, StoreError};
use crate::token::Secret;
use crate::{FunctionError, authorizer, connect, default, disconnect, echo, mark, ping};

/// What a backend has to be told.
#[derive(Debug, Clone)]
pub struct Config {
    /// Signs and verifies tokens.
    pub secret: Secret,
    /// Where `/@connections` is. Default: [`Endpoint::Https`], as on AWS.
    pub endpoint: Endpoint,
    /// How long one post may take. Default: 5 s. A post to a half-open socket can hang, and must not hold up
    /// the others.
    pub post_timeout: Duration,
    /// How many posts of one [`Backend::send`] run at once. Default: 50. API Gateway counts callbacks against
    /// the account's 10,000 requests per second.
    pub concurrent_posts: usize,
}

impl Config {
    /// The defaults, with this secret.
    pub fn new(secret: Secret) -> Self {
        Self { secret, endpoint: Endpoint::Https, post_timeout: Duration::from_secs(5), concurrent_posts: 50 }
    }
}

/// All handlers, and what they share.
///
/// ```
/// use everwire_backend::store;
/// use everwire_backend::token::{self, Kind, Secret};
/// use everwire_backend::{Backend, Config};
/// use serde_json::json;
///
/// # tokio::runtime::Runtime::new()?.block_on(async {
/// let secret = Secret::new("a secret of at least thirty-two bytes").ok_or("empty")?;
/// let backend = Backend::new(Config::new(secret.clone()), store::open(":memory:").await?)?;
///
/// let event = json!({
///     "methodArn": "arn:aws:execute-api:eu-west-1:123456789012:abcd1234/prod/$connect",
///     "queryStringParameters": { "token": token::mint(&secret, Kind::Access, "alice", token::now(), 60)? },
///     "requestContext": {},
/// });
/// let answer = backend.invoke(Backend::AUTHORIZER, event).await?;
/// assert_eq!(answer["principalId"], "alice");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Backend {
    pub(crate) secret: Secret,
    pub(crate) store: Arc<dyn Store>,
    poster: Poster,
    concurrent_posts: usize,
}

impl Backend {
    /// The function that is asked before `$connect`. It is no route: no message can select it.
    pub const AUTHORIZER: &'static str = "authorizer";

    /// The route keys that have a function. The function's name is the route key.
    pub const ROUTES: [&'static str; 5] = ["$connect", "$disconnect", "$default", "ping", "echo"];

    /// A backend over this store.
    ///
    /// # Errors
    /// When no HTTP client can be made, which is the machine's fault.
    pub fn new(config: Config, store: Arc<dyn Store>) -> Result<Self, reqwest::Error> {
        Ok(Self {
            secret: config.secret,
            store,
            poster: Poster::new(config.endpoint, config.post_timeout)?,
            concurrent_posts: config.concurrent_posts.max(1),
        })
    }

    /// Runs one function: an event in, its result out, both in AWS's JSON.
    ///
    /// # Errors
    /// The function's own failure, an event that is not of the function's kind, or an unknown function.
    pub async fn invoke(&self, function: &str, event: Value) -> Result<Value, FunctionError> {
        if function == Self::AUTHORIZER {
            return result(authorizer::authorize(&self.secret, typed(event)?)?);
        }
        let request: ApiGatewayWebsocketProxyRequest = typed(event)?;
        let response: ApiGatewayProxyResponse = match function {
            "$connect" => connect::connect(self, &request).await?,
            "$disconnect" => disconnect::disconnect(self, &request).await?,
            "$default" => default::default(self, &request).await?,
            "ping" => ping::ping(self, &request).await?,
            "echo" => echo::echo(self, &request).await?,
            unknown => return Err(FunctionError::new(format!("no function is named {unknown:?}"))),
        };
        result(response)
    }

    /// Posts a message to every connection of a user, and forgets those that answer 410 Gone. An object is
    /// marked with an id, in its member `everwire`: a client that has two connections for a moment shows it
    /// once.
    ///
    /// # Errors
    /// When the store cannot be read. A connection that cannot be posted to is no error, it is counted.
    pub async fn send(&self, user: &str, message: &str) -> Result<Report, StoreError> {
        let connections: Vec<_> = self.store.connections(user).try_collect().await?;
        let message = mark::marked(message);
        let mut posts = futures_util::stream::iter(connections)
            .map(|connection| self.post(connection, &message))
            .buffer_unordered(self.concurrent_posts);
        let mut report = Report::default();
        while let Some(posted) = posts.next().await {
            report.count(&posted);
        }
        Ok(report)
    }

    /// Posts to one connection, and forgets it if it is gone: `$disconnect` is best effort on AWS, so a stale
    /// connection may have no other end. One whose handshake may still go on is kept: forgotten now, it would
    /// be open for two hours and never be pushed to.
    pub(crate) async fn post(&self, connection: Connection, message: &str) -> Result<(), PostError> {
        let posted = self.poster.post(&connection, message).await;
        let id = &connection.connection_id;
        match &posted {
            Ok(()) => {}
            Err(PostError::Gone) if connection.may_be_opening() => {
                tracing::info!(connection = %id, "not there yet, or gone already");
            }
            Err(PostError::Gone) => match self.store.delete(id).await {
                Ok(()) => tracing::info!(connection = %id, "gone, forgotten"),
                Err(error) => tracing::warn!(connection = %id, %error, "gone, but still in the store"),
            },
            Err(PostError::Failed(error)) => tracing::warn!(connection = %id, %error, "push failed"),
        }
        posted
    }
}

fn typed<T: DeserializeOwned>(event: Value) -> Result<T, FunctionError> {
    serde_json::from_value(event)
        .map_err(|error| FunctionError::new(format!("not this function's event: {error}")))
}

fn result(result: impl Serialize) -> Result<Value, FunctionError> {
    serde_json::to_value(result).map_err(|error| FunctionError::new(format!("result is no JSON: {error}")))
}
