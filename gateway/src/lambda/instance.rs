//! One instance of a function, from its start to its end, and one invocation in it.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use everwire_backend::FunctionError;
use serde_json::Value;
use tokio::process::Command;
use tokio::time::{Instant, sleep_until, timeout_at};

use super::environment;
use super::function::Function;
use super::invocation::{Answer, Invocation, MAX_ANSWER_BYTES};
use super::process::{Exit, Process};
use super::runtime_api::RuntimeApi;

/// A process that runs a function, and its Runtime API. Its drop kills the process.
#[derive(Debug)]
pub(super) struct Instance {
    api: RuntimeApi,
    process: Process,
    timeout: Duration,
    /// When the invocation that it is started for has used up its time.
    start_deadline: Instant,
}

impl Instance {
    /// Starts the process.
    pub(super) async fn start(function: &Function) -> Result<Self, FunctionError> {
        let api = RuntimeApi::listen(function).await.map_err(|error| cannot_start(function, &error))?;
        let mut command = Command::new(function.program());
        command.args(function.command.iter().skip(1));
        command.env_clear().envs(environment::of(function, &api.address));
        if let Some(folder) = &function.working_directory {
            if !folder.is_dir() {
                return Err(no_working_directory(function, folder));
            }
            command.current_dir(folder);
        }
        let name = Arc::from(function.name.as_str());
        let process = Process::start(command, &name).map_err(|error| cannot_start(function, &error))?;
        let timeout = function.timeout;
        let start_deadline = Instant::now() + function.start_timeout + timeout;
        Ok(Self { api, process, timeout, start_deadline })
    }

    /// Waits until it takes its first event. Gives the time at which the invocation that waits for it is over.
    pub(super) async fn started(&self, request_id: &str) -> Result<Instant, FunctionError> {
        tokio::select! {
            biased;
            ready = self.api.phases.ready() => match ready {
                Ok(()) => Ok(self.start_deadline.min(Instant::now() + self.timeout)),
                Err(report) => Err(reported(&report)),
            },
            exit = self.process.exited() => Err(exited(request_id, exit)),
            () = sleep_until(self.start_deadline) => Err(self.timed_out(request_id)),
        }
    }

    /// Runs one invocation, until `deadline` at the latest. It has to be ready.
    pub(super) async fn invoke(
        &self,
        invocation: Invocation,
        deadline: Instant,
    ) -> Result<Value, FunctionError> {
        let request_id = invocation.request_id.clone();
        let answered = self.api.phases.begin(invocation);
        tokio::select! {
            // The answer first: whoever ends right after it has answered.
            biased;
            Ok(answer) = answered => result(answer),
            exit = self.process.exited() => Err(exited(&request_id, exit)),
            () = sleep_until(deadline) => {
                self.process.kill();
                Err(self.timed_out(&request_id))
            }
        }
    }

    /// Waits until it asks for the next event, which is when Lambda uses it again. False if it has ended instead, or
    /// not asked until `deadline`.
    pub(super) async fn is_ready_again(&self, deadline: Instant) -> bool {
        tokio::select! {
            biased;
            _ = self.process.exited() => false,
            ready = timeout_at(deadline, self.api.phases.ready()) => matches!(ready, Ok(Ok(()))),
        }
    }

    /// Whether its process has ended.
    pub(super) fn has_exited(&self) -> bool {
        self.process.has_exited()
    }

    /// Ends the process, and waits for its end.
    pub(super) async fn terminate(&self) {
        self.process.terminate().await;
    }

    fn timed_out(&self, request_id: &str) -> FunctionError {
        let seconds = self.timeout.as_secs_f64();
        FunctionError::new(format!(
            "RequestId: {request_id} Error: Task timed out after {seconds:.2} seconds"
        ))
    }
}

/// What the caller gets.
fn result(answer: Answer) -> Result<Value, FunctionError> {
    match answer {
        // Undocumented [C]: Lambda hands on any bytes, and API Gateway finds that these are no result. It says the
        // same of a function that fails, so here this is a failure already, with a text for the log.
        Answer::Response(bytes) => serde_json::from_slice(&bytes)
            .map_err(|error| FunctionError::new(format!("the function's response is not JSON: {error}"))),
        Answer::Error(report) => Err(reported(&report)),
        Answer::TooLarge => Err(FunctionError::new(format!(
            "Response payload size exceeded maximum allowed payload size ({MAX_ANSWER_BYTES} bytes)."
        ))),
        Answer::InvalidMode => Err(FunctionError::new(
            "the function's response has an unknown Lambda-Runtime-Function-Response-Mode: \
             leave it out, or use streaming, which is collected here",
        )),
    }
}

/// A report's `errorMessage`, and nothing else: an authorizer that says `Unauthorized` means the status.
fn reported(report: &[u8]) -> FunctionError {
    let report = serde_json::from_slice::<Value>(report).unwrap_or_default();
    let message = report.get("errorMessage").and_then(Value::as_str);
    FunctionError::new(message.unwrap_or("the function reported an error without an errorMessage"))
}

fn exited(request_id: &str, exit: Exit) -> FunctionError {
    FunctionError::new(format!("RequestId: {request_id} Error: {exit}"))
}

fn cannot_start(function: &Function, error: &io::Error) -> FunctionError {
    let remedy = match error.kind() {
        io::ErrorKind::NotFound => "give a program that is in PATH, or its path",
        io::ErrorKind::PermissionDenied => "make it executable (chmod +x)",
        _ => "try its command in a terminal",
    };
    let (name, program) = (&function.name, function.program());
    FunctionError::new(format!("cannot start the function {name:?} with {program:?}: {error}; {remedy}"))
}

fn no_working_directory(function: &Function, folder: &std::path::Path) -> FunctionError {
    let name = &function.name;
    FunctionError::new(format!(
        "cannot start the function {name:?}: its working directory {folder:?} is no folder"
    ))
}
