//! How sockets end, and what `$disconnect` is told.

mod support;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use everwire_gateway::Config;
use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use support::{Client, Running, Script, ok, within};
use tokio::sync::Semaphore;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

async fn gateway() -> Running {
    Running::script(Script::new().on("$connect", ok).on("$disconnect", ok).on("$default", ok)).await
}

async fn told(gateway: &Running) -> (Value, Value) {
    let event = gateway.script.event("$disconnect").await;
    let context = &event["requestContext"];
    (context["disconnectStatusCode"].clone(), context["disconnectReason"].clone())
}

#[tokio::test]
async fn a_clients_own_code_and_reason_are_passed_on() {
    for (code, reason) in [(1000, ""), (1001, "leaving"), (3000, "library"), (4321, "my own reason")] {
        let gateway = gateway().await;
        gateway.connect().await.close(code, reason).await;
        assert_eq!(told(&gateway).await, (code.into(), reason.into()));
    }
}

#[tokio::test]
async fn a_close_frame_without_a_code_is_told_as_1005() {
    let gateway = gateway().await;
    let mut client = gateway.connect().await;
    client.0.close(None).await.unwrap();
    client.closed().await;
    assert_eq!(told(&gateway).await, (1005.into(), "Client-side close frame status not set".into()));
}

#[tokio::test]
async fn a_client_that_vanishes_is_told_as_1006() {
    let gateway = gateway().await;
    drop(gateway.connect().await);
    assert_eq!(told(&gateway).await, (1006.into(), "".into()));
}

#[tokio::test]
async fn a_binary_frame_is_closed_with_1003() {
    let gateway = gateway().await;
    let mut client = gateway.connect().await;
    client.0.send(Message::binary(vec![1, 2, 3])).await.unwrap();
    assert_eq!(client.closed().await.unwrap().0, 1003);
    assert_eq!(told(&gateway).await.0, 1003);
    assert!(!gateway.script.called().await.contains(&"$default".to_owned()));
}

#[tokio::test]
async fn a_text_that_is_not_utf_8_is_closed_with_1007() {
    let gateway = gateway().await;
    let mut client = gateway.connect().await;
    let frame = Frame::message(vec![0xff, 0xfe], OpCode::Data(Data::Text), true);
    client.0.send(Message::Frame(frame)).await.unwrap();
    assert_eq!(client.closed().await.unwrap().0, 1007);
    assert_eq!(told(&gateway).await.0, 1007);
}

#[tokio::test]
async fn a_frame_that_breaks_the_protocol_is_closed_with_1002() {
    let gateway = gateway().await;
    let mut client = gateway.connect().await;
    // A continuation of nothing.
    let frame = Frame::message("x", OpCode::Data(Data::Continue), true);
    client.0.send(Message::Frame(frame)).await.unwrap();
    assert_eq!(client.closed().await.unwrap().0, 1002);
    assert_eq!(told(&gateway).await.0, 1002);
}

#[tokio::test]
async fn a_ping_is_answered_and_reaches_no_function() {
    let gateway = gateway().await;
    let (mut client, _) = gateway.connect_with_id().await;
    client.0.send(Message::Ping("are you there".into())).await.unwrap();
    let pong = within("a pong", client.0.next()).await.unwrap().unwrap();
    assert_eq!(pong, Message::Pong("are you there".into()));
    assert_eq!(gateway.script.called().await, [""; 0]);
}

/// One slot, taken by a function that waits for the gate, and two more messages that wait for the slot.
async fn busy(gate: &Arc<Semaphore>) -> (Running, Client) {
    let script = Script::new().held("$default", gate).on("$disconnect", ok);
    let gateway = Running::script_with(script, Config { concurrent_messages: 1, ..Config::default() }).await;
    let mut client = gateway.connect().await;
    for text in ["1", "2", "3"] {
        client.send(text).await;
    }
    assert_eq!(gateway.script.event("$default").await["body"], "1");
    (gateway, client)
}

#[tokio::test]
async fn a_ping_is_answered_while_every_slot_is_taken() {
    let gate = Arc::new(Semaphore::new(0));
    let (_gateway, mut client) = busy(&gate).await;
    client.0.send(Message::Ping("are you there".into())).await.unwrap();
    let pong = within("a pong", client.0.next()).await.unwrap().unwrap();
    assert_eq!(pong, Message::Pong("are you there".into()));
}

#[tokio::test]
async fn a_close_is_seen_while_every_slot_is_taken_and_what_was_sent_before_is_still_handled() {
    let gate = Arc::new(Semaphore::new(0));
    let (gateway, client) = busy(&gate).await;
    client.close(1000, "").await;
    assert_eq!(told(&gateway).await, (1000.into(), "".into()));
    gate.add_permits(3);
    for text in ["2", "3"] {
        assert_eq!(gateway.script.event("$default").await["body"], text);
    }
}

