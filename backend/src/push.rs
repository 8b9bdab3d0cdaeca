//! Posting to connections through `/@connections`, API Gateway's way from a backend to a client.

use std::time::Duration;

use reqwest::{StatusCode, Url};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::causes;
use crate::store::Connection;

/// Where `/@connections` of a connection is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Endpoint {
    /// `https://{domainName}/{stage}` of the connection, as on AWS.
    Https,
    /// `http://{domainName}/{stage}` of the connection, as on a local gateway.
    Http,
}

/// What became of a [`send`](crate::Backend::send), counted in connections.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Took the message.
    pub delivered: usize,
    /// Answered 410 Gone, and were forgotten.
    pub gone: usize,
    /// Could not be posted to; they may still be there.
    pub failed: usize,
}

impl Report {
    pub(crate) fn count(&mut self, posted: &Result<(), PostError>) {
        match posted {
            Ok(()) => self.delivered += 1,
            Err(PostError::Gone) => self.gone += 1,
            Err(PostError::Failed(_)) => self.failed += 1,
        }
    }
}

/// Why one connection did not take a message.
#[derive(Debug, Error)]
pub(crate) enum PostError {
    #[error("the connection is gone")]
    Gone,
    #[error("{0}")]
    Failed(String),
}

/// Posts messages, over kept-alive HTTP connections.
#[derive(Debug)]
pub(crate) struct Poster {
    http: reqwest::Client,
    endpoint: Endpoint,
}

impl Poster {
    pub(crate) fn new(endpoint: Endpoint, timeout: Duration) -> Result<Self, reqwest::Error> {
        let http = reqwest::Client::builder()
            .timeout(timeout)
            // A message goes where the store says and nowhere else.
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()?;
        Ok(Self { http, endpoint })
    }

    pub(crate) async fn post(&self, connection: &Connection, message: &str) -> Result<(), PostError> {
        let url = self.url(connection)?;
        let answer =
            self.http.post(url).body(message.to_owned()).send().await.map_err(|error| failed(&error))?;
        match answer.status() {
            status if status.is_success() => Ok(()),
            // The status decides, not the `x-amzn-ErrorType` header: not every emulator sends that.
            StatusCode::GONE => Err(PostError::Gone),
            status => Err(PostError::Failed(format!("/@connections answered {status}"))),
        }
    }

    fn url(&self, connection: &Connection) -> Result<Url, PostError> {
        let Connection { domain_name, stage, connection_id, .. } = connection;
        let scheme = match self.endpoint {
            Endpoint::Https => "https",
            Endpoint::Http => "http",
        };
        let mut url = Url::parse(&format!("{scheme}://{domain_name}/{stage}"))
            .map_err(|error| PostError::Failed(format!("no endpoint at {domain_name:?}: {error}")))?;
        url.path_segments_mut()
            .map_err(|()| PostError::Failed("the endpoint is no http URL".to_owned()))?
            .pop_if_empty()
            .extend(["@connections", connection_id]);
        Ok(url)
    }
}

/// With its causes: reqwest's own text stops at "error sending request".
fn failed(error: &reqwest::Error) -> PostError {
    let texts: Vec<_> = causes(error).map(ToString::to_string).collect();
    PostError::Failed(texts.join(": "))
}
