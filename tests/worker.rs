//! The Rust front end in a worker, where there is neither a window nor a document.

#![cfg(target_arch = "wasm32")]
#![allow(dead_code, reason = "what the tests share is used here in part")]

mod front_end;

use std::time::Duration;

use front_end::{User, live_sockets};
use serde::{Deserialize, Serialize};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_dedicated_worker);

#[derive(Serialize)]
struct Ping {
    action: &'static str,
}

#[derive(Deserialize)]
struct Pong {
    action: String,
}

#[wasm_bindgen_test]
async fn connects_asks_and_is_gone_when_dropped() {
    let user = User::sign_in("web-worker").await;
    let client = user.client();
    client.open().await.unwrap();
    let pong: Pong = client.request(&Ping { action: "ping" }, Duration::from_secs(5)).await.unwrap();
    assert_eq!(pong.action, "pong");
    drop(client);
    assert_eq!(live_sockets(), 0);
    user.is_gone().await;
}
