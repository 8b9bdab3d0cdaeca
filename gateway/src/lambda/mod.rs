//! Functions in any language: child processes that speak the Lambda Runtime API.
//!
//! What AWS Lambda runs, runs here unchanged: a Rust binary with `lambda_runtime`, Python with `awslambdaric`, Node
//! with `aws-lambda-ric`, and whatever else asks `AWS_LAMBDA_RUNTIME_API` for its next event.
//!
//! ```no_run
//! use everwire_gateway::lambda::{Function, Processes};
//! use serde_json::json;
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let echo = Function::new("echo", ["python", "-m", "awslambdaric", "app.handler"]);
//! let functions = Processes::new([echo])?;
//! let result = functions.invoke("echo", json!({"body": "hello"})).await?;
//! functions.stop().await;
//! # Ok(())
//! # }
//! ```
//!
//! # Layout
//! - [`Function`] (`function.rs`): what to run, and its limits
//! - `pool.rs`: the instances of one function: which one takes an invocation, and when another is started
//! - `instance.rs`: one instance, from its start to its end, and one invocation in it
//! - `invocation.rs`: an event for an instance, and what it answers
//! - `runtime_api.rs`: the HTTP API that an instance asks for events and answers to; `phase.rs`: when it may do which
//! - `extensions.rs`: what of the Extensions API a function itself may need
//! - `environment.rs`: the variables that a function sees
//! - `process.rs`: a child process, from its start to its end; `group.rs`: it, and all that it starts
//! - `watchdog.rs`: ends the child process if the gateway is killed
//! - `log.rs`: what a function writes, line by line

mod environment;
mod extensions;
mod function;
mod group;
mod instance;
mod invocation;
mod log;
mod phase;
mod pool;
mod process;
mod runtime_api;
mod watchdog;

use std::collections::BTreeMap;
use std::sync::Arc;

use everwire_backend::FunctionError;
use futures_util::future::join_all;
use serde_json::Value;

pub use function::{Function, InvalidFunction};
use pool::Pool;

/// Functions that run as child processes, by name.
///
/// An instance is started by the first invocation that needs it, takes one invocation at a time, and is kept for
/// the next one. Dropping this kills those that are free, and the others as soon as they are; [`Processes::stop`] ends
/// all of them, in an orderly way.
#[derive(Debug)]
pub struct Processes(BTreeMap<String, Arc<Pool>>);

impl Processes {
    /// Checks the functions. Nothing is started yet.
    ///
    /// # Errors
    /// When a function cannot run as it is described, or two have the same name.
    pub fn new(functions: impl IntoIterator<Item = Function>) -> Result<Self, InvalidFunction> {
        let mut pools = BTreeMap::new();
        for function in functions {
            function.check()?;
            let name = function.name.clone();
            if pools.insert(name.clone(), Arc::new(Pool::new(function))).is_some() {
                return Err(InvalidFunction::Twice(name));
            }
        }
        Ok(Self(pools))
    }

    /// Whether there is a function of this name.
    pub fn contains(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Runs a function: AWS's event JSON in, its result out. It runs on to its end or its timeout when the caller
    /// does not wait for that, as on AWS.
    ///
    /// # Errors
    /// What the function reports, with exactly its `errorMessage`; or what Lambda says of a function that ended,
    /// was too slow, or answered too much; or why it could not be started.
    pub async fn invoke(&self, name: &str, event: Value) -> Result<Value, FunctionError> {
        match self.0.get(name) {
            Some(pool) => pool.invoke(event).await,
            None => {
                Err(FunctionError::new(format!("there is no function {name:?}: its name is not configured")))
            }
        }
    }

    /// Ends all instances: SIGTERM, and SIGKILL for those that are still there after half a second. Invocations
    /// under way fail, and so does each later one.
    pub async fn stop(&self) {
        join_all(self.0.values().map(|pool| pool.stop())).await;
    }
}
