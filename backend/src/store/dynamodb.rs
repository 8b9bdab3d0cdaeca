//! The store in DynamoDB: each connection is two items of one table, written and deleted together.
//!
//! | item | `pk` | `sk` |
//! |---|---|---|
//! | the connection | `CONN#{connectionId}` | `META` |
//! | among its user's | `USER#{userId}` | `CONN#{connectedAt}#{connectionId}` |
//!
//! Both have all attributes: `connectionId`, `userId`, `domainName`, `stage`, `connectedAt` in milliseconds, and
//! `ttl` in seconds. A secondary index instead of the second item would be behind for a moment, and a message that
//! is pushed right after `$connect` would be lost in silence.

mod address;
mod item;
mod table;
mod transaction;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::query::QueryOutput;
use aws_sdk_dynamodb::operation::scan::builders::ScanFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, DeleteRequest, WriteRequest};

use self::address::Address;
use self::item::{Identity, Item};
use self::transaction::Outcome;
use super::{Connection, Cursor, PAGE, Page, Store, StoreError, oldest_ms};
use crate::causes;

/// How often a write is tried that comes into another one's way. They meet only over one connection, so a few
/// tries are many.
const TRIES: u32 = 8;

/// How many items one BatchWriteItem may delete.
const BATCH: usize = 25;

/// A table.
#[derive(Debug)]
pub(super) struct DynamoDb {
    client: Client,
    table: String,
    is_closed: AtomicBool,
}

impl DynamoDb {
    pub(super) async fn open(address: &str) -> Result<Self, StoreError> {
        let address = Address::parse(address)?;
        let client = address.client().await;
        let store = Self { client, table: address.table, is_closed: AtomicBool::new(false) };
        if address.create {
            store.create().await?;
        }
        store.look().await?;
        Ok(store)
    }

    /// The client, unless the store is closed.
    fn client(&self) -> Result<&Client, StoreError> {
        if self.is_closed.load(Ordering::Relaxed) { Err(StoreError::Closed) } else { Ok(&self.client) }
    }

    /// Which connection has this id.
    async fn find(&self, connection_id: &str) -> Result<Option<Identity>, StoreError> {
        let get = self.client()?.get_item().table_name(&self.table).consistent_read(true);
        let got = get.set_key(Some(item::key(connection_id))).send().await;
        got.map_err(|error| self.failed(&error))?.item.as_ref().map(Identity::read).transpose()
    }

    /// Deletes all items that the scan finds, and says of how many connections they were.
    ///
    /// Each item by its own key, so that a half that was left alone for whatever reason goes too.
    async fn sweep(&self, scan: ScanFluentBuilder) -> Result<u64, StoreError> {
        let mut connections = 0;
        let mut pages = scan.projection_expression("pk, sk").into_paginator().send();
        while let Some(page) = pages.next().await {
            let keys = page.map_err(|error| self.failed(&error))?.items.unwrap_or_default();
            connections += keys.iter().filter(|key| item::is_connection(key)).count() as u64;
            for batch in keys.chunks(BATCH) {
                self.delete_items(batch).await?;
            }
        }
        Ok(connections)
    }

    /// Deletes up to 25 items, those that DynamoDB leaves unprocessed again.
    async fn delete_items(&self, keys: &[Item]) -> Result<(), StoreError> {
        let request = |key: &Item| {
            let delete = DeleteRequest::builder().set_key(Some(key.clone())).build().map_err(built);
            delete.map(|delete| WriteRequest::builder().delete_request(delete).build())
        };
        let mut left = keys.iter().map(request).collect::<Result<Vec<_>, _>>()?;
        for nth in 0..TRIES {
            pause(nth).await;
            let write = self.client()?.batch_write_item().request_items(&self.table, left);
            let written = write.send().await.map_err(|error| self.failed(&error))?;
            left = written.unprocessed_items.unwrap_or_default().remove(&self.table).unwrap_or_default();
            if left.is_empty() {
                return Ok(());
            }
        }
        Err(busy())
    }

    /// A scan of the whole table, of what has been written until now.
    fn scan(&self) -> Result<ScanFluentBuilder, StoreError> {
        Ok(self.client()?.scan().table_name(&self.table).consistent_read(true))
    }

