//! What the log and the status page are told, and what not.

mod support;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use everwire_backend::FunctionError;
use everwire_gateway::{Config, Gateway, Happening, Stop, What};
use futures_util::FutureExt;
use serde_json::Value;
use support::{Client, Script, fail, ok, policy, within};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

type Seen = Arc<Mutex<Vec<Happening>>>;

/// Runs a gateway while `use_it` does, and gives what happened.
async fn happenings<F: Future<Output = ()>>(
    script: Script,
    use_it: impl FnOnce(SocketAddr) -> F,
) -> Vec<What> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let gateway = Gateway::new(address, script.api(), Config::default(), Arc::new(script));
    let seen = Seen::default();
    let observed = Arc::clone(&seen);
    gateway.observe(Box::new(move |happening| observed.lock().unwrap().push(happening.clone())));
    let stop = CancellationToken::new();
    let until = stop.clone().cancelled_owned().map(|()| Stop::GoAway);
    let serving = tokio::spawn(gateway.serve(listener, axum::Router::new(), until));
    use_it(address).await;
    stop.cancel();
    within("the gateway's end", serving).await.unwrap().unwrap();
    let seen = seen.lock().unwrap();
    seen.iter().map(|happening| happening.what.clone()).collect()
}

fn failures(happenings: &[What]) -> Vec<(&str, &str)> {
    let mut failures = Vec::new();
    for what in happenings {
        if let What::FunctionFailed { function, error } = what {
            failures.push((function.as_str(), error.as_str()));
        }
    }
    failures
}

/// Fails with the token in its words, as functions do that say what they were asked.
fn cites_its_event(event: Value) -> Result<Value, FunctionError> {
    Err(FunctionError::new(format!("cannot read {}", event["queryStringParameters"])))
}

#[tokio::test]
async fn a_token_that_a_function_cites_is_not_told() {
    for token in ["eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln", "an-opaque-token"] {
        for name in ["authorizer", "$connect"] {
            let script = match name {
                "authorizer" => Script::new(),
                _ => Script::new().answering("authorizer", policy("Allow", "*")),
            };
            let happened = happenings(script.on(name, cites_its_event), async |address| {
                let handshake = Client::try_connect(&format!("http://{address}/dev?token={token}")).await;
                assert!(handshake.is_none());
            })
            .await;
            assert_eq!(failures(&happened), [(name, r#"cannot read {"token":"(hidden)"}"#)]);
        }
    }
}

#[tokio::test]
async fn a_client_that_closes_with_its_token_as_the_reason_does_not_put_it_on_the_page() {
    let happened = happenings(Script::new(), async |address| {
        let client = Client::connect(&format!("ws://{address}/dev")).await;
        client.close(4000, "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln").await;
    })
    .await;
    let told = |what: &What| matches!(what, What::Disconnected { reason, .. } if reason == "(hidden)");
    assert!(happened.iter().any(told), "{happened:?}");
}

#[tokio::test]
async fn unauthorized_is_an_answer_of_the_authorizer_and_a_failure_of_every_other_function() {
    let unauthorized = |_| Err(FunctionError::unauthorized());
    let happened = happenings(Script::new().on("authorizer", unauthorized), async |address| {
        assert!(Client::try_connect(&format!("http://{address}/dev?token=x")).await.is_none());
    })
    .await;
    assert_eq!(failures(&happened), []);
    assert!(matches!(happened[..], [What::Refused { status: 401 }]), "{happened:?}");
    let happened = happenings(Script::new().on("$connect", unauthorized), async |address| {
        assert!(Client::try_connect(&format!("http://{address}/dev")).await.is_none());
    })
    .await;
    assert_eq!(failures(&happened), [("$connect", "Unauthorized")]);
}

#[tokio::test]
async fn a_connections_life_is_told_from_its_beginning_to_its_end() {
    let script = Script::new().on("$connect", ok).on("ping", ok).on("broken", fail);
    let happened = happenings(script, async |address| {
        let mut client = Client::connect(&format!("ws://{address}/dev")).await;
        client.send(r#"{"action":"ping"}"#).await;
        client.send(r#"{"action":"dance"}"#).await;
        client.text().await;
        client.send(r#"{"action":"broken"}"#).await;
        client.text().await;
        client.close(1000, "done").await;
    })
    .await;
    assert!(matches!(happened.first(), Some(What::Connected)), "{happened:?}");
    let message = What::Message { route: "ping".to_owned(), bytes: 17 };
    assert!(happened.contains(&message) && happened.contains(&What::NoRoute { bytes: 18 }), "{happened:?}");
    assert_eq!(failures(&happened), [("broken", "boom")]);
    let last = happened.last();
    assert!(
        matches!(last, Some(What::Disconnected { code: 1000, reason, .. }) if reason == "done"),
        "{last:?}"
    );
}
