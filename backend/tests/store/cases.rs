//! What every store does.

use std::collections::BTreeSet;

use everwire_backend::store::{self, Connection, StoreError};
use futures_util::future::{join, join_all};

use crate::{Place, connection, ids, of};

pub async fn a_users_connections_come_oldest_first_and_nobody_elses(place: &Place) {
    let store = place.open().await;
    store.put(&connection("b", "alice", "host", 10)).await.unwrap();
    store.put(&connection("a", "alice", "host", 20)).await.unwrap();
    store.put(&connection("c", "bob", "host", 3)).await.unwrap();
    assert_eq!(
        of(&store, "alice").await,
        [connection("a", "alice", "host", 20), connection("b", "alice", "host", 10)]
    );
    assert_eq!(ids(&store, "nobody").await, [""; 0]);
}

pub async fn the_same_connection_twice_is_kept_once(place: &Place) {
    let store = place.open().await;
    store.put(&connection("a", "alice", "host", 20)).await.unwrap();
    store.put(&connection("a", "alice", "host", 20)).await.unwrap();
    assert_eq!(of(&store, "alice").await, [connection("a", "alice", "host", 20)]);
    store.put(&connection("a", "alice", "host", 2)).await.unwrap();
    assert_eq!(of(&store, "alice").await, [connection("a", "alice", "host", 2)]);
    store.delete("a").await.unwrap();
    assert_eq!(ids(&store, "alice").await, [""; 0]);
}

pub async fn an_id_that_is_put_for_another_user_is_no_longer_the_first_ones(place: &Place) {
    let store = place.open().await;
    store.put(&connection("a", "alice", "host", 20)).await.unwrap();
    store.put(&connection("a", "bob", "host", 20)).await.unwrap();
    assert_eq!(ids(&store, "alice").await, [""; 0]);
    assert_eq!(ids(&store, "bob").await, ["a"]);
    store.delete("a").await.unwrap();
    assert_eq!(ids(&store, "bob").await, [""; 0]);
}

pub async fn deleting_twice_is_as_good_as_once(place: &Place) {
    let store = place.open().await;
    store.put(&connection("a", "alice", "host", 20)).await.unwrap();
    store.put(&connection("b", "alice", "host", 10)).await.unwrap();
    store.delete("a").await.unwrap();
    store.delete("a").await.unwrap();
    store.delete("never there").await.unwrap();
    assert_eq!(ids(&store, "alice").await, ["b"]);
}

pub async fn clear_forgets_one_address_with_all_stages_and_leaves_the_others(place: &Place) {
    let store = place.open().await;
    store.put(&connection("a", "alice", "127.0.0.1:1", 3)).await.unwrap();
    store.put(&connection("b", "alice", "127.0.0.1:2", 2)).await.unwrap();
    store
        .put(&Connection { stage: "prod".to_owned(), ..connection("c", "bob", "127.0.0.1:1", 1) })
        .await
        .unwrap();
    assert_eq!(store.domain_names().await.unwrap(), ["127.0.0.1:1", "127.0.0.1:2"]);
    assert_eq!(store.clear("127.0.0.1:1").await.unwrap(), 2);
    assert_eq!(store.clear("127.0.0.1:1").await.unwrap(), 0);
    assert_eq!(ids(&store, "alice").await, ["b"]);
    assert_eq!(ids(&store, "bob").await, [""; 0]);
    assert_eq!(store.domain_names().await.unwrap(), ["127.0.0.1:2"]);
}

pub async fn a_connection_older_than_2_hours_and_5_minutes_counts_no_more(place: &Place) {
    let store = place.open().await;
    let minutes = |n: i64| n * 60_000;
    store.put(&connection("open", "alice", "host", minutes(120))).await.unwrap();
    store.put(&connection("ended", "alice", "host", minutes(126))).await.unwrap();
    store.put(&connection("ended too", "bob", "host", minutes(9999))).await.unwrap();
    assert_eq!(ids(&store, "alice").await, ["open"]);
    assert_eq!(store.clear_expired().await.unwrap(), 2);
    assert_eq!(store.clear_expired().await.unwrap(), 0);
    assert_eq!(ids(&store, "alice").await, ["open"]);
}

pub async fn names_with_odd_characters_are_kept_as_they_are(place: &Place) {
    let store = place.open().await;
    let long = "ü".repeat(256);
    let names = [
        "ünïcödé 🦀",
        "a#b",
        "USER#a",
        "100%",
        "%31",
        "o'brien",
        "\"quoted\"",
        "back\\slash",
        "line\nbreak",
        "tab\t",
        "alice",
        "Alice",
        "alice ",
        " alice",
        "$1",
        "?",
        "'; DROP TABLE connections; --",
        "",
        &long,
    ];
    for (n, name) in names.iter().enumerate() {
        let named =
            Connection { stage: (*name).to_owned(), ..connection(&format!("{n}{name}"), name, name, 5) };
        store.put(&named).await.unwrap();
        assert_eq!(of(&store, name).await, [named], "{name:?}");
    }
    let domain_names: BTreeSet<_> = store.domain_names().await.unwrap().into_iter().collect();
    assert_eq!(domain_names, names.iter().map(|&name| name.to_owned()).collect());
    for (n, name) in names.iter().enumerate() {
        store.delete(&format!("{n}{name}")).await.unwrap();
        assert_eq!(ids(&store, name).await, [""; 0], "{name:?}");
    }
}

