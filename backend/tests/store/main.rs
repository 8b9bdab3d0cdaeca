//! Who is connected: the same behaviour of every store, and below it what is special about each.

mod cases;
mod dynamodb;
mod dynamodb_busy;
#[path = "../support/dynamodb.rs"]
mod emulator;
mod postgres;
#[path = "../support/postgres.rs"]
mod postgres_server;
#[path = "../support/server.rs"]
mod server;
mod sqlite;

use std::sync::{Arc, LazyLock};

use everwire_backend::store::{self, Connection, Store};
use everwire_backend::token;
use futures_util::TryStreamExt;
use futures_util::future::join_all;
use tempfile::TempDir;

/// An empty store, and where it is.
struct Place {
    address: String,
    _folder: Option<TempDir>,
}

impl Place {
    fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let address = folder.path().join("connections.db").to_str().unwrap().to_owned();
        Self { address, _folder: Some(folder) }
    }

    fn memory() -> Self {
        Self { address: ":memory:".to_owned(), _folder: None }
    }

    async fn postgres() -> Self {
        Self { address: postgres_server::new_schema().await, _folder: None }
    }

    fn dynamodb() -> Self {
        Self { address: format!("{}&create=true", emulator::new_table()), _folder: None }
    }

    async fn open(&self) -> Arc<dyn Store> {
        store::open(&self.address).await.unwrap()
    }

    /// Puts many connections. In DynamoDB past the store, because the emulator copies the whole table before each
    /// transaction.
    async fn fill(&self, store: &Arc<dyn Store>, connections: &[Connection]) {
        if self.address.starts_with("dynamodb:") {
            return dynamodb::fill(self, connections).await;
        }
        for some in connections.chunks(50) {
            for put in join_all(some.iter().map(|connection| store.put(connection))).await {
                put.unwrap();
            }
        }
    }
}

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

/// All connections of a user.
async fn of(store: &Arc<dyn Store>, user: &str) -> Vec<Connection> {
    store.connections(user).try_collect().await.unwrap()
}

async fn ids(store: &Arc<dyn Store>, user: &str) -> Vec<String> {
    of(store, user).await.into_iter().map(|connection| connection.connection_id).collect()
}

/// One test for each behaviour and each store.
macro_rules! test_every_store {
    (of_all: $($case:ident)*; shared: $($shared:ident)*;) => {
        mod in_sqlite {
            $(#[tokio::test] async fn $case() { crate::cases::$case(&crate::Place::sqlite()).await })*
            $(#[tokio::test] async fn $shared() { crate::cases::$shared(&crate::Place::sqlite()).await })*
        }
        mod in_memory {
            $(#[tokio::test] async fn $case() { crate::cases::$case(&crate::Place::memory()).await })*
        }
        mod in_postgres {
            $(#[tokio::test] async fn $case() { crate::cases::$case(&crate::Place::postgres().await).await })*
            $(#[tokio::test] async fn $shared() { crate::cases::$shared(&crate::Place::postgres().await).await })*
        }
        mod in_dynamodb {
            $(#[tokio::test] async fn $case() { crate::cases::$case(&crate::Place::dynamodb()).await })*
            $(#[tokio::test] async fn $shared() { crate::cases::$shared(&crate::Place::dynamodb()).await })*
        }
    };
}

test_every_store! {
    of_all:
        a_users_connections_come_oldest_first_and_nobody_elses
        the_same_connection_twice_is_kept_once
        an_id_that_is_put_for_another_user_is_no_longer_the_first_ones
        deleting_twice_is_as_good_as_once
        clear_forgets_one_address_with_all_stages_and_leaves_the_others
        a_connection_older_than_2_hours_and_5_minutes_counts_no_more
        names_with_odd_characters_are_kept_as_they_are
        a_thousand_connections_come_in_pages_each_once
        connections_of_one_millisecond_are_paged_too
        pages_stay_right_while_connections_come_and_go
        a_full_page_that_is_the_last_says_so
        many_puts_and_deletes_at_once_lose_nothing
        a_connection_that_is_put_and_deleted_at_once_is_whole_or_gone
        what_comes_after_close_is_an_error;
    shared:
        what_one_process_writes_another_reads_at_once
        a_new_store_may_be_opened_by_many_at_once;
}
