//! The Rust front end in a real browser, against a real gateway.
//!
//! `npm test -- --only wasm` starts a gateway for it; alone, `wasm-pack test --headless --chrome -- --features web
//! --test browser` uses the one that `npm run gateway` starts.

#![cfg(target_arch = "wasm32")]

mod front_end;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use everwire::browser::{
    BuildError, Client, Loss, MessageError, Report, RequestError, SendError, SendOptions, States, TokenError,
};
use everwire::{Config, Diagnosis, Problem, Snapshot, State, Why};
use front_end::{
    CONFIG, URL, User, break_last_socket, listener_count, live_sockets, page, receive, take_sent,
};
use futures_util::{FutureExt, StreamExt};
use gloo_timers::future::TimeoutFuture;
use js_sys::{ArrayBuffer, JSON};
use serde::{Deserialize, Serialize};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

const SOON: Duration = Duration::from_secs(5);

#[derive(Debug, Serialize, Deserialize, PartialEq)]
#[serde(tag = "action", rename_all = "lowercase")]
enum Say {
    Echo { text: String },
}

fn say(text: impl ToString) -> Say {
    Say::Echo { text: text.to_string() }
}

/// The gateway's answer to an echo.
#[derive(Debug, Deserialize, PartialEq)]
struct Echo {
    message: Say,
}

fn echo(text: impl ToString) -> Echo {
    Echo { message: say(text) }
}

/// What has been said on sockets since this was last asked, heartbeats aside.
fn said() -> Vec<String> {
    let parsed =
        |text: String| JSON::parse(&text).ok().and_then(|value| serde_wasm_bindgen::from_value(value).ok());
    take_sent().into_iter().filter_map(parsed).map(|Say::Echo { text }| text).collect()
}

/// What comes before a state like this one. The test runner ends what never comes.
async fn until(states: &mut States, holds: impl Fn(&Snapshot) -> bool) -> Snapshot {
    loop {
        let state = states.next().await.expect("the client lives");
        if holds(&state) {
            return state;
        }
    }
}

fn is_open(snapshot: &Snapshot) -> bool {
    matches!(snapshot.state, State::Open(_))
}

#[wasm_bindgen_test]
async fn a_value_makes_a_round_trip() {
    let client = User::sign_in("web-echo").await.client();
    let mut echoes = client.messages_of::<Echo>("echo");
    client.open().await.unwrap();
    client.send(&say("ä € 𝄞")).await.unwrap();
    assert_eq!(echoes.next().await, Some(Ok(echo("ä € 𝄞"))));
}

#[wasm_bindgen_test]
async fn what_is_sent_before_the_socket_opens_keeps_its_order() {
    take_sent();
    let client = User::sign_in("web-order").await.client();
    let opening = client.open();
    let sendings = ["one", "two", "three"].map(|text| client.send(&say(text)));
    assert_eq!(said(), [""; 0]);
    opening.await.unwrap();
    for sending in sendings {
        sending.await.unwrap();
    }
    assert_eq!(said(), ["one", "two", "three"]);
}

#[wasm_bindgen_test]
async fn a_request_settles_with_its_reply_which_is_no_message() {
    let client = User::sign_in("web-request").await.client();
    let mut messages = client.messages::<Echo>();
    client.open().await.unwrap();
    let replies = futures_util::join!(
        client.request::<Echo>(&say("one"), SOON),
        client.request::<Echo>(&say("two"), SOON)
    );
    assert_eq!(replies, (Ok(echo("one")), Ok(echo("two"))));
    assert!(messages.next().now_or_never().is_none());
}

#[wasm_bindgen_test]
async fn a_request_whose_socket_is_lost_settles_with_unknown() {
    let client = User::sign_in("web-lost").await.client();
    client.open().await.unwrap();
    let lost = client.request::<Echo>(&say("anybody there?"), SOON);
    break_last_socket();
    assert_eq!(lost.await, Err(RequestError::Unknown(Loss::SocketLost)));
    client.open().await.unwrap();
    let closed = client.request::<Echo>(&say("anybody there?"), SOON);
    client.close();
    assert_eq!(closed.await, Err(RequestError::Unknown(Loss::SocketLost)));
    client.open().await.unwrap();
    let dropped = client.request::<Echo>(&say("anybody there?"), SOON);
    drop(client);
    assert_eq!(dropped.await, Err(RequestError::Unknown(Loss::SocketLost)));
}