#[tokio::test]
async fn a_client_that_floods_while_every_slot_is_taken_loses_nothing() {
    let gate = Arc::new(Semaphore::new(0));
    let (gateway, mut client) = busy(&gate).await;
    for n in 4..=500 {
        client.send(&n.to_string()).await;
    }
    gate.add_permits(500);
    for n in 2..=500 {
        assert_eq!(gateway.script.event("$default").await["body"], n.to_string());
    }
}

fn going_away() -> Option<(u16, String)> {
    Some((1001, "Going away".to_owned()))
}

#[tokio::test]
async fn an_idle_connection_is_closed_with_1001_and_pings_do_not_help() {
    let config = Config { idle_timeout: Duration::from_millis(200), ..Config::default() };
    let gateway = Running::script_with(Script::new().on("$disconnect", ok), config).await;
    let mut client = gateway.connect().await;
    let pinging = async {
        loop {
            client.0.send(Message::Ping("are you there".into())).await.unwrap();
            match client.0.next().await {
                Some(Ok(Message::Pong(_))) => tokio::time::sleep(Duration::from_millis(5)).await,
                Some(Ok(Message::Close(Some(frame)))) => break frame,
                other => panic!("no close frame: {other:?}"),
            }
        }
    };
    let frame = within("the close", pinging).await;
    assert_eq!((u16::from(frame.code), frame.reason.as_str()), (1001, "Going away"));
    client.closed().await;
    assert_eq!(told(&gateway).await, (1001.into(), "Going away".into()));
}

