//! Too much of it: floods, clients that do not read, thousands of sockets that say nothing.
#![cfg(unix)]

mod support;

use std::process::Command;
use std::time::{Duration, Instant};

use everwire_gateway::Config;
use futures_util::{SinkExt, StreamExt};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde_json::Value;
use support::program::Program;
use support::raw::{Raw, frame};
use support::{Client, Running, access_token, push, until, within};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;

/// So many of them, if the system lets one process have so many files open; a test has two for each.
const MANY: usize = 2500;

/// What a test has open beside its sockets.
const OTHER_FILES: usize = 150;

/// How many sockets can be had here, for this process and for the programs that it starts from now on.
fn sockets() -> usize {
    let needed = u64::try_from(2 * MANY + OTHER_FILES).unwrap();
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    // None is no limit.
    let files = current.unwrap_or(needed).max(maximum.unwrap_or(needed).min(needed));
    setrlimit(Resource::Nofile, Rlimit { current: Some(files), maximum }).unwrap();
    let count = MANY.min(usize::try_from(files).unwrap().saturating_sub(OTHER_FILES) / 2);
    assert!(count >= 2000, "only {files} files may be open here: raise `ulimit -Hn` to {needed}");
    count
}

/// The memory that a process has in use, in KiB.
fn resident_kib(pid: u32) -> u64 {
    let output = Command::new("ps").args(["-o", "rss=", "-p", &pid.to_string()]).output().expect("ps");
    let size = String::from_utf8(output.stdout).unwrap();
    size.trim().parse().unwrap_or_else(|error| panic!("no size of process {pid}: {error}, {size:?}"))
}