#[wasm_bindgen_test]
async fn a_request_settles_in_time() {
    let client = User::sign_in("web-late").await.client();
    let never_sent = client.request::<Echo>(&say(1), SOON);
    assert_eq!(never_sent.await, Err(RequestError::Refused(Problem::Closed)));
    let opening = client.open();
    let waiting = client.request::<Echo>(&say(2), Duration::ZERO);
    assert_eq!(waiting.await, Err(RequestError::Refused(Problem::Expired)));
    opening.await.unwrap();
    let sent = client.request::<Echo>(&say(3), Duration::ZERO);
    assert_eq!(sent.await, Err(RequestError::Unknown(Loss::TimedOut)));
}

#[wasm_bindgen_test]
async fn a_request_has_to_be_an_object_and_its_reply_of_the_right_type() {
    let client = User::sign_in("web-types").await.client();
    client.open().await.unwrap();
    let request = client.request::<Echo>("text", SOON).await;
    assert!(matches!(request, Err(RequestError::NotAnObject(_))));
    let request = client.request::<u32>(&say("text"), SOON).await;
    assert!(matches!(request, Err(RequestError::Invalid(_))));
}

#[wasm_bindgen_test]
async fn a_stream_has_a_bound_and_says_what_it_dropped() {
    let client = User::sign_in("web-bound").await.builder().message_bound(2).build().unwrap();
    let mut echoes = client.messages::<Echo>();
    client.open().await.unwrap();
    for number in 0..5 {
        receive(&format!(r#"{{"message":{{"action":"echo","text":"{number}"}}}}"#).into());
    }
    assert_eq!(echoes.next().await, Some(Err(MessageError::Missed(3))));
    assert_eq!(echoes.next().await, Some(Ok(echo(3))));
    assert_eq!(echoes.next().await, Some(Ok(echo(4))));
}

#[wasm_bindgen_test]
async fn a_message_of_another_type_is_said_to_be_one() {
    let client = User::sign_in("web-invalid").await.client();
    let mut numbers = client.messages::<u32>();
    client.open().await.unwrap();
    client.send(&say("no number")).await.unwrap();
    assert!(matches!(numbers.next().await, Some(Err(MessageError::Invalid(_)))));
}

#[wasm_bindgen_test]
async fn comes_back_after_the_connection_broke_and_says_for_how_long() {
    let user = User::sign_in("web-drop").await;
    let client = user.client();
    let mut states = client.states();
    client.open().await.unwrap();
    user.trouble("/demo/drop", "").await;
    let waiting = until(&mut states, |now| now.why == Why::SocketClosed(1006)).await;
    assert!(waiting.retry_in_ms.is_some());
    assert!(until(&mut states, is_open).await.gap_ms.is_some());
}

#[wasm_bindgen_test]
async fn a_rotation_loses_nothing() {
    let client = User::sign_in("web-rotate").await.client();
    let mut echoes = client.messages::<Echo>();
    let mut states = client.states();
    client.open().await.unwrap();
    client.rotate();
    let mut sent = 0;
    while !matches!(
        states.next().now_or_never(),
        Some(Some(Snapshot { why: Why::HandedOver, gap_ms: None, .. }))
    ) {
        client.send(&say(sent)).await.unwrap();
        sent += 1;
        TimeoutFuture::new(2).await;
    }
    client.send(&say(sent)).await.unwrap();
    let mut seen: Vec<Echo> = Vec::new();
    while seen.len() <= sent {
        seen.push(echoes.next().await.unwrap().unwrap());
    }
    // Two sockets may bring them in another order.
    for number in 0..=sent {
        assert!(seen.contains(&echo(number)), "{number} of {sent}");
    }
}

#[wasm_bindgen_test]
async fn answers_to_heartbeats_are_no_messages() {
    let config = Config { heartbeat_ms: 20, heartbeat_required: 1, heartbeat_timeout_ms: 2_000, ..CONFIG };
    let client = User::sign_in("web-heartbeat").await.builder().config(config).build().unwrap();
    let mut messages = client.messages::<Echo>();
    let mut states = client.states();
    client.open().await.unwrap();
    take_sent();
    TimeoutFuture::new(300).await;
    let heartbeats = take_sent();
    assert!(
        heartbeats.len() > 3 && heartbeats.iter().all(|text| text.starts_with(r#"{"action":"ping","id":"#))
    );
    assert!(messages.next().now_or_never().is_none());
    // Only a connection that is never given up has these states and no others.
    let why: Vec<_> =
        std::iter::from_fn(|| states.next().now_or_never().flatten()).map(|now| now.why).collect();
    assert_eq!(why, [Why::Closed, Why::Opened, Why::TokenReady, Why::SocketOpened]);
}

#[wasm_bindgen_test]
async fn the_greeting_goes_first() {
    take_sent();
    let user = User::sign_in("web-greeting").await;
    let client = user
        .builder()
        .greeting(|| async {
            TimeoutFuture::new(20).await;
            Ok::<_, Problem>(say("hello"))
        })
        .build()
        .unwrap();
    let opening = client.open();
    let sending = client.send(&say("after"));
    opening.await.unwrap();
    assert_eq!(said(), [""; 0]);
    sending.await.unwrap();
    assert_eq!(said(), ["hello", "after"]);
}

#[wasm_bindgen_test]
async fn a_message_can_be_taken_back_while_it_waits() {
    let client = User::sign_in("web-cancel").await.client();
    let opening = client.open();
    let sending = client.send(&say("no"));
    sending.cancel();
    assert_eq!(sending.await, Err(SendError::Refused(Problem::Cancelled)));
    opening.await.unwrap();
    let sending = client.send(&say("yes"));
    sending.cancel();
    assert_eq!(sending.await, Ok(()));
}

#[wasm_bindgen_test]
async fn of_one_key_the_latest_message_waits() {
    let client = User::sign_in("web-key").await.client();
    let options = SendOptions { key: 7.try_into().ok(), ..SendOptions::default() };
    let opening = client.open();
    let earlier = client.send_with(&say(1), options);
    let later = client.send_with(&say(2), options);
    opening.await.unwrap();
    assert_eq!(earlier.await, Err(SendError::Refused(Problem::Superseded)));
    assert_eq!(later.await, Ok(()));
}

#[wasm_bindgen_test]
async fn a_socket_that_has_enough_to_send_gets_no_more() {
    take_sent();
    let client = User::sign_in("web-full").await.builder().high_water_bytes(1_000).build().unwrap();
    client.open().await.unwrap();
    // A heartbeat may be in the browser's buffer already.
    let earlier = client.send(&say("e".repeat(2_000)));
    let later = client.send(&say("later"));
    assert_eq!(said(), ["e".repeat(2_000)]);
    assert!(client.buffered_bytes() > 0 && client.queued_bytes() > 0);
    assert_eq!((earlier.await, later.await), (Ok(()), Ok(())));
    assert_eq!(said(), ["later"]);
}

#[wasm_bindgen_test]
async fn what_is_too_big_for_the_service_is_refused() {
    let client = User::sign_in("web-big").await.client();
    client.open().await.unwrap();
    // Two bytes a letter as UTF-8.
    let text = "ä".repeat(16 * 1024);
    assert_eq!(client.send(&say(text)).await, Err(SendError::Refused(Problem::MessageTooBig)));
    assert!(client.is_open());
}

#[wasm_bindgen_test]
async fn many_reconnects_leave_nothing_behind() {
    let client = User::sign_in("web-many").await.client();
    let (sockets, listeners) = (live_sockets(), listener_count());
    let mut pages = 0;
    for round in 0..200 {
        client.reconnect();
        client.open().await.unwrap();
        if round == 100 {
            pages = std::arch::wasm32::memory_size(0);
        }
    }
    assert_eq!(std::arch::wasm32::memory_size(0), pages);
    assert_eq!((live_sockets(), listener_count()), (sockets + 1, listeners));
}

#[wasm_bindgen_test]
async fn a_closed_client_refuses() {
    let client = User::sign_in("web-closed").await.client();
    assert_eq!(client.send(&say(1)).await, Err(SendError::Refused(Problem::Closed)));
    let opening = client.open();
    let sending = client.send(&say(2));
    client.close();
    assert_eq!(opening.await, Err(Problem::Closed));
    assert_eq!(sending.await, Err(SendError::Refused(Problem::Closed)));
    assert_eq!(client.state().state, State::Closed);
    assert_eq!(client.send(&say(3)).await, Err(SendError::Refused(Problem::Closed)));
}

#[wasm_bindgen_test]
async fn dropping_the_last_handle_frees_everything() {
    let user = User::sign_in("web-freed").await;
    let (sockets, listeners) = (live_sockets(), listener_count());
    let client = user.client();
    let other = client.clone();
    let mut messages = client.messages::<Echo>();
    let mut states = client.states();
    client.open().await.unwrap();
    drop(client);
    assert!(other.is_open());
    assert_eq!(live_sockets(), sockets + 1);
    drop(other);
    assert_eq!(live_sockets(), sockets);
    assert_eq!(listener_count(), listeners);
    assert_eq!(messages.next().await, None);
    while states.next().await.is_some() {}
    user.is_gone().await;
}

#[wasm_bindgen_test]
async fn dropping_a_client_settles_what_waits_and_ends_its_token_function() {
    let is_over = Rc::new(Cell::new(false));
    struct Guard(Rc<Cell<bool>>);
    impl Drop for Guard {
        fn drop(&mut self) {
            self.0.set(true);
        }
    }
    let guard = Rc::clone(&is_over);
    let client = Client::builder(URL)
        .token(move |_| {
            let guard = Guard(Rc::clone(&guard));
            async move {
                let _guard = guard;
                std::future::pending().await
            }
        })
        .build()
        .unwrap();
    let opening = client.open();
    let sending = client.send(&say(1));
    TimeoutFuture::new(0).await;
    drop(client);
    assert_eq!(opening.await, Err(Problem::Closed));
    assert_eq!(sending.await, Err(SendError::Refused(Problem::Closed)));
    TimeoutFuture::new(0).await;
    assert!(is_over.get());
}

#[wasm_bindgen_test]
async fn a_client_may_be_called_from_its_token_function() {
    take_sent();
    let user = User::sign_in("web-reentrant").await;
    let slot: Rc<RefCell<Option<Client>>> = Rc::default();
    let (inside, token) = (Rc::clone(&slot), user.token.clone());
    let client = Client::builder(URL)
        .token(move |_| {
            let client = inside.borrow().clone().unwrap();
            client.send(&say("from inside"));
            client.open();
            client.rotate();
            let token = token.clone();
            async move {
                client.send(&say("from its future"));
                Ok(token)
            }
        })
        .config(CONFIG)
        .build()
        .unwrap();
    slot.replace(Some(client.clone()));
    client.open().await.unwrap();
    assert_eq!(said(), ["from inside", "from its future"]);
    // Such a client would hold itself for ever.
    slot.take();
}

#[wasm_bindgen_test]
async fn a_client_may_be_dropped_by_its_token_function() {
    for is_dropped_at_once in [true, false] {
        let slot: Rc<RefCell<Option<Client>>> = Rc::default();
        let (inside, calls) = (Rc::clone(&slot), Cell::new(0));
        let client = Client::builder(URL)
            .token(move |_| {
                calls.set(calls.get() + 1);
                let (inside, is_first) = (Rc::clone(&inside), calls.get() == 1);
                // The second call comes from the timer, where nobody else holds the client.
                if !is_first && is_dropped_at_once {
                    inside.take();
                }
                async move {
                    if !is_first {
                        inside.take();
                    }
                    Err(TokenError::Failed)
                }
            })
            .config(CONFIG)
            .build()
            .unwrap();
        let mut states = client.states();
        let opening = client.open();
        slot.replace(Some(client));
        assert_eq!(opening.await, Err(Problem::Closed));
        while states.next().await.is_some() {}
    }
}

#[wasm_bindgen_test]
async fn a_client_may_be_called_while_its_streams_are_read() {
    let client = User::sign_in("web-tasks").await.client();
    let mut echoes = client.messages::<Echo>();
    let mut states = client.states();
    let sender = client.clone();
    spawn_local(async move {
        until(&mut states, is_open).await;
        sender.send(&say(0));
        sender.rotate();
    });
    client.open().await.unwrap();
    for number in 0..3 {
        assert_eq!(echoes.next().await, Some(Ok(echo(number))));
        client.send(&say(number + 1));
    }
    client.close();
}

#[wasm_bindgen_test]
async fn what_is_no_message_is_reported() {
    let client = User::sign_in("web-frames").await.client();
    let mut messages = client.messages::<Echo>();
    let mut reports = client.reports();
    client.open().await.unwrap();

    receive(&ArrayBuffer::new(3));
    let Some(Report::Binary(data)) = reports.next().await else { panic!("a binary frame") };
    assert_eq!(data.unchecked_into::<ArrayBuffer>().byte_length(), 3);

    receive(&"{".into());
    assert_eq!(reports.next().await, Some(Report::NotJson("{".into())));

    receive(&r#"{"message":"Forbidden","connectionId":"c","requestId":"r"}"#.into());
    let Some(Report::ServiceError(error)) = reports.next().await else { panic!("an error of the service") };
    assert_eq!((error.message.as_str(), error.request_id.as_str()), ("Forbidden", "r"));

    receive(&"".into());
    assert!(messages.next().now_or_never().is_none());
    assert!(client.is_open());
}

#[wasm_bindgen_test]
async fn a_marked_message_comes_once_and_without_its_mark() {
    // A map has everything that there is.
    type Counted = BTreeMap<String, u32>;
    let counted = |n| Some(Ok(Counted::from([("n".to_owned(), n)])));
    let client = User::sign_in("web-marks").await.client();
    let mut messages = client.messages::<Counted>();
    client.open().await.unwrap();
    for _ in 0..2 {
        receive(&r#"{"n":1,"everwire":{"id":"a"}}"#.into());
    }
    receive(&r#"{"n":2,"everwire":{"id":"b"}}"#.into());
    assert_eq!(messages.next().await, counted(1));
    assert_eq!(messages.next().await, counted(2));
}

#[wasm_bindgen_test]
async fn a_server_may_say_when_to_come_back() {
    let client = User::sign_in("web-hint").await.client();
    let mut messages = client.messages::<Echo>();
    let mut states = client.states();
    client.open().await.unwrap();
    receive(&r#"{"everwire":{"retryAfterMs":2345}}"#.into());
    break_last_socket();
    let waiting = until(&mut states, |now| now.retry_in_ms.is_some()).await;
    assert_eq!(waiting.retry_in_ms, Some(2345));
    assert!(client.retry_in().is_some_and(|left| left > Duration::from_secs(1)));
    assert!(messages.next().now_or_never().is_none());
}

#[wasm_bindgen_test]
async fn a_stored_page_has_no_socket_and_gets_one_when_it_is_shown() {
    let client = User::sign_in("web-page").await.client();
    let sockets = live_sockets();
    let mut states = client.states();
    client.open().await.unwrap();
    page("pagehide", true);
    until(&mut states, |now| now.state == State::Suspended).await;
    assert_eq!(live_sockets(), sockets);
    page("pageshow", true);
    until(&mut states, is_open).await;
    client.close();
    page("pagehide", true);
    page("pageshow", true);
    TimeoutFuture::new(50).await;
    assert_eq!(client.state().state, State::Closed);
}

#[wasm_bindgen_test]
async fn an_expired_token_is_suspected_and_refreshed() {
    let user = User::sign_in("web-expired").await;
    let expired = user.expired_token().await;
    let client = Client::builder(URL)
        .token(move |request| {
            let token = if request.is_refresh { user.token.clone() } else { expired.clone() };
            async move { Ok(token) }
        })
        .config(CONFIG)
        .build()
        .unwrap();
    let mut reports = client.reports();
    client.open().await.unwrap();
    let suspected = Report::Problem(Problem::HandshakeFailed(Diagnosis::AuthSuspect));
    assert_eq!(reports.next().await, Some(suspected));
}

#[wasm_bindgen_test]
async fn a_token_that_is_refused_twice_is_refreshed_once() {
    let refreshes = Rc::new(Cell::new(0));
    let counted = Rc::clone(&refreshes);
    let client = Client::builder(URL)
        .token(move |request| {
            counted.set(counted.get() + u32::from(request.is_refresh));
            async { Ok("garbage".to_owned()) }
        })
        .config(CONFIG)
        .build()
        .unwrap();
    let mut reports = client.reports();
    client.open();
    for (diagnosis, refreshed) in
        [(Diagnosis::ServerDown, 0), (Diagnosis::AuthSuspect, 0), (Diagnosis::ServerDown, 1)]
    {
        assert_eq!(reports.next().await, Some(Report::Problem(Problem::HandshakeFailed(diagnosis))));
        assert_eq!(refreshes.get(), refreshed);
    }
}

#[wasm_bindgen_test]
async fn a_user_who_may_not_connect_ends_the_connection() {
    let client = Client::builder(URL).token(|_| async { Err(TokenError::Unauthorized) }).build().unwrap();
    assert_eq!(client.open().await, Err(Problem::Unauthorized));
}

#[wasm_bindgen_test]
fn a_url_that_is_none_makes_no_client() {
    for url in ["", "dev", "https://example.com", "wss://user:in fo@[::1"] {
        assert_eq!(Client::builder(url).build().err(), Some(BuildError::InvalidUrl), "{url}");
    }
}

#[wasm_bindgen_test]
async fn a_client_shows_no_secret() {
    let user = User::sign_in("web-secret").await;
    let client = user.client();
    client.open().await.unwrap();
    let shown = format!("{client:?}");
    assert!(shown.starts_with("Client { state: Open("), "{shown}");
    assert!(!shown.contains(&user.token) && !shown.contains(URL));
}
