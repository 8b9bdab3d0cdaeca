//! Random input: whatever comes, no task of the gateway panics, and it answers the next client. The number of inputs
//! tried is printed.

mod support;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use everwire_gateway::Config;
use proptest::prelude::*;
use proptest::test_runner::{Config as Runs, TestRunner};
use serde_json::{Value, json};
use support::panics::Watched;
use support::raw::{Raw, frame};
use support::{Running, Script, ok, policy, within};
use tokio_util::task::TaskTracker;

/// Runs a property for so many inputs, and says how many there were.
fn for_all<S: Strategy>(what: &str, cases: u32, inputs: S, test: impl Fn(S::Value)) {
    let runs = Runs { cases, failure_persistence: None, ..Runs::default() };
    TestRunner::new(runs)
        .run(&inputs, |input| {
            test(input);
            Ok(())
        })
        .unwrap();
    println!("{cases} {what}");
}

/// Stops the gateway, which waits for all its tasks, and fails if one of them has panicked.
fn stop(gateway: &Running, watched: &Watched) {
    watched.runtime.block_on(gateway.stop());
    watched.assert_no_panic();
}

/// Fails unless all connections end, the next client is answered, and no task has panicked.
fn assert_unharmed(gateway: &Running, connections: &TaskTracker, watched: &Watched) {
    connections.close();
    watched.runtime.block_on(within("the connections' ends", connections.wait()));
    watched.runtime.block_on(gateway.assert_alive());
    stop(gateway, watched);
}

/// More connections and messages per second than AWS would let in.
fn unlimited() -> Config {
    Config { connections_per_second: 0, requests_per_second: 0, ..Config::default() }
}

#[test]
fn any_bytes_on_an_open_socket_leave_the_gateway_alive() {
    let watched = Watched::new();
    let runtime = &watched.runtime;
    let gateway = runtime.block_on(Running::backend_config(None, unlimited()));
    let connections = TaskTracker::new();
    // Most bytes begin no frame: whole and broken-off ones of every kind are as many.
    let first =
        prop_oneof![any::<u8>(), prop::sample::select(vec![0, 1, 2, 0x80, 0x81, 0x82, 0x88, 0x89, 0x8a])];
    let well_framed = (first, prop::collection::vec(any::<u8>(), 0..300))
        .prop_map(|(first, payload)| frame(first, &payload));
    let frames = prop::collection::vec(well_framed, 0..6).prop_map(|frames| frames.concat());
    let bytes = prop::collection::vec(any::<u8>(), 0..400);
    for_all("byte strings as frames", 600, prop_oneof![bytes, frames], |bytes| {
        runtime.block_on(async {
            let mut raw = Raw::open(gateway.address, "alice").await;
            raw.write(&bytes).await;
            connections.spawn(raw.end());
        });
    });
    assert_unharmed(&gateway, &connections, &watched);
}

#[test]
fn any_bytes_as_an_http_request_leave_the_gateway_alive() {
    let watched = Watched::new();
    let runtime = &watched.runtime;
    let gateway = runtime.block_on(Running::backend_config(None, unlimited()));
    let connections = TaskTracker::new();
    let bytes = prop::collection::vec(any::<u8>(), 0..400);
    let requests = (
        prop::sample::select(vec!["GET", "POST", "PUT", "DELETE", "OPTIONS", "x"]),
        prop::sample::select(vec![
            "/dev",
            "/dev/",
            "/dev/@connections/",
            "/dev/%40connections/AAAAAAAAAAAAAAA=",
            "/dev/@users/",
            "/faults",
            "*",
        ]),
        "\\PC{0,30}",
        prop::collection::vec("[A-Za-z-]{1,20}: [ -~]{0,40}", 0..6),
        prop::collection::vec(any::<u8>(), 0..100),
    );
    let requests = requests.prop_map(|(method, path, more, headers, body)| {
        let headers = headers.join("\r\n");
        let head = format!("{method} {path}{more} HTTP/1.1\r\nHost: x\r\n{headers}\r\n\r\n");
        [head.into_bytes(), body].concat()
    });
    for_all("byte strings as requests", 600, prop_oneof![bytes, requests], |bytes| {
        runtime.block_on(async {
            let mut raw = Raw::connect(gateway.address).await;
            raw.write(&bytes).await;
            connections.spawn(raw.end());
        });
    });
    assert_unharmed(&gateway, &connections, &watched);
}

fn keys(value: &Value) -> BTreeSet<String> {
    value.as_object().unwrap().keys().cloned().collect()
}

