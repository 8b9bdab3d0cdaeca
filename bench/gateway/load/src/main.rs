//! The clients of the gateway's bench: opens connections, sends messages over them and posts to them, as fast as they
//! are answered.
//!
//! A command is a line of JSON on stdin, what came of it a line on stdout: see [`Command`] and [`Outcome`]. One thread
//! does it all, and buffers are small, so that ten thousand clients cost little beside the server that is measured.

mod client;
mod post;

use std::error::Error;
use std::io::{self, Write};
use std::time::{Duration, Instant};

use futures_util::future::{join_all, try_join_all};
use serde::{Deserialize, Serialize};

use client::Client;
use post::Poster;

type Failure = Box<dyn Error>;

/// What to do. Whatever fails ends the program, with the reason on stderr.
#[derive(Debug, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case", rename_all_fields = "camelCase")]
enum Command {
    /// Opens so many connections more, so many handshakes at once.
    Open { url: String, count: usize, at_once: usize },
    /// Has the first so many clients send messages with this action, of about so many bytes, each the next one when
    /// the last one is answered.
    Send { clients: usize, action: String, bytes: usize, seconds: f64 },
    /// Posts messages of about so many bytes to the first so many clients, to each the next one when it has the last
    /// one. `url` is that of `@connections`; a message with the action `identify` is answered with the connection's id.
    Post { clients: usize, url: String, bytes: usize, seconds: f64 },
    /// Closes all connections, and counts those that were open until then.
    Close,
}

/// How many were opened, answered, received or closed, and in how many seconds.
#[derive(Debug, Serialize)]
struct Outcome {
    count: usize,
    seconds: f64,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let mut clients = Vec::new();
    for line in io::stdin().lines() {
        let command = serde_json::from_str(&line?)?;
        let began = Instant::now();
        let count = run(command, &mut clients).await?;
        let outcome = Outcome { count, seconds: began.elapsed().as_secs_f64() };
        writeln!(io::stdout(), "{}", serde_json::to_string(&outcome)?)?;
    }
    Ok(())
}

async fn run(command: Command, clients: &mut Vec<Client>) -> Result<usize, Failure> {
    match command {
        Command::Open { url, count, at_once } => {
            let shares = (0..at_once).map(|i| open(&url, share(count, at_once, i)));
            clients.extend(try_join_all(shares).await?.into_iter().flatten());
            Ok(count)
        }
        Command::Send { clients: some, action, bytes, seconds } => {
            let deadline = Instant::now() + Duration::from_secs_f64(seconds);
            let sending =
                first(clients, some)?.iter_mut().map(|client| send(client, &action, bytes, deadline));
            Ok(try_join_all(sending).await?.into_iter().sum())
        }
        Command::Post { clients: some, url, bytes, seconds } => {
            let deadline = Instant::now() + Duration::from_secs_f64(seconds);
            let posting = first(clients, some)?.iter_mut().map(|client| post(client, &url, bytes, deadline));
            Ok(try_join_all(posting).await?.into_iter().sum())
        }
        Command::Close => {
            let closed = join_all(clients.drain(..).map(Client::close)).await;
            Ok(closed.into_iter().filter(|was_open| *was_open).count())
        }
    }
}

/// How many of `count` are for the share `i` of `shares`.
fn share(count: usize, shares: usize, i: usize) -> usize {
    count / shares + usize::from(i < count % shares)
}

fn first(clients: &mut [Client], some: usize) -> Result<&mut [Client], Failure> {
    clients.get_mut(..some).ok_or_else(|| format!("fewer than {some} connections are open").into())
}

async fn open(url: &str, count: usize) -> Result<Vec<Client>, Failure> {
    let mut clients = Vec::with_capacity(count);
    for _ in 0..count {
        clients.push(Client::open(url).await?);
    }
    Ok(clients)
}

async fn send(client: &mut Client, action: &str, bytes: usize, deadline: Instant) -> Result<usize, Failure> {
    let mut answered = 0;
    while Instant::now() < deadline {
        let (message, id) = message(action, answered, bytes);
        client.send(message).await?;
        client.receive(&id).await?;
        answered += 1;
    }
    Ok(answered)
}

async fn post(client: &mut Client, url: &str, bytes: usize, deadline: Instant) -> Result<usize, Failure> {
    let mut poster = Poster::connect(url, &client.identify().await?).await?;
    let mut received = 0;
    while Instant::now() < deadline {
        let (message, id) = message("notification", received, bytes);
        poster.post(message).await?;
        client.receive(&id).await?;
        received += 1;
    }
    Ok(received)
}

/// A message of about so many bytes, and what is in it and in no other one of the same client.
fn message(action: &str, number: usize, bytes: usize) -> (String, String) {
    let id = format!(r#""id":"{number:08}""#);
    let text =
        "x".repeat(bytes.saturating_sub(action.len() + id.len() + r#"{"action":"",,"text":""}"#.len()));
    (format!(r#"{{"action":"{action}",{id},"text":"{text}"}}"#), id)
}
