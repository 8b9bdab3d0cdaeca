//! The program itself, as a process of its own.

use std::io::{Read, Seek};
use std::path::Path;
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use super::{Client, SECRET, access_token, until, within};

/// The program in this folder, with nothing of EVERWIRE in its environment.
pub fn command(folder: &Path, arguments: &[&str]) -> std::process::Command {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_everwire-gateway"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("EVERWIRE_") {
            command.env_remove(name);
        }
    }
    command.args(arguments).current_dir(folder).stdin(Stdio::null());
    command
}

/// Whether the program has not started because its port is another's, by what it wrote to stderr. A test that takes a
/// port a second time cannot keep others from taking it meanwhile.
pub fn is_port_taken(errors: &str) -> bool {
    errors.contains("another server has that port")
}

/// A running `everwire-gateway serve`, with the tests' secret. Killed when it is dropped.
pub struct Program {
    pub child: Child,
    /// `HOST:PORT`.
    pub host: String,
}

impl Program {
    /// Starts it, with the database `connections.db` in this folder, and waits until it listens: until its port is
    /// free, if somebody else has it.
    pub async fn serve(folder: &Path, listen: &str, arguments: &[&str]) -> Self {
        let all = [&["serve", "--listen", listen, "--database", "connections.db"], arguments].concat();
        until("a gateway that listens", || Self::start(command(folder, &all))).await
    }

    /// Starts it from a shell that has no variables but these.
    pub async fn serve_from(folder: &Path, shell: &[(&str, &str)]) -> Self {
        let mut command =
            command(folder, &["serve", "--listen", "127.0.0.1:0", "--database", "connections.db"]);
        command.env_clear().envs(shell.iter().copied());
        Self::start(command).await.expect("a port that the system chose is free")
    }

    /// `None` if its port is another's.
    async fn start(command: std::process::Command) -> Option<Self> {
        let mut errors = tempfile::tempfile().unwrap();
        let mut child = Command::from(command)
            .env("EVERWIRE_SECRET", SECRET)
            .stdout(Stdio::piped())
            .stderr(errors.try_clone().unwrap())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        within("the first line", output.read_line(&mut line)).await.unwrap();
        let Some((_, url)) = line.split_once("ws://") else {
            within("the end", child.wait()).await.unwrap();
            let mut written = String::new();
            errors.rewind().unwrap();
            errors.read_to_string(&mut written).unwrap();
            assert!(is_port_taken(&written), "no URL in {line:?}, errors {written}");
            return None;
        };
        let host = url.trim_end().trim_end_matches("/dev").to_owned();
        // Read on: whoever writes to a pipe that nobody reads waits, some day.
        tokio::spawn(async move { while matches!(output.read_line(&mut String::new()).await, Ok(1..)) {} });
        Some(Self { child, host })
    }

    pub fn url(&self, user: &str) -> String {
        format!("ws://{}/dev?token={}", self.host, access_token(user))
    }

    pub async fn connect(&self, user: &str) -> Client {
        Client::connect(&self.url(user)).await
    }

    /// SIGKILL, and waits for the end.
    pub async fn kill(&mut self) {
        within("the end", self.child.kill()).await.unwrap();
    }
}