#[test]
fn any_headers_and_query_make_an_event_with_the_captured_keys() {
    let watched = Watched::new();
    let runtime = &watched.runtime;
    let script = Script::new().answering("authorizer", policy("Allow", "*")).on("$connect", ok);
    let gateway = runtime.block_on(Running::script_with(script, unlimited()));
    // Visible bytes, tabs and everything beyond ASCII; names as HTTP's grammar has them, none of the handshake's own.
    let value = prop::collection::vec(prop_oneof![Just(b'\t'), 0x20_u8..0x7f, 0x80_u8..=0xff], 0..40);
    let headers = prop::collection::vec(("[xX][A-Za-z0-9!#$%&'*+.^_`|~-]{0,20}", value), 0..8);
    // What a URL may hold; fragments are never sent.
    let query = "[!$-;=?-~]{0,80}";
    for_all("headers and queries", 300, (headers, query), |(headers, query)| {
        runtime.block_on(async {
            let mut handshake = format!(
                "GET /dev?token=t&{query} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
                 Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: WkQgPq2aaLgLt09qzhmA8g==\r\n"
            )
            .into_bytes();
            for (name, value) in headers {
                handshake.extend([name.as_bytes(), b": ", &value, b"\r\n"].concat());
            }
            handshake.extend(b"\r\n");
            let mut raw = Raw::connect(gateway.address).await;
            raw.write(&handshake).await;
            let status = raw.status().await;
            // A later `token=` may be empty.
            if status == Some(401) {
                return;
            }
            assert_eq!(status, Some(101), "{}", String::from_utf8_lossy(&handshake));
            let event = gateway.script.event("$connect").await;
            let expected = [
                "headers",
                "multiValueHeaders",
                "queryStringParameters",
                "multiValueQueryStringParameters",
                "requestContext",
                "isBase64Encoded",
            ];
            assert_eq!(keys(&event), expected.map(str::to_owned).into());
            let context = [
                "routeKey",
                "authorizer",
                "eventType",
                "extendedRequestId",
                "requestTime",
                "messageDirection",
                "stage",
                "connectedAt",
                "requestTimeEpoch",
                "identity",
                "requestId",
                "domainName",
                "connectionId",
                "apiId",
            ];
            assert_eq!(keys(&event["requestContext"]), context.map(str::to_owned).into());
            for (single, multi) in
                [("headers", "multiValueHeaders"), ("queryStringParameters", "multiValueQueryStringParameters")]
            {
                assert_eq!(keys(&event[single]), keys(&event[multi]));
                for (name, value) in event[single].as_object().unwrap() {
                    assert_eq!(event[multi][name].as_array().unwrap().last(), Some(value));
                }
            }
        });
    });
    stop(&gateway, &watched);
}

/// Any JSON, not too deep.
fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,20}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("\\PC{0,12}", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// Any JSON in the place of one part of what an authorizer answers, or of all of it.
fn policies() -> impl Strategy<Value = Value> {
    let places = vec![
        "",
        "/principalId",
        "/policyDocument",
        "/policyDocument/Statement",
        "/policyDocument/Statement/0",
        "/policyDocument/Statement/0/Effect",
        "/policyDocument/Statement/0/Action",
        "/policyDocument/Statement/0/Resource",
        "/context",
    ];
    (prop::sample::select(places), json()).prop_map(|(place, part)| {
        let mut answer = policy("Allow", "*");
        answer["context"] = json!({});
        *answer.pointer_mut(place).unwrap() = part;
        answer
    })
}

/// Any JSON in the place of one part of a proxy integration's result, or of all of it.
fn results() -> impl Strategy<Value = Value> {
    let places = vec!["", "/statusCode", "/headers", "/body", "/isBase64Encoded", "/multiValueHeaders"];
    (prop::sample::select(places), json()).prop_map(|(place, part)| {
        let mut result = json!({"statusCode": 200, "headers": {}, "body": "", "isBase64Encoded": false,
            "multiValueHeaders": {}});
        *result.pointer_mut(place).unwrap() = part;
        result
    })
}

/// A function that answers what the test puts there.
fn answering(
    answer: &Arc<Mutex<Value>>,
) -> impl Fn(Value) -> Result<Value, everwire_backend::FunctionError> + use<> {
    let answer = Arc::clone(answer);
    move |_| Ok(answer.lock().unwrap().clone())
}

#[test]
fn any_answer_of_an_authorizer_lets_in_or_is_refused_with_403_or_500() {
    let watched = Watched::new();
    let runtime = &watched.runtime;
    let answer = Arc::new(Mutex::new(Value::Null));
    let script = Script::new().on("authorizer", answering(&answer));
    let gateway = runtime.block_on(Running::script_with(script, unlimited()));
    for_all("authorizers' answers", 400, policies(), |policy| {
        *answer.lock().unwrap() = policy.clone();
        runtime.block_on(async {
            let mut raw = Raw::connect(gateway.address).await;
            raw.write(Raw::handshake(gateway.address, "alice")).await;
            let status = raw.status().await;
            assert!(matches!(status, Some(101 | 403 | 500)), "{status:?}: {policy}");
            if status == Some(101) {
                let statements = policy["policyDocument"]["Statement"].as_array();
                let allows = statements.is_some_and(|all| all.iter().any(|one| one["Effect"] == "Allow"));
                assert!(policy["principalId"].is_string() && allows, "{policy}");
            }
        });
    });
    stop(&gateway, &watched);
}

#[test]
fn any_result_of_a_route_lets_in_or_is_refused_and_leaves_open_sockets_open() {
    let watched = Watched::new();
    let runtime = &watched.runtime;
    let answer = Arc::new(Mutex::new(Value::Null));
    let script = Script::new().on("$connect", answering(&answer)).on("$default", answering(&answer));
    let gateway = runtime.block_on(async {
        *answer.lock().unwrap() = json!({"statusCode": 200});
        Running::script_with(script, unlimited()).await
    });
    let client = tokio::sync::Mutex::new(runtime.block_on(gateway.connect()));
    for_all("proxy results", 400, results(), |result| {
        *answer.lock().unwrap() = result.clone();
        runtime.block_on(async {
            let mut raw = Raw::connect(gateway.address).await;
            raw.write(Raw::handshake(gateway.address, "alice")).await;
            let status = raw.status().await;
            match status {
                Some(101) => assert!(matches!(result["statusCode"].as_u64(), Some(200..=299)), "{result}"),
                // A client takes no 2xx for a refusal.
                refused => assert!(matches!(refused, Some(300..=599)), "{refused:?}: {result}"),
            }
            client.lock().await.send("x").await;
            gateway.script.event("$default").await;
        });
    });
    *answer.lock().unwrap() = json!("malformed");
    runtime.block_on(async {
        let mut client = client.lock().await;
        client.send("x").await;
        // Those of the random results come first.
        while !client.text().await.contains("Internal server error") {}
    });
    stop(&gateway, &watched);
}
