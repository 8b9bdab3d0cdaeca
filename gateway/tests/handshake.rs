//! From `GET /STAGE` to 101: what the functions say, and what the client gets.

mod support;

use std::sync::Arc;
use std::time::Duration;

use everwire_backend::FunctionError;
use everwire_gateway::Config;
use everwire_gateway::api::{Api, Authorizer};
use serde_json::{Value, json};
use support::{Client, Running, Script, fail, ok, policy, until};
use tokio::sync::Semaphore;
use tokio_tungstenite::tungstenite;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

async fn status(script: Script) -> u16 {
    Running::script(script).await.refused("/dev?token=x").await.0
}

async fn authorizer(answer: Value) -> u16 {
    status(Script::new().answering("authorizer", answer)).await
}

async fn connect(answer: Value) -> u16 {
    status(Script::new().answering("$connect", answer)).await
}

#[tokio::test]
async fn an_empty_identity_source_is_refused_with_401_before_the_authorizer_is_asked() {
    let gateway = Running::script(Script::new().on("authorizer", fail)).await;
    assert_eq!(gateway.refused("/dev").await.0, 401);
    assert_eq!(gateway.refused("/dev?token=").await.0, 401);
    assert_eq!(gateway.script.called().await, [""; 0]);
}

#[tokio::test]
async fn every_identity_source_has_to_be_there() {
    let script = Script::new().answering("authorizer", policy("Allow", "*"));
    let sources =
        ["route.request.header.X-Realm", "route.request.querystring.ticket", "stageVariables.realm"];
    let authorizer = Authorizer {
        identity_sources: sources.map(|source| source.parse().unwrap()).to_vec(),
        ..Authorizer::new("authorizer")
    };
    let stage_variables = [("realm".to_owned(), "tests".to_owned())].into();
    let api = Api { authorizer: Some(authorizer), stage_variables, ..Api::default() };
    let gateway = Running::api(script, api, Config::default()).await;
    assert_eq!(gateway.refused("/dev?ticket=x").await.0, 401);
    let mut request = gateway.url("/dev?ticket=x").replace("http", "ws").into_client_request().unwrap();
    request.headers_mut().insert("x-realm", "r".parse().unwrap());
    tokio_tungstenite::connect_async(request).await.unwrap();
    assert_eq!(gateway.script.event("authorizer").await["stageVariables"], json!({"realm": "tests"}));
    assert_eq!(gateway.script.called().await, [""; 0], "asked once");
}

#[tokio::test]
async fn an_authorizer_that_fails_with_unauthorized_refuses_with_401() {
    assert_eq!(
        status(Script::new().on("authorizer", |_| Err(FunctionError::new("Unauthorized")))).await,
        401
    );
}

#[tokio::test]
async fn an_authorizer_that_fails_with_anything_else_refuses_with_500() {
    for text in ["unauthorized", "Unauthorized.", "boom", ""] {
        assert_eq!(status(Script::new().on("authorizer", move |_| Err(FunctionError::new(text)))).await, 500);
    }
}

