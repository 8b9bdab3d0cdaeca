//! Pushing to all connections of a user.

mod support;

use std::time::Duration;

use everwire_backend::Config;
use everwire_backend::push::Report;
use everwire_backend::store::Connection;
use support::{Management, backend, backend_with, config, now_ms};

#[tokio::test]
async fn a_message_goes_to_every_connection_of_the_user_and_nobody_else() {
    let (management, (backend, store)) = (Management::start().await, backend().await);
    for (id, user) in [("one=", "alice"), ("two=", "alice"), ("other=", "bob")] {
        store.put(&management.connection(id, user)).await.unwrap();
    }
    let report = backend.send("alice", r#"{"title":"Hi"}"#).await.unwrap();
    assert_eq!(report, Report { delivered: 2, gone: 0, failed: 0 });
    let posts = management.posts();
    let [(first, one), (second, two)] = posts.as_slice() else { panic!("two posts, not {posts:?}") };
    assert_eq!((first.as_str(), second.as_str()), ("one=", "two="));
    // Marked alike, so that a client with two connections shows it once.
    assert_eq!(one, two);
    assert!(one.starts_with(r#"{"title":"Hi","everwire":{"id":""#), "{one}");
}

#[tokio::test]
async fn a_connection_that_answers_410_is_forgotten_and_only_that_one() {
    let (management, (backend, store)) = (Management::start().await, backend().await);
    for id in ["here", "gone", "gone-too", "broken"] {
        store.put(&management.connection(id, "alice")).await.unwrap();
    }
    assert_eq!(backend.send("alice", "1").await.unwrap(), Report { delivered: 1, gone: 2, failed: 1 });
    let left = store.page("alice", None).await.unwrap().connections;
    assert_eq!(left, [management.connection("broken", "alice"), management.connection("here", "alice")]);
}

#[tokio::test]
async fn a_connection_whose_handshake_may_still_go_on_is_not_forgotten() {
    let (management, (backend, store)) = (Management::start().await, backend().await);
    let opening =
        Connection { connected_at: now_ms(), ..management.connection("gone-not-there-yet", "alice") };
    store.put(&opening).await.unwrap();
    assert_eq!(backend.send("alice", "1").await.unwrap(), Report { delivered: 0, gone: 1, failed: 0 });
    assert_eq!(store.page("alice", None).await.unwrap().connections, [opening]);
}

#[tokio::test]
async fn a_post_that_hangs_does_not_hold_up_the_others() {
    let config = Config { post_timeout: Duration::from_millis(300), ..config() };
    let (management, (backend, store)) = (Management::start().await, backend_with(config).await);
    for id in ["a", "slow", "z"] {
        store.put(&management.connection(id, "alice")).await.unwrap();
    }
    // On a busy machine the others may be late too; all three are tried.
    let report = backend.send("alice", "1").await.unwrap();
    assert!(report.failed >= 1 && report.delivered + report.failed == 3, "{report:?}");
}

#[tokio::test]
async fn an_api_that_is_not_there_is_counted_as_failed_and_kept() {
    let (management, (backend, store)) = (Management::start().await, backend().await);
    let mut elsewhere = management.connection("a", "alice");
    // Nothing listens on port 1.
    elsewhere.domain_name = "127.0.0.1:1".to_owned();
    store.put(&elsewhere).await.unwrap();
    assert_eq!(backend.send("alice", "1").await.unwrap(), Report { delivered: 0, gone: 0, failed: 1 });
    assert_eq!(store.page("alice", None).await.unwrap().connections.len(), 1);
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
    assert_eq!(backend.send("alice", "1").await.unwrap(), Report { delivered: 120, gone: 0, failed: 0 });
}
