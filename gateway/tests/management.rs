//! `/@connections`: statuses, headers, bodies.

mod support;

use everwire_gateway::Config;
use reqwest::{Method, Response};
use serde_json::Value;
use support::{Running, Script, ok, within};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const NOBODY: &str = "AAAAAAAAAAAAAAA=";

async fn gateway() -> Running {
    Running::script(Script::new().on("$connect", ok).on("$disconnect", ok)).await
}

async fn call(gateway: &Running, method: Method, id: &str, body: impl Into<reqwest::Body>) -> Response {
    let url = gateway.url(&format!("/dev/@connections/{id}"));
    gateway.http.request(method, url).body(body).send().await.unwrap()
}

fn error_type(response: &Response) -> &str {
    response.headers()["x-amzn-errortype"].to_str().unwrap()
}

#[tokio::test]
async fn a_post_is_answered_with_200_and_nothing_and_reaches_the_client_as_text() {
    let gateway = gateway().await;
    let (mut client, id) = gateway.connect_with_id().await;
    let response = call(&gateway, Method::POST, &id, "héllo").await;
    assert_eq!(response.status(), 200);
    assert!(response.headers().contains_key("x-amzn-requestid"));
    assert_eq!(response.text().await.unwrap(), "");
    assert_eq!(client.text().await, "héllo");
}

#[tokio::test]
async fn both_spellings_of_the_path_work() {
    let gateway = gateway().await;
    let (mut client, id) = gateway.connect_with_id().await;
    let encoded = id.replace('=', "%3D");
    for path in
        [format!("@connections/{id}"), format!("@connections/{encoded}"), format!("%40connections/{encoded}")]
    {
        let response =
            gateway.http.post(gateway.url(&format!("/dev/{path}"))).body("x").send().await.unwrap();
        assert_eq!(response.status(), 200, "{path}");
        assert_eq!(client.text().await, "x");
    }
}

#[tokio::test]
async fn posts_arrive_in_order() {
    let gateway = gateway().await;
    let (mut client, id) = gateway.connect_with_id().await;
    for n in 0..100 {
        assert_eq!(call(&gateway, Method::POST, &id, n.to_string()).await.status(), 200);
    }
    for n in 0..100 {
        assert_eq!(client.text().await, n.to_string());
    }
}

#[tokio::test]
async fn a_get_describes_the_connection() {
    let gateway = gateway().await;
    let (_client, id) = gateway.connect_with_id().await;
    let response = call(&gateway, Method::GET, &id, "").await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "application/json");
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["identity"], serde_json::json!({"sourceIp": "127.0.0.1", "userAgent": null}));
    for time in ["connectedAt", "lastActiveAt"] {
        let time = body[time].as_str().unwrap();
        assert!(time.len() == "2022-01-25T18:50:04.673Z".len() && time.ends_with('Z'), "{time}");
        chrono::DateTime::parse_from_rfc3339(time).unwrap();
    }
    assert_eq!(body.as_object().unwrap().len(), 3);
}

#[tokio::test]
async fn a_delete_closes_with_1000_is_answered_with_204_and_runs_disconnect() {
    let gateway = gateway().await;
    let (mut client, id) = gateway.connect_with_id().await;
    let response = call(&gateway, Method::DELETE, &id, "").await;
    assert_eq!(response.status(), 204);
    assert_eq!(client.closed().await, Some((1000, "Connection Closed Normally".to_owned())));
    let event = gateway.script.event("$disconnect").await;
    assert_eq!(event["requestContext"]["disconnectStatusCode"], 1000);
    assert_eq!(event["requestContext"]["disconnectReason"], "Connection Closed Normally");
    assert_eq!(call(&gateway, Method::POST, &id, "x").await.status(), 410);
}

#[tokio::test]
async fn what_was_posted_before_a_delete_still_arrives() {
    let gateway = gateway().await;
    let (mut client, id) = gateway.connect_with_id().await;
    call(&gateway, Method::POST, &id, "last words").await;
    call(&gateway, Method::DELETE, &id, "").await;
    assert_eq!(client.text().await, "last words");
    assert!(client.closed().await.is_some());
}

