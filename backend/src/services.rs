//! What all routes share: the store, and the way to the clients.

use crate::mark;
use crate::push::{PostError, Poster, Report};
use crate::store::{Connection, Store, StoreError};

use futures_util::StreamExt;

#[derive(Debug)]
pub(crate) struct Services {
    pub(crate) store: Store,
    pub(crate) poster: Poster,
    pub(crate) concurrent_posts: usize,
}

impl Services {
    /// See [`Backend::send`](crate::Backend::send).
    pub(crate) async fn send(&self, user: &str, message: &str) -> Result<Report, StoreError> {
        let connections = self.store.by_user(user).await?;
        let message = mark::marked(message);
        let mut posts = futures_util::stream::iter(connections)
            .map(|connection| self.post(connection, &message))
            .buffer_unordered(self.concurrent_posts);
        let mut report = Report::default();
        while let Some(posted) = posts.next().await {
            report.count(&posted);
        }
        Ok(report)
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