    /// The SDK has tried three times by now if it could help: throttles, timeouts, 5xx.
    fn failed<E>(&self, error: &SdkError<E>) -> StoreError
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        match error.code() {
            Some("ResourceNotFoundException") => StoreError::NoTable(self.table.clone()),
            Some(code) => StoreError::Failed(match error.message() {
                Some(message) => format!("{code}: {message}"),
                None => code.to_owned(),
            }),
            None => {
                let texts: Vec<_> = causes(error).map(ToString::to_string).collect();
                StoreError::Failed(texts.join(": "))
            }
        }
    }
}

#[async_trait]
impl Store for DynamoDb {
    /// One transaction; two, if the id is there with another user or time, whose item among that user's goes.
    async fn put(&self, connection: &Connection) -> Result<(), StoreError> {
        let mut known = Identity::of(connection);
        for nth in 0..TRIES {
            pause(nth).await;
            match self.try_put(connection, &known).await? {
                Outcome::Done => return Ok(()),
                Outcome::Other(other) => known = other,
                Outcome::Busy => {}
            }
        }
        Err(busy())
    }

    /// Finds out whose it is first: `$disconnect` is sure of no more than the id.
    async fn delete(&self, connection_id: &str) -> Result<(), StoreError> {
        for nth in 0..TRIES {
            pause(nth).await;
            let Some(known) = self.find(connection_id).await? else { return Ok(()) };
            match self.try_delete(connection_id, &known).await? {
                Outcome::Done => return Ok(()),
                Outcome::Other(_) | Outcome::Busy => {}
            }
        }
        Err(busy())
    }

    /// Expired items are not even read: TTL deletes them days later, and their sort keys come first.
    async fn page(&self, user: &str, after: Option<&Cursor>) -> Result<Page, StoreError> {
        let oldest = item::sort_key(oldest_ms(), "");
        let after = after.map(|cursor| item::sort_key(cursor.connected_at, &cursor.connection_id));
        let after = after.unwrap_or_default().max(oldest);
        let query =
            self.client()?.query().table_name(&self.table).consistent_read(true).limit(PAGE as i32 + 1);
        let queried = query
            .key_condition_expression("pk = :user AND sk > :after")
            .expression_attribute_values(":user", AttributeValue::S(item::user_key(user)))
            .expression_attribute_values(":after", AttributeValue::S(after))
            .send()
            .await;
        let QueryOutput { items, last_evaluated_key, .. } = queried.map_err(|error| self.failed(&error))?;
        let connections = items.iter().flatten().map(item::connection).collect::<Result<_, _>>()?;
        // A query ends after 1 MB too.
        Ok(Page::new(connections, last_evaluated_key.is_some()))
    }

    async fn domain_names(&self) -> Result<Vec<String>, StoreError> {
        let mut names = BTreeSet::new();
        let mut pages = self.scan()?.projection_expression("domainName").into_paginator().send();
        while let Some(page) = pages.next().await {
            for item in page.map_err(|error| self.failed(&error))?.items() {
                names.insert(item::text(item, "domainName")?);
            }
        }
        Ok(names.into_iter().collect())
    }

    async fn clear(&self, domain_name: &str) -> Result<u64, StoreError> {
        let scan = self.scan()?.filter_expression("domainName = :name");
        self.sweep(scan.expression_attribute_values(":name", AttributeValue::S(domain_name.to_owned()))).await
    }

    async fn clear_expired(&self) -> Result<u64, StoreError> {
        let scan = self.scan()?.filter_expression("connectedAt < :oldest");
        self.sweep(scan.expression_attribute_values(":oldest", item::number(oldest_ms()))).await
    }

    /// There is nothing to let go: each call is a request of its own.
    async fn close(&self) {
        self.is_closed.store(true, Ordering::Relaxed);
    }
}

/// Waits before the second try, and twice as long before each one after it: 1.6 s in all.
async fn pause(nth: u32) {
    if nth > 0 {
        tokio::time::sleep(Duration::from_micros(12_500 << nth.min(6))).await;
    }
}

fn busy() -> StoreError {
    StoreError::Failed(format!("DynamoDB was busy or throttling, {TRIES} times one after another: try again"))
}

/// A request that the SDK cannot build lacks a part, which is a mistake of ours.
fn built(error: aws_sdk_dynamodb::error::BuildError) -> StoreError {
    StoreError::Failed(error.to_string())
}