/// When something was last sent or received, as the management API tells it; what being idle is measured from.
async fn last_active(gateway: &Running, id: &str) -> String {
    let url = gateway.url(&format!("/dev/@connections/{id}"));
    let connection: serde_json::Value = gateway.http.get(url).send().await.unwrap().json().await.unwrap();
    connection["lastActiveAt"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn messages_in_either_direction_keep_a_connection_from_being_idle() {
    let script = Script::new().on("$connect", ok).on("$default", ok);
    let gateway = Running::script_with(script, Config::default()).await;
    let (mut client, id) = gateway.connect_with_id().await;

    // Until the clock has moved on by its millisecond.
    within("activity by receiving", async {
        let before = last_active(&gateway, &id).await;
        while last_active(&gateway, &id).await == before {
            client.send("x").await;
            gateway.script.event("$default").await;
        }
    })
    .await;
    within("activity by sending", async {
        let before = last_active(&gateway, &id).await;
        while last_active(&gateway, &id).await == before {
            let url = gateway.url(&format!("/dev/@connections/{id}"));
            assert_eq!(gateway.http.post(url).body("x").send().await.unwrap().status(), 200);
            assert_eq!(client.text().await, "x");
        }
    })
    .await;
}

#[tokio::test]
async fn a_connection_that_is_too_old_is_closed_with_1001_however_busy_it_is() {
    let config = Config { connection_duration: Duration::from_millis(200), ..Config::default() };
    let gateway = Running::script_with(Script::new().on("$default", ok).on("$disconnect", ok), config).await;
    let (mut sink, mut stream) = gateway.connect().await.0.split();
    let sending = tokio::spawn(async move {
        while sink.send(Message::text("x")).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    match within("the close", stream.next()).await {
        Some(Ok(Message::Close(Some(frame)))) => {
            assert_eq!((u16::from(frame.code), frame.reason.as_str()), (1001, "Going away"));
        }
        other => panic!("no close frame: {other:?}"),
    }
    within("the end of sending", sending).await.unwrap();
    assert_eq!(told(&gateway).await, (1001.into(), "Going away".into()));
}

#[tokio::test]
async fn a_gateway_that_stops_says_going_away_and_runs_every_disconnect() {
    let gateway = gateway().await;
    let mut clients = Vec::new();
    for _ in 0..5 {
        clients.push(gateway.connect().await);
    }
    let watching: Vec<_> =
        clients.into_iter().map(|mut client| tokio::spawn(async move { client.closed().await })).collect();
    gateway.stop().await;
    for client in watching {
        assert_eq!(client.await.unwrap(), going_away());
    }
    let called = gateway.script.called().await;
    assert_eq!(called.iter().filter(|name| *name == "$disconnect").count(), 5);
}

#[tokio::test]
async fn a_gateway_that_is_to_be_started_again_says_service_restart() {
    let gateway = gateway().await;
    let mut client = gateway.connect().await;
    let watching = tokio::spawn(async move { client.closed().await });
    gateway.restart().await;
    assert_eq!(watching.await.unwrap(), Some((1012, "Service restart".to_owned())));
}

#[tokio::test]
async fn a_client_over_the_limit_of_messages_is_closed_with_1008_and_others_are_not() {
    let config = Config { requests_per_second: 1, request_burst: 3, ..Config::default() };
    let script = Script::new().on("$connect", ok).on("$disconnect", ok).on("$default", ok);
    let gateway = Running::script_with(script, config).await;
    let (mut flooding, _quiet) = (gateway.connect().await, gateway.connect().await);
    for _ in 0..20 {
        // The socket may be closed by now.
        let _ = flooding.0.send(Message::text("x")).await;
    }
    assert_eq!(flooding.closed().await, Some((1008, "Too many requests".to_owned())));
    assert_eq!(told(&gateway).await, (1008.into(), "Too many requests".into()));
    assert!(!gateway.script.called().await.contains(&"$disconnect".to_owned()));
}

async fn ping(client: &mut Client) {
    client.0.send(Message::Ping(Vec::new().into())).await.unwrap();
    assert!(matches!(within("a pong", client.0.next()).await, Some(Ok(Message::Pong(_)))));
}

#[tokio::test]
async fn what_was_accepted_for_a_client_arrives_before_the_gateway_closes_it() {
    let gateway = gateway().await;
    let (mut client, id) = gateway.connect_with_id().await;
    let url = gateway.url(&format!("/dev/@connections/{id}"));
    let mut accepted = 0;
    // As many as wait for a client that does not read: then the gateway has some in its queue.
    while gateway.http.post(&url).body("x".repeat(100_000)).send().await.unwrap().status() == 200 {
        accepted += 1;
    }
    let reading = tokio::spawn(async move {
        let mut arrived = 0;
        while let Some(Ok(frame)) = client.0.next().await {
            arrived += usize::from(frame.is_text());
            if frame.is_close() {
                return Some(arrived);
            }
        }
        None
    });
    gateway.stop().await;
    assert_eq!(within("the close frame", reading).await.unwrap(), Some(accepted));
}

#[tokio::test]
async fn messages_that_wait_for_a_slot_are_handled_before_the_gateway_ends() {
    let gate = Arc::new(Semaphore::new(0));
    let (gateway, mut client) = busy(&gate).await;
    for _ in 0..10 {
        client.send("x").await;
    }
    // Answered in order, so everything before has arrived.
    client.0.send(Message::Ping(Vec::new().into())).await.unwrap();
    within("the pong", client.0.next()).await.unwrap().unwrap();
    gateway.script.called().await;
    gate.add_permits(100);
    gateway.stop().await;
    let called = gateway.script.called().await;
    assert!(called.iter().filter(|name| *name == "$default").count() >= 10, "{called:?}");
}

#[tokio::test]
async fn pings_keep_a_connection_from_being_idle_when_asked_to_and_only_then() {
    let gateway = |pings_are_activity| {
        let config = Config { pings_are_activity, ..Config::default() };
        Running::script_with(Script::new().on("$connect", ok), config)
    };
    let asked_to = gateway(true).await;
    let (mut client, id) = asked_to.connect_with_id().await;
    let before = last_active(&asked_to, &id).await;
    let pings = within("activity by pinging", async {
        let mut pings = 0;
        while last_active(&asked_to, &id).await == before {
            ping(&mut client).await;
            pings += 1;
        }
        pings
    })
    .await;

    let usual = gateway(false).await;
    let (mut client, id) = usual.connect_with_id().await;
    let (before, began) = (last_active(&usual, &id).await, Instant::now());
    // As many pings, over more than the millisecond that the clock tells apart.
    let mut sent = 0;
    while sent < pings || began.elapsed() < Duration::from_millis(5) {
        ping(&mut client).await;
        sent += 1;
    }
    assert_eq!(last_active(&usual, &id).await, before);
}

#[tokio::test]
async fn a_client_that_answers_nothing_does_not_keep_the_gateway_from_stopping() {
    let gateway = gateway().await;
    let silent = gateway.connect().await;
    let idle_http = tokio::net::TcpStream::connect(gateway.address).await.unwrap();
    gateway.stop().await;
    drop((silent, idle_http));
}

#[tokio::test]
async fn the_store_forgets_a_connection_however_it_ends() {
    let gateway = Running::backend().await;
    let mut watching = gateway.connect_as("alice").await;
    let leaving = gateway.connect_as("alice").await;
    drop(leaving);
    let delivered = || async {
        let report = gateway.push("alice", "1").await;
        (report["delivered"] == 1 && report["gone"] == 0).then_some(())
    };
    support::until("one connection left", delivered).await;
    assert_eq!(watching.text().await, "1");
}

#[tokio::test]
async fn a_thousand_short_connections_leave_nothing_behind() {
    // More at once than AWS would let in.
    let config = Config { connections_per_second: 0, ..Config::default() };
    let script = Script::new().on("$connect", ok).on("$disconnect", ok).on("$default", ok);
    let gateway = Running::script_with(script, config).await;
    for _ in 0..20 {
        let clients = (0..50).map(|_| async {
            let client: Client = gateway.connect().await;
            client.close(1000, "").await;
        });
        futures_util::future::join_all(clients).await;
    }
    let mut ids = BTreeSet::new();
    for (function, event) in gateway.script.calls().await {
        if function == "$connect" {
            ids.insert(event["requestContext"]["connectionId"].as_str().unwrap().to_owned());
        }
    }
    assert_eq!(ids.len(), 1000);
    for id in ids {
        let url = gateway.url(&format!("/dev/@connections/{id}"));
        let gone = || async { (gateway.http.get(&url).send().await.unwrap().status() == 410).then_some(()) };
        support::until("the connection's end", gone).await;
    }
}