async fn assert_alive(program: &Program) {
    let mut client = program.connect("alive").await;
    client.send(r#"{"action":"ping"}"#).await;
    assert_eq!(client.json().await["action"], "pong");
    client.close(1000, "").await;
}

#[tokio::test]
async fn thousands_of_idle_sockets_are_held_and_cost_little() {
    // Before the program starts: it inherits the limit.
    let count = sockets();
    let folder = tempfile::tempdir().unwrap();
    let program = Program::serve(folder.path(), "127.0.0.1:0", &[]).await;
    assert_alive(&program).await;
    let pid = program.child.id().unwrap();
    let (url, before) = (program.url("idle"), resident_kib(pid));
    // Again and again: there is a limit of new connections per second.
    let connecting = (0..count).map(|_| until("a socket", || Client::try_connect(&url)));
    let mut idle: Vec<_> = futures_util::stream::iter(connecting).buffer_unordered(16).collect().await;
    let grown = resident_kib(pid).saturating_sub(before);
    println!("{count} idle sockets: {grown} KiB, {} bytes each", grown * 1024 / count as u64);
    assert!(grown / (count as u64) < 64, "{grown} KiB");
    assert_alive(&program).await;
    idle[0].send(r#"{"action":"ping"}"#).await;
    assert_eq!(idle[0].json().await["action"], "pong");
}

#[tokio::test]
async fn thousands_of_connections_that_say_nothing_keep_nobody_out() {
    let count = sockets();
    let folder = tempfile::tempdir().unwrap();
    let program = Program::serve(folder.path(), "127.0.0.1:0", &[]).await;
    let mut silent = Vec::new();
    let mut late = 0;
    for _ in 0..count {
        let asked = Instant::now();
        silent.push(within("a connection", TcpStream::connect(&program.host)).await.unwrap());
        late += usize::from(asked.elapsed() >= Duration::from_secs(1));
    }
    // Whom the listener has no room for tries again a second later. A busy machine may hold up one or two.
    assert!(late <= 2, "{late} of {} connected late", silent.len());
    println!("{} silent connections", silent.len());
    assert_alive(&program).await;
    drop(silent);
    assert_alive(&program).await;
}

#[tokio::test]
async fn a_flood_of_messages_beyond_the_limit_is_closed_with_1008_and_others_are_served() {
    let config = Config { requests_per_second: 100, request_burst: 200, ..Config::default() };
    let gateway = Running::backend_config(None, config).await;
    let mut flood = Raw::open(gateway.address, "alice").await;
    flood.write(frame(0x81, b"{}").repeat(20_000)).await;
    assert_eq!(flood.closed().await, Some(1008));
    // The limit is everybody's: a moment later there is room again.
    until("a pong", || async {
        let url = gateway.url(&format!("/dev?token={}", access_token("bob")));
        let mut client = Client::try_connect(&url).await?;
        client.send(r#"{"action":"ping"}"#).await;
        matches!(client.0.next().await, Some(Ok(Message::Text(_)))).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_flood_of_messages_within_the_limit_is_handled_to_the_last() {
    let config = Config { requests_per_second: 0, ..Config::default() };
    let gateway = Running::backend_config(None, config).await;
    let (mut sink, mut stream) = gateway.connect_as("alice").await.0.split();
    let count = 3000;
    let sending = tokio::spawn(async move {
        for _ in 0..count {
            sink.send(Message::text(r#"{"action":"ping"}"#)).await.unwrap();
        }
        sink
    });
    within("all pongs", async {
        for _ in 0..count {
            assert!(matches!(stream.next().await, Some(Ok(Message::Text(_)))));
        }
    })
    .await;
    drop(sending.await.unwrap());
    gateway.assert_alive().await;
}

#[tokio::test]
async fn a_flood_of_pings_is_answered_and_keeps_nobody_out() {
    let gateway = Running::backend().await;
    let mut flood = Raw::open(gateway.address, "alice").await;
    flood.write(frame(0x89, b"x").repeat(10_000)).await;
    flood.write(frame(0x89, b"the last")).await;
    // The library answers the latest only of those it reads at once, as RFC 6455 (5.5.3) allows.
    within("the last pong", async { while flood.frame().await != Some((10, b"the last".to_vec())) {} }).await;
    gateway.assert_alive().await;
}

#[tokio::test]
async fn a_client_that_never_reads_fills_its_queue_and_no_more_and_posts_are_answered_with_429() {
    let folder = tempfile::tempdir().unwrap();
    let program = Program::serve(folder.path(), "127.0.0.1:0", &[]).await;
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let pid = program.child.id().unwrap();
    let mut deaf = Raw::open(program.host.parse().unwrap(), "deaf").await;
    let mut other = program.connect("other").await;
    let (before, asked) = (resident_kib(pid), Instant::now());
    let message = format!("\"{}\"", "x".repeat(128 * 1024 - 2));
    let mut delivered = 0;
    within("a full queue", async {
        loop {
            let report: Value = push(&http, &program.host, "deaf", &message).await;
            if report["delivered"] == 0 {
                assert_eq!(report["failed"], 1, "429 is no end");
                return;
            }
            delivered += 1;
        }
    })
    .await;
    let full = resident_kib(pid);
    // Side by side: each is tried for seconds before it is given up.
    let more = (0..10).map(|_| push(&http, &program.host, "deaf", &message));
    for report in futures_util::future::join_all(more).await {
        assert_eq!(report["failed"], 1);
    }
    let after = resident_kib(pid);
    println!(
        "{delivered} messages of 128 KiB until 429, in {:?}: {} KiB more in use, {} after 10 more",
        asked.elapsed(),
        full.saturating_sub(before),
        after.saturating_sub(before)
    );
    // The queue's mebibyte, and what HTTP needs meanwhile.
    assert!(after.saturating_sub(before) < 20 * 1024, "{before} {after}");
    assert_eq!(push(&http, &program.host, "other", "1").await["delivered"], 1);
    assert_eq!(other.text().await, "1");
    // It reads at last: something comes, and the socket works again.
    assert!(deaf.frame_header().await);
    assert_alive(&program).await;
}
