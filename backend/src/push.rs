//! Posting to connections through `/@connections`, API Gateway's way from a backend to a client.
//!
//! # Layout
//! - here: [`Endpoint`], [`Credentials`], and what became of a push: [`Report`], [`Reason`]
//! - `poster.rs`: one post, with its time limit and its tries
//! - `clients.rs`: the AWS SDK's client for each endpoint
//! - `pace.rs`: slowing down all posts when API Gateway says so

mod clients;
mod pace;
mod poster;

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use reqwest::Url;
use serde::{Deserialize, Serialize};
use thiserror::Error;

pub(crate) use poster::Poster;

use crate::store::{Connection, StoreError};

/// Where `/@connections` of a connection is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Endpoint {
    /// `https://{domainName}/{stage}` of the connection, as on AWS.
    Https,
    /// `http://{domainName}/{stage}` of the connection, as on a local gateway.
    Http,
    /// This one for all connections. A custom domain needs it, as its path is a mapping instead of the stage.
    Url(Url),
}

/// The text is no endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "{0:?} is no endpoint: give \"https\", \"http\" (a local gateway), or a URL like https://api.example.com/chat"
)]
pub struct NotAnEndpoint(String);

impl FromStr for Endpoint {
    type Err = NotAnEndpoint;

    fn from_str(text: &str) -> Result<Self, NotAnEndpoint> {
        match text {
            "https" => Ok(Self::Https),
            "http" => Ok(Self::Http),
            text => match Url::parse(text) {
                Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => Ok(Self::Url(url)),
                _ => Err(NotAnEndpoint(text.to_owned())),
            },
        }
    }
}

impl Endpoint {
    /// The address to which the SDK adds `/@connections/{id}`.
    fn of(&self, connection: &Connection) -> Result<Url, PostError> {
        let Connection { domain_name, stage, .. } = connection;
        let text = match self {
            Self::Url(url) => return Ok(url.clone()),
            Self::Https => format!("https://{domain_name}/{stage}"),
            Self::Http => format!("http://{domain_name}/{stage}"),
        };
        Url::parse(&text).map_err(|error| {
            PostError::Failed(Reason::Unreachable, format!("no endpoint at {domain_name:?}: {error}"))
        })
    }
}

/// What signs posts. `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// Names the key; it is in every signature.
    pub access_key_id: String,
    /// The key.
    pub secret_access_key: String,
    /// For keys that are lent for a while, as Lambda's are. Those sign nothing over plain http, but to this machine.
    pub session_token: Option<String>,
    /// The region that they sign for, where the host's name does not say. Default: us-east-1.
    pub region: Option<String>,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(…)")
    }
}

/// What became of a [`send`](crate::Backend::send), counted in connections.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Took the message.
    pub delivered: usize,
    /// Answered 410 Gone, and were forgotten, but for those younger than 30 s: their handshake may still go on.
    pub gone: usize,
    /// Could not be posted to; they may still be there.
    pub failed: usize,
    /// Why they failed, where any did.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub reasons: BTreeMap<Reason, usize>,
}

impl Report {
    pub(crate) fn count(&mut self, posted: &Result<(), PostError>) {
        match posted {
            Ok(()) => self.delivered += 1,
            Err(PostError::Gone) => self.gone += 1,
            Err(PostError::Failed(reason, _)) => {
                self.failed += 1;
                *self.reasons.entry(*reason).or_default() += 1;
            }
        }
    }
}

/// A [`send`](crate::Backend::send) that ended early, as the store could not be read any further.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{error} (before that: {} delivered, {} gone, {} failed)", report.delivered, report.gone, report.failed)]
pub struct SendError {
    /// The store's.
    #[source]
    pub error: StoreError,
    /// What became of the connections that were read before: those that took the message would get it twice from
    /// another send.
    pub report: Report,
}

/// What is posted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Message<'a> {
    pub(crate) text: &'a str,
    /// Whether a client that gets it twice shows it once; see `mark.rs`.
    pub(crate) is_marked: bool,
}

/// Why a connection that may still be there did not take a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Reason {
    /// API Gateway refused the signature, or the role lacks `execute-api:ManageConnections` (403).
    Forbidden,
    /// Any other status that is no success.
    Refused,
    /// 429 until there was no time left: too many posts, or a client that does not read what it gets.
    Throttled,
    /// No answer in time. The message may have arrived.
    TimedOut,
    /// Larger than 128 KB (413).
    TooLarge,
    /// Nobody answers at the endpoint, or there are no credentials to ask it with. Where the network broke before the
    /// answer, the message may have arrived.
    Unreachable,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Forbidden => "the signature was refused",
            Self::Refused => "refused",
            Self::Throttled => "throttled",
            Self::TimedOut => "no answer in time",
            Self::TooLarge => "the message is too large",
            Self::Unreachable => "nobody answers",
        })
    }
}

/// Why one connection did not take a message.
#[derive(Debug, Error)]
pub(crate) enum PostError {
    #[error("the connection is gone")]
    Gone,
    #[error("{1}")]
    Failed(Reason, String),
}
