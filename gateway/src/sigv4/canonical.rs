//! The canonical request: the one spelling of a request that client and gateway both sign.

use axum::http::request::Parts;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, percent_encode};
use sha2::{Digest, Sha256};

use super::authorization::{Authorization, Place};
use super::refused::Refused;

/// What is encoded in names and values of a query: all but RFC 3986's unreserved characters.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What is encoded in a path.
const RESERVED_IN_PATH: &AsciiSet = &RESERVED.remove(b'/');

/// Headers that AWS shows as they are, and the gateway does not: errors end up in logs.
const SECRETS: [&str; 4] = ["authorization", "cookie", "proxy-authorization", "x-amz-security-token"];

/// A request in canonical spelling.
pub(super) struct Request<'a> {
    method: &'a str,
    path: String,
    query: Vec<(String, String)>,
    headers: Vec<(&'a str, String)>,
    signed_headers: &'a str,
    payload_hash: String,
    said_payload_hash: Option<&'a [u8]>,
}

impl<'a> Request<'a> {
    pub(super) fn new(
        head: &'a Parts,
        body: &[u8],
        authorization: &'a Authorization,
    ) -> Result<Self, Refused> {
        let is_presigned = matches!(authorization.place, Place::Query { .. });
        Ok(Self {
            method: head.method.as_str(),
            path: path(head.uri.path()),
            query: query(head.uri.query().unwrap_or_default(), is_presigned),
            headers: headers(head, &authorization.signed_headers)?,
            signed_headers: &authorization.signed_headers,
            // Undocumented [U]: `UNSIGNED-PAYLOAD`, which S3 takes in place of a hash. No SDK sends it here [L], and
            // nothing says that API Gateway takes it. So the body is always hashed.
            payload_hash: hash(body),
            said_payload_hash: head.headers.get("x-amz-content-sha256").map(|value| value.as_bytes()),
        })
    }

    /// What the string to sign says of it.
    pub(super) fn hash(&self) -> String {
        hash(self.text(as_it_is).as_bytes())
    }

    /// Whether it says the truth about its payload, if it says anything.
    ///
    /// Undocumented [U]: AWS's answer to a lie.
    pub(super) fn says_its_payload(&self) -> bool {
        self.said_payload_hash.is_none_or(|said| said == self.payload_hash.as_bytes())
    }

    /// What a client is shown, to compare with its own.
    pub(super) fn shown(&self) -> String {
        self.text(without_secrets)
    }

    /// The text, with `show` choosing what is written for a name's value.
    fn text(&self, show: impl for<'s> Fn(&str, &'s str) -> &'s str) -> String {
        let query: Vec<_> =
            self.query.iter().map(|(name, value)| format!("{name}={}", show(name, value))).collect();
        let headers: String =
            self.headers.iter().map(|(name, value)| format!("{name}:{}\n", show(name, value))).collect();
        let Self { method, path, signed_headers, payload_hash, .. } = self;
        let query = query.join("&");
        format!("{method}\n{path}\n{query}\n{headers}\n{signed_headers}\n{payload_hash}")
    }
}

fn as_it_is<'s>(_name: &str, value: &'s str) -> &'s str {
    value
}

fn without_secrets<'s>(name: &str, value: &'s str) -> &'s str {
    if SECRETS.iter().any(|secret| name.eq_ignore_ascii_case(secret)) { "(redacted)" } else { value }
}

/// The path as it came, encoded once more `[L]`: `%3D` on the wire is `%253D` here, a raw `=` is `%3D`.
///
/// Undocumented [U]: whether dots and double slashes are resolved first, as some SDKs do. No path of
/// `/@connections` has any.
fn path(path: &str) -> String {
    percent_encode(path.as_bytes(), RESERVED_IN_PATH).to_string()
}

/// The query, decoded and encoded again, and sorted. `[O]` A `+` is a space.
fn query(query: &str, is_presigned: bool) -> Vec<(String, String)> {
    let spell = |text: &str| {
        let bytes: Vec<u8> = percent_decode_str(&text.replace('+', " ")).collect();
        percent_encode(&bytes, RESERVED).to_string()
    };
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let mut pairs: Vec<_> = pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (spell(name), spell(value)))
        // It cannot sign itself.
        .filter(|(name, _)| !(is_presigned && name == "X-Amz-Signature"))
        .collect();
    pairs.sort();
    pairs
}

/// The signed headers, with their values joined and the spaces in them made single.
///
/// Undocumented [U]: a signed header that is not there. It has no line, so that only who signed it so passes.
fn headers<'a>(head: &Parts, signed_headers: &'a str) -> Result<Vec<(&'a str, String)>, Refused> {
    let mut headers = Vec::new();
    for name in signed_headers.split(';') {
        let mut values = Vec::new();
        for value in head.headers.get_all(name) {
            // Signatures are over text: other bytes would have to be replaced, and two requests be one.
            let value = std::str::from_utf8(value.as_bytes())
                .map_err(|_| Refused::Malformed(format!("Signed header '{name}' is not UTF-8.")))?;
            values.push(value.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" "));
        }
        if !values.is_empty() {
            headers.push((name, values.join(",")));
        }
    }
    Ok(headers)
}

fn hash(bytes: impl AsRef<[u8]>) -> String {
    hex::encode(Sha256::digest(bytes))
}
