//! A server of another make, for the tests of one process.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

/// How long a server may take to start. Long, because a machine may be busy; no passing test waits it out.
const PATIENCE: Duration = Duration::from_secs(60);

/// Runs until its standard input ends, which it does with this process, whatever ends that.
#[derive(Debug)]
pub struct Server {
    _child: Child,
    _stdin: ChildStdin,
}

impl Server {
    /// Starts it, and waits for the line that says it is ready: gives what `ready` finds in it.
    ///
    /// The command is a shell's that ends when its standard input does, and everything it has started with it.
    /// Fails with all that was said instead.
    pub fn start(
        mut command: Command,
        ready: impl Fn(&str) -> Option<String>,
    ) -> Result<(Self, String), String> {
        let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).current_dir("/").spawn();
        let mut child = child.map_err(|error| format!("{command:?} does not start: {error}"))?;
        let server = |mut child: Child| Self { _stdin: child.stdin.take().unwrap(), _child: child };
        let output = BufReader::new(child.stdout.take().unwrap());
        let (said, lines) = mpsc::channel();
        // To the end: a server whose pipe is full stands still.
        thread::spawn(move || output.lines().map_while(Result::ok).for_each(|line| drop(said.send(line))));

        let (mut all, deadline) = (String::new(), Instant::now() + PATIENCE);
        loop {
            match lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(line) => match ready(&line) {
                    Some(found) => return Ok((server(child), found)),
                    None => all = format!("{all}{line}\n"),
                },
                Err(RecvTimeoutError::Timeout) => {
                    return Err(format!("not ready within {PATIENCE:?}:\n{all}"));
                }
                Err(RecvTimeoutError::Disconnected) => return Err(format!("ended:\n{all}")),
            }
        }
    }
}
