//! Ids in AWS's shape: 11 bytes in URL-safe base64, 16 characters with the `=`.
//!
//! AWS's own are opaque. These follow what captures show: they begin with the time, requests are told from
//! connections by byte 8, and a message's id ends as its connection's does.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE;
use uuid::Uuid;

use crate::clock;

const CONNECTION: u8 = 2;
const REQUEST: u8 = 5;

pub(crate) fn connection() -> String {
    URL_SAFE.encode(bytes(CONNECTION))
}

pub(crate) fn request() -> String {
    URL_SAFE.encode(bytes(REQUEST))
}

pub(crate) fn message(connection_id: &str) -> String {
    let mut bytes = bytes(CONNECTION);
    if let Ok(connection) = URL_SAFE.decode(connection_id)
        && connection.len() == bytes.len()
    {
        bytes[8..].copy_from_slice(&connection[8..]);
    }
    URL_SAFE.encode(bytes)
}

/// What `x-amzn-RequestId` carries.
pub(crate) fn http_request() -> String {
    Uuid::new_v4().to_string()
}

/// Whether a connection could have this id. One that never had it is gone (410), any other id is bad (400).
pub(crate) fn is_well_formed(connection_id: &str) -> bool {
    connection_id.len() == 16 && URL_SAFE.decode(connection_id).is_ok_and(|bytes| bytes.len() == 11)
}

fn bytes(kind: u8) -> [u8; 11] {
    let seconds = clock::now_ms() / 1000;
    let random = Uuid::new_v4().into_bytes();
    let mut bytes = [0; 11];
    bytes[..4].copy_from_slice(&seconds.to_be_bytes()[4..]);
    bytes[4..8].copy_from_slice(&random[..4]);
    bytes[8] = kind;
    bytes[9..].copy_from_slice(&random[4..6]);
    bytes
}
