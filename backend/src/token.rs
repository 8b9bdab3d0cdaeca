//! Minting and verifying tokens: JWTs signed with HS256, or with the private key of a sign-in server.
//!
//! # Layout
//! - here: our own tokens, signed with our own [`Secret`]. Each is of one [`Kind`], told apart by its audience, so
//!   that none of them works in another's place
//! - [`Verifier`] (`verifier.rs`): which access tokens the authorizer trusts
//! - [`Jwks`] (`jwks.rs`): the public keys of a sign-in server, from a file or a URL
//! - [`Claims`] (`claims.rs`): what a trusted token says

mod claims;
mod jwks;
mod verifier;

use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header};
use serde::Serialize;
use thiserror::Error;

pub use claims::Claims;
pub use jwks::{Jwks, JwksError, Source, SourceError};
use verifier::Rules;
pub use verifier::{Audience, MAX_LEEWAY_SECONDS, PublicKeyAlgorithm, Verifier};

/// What signs and verifies tokens. It never shows in logs: `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// A secret; `None` if it is empty, which would let anybody sign.
    pub fn new(secret: impl Into<String>) -> Option<Self> {
        let secret = secret.into();
        (!secret.is_empty()).then_some(Self(secret))
    }

    /// How long it is, in bytes. HS256 wants 32 or more (RFC 7518, 3.2).
    pub fn bytes(&self) -> usize {
        self.0.len()
    }

    /// The secret itself, for whoever hands it on: it must not come near a log.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    fn key(&self) -> DecodingKey {
        DecodingKey::from_secret(self.0.as_bytes())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// What a token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Opens a socket. It has no audience, as the tokens of most sign-in servers, so theirs work here too.
    Access,
    /// Gets a fresh access token, and nothing else.
    Refresh,
    /// Lets a backend push to users. A user's own token is not enough for that.
    Push,
}

impl Kind {
    const REFRESH: &str = "everwire-refresh";
    const PUSH: &str = "everwire-push";

    fn audience(self) -> Option<&'static str> {
        match self {
            Self::Access => None,
            Self::Refresh => Some(Self::REFRESH),
            Self::Push => Some(Self::PUSH),
        }
    }
}

/// Why there is no token, or no user in it.
#[derive(Debug, Error)]
pub enum TokenError {
    /// Not a JWT, expired, signed by somebody else, with another algorithm, or for another purpose. The reason is
    /// one of ours: it cites nothing that is in the token.
    #[error("bad token: {0}")]
    Invalid(&'static str),
    /// A good signature over nobody's name.
    #[error("invalid JWT: it names no user, neither in \"sub\" nor in \"identity\"")]
    NoUser,
    /// Whether the token is good cannot be told: its key may be one that could not be fetched.
    #[error(transparent)]
    Keys(#[from] JwksError),
    /// No token could be signed.
    #[error("cannot sign a token: {0}")]
    Signing(jsonwebtoken::errors::Error),
}

#[derive(Serialize)]
struct Minted<'a> {
    sub: &'a str,
    iat: u64,
    exp: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    aud: Option<&'static str>,
}

/// Seconds since 1970.
pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

/// A token for `user`, issued at `issued_at` (seconds since 1970, see [`now`]) and good for `ttl` seconds.
///
/// # Errors
/// When it cannot be signed, which no input leads to.
pub fn mint(secret: &Secret, kind: Kind, user: &str, issued_at: u64, ttl: u64) -> Result<String, TokenError> {
    let claims =
        Minted { sub: user, iat: issued_at, exp: issued_at.saturating_add(ttl), aud: kind.audience() };
    let key = EncodingKey::from_secret(secret.0.as_bytes());
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &key).map_err(TokenError::Signing)
}

/// The user of one of our own tokens, which has to be of this kind: `sub`, or else `identity`, the older claim of
/// some sign-in servers. For the access tokens of others see [`Verifier`].
///
/// # Errors
/// [`TokenError::Invalid`] for a token not to be trusted, [`TokenError::NoUser`] for one that names nobody.
pub fn verify(secret: &Secret, kind: Kind, token: &str) -> Result<String, TokenError> {
    let audience = kind.audience().map_or(Audience::Absent, |audience| Audience::Is(audience.to_owned()));
    verifier::header(token)?;
    let rules = Rules { audience, ..Rules::new(Algorithm::HS256) };
    Ok(rules.claims(token, &secret.key())?.into_user())
}
