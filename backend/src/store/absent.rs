//! No store: for a function that needs none, as one that is only the authorizer.

use async_trait::async_trait;

use super::{Connection, Cursor, Page, Store, StoreError};

/// Fails at every use.
#[derive(Debug)]
pub(super) struct Absent;

#[async_trait]
impl Store for Absent {
    async fn put(&self, _: &Connection) -> Result<(), StoreError> {
        Err(StoreError::Absent)
    }

    async fn delete(&self, _: &str) -> Result<(), StoreError> {
        Err(StoreError::Absent)
    }

    async fn page(&self, _: &str, _: Option<&Cursor>) -> Result<Page, StoreError> {
        Err(StoreError::Absent)
    }

    async fn domain_names(&self) -> Result<Vec<String>, StoreError> {
        Err(StoreError::Absent)
    }

    async fn clear(&self, _: &str) -> Result<u64, StoreError> {
        Err(StoreError::Absent)
    }

    async fn clear_expired(&self) -> Result<u64, StoreError> {
        Err(StoreError::Absent)
    }

    async fn close(&self) {}
}
