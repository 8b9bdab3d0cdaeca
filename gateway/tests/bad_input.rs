//! Bad input, its answer, and a server that is alive after it: tokens, URLs, HTTP, frames and messages.

mod support;

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use everwire_backend::token::{self, Kind};
use everwire_gateway::Config;
use futures_util::future::join_all;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use support::raw::{Raw, frame};
use support::{Running, SECRET, access_token, secret, until, within};
use tokio::io::AsyncReadExt;

fn signed(algorithm: Algorithm, claims: &Value, secret: &str) -> String {
    jsonwebtoken::encode(&Header::new(algorithm), claims, &EncodingKey::from_secret(secret.as_bytes()))
        .unwrap()
}

/// A token with this header, signed as HS256 would.
fn with_header(header: &str) -> String {
    let good = access_token("alice");
    let (_, rest) = good.split_once('.').unwrap();
    format!("{}.{rest}", URL_SAFE_NO_PAD.encode(header))
}

#[tokio::test]
async fn bad_tokens_are_refused_with_401() {
    let gateway = Running::backend().await;
    let now = token::now();
    let alice = |more: Value| {
        let mut claims = json!({"sub": "alice", "exp": now + 60});
        claims.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        claims
    };
    let hs256 = |claims: Value| signed(Algorithm::HS256, &claims, SECRET);
    let unsigned = |alg: &str| {
        let claims = URL_SAFE_NO_PAD.encode(alice(json!({})).to_string());
        format!("{}.{claims}.", URL_SAFE_NO_PAD.encode(json!({"alg": alg}).to_string()))
    };
    // What a server with RS256 gives to everybody, taken for a secret.
    let public_key =
        "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\n-----END PUBLIC KEY-----\n";
    let bad = [
        ("none", String::new()),
        ("garbage", "garbage".to_owned()),
        ("dots", "...".to_owned()),
        ("huge", "a".repeat(4000)),
        ("huge parts", format!("{0}.{0}.{0}", "a".repeat(1300))),
        ("a bomb", format!("{}.{}.x", "eyJhbGciOiJIUzI1NiJ9", URL_SAFE_NO_PAD.encode("[".repeat(2000)))),
        ("not UTF-8", "%ff%fe.%ff.%ff".to_owned()),
        ("HS384", signed(Algorithm::HS384, &alice(json!({})), SECRET)),
        ("HS512", signed(Algorithm::HS512, &alice(json!({})), SECRET)),
        ("RS256 by name", with_header(r#"{"alg":"RS256"}"#)),
        ("ES256 by name", with_header(r#"{"alg":"ES256"}"#)),
        ("an unknown algorithm", with_header(r#"{"alg":"XS1"}"#)),
        ("no algorithm", with_header("{}")),
        ("alg none", unsigned("none")),
        ("alg None", unsigned("None")),
        ("alg HS256, unsigned", unsigned("HS256")),
        ("expired", hs256(alice(json!({"exp": now - 1})))),
        ("expires never", hs256(alice(json!({"exp": null})))),
        ("expires in words", hs256(alice(json!({"exp": "never"})))),
        ("expires before 1970", hs256(alice(json!({"exp": -1})))),
        ("not yet valid", hs256(alice(json!({"nbf": now + 60})))),
        ("another audience", hs256(alice(json!({"aud": "somebody else"})))),
        ("audiences", hs256(alice(json!({"aud": ["x", "y"]})))),
        ("a refresh token", token::mint(&secret(), Kind::Refresh, "alice", now, 60).unwrap()),
        ("a push token", token::mint(&secret(), Kind::Push, "alice", now, 60).unwrap()),
        ("another secret", signed(Algorithm::HS256, &alice(json!({})), "another")),
        ("key confusion", signed(Algorithm::HS256, &alice(json!({})), public_key)),
        ("cut short", access_token("alice").split_at(60).0.to_owned()),
    ];
    for (what, token) in &bad {
        assert_eq!(gateway.refused(&format!("/dev?token={token}")).await.0, 401, "{what}");
    }
    println!("{} bad tokens", bad.len());
    gateway.assert_alive().await;
}

/// A URL's path and query of this length, with a good token.
fn url(length: usize) -> String {
    let url = format!("/dev?token={}&x=", access_token("alice"));
    let rest = length - url.len();
    url + &"x".repeat(rest)
}

#[tokio::test]
async fn a_url_of_4096_characters_connects_and_a_longer_one_is_refused_with_414() {
    let gateway = Running::backend().await;
    support::Client::connect(&format!("ws://{}{}", gateway.address, url(4096))).await;
    for length in [4097, 8000, 60_000] {
        assert_eq!(gateway.refused(&url(length)).await.0, 414, "{length}");
    }
    gateway.assert_alive().await;
}

/// Sends a request, and gives the status of the answer.
async fn status(gateway: &Running, request: &str) -> Option<u16> {
    let mut raw = Raw::connect(gateway.address).await;
    raw.write(request).await;
    raw.status().await
}

#[tokio::test]
async fn what_is_no_http_1_is_answered_with_4xx_or_cut() {
    let gateway = Running::backend().await;
    let header = |name: &str, value: &str| format!("GET /dev HTTP/1.1\r\nHost: x\r\n{name}: {value}\r\n\r\n");
    let many: String = (0..200).map(|n| format!("X-{n}: x\r\n")).collect();
    let tls_hello = "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}\u{1}\u{fc}\u{3}\u{3}\r\n\r\n";
    let cases = [
        (
            "a long request line",
            format!("GET /dev?{} HTTP/1.1\r\nHost: x\r\n\r\n", "x".repeat(100_000)),
            Some(414),
        ),
        ("a huge header", header("X", &"x".repeat(1_000_000)), Some(431)),
        ("many headers", format!("GET /dev HTTP/1.1\r\n{many}\r\n"), Some(431)),
        ("HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(), None),
        ("TLS", tls_hello.to_owned(), Some(400)),
        ("an old version", "GET /dev HTTP/0.9\r\n\r\n".to_owned(), Some(400)),
        ("a bad name", header("a b", "x"), Some(400)),
        ("a folded header", "GET /dev HTTP/1.1\r\nHost: x\r\n y\r\n\r\n".to_owned(), Some(400)),
        ("a NUL", header("X", "\0"), Some(400)),
        ("no method", " /dev HTTP/1.1\r\n\r\n".to_owned(), Some(400)),
    ];
    for (what, request, expected) in &cases {
        assert_eq!(status(&gateway, request).await, *expected, "{what}");
    }
    gateway.assert_alive().await;
}

#[tokio::test]
async fn a_post_whose_length_is_ambiguous_is_refused_or_read_one_way_only_and_the_connection_ends() {
    let gateway = Running::backend().await;
    let post = |headers: &str, body: &str| {
        let path = "/dev/@connections/AAAAAAAAAAAAAAA=";
        format!("POST {path} HTTP/1.1\r\nHost: x\r\n{headers}\r\n\r\n{body}")
    };
    let smuggled = "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n";
    let chunked = format!("0\r\n\r\n{smuggled}");
    let cases = [
        ("two lengths", post("Content-Length: 1\r\nContent-Length: 2", "xx"), 400),
        ("a list of lengths", post("Content-Length: 1, 2", "xx"), 400),
        ("a negative length", post("Content-Length: -1", "x"), 400),
        ("a length in words", post("Content-Length: +1", "x"), 400),
        ("an unknown coding", post("Transfer-Encoding: gzip", "x"), 400),
        ("chunked not last", post("Transfer-Encoding: chunked, gzip", "x"), 400),
    ];
    for (what, request, expected) in &cases {
        assert_eq!(status(&gateway, request).await, Some(*expected), "{what}");
    }
    for headers in
        ["Content-Length: 6\r\nTransfer-Encoding: chunked", "Transfer-Encoding: chunked\r\nContent-Length: 6"]
    {
        let mut raw = Raw::connect(gateway.address).await;
        raw.write(post(headers, &chunked)).await;
        let mut answers = String::new();
        let _ = within("the answers", raw.0.read_to_string(&mut answers)).await;
        assert_eq!(answers.matches("HTTP/1.1").count(), 1, "{answers}");
    }
    gateway.assert_alive().await;
}

#[tokio::test]
async fn requests_pipelined_after_a_handshake_are_bytes_of_the_socket_and_break_it() {
    let gateway = Running::backend().await;
    let mut raw = Raw::connect(gateway.address).await;
    let handshake = Raw::handshake(gateway.address, "alice");
    raw.write(format!("{handshake}GET /dev/@connections/x HTTP/1.1\r\nHost: x\r\n\r\n")).await;
    assert_eq!(raw.status().await, Some(101));
    assert_eq!(raw.closed().await, Some(1002));
    gateway.assert_alive().await;
}

#[tokio::test]
async fn half_written_requests_are_cut_after_the_request_timeout_and_hold_up_nobody() {
    let config = Config { request_timeout: Duration::from_millis(500), ..Config::default() };
    let gateway = Running::backend_config(None, config).await;
    let handshake = Raw::handshake(gateway.address, "slow");
    let mut slow = Vec::new();
    for n in 0..200 {
        let mut raw = Raw::connect(gateway.address).await;
        raw.write(&handshake[..n % (handshake.len() - 1)]).await;
        slow.push(raw);
    }
    // A few leave in the middle of it.
    slow.truncate(190);
    gateway.assert_alive().await;
    for raw in &mut slow {
        let answered = raw.status().await;
        assert!(matches!(answered, None | Some(408)), "{answered:?}");
    }
    gateway.assert_alive().await;
}

#[tokio::test]
async fn frames_that_break_the_protocol_are_closed_with_their_code() {
    let gateway = Running::backend().await;
    let unmasked = b"\x81\x02hi".to_vec();
    let text_then = |next: Vec<u8>| [frame(0x01, b"begun"), next].concat();
    let length_64 = |length: u64| [&[0x81, 0xff][..], &length.to_be_bytes(), &[0; 4]].concat();
    let mut cases = vec![
        ("an unmasked frame".to_owned(), unmasked, 1002),
        ("a text in a text".to_owned(), text_then(frame(0x81, b"x")), 1002),
        ("a continuation of nothing".to_owned(), frame(0x80, b"x"), 1002),
        ("a long ping".to_owned(), frame(0x89, &[0; 126]), 1002),
        ("a long close".to_owned(), frame(0x88, &[0; 126]), 1002),
        ("a fragmented ping".to_owned(), frame(0x09, b"x"), 1002),
        ("a fragmented close".to_owned(), frame(0x08, b"\x03\xe8"), 1002),
        ("a close of one byte".to_owned(), frame(0x88, b"\x03"), 1002),
        ("a text that is not UTF-8".to_owned(), frame(0x81, b"\xff"), 1007),
        ("half a character".to_owned(), frame(0x81, b"\xc3"), 1007),
        ("a surrogate".to_owned(), frame(0x81, b"\xed\xa0\x80"), 1007),
        ("bad UTF-8 in a later fragment".to_owned(), text_then(frame(0x80, b"\xff")), 1007),
        (
            "a character that stops at the last fragment".to_owned(),
            [frame(0x01, b"\xe2\x82"), frame(0x80, b"")].concat(),
            1007,
        ),
        ("a binary message".to_owned(), frame(0x82, b"\xff"), 1003),
        ("a length of 2^63".to_owned(), length_64(1 << 63), 1009),
        ("a length of 2^64-1".to_owned(), length_64(u64::MAX), 1009),
        ("a length of 4 GB".to_owned(), length_64(1 << 32), 1009),
    ];
    for bit in [0x40, 0x20, 0x10] {
        cases.push((format!("reserved bit {bit:#x}"), frame(0x81 | bit, b"x"), 1002));
    }
    for opcode in (3..=7).chain(0xb..=0xf) {
        cases.push((format!("opcode {opcode:#x}"), frame(0x80 | opcode, b"x"), 1002));
    }
    let closing = cases.iter().map(async |(what, bytes, code)| {
        let mut raw = Raw::open(gateway.address, "alice").await;
        raw.write(bytes).await;
        assert_eq!(raw.closed().await, Some(*code), "{what}");
    });
    join_all(closing).await;
    println!("{} broken frames", cases.len());
    gateway.assert_alive().await;
}

#[tokio::test]
async fn a_character_split_over_fragments_is_read_as_one_and_a_ping_may_come_between() {
    let gateway = Running::backend().await;
    let mut raw = Raw::open(gateway.address, "alice").await;
    raw.write(frame(0x01, b"{\"action\":\"echo\",\"x\":\"\xe2\x82")).await;
    raw.write(frame(0x89, b"still there?")).await;
    assert_eq!(raw.frame().await, Some((10, b"still there?".to_vec())));
    raw.write(frame(0x80, b"\xac\"}")).await;
    let (opcode, payload) = raw.frame().await.unwrap();
    let echo = String::from_utf8(payload).unwrap();
    assert!(opcode == 1 && echo.contains('€'), "{echo}");
    gateway.assert_alive().await;
}

#[tokio::test]
async fn frames_that_are_never_finished_end_as_idle_or_vanished_connections() {
    let config = Config { idle_timeout: Duration::from_millis(500), ..Config::default() };
    let gateway = Running::backend_config(None, config).await;
    let beginnings = [
        frame(0x81, &[b'x'; 1000])[..500].to_vec(),
        frame(0x81, b"x")[..1].to_vec(),
        frame(0x81, &[b'x'; 1000])[..3].to_vec(),
        frame(0x01, b"a first fragment"),
    ];
    let ending = beginnings.iter().enumerate().map(async |(n, beginning)| {
        let mut silent = Raw::open(gateway.address, "silent").await;
        silent.write(beginning).await;
        let mut leaving = Raw::open(gateway.address, "leaving").await;
        leaving.write(beginning).await;
        drop(leaving);
        assert_eq!(silent.closed().await, Some(1001), "{n}");
    });
    join_all(ending).await;
    for user in ["silent", "leaving"] {
        let nobody = || async { (gateway.push(user, "1").await["delivered"] == 0).then_some(()) };
        until("nobody left", nobody).await;
    }
    gateway.assert_alive().await;
}

#[tokio::test]
async fn messages_made_to_break_a_json_parser_are_answered() {
    let gateway = Running::backend().await;
    let mut client = gateway.connect_as("alice").await;
    let deep = |open: &str| open.repeat(32 * 1024 / open.len());
    let bombs = [
        deep("["),
        deep(r#"{"action":"#),
        format!("{}{}", "[".repeat(15_000), "]".repeat(15_000)),
        format!(r#"{{"action":"ping","x":{}}}"#, "[".repeat(30_000)),
        format!(r#"{{"action":1{}}}"#, "0".repeat(30_000)),
        r#"{"action":1e999999999}"#.to_owned(),
        r#"{"action":"\ud800"}"#.to_owned(),
        r#"{"action":"ping\u0000"}"#.to_owned(),
        r#"{"action":["ping"]}"#.to_owned(),
        r#"{"action":{"action":"ping"}}"#.to_owned(),
        r#"{"action":"$connect"}"#.to_owned(),
        r#"{"action":"$disconnect"}"#.to_owned(),
        r#"{"action":"authorizer"}"#.to_owned(),
        format!("{{{}\"x\":0}}", "\"action\":0,".repeat(2_900)),
        "\u{0}".to_owned(),
        String::new(),
    ];
    for bomb in &bombs {
        client.send(bomb).await;
        let answer = client.text().await;
        assert!(!answer.contains("pong"), "{answer}");
    }
    println!("{} JSON bombs", bombs.len());
    client.send(r#"{"action":"ping"}"#).await;
    assert_eq!(client.json().await["action"], "pong");
    gateway.assert_alive().await;
}