/// This many connections of alice, each a millisecond younger than the one before.
fn many(count: usize) -> Vec<Connection> {
    (0..count).map(|n| connection(&format!("{n:04}"), "alice", "host", 10_000 - n as i64)).collect()
}

pub async fn a_thousand_connections_come_in_pages_each_once(place: &Place) {
    let store = place.open().await;
    let all = many(1000);
    place.fill(&store, &all).await;
    store.put(&connection("bob's", "bob", "host", 9_500)).await.unwrap();
    assert_eq!(store.page("alice", None).await.unwrap().connections, all[..100]);
    assert_eq!(of(&store, "alice").await, all);
    assert_eq!(store.clear("host").await.unwrap(), 1001);
    assert_eq!(ids(&store, "alice").await, [""; 0]);
}

pub async fn connections_of_one_millisecond_are_paged_too(place: &Place) {
    let store = place.open().await;
    let all: Vec<_> = (0..150).map(|n| connection(&format!("{n:04}"), "alice", "host", 5)).collect();
    place.fill(&store, &all).await;
    assert_eq!(of(&store, "alice").await, all);
}

pub async fn pages_stay_right_while_connections_come_and_go(place: &Place) {
    let store = place.open().await;
    let all = many(250);
    place.fill(&store, &all).await;

    let first = store.page("alice", None).await.unwrap();
    assert_eq!(first.connections, all[..100]);
    // What the cursor points at, what was before it, the next one; and one more before and after it.
    for gone in ["0099", "0000", "0100"] {
        store.delete(gone).await.unwrap();
    }
    store.put(&connection("older", "alice", "host", 20_000)).await.unwrap();
    store.put(&connection("younger", "alice", "host", 0)).await.unwrap();

    let second = store.page("alice", first.next.as_ref()).await.unwrap();
    assert_eq!(second.connections, all[101..201]);
    store.clear("host").await.unwrap();
    let third = store.page("alice", second.next.as_ref()).await.unwrap();
    assert_eq!((third.connections, third.next), (vec![], None));
}

pub async fn a_full_page_that_is_the_last_says_so(place: &Place) {
    let store = place.open().await;
    let all = many(100);
    place.fill(&store, &all).await;
    let page = store.page("alice", None).await.unwrap();
    assert_eq!((page.connections, page.next), (all, None));
}

pub async fn many_puts_and_deletes_at_once_lose_nothing(place: &Place) {
    let store = place.open().await;
    let (gone, kept) = (many(40), 40..80);
    place.fill(&store, &gone).await;
    let kept: Vec<_> = kept.map(|n| connection(&format!("{n:04}"), "alice", "host", 100 - n)).collect();
    let puts = kept.iter().map(|connection| store.put(connection));
    let deletes = gone.iter().map(|connection| store.delete(&connection.connection_id));
    let (puts, deletes) = join(join_all(puts), join_all(deletes)).await;
    for done in puts.into_iter().chain(deletes) {
        done.unwrap();
    }
    assert_eq!(of(&store, "alice").await, kept);
}

pub async fn a_connection_that_is_put_and_deleted_at_once_is_whole_or_gone(place: &Place) {
    let store = place.open().await;
    for _ in 0..20 {
        let a = connection("a", "alice", "host", 5);
        let (put, deleted) = join(store.put(&a), store.delete("a")).await;
        put.unwrap();
        deleted.unwrap();
        assert!([vec![a], vec![]].contains(&of(&store, "alice").await));
        // Whatever is left can be found by its id.
        store.delete("a").await.unwrap();
        assert_eq!(ids(&store, "alice").await, [""; 0]);
    }
}

pub async fn what_comes_after_close_is_an_error(place: &Place) {
    let store = place.open().await;
    let a = connection("a", "alice", "host", 5);
    store.put(&a).await.unwrap();
    store.close().await;
    store.close().await;
    assert_eq!(store.put(&a).await, Err(StoreError::Closed));
    assert_eq!(store.delete("a").await, Err(StoreError::Closed));
    assert_eq!(store.page("alice", None).await, Err(StoreError::Closed));
    assert_eq!(store.domain_names().await, Err(StoreError::Closed));
    assert_eq!(store.clear("host").await, Err(StoreError::Closed));
    assert_eq!(store.clear_expired().await, Err(StoreError::Closed));
}

pub async fn what_one_process_writes_another_reads_at_once(place: &Place) {
    let (first, second) = (place.open().await, place.open().await);
    for n in 0..20 {
        let id = n.to_string();
        first.put(&connection(&id, "alice", "host", 20)).await.unwrap();
        assert_eq!(ids(&second, "alice").await, [id.as_str()]);
        second.delete(&id).await.unwrap();
        assert_eq!(ids(&first, "alice").await, [""; 0]);
    }
}

pub async fn a_new_store_may_be_opened_by_many_at_once(place: &Place) {
    let open = |address: String| async move { store::open(&address).await.unwrap() };
    let stores = join_all((0..8).map(|_| tokio::spawn(open(place.address.clone())))).await;
    let stores: Vec<_> = stores.into_iter().map(Result::unwrap).collect();
    stores[0].put(&connection("a", "alice", "host", 20)).await.unwrap();
    for store in &stores {
        assert_eq!(ids(store, "alice").await, ["a"]);
    }
}
