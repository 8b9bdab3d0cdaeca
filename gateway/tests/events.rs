//! The event JSON, field by field, against captures of the real service.

mod support;

use std::collections::BTreeSet;

use everwire_gateway::Config;
use everwire_gateway::api::Api;
use serde_json::{Value, json};
use support::{Client, Running, Script, ok, policy};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

/// Captures, with the authorizer's own context left out.
const CONNECT: &str = r#"{"headers":{"Host":"dev.ws-api.example.com","Sec-WebSocket-Key":"WkQgPq2aaLgLt09qzhmA8g==","Sec-WebSocket-Version":"13","User-Agent":"Python/3.8 websockets/10.3","X-Amzn-Trace-Id":"Root=1-630f637c-74d9e0581d71eb9d0ca0b056","X-Forwarded-For":"93.193.144.114","X-Forwarded-Port":"443","X-Forwarded-Proto":"https"},"multiValueHeaders":{},"queryStringParameters":{},"multiValueQueryStringParameters":{},"requestContext":{"routeKey":"$connect","authorizer":{"principalId":"user","integrationLatency":111},"eventType":"CONNECT","extendedRequestId":"Xux7aHf-FiAFqTg=","requestTime":"31/Aug/2022:13:34:52 +0000","messageDirection":"IN","stage":"dev","connectedAt":1661952892072,"requestTimeEpoch":1661952892073,"identity":{"userAgent":"Python/3.8 websockets/10.3","sourceIp":"93.193.144.114"},"requestId":"Xux7aHf-FiAFqTg=","domainName":"dev.ws-api.example.com","connectionId":"Xux7aeaAFiACHZQ=","apiId":"20kmit0mc5"},"isBase64Encoded":false}"#;
const MESSAGE: &str = r#"{"requestContext":{"routeKey":"request","authorizer":{"principalId":"user"},"messageId":"Xux7ceaBliACHZQ=","eventType":"MESSAGE","extendedRequestId":"Xux7cExqliAFojw=","requestTime":"31/Aug/2022:13:34:52 +0000","messageDirection":"IN","stage":"dev","connectedAt":1661952892072,"requestTimeEpoch":1661952892224,"identity":{"userAgent":"Python/3.8 websockets/10.3","sourceIp":"93.193.144.114"},"requestId":"Xux7cExqliAFojw=","domainName":"dev.ws-api.example.com","connectionId":"Xux7aeaAFiACHZQ=","apiId":"20kmit0mc5"},"body":"{\"action\": \"request\"}","isBase64Encoded":false}"#;
const DISCONNECT: &str = r#"{"headers":{"Host":"abcd1234.execute-api.us-east-1.amazonaws.com","x-api-key":"","X-Forwarded-For":"","x-restapi":""},"multiValueHeaders":{"Host":["abcd1234.execute-api.us-east-1.amazonaws.com"],"x-api-key":[""],"X-Forwarded-For":[""],"x-restapi":[""]},"requestContext":{"routeKey":"$disconnect","authorizer":{"principalId":"user"},"disconnectStatusCode":1005,"eventType":"DISCONNECT","extendedRequestId":"ABCD1234=","requestTime":"09/Feb/2024:18:23:28 +0000","messageDirection":"IN","disconnectReason":"Client-side close frame status not set","stage":"prod","connectedAt":1707503007396,"requestTimeEpoch":1707503008941,"identity":{"userAgent":"Python/3.8 websockets/10.3","sourceIp":"192.0.2.1"},"requestId":"ABCD1234=","domainName":"abcd1234.execute-api.us-east-1.amazonaws.com","connectionId":"AAAA1234=","apiId":"abcd1234"},"isBase64Encoded":false}"#;

