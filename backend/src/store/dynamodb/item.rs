//! The keys and attributes of the items.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use crate::store::{Connection, MAX_AGE_MS, StoreError};

pub(super) type Item = HashMap<String, AttributeValue>;

/// What the place of a connection among its user's is made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Identity {
    pub(super) user: String,
    pub(super) connected_at: i64,
}

impl Identity {
    pub(super) fn of(connection: &Connection) -> Self {
        Self { user: connection.user.clone(), connected_at: connection.connected_at }
    }

    pub(super) fn read(item: &Item) -> Result<Self, StoreError> {
        Ok(Self { user: text(item, "userId")?, connected_at: integer(item, "connectedAt")? })
    }

    /// The key of the item among its user's.
    pub(super) fn key(&self, connection_id: &str) -> Item {
        keys(user_key(&self.user), sort_key(self.connected_at, connection_id))
    }
}

/// The key of the connection's own item.
pub(super) fn key(connection_id: &str) -> Item {
    keys(format!("CONN#{connection_id}"), "META".to_owned())
}

/// Whether a key is of a connection's own item.
pub(super) fn is_connection(key: &Item) -> bool {
    key.get("pk").and_then(|pk| pk.as_s().ok()).is_some_and(|pk| pk.starts_with("CONN#"))
}

pub(super) fn user_key(user: &str) -> String {
    format!("USER#{user}")
}

/// Thirteen digits, so that the order of the texts is the order of the times, until the year 2286.
pub(super) fn sort_key(connected_at: i64, connection_id: &str) -> String {
    format!("CONN#{connected_at:013}#{connection_id}")
}

/// What both items of a connection say.
pub(super) fn attributes(connection: &Connection) -> Item {
    let Connection { connection_id, user, domain_name, stage, connected_at } = connection;
    let text = |text: &String| AttributeValue::S(text.clone());
    Item::from([
        ("connectionId".to_owned(), text(connection_id)),
        ("userId".to_owned(), text(user)),
        ("domainName".to_owned(), text(domain_name)),
        ("stage".to_owned(), text(stage)),
        ("connectedAt".to_owned(), number(*connected_at)),
        // TTL counts in seconds.
        ("ttl".to_owned(), number(connected_at.saturating_add(MAX_AGE_MS) / 1000)),
    ])
}

/// The connection that an item is about.
pub(super) fn connection(item: &Item) -> Result<Connection, StoreError> {
    Ok(Connection {
        connection_id: text(item, "connectionId")?,
        user: text(item, "userId")?,
        domain_name: text(item, "domainName")?,
        stage: text(item, "stage")?,
        connected_at: integer(item, "connectedAt")?,
    })
}

pub(super) fn text(item: &Item, name: &str) -> Result<String, StoreError> {
    item.get(name).and_then(|value| value.as_s().ok()).cloned().ok_or_else(|| foreign(name))
}

pub(super) fn number(number: i64) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

fn integer(item: &Item, name: &str) -> Result<i64, StoreError> {
    item.get(name)
        .and_then(|value| value.as_n().ok())
        .and_then(|number| number.parse().ok())
        .ok_or_else(|| foreign(name))
}

fn keys(pk: String, sk: String) -> Item {
    Item::from([("pk".to_owned(), AttributeValue::S(pk)), ("sk".to_owned(), AttributeValue::S(sk))])
}

fn foreign(name: &str) -> StoreError {
    StoreError::Failed(format!("an item has no {name}: does something else write to this table?"))
}
