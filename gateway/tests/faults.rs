//! Faults on purpose: what each does, to whom, and how it ends.

mod support;

use std::sync::Arc;
use std::time::{Duration, Instant};

use everwire_gateway::serve::{self, Options, ServeError, Server};
use everwire_gateway::{Config, Stop};
use futures_util::{FutureExt, SinkExt};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use support::raw::Raw;
use support::{Client, Running, Script, ok, policy, secret, until, within};
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_tungstenite::tungstenite::Message;

/// Everybody is let in as the user that the token names.
fn script() -> Script {
    Script::new()
        .on("authorizer", |event| {
            let mut answer = policy("Allow", "*");
            answer["principalId"] = event["queryStringParameters"]["token"].clone();
            Ok(answer)
        })
        .on("$connect", ok)
        .on("$disconnect", ok)
        .on("$default", ok)
}

async fn gateway() -> Running {
    Running::script(script()).await
}

/// A connected client of this user, and its connection id.
async fn connect(gateway: &Running, user: &str) -> (Client, String) {
    let client = Client::connect(&format!("ws://{}/dev?token={user}", gateway.address)).await;
    let event = gateway.script.event("$connect").await;
    (client, event["requestContext"]["connectionId"].as_str().unwrap().to_owned())
}

async fn status(gateway: &Running, user: &str) -> u16 {
    gateway.refused(&format!("/dev?token={user}")).await.0
}

async fn post(gateway: &Running, id: &str, text: &str) -> StatusCode {
    let url = gateway.url(&format!("/dev/@connections/{id}"));
    gateway.http.post(url).body(text.to_owned()).send().await.unwrap().status()
}

async fn listed(gateway: &Running) -> Value {
    let response = gateway.http.get(gateway.url("/faults")).send().await.unwrap();
    response.json::<Value>().await.unwrap()["faults"].take()
}

async fn told(gateway: &Running) -> (Value, Value) {
    let event = gateway.script.event("$disconnect").await;
    let context = &event["requestContext"];
    (context["disconnectStatusCode"].clone(), context["disconnectReason"].clone())
}

/// Both ways work: a message reaches the function, a post the client.
async fn assert_works(gateway: &Running, client: &mut Client, id: &str) {
    client.send("after").await;
    while gateway.script.event("$default").await["body"] != "after" {}
    assert_eq!(post(gateway, id, "pushed after").await, 200);
    while client.text().await != "pushed after" {}
}

/// Sends a handshake over plain TCP.
async fn knock(gateway: &Running, user: &str) -> TcpStream {
    let mut raw = Raw::connect(gateway.address).await;
    raw.write(Raw::handshake_with(gateway.address, user)).await;
    raw.0
}

#[tokio::test]
async fn refuse_answers_every_handshake_with_its_status_before_any_function_is_asked() {
    let gateway = gateway().await;
    gateway.fault(json!({"fault": "refuse", "status": 502})).await;
    assert_eq!((status(&gateway, "alice").await, status(&gateway, "bob").await), (502, 502));
    assert_eq!(gateway.script.called().await, [""; 0]);
    gateway.end_faults().await;
    connect(&gateway, "alice").await;
}

#[tokio::test]
async fn refuse_answers_503_unless_told_otherwise_and_leaves_open_sockets_alone() {
    let gateway = gateway().await;
    let (mut client, id) = connect(&gateway, "alice").await;
    gateway.fault(json!({"fault": "refuse"})).await;
    assert_eq!(status(&gateway, "alice").await, 503);
    assert_works(&gateway, &mut client, &id).await;
}

#[tokio::test]
async fn refuse_of_one_user_comes_after_the_authorizer_and_before_connect() {
    let gateway = gateway().await;
    gateway.fault(json!({"fault": "refuse", "user": "alice"})).await;
    let _bob = connect(&gateway, "bob").await;
    gateway.script.called().await;
    assert_eq!(status(&gateway, "alice").await, 503);
    assert_eq!(gateway.script.called().await, ["authorizer"]);
}

#[tokio::test]
async fn next_counts_handshakes_and_says_what_is_left() {
    let gateway = gateway().await;
    let standing = gateway.fault(json!({"fault": "refuse", "status": 500, "next": 2})).await;
    assert_eq!(standing, json!({"id": 1, "fault": "refuse", "status": 500, "next": 2}));
    assert_eq!(status(&gateway, "alice").await, 500);
    assert_eq!(listed(&gateway).await, json!([{"id": 1, "fault": "refuse", "status": 500, "next": 1}]));
    assert_eq!(status(&gateway, "bob").await, 500);
    assert_eq!(listed(&gateway).await, json!([]));
    connect(&gateway, "alice").await;
}

