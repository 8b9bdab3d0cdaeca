//! Signatures on the wire: who gets through to `/@connections`.

use chrono::{TimeDelta, Utc};
use everwire_gateway::Config;
use reqwest::{Method, Response};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::signing::{Draft, Signer, credentials};
use crate::support::{Running, Script, ok, within};

const NOBODY: &str = "AAAAAAAAAAAAAAA=";

async fn guarded() -> Running {
    let script = Script::new().on("$connect", ok).on("$disconnect", ok);
    Running::script_with(script, Config { credentials: Some(credentials()), ..Config::default() }).await
}

fn draft(gateway: &Running, method: &str, path: &str, body: &str) -> Draft {
    Draft::new(method, path, body).with("host", &gateway.address.to_string())
}

async fn send(gateway: &Running, draft: Draft) -> Response {
    let method: Method = draft.method.parse().unwrap();
    let mut request = gateway.http.request(method, gateway.url(&draft.path)).body(draft.body);
    for (name, value) in draft.headers {
        request = request.header(name, value);
    }
    request.send().await.unwrap()
}

async fn refused(gateway: &Running, draft: Draft) -> (u16, String, String) {
    let response = send(gateway, draft).await;
    let error_type = response.headers()["x-amzn-errortype"].to_str().unwrap().to_owned();
    (response.status().as_u16(), error_type, response.text().await.unwrap())
}

#[tokio::test]
async fn signed_requests_get_through_in_both_spellings_of_the_path() {
    let gateway = guarded().await;
    let (mut client, id) = gateway.connect_with_id().await;
    let encoded = id.replace('=', "%3D");
    for path in
        [format!("@connections/{id}"), format!("@connections/{encoded}"), format!("%40connections/{encoded}")]
    {
        let post = draft(&gateway, "POST", &format!("/dev/{path}"), "héllo");
        assert_eq!(send(&gateway, Signer::at(Utc::now()).sign(post)).await.status(), 200, "{path}");
        assert_eq!(client.text().await, "héllo");
    }
    let path = format!("/dev/@connections/{encoded}");
    let get = draft(&gateway, "GET", &path, "");
    assert_eq!(send(&gateway, Signer::at(Utc::now()).sign(get)).await.status(), 200);
    let delete = draft(&gateway, "DELETE", &path, "");
    assert_eq!(send(&gateway, Signer::at(Utc::now()).sign(delete)).await.status(), 204);
    assert!(client.closed().await.is_some());
}

#[tokio::test]
async fn a_presigned_url_gets_through() {
    let gateway = guarded().await;
    let (_client, id) = gateway.connect_with_id().await;
    let get = draft(&gateway, "GET", &format!("/dev/@connections/{id}"), "");
    let get = Signer::at(Utc::now()).presign(get, std::time::Duration::from_secs(60));
    assert_eq!(send(&gateway, get).await.status(), 200);
}

#[tokio::test]
async fn a_stranger_learns_nothing_about_connections() {
    let gateway = guarded().await;
    let (_client, id) = gateway.connect_with_id().await;
    let expected = (
        403,
        "MissingAuthenticationTokenException".to_owned(),
        r#"{"message":"Missing Authentication Token"}"#.to_owned(),
    );
    for id in [&id, NOBODY, "malformed"] {
        for method in ["POST", "GET", "DELETE", "PUT"] {
            let path = format!("/dev/@connections/{id}");
            assert_eq!(
                refused(&gateway, draft(&gateway, method, &path, "x")).await,
                expected,
                "{method} {id}"
            );
        }
    }
    let wrong = Signer { secret_access_key: "another", ..Signer::at(Utc::now()) };
    for id in [&id, NOBODY, "malformed"] {
        let post = draft(&gateway, "POST", &format!("/dev/@connections/{id}"), "x");
        let (status, error_type, _) = refused(&gateway, wrong.sign(post)).await;
        assert_eq!((status, error_type.as_str()), (403, "InvalidSignatureException"), "{id}");
    }
}

#[tokio::test]
async fn a_stranger_is_refused_before_the_body_has_arrived() {
    let gateway = guarded().await;
    let mut stream = TcpStream::connect(gateway.address).await.unwrap();
    let head = format!("POST /dev/@connections/{NOBODY} HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    within("an answer, and the end", stream.read_to_string(&mut answer)).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
}

#[tokio::test]
async fn who_may_call_is_told_what_is_wrong_with_the_call() {
    let gateway = guarded().await;
    let sign = |method, path: &str| Signer::at(Utc::now()).sign(draft(&gateway, method, path, "x"));
    let gone = refused(&gateway, sign("POST", "/dev/@connections/AAAAAAAAAAAAAAA%3D")).await;
    assert_eq!((gone.0, gone.1.as_str()), (410, "GoneException"));
    let malformed = refused(&gateway, sign("POST", "/dev/@connections/malformed")).await;
    assert_eq!((malformed.0, malformed.1.as_str()), (400, "BadRequestException"));
    let method = refused(&gateway, sign("PUT", "/dev/@connections/AAAAAAAAAAAAAAA%3D")).await;
    assert_eq!((method.0, method.1.as_str()), (403, "ForbiddenException"));
}

#[tokio::test]
async fn a_path_that_is_none_is_forbidden_before_anybody_asks_for_a_signature() {
    let gateway = guarded().await;
    let (status, error_type, _) =
        refused(&gateway, draft(&gateway, "POST", "/prod/@connections/AAAAAAAAAAAAAAA=", "x")).await;
    assert_eq!((status, error_type.as_str()), (403, "ForbiddenException"));
}

#[tokio::test]
async fn the_gateways_clock_decides_what_has_expired() {
    let gateway = guarded().await;
    let path = "/dev/@connections/AAAAAAAAAAAAAAA%3D";
    let late = Signer::at(Utc::now() - TimeDelta::minutes(6));
    let (status, _, body) = refused(&gateway, late.sign(draft(&gateway, "GET", path, ""))).await;
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(status, 403);
    assert!(body["message"].as_str().unwrap().starts_with("Signature expired: "), "{body}");
}

#[tokio::test]
async fn without_credentials_signatures_are_ignored() {
    let gateway = Running::script(Script::new().on("$connect", ok)).await;
    let path = "/dev/@connections/AAAAAAAAAAAAAAA%3D";
    let get = draft(&gateway, "GET", path, "").header("authorization", "nonsense");
    assert_eq!(refused(&gateway, get).await.0, 410);
}

#[tokio::test]
async fn connecting_needs_no_signature() {
    let gateway = guarded().await;
    let (mut client, id) = gateway.connect_with_id().await;
    let post = draft(&gateway, "POST", &format!("/dev/@connections/{id}"), "welcome");
    send(&gateway, Signer::at(Utc::now()).sign(post)).await;
    assert_eq!(client.text().await, "welcome");
}