#[tokio::test]
async fn a_policy_that_denies_refuses_with_403_and_connect_is_not_asked() {
    let gateway =
        Running::script(Script::new().answering("authorizer", policy("Deny", "*")).on("$connect", ok)).await;
    let (status, body) = gateway.refused("/dev?token=x").await;
    assert_eq!(status, 403);
    assert!(body.starts_with(r#"{"message": "Forbidden", "connectionId":""#), "{body}");
    assert_eq!(gateway.script.called().await, ["authorizer"]);
}

#[tokio::test]
async fn a_policy_that_allows_something_else_refuses_with_403() {
    assert_eq!(authorizer(policy("Allow", "arn:aws:execute-api:*:*:*/prod/*")).await, 403);
}

#[tokio::test]
async fn a_malformed_answer_of_the_authorizer_refuses_with_500() {
    let mut nobody = policy("Allow", "*");
    nobody.as_object_mut().unwrap().remove("principalId");
    let mut nested = policy("Allow", "*");
    nested["context"] = json!({"a": {"b": 1}});
    for answer in [json!(null), json!({"statusCode": 401}), json!("Unauthorized"), nobody, nested] {
        assert_eq!(authorizer(answer.clone()).await, 500, "{answer}");
    }
}

#[tokio::test]
async fn connects_status_is_the_handshakes_status() {
    for status in [301, 400, 401, 403, 404, 500, 501, 503] {
        assert_eq!(connect(json!({"statusCode": status, "body": "no"})).await, status);
    }
}

#[tokio::test]
async fn any_2xx_of_connect_lets_the_client_in() {
    for status in [200, 201, 204, 299] {
        Running::script(Script::new().answering("$connect", json!({ "statusCode": status })))
            .await
            .connect()
            .await;
    }
}

#[tokio::test]
async fn a_connect_that_fails_or_panics_refuses_with_502() {
    assert_eq!(status(Script::new().on("$connect", fail)).await, 502);
    assert_eq!(status(Script::new().on("$connect", |_| panic!("on purpose"))).await, 502);
}

#[tokio::test]
async fn a_malformed_result_of_connect_refuses_with_502() {
    for result in [
        json!(null),
        json!({}),
        json!("ok"),
        json!({"statusCode": 200, "extra": 1}),
        json!({"statusCode": 7}),
    ] {
        assert_eq!(connect(result.clone()).await, 502, "{result}");
    }
}

#[tokio::test]
async fn a_connect_that_takes_too_long_refuses_with_504() {
    let script = Script::new().held("$connect", &Arc::new(Semaphore::new(0)));
    let config = Config { integration_timeout: Duration::from_millis(50), ..Config::default() };
    assert_eq!(Running::script_with(script, config).await.refused("/dev").await.0, 504);
}

#[tokio::test]
async fn an_api_without_connect_and_authorizer_lets_everybody_in() {
    Running::script(Script::new()).await.connect().await;
}

#[tokio::test]
async fn an_unknown_stage_is_refused_with_403() {
    let gateway = Running::script(Script::new()).await;
    assert_eq!(gateway.refused("/prod").await, (403, r#"{"message": "Forbidden"}"#.to_owned()));
}

#[tokio::test]
async fn a_get_that_is_no_handshake_is_answered_with_426() {
    let gateway = Running::script(Script::new()).await;
    assert_eq!(gateway.http.get(gateway.url("/dev")).send().await.unwrap().status(), 426);
}

#[tokio::test]
async fn a_url_of_more_than_4096_characters_is_refused_with_414() {
    let gateway = Running::script(Script::new()).await;
    let fits = "x".repeat(4096 - "/dev?token=".len());
    Client::connect(&format!("ws://{}/dev?token={fits}", gateway.address)).await;
    assert_eq!(gateway.refused(&format!("/dev?token={fits}x")).await.0, 414);
}

#[tokio::test]
async fn a_refusal_has_awss_body_and_headers() {
    let gateway = Running::script(Script::new().answering("$connect", json!({"statusCode": 401}))).await;
    let request = gateway.url("/dev").replace("http", "ws").into_client_request().unwrap();
    let error = tokio_tungstenite::connect_async(request).await.unwrap_err();
    let tokio_tungstenite::tungstenite::Error::Http(response) = error else { panic!("{error}") };
    let event = gateway.script.event("$connect").await;
    let (connection, request) =
        (&event["requestContext"]["connectionId"], &event["requestContext"]["requestId"]);
    let body = String::from_utf8(response.body().clone().unwrap()).unwrap();
    assert_eq!(
        body,
        format!(r#"{{"message": "Unauthorized", "connectionId":{connection}, "requestId":{request}}}"#)
    );
    assert_eq!(response.headers()["content-type"], "application/json");
    assert_eq!(response.headers()["x-amzn-errortype"], "UnauthorizedException");
    assert_eq!(response.headers()["x-amz-apigw-id"], request.as_str().unwrap());
    assert!(response.headers().contains_key("x-amzn-requestid"));
}

#[tokio::test]
async fn a_subprotocol_is_what_connect_returns_and_nothing_else() {
    let chosen = json!({"statusCode": 200, "headers": {"sec-websocket-PROTOCOL": "chat"}});
    for (result, expected) in [(chosen, Some("chat")), (json!({"statusCode": 200}), None)] {
        let gateway = Running::script(Script::new().answering("$connect", result)).await;
        let request = gateway.http.get(gateway.url("/dev"));
        let headers = [
            ("connection", "Upgrade"),
            ("upgrade", "websocket"),
            ("sec-websocket-version", "13"),
            ("sec-websocket-key", "WkQgPq2aaLgLt09qzhmA8g=="),
            ("sec-websocket-protocol", "superchat, chat"),
        ];
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 101);
        let protocol = response.headers().get("sec-websocket-protocol").map(|value| value.to_str().unwrap());
        assert_eq!(protocol, expected);
    }
}

#[tokio::test]
async fn the_handshake_is_pending_and_the_connection_gone_until_connect_has_ended() {
    let gate = Arc::new(Semaphore::new(0));
    let gateway = Running::script(Script::new().held("$connect", &gate)).await;
    let url = format!("ws://{}/dev", gateway.address);
    let pending = tokio::spawn(async move { Client::connect(&url).await });
    let event = gateway.script.event("$connect").await;
    let id = event["requestContext"]["connectionId"].as_str().unwrap().to_owned();
    let post = || gateway.http.post(gateway.url(&format!("/dev/@connections/{id}"))).body("hello").send();

    assert_eq!(post().await.unwrap().status(), 410);
    assert!(!pending.is_finished());

    gate.add_permits(1);
    let mut client = pending.await.unwrap();
    assert_eq!(post().await.unwrap().status(), 200);
    assert_eq!(client.text().await, "hello");
}

#[tokio::test]
async fn a_subprotocol_may_be_in_the_headers_of_many_values() {
    let result = json!({"statusCode": 200, "multiValueHeaders": {"sec-websocket-protocol": ["chat"]}});
    let gateway = Running::script(Script::new().answering("$connect", result)).await;
    let mut request = gateway.url("/dev").replace("http", "ws").into_client_request().unwrap();
    request.headers_mut().insert("sec-websocket-protocol", "chat".parse().unwrap());
    let (_, response) = tokio_tungstenite::connect_async(request).await.unwrap();
    assert_eq!(response.headers()["sec-websocket-protocol"], "chat");
}

#[tokio::test]
async fn a_client_that_leaves_during_connect_is_disconnected_all_the_same() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let gate = Arc::new(Semaphore::new(0));
    let gateway = Running::script(Script::new().held("$connect", &gate).on("$disconnect", ok)).await;
    let mut leaving = tokio::net::TcpStream::connect(gateway.address).await.unwrap();
    let handshake = "GET /dev HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
                     Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: WkQgPq2aaLgLt09qzhmA8g==\r\n\r\n";
    leaving.write_all(handshake.as_bytes()).await.unwrap();
    let connected = gateway.script.event("$connect").await;

    // The gateway has noticed when it closes its side too.
    leaving.shutdown().await.unwrap();
    assert_eq!(support::within("the end", leaving.read(&mut [0])).await.unwrap(), 0);
    gate.add_permits(1);

    let disconnected = gateway.script.event("$disconnect").await;
    assert_eq!(disconnected["requestContext"]["connectionId"], connected["requestContext"]["connectionId"]);
    assert_eq!(disconnected["requestContext"]["disconnectStatusCode"], 1006);
}

#[tokio::test]
async fn a_refused_client_is_not_disconnected_as_it_never_was_connected() {
    let script = Script::new().answering("$connect", json!({"statusCode": 403})).on("$disconnect", ok);
    let gateway = Running::script(script).await;
    gateway.refused("/dev").await;
    gateway.stop().await;
    assert_eq!(gateway.script.called().await, ["$connect"]);
}

#[tokio::test]
async fn handshakes_over_the_limit_are_refused_with_429() {
    let config = Config { connections_per_second: 2, ..Config::default() };
    let gateway = Running::script_with(Script::new().on("$connect", ok), config).await;
    let mut handshakes = Vec::new();
    for _ in 0..20 {
        let request = gateway.url("/dev").replace("http", "ws").into_client_request().unwrap();
        handshakes.push(tokio_tungstenite::connect_async(request).await.map(drop));
    }
    let statuses = handshakes.into_iter().filter_map(|handshake| match handshake {
        Err(tungstenite::Error::Http(response)) => Some((
            response.status().as_u16(),
            response.headers()["x-amzn-errortype"].to_str().unwrap().to_owned(),
        )),
        _ => None,
    });
    let statuses: Vec<_> = statuses.collect();
    assert!((1..=18).contains(&statuses.len()), "{statuses:?}");
    assert!(statuses.iter().all(|refused| *refused == (429, "LimitExceededException".to_owned())));
    until("room again", || async { Client::try_connect(&gateway.url("/dev")).await }).await;
}

#[tokio::test]
async fn a_client_that_never_ends_its_headers_is_cut_off() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let config = Config { request_timeout: Duration::from_millis(50), ..Config::default() };
    let gateway = Running::script_with(Script::new(), config).await;
    for beginning in ["", "GET /dev HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnec"] {
        let mut stream = tokio::net::TcpStream::connect(gateway.address).await.unwrap();
        stream.write_all(beginning.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        let _ = support::within("the end of a slow handshake", stream.read_to_end(&mut answer)).await;
    }
    gateway.connect().await;
}

#[tokio::test]
async fn nonsense_on_the_wire_leaves_the_gateway_alive() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let gateway = Running::script(Script::new()).await;
    for nonsense in [
        "\r\n\r\n\r\n",
        "GET\0/dev",
        "GET /dev HTTP/9.9\r\n\r\n",
        "GET /dev?%zz HTTP/1.1\r\n-: x\r\na--b: x\r\n\r\n",
    ] {
        let mut stream = tokio::net::TcpStream::connect(gateway.address).await.unwrap();
        stream.write_all(nonsense.as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
        let mut answer = Vec::new();
        let _ = support::within("an end", stream.read_to_end(&mut answer)).await;
    }
    until("a connection", || async { Some(gateway.connect().await) }).await;
}
