//! The one entry to all handlers.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::authorizer::Authorizer;
use crate::function::without_values;
use crate::push::{Credentials, Endpoint, Poster, Report, SendError};
use crate::routes::{self, Routes};
use crate::services::Services;
use crate::store::Store;
use crate::token::{Claims, Verifier};
use crate::{Decision, FunctionError, Request, Response};

/// What a backend has to be told.
#[derive(Debug, Clone)]
pub struct Config {
    /// Which tokens are good. None for a backend that is never asked: its authorizer fails, so that nobody is let in.
    pub verifier: Option<Verifier>,
    /// A scope without which a good token may not connect (403). Default: none. See [`Claims::has_scope`].
    pub required_scope: Option<String>,
    /// Where `/@connections` is. Default: [`Endpoint::Https`], as on AWS.
    pub endpoint: Endpoint,
    /// What signs posts. Default: the role or the keys that the environment gives, as every AWS SDK finds them. Over
    /// plain http the default is made up, as a local gateway does not ask.
    pub credentials: Option<Credentials>,
    /// How long one post may take, its tries together. Default: 5 s. A post to a half-open socket can hang, and must
    /// not hold up the others.
    pub post_timeout: Duration,
    /// How many posts of one [`Backend::send`] run at once. Default: 50. API Gateway counts callbacks against
    /// the account's 10,000 requests per second.
    pub concurrent_posts: usize,
}

impl Config {
    /// The defaults, with this verifier; a [`Secret`](crate::token::Secret) is one for HS256.
    pub fn new(verifier: impl Into<Verifier>) -> Self {
        Self { verifier: Some(verifier.into()), ..Self::without_authorizer() }
    }

    /// The defaults of a backend that is not asked who may connect, and could not tell: routes and pushes only.
    pub fn without_authorizer() -> Self {
        Self {
            verifier: None,
            required_scope: None,
            endpoint: Endpoint::Https,
            credentials: None,
            post_timeout: Duration::from_secs(5),
            concurrent_posts: 50,
        }
    }
}

/// The authorizer and all routes, as one function: each event says itself whom it is for.
///
/// ```
/// use everwire_backend::store;
/// use everwire_backend::token::{self, Kind, Secret};
/// use everwire_backend::{Backend, Config, FunctionError, Request};
/// use serde_json::json;
///
/// async fn mark_read(request: Request) -> Result<(), FunctionError> {
///     let message: serde_json::Value = request.json()?;
///     request.reply(json!({ "read": message["notification"] })).await
/// }
///
/// # tokio::runtime::Runtime::new()?.block_on(async {
/// let secret = Secret::new("a secret of at least thirty-two bytes").ok_or("empty")?;
/// let backend = Backend::new(Config::new(secret.clone()), store::open(":memory:").await?)
///     .route("markRead", mark_read);
///
/// let event = json!({
///     "type": "REQUEST",
///     "methodArn": "arn:aws:execute-api:eu-west-1:123456789012:abcd1234/prod/$connect",
///     "queryStringParameters": { "token": token::mint(&secret, Kind::Access, "alice", token::now(), 60)? },
///     "requestContext": {},
/// });
/// let answer = backend.handle(event).await?;
/// assert_eq!(answer["principalId"], "alice");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Backend {
    authorizer: Authorizer,
    routes: Routes,
    services: Arc<Services>,
}

/// What `aws lambda invoke` sends to push to a user.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SendEvent {
    user: String,
    message: Value,
}

impl Backend {
    /// The function's name, where one is needed.
    pub const FUNCTION: &'static str = "backend";

