//! SQLite: the file, its permissions, its older versions, and a writer that is killed.

use std::env;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use everwire_backend::store::{self, StoreError};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, SqliteConnection};

use crate::{Place, connection, ids};

async fn raw(place: &Place) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(&place.address).create_if_missing(true);
    options.connect().await.unwrap()
}

#[cfg(unix)]
#[tokio::test]
async fn the_file_and_those_beside_it_are_for_the_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::sqlite();
    let store = place.open().await;
    store.put(&connection("a", "alice", "host", 1)).await.unwrap();
    for beside in ["", "-shm", "-wal"] {
        let mode = std::fs::metadata(format!("{}{beside}", place.address)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{beside}");
    }
}

#[tokio::test]
async fn a_path_may_have_any_character() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a b.db", "50%25.db", "q?mode=memory", "#1", "ü🦀", "a:b", "a\\b", "o'brien"] {
        let path = folder.path().join(name);
        for address in [path.to_str().unwrap().to_owned(), format!("sqlite:{}", path.display())] {
            let store = store::open(&address).await.unwrap();
            store.put(&connection("a", "alice", "host", 20)).await.unwrap();
            assert_eq!(ids(&store, "alice").await, ["a"], "{address}");
        }
        assert!(std::fs::metadata(&path).unwrap().len() > 0, "{name}");
    }
}

#[tokio::test]
async fn two_memory_stores_are_two_stores() {
    let (first, second) = (Place::memory().open().await, Place::memory().open().await);
    first.put(&connection("a", "alice", "host", 20)).await.unwrap();
    assert_eq!(ids(&second, "alice").await, [""; 0]);
}

#[tokio::test]
async fn a_file_of_the_first_version_keeps_its_connections() {
    let place = Place::sqlite();
    let mut old = raw(&place).await;
    old.execute(include_str!("first_version.sql")).await.unwrap();
    let kept = connection("a", "alice", "host", 20);
    let insert =
        format!("INSERT INTO connections VALUES ('a', 'alice', 'host', 'dev', {})", kept.connected_at);
    old.execute(AssertSqlSafe(insert)).await.unwrap();
    old.close().await.unwrap();

    let store = place.open().await;
    assert_eq!(crate::of(&store, "alice").await, [kept]);
    store.put(&connection("b", "alice", "host", 10)).await.unwrap();
    assert_eq!(ids(&store, "alice").await, ["a", "b"]);
}

#[tokio::test]
async fn a_file_of_a_later_version_is_refused_with_what_to_do() {
    let place = Place::sqlite();
    place.open().await.close().await;
    let later = "INSERT INTO _sqlx_migrations VALUES (9999, 'later', CURRENT_TIMESTAMP, TRUE, x'00', 1)";
    raw(&place).await.execute(later).await.unwrap();
    let error = store::open(&place.address).await.unwrap_err();
    assert!(matches!(error, StoreError::Migration(_)), "{error:?}");
    assert!(error.to_string().contains("delete it, as it holds nothing lasting"), "{error}");
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused_and_left_alone() {
    let place = Place::sqlite();
    let list = "this is a shopping list, and long enough to be read as the header of a database";
    std::fs::write(&place.address, list).unwrap();
    let error = store::open(&place.address).await.unwrap_err().to_string();
    assert!(error.contains("is the path or address right"), "{error}");
    assert_eq!(std::fs::read_to_string(&place.address).unwrap(), list);
}

#[tokio::test]
async fn a_file_in_a_folder_that_is_missing_does_not_open() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("missing/connections.db");
    let error = store::open(path.to_str().unwrap()).await.unwrap_err();
    assert!(matches!(&error, StoreError::Open(text) if text.contains("No such file")), "{error:?}");
}

/// Runs this test again as the writer, and kills that.
#[tokio::test]
async fn a_writer_that_is_killed_leaves_a_store_that_opens_with_all_it_has_written() {
    const STORE: &str = "EVERWIRE_TEST_STORE";
    const WRITTEN: usize = 300;
    if let Ok(address) = env::var(STORE) {
        return write_forever(&address).await;
    }
    let place = Place::sqlite();
    let name = "sqlite::a_writer_that_is_killed_leaves_a_store_that_opens_with_all_it_has_written";
    let mut writer = Command::new(env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture"])
        .env(STORE, &place.address)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(writer.stdout.take().unwrap()).lines().map_while(Result::ok);
    let written = |line: String| line.strip_prefix("written ").map(str::to_owned);
    let mut lines = lines.filter_map(written);
    let mut all: Vec<_> = lines.by_ref().take(WRITTEN).collect();
    writer.kill().unwrap();
    writer.wait().unwrap();
    all.extend(lines);
    assert!(all.len() >= WRITTEN);

    let store = place.open().await;
    let found = ids(&store, "alice").await;
    for id in &all {
        assert!(found.contains(id), "{id} was written");
    }
    // At most one of bob's was on its way out.
    let bobs = ids(&store, "bob").await;
    assert!(bobs.len() <= 1, "{bobs:?}");
    assert_eq!(store.clear("host").await.unwrap(), (found.len() + bobs.len()) as u64);
}

/// Connections of alice that stay, and as many that do not.
async fn write_forever(address: &str) {
    let store = store::open(address).await.unwrap();
    for n in 0.. {
        store.put(&connection(&format!("stays {n}"), "alice", "host", 5)).await.unwrap();
        println!("\nwritten stays {n}");
        store.put(&connection(&format!("goes {n}"), "bob", "host", 5)).await.unwrap();
        store.delete(&format!("goes {n}")).await.unwrap();
    }
}
