//! Why a signature is refused, in AWS's words: the one place for every wording, each with how sure it is.
//!
//! `[D]` AWS's documentation of SigV4 troubleshooting has it · `[O]` seen in answers of API Gateway that people
//! published (awscurl#61, aws4#33, chalice#828, aws-sdk-js#3571 and others) · `[C]` seen in third-party code ·
//! `[U]` a guess. The status is always 403 `[O]`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use thiserror::Error;

/// Why a request is refused. `Display` is what the client is told: AWS's message, with nothing secret in it.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Refused {
    /// `[O]` Neither an Authorization header nor a signature in the query.
    #[error("Missing Authentication Token")]
    Missing,
    /// `[O]` A word in the Authorization header that is no pair. Once AWS showed the header; now its hash.
    #[error(
        "Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded with \
         Base64): '{hash}'."
    )]
    NotAPair {
        /// SHA-256 of the header, in Base64.
        hash: String,
    },
    /// `[O]` An Authorization header that begins with a pair.
    #[error("Authorization header must begin with the algorithm name, which cannot include an equal-sign")]
    NoAlgorithm,
    /// `[O]` Parts of the Authorization header that are not there, or no time.
    #[error("{parts} (Hashed with SHA-256 and encoded with Base64) Authorization={hash}")]
    HeadersMissing {
        /// One sentence for each.
        parts: String,
        /// SHA-256 of the header, in Base64.
        hash: String,
    },
    /// `[C]` A presigned URL without one of its parameters.
    #[error("AWS query-string parameters must include '{0}'. Re-examine the query-string parameters.")]
    QueryMissing(&'static str),
    /// `[U]` Not AWS4-HMAC-SHA256. AWS shows what it is instead; that could be a token.
    #[error("Unsupported AWS 'algorithm': only 'AWS4-HMAC-SHA256' is.")]
    Algorithm,
    /// `[C]` A credential without its scope.
    #[error("Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term")]
    CredentialParts,
    /// `[C]` A time in another format.
    #[error("Date must be in ISO-8601 'basic format'. Got '{0}'. See http://en.wikipedia.org/wiki/ISO_8601")]
    Date(String),
    /// `[U]` What else cannot be read. It says what.
    #[error("{0}")]
    Malformed(String),
    /// `[O]` The host is not signed.
    #[error("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")]
    HostUnsigned,
    /// `[C]` Another header that has to be signed is not.
    #[error("'{0}' must be a 'SignedHeader' in the AWS Authorization.")]
    HeaderUnsigned(&'static str),
    /// `[O]`, but `[U]` for presigned URLs.
    #[error("Signature expired: {time} is now earlier than {earliest} ({now} - {lifetime}.)")]
    Expired {
        /// When it was signed.
        time: String,
        /// When it should have been signed, at the earliest.
        earliest: String,
        /// The gateway's time.
        now: String,
        /// How long it was good, with its unit.
        lifetime: String,
    },
    /// `[O]` Signed in the future.
    #[error("Signature not yet current: {time} is still later than {latest} ({now} + 5 min.)")]
    NotYetCurrent {
        /// When it was signed.
        time: String,
        /// When it should have been signed, at the latest.
        latest: String,
        /// The gateway's time.
        now: String,
    },
    /// `[O]` Signed for something else; one sentence for each fault, with AWS's space after it.
    #[error("{0}")]
    Scope(String),
    /// `[O]` Another access key, or another session token, or none where one is needed.
    #[error("The security token included in the request is invalid.")]
    Unrecognized,
    /// `[O]` Another signature. AWS shows what it signed, but of course not the signature.
    #[error(
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access \
         Key and signing method. Consult the service documentation for details.\n\n\
         The Canonical String for this request should have been\n'{canonical}'\n\n\
         The String-to-Sign should have been\n'{string_to_sign}'\n"
    )]
    Signature {
        /// The canonical request, tokens and cookies redacted.
        canonical: String,
        /// The string to sign.
        string_to_sign: String,
    },
}

impl Refused {
    /// What `x-amzn-ErrorType` says. `[O]`
    pub fn error_type(&self) -> &'static str {
        match self {
            Self::Missing => "MissingAuthenticationTokenException",
            Self::NotAPair { .. }
            | Self::NoAlgorithm
            | Self::HeadersMissing { .. }
            | Self::QueryMissing(_)
            | Self::Algorithm
            | Self::CredentialParts
            | Self::Date(_)
            | Self::Malformed(_) => "IncompleteSignatureException",
            Self::HostUnsigned
            | Self::HeaderUnsigned(_)
            | Self::Expired { .. }
            | Self::NotYetCurrent { .. }
            | Self::Scope(_)
            | Self::Signature { .. } => "InvalidSignatureException",
            Self::Unrecognized => "UnrecognizedClientException",
        }
    }

    pub(super) fn headers_missing(
        missing: impl Iterator<Item = &'static str>,
        no_date: bool,
        header: &str,
    ) -> Self {
        let sentence = |name| format!("Authorization header requires '{name}' parameter.");
        let date = "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.";
        let parts: Vec<_> = missing.map(sentence).chain(no_date.then(|| date.to_owned())).collect();
        Self::HeadersMissing { parts: parts.join(" "), hash: fingerprint(header) }
    }
}

/// Lets a client recognize its own header, which may be somebody's token.
pub(super) fn fingerprint(header: &str) -> String {
    STANDARD.encode(Sha256::digest(header))
}

/// `[D]`, `[O]`
pub(super) fn wrong_region(region: &str) -> String {
    format!("Credential should be scoped to a valid region, not '{region}'. ")
}

/// `[D]`, `[O]`
pub(super) fn wrong_service(service: &str) -> String {
    format!("Credential should be scoped to correct service: '{service}'. ")
}

/// `[C]`
pub(super) fn wrong_terminator(terminator: &str, sent: &str) -> String {
    format!("Credential should be scoped with a valid terminator: '{terminator}', not '{sent}'. ")
}

/// `[D]` for its beginning, `[C]` for its end.
pub(super) fn wrong_date(sent: &str, date: &str, time: &str) -> String {
    format!(
        "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: \
         '{sent}' != '{date}', from '{time}'. "
    )
}
