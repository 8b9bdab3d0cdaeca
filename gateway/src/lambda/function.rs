//! What to run, and its limits.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use thiserror::Error;

use super::environment::RESERVED;

/// A function that runs as a child process.
///
/// The fields have the names and the defaults of AWS Lambda's, where Lambda has them.
#[derive(Clone, PartialEq, Eq)]
pub struct Function {
    /// The name that the gateway calls it by, which is `AWS_LAMBDA_FUNCTION_NAME` too.
    pub name: String,
    /// The program and its arguments, such as `python -m awslambdaric app.handler`. A program with a relative path
    /// is sought from `working_directory`, one without a path in `PATH`.
    pub command: Vec<String>,
    /// Variables beside those of the gateway and of Lambda. Default: none.
    pub environment: BTreeMap<String, String>,
    /// Where it runs; it knows it as `LAMBDA_TASK_ROOT`. Default: where the gateway runs.
    pub working_directory: Option<PathBuf>,
    /// `_HANDLER`. Default: the last word of the command, which is where AWS's runtime clients take theirs.
    pub handler: Option<String>,
    /// The longest that one invocation may take; then the instance is killed. Default: 3 s, at most 900 s. API
    /// Gateway waits for 29 s and no longer.
    pub timeout: Duration,
    /// How much of an instance's start does not count as time of the invocation that it is started for.
    /// Default: 10 s, which is Lambda's only choice.
    ///
    /// Lambda ends a start that takes longer, and starts again, once, in the invocation's time. `[D]` Here it goes
    /// on in the invocation's time, which comes to the same without starting twice.
    pub start_timeout: Duration,
    /// What it is told of its memory, in MB; nothing holds it to that. Default: 128 MB, 128 to 10,240 MB.
    pub memory_mb: u32,
    /// The most instances at once, so also the most invocations at once. The next invocation waits for a free
    /// instance, at most as long as `timeout`. Default: 10, which is what a new AWS account has for all functions.
    pub concurrency: usize,
}

impl Function {
    /// Lambda's own default.
    pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(3);
    /// Lambda's own.
    pub const DEFAULT_START_TIMEOUT: Duration = Duration::from_secs(10);
    /// Lambda's own default.
    pub const DEFAULT_MEMORY_MB: u32 = 128;
    /// The quota of a new AWS account.
    pub const DEFAULT_CONCURRENCY: usize = 10;

    const MAX_TIMEOUT: Duration = Duration::from_secs(900);
    const MEMORY_MB: std::ops::RangeInclusive<u32> = 128..=10_240;

    /// A function with all defaults.
    pub fn new(name: impl Into<String>, command: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            name: name.into(),
            command: command.into_iter().map(Into::into).collect(),
            environment: BTreeMap::new(),
            working_directory: None,
            handler: None,
            timeout: Self::DEFAULT_TIMEOUT,
            start_timeout: Self::DEFAULT_START_TIMEOUT,
            memory_mb: Self::DEFAULT_MEMORY_MB,
            concurrency: Self::DEFAULT_CONCURRENCY,
        }
    }

    /// Whether it can run as it is described.
    pub(super) fn check(&self) -> Result<(), InvalidFunction> {
        let name = || self.name.clone();
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if !(1..=64).contains(&self.name.len()) || !self.name.chars().all(is_name) {
            return Err(InvalidFunction::Name(name()));
        }
        if self.command.first().is_none_or(String::is_empty) {
            return Err(InvalidFunction::NoCommand(name()));
        }
        if self.timeout.is_zero() || self.timeout > Self::MAX_TIMEOUT {
            return Err(InvalidFunction::Timeout(name(), self.timeout));
        }
        if !Self::MEMORY_MB.contains(&self.memory_mb) {
            return Err(InvalidFunction::Memory(name(), self.memory_mb));
        }
        if self.concurrency == 0 {
            return Err(InvalidFunction::NoConcurrency(name()));
        }
        match self.environment.keys().find(|key| RESERVED.contains(&key.as_str())) {
            Some(key) => Err(InvalidFunction::Reserved(name(), key.clone())),
            None => Ok(()),
        }
    }

    /// `_HANDLER`.
    pub(super) fn handler(&self) -> &str {
        self.handler.as_ref().or(self.command.last()).map_or("", String::as_str)
    }

    /// The program to start. A relative path would be ambiguous: from here, or from the working directory?
    pub(super) fn program(&self) -> PathBuf {
        let program = Path::new(self.command.first().map_or("", String::as_str));
        match &self.working_directory {
            Some(folder) if program.components().count() > 1 => absolute(folder).join(program),
            _ => program.to_owned(),
        }
    }

    /// `LAMBDA_TASK_ROOT`.
    pub(super) fn task_root(&self) -> PathBuf {
        absolute(self.working_directory.as_deref().unwrap_or(Path::new(".")))
    }
}

/// Without the values of its variables, which are passwords and keys as often as not.
impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let variables: Vec<&String> = self.environment.keys().collect();
        f.debug_struct("Function")
            .field("name", &self.name)
            .field("command", &self.command)
            .field("environment", &variables)
            .field("working_directory", &self.working_directory)
            .field("handler", &self.handler)
            .field("timeout", &self.timeout)
            .field("start_timeout", &self.start_timeout)
            .field("memory_mb", &self.memory_mb)
            .field("concurrency", &self.concurrency)
            .finish()
    }
}

/// The path as it is where the current folder cannot be told; what uses it then says what is wrong.
fn absolute(path: &Path) -> PathBuf {
    path.canonicalize().or_else(|_| std::path::absolute(path)).unwrap_or_else(|_| path.to_owned())
}

/// Why a function cannot run as it is described.
#[derive(Debug, Error)]
pub enum InvalidFunction {
    /// AWS takes no such name.
    #[error("{0:?} cannot be a function's name: use letters, digits, - and _, up to 64 of them")]
    Name(String),
    /// Two with one name.
    #[error("there are two functions {0:?}: give one of them another name")]
    Twice(String),
    /// Nothing to run.
    #[error("the function {0:?} has no command: give its program and arguments")]
    NoCommand(String),
    /// AWS takes no such timeout.
    #[error("the function {0:?} has a timeout of {1:?}: give more than 0 s, and 900 s at most")]
    Timeout(String, Duration),
    /// AWS takes no such memory.
    #[error("the function {0:?} has {1} MB of memory: give 128 to 10240")]
    Memory(String, u32),
    /// It could never run.
    #[error("the function {0:?} has a concurrency of 0, so it would never run: give 1 or more")]
    NoConcurrency(String),
    /// AWS refuses it too.
    #[error("the function {0:?} sets {1}, which Lambda sets itself: leave it out")]
    Reserved(String, String),
}
