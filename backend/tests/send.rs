//! Pushing to all connections of a user.

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use everwire_backend::Config;
use everwire_backend::push::{Credentials, Endpoint, Reason, Report};
use everwire_backend::store::{Connection, StoreError};
use support::{Management, backend, backend_with, config, now_ms};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// A backend that pushes to alice's connections of these ids, and what became of it.
async fn sent(management: &Management, config: Config, ids: &[&str]) -> (Report, Vec<String>) {
    let (backend, store) = backend_with(config).await;
    for id in ids {
        store.put(&management.connection(id, "alice")).await.unwrap();
    }
    let report = backend.send("alice", "1").await.unwrap();
    let left = store.page("alice", None).await.unwrap().connections;
    (report, left.into_iter().map(|connection| connection.connection_id).collect())
}

fn failed(reason: Reason) -> Report {
    Report { failed: 1, reasons: [(reason, 1)].into(), ..Report::default() }
}

#[tokio::test]
async fn a_message_goes_to_every_connection_of_the_user_and_nobody_else() {
    let (management, (backend, store)) = (Management::start().await, backend().await);
    for (id, user) in [("one=", "alice"), ("two=", "alice"), ("other=", "bob")] {
        store.put(&management.connection(id, user)).await.unwrap();
    }
    let report = backend.send("alice", r#"{"title":"Hi"}"#).await.unwrap();
    assert_eq!(report, Report { delivered: 2, ..Report::default() });
    let posts = management.posts();
    let [(first, one), (second, two)] = posts.as_slice() else { panic!("two posts, not {posts:?}") };
    assert_eq!((first.as_str(), second.as_str()), ("one=", "two="));
    // Marked alike, so that a client with two connections shows it once.
    assert_eq!(one, two);
    assert!(one.starts_with(r#"{"title":"Hi","everwire":{"id":""#), "{one}");
}

#[tokio::test]
async fn a_connection_that_answers_410_is_forgotten_and_only_that_one() {
    let management = Management::start().await;
    // Without the header that the SDK knows the error by, and with it.
    let ids = ["aws-gone", "broken", "gone", "here"];
    let (report, left) = sent(&management, config(), &ids).await;
    assert_eq!((report.delivered, report.gone, report.failed), (1, 2, 1));
    assert_eq!(report.reasons, [(Reason::Refused, 1)].into());
    assert_eq!(left, ["broken", "here"]);
}

#[tokio::test]
async fn a_connection_whose_handshake_may_still_go_on_is_not_forgotten() {
    let (management, (backend, store)) = (Management::start().await, backend().await);
    let opening =
        Connection { connected_at: now_ms(), ..management.connection("gone-not-there-yet", "alice") };
    store.put(&opening).await.unwrap();
    assert_eq!(backend.send("alice", "1").await.unwrap(), Report { gone: 1, ..Report::default() });
    assert_eq!(store.page("alice", None).await.unwrap().connections, [opening]);
}

#[tokio::test]
async fn a_post_that_hangs_does_not_hold_up_the_others() {
    let management = Management::start().await;
    let config = Config { post_timeout: Duration::from_secs(60), ..config() };
    // The oldest of them, so the first that is posted to.
    let ids = ["slow", "t", "u"];
    tokio::select! {
        (report, _) = sent(&management, config, &ids) => panic!("it did not wait for the slow one: {report:?}"),
        () = management.until_posted(2) => {}
    }
}

#[tokio::test]
async fn a_post_that_is_not_answered_in_time_is_given_up_and_its_connection_kept() {
    let config = Config { post_timeout: Duration::from_millis(300), ..config() };
    let (report, left) = sent(&Management::start().await, config, &["slow"]).await;
    assert_eq!((report, left), (failed(Reason::TimedOut), vec!["slow".to_owned()]));
}

#[tokio::test]
async fn an_api_that_is_not_there_is_counted_as_failed_and_kept() {
    let (management, (backend, store)) = (Management::start().await, backend().await);
    let mut elsewhere = management.connection("a", "alice");
    // Nothing listens on port 1.
    elsewhere.domain_name = "127.0.0.1:1".to_owned();
    store.put(&elsewhere).await.unwrap();
    assert_eq!(backend.send("alice", "1").await.unwrap(), failed(Reason::Unreachable));
    assert_eq!(store.page("alice", None).await.unwrap().connections.len(), 1);
}

#[tokio::test]
async fn a_post_whose_connection_breaks_before_the_answer_is_repeated_once_if_its_mark_tells() {
    let delivered = || Report { delivered: 1, ..Report::default() };
    for (message, breaks, tries, report) in [
        ("{}", 1, 2, delivered()),
        ("{}", 2, 2, failed(Reason::Unreachable)),
        // It may have arrived, and a client would show it twice.
        ("1", 1, 1, failed(Reason::Unreachable)),
    ] {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}/dev", listener.local_addr().unwrap()).parse().unwrap();
        let (backend, store) = backend_with(Config { endpoint, ..config() }).await;
        store.put(&Management::start().await.connection("a", "alice")).await.unwrap();
        let tried = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&tried);
        let served = tokio::spawn(async move {
            loop {
                let (mut socket, _) = listener.accept().await.unwrap();
                let mut request = [0; 4096];
                assert!(socket.read(&mut request).await.unwrap() > 0);
                if counter.fetch_add(1, Ordering::Relaxed) == breaks {
                    socket.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await.unwrap();
                }
            }
        });
        assert_eq!(backend.send("alice", message).await.unwrap(), report);
        assert_eq!(tried.load(Ordering::Relaxed), tries, "{message}");
        served.abort();
    }
}

#[tokio::test]
async fn a_store_that_fails_in_the_middle_leaves_the_report_of_what_was_posted() {
    let (management, (backend, store)) = (Management::start().await, backend().await);
    for n in 0..120 {
        store.put(&management.connection(&format!("held-{n}"), "alice")).await.unwrap();
    }
    let failing = async {
        // The first page of 100 is read then, and the next one is not.
        management.until_running(50).await;
        store.close().await;
        management.open_gate();
    };
    let (sent, ()) = tokio::join!(backend.send("alice", "1"), failing);
    let error = sent.unwrap_err();
    assert_eq!(error.error, StoreError::Closed);
    assert_eq!(error.report, Report { delivered: 100, ..Report::default() });
    assert!(error.to_string().contains("100 delivered"), "{error}");
    assert_eq!(management.posts().len(), 100);
}

#[tokio::test]
async fn a_throttled_post_is_tried_again_until_it_is_delivered() {
    let management = Management::start().await;
    let (report, _) = sent(&management, config(), &["busy-3", "here"]).await;
    assert_eq!(report, Report { delivered: 2, ..Report::default() });
    assert_eq!(management.tries("busy-3"), 4);
    assert_eq!(management.tries("here"), 1);
}

#[tokio::test]
async fn a_throttled_post_slows_down_the_others_too() {
    let (management, (backend, store)) = (Management::start().await, backend().await);
    store.put(&management.connection("throttled", "alice")).await.unwrap();
    store.put(&management.connection("here", "bob")).await.unwrap();
    let began_at = Instant::now();
    assert_eq!(backend.send("alice", "1").await.unwrap(), failed(Reason::Throttled));
    assert_eq!(backend.send("bob", "1").await.unwrap(), Report { delivered: 1, ..Report::default() });
    // Four waits of alice's, and the fifth, which was not worth waiting for her, is bob's: half of 0.1, 0.2, 0.4, 0.8
    // and 1.6 s at the least.
    assert!(began_at.elapsed() >= Duration::from_millis(1550), "{:?}", began_at.elapsed());
}

#[tokio::test]
async fn a_post_that_is_throttled_for_ever_is_given_up_and_its_connection_kept() {
    for id in ["throttled", "full"] {
        let management = Management::start().await;
        let (report, left) = sent(&management, config(), &[id]).await;
        assert_eq!((report, left), (failed(Reason::Throttled), vec![id.to_owned()]));
        assert_eq!(management.tries(id), 5);
    }
}

#[tokio::test]
async fn a_throttled_post_does_not_outlive_its_time() {
    let management = Management::start().await;
    let config = Config { post_timeout: Duration::from_millis(1), ..config() };
    let (report, _) = sent(&management, config, &["throttled"]).await;
    assert_eq!(report.failed, 1);
    assert!(management.tries("throttled") <= 1);
}

#[tokio::test]
async fn other_failures_are_tried_once_and_told_apart() {
    for (id, reason) in
        [("forbidden", Reason::Forbidden), ("large", Reason::TooLarge), ("broken", Reason::Refused)]
    {
        let management = Management::start().await;
        let (report, left) = sent(&management, config(), &[id]).await;
        assert_eq!((report, left), (failed(reason), vec![id.to_owned()]));
        assert_eq!(management.tries(id), 1);
    }
}

#[tokio::test]
async fn as_many_posts_run_at_once_as_configured_and_no_more() {
    let management = Management::start().await;
    let ids: Vec<_> = (0..40).map(|n| format!("held-{n}")).collect();
    let ids: Vec<_> = ids.iter().map(String::as_str).collect();
    let config = Config { concurrent_posts: 7, post_timeout: Duration::from_secs(60), ..config() };
    let test = async {
        management.until_running(7).await;
        // Many other posts come and go: an eighth would be there by now.
        for _ in 0..30 {
            sent(&management, support::config(), &["here"]).await;
        }
        assert_eq!(management.running(), 7);
        management.open_gate();
    };
    let ((report, _), ()) = tokio::join!(sent(&management, config, &ids), test);
    assert_eq!(report, Report { delivered: 40, ..Report::default() });
}

#[tokio::test]
async fn a_post_is_signed_with_the_given_credentials_or_with_made_up_ones_over_plain_http() {
    let management = Management::start().await;
    let credentials = Credentials {
        access_key_id: "AKIDEXAMPLE".to_owned(),
        secret_access_key: "a very secret key".to_owned(),
        session_token: None,
        region: Some("eu-north-1".to_owned()),
    };
    let given = Config { credentials: Some(credentials), ..config() };
    assert!(!format!("{given:?}").contains("secret key"));
    sent(&management, given, &["here"]).await;
    sent(&management, config(), &["here"]).await;
    let [first, second] = &management.authorizations()[..] else { panic!("not two posts") };
    assert!(first.starts_with("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/"), "{first}");
    assert!(first.contains("/eu-north-1/execute-api/aws4_request"), "{first}");
    assert!(second.starts_with("AWS4-HMAC-SHA256 Credential=local/"), "{second}");
}

#[tokio::test]
async fn lent_keys_sign_over_plain_http_to_this_machine_only_and_others_anywhere() {
    let management = Management::start().await;
    // To the system this machine too, but no loopback address.
    let elsewhere = management.domain_name.replace("127.0.0.1", "0.0.0.0");
    for (session_token, domain_name, key) in [
        (Some("session"), &management.domain_name, "AKIDEXAMPLE"),
        (Some("session"), &elsewhere, "local"),
        (None, &elsewhere, "AKIDEXAMPLE"),
    ] {
        let credentials = Credentials {
            access_key_id: "AKIDEXAMPLE".to_owned(),
            secret_access_key: "a very secret key".to_owned(),
            session_token: session_token.map(str::to_owned),
            region: None,
        };
        let (backend, store) = backend_with(Config { credentials: Some(credentials), ..config() }).await;
        let connection = management.connection("here", "alice");
        store.put(&Connection { domain_name: domain_name.clone(), ..connection }).await.unwrap();
        assert_eq!(backend.send("alice", "1").await.unwrap().delivered, 1);
        let signed = management.authorizations().pop().unwrap();
        assert!(signed.contains(&format!("Credential={key}/")), "{signed}");
        let shows_session = key != "local" && session_token.is_some();
        assert_eq!(signed.contains("x-amz-security-token"), shows_session, "{signed}");
    }
}

#[tokio::test]
async fn an_endpoint_of_its_own_takes_the_place_of_domain_and_stage() {
    let management = Management::start().await;
    let endpoint: Endpoint = format!("http://{}/chat/", management.domain_name).parse().unwrap();
    let (backend, store) = backend_with(Config { endpoint, ..config() }).await;
    let mut connection = management.connection("a=", "alice");
    connection.domain_name = "ws.example.com".to_owned();
    store.put(&connection).await.unwrap();
    assert_eq!(backend.send("alice", "1").await.unwrap().delivered, 1);
    assert_eq!(management.posts(), [("a=".to_owned(), "1".to_owned())]);
}

#[test]
fn what_is_no_endpoint_is_refused_with_what_would_be_one() {
    assert_eq!("https".parse(), Ok(Endpoint::Https));
    assert_eq!("http".parse(), Ok(Endpoint::Http));
    for text in ["", "ws://example.com", "api.example.com/chat", "/chat", "http://"] {
        let error = text.parse::<Endpoint>().unwrap_err().to_string();
        assert!(error.contains("https://api.example.com/chat"), "{error}");
    }
}

#[test]
fn a_report_without_failures_has_no_reasons_in_its_json() {
    let report = Report { delivered: 1, ..Report::default() };
    assert_eq!(serde_json::to_string(&report).unwrap(), r#"{"delivered":1,"gone":0,"failed":0}"#);
    let json = r#"{"delivered":0,"gone":0,"failed":1,"reasons":{"timedOut":1}}"#;
    assert_eq!(serde_json::to_string(&failed(Reason::TimedOut)).unwrap(), json);
    assert_eq!(serde_json::from_str::<Report>(json).unwrap(), failed(Reason::TimedOut));
}

#[tokio::test]
async fn a_user_who_is_not_connected_gets_nothing_and_that_is_no_error() {
    let (backend, _) = backend().await;
    assert_eq!(backend.send("nobody", "1").await.unwrap(), Report::default());
}

#[tokio::test]
async fn more_connections_than_run_at_once_are_all_reached() {
    let (management, (backend, store)) = (Management::start().await, backend().await);
    for n in 0..120 {
        store.put(&management.connection(&format!("c{n}"), "alice")).await.unwrap();
    }
    assert_eq!(backend.send("alice", "1").await.unwrap(), Report { delivered: 120, ..Report::default() });
}
