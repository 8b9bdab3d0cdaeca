//! What all routes share: the store, and the way to the clients.

use std::sync::Arc;

use crate::mark;
use crate::push::{PostError, Poster, Report};
use crate::store::{Connection, Store, StoreError};

use futures_util::TryStreamExt;

#[derive(Debug)]
pub(crate) struct Services {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) poster: Poster,
    pub(crate) concurrent_posts: usize,
}

impl Services {
    /// See [`Backend::send`](crate::Backend::send).
    pub(crate) async fn send(&self, user: &str, message: &str) -> Result<Report, StoreError> {
        let message = mark::marked(message);
        // The next page is read while the connections of the one before are posted to.
        self.store
            .connections(user)
            .map_ok(async |connection| Ok(self.post(connection, &message).await))
            .try_buffer_unordered(self.concurrent_posts)
            .try_fold(Report::default(), async |mut report, posted| {
                report.count(&posted);
                Ok(report)
            })
            .await
    }

    /// Posts to one connection, and forgets it if it is gone: `$disconnect` is best effort on AWS, so a stale
    /// connection may have no other end. One whose handshake may still go on is kept: forgotten now, it would
    /// be open for two hours and never be pushed to.
    pub(crate) async fn post(&self, connection: Connection, message: &str) -> Result<(), PostError> {
        let posted = self.poster.post(&connection, message).await;
        let id = &connection.connection_id;
        match &posted {
            Ok(()) => {}
            Err(PostError::Gone) if connection.may_be_opening() => {
                tracing::info!(connection = %id, "not there yet, or gone already");
            }
            Err(PostError::Gone) => match self.store.delete(id).await {
                Ok(()) => tracing::info!(connection = %id, "gone, forgotten"),
                Err(error) => tracing::warn!(connection = %id, %error, "gone, but still in the store"),
            },
            Err(PostError::Failed(reason, text)) => {
                tracing::warn!(connection = %id, ?reason, error = ?text, "push failed");
            }
        }
        posted
    }
}