/// The documentation's example of a REQUEST authorizer's input, with what captures add.
const AUTHORIZER: &str = r#"{"type":"REQUEST","methodArn":"arn:aws:execute-api:us-east-1:123456789012:abcdef123/dev/$connect","headers":{"Connection":"upgrade","content-length":"0"},"multiValueHeaders":{"Connection":["upgrade"],"content-length":["0"]},"queryStringParameters":{},"multiValueQueryStringParameters":{},"stageVariables":{},"requestContext":{"routeKey":"$connect","eventType":"CONNECT","extendedRequestId":"Xux7aHf-FiAFqTg=","requestTime":"31/Aug/2022:13:34:52 +0000","messageDirection":"IN","stage":"dev","connectedAt":1661952892072,"requestTimeEpoch":1661952892073,"identity":{"userAgent":"Python/3.8 websockets/10.3","sourceIp":"93.193.144.114"},"requestId":"Xux7aHf-FiAFqTg=","domainName":"dev.ws-api.example.com","connectionId":"Xux7aeaAFiACHZQ=","apiId":"20kmit0mc5"}}"#;

fn script() -> Script {
    Script::new()
        .answering("authorizer", policy("Allow", "*"))
        .on("$connect", ok)
        .on("$disconnect", ok)
        .on("request", ok)
}

/// Connects as the captured client did.
async fn connect(gateway: &Running, query: &str) -> Client {
    let mut request = format!("ws://{}/dev{query}", gateway.address).into_client_request().unwrap();
    request.headers_mut().insert("User-Agent", "Python/3.8 websockets/10.3".parse().unwrap());
    Client(tokio_tungstenite::connect_async(request).await.unwrap().0)
}

fn keys(value: &Value) -> BTreeSet<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

/// The same keys at every level, none missing and none more, and values of the same kind.
fn assert_same_shape(ours: &Value, capture: &str) {
    assert_alike("event", ours, &serde_json::from_str(capture).unwrap());
}

fn assert_alike(path: &str, ours: &Value, captured: &Value) {
    match (ours, captured) {
        // These are the client's: its keys are what it sent.
        (Value::Object(ours), Value::Object(_))
            if path.ends_with("eaders") || path.ends_with("Parameters") =>
        {
            assert!(ours.values().all(if path.contains("multiValue") {
                Value::is_array
            } else {
                Value::is_string
            }));
        }
        (Value::Object(_), Value::Object(captured)) => {
            assert_eq!(keys(ours), captured.keys().map(String::as_str).collect(), "{path}");
            for (key, captured) in captured {
                assert_alike(&format!("{path}.{key}"), &ours[key], captured);
            }
        }
        _ => assert_eq!(std::mem::discriminant(ours), std::mem::discriminant(captured), "{path}"),
    }
}

/// What every event's context says.
fn assert_context(event: &Value, gateway: &Running, event_type: &str, route_key: &str) {
    let context = &event["requestContext"];
    assert_eq!(context["eventType"], event_type);
    assert_eq!(context["routeKey"], route_key);
    assert_eq!(context["messageDirection"], "IN");
    assert_eq!(context["stage"], "dev");
    assert_eq!(context["domainName"], gateway.address.to_string());
    assert_eq!(
        context["identity"],
        json!({"sourceIp": "127.0.0.1", "userAgent": "Python/3.8 websockets/10.3"})
    );
    assert_eq!(context["requestId"], context["extendedRequestId"]);
    for id in ["connectionId", "requestId"] {
        let id = context[id].as_str().unwrap();
        assert!(id.len() == 16 && id.ends_with('='), "{id}");
    }
    let (connected, now) =
        (context["connectedAt"].as_i64().unwrap(), context["requestTimeEpoch"].as_i64().unwrap());
    assert!(connected > 1_700_000_000_000 && now >= connected, "{connected} {now}");
    let time =
        chrono::DateTime::parse_from_str(context["requestTime"].as_str().unwrap(), "%d/%b/%Y:%H:%M:%S %z");
    assert_eq!(time.unwrap().timestamp(), now / 1000);
}

