//! What all routes share: the store, and the way to the clients.

use std::sync::Arc;

use crate::mark;
use crate::push::{Message, PostError, Poster, Report, SendError};
use crate::store::{Connection, Store};

use futures_util::StreamExt;

#[derive(Debug)]
pub(crate) struct Services {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) poster: Poster,
    pub(crate) concurrent_posts: usize,
}

impl Services {
    /// See [`Backend::send`](crate::Backend::send).
    pub(crate) async fn send(&self, user: &str, message: &str) -> Result<Report, SendError> {
        let marked = mark::marked(message);
        let message = match &marked {
            Some(text) => Message { text, is_marked: true },
            None => Message { text: message, is_marked: false },
        };
        // The next page is read while the connections of the one before are posted to.
        let posts = self
            .store
            .connections(user)
            .map(async |connection| Ok(self.post(connection?, message).await))
            .buffer_unordered(self.concurrent_posts);
        let (report, broken) = posts
            .fold((Report::default(), None), async |(mut report, broken), posted| match posted {
                Ok(posted) => {
                    report.count(&posted);
                    (report, broken)
                }
                // No page comes after it, but the posts that run are finished: they may arrive anyway.
                Err(error) => (report, Some(error)),
            })
            .await;
        match broken {
            None => Ok(report),
            Some(error) => Err(SendError { error, report }),
        }
    }

    /// Posts to one connection, and forgets it if it is gone: `$disconnect` is best effort on AWS, so a stale
    /// connection may have no other end. One whose handshake may still go on is kept: forgotten now, it would
    /// be open for two hours and never be pushed to.
    pub(crate) async fn post(&self, connection: Connection, message: Message<'_>) -> Result<(), PostError> {
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
