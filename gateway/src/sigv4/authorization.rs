//! What a request says about its signature: in the `Authorization` header, or in the query of a presigned URL.

use std::fmt;

use axum::http::HeaderMap;
use axum::http::request::Parts;
use chrono::{DateTime, NaiveDateTime, Utc};
use url::form_urlencoded;

use super::refused::{Refused, fingerprint};
use super::{ALGORITHM, TIME_FORMAT};

/// The longest `Authorization` header that is read, in bytes.
///
/// Undocumented [U]: AWS's limit. SDKs send a few hundred.
const MAX_BYTES: usize = 8 * 1024;

/// The longest life of a presigned URL, in seconds: a week. `[D]`
const MAX_EXPIRES_S: u32 = 7 * 24 * 60 * 60;

/// What a client says about its signature.
pub(super) struct Authorization {
    credential: String,
    /// As they were sent, which is how they were signed: in lower case, sorted, separated by semicolons.
    pub(super) signed_headers: String,
    pub(super) signature: String,
    date: String,
    pub(super) session_token: Option<String>,
    pub(super) place: Place,
}

/// Where all this was found.
#[derive(Debug, Clone, Copy)]
pub(super) enum Place {
    /// In headers; the time is in this one.
    Header { date_header: &'static str },
    /// In the query of a URL that is good for this long.
    Query { expires_s: u32 },
}

/// The parts of `AKID/20150830/us-east-1/execute-api/aws4_request`.
pub(super) struct Credential<'a> {
    pub(super) access_key_id: &'a str,
    pub(super) date: &'a str,
    pub(super) region: &'a str,
    pub(super) service: &'a str,
    pub(super) terminator: &'a str,
}

impl Authorization {
    pub(super) fn read(head: &Parts) -> Result<Self, Refused> {
        // Undocumented [U]: a request that has both. The header wins; the query is signed as any other then.
        if head.headers.contains_key("authorization") {
            return Self::from_headers(&head.headers);
        }
        let query = head.uri.query().unwrap_or_default();
        if is_presigned(query) { Self::from_query(query) } else { Err(Refused::Missing) }
    }

    /// `AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…`, read as AWS's errors show that AWS does:
    /// pairs between commas or spaces, in any order, and the algorithm last.
    fn from_headers(headers: &HeaderMap) -> Result<Self, Refused> {
        let text = single(headers, "authorization")?.unwrap_or_default();
        if text.len() > MAX_BYTES {
            return Err(Refused::Malformed(format!(
                "Authorization header is longer than {MAX_BYTES} bytes."
            )));
        }
        let mut words = text.split([',', ' ', '\t']).filter(|word| !word.is_empty());
        let algorithm = words.next().unwrap_or_default();
        if algorithm.contains('=') {
            return Err(Refused::NoAlgorithm);
        }
        let [mut credential, mut signature, mut signed_headers] = [None; 3];
        for word in words {
            let (key, value) =
                word.split_once('=').ok_or_else(|| Refused::NotAPair { hash: fingerprint(text) })?;
            let part = match key {
                "Credential" => &mut credential,
                "Signature" => &mut signature,
                "SignedHeaders" => &mut signed_headers,
                _ => continue,
            };
            if part.replace(value).is_some() {
                return Err(Refused::Malformed(format!("Authorization header has '{key}' more than once.")));
            }
        }
        let date = date(headers)?;
        let (Some(credential), Some(signature), Some(signed_headers), Some((date_header, date))) =
            (credential, signature, signed_headers, date)
        else {
            let missing = [
                ("Credential", credential.is_none()),
                ("Signature", signature.is_none()),
                ("SignedHeaders", signed_headers.is_none()),
            ];
            let missing = missing.into_iter().filter_map(|(name, is_missing)| is_missing.then_some(name));
            return Err(Refused::headers_missing(missing, date.is_none(), text));
        };
        if algorithm != ALGORITHM {
            return Err(Refused::Algorithm);
        }
        Ok(Self {
            credential: credential.to_owned(),
            signed_headers: in_order(signed_headers)?.to_owned(),
            signature: signature.to_owned(),
            date: date.to_owned(),
            session_token: single(headers, "x-amz-security-token")?.map(ToOwned::to_owned),
            place: Place::Header { date_header },
        })
    }

