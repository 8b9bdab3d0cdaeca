//! PostgreSQL: what does not open says why, and never the password.

use everwire_backend::store::{self, StoreError};
use sqlx::{Connection, Executor, PgConnection};

use crate::{connection, ids, postgres_server};

/// With characters that a URL has to escape.
const PASSWORD: &str = "p@ss:w/rd?";
const ESCAPED: &str = "p%40ss%3Aw%2Frd%3F";

/// Somebody who has to prove who it is, with a schema of the same name.
async fn new_user() -> String {
    let user = format!("u{}", uuid::Uuid::new_v4().simple());
    let role = format!("CREATE ROLE {user} LOGIN PASSWORD '{PASSWORD}'");
    postgres_server::execute(&format!("{role}; CREATE SCHEMA {user} AUTHORIZATION {user}")).await;
    user
}

/// The error, which has no password in it.
async fn refused(address: &str) -> StoreError {
    let error = store::open(address).await.unwrap_err();
    for password in [PASSWORD, ESCAPED, "wrong"] {
        assert!(!format!("{error} {error:?}").contains(password), "{error}");
    }
    error
}

#[tokio::test]
async fn a_password_may_have_any_character_and_is_never_shown() {
    let user = new_user().await;
    let address = postgres_server::address(&format!("{user}:{ESCAPED}"), "postgres", "");
    let store = store::open(&address).await.unwrap();
    store.put(&connection("a", "alice", "host", 5)).await.unwrap();
    assert_eq!(ids(&store, "alice").await, ["a"]);
    let shown = format!("{store:?} {}", store::shown(&address));
    assert!(!shown.contains(PASSWORD) && !shown.contains(ESCAPED), "{shown}");
}

#[tokio::test]
async fn a_wrong_password_is_refused_and_not_repeated() {
    let user = new_user().await;
    let error = refused(&postgres_server::address(&format!("{user}:wrong"), "postgres", "")).await;
    assert!(matches!(&error, StoreError::Open(text) if text.contains("authentication failed")), "{error:?}");
}

#[tokio::test]
async fn a_missing_database_is_named() {
    let error = refused(&postgres_server::address("everwire", "missing", "")).await;
    assert!(
        matches!(&error, StoreError::Open(text) if text.contains("\"missing\" does not exist")),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_server_that_is_not_there_is_said_to_refuse() {
    let error = refused("postgres://everwire:wrong@127.0.0.1:1/everwire").await;
    assert!(matches!(&error, StoreError::Open(text) if text.contains("refused")), "{error:?}");
}

#[tokio::test]
async fn a_database_that_another_process_holds_is_given_up_and_used_again_afterwards() {
    // Of its own: whoever opens any schema of a database waits for the lock that sqlx takes in it.
    let database = format!("d{}", uuid::Uuid::new_v4().simple());
    postgres_server::execute(&format!("CREATE DATABASE {database}")).await;
    let address = postgres_server::address("everwire", &database, "");
    let store = store::open(&address).await.unwrap();

    let mut other = PgConnection::connect(&address).await.unwrap();
    let mut held = other.begin().await.unwrap();
    held.execute("LOCK TABLE connections, _sqlx_migrations").await.unwrap();
    let a = connection("a", "alice", "host", 5);
    let (put, page, opened) = tokio::join!(store.put(&a), store.page("alice", None), store::open(&address));
    for failed in [put.unwrap_err(), page.unwrap_err()] {
        assert!(
            matches!(&failed, StoreError::Failed(text) if text.contains("no answer in 10s")),
            "{failed:?}"
        );
    }
    let opened = opened.unwrap_err();
    assert!(matches!(&opened, StoreError::Open(text) if text.contains("no answer in 10s")), "{opened:?}");

    held.rollback().await.unwrap();
    store.put(&a).await.unwrap();
    assert_eq!(ids(&store::open(&address).await.unwrap(), "alice").await, ["a"]);
}

#[tokio::test]
async fn an_address_that_cannot_be_read_does_not_show_its_password() {
    for address in
        ["postgres://everwire:wrong@host:port/everwire", "postgres://everwire:wro/ng@host/everwire"]
    {
        let error = refused(address).await;
        assert!(matches!(error, StoreError::Open(_)), "{error:?}");
    }
}

#[tokio::test]
async fn who_may_not_make_tables_is_told() {
    let user = new_user().await;
    let theirs = "-c search_path=pg_catalog";
    let error = refused(&postgres_server::address(&format!("{user}:{ESCAPED}"), "postgres", theirs)).await;
    assert!(matches!(&error, StoreError::Open(text) if text.contains("permission denied")), "{error:?}");
}

#[tokio::test]
async fn tables_of_somebody_else_are_left_alone() {
    let schema = format!("s{}", uuid::Uuid::new_v4().simple());
    let table = format!("{schema}.connections");
    postgres_server::execute(&format!("CREATE SCHEMA {schema}; CREATE TABLE {table} (theirs TEXT)")).await;
    let options = format!("-c search_path={schema}");
    let error = refused(&postgres_server::address("everwire", "postgres", &options)).await;
    assert!(matches!(&error, StoreError::Migration(text) if text.contains("already exists")), "{error:?}");
    postgres_server::execute(&format!("SELECT theirs FROM {table}")).await;
}

#[test]
fn an_address_is_shown_without_what_is_secret() {
    for (address, shown) in [
        (
            "postgres://me:secret@db.example.com:5433/app?sslmode=require",
            "postgres://db.example.com:5433/app",
        ),
        ("postgres://me@db.example.com/app?password=secret", "postgres://db.example.com/app"),
        ("postgres://me:se/cret@db.example.com/app", "postgres://…"),
        ("postgres://me:1/cret@db.example.com/app", "postgres://…"),
        ("postgres://me:1?cret@db.example.com/app", "postgres://…"),
        ("postgres://me:1#cret@db.example.com/app", "postgres://…"),
        ("postgres:me:secret@db.example.com/app", "postgres://…"),
        ("postgres:me:secret", "postgres://…"),
        ("dynamodb://connections?region=eu-west-1", "dynamodb://connections"),
        ("folder/connections.db", "folder/connections.db"),
        ("sqlite://folder/connections.db", "sqlite://folder/connections.db"),
        (":memory:", ":memory:"),
    ] {
        assert_eq!(store::shown(address), shown);
    }
}