#[tokio::test]
async fn a_connection_that_never_was_is_gone_with_an_empty_body_and_the_header_sdks_need() {
    let gateway = gateway().await;
    for method in [Method::POST, Method::GET, Method::DELETE] {
        let response = call(&gateway, method, NOBODY, "x").await;
        assert_eq!(response.status(), 410);
        assert_eq!(error_type(&response), "GoneException");
        assert_eq!(response.text().await.unwrap(), "");
    }
}

#[tokio::test]
async fn a_connection_that_has_left_is_gone() {
    let gateway = gateway().await;
    let (client, id) = gateway.connect_with_id().await;
    client.close(1000, "").await;
    gateway.script.event("$disconnect").await;
    assert_eq!(call(&gateway, Method::POST, &id, "x").await.status(), 410);
}

#[tokio::test]
async fn a_malformed_id_is_answered_with_400() {
    let gateway = gateway().await;
    // The last one decodes to no UTF-8.
    for id in ["x", "AAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAA==", "AAAAAAAAAAAAAA!=", "AAAAAAAAAAAAA%FF"] {
        let response = call(&gateway, Method::POST, id, "x").await;
        assert_eq!(response.status(), 400);
        assert_eq!(error_type(&response), "BadRequestException");
        assert_eq!(response.text().await.unwrap(), format!(r#"{{"message": "Invalid connectionId: {id}"}}"#));
    }
}

#[tokio::test]
async fn a_message_of_128_kilobytes_passes_and_one_byte_more_is_answered_with_413() {
    let gateway = gateway().await;
    let (mut client, id) = gateway.connect_with_id().await;
    for too_much in [131_073, 5_000_000] {
        let response = call(&gateway, Method::POST, &id, "x".repeat(too_much)).await;
        assert_eq!(response.status(), 413);
        assert_eq!(error_type(&response), "PayloadTooLargeException");
    }
    assert_eq!(call(&gateway, Method::POST, &id, "x".repeat(131_072)).await.status(), 200);
    assert_eq!(client.text().await.len(), 131_072);
}

#[tokio::test]
async fn bytes_that_are_no_text_are_answered_with_400() {
    let gateway = gateway().await;
    let (_client, id) = gateway.connect_with_id().await;
    let response = call(&gateway, Method::POST, &id, vec![0xff, 0xfe]).await;
    assert_eq!((response.status().as_u16(), error_type(&response)), (400, "BadRequestException"));
}

#[tokio::test]
async fn more_than_the_gateway_reads_is_answered_with_413_whoever_it_is_for() {
    let gateway = gateway().await;
    let response = call(&gateway, Method::POST, NOBODY, "x".repeat(5_000_000)).await;
    assert_eq!((response.status().as_u16(), error_type(&response)), (413, "PayloadTooLargeException"));
}

#[tokio::test]
async fn an_empty_post_reaches_the_client_as_an_empty_message() {
    let gateway = gateway().await;
    let (mut client, id) = gateway.connect_with_id().await;
    assert_eq!(call(&gateway, Method::POST, &id, "").await.status(), 200);
    assert_eq!(client.text().await, "");
}

#[tokio::test]
async fn the_content_type_does_not_matter() {
    let gateway = gateway().await;
    let (mut client, id) = gateway.connect_with_id().await;
    let url = gateway.url(&format!("/dev/@connections/{id}"));
    for content_type in ["application/octet-stream", "application/json", "text/plain; charset=latin1", "?"] {
        let post = gateway.http.post(&url).header("content-type", content_type).body("{}");
        assert_eq!(post.send().await.unwrap().status(), 200, "{content_type}");
        assert_eq!(client.text().await, "{}");
    }
}

/// What a client is told that announces a body of ten bytes, sends `sent`, and waits.
async fn half_a_post(gateway: &Running, id: &str, sent: &str) -> String {
    let mut stream = TcpStream::connect(gateway.address).await.unwrap();
    let head = format!("POST /dev/@connections/{id} HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n");
    stream.write_all(format!("{head}{sent}").as_bytes()).await.unwrap();
    let mut answer = String::new();
    within("an answer, and the end", stream.read_to_string(&mut answer)).await.unwrap();
    answer
}

#[tokio::test]
async fn a_body_that_does_not_arrive_is_not_waited_for_for_ever() {
    let config = Config { request_timeout: std::time::Duration::from_millis(100), ..Config::default() };
    let gateway = Running::script_with(Script::new().on("$connect", ok), config).await;
    let (mut client, id) = gateway.connect_with_id().await;
    let (nothing, half) = tokio::join!(half_a_post(&gateway, &id, ""), half_a_post(&gateway, &id, "half"));
    for answer in [nothing, half] {
        assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
        assert!(answer.contains("x-amzn-errortype: RequestTimeoutException"), "{answer}");
    }
    assert_eq!(call(&gateway, Method::POST, &id, "whole").await.status(), 200);
    assert_eq!(client.text().await, "whole");
}

#[tokio::test]
async fn a_body_that_breaks_off_reaches_nobody() {
    let gateway = gateway().await;
    let (mut client, id) = gateway.connect_with_id().await;
    let mut stream = TcpStream::connect(gateway.address).await.unwrap();
    let head =
        format!("POST /dev/@connections/{id} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
    stream.write_all(format!("{head}4\r\nhalf\r\nno chunk").as_bytes()).await.unwrap();
    let mut answer = String::new();
    within("an answer, and the end", stream.read_to_string(&mut answer)).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    call(&gateway, Method::POST, &id, "whole").await;
    assert_eq!(client.text().await, "whole");
}

#[tokio::test]
async fn a_client_that_does_not_read_is_answered_for_with_429() {
    let gateway = gateway().await;
    let (_client, id) = gateway.connect_with_id().await;
    let response = fill(&gateway, &id).await;
    assert_eq!(error_type(&response), "LimitExceededException");
    assert_eq!(response.text().await.unwrap(), r#"{"message": "WebSocket client side buffer is full"}"#);
}

/// Posts to a client that does not read until that is refused.
async fn fill(gateway: &Running, id: &str) -> Response {
    let message = "x".repeat(131_072);
    for _ in 0..2_000 {
        let response = call(gateway, Method::POST, id, message.clone()).await;
        if response.status() == 429 {
            return response;
        }
    }
    panic!("250 MB were taken for a client that reads nothing");
}

#[tokio::test]
async fn a_client_that_does_not_read_can_be_deleted() {
    let gateway = gateway().await;
    let (_client, id) = gateway.connect_with_id().await;
    fill(&gateway, &id).await;
    assert_eq!(call(&gateway, Method::DELETE, &id, "").await.status(), 204);
    assert_eq!(call(&gateway, Method::POST, &id, "x").await.status(), 410);
    let event = gateway.script.event("$disconnect").await;
    assert_eq!(event["requestContext"]["disconnectStatusCode"], 1000);
}

#[tokio::test]
async fn other_methods_stages_and_paths_are_forbidden() {
    let gateway = gateway().await;
    for method in [Method::PUT, Method::PATCH, Method::HEAD, Method::OPTIONS] {
        let response = call(&gateway, method.clone(), NOBODY, "").await;
        assert_eq!(
            (response.status().as_u16(), error_type(&response)),
            (403, "ForbiddenException"),
            "{method}"
        );
    }
    for path in [
        "/prod/@connections/AAAAAAAAAAAAAAA=",
        "/@connections/AAAAAAAAAAAAAAA=",
        "/dev/@connections",
        "/dev/@connections/AAAAAAAAAAAAAAA=/",
        "/dev/x",
        "/",
    ] {
        let response = gateway.http.post(gateway.url(path)).body("x").send().await.unwrap();
        assert_eq!(
            (response.status().as_u16(), error_type(&response)),
            (403, "ForbiddenException"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn calls_over_the_limit_are_answered_with_429() {
    let config = Config { requests_per_second: 1, request_burst: 2, ..Config::default() };
    let gateway = Running::script_with(Script::new().on("$connect", ok), config).await;
    let (_client, id) = gateway.connect_with_id().await;
    let url = gateway.url(&format!("/dev/@connections/{id}"));
    let mut limited = Vec::new();
    for _ in 0..10 {
        let answer = gateway.http.get(&url).send().await.unwrap();
        if answer.status() != 200 {
            limited.push((answer.status().as_u16(), answer.headers()["x-amzn-errortype"].clone()));
        }
    }
    assert!(!limited.is_empty());
    assert!(limited.iter().all(|answer| *answer == (429, "LimitExceededException".parse().unwrap())));
}
