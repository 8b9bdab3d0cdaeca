//! The status page: what it shows, to whom, and that it runs nobody else's code.

mod support;

use everwire_gateway::Config;
use everwire_gateway::serve::{Options, Server};
use reqwest::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, ORIGIN, X_CONTENT_TYPE_OPTIONS};
use serde_json::{Value, json};
use support::{Running, access_token, until};

async fn status(gateway: &Running) -> Value {
    gateway.http.get(gateway.url("/status.json")).send().await.unwrap().json().await.unwrap()
}

fn users(status: &Value) -> Vec<&str> {
    status["connections"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|connection| connection["user"].as_str())
        .collect()
}

#[tokio::test]
async fn connections_appear_and_go_and_the_newest_event_is_the_first() {
    let gateway = Running::backend().await;
    let empty = status(&gateway).await;
    assert_eq!((&empty["connections"], &empty["events"]), (&json!([]), &json!([])));

    let alice = gateway.connect_as("alice").await;
    let bob = gateway.connect_as("bob").await;
    let open = status(&gateway).await;
    assert_eq!(open["connectionCount"], 2);
    let mut names = users(&open);
    names.sort_unstable();
    assert_eq!(names, ["alice", "bob"]);
    let connection = &open["connections"][0];
    assert_eq!(connection["sourceIp"], "127.0.0.1");
    assert!(connection["lastActiveAt"].as_i64() >= connection["connectedAt"].as_i64());
    assert!(open["now"].as_i64() >= connection["connectedAt"].as_i64());

    alice.close(4000, "bye").await;
    let closed = until("alice's end", || async {
        Some(status(&gateway).await).filter(|status| status["connectionCount"] == 1)
    })
    .await;
    assert_eq!(users(&closed), ["bob"]);
    let event = &closed["events"][0];
    assert_eq!(
        (&event["event"], &event["user"], &event["code"]),
        (&json!("disconnected"), &json!("alice"), &json!(4000))
    );
    drop(bob);
}

#[tokio::test]
async fn the_api_is_described() {
    let gateway = Running::backend().await;
    let api = &status(&gateway).await["api"];
    assert_eq!(api["stage"], "dev");
    assert_eq!(api["url"], format!("ws://{}/dev", gateway.address));
    assert_eq!(
        api["authorizer"],
        json!({"function": "backend", "identitySources": ["route.request.querystring.token"]})
    );
    let routes = api["routes"].as_array().unwrap();
    assert!(routes.contains(&json!({"routeKey": "$connect", "function": "backend", "isTwoWay": false})));
}

#[tokio::test]
async fn pages_and_hosts_of_elsewhere_are_refused() {
    let gateway = Running::backend().await;
    for path in ["/", "/status.json"] {
        let get = || gateway.http.get(gateway.url(path));
        for host in
            ["example.com", "localhost.example.com", "127.0.0.1.example.com", "a@localhost", "192.0.2.1"]
        {
            assert_eq!(get().header(HOST, host).send().await.unwrap().status(), 403, "{host}");
        }
        for origin in ["http://example.com", "null", "https://localhost.example.com"] {
            assert_eq!(get().header(ORIGIN, origin).send().await.unwrap().status(), 403, "{origin}");
        }
        for host in ["localhost", "gateway.localhost:3001", "127.0.0.1", "[::1]:3001"] {
            assert_eq!(get().header(HOST, host).send().await.unwrap().status(), 200, "{host}");
        }
        assert_eq!(gateway.http.post(gateway.url(path)).send().await.unwrap().status(), 403);
    }
}

#[tokio::test]
async fn a_client_that_has_forgotten_the_stage_is_refused_as_ever() {
    let gateway = Running::backend().await;
    assert_eq!(gateway.refused("/").await.0, 403);
}

#[tokio::test]
async fn a_user_named_like_a_script_is_data_and_never_part_of_the_page() {
    let gateway = Running::backend().await;
    let name = "</script><script>alert(1)</script><img src=x onerror=alert(1)>";
    let _client = gateway.connect_as(name).await;
    let response = gateway.http.get(gateway.url("/status.json")).send().await.unwrap();
    assert_eq!(response.headers()[CONTENT_TYPE], "application/json");
    assert_eq!(response.headers()[X_CONTENT_TYPE_OPTIONS], "nosniff");
    assert_eq!(users(&response.json().await.unwrap()), [name]);

    let response = gateway.http.get(gateway.url("/")).send().await.unwrap();
    let policy = response.headers()[CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned();
    let page = response.text().await.unwrap();
    assert!(!page.contains("alert"));
    // The page may run its own script, which is named by a number used once, and makes no HTML of texts.
    let nonce = policy.split("script-src 'nonce-").nth(1).unwrap().split('\'').next().unwrap();
    assert_eq!(page.matches(&format!("<script nonce=\"{nonce}\">")).count(), 1);
    assert_eq!(page.matches("<script").count(), 1);
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    for maker in [
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        " onclick=",
        "http://",
        "https://",
    ] {
        assert!(!page.contains(maker), "{maker}");
    }
    let again = gateway.http.get(gateway.url("/")).send().await.unwrap();
    assert_ne!(again.headers()[CONTENT_SECURITY_POLICY], policy.as_str());
}

#[tokio::test]
async fn no_token_is_in_it() {
    let gateway = Running::backend().await;
    let _client = gateway.connect_as("alice").await;
    gateway.refused("/dev?token=garbage-that-is-no-token").await;
    let shown = status(&gateway).await.to_string();
    for part in access_token("alice").split('.').chain(["garbage", "token="]) {
        assert!(!shown.contains(part), "{part}: {shown}");
    }
    assert!(shown.contains("refused"));
}

#[tokio::test]
async fn looking_at_it_uses_up_no_limit() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let options = Options {
        gateway: Config {
            requests_per_second: 1,
            request_burst: 2,
            connections_per_second: 1,
            ..Config::default()
        },
        ..Options::new(support::secret())
    };
    let server = Server::new(listener, options).await.unwrap();
    let serving = tokio::spawn(server.run(std::future::pending()));
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    for _ in 0..20 {
        assert_eq!(http.get(format!("http://{address}/status.json")).send().await.unwrap().status(), 200);
    }
    let url = format!("ws://{address}/dev?token={}", access_token("alice"));
    let mut client = support::Client::connect(&url).await;
    client.send(r#"{"action":"echo"}"#).await;
    client.text().await;
    serving.abort();
}
