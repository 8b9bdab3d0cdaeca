//! PostgreSQL: what does not open says why, and never the password.

use everwire_backend::store::{self, StoreError};

use crate::postgres_server::{self, PASSWORD};
use crate::{Place, connection};

async fn refused(address: &str) -> StoreError {
    let error = store::open(address).await.unwrap_err();
    for password in [PASSWORD, "wrong", "p%40ss"] {
        assert!(!format!("{error} {error:?}").contains(password), "{error}");
    }
    error
}

#[tokio::test]
async fn a_wrong_password_is_refused_and_not_repeated() {
    let error = refused(&postgres_server::address("everwire", "wrong", "postgres", "")).await;
    assert!(matches!(&error, StoreError::Open(text) if text.contains("authentication failed")), "{error:?}");
}

#[tokio::test]
async fn a_missing_database_is_named() {
    let error = refused(&postgres_server::address("everwire", PASSWORD, "missing", "")).await;
    assert!(
        matches!(&error, StoreError::Open(text) if text.contains("\"missing\" does not exist")),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_server_that_is_not_there_is_found_out_at_once() {
    let began = std::time::Instant::now();
    let error = refused("postgres://everwire:wrong@127.0.0.1:1/everwire").await;
    assert!(matches!(&error, StoreError::Open(text) if text.contains("refused")), "{error:?}");
    assert!(began.elapsed().as_secs() < 5);
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
    let role = format!("r{}", uuid::Uuid::new_v4().simple());
    postgres_server::execute(&format!("CREATE ROLE {role} LOGIN PASSWORD 'wrong'")).await;
    let error = refused(&postgres_server::address(&role, "wrong", "postgres", "")).await;
    assert!(matches!(&error, StoreError::Open(text) if text.contains("permission denied")), "{error:?}");
}

#[tokio::test]
async fn tables_of_somebody_else_are_left_alone() {
    let schema = format!("s{}", uuid::Uuid::new_v4().simple());
    let table = format!("{schema}.connections");
    postgres_server::execute(&format!("CREATE SCHEMA {schema}; CREATE TABLE {table} (theirs TEXT)")).await;
    let options = format!("-c search_path={schema}");
    let error = refused(&postgres_server::address("everwire", PASSWORD, "postgres", &options)).await;
    assert!(matches!(&error, StoreError::Migration(text) if text.contains("already exists")), "{error:?}");
    postgres_server::execute(&format!("SELECT theirs FROM {table}")).await;
}

#[tokio::test]
async fn a_store_that_is_shown_shows_no_password() {
    let place = Place::postgres().await;
    let store = place.open().await;
    store.put(&connection("a", "alice", "host", 5)).await.unwrap();
    let shown = format!("{store:?} {}", store::shown(&place.address));
    assert!(!shown.contains(PASSWORD) && !shown.contains("%40"), "{shown}");
    assert!(shown.ends_with("postgres://localhost/postgres"), "{shown}");
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
        ("dynamodb://connections?region=eu-west-1", "dynamodb://connections"),
        ("folder/connections.db", "folder/connections.db"),
        ("sqlite://folder/connections.db", "sqlite://folder/connections.db"),
        (":memory:", ":memory:"),
    ] {
        assert_eq!(store::shown(address), shown);
    }
}