#[tokio::test]
async fn next_of_one_user_counts_only_that_users_handshakes() {
    let gateway = gateway().await;
    gateway.fault(json!({"fault": "deny", "user": "alice", "next": 1})).await;
    connect(&gateway, "bob").await;
    assert_eq!(status(&gateway, "alice").await, 403);
    connect(&gateway, "alice").await;
}

#[tokio::test]
async fn deny_answers_403_to_everybody_or_one_user() {
    let gateway = gateway().await;
    gateway.fault(json!({"fault": "deny"})).await;
    let (code, body) = gateway.refused("/dev?token=alice").await;
    assert!(code == 403 && body.contains(r#"{"message": "Forbidden""#), "{body}");
    gateway.end_faults().await;
    gateway.fault(json!({"fault": "deny", "user": "alice"})).await;
    assert_eq!(status(&gateway, "alice").await, 403);
    connect(&gateway, "bob").await;
}

#[tokio::test]
async fn the_fault_that_was_asked_for_first_happens() {
    let gateway = gateway().await;
    gateway.fault(json!({"fault": "refuse", "status": 500, "next": 1})).await;
    gateway.fault(json!({"fault": "deny"})).await;
    assert_eq!((status(&gateway, "alice").await, status(&gateway, "alice").await), (500, 403));
}

const DELAY: Duration = Duration::from_millis(300);

#[tokio::test]
async fn delay_holds_the_next_handshakes_answer_back_a_refusal_too() {
    let gateway = gateway().await;
    gateway.fault(json!({"fault": "delay", "ms": 300, "next": 2})).await;
    let asked = Instant::now();
    let (mut client, id) = connect(&gateway, "alice").await;
    assert!(asked.elapsed() >= DELAY, "{:?}", asked.elapsed());
    gateway.fault(json!({"fault": "deny", "next": 1})).await;
    let asked = Instant::now();
    assert_eq!(status(&gateway, "alice").await, 403);
    assert!(asked.elapsed() >= DELAY, "{:?}", asked.elapsed());
    assert_eq!(listed(&gateway).await, json!([]));
    // Frames are not delayed by a fault with next, or this would take minutes.
    gateway.fault(json!({"fault": "delay", "ms": 600_000, "next": 1})).await;
    assert_works(&gateway, &mut client, &id).await;
}

#[tokio::test]
async fn delay_holds_up_every_frame_of_a_connection_either_way_and_keeps_the_order() {
    let gateway = gateway().await;
    let ((mut client, id), (mut other, other_id)) =
        (connect(&gateway, "alice").await, connect(&gateway, "alice").await);
    gateway.fault(json!({"fault": "delay", "ms": 300, "connection": id})).await;
    let sent = Instant::now();
    let texts: Vec<_> = (10..40).map(|n| n.to_string()).collect();
    for text in &texts {
        client.send(text).await;
        assert_eq!(post(&gateway, &id, text).await, 200);
    }
    for text in &texts {
        assert_eq!(client.text().await, *text);
        assert!(sent.elapsed() >= DELAY);
    }
    let mut bodies = Vec::new();
    for _ in &texts {
        bodies.push(gateway.script.event("$default").await["body"].as_str().unwrap().to_owned());
    }
    bodies.sort_unstable();
    assert_eq!(bodies, texts);
    assert!(sent.elapsed() < DELAY * 30, "frames are delayed at once, not one after another");
    // Another connection would wait for minutes.
    gateway.fault(json!({"fault": "delay", "ms": 600_000, "connection": id})).await;
    assert_works(&gateway, &mut other, &other_id).await;
}

#[tokio::test]
async fn delay_holds_up_pongs_and_close_frames() {
    let gateway = gateway().await;
    let (mut client, _) = connect(&gateway, "alice").await;
    gateway.fault(json!({"fault": "delay", "ms": 300, "user": "alice"})).await;
    let sent = Instant::now();
    client.0.send(Message::Ping("x".into())).await.unwrap();
    use futures_util::StreamExt;
    assert_eq!(within("a pong", client.0.next()).await.unwrap().unwrap(), Message::Pong("x".into()));
    assert!(sent.elapsed() >= DELAY);
    let sent = Instant::now();
    gateway.fault(json!({"fault": "close", "code": 4000, "user": "alice"})).await;
    assert_eq!(client.closed().await.unwrap().0, 4000);
    assert!(sent.elapsed() >= DELAY);
}

#[tokio::test]
async fn what_a_delay_holds_up_goes_on_at_once_when_it_ends() {
    let gateway = gateway().await;
    let (mut client, id) = connect(&gateway, "alice").await;
    gateway.fault(json!({"fault": "delay", "ms": 600_000})).await;
    client.send("held").await;
    assert_eq!(post(&gateway, &id, "held too").await, 200);
    gateway.end_faults().await;
    assert_eq!(gateway.script.event("$default").await["body"], "held");
    assert_eq!(client.text().await, "held too");
}

#[tokio::test]
async fn drop_cuts_one_connection_without_a_close_frame() {
    let gateway = gateway().await;
    let ((mut client, id), (mut other, other_id)) =
        (connect(&gateway, "alice").await, connect(&gateway, "alice").await);
    let answer = gateway.fault(json!({"fault": "drop", "connection": id})).await;
    assert_eq!(answer, json!({"fault": "drop", "sockets": 1}));
    assert_eq!(client.closed().await, None);
    assert_eq!(told(&gateway).await, (1006.into(), "".into()));
    assert_works(&gateway, &mut other, &other_id).await;
}

#[tokio::test]
async fn drop_cuts_all_sockets_of_a_user_or_of_everybody_once() {
    let gateway = gateway().await;
    let (mut one, mut two) = (connect(&gateway, "alice").await.0, connect(&gateway, "alice").await.0);
    let mut bob = connect(&gateway, "bob").await.0;
    assert_eq!(gateway.fault(json!({"fault": "drop", "user": "alice"})).await["sockets"], 2);
    assert_eq!((one.closed().await, two.closed().await), (None, None));
    let mut again = connect(&gateway, "alice").await.0;
    until("two sockets", || async {
        let sockets = gateway.fault(json!({"fault": "drop", "user": "nobody"})).await["sockets"].clone();
        (sockets == 0).then_some(())
    })
    .await;
    gateway.fault(json!({"fault": "drop"})).await;
    assert_eq!((bob.closed().await, again.closed().await), (None, None));
    assert_eq!(listed(&gateway).await, json!([]));
    connect(&gateway, "alice").await;
}

#[tokio::test]
async fn drop_with_next_cuts_handshakes_without_an_answer() {
    let gateway = gateway().await;
    gateway.fault(json!({"fault": "drop", "next": 1})).await;
    gateway.fault(json!({"fault": "drop", "user": "bob", "next": 1})).await;
    for user in ["alice", "bob"] {
        let mut answer = Vec::new();
        within("the cut", knock(&gateway, user).await.read_to_end(&mut answer)).await.unwrap();
        assert!(answer.is_empty(), "{answer:?}");
    }
    connect(&gateway, "alice").await;
    connect(&gateway, "bob").await;
}

#[tokio::test]
async fn a_black_hole_swallows_both_directions_and_the_socket_works_again_after_it() {
    let gateway = gateway().await;
    let ((mut client, id), (mut other, other_id)) =
        (connect(&gateway, "alice").await, connect(&gateway, "alice").await);
    let fault = gateway.fault(json!({"fault": "black-hole", "connection": id})).await;
    client.send("lost").await;
    client.0.send(Message::Ping("x".into())).await.unwrap();
    client.send("lost too").await;
    assert_eq!(post(&gateway, &id, "pushed and lost").await, 200);
    // Each of these takes longer than a frame would have taken.
    assert_works(&gateway, &mut other, &other_id).await;
    assert!(futures_util::StreamExt::next(&mut client.0).now_or_never().is_none(), "something came");
    let url = gateway.url(&format!("/faults/{}", fault["id"]));
    assert_eq!(gateway.http.delete(url).send().await.unwrap().status(), 200);

    client.send("after").await;
    assert_eq!(gateway.script.event("$default").await["body"], "after", "what was sent before is lost");
    assert_eq!(post(&gateway, &id, "pushed after").await, 200);
    let texts = async {
        loop {
            match futures_util::StreamExt::next(&mut client.0).await {
                Some(Ok(Message::Text(text))) => return text,
                Some(Ok(Message::Pong(_))) => {}
                other => panic!("no text: {other:?}"),
            }
        }
    };
    assert_eq!(within("a text", texts).await.as_str(), "pushed after");
}

#[tokio::test]
async fn in_a_black_hole_a_connection_becomes_idle_and_its_client_is_told_after_it() {
    let config = Config { idle_timeout: Duration::from_millis(300), ..Config::default() };
    let gate = Arc::new(Semaphore::new(0));
    let gateway = Running::script_with(script().held("$connect", &gate), config).await;
    let url = format!("ws://{}/dev?token=alice", gateway.address);
    let connecting = tokio::spawn(async move { Client::connect(&url).await });
    // Too late for the handshake, and before the connection can be idle.
    gateway.script.event("$connect").await;
    gateway.fault(json!({"fault": "black-hole", "user": "alice"})).await;
    gate.add_permits(1);
    let mut client = connecting.await.unwrap();
    assert_eq!(told(&gateway).await, (1001.into(), "Going away".into()));
    assert!(futures_util::StreamExt::next(&mut client.0).now_or_never().is_none());
    gateway.end_faults().await;
    assert_eq!(client.closed().await, Some((1001, "Going away".to_owned())));
}

#[tokio::test]
async fn a_clients_close_is_seen_when_the_black_hole_has_ended() {
    let gateway = gateway().await;
    let (mut client, id) = connect(&gateway, "alice").await;
    gateway.fault(json!({"fault": "black-hole"})).await;
    client.send("lost").await;
    client.0.close(None).await.unwrap();
    assert_eq!(post(&gateway, &id, "lost").await, 200);
    gateway.end_faults().await;
    client.closed().await;
    assert_eq!(told(&gateway).await.0, 1005);
}

#[tokio::test]
async fn a_black_hole_of_handshakes_answers_none_and_drop_cuts_a_swallowed_socket() {
    let gateway = gateway().await;
    let (mut client, id) = connect(&gateway, "alice").await;
    gateway.script.called().await;
    gateway.fault(json!({"fault": "black-hole"})).await;
    let mut swallowed = knock(&gateway, "bob").await;
    gateway.end_faults().await;
    gateway.fault(json!({"fault": "black-hole", "next": 1})).await;
    let mut swallowed_too = knock(&gateway, "bob").await;
    until("the next one swallowed", || async { (listed(&gateway).await == json!([])).then_some(()) }).await;
    gateway.fault(json!({"fault": "black-hole", "connection": id})).await;
    gateway.fault(json!({"fault": "drop", "connection": id})).await;
    assert_eq!(client.closed().await, None);
    assert!(!gateway.script.called().await.contains(&"authorizer".to_owned()));
    for stream in [&mut swallowed, &mut swallowed_too] {
        assert!(stream.read(&mut [0; 1]).now_or_never().is_none(), "answered or cut");
    }
    gateway.stop().await;
}

#[tokio::test]
async fn close_closes_with_its_code_and_reason_whoever_is_meant() {
    let gateway = gateway().await;
    let (mut one, id) = connect(&gateway, "alice").await;
    let ((mut two, _), (mut bob, _)) = (connect(&gateway, "alice").await, connect(&gateway, "bob").await);
    let close = |code: u16, target: Value| {
        let mut fault = json!({"fault": "close", "code": code, "reason": "on purpose"});
        fault.as_object_mut().unwrap().extend(target.as_object().unwrap().clone());
        fault
    };
    for (client, code, target) in [
        (&mut one, 4001, json!({"connection": id})),
        (&mut two, 1011, json!({"user": "alice"})),
        (&mut bob, 1012, json!({})),
    ] {
        assert_eq!(gateway.fault(close(code, target)).await["sockets"], 1);
        assert_eq!(client.closed().await, Some((code, "on purpose".to_owned())));
        assert_eq!(told(&gateway).await, (code.into(), "on purpose".into()));
    }
    gateway.fault(close(4002, json!({"next": 1}))).await;
    assert_eq!(connect(&gateway, "alice").await.0.closed().await.unwrap().0, 4002);
    gateway.fault(close(4003, json!({"next": 1, "user": "bob"}))).await;
    let (mut alice, alices) = connect(&gateway, "alice").await;
    assert_eq!(connect(&gateway, "bob").await.0.closed().await.unwrap().0, 4003);
    assert_works(&gateway, &mut alice, &alices).await;
}

#[tokio::test]
async fn throttle_answers_429_to_handshakes_and_posts_and_closes_with_1008() {
    let gateway = gateway().await;
    let ((mut client, id), (mut bob, bobs)) =
        (connect(&gateway, "alice").await, connect(&gateway, "bob").await);
    gateway.fault(json!({"fault": "throttle", "user": "alice"})).await;
    assert_eq!(status(&gateway, "alice").await, 429);
    assert_eq!(post(&gateway, &id, "x").await, 429);
    client.send("x").await;
    assert_eq!(client.closed().await.unwrap().0, 1008);
    assert_works(&gateway, &mut bob, &bobs).await;

    gateway.fault(json!({"fault": "throttle", "connection": bobs})).await;
    assert_eq!(post(&gateway, &bobs, "x").await, 429);
    connect(&gateway, "bob").await;
    gateway.end_faults().await;
    gateway.fault(json!({"fault": "throttle", "next": 1})).await;
    assert_eq!(post(&gateway, &bobs, "x").await, 200, "next is for handshakes");
    assert_eq!(status(&gateway, "bob").await, 429);
    connect(&gateway, "bob").await;
}

#[tokio::test]
async fn faults_are_listed_and_ended_one_by_one_and_one_of_a_connection_ends_with_it() {
    let gateway = gateway().await;
    let (client, id) = connect(&gateway, "alice").await;
    let first = gateway.fault(json!({"fault": "delay", "ms": 1, "connection": id})).await;
    let second = gateway.fault(json!({"fault": "deny", "user": "bob"})).await;
    assert_eq!(listed(&gateway).await, json!([first, second]));
    client.close(1000, "").await;
    until("one left", || async { (listed(&gateway).await == json!([second])).then_some(()) }).await;
    let delete = async |id: &str| {
        gateway.http.delete(gateway.url(&format!("/faults/{id}"))).send().await.unwrap().status()
    };
    for (id, status) in [("2", 200), ("2", 404), ("99", 404), ("x", 404)] {
        assert_eq!(delete(id).await, status, "{id}");
    }
    connect(&gateway, "bob").await;
}

#[tokio::test]
async fn a_fault_ends_with_its_connection_even_if_the_client_leaves_before_the_handshakes_answer() {
    let gateway = gateway().await;
    gateway.fault(json!({"fault": "delay", "ms": 1000, "next": 1})).await;
    let leaving = knock(&gateway, "alice").await;
    let event = gateway.script.event("$connect").await;
    let fault = json!({"fault": "black-hole", "connection": event["requestContext"]["connectionId"]});
    until("the connection known", || async {
        let request = gateway.http.post(gateway.url("/faults")).body(fault.to_string());
        (request.send().await.unwrap().status() == 201).then_some(())
    })
    .await;
    drop(leaving);
    assert_eq!(told(&gateway).await, (1006.into(), "".into()));
    until("no fault left", || async { (listed(&gateway).await == json!([])).then_some(()) }).await;
}

#[tokio::test]
async fn a_fault_that_is_asked_for_while_its_connection_ends_does_not_outlive_it() {
    let gateway = gateway().await;
    for _ in 0..50 {
        let (client, id) = connect(&gateway, "alice").await;
        let fault = json!({"fault": "delay", "ms": 1, "connection": id}).to_string();
        let ask = gateway.http.post(gateway.url("/faults")).body(fault).send();
        let ((), answer) = tokio::join!(client.close(1000, ""), ask);
        assert!(matches!(answer.unwrap().status().as_u16(), 201 | 404));
    }
    until("no fault left", || async { (listed(&gateway).await == json!([])).then_some(()) }).await;
}

#[tokio::test]
async fn a_black_hole_of_one_connection_keeps_its_close_frame_back() {
    let gateway = gateway().await;
    let (mut client, id) = connect(&gateway, "alice").await;
    gateway.fault(json!({"fault": "black-hole", "connection": id})).await;
    gateway.fault(json!({"fault": "close", "code": 4000, "connection": id})).await;
    assert_eq!(told(&gateway).await, (4000.into(), "".into()));
    assert!(futures_util::StreamExt::next(&mut client.0).now_or_never().is_none());
    gateway.end_faults().await;
    assert_eq!(client.closed().await.unwrap().0, 4000);
}

#[tokio::test]
async fn a_connection_that_is_not_open_is_answered_with_404_and_nonsense_with_400() {
    let gateway = gateway().await;
    let cases = [
        (r#"{"fault":"drop","connection":"AAAAAAAAAAAAAAA="}"#, 404, "none is open with this id"),
        (r#"{"fault":"dorp"}"#, 400, r#"did you mean \"drop\"?"#),
        (r#"{"fault":"refuse","next":0}"#, 400, "next: a whole number"),
        ("", 400, "no fault"),
        ("\u{0}", 400, "no fault"),
    ];
    for (body, status, words) in cases {
        let response = gateway.http.post(gateway.url("/faults")).body(body).send().await.unwrap();
        assert_eq!(response.status(), status, "{body}");
        let text = response.text().await.unwrap();
        assert!(text.contains(words), "{text}");
    }
}

#[tokio::test]
async fn pages_of_other_sites_and_rebound_names_may_not_ask() {
    let gateway = gateway().await;
    for (name, value) in [("Origin", "https://evil.example"), ("Host", "evil.example")] {
        let request = gateway.http.post(gateway.url("/faults")).header(name, value);
        assert_eq!(request.body(r#"{"fault":"deny"}"#).send().await.unwrap().status(), 403);
    }
    connect(&gateway, "alice").await;
}

#[tokio::test]
async fn a_gateway_that_stops_waits_for_nothing_that_a_fault_holds_up() {
    let gateway = gateway().await;
    let (mut delayed, _) = connect(&gateway, "alice").await;
    let (mut swallowed, id) = connect(&gateway, "bob").await;
    gateway.fault(json!({"fault": "delay", "ms": 600_000, "user": "alice"})).await;
    gateway.fault(json!({"fault": "delay", "ms": 600_000, "next": 1})).await;
    delayed.send("held").await;
    let mut waiting = knock(&gateway, "carol").await;
    until("carol's connect", || async {
        gateway.script.called().await.contains(&"$connect".to_owned()).then_some(())
    })
    .await;
    gateway.fault(json!({"fault": "black-hole", "connection": id})).await;
    gateway.stop().await;
    assert_eq!(swallowed.closed().await, None);
    assert_eq!(delayed.closed().await, Some((1001, "Going away".to_owned())));
    let mut answer = String::new();
    let _ = within("carol's answer", waiting.read_to_string(&mut answer)).await;
    let disconnects = gateway.script.called().await;
    assert_eq!(disconnects, ["$disconnect"; 3]);
}

#[tokio::test]
async fn the_program_serves_faults_when_it_is_asked_to() {
    use support::program::Program;
    let folder = tempfile::tempdir().unwrap();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    for (arguments, expected) in [(&[][..], 403), (&["--faults"], 201), (&["--demo"], 201)] {
        let program = Program::serve(folder.path(), "127.0.0.1:0", arguments).await;
        let url = format!("http://{}/faults", program.host);
        let answer = http.post(url).body(r#"{"fault":"deny"}"#).send().await.unwrap();
        assert_eq!(answer.status(), expected, "{arguments:?}");
        assert_eq!(Client::try_connect(&program.url("alice")).await.is_some(), expected == 403);
    }
}

fn options(faults: bool) -> Options {
    Options { faults, ..Options::new(secret()) }
}

#[tokio::test]
async fn without_faults_there_are_none_and_with_them_there_is_no_demo() {
    for (faults, expected) in [(false, 403), (true, 201)] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let until = async move {
            let _ = stopped.await;
            Stop::GoAway
        };
        let running = tokio::spawn(serve::run(listener, options(faults), until));
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let url = format!("http://{address}");
        let call = async |method, path, body: &'static str| {
            http.request(method, format!("{url}{path}")).body(body).send().await.unwrap().status()
        };
        assert_eq!(call(Method::POST, "/faults", r#"{"fault":"deny"}"#).await, expected);
        assert_eq!(call(Method::POST, "/demo/sign-in", r#"{"user":"alice"}"#).await, 403);
        stop.send(()).unwrap();
        within("the end", running).await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn faults_are_refused_on_any_other_address_than_loopback() {
    let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();
    let error = Server::new(listener, options(true)).await.err().unwrap();
    assert!(matches!(error, ServeError::FaultsNotLoopback(_)));
    assert!(error.to_string().contains("leave out --faults or --listen"), "{error}");
}

#[tokio::test]
async fn a_stage_cannot_have_the_name_of_an_endpoint_that_is_on() {
    for (stage, faults, demo, is_served) in [
        ("faults", true, None, false),
        ("faults", false, Some(Duration::from_secs(60)), false),
        ("demo", false, Some(Duration::from_secs(60)), false),
        ("demo", true, None, true),
        ("faults", false, None, true),
    ] {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut options = Options { faults, demo, ..Options::new(secret()) };
        options.api.stage = stage.to_owned();
        let served = Server::new(listener, options).await.err();
        assert_eq!(served.is_none(), is_served, "{stage}: {served:?}");
        assert!(served.is_none_or(|error| matches!(error, ServeError::TakenStage(_))));
    }
}
