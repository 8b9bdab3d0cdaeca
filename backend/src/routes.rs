//! The built-in routes, one file each, written as one's own are. An own route may call the one that it replaces.

mod connect;
mod default;
mod disconnect;
mod echo;
mod ping;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

pub use connect::connect;
pub use default::default;
pub use disconnect::disconnect;
pub use echo::echo;
pub use ping::ping;

use crate::{FunctionError, Request, Response};

type Handler = Arc<dyn Fn(Request) -> BoxFuture<'static, Result<Response, FunctionError>> + Send + Sync>;

/// The route for every message that no other is for.
pub(crate) const DEFAULT: &str = "$default";

/// Handlers by route key.
#[derive(Clone)]
pub(crate) struct Routes(BTreeMap<String, Handler>);

impl Routes {
    pub(crate) fn built_in() -> Self {
        let mut routes = Self(BTreeMap::new());
        routes.add("$connect", connect);
        routes.add("$disconnect", disconnect);
        routes.add(DEFAULT, default);
        routes.add("ping", ping);
        routes.add("echo", echo);
        routes
    }

    pub(crate) fn add<H, F, R>(&mut self, key: impl Into<String>, handler: H)
    where
        H: Fn(Request) -> F + Send + Sync + 'static,
        F: Future<Output = Result<R, FunctionError>> + Send + 'static,
        R: Into<Response>,
    {
        let handler: Handler = Arc::new(move |request| {
            let result = handler(request);
            async move { result.await.map(Into::into) }.boxed()
        });
        self.0.insert(key.into(), handler);
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    pub(crate) async fn run(&self, key: &str, request: Request) -> Result<Response, FunctionError> {
        match self.0.get(key).or_else(|| self.0.get(DEFAULT)) {
            Some(handler) => handler(request).await,
            None => Err(FunctionError::new(format!("no route {key:?}, and no {DEFAULT}"))),
        }
    }
}

impl fmt::Debug for Routes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.keys()).finish()
    }
}
