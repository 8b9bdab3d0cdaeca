//! What a gateway that was killed leaves behind, and what the next one makes of it.
#![cfg(unix)]

mod support;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use everwire_backend::store::{self, Connection, Store};
use serde_json::json;
use support::program::Program;
use support::{Client, push, until, within};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

const CLIENTS: usize = 50;
const ROUNDS: usize = 20;

async fn open(folder: &Path) -> Arc<dyn Store> {
    store::open(folder.join("connections.db").to_str().unwrap()).await.unwrap()
}

async fn listed(store: &dyn Store) -> usize {
    let mut connections = 0;
    for client in 0..CLIENTS {
        connections += store.page(&format!("user{client}"), None).await.unwrap().connections.len();
    }
    connections
}

/// Connects and leaves, again and again, until the gateway is gone.
async fn come_and_go(url: String, connected: Arc<AtomicUsize>) {
    for _ in 0..ROUNDS {
        let Some(mut client) = Client::try_connect(&url).await else { continue };
        connected.fetch_add(1, Ordering::Relaxed);
        let _ = client.0.close(None).await;
        client.closed().await;
    }
}

#[tokio::test]
async fn a_kill_amid_a_thousand_connects_leaves_a_store_that_opens_and_lists_nobody_after_the_sweep() {
    let folder = tempfile::tempdir().unwrap();
    let mut killed = Program::serve(folder.path(), "127.0.0.1:0", &[]).await;
    let mut staying = Vec::new();
    for client in 0..5 {
        staying.push(killed.connect(&format!("user{client}")).await);
    }
    let connected = Arc::new(AtomicUsize::new(0));
    let coming_and_going: Vec<_> = (0..CLIENTS)
        .map(|client| {
            let url = killed.url(&format!("user{client}"));
            tokio::spawn(come_and_go(url, Arc::clone(&connected)))
        })
        .collect();
    let halfway = || async { (connected.load(Ordering::Relaxed) >= CLIENTS * ROUNDS / 3).then_some(()) };
    until("a third of a thousand connects", halfway).await;
    killed.kill().await;
    for client in coming_and_going {
        within("a client's end", client).await.unwrap();
    }

    let left = open(folder.path()).await;
    let stale = listed(&*left).await;
    assert!(stale >= staying.len(), "{stale}");
    println!("killed after {} connects; {stale} connections listed", connected.load(Ordering::Relaxed));

    let again = Program::serve(folder.path(), &killed.host, &[]).await;
    assert_eq!(listed(&*left).await, 0);
    assert_eq!(left.domain_names().await.unwrap(), [""; 0]);
    let mut client = again.connect("user0").await;
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let report = push(&http, &again.host, "user0", r#"{"title":"Hi"}"#).await;
    assert_eq!(report, json!({"delivered": 1, "gone": 0, "failed": 0}));
    assert_eq!(client.json().await["title"], "Hi");
}

/// A row of a connection at this address.
async fn remember(store: &dyn Store, domain_name: &str) {
    let connection = Connection {
        connection_id: format!("at {domain_name}"),
        user: "alice".to_owned(),
        domain_name: domain_name.to_owned(),
        stage: "dev".to_owned(),
        connected_at: i64::MAX,
    };
    store.put(&connection).await.unwrap();
}

#[tokio::test]
async fn what_a_stranger_listens_on_now_is_forgotten_and_what_a_gateway_listens_on_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let other = Program::serve(folder.path(), "127.0.0.1:0", &[]).await;
    let _client = other.connect("alice").await;
    let store = open(folder.path()).await;

    let web_server = TcpListener::bind("127.0.0.1:0").await.unwrap();
    remember(&*store, &web_server.local_addr().unwrap().to_string()).await;
    let page = Router::new().fallback(|| async { "Welcome" });
    let serving = tokio::spawn(async { axum::serve(web_server, page).await });

    let mail_server = TcpListener::bind("127.0.0.1:0").await.unwrap();
    remember(&*store, &mail_server.local_addr().unwrap().to_string()).await;
    let greeting = tokio::spawn(async move {
        while let Ok((mut stream, _)) = mail_server.accept().await {
            let _ = stream.write_all(b"220 mail.example ESMTP\r\n").await;
        }
    });
    // It may be a gateway that is held up.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let silent_at = silent.local_addr().unwrap().to_string();
    remember(&*store, &silent_at).await;

    let _starting = Program::serve(folder.path(), "127.0.0.1:0", &[]).await;
    let mut left = [other.host.clone(), silent_at];
    left.sort_unstable();
    assert_eq!(store.domain_names().await.unwrap(), left);
    serving.abort();
    greeting.abort();
    drop(silent);
}
