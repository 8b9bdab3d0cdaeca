//! Who is connected, kept in SQLite.

use std::sync::LazyLock;

use everwire_backend::store::{Connection, Store};
use everwire_backend::token;

/// A connection that began `age_ms` ago, seen from one moment for all.
fn connection(id: &str, user: &str, domain_name: &str, age_ms: i64) -> Connection {
    static NOW_MS: LazyLock<i64> = LazyLock::new(|| token::now() as i64 * 1000);
    Connection {
        connection_id: id.to_owned(),
        user: user.to_owned(),
        domain_name: domain_name.to_owned(),
        stage: "dev".to_owned(),
        connected_at: *NOW_MS - age_ms,
    }
}

async fn ids(store: &Store, user: &str) -> Vec<String> {
    store.by_user(user).await.unwrap().into_iter().map(|connection| connection.connection_id).collect()
}

#[tokio::test]
async fn a_users_connections_come_oldest_first_and_nobody_elses() {
    let store = Store::in_memory().await.unwrap();
    store.put(&connection("b", "alice", "host", 10)).await.unwrap();
    store.put(&connection("a", "alice", "host", 20)).await.unwrap();
    store.put(&connection("c", "bob", "host", 3)).await.unwrap();
    assert_eq!(
        store.by_user("alice").await.unwrap(),
        [connection("a", "alice", "host", 20), connection("b", "alice", "host", 10)]
    );
    assert_eq!(ids(&store, "nobody").await, [""; 0]);
}

#[tokio::test]
async fn the_same_connection_twice_is_kept_once() {
    let store = Store::in_memory().await.unwrap();
    store.put(&connection("a", "alice", "host", 20)).await.unwrap();
    store.put(&connection("a", "alice", "host", 2)).await.unwrap();
    assert_eq!(store.by_user("alice").await.unwrap(), [connection("a", "alice", "host", 2)]);
}

#[tokio::test]
async fn deleting_twice_is_as_good_as_once() {
    let store = Store::in_memory().await.unwrap();
    store.put(&connection("a", "alice", "host", 20)).await.unwrap();
    store.delete("a").await.unwrap();
    store.delete("a").await.unwrap();
    assert_eq!(ids(&store, "alice").await, [""; 0]);
}

#[tokio::test]
async fn clear_forgets_one_address_with_all_stages_and_leaves_the_others() {
    let store = Store::in_memory().await.unwrap();
    store.put(&connection("a", "alice", "127.0.0.1:1", 3)).await.unwrap();
    store.put(&connection("b", "alice", "127.0.0.1:2", 2)).await.unwrap();
    store
        .put(&Connection { stage: "prod".to_owned(), ..connection("c", "alice", "127.0.0.1:1", 1) })
        .await
        .unwrap();
    assert_eq!(store.domain_names().await.unwrap(), ["127.0.0.1:1", "127.0.0.1:2"]);
    assert_eq!(store.clear("127.0.0.1:1").await.unwrap(), 2);
    assert_eq!(ids(&store, "alice").await, ["b"]);
}

#[tokio::test]
async fn a_connection_older_than_2_hours_and_5_minutes_counts_no_more() {
    let store = Store::in_memory().await.unwrap();
    let minutes = |n: i64| n * 60_000;
    store.put(&connection("open", "alice", "host", minutes(120))).await.unwrap();
    store.put(&connection("ended", "alice", "host", minutes(126))).await.unwrap();
    assert_eq!(ids(&store, "alice").await, ["open"]);
    assert_eq!(store.clear_expired().await.unwrap(), 1);
    assert_eq!(store.clear_expired().await.unwrap(), 0);
    assert_eq!(ids(&store, "alice").await, ["open"]);
}

#[cfg(unix)]
#[tokio::test]
async fn the_file_and_those_beside_it_are_for_the_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("connections.db")).await.unwrap();
    store.put(&connection("a", "alice", "host", 1)).await.unwrap();
    for name in ["connections.db", "connections.db-shm", "connections.db-wal"] {
        let mode = std::fs::metadata(folder.path().join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

#[tokio::test]
async fn a_file_is_made_once_and_found_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("connections.db");
    let first = Store::open(&path).await.unwrap();
    first.put(&connection("a", "alice", "host", 20)).await.unwrap();
    // A second process on the same file, while the first is still there.
    let second = Store::open(&path).await.unwrap();
    assert_eq!(ids(&second, "alice").await, ["a"]);
}

#[tokio::test]
async fn two_memory_stores_are_two_stores() {
    let (first, second) = (Store::in_memory().await.unwrap(), Store::in_memory().await.unwrap());
    first.put(&connection("a", "alice", "host", 20)).await.unwrap();
    assert_eq!(ids(&second, "alice").await, [""; 0]);
}

#[tokio::test]
async fn many_writers_at_once_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("connections.db")).await.unwrap();
    let writers = (0..50).map(|n| {
        let store = store.clone();
        tokio::spawn(async move { store.put(&connection(&n.to_string(), "alice", "host", n)).await.unwrap() })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    assert_eq!(ids(&store, "alice").await.len(), 50);
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("connections.db");
    let list = "this is a shopping list, and long enough to be read as the header of a database";
    std::fs::write(&path, list).unwrap();
    let error = Store::open(&path).await.unwrap_err().to_string();
    assert!(error.contains("is the path right"), "{error}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), list);
}