    fn from_query(query: &str) -> Result<Self, Refused> {
        let find = |name: &'static str| {
            let mut values = form_urlencoded::parse(query.as_bytes()).filter(|(key, _)| key == name);
            let value = values.next().map(|(_, value)| value.into_owned());
            if values.next().is_some() {
                return Err(Refused::Malformed(format!("The query has '{name}' more than once.")));
            }
            Ok(value)
        };
        let require = |name| find(name)?.ok_or(Refused::QueryMissing(name));
        let algorithm = require("X-Amz-Algorithm")?;
        let credential = require("X-Amz-Credential")?;
        let signature = require("X-Amz-Signature")?;
        let signed_headers = require("X-Amz-SignedHeaders")?;
        let date = require("X-Amz-Date")?;
        let expires = require("X-Amz-Expires")?;
        if algorithm != ALGORITHM {
            return Err(Refused::Algorithm);
        }
        in_order(&signed_headers)?;
        let expires_s = expires.parse().ok().filter(|seconds| (1..=MAX_EXPIRES_S).contains(seconds));
        let expires_s = expires_s.ok_or_else(|| {
            Refused::Malformed(format!(
                "X-Amz-Expires must be a number from 1 to {MAX_EXPIRES_S}, in seconds."
            ))
        })?;
        let session_token = find("X-Amz-Security-Token")?;
        let place = Place::Query { expires_s };
        Ok(Self { credential, signed_headers, signature, date, session_token, place })
    }

    pub(super) fn credential(&self) -> Result<Credential<'_>, Refused> {
        let parts: Vec<_> = self.credential.splitn(6, '/').collect();
        let Ok([access_key_id, date, region, service, terminator]) = <[&str; 5]>::try_from(parts) else {
            return Err(Refused::CredentialParts);
        };
        Ok(Credential { access_key_id, date, region, service, terminator })
    }

    pub(super) fn is_signed(&self, name: &str) -> bool {
        self.signed_headers.split(';').any(|signed| signed == name)
    }

    pub(super) fn time(&self) -> Result<DateTime<Utc>, Refused> {
        // chrono reads more than AWS writes: what it read has to be spelled the same again.
        let basic = NaiveDateTime::parse_from_str(&self.date, TIME_FORMAT)
            .map(|time| time.and_utc())
            .ok()
            .filter(|time| time.format(TIME_FORMAT).to_string() == self.date);
        if let Some(time) = basic {
            return Ok(time);
        }
        // HTTP's own header has HTTP's own format: botocore signs it so when a caller has set one.
        match self.place {
            Place::Header { date_header: "date" } => DateTime::parse_from_rfc2822(&self.date).ok(),
            _ => None,
        }
        .map(|time| time.to_utc())
        .ok_or_else(|| Refused::Date(self.date.clone()))
    }
}

impl fmt::Debug for Authorization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authorization")
            .field("signed_headers", &self.signed_headers)
            .field("date", &self.date)
            .field("place", &self.place)
            .finish_non_exhaustive()
    }
}

/// Whether a query claims to be signed, if only in part.
fn is_presigned(query: &str) -> bool {
    form_urlencoded::parse(query.as_bytes())
        .any(|(key, _)| key == "X-Amz-Signature" || key == "X-Amz-Algorithm")
}

/// The header that has the time: `[D]` X-Amz-Date, and Date only without it.
fn date(headers: &HeaderMap) -> Result<Option<(&'static str, &str)>, Refused> {
    for name in ["x-amz-date", "date"] {
        if let Some(value) = single(headers, name)? {
            return Ok(Some((name, value)));
        }
    }
    Ok(None)
}

/// A header's value.
///
/// Undocumented [U]: one that is there twice. Nobody could say which of the two was meant.
fn single<'a>(headers: &'a HeaderMap, name: &'static str) -> Result<Option<&'a str>, Refused> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let text = value.to_str().ok().filter(|_| values.next().is_none());
    let fault = || Refused::Malformed(format!("Header '{name}' must be there once, in ASCII."));
    text.map(Some).ok_or_else(fault)
}

/// The names of signed headers are sorted and in lower case, and none is there twice `[D]`. The order also bounds the
/// canonical request: no header is repeated in it.
///
/// Undocumented [U]: AWS's answer to others.
fn in_order(signed_headers: &str) -> Result<&str, Refused> {
    // No line break either, which a query can carry: it would begin another line of the canonical request.
    let is_name = signed_headers.chars().all(|c| c.is_ascii_graphic() && !c.is_ascii_uppercase());
    if is_name && signed_headers.split(';').is_sorted_by(|one, next| one < next) {
        return Ok(signed_headers);
    }
    Err(Refused::Malformed("SignedHeaders must be in lower case and sorted, each name once.".to_owned()))
}
