//! The driver in a real browser, against a real gateway.
//!
//! `npm test -- --only wasm` starts a gateway for it; alone, `wasm-pack test --headless --chrome`
//! uses the one that `npm run gateway` starts.

#![cfg(target_arch = "wasm32")]

use std::cell::RefCell;
use std::rc::Rc;

use everwire::browser::{Driver, Host};
use everwire::{Config, Generation, MessageId, Problem, Snapshot, State, Why};
use gloo_timers::future::TimeoutFuture;
use js_sys::{JSON, JsString, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

const URL: &str = match option_env!("EVERWIRE_TEST_URL") {
    Some(url) => url,
    None => "ws://127.0.0.1:3001/dev",
};

/// So short that a test need not wait for seconds.
const CONFIG: Config = Config { first_retry_ms: 100, max_retry_ms: 400, ..Config::DEFAULT };

#[wasm_bindgen(inline_js = "
    export async function post(url, path, body, token) {
        const origin = new URL(url.replace(/^ws/, 'http')).origin
        const authorization = token ? { Authorization: `Bearer ${token}` } : {}
        const headers = { 'Content-Type': 'application/json', ...authorization }
        const response = await fetch(origin + path, { method: 'POST', headers, body })
        return response.json()
    }
")]
extern "C" {
    #[wasm_bindgen(catch)]
    async fn post(url: &str, path: &str, body: &str, token: &str) -> Result<JsValue, JsValue>;
}

/// Everything that a driver said, and the token that it is given.
#[derive(Default)]
struct Log {
    token: String,
    requested: Vec<Generation>,
    messages: Vec<String>,
    snapshots: Vec<Snapshot>,
    problems: Vec<Problem>,
    settled: Vec<Result<(), Problem>>,
    transmitted: Vec<MessageId>,
    refused: Vec<MessageId>,
}

#[derive(Clone, Default)]
struct Recorder(Rc<RefCell<Log>>);

impl Host for Recorder {
    fn request_token(&self, generation: Generation) {
        self.0.borrow_mut().requested.push(generation);
    }
    fn message(&self, message: JsValue) {
        self.0.borrow_mut().messages.push(JSON::stringify(&message).unwrap().into());
    }
    fn announce(&self, snapshot: Snapshot) {
        self.0.borrow_mut().snapshots.push(snapshot);
    }
    fn report(&self, problem: Problem, _: JsValue) {
        self.0.borrow_mut().problems.push(problem);
    }
    fn settle(&self, outcome: Result<(), Problem>) {
        self.0.borrow_mut().settled.push(outcome);
    }
    fn transmitted(&self, message: MessageId) {
        self.0.borrow_mut().transmitted.push(message);
    }
    fn refused(&self, message: MessageId, _: Problem) {
        self.0.borrow_mut().refused.push(message);
    }
}

/// A driver of one user's connection, with what it said.
struct Client {
    driver: Driver,
    log: Rc<RefCell<Log>>,
}

impl Client {
    /// A client for a user of its own, so that tests do not meet. Closed.
    async fn of(user: &str) -> Self {
        let body = format!("{{\"user\":\"{user}\"}}");
        let tokens = post(URL, "/demo/sign-in", &body, "").await.expect("a gateway with --demo");
        let token =
            Reflect::get(&tokens, &"accessToken".into()).unwrap().as_string().expect("an access token");
        let client = Self::at(URL);
        client.log.borrow_mut().token = token;
        client
    }

    fn at(url: &str) -> Self {
        let recorder = Recorder::default();
        let log = Rc::clone(&recorder.0);
        Self { driver: Driver::new(Box::new(recorder), url.to_owned(), "token".to_owned(), CONFIG), log }
    }

    /// Answers token requests until `holds`, which is looked at before the browser has its turn, so that no
    /// state is missed that the answer leads to. The test runner ends what never holds.
    async fn until(&self, holds: impl Fn(&Log) -> bool) {
        loop {
            self.answer_token_requests();
            if holds(&self.log.borrow()) {
                return;
            }
            TimeoutFuture::new(5).await;
        }
    }

    fn answer_token_requests(&self) {
        let requested = std::mem::take(&mut self.log.borrow_mut().requested);
        let token = self.log.borrow().token.clone();
        for generation in requested {
            self.driver.token_ready(generation, Some(token.clone()));
        }
    }

    async fn opened(&self) {
        self.until(|log| log.snapshots.last().is_some_and(is_open)).await;
    }

    async fn trouble(&self, path: &str, body: &str) {
        let token = self.log.borrow().token.clone();
        post(URL, path, body, &token).await.expect("the gateway's demo endpoints");
    }
}

fn is_open(snapshot: &Snapshot) -> bool {
    matches!(snapshot.state, State::Open { .. })
}

#[wasm_bindgen_test]
async fn connects_and_gets_an_answer() {
    let client = Client::of("browser-echo").await;
    client.driver.open();
    client.opened().await;
    client.driver.send(MessageId(1), JsString::from(r#"{"action":"echo","id":1}"#));
    client.until(|log| !log.messages.is_empty()).await;
    assert!(client.log.borrow().messages[0].contains(r#""action":"echo""#));
    assert_eq!(client.log.borrow().settled, [Ok(())]);
    assert_eq!(client.log.borrow().transmitted, [MessageId(1)]);
}

#[wasm_bindgen_test]
async fn comes_back_after_the_connection_broke() {
    let client = Client::of("browser-drop").await;
    client.driver.open();
    client.opened().await;
    client.trouble("/demo/drop", "").await;
    client.until(|log| log.snapshots.iter().any(|now| now.why == Why::SocketClosed(1006))).await;
    client.opened().await;
}

#[wasm_bindgen_test]
async fn a_message_sent_while_waiting_is_answered_after_the_reconnect() {
    let client = Client::of("browser-queue").await;
    client.driver.open();
    client.opened().await;
    client.trouble("/demo/drop", "").await;
    client.until(|log| log.snapshots.iter().any(|now| now.retry_in_ms.is_some())).await;
    client.driver.send(MessageId(1), JsString::from(r#"{"action":"echo"}"#));
    client.until(|log| !log.messages.is_empty()).await;
}

#[wasm_bindgen_test]
async fn a_refused_token_is_a_failed_handshake_and_is_tried_again() {
    let client = Client::at(URL);
    client.log.borrow_mut().token = "garbage".to_owned();
    client.driver.open();
    client.until(|log| log.problems.len() >= 2).await;
    assert_eq!(client.log.borrow().problems[..2], [Problem::HandshakeFailed; 2]);
}

#[wasm_bindgen_test]
async fn a_url_that_the_browser_refuses_closes_for_good() {
    let client = Client::at("wss://user:in fo@[::1");
    client.driver.open();
    client.until(|log| !log.settled.is_empty()).await;
    assert_eq!(client.log.borrow().settled, [Err(Problem::SocketRefused)]);
    assert_eq!(client.driver.state(), State::Closed);
}

#[wasm_bindgen_test]
async fn close_while_the_handshake_goes_on_is_the_last_that_is_heard() {
    let client = Client::of("browser-close").await;
    client.driver.open();
    client.until(|log| log.snapshots.last().is_some_and(|now| now.why == Why::TokenReady)).await;
    client.driver.close();
    let said = client.log.borrow().snapshots.len();
    // Another client's whole handshake takes longer than the news of this one would.
    let other = Client::of("browser-close").await;
    other.driver.open();
    other.opened().await;
    assert_eq!(client.log.borrow().snapshots.len(), said);
    assert_eq!(client.log.borrow().settled, [Err(Problem::Closed)]);
}

#[wasm_bindgen_test]
async fn dropping_the_driver_closes_its_socket() {
    let client = Client::of("browser-dropped").await;
    client.driver.open();
    client.opened().await;
    let Client { driver, log } = client;
    drop(driver);
    // The gateway knows of one connection fewer as soon as this answer says so.
    let token = log.borrow().token.clone();
    loop {
        let dropped = post(URL, "/demo/drop", "", &token).await.unwrap();
        if Reflect::get(&dropped, &"dropped".into()).unwrap().as_f64() == Some(0.0) {
            break;
        }
        TimeoutFuture::new(5).await;
    }
}