#[tokio::test]
async fn the_connect_event_is_as_captured() {
    let gateway = Running::script(script()).await;
    let _client = connect(&gateway, "?token=a.b.c&x=1&x=2%203").await;
    let event = gateway.script.event("$connect").await;
    assert_same_shape(&event, CONNECT);
    assert_context(&event, &gateway, "CONNECT", "$connect");
    assert_eq!(event["isBase64Encoded"], false);
    assert_eq!(event["queryStringParameters"], json!({"token": "a.b.c", "x": "2 3"}));
    assert_eq!(event["multiValueQueryStringParameters"], json!({"token": ["a.b.c"], "x": ["1", "2 3"]}));
    assert_eq!(event["requestContext"]["authorizer"]["principalId"], "alice");
    assert!(event["requestContext"]["authorizer"]["integrationLatency"].is_u64());

    let capture: Value = serde_json::from_str(CONNECT).unwrap();
    assert_eq!(keys(&event["headers"]), keys(&capture["headers"]));
    assert_eq!(keys(&event["multiValueHeaders"]), keys(&capture["headers"]));
    assert_eq!(event["headers"]["Host"], gateway.address.to_string());
    assert_eq!(event["headers"]["X-Forwarded-For"], "127.0.0.1");
    assert_eq!(event["headers"]["X-Forwarded-Port"], gateway.address.port().to_string());
    assert_eq!(event["multiValueHeaders"]["Sec-WebSocket-Version"], json!(["13"]));
}

#[tokio::test]
async fn the_query_is_absent_not_null_when_there_is_none() {
    let gateway = Running::script(Script::new().on("$connect", ok)).await;
    let _client = connect(&gateway, "").await;
    let event = gateway.script.event("$connect").await;
    assert_eq!(
        keys(&event),
        BTreeSet::from(["headers", "multiValueHeaders", "requestContext", "isBase64Encoded"])
    );
}

#[tokio::test]
async fn identity_has_no_user_agent_when_the_client_sent_none() {
    let gateway = Running::script(Script::new().on("$connect", ok)).await;
    let _client = gateway.connect().await;
    let event = gateway.script.event("$connect").await;
    assert_eq!(event["requestContext"]["identity"], json!({"sourceIp": "127.0.0.1"}));
    assert!(event["requestContext"].get("authorizer").is_none());
}

