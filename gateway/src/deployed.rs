//! The functions that a gateway calls: the backend that is built in, and those that run as processes.

mod access_keys;

use std::sync::Arc;

use everwire_backend::{Backend, FunctionError, push};
use futures_util::future::BoxFuture;
use serde_json::Value;
use thiserror::Error;

use crate::functions::{BACKEND, Functions};
use crate::lambda::{Function, InvalidFunction, Processes};
use crate::sigv4::Credentials;

/// What stands in a function's environment for something that only the gateway knows.
pub(crate) const PLACEHOLDERS: [&str; 3] = ["{database}", "{endpoint}", "{secret}"];

/// What the placeholders stand for.
pub(crate) struct Gateway<'a> {
    /// The address of the connection store; none if no other process can open it.
    pub(crate) database: Option<String>,
    /// `http://HOST/STAGE`, where `/@connections` is.
    pub(crate) endpoint: String,
    /// What signs tokens.
    pub(crate) secret: &'a str,
    /// What signs calls of `/@connections`.
    pub(crate) credentials: Option<&'a Credentials>,
}

/// Why a function cannot be run.
#[derive(Debug, Error)]
pub enum DeployError {
    /// Another process cannot open it.
    #[error(
        "the function {0:?} wants the {{database}}, but :memory: is this process's own: give --database a path"
    )]
    DatabaseInMemory(String),
    /// It is not as Lambda wants it.
    #[error(transparent)]
    Function(#[from] InvalidFunction),
}

/// All functions, by name.
pub(crate) struct Deployed {
    backend: Arc<Backend>,
    processes: Processes,
}

impl Deployed {
    /// Nothing is started yet.
    pub(crate) fn new(
        backend: Arc<Backend>,
        functions: Vec<Function>,
        gateway: &Gateway<'_>,
    ) -> Result<Self, DeployError> {
        let functions: Result<Vec<_>, _> =
            functions.into_iter().map(|function| gateway.equip(function)).collect();
        Ok(Self { backend, processes: Processes::new(functions?)? })
    }

    /// Ends the processes. After every `$disconnect`, which may need them.
    pub(crate) async fn stop(&self) {
        self.processes.stop().await;
    }
}

impl Functions for Deployed {
    fn invoke<'a>(&'a self, function: &'a str, event: Value) -> BoxFuture<'a, Result<Value, FunctionError>> {
        match function {
            BACKEND => Box::pin(self.backend.handle(event)),
            name => Box::pin(self.processes.invoke(name, event)),
        }
    }
}

/// What the built-in backend signs its posts with.
impl From<&Credentials> for push::Credentials {
    fn from(credentials: &Credentials) -> Self {
        Self {
            access_key_id: credentials.access_key_id().to_owned(),
            secret_access_key: credentials.secret_access_key().to_owned(),
            session_token: credentials.session_token().map(str::to_owned),
            region: Some(credentials.region().to_owned()),
        }
    }
}

impl Gateway<'_> {
    /// The function, with what it needs to know in its environment.
    fn equip(&self, mut function: Function) -> Result<Function, DeployError> {
        for value in function.environment.values_mut() {
            *value = match value.as_str() {
                "{database}" => self
                    .database
                    .clone()
                    .ok_or_else(|| DeployError::DatabaseInMemory(function.name.clone()))?,
                "{endpoint}" => self.endpoint.clone(),
                "{secret}" => self.secret.to_owned(),
                _ => continue,
            };
        }
        access_keys::give(self.credentials, &mut function.environment);
        Ok(function)
    }
}
