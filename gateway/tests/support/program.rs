//! The program itself, as a process of its own.

use std::path::Path;
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use super::{Client, SECRET, access_token, within};

/// A running `everwire-gateway serve`, with the tests' secret. Killed when it is dropped.
pub struct Program {
    pub child: Child,
    /// `HOST:PORT`.
    pub host: String,
}

impl Program {
    /// Starts it, with the database `connections.db` in this folder, and waits until it listens.
    pub async fn serve(folder: &Path, listen: &str, arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_everwire-gateway"));
        command.args(["serve", "--listen", listen, "--database", "connections.db"]).args(arguments);
        Self::start(folder, command).await
    }

    /// Starts it from a shell that has no variables but these.
    pub async fn serve_from(folder: &Path, shell: &[(&str, &str)]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_everwire-gateway"));
        command.args(["serve", "--listen", "127.0.0.1:0", "--database", "connections.db"]);
        command.env_clear().envs(shell.iter().copied());
        Self::start(folder, command).await
    }

    async fn start(folder: &Path, mut command: Command) -> Self {
        let mut child = command
            .current_dir(folder)
            .env("EVERWIRE_SECRET", SECRET)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        within("the first line", output.read_line(&mut line)).await.unwrap();
        let (_, url) = line.split_once("ws://").unwrap_or_else(|| panic!("no URL in {line:?}"));
        let host = url.trim_end().trim_end_matches("/dev").to_owned();
        // Read on: whoever writes to a pipe that nobody reads waits, some day.
        tokio::spawn(async move { while matches!(output.read_line(&mut String::new()).await, Ok(1..)) {} });
        Self { child, host }
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