#[tokio::test]
async fn the_message_event_is_as_captured() {
    let gateway = Running::script(script()).await;
    let mut client = connect(&gateway, "?token=x").await;
    let connected = gateway.script.event("$connect").await;
    client.send(r#"{"action": "request"}"#).await;
    let event = gateway.script.event("request").await;
    assert_same_shape(&event, MESSAGE);
    assert_context(&event, &gateway, "MESSAGE", "request");
    assert_eq!(event["body"], r#"{"action": "request"}"#);
    assert_eq!(event["isBase64Encoded"], false);
    assert_eq!(event["requestContext"]["authorizer"], json!({"principalId": "alice"}));
    for same in ["connectionId", "connectedAt", "domainName", "apiId"] {
        assert_eq!(event["requestContext"][same], connected["requestContext"][same], "{same}");
    }
    let id = |name: &str| event["requestContext"][name].as_str().unwrap().to_owned();
    assert_ne!(id("messageId"), id("connectionId"));
    assert_eq!(id("messageId")[11..], id("connectionId")[11..]);
}

#[tokio::test]
async fn the_disconnect_event_is_as_captured() {
    let gateway = Running::script(script()).await;
    let mut client = connect(&gateway, "?token=x").await;
    client.0.close(None).await.unwrap();
    client.closed().await;
    let event = gateway.script.event("$disconnect").await;
    assert_same_shape(&event, DISCONNECT);
    assert_context(&event, &gateway, "DISCONNECT", "$disconnect");
    let host = gateway.address.to_string();
    assert_eq!(
        event["headers"],
        json!({"Host": host, "x-api-key": "", "X-Forwarded-For": "", "x-restapi": ""})
    );
    assert_eq!(
        event["multiValueHeaders"],
        json!({"Host": [host], "x-api-key": [""], "X-Forwarded-For": [""], "x-restapi": [""]})
    );
    assert_eq!(event["requestContext"]["disconnectStatusCode"], 1005);
    assert_eq!(event["requestContext"]["disconnectReason"], "Client-side close frame status not set");
    assert_eq!(event["requestContext"]["authorizer"], json!({"principalId": "alice"}));
}

#[tokio::test]
async fn the_authorizer_event_is_as_documented() {
    let gateway = Running::script(script()).await;
    let _client = connect(&gateway, "?token=a.b.c").await;
    let event = gateway.script.event("authorizer").await;
    assert_same_shape(&event, AUTHORIZER);
    assert_context(&event, &gateway, "CONNECT", "$connect");
    assert_eq!(event["type"], "REQUEST");
    let arn = event["methodArn"].as_str().unwrap();
    assert!(arn.starts_with("arn:aws:execute-api:") && arn.ends_with("/dev/$connect"), "{arn}");
    assert_eq!(event["stageVariables"], json!({}));
    assert_eq!(event["queryStringParameters"], json!({"token": "a.b.c"}));
    assert!(event["requestContext"].get("authorizer").is_none());
    assert_eq!(event["headers"]["Upgrade"], "websocket");
    assert_eq!(event["headers"]["Connection"], "Upgrade");
    assert_eq!(event["headers"]["content-length"], "0");
    let connected = gateway.script.event("$connect").await;
    assert_eq!(event["requestContext"]["connectionId"], connected["requestContext"]["connectionId"]);
}

#[tokio::test]
async fn a_context_of_the_authorizer_reaches_every_event_as_texts() {
    let mut answer = policy("Allow", "*");
    answer["context"] = json!({"plan": "pro", "seats": 5, "trial": false});
    let gateway = Running::script(
        Script::new()
            .answering("authorizer", answer)
            .on("$connect", ok)
            .on("request", ok)
            .on("$disconnect", ok),
    )
    .await;
    let mut client = connect(&gateway, "?token=x").await;
    let expected = json!({"principalId": "alice", "plan": "pro", "seats": "5", "trial": "false"});
    client.send(r#"{"action":"request"}"#).await;
    assert_eq!(gateway.script.event("request").await["requestContext"]["authorizer"], expected);
    client.close(1000, "").await;
    assert_eq!(gateway.script.event("$disconnect").await["requestContext"]["authorizer"], expected);
}

#[tokio::test]
async fn stage_variables_reach_every_event_when_there_are_any() {
    let script = script();
    let api = Api { stage_variables: [("realm".to_owned(), "tests".to_owned())].into(), ..script.api() };
    let gateway = Running::api(script, api, Config::default()).await;
    let mut client = connect(&gateway, "?token=x").await;
    client.send(r#"{"action":"request"}"#).await;
    client.close(1000, "").await;
    for function in ["authorizer", "$connect", "request", "$disconnect"] {
        assert_eq!(
            gateway.script.event(function).await["stageVariables"],
            json!({"realm": "tests"}),
            "{function}"
        );
    }
}

#[tokio::test]
async fn a_forged_host_header_changes_the_header_only_never_the_domain_name() {
    let gateway = Running::script(Script::new().on("$connect", ok)).await;
    let mut request = format!("ws://{}/dev", gateway.address).into_client_request().unwrap();
    request.headers_mut().insert("Host", "evil.example.com".parse().unwrap());
    request.headers_mut().insert("X-Forwarded-For", "10.0.0.1".parse().unwrap());
    let _client = tokio_tungstenite::connect_async(request).await.unwrap();
    let event = gateway.script.event("$connect").await;
    assert_eq!(event["headers"]["Host"], "evil.example.com");
    assert_eq!(event["requestContext"]["domainName"], gateway.address.to_string());
    assert_eq!(event["headers"]["X-Forwarded-For"], "127.0.0.1");
    assert_eq!(event["requestContext"]["identity"]["sourceIp"], "127.0.0.1");
}