    /// The keys of the built-in routes.
    pub const ROUTES: [&'static str; 5] = ["$connect", "$disconnect", routes::DEFAULT, "ping", "echo"];

    /// A backend over this store, with the built-in routes.
    pub fn new(config: Config, store: Arc<dyn Store>) -> Self {
        let Config { verifier, required_scope, endpoint, credentials, post_timeout, concurrent_posts } =
            config;
        let services = Services {
            store,
            poster: Poster::new(endpoint, credentials, post_timeout),
            concurrent_posts: concurrent_posts.max(1),
        };
        Self {
            authorizer: Authorizer { verifier, required_scope, rule: None },
            routes: Routes::built_in(),
            services: Arc::new(services),
        }
    }

    /// Adds a route, or replaces the one of that key; [`routes`](crate::routes) has the built-in ones, for those who
    /// want to do something before or after. On AWS the API needs the route too.
    #[must_use]
    pub fn route<H, F, R>(mut self, key: impl Into<String>, handler: H) -> Self
    where
        H: Fn(Request) -> F + Send + Sync + 'static,
        F: Future<Output = Result<R, FunctionError>> + Send + 'static,
        R: Into<Response>,
    {
        self.routes.add(key, handler);
        self
    }

    /// Asks this rule about every token that is good and has the required scope. Default: it may connect.
    #[must_use]
    pub fn rule(mut self, rule: impl Fn(&Claims) -> Decision + Send + Sync + 'static) -> Self {
        self.authorizer.rule = Some(Arc::new(rule));
        self
    }

    /// The keys of all routes.
    pub fn route_keys(&self) -> impl Iterator<Item = &str> {
        self.routes.keys()
    }

    /// Runs the function: an event in, its result out, both in AWS's JSON.
    ///
    /// - `"type": "REQUEST"`: the authorizer
    /// - a `requestContext`: the route of its `routeKey`, or `$default`
    /// - `{"user": …, "message": …}`: [`send`](Self::send), for `aws lambda invoke`; the result is the report
    ///
    /// # Errors
    /// The route's or the authorizer's own failure, or that the event is none of these.
    pub async fn handle(&self, event: Value) -> Result<Value, FunctionError> {
        if let Some(kind) = event.get("type") {
            if kind != "REQUEST" {
                let text =
                    "the event's \"type\" is not \"REQUEST\": WebSocket APIs have no other authorizers";
                return Err(FunctionError::new(text));
            }
            return result(self.authorizer.authorize(&event).await?);
        }
        if event.get("requestContext").is_some() {
            let Some(key) = event.pointer("/requestContext/routeKey").and_then(Value::as_str) else {
                return Err(FunctionError::new("the event has no requestContext.routeKey"));
            };
            let key = key.to_owned();
            let event =
                serde_json::from_value(event).map_err(|error| unlike("a WebSocket API's event", &error))?;
            return result(self.routes.run(&key, Request::new(event, Arc::clone(&self.services))).await?);
        }
        if event.get("user").is_some() {
            let SendEvent { user, message } = serde_json::from_value(event)
                .map_err(|error| unlike("{\"user\": …, \"message\": …}", &error))?;
            return result(self.send(&user, &message.to_string()).await?);
        }
        let text =
            "the event is none of a WebSocket API's, and no {\"user\": …, \"message\": …} to push either";
        Err(FunctionError::new(text))
    }

    /// Posts a message to every connection of a user, and forgets those that answer 410 Gone, unless they
    /// are younger than 30 s: their handshake may still go on. An object is marked with an id, in its member
    /// `everwire`: a client that has two connections for a moment shows it once.
    ///
    /// # Errors
    /// When the store cannot be read, with the report of those connections that were read before. A connection that
    /// cannot be posted to is no error, it is counted.
    pub async fn send(&self, user: &str, message: &str) -> Result<Report, SendError> {
        self.services.send(user, message).await
    }
}

fn unlike(expected: &str, error: &serde_json::Error) -> FunctionError {
    FunctionError::new(format!("the event is not {expected}: {}", without_values(error)))
}

fn result(result: impl Serialize) -> Result<Value, FunctionError> {
    Ok(serde_json::to_value(result)?)
}
