//! Minting and verifying tokens: JWTs signed with HS256.
//!
//! A token is of one [`Kind`], told apart by its audience, so that none of them works in another's place.

use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;

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
    fn audience(self) -> Option<&'static str> {
        match self {
            Self::Access => None,
            Self::Refresh => Some("everwire-refresh"),
            Self::Push => Some("everwire-push"),
        }
    }
}

/// Why there is no token, or no user in it.
#[derive(Debug, Error)]
pub enum TokenError {
    /// Not a JWT, expired, signed by somebody else, with another algorithm, or for another purpose.
    #[error("bad token: {0}")]
    Invalid(#[from] jsonwebtoken::errors::Error),
    /// A good signature over nobody's name.
    #[error("invalid JWT: it names no user, neither in \"sub\" nor in \"identity\"")]
    NoUser,
}

#[derive(Serialize)]
struct Minted<'a> {
    sub: &'a str,
    iat: u64,
    exp: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    aud: Option<&'static str>,
}

#[derive(Deserialize)]
struct Claims {
    sub: Option<Value>,
    identity: Option<Value>,
    aud: Option<Value>,
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
    Ok(jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &key)?)
}

/// The user of a token of this kind: `sub`, or else `identity`, the older claim of some sign-in servers.
///
/// # Errors
/// [`TokenError::Invalid`] for a token not to be trusted, [`TokenError::NoUser`] for one that names nobody.
pub fn verify(secret: &Secret, kind: Kind, token: &str) -> Result<String, TokenError> {
    // One algorithm, ours: a token does not choose how it is checked.
    let mut validation = Validation::new(Algorithm::HS256);
    validation.validate_nbf = true;
    // Issuer and verifier share a clock here, and an expired token has to be expired: the library's default
    // would honour it for another minute.
    validation.leeway = 0;
    match kind.audience() {
        Some(audience) => {
            validation.set_audience(&[audience]);
            validation.set_required_spec_claims(&["exp", "aud"]);
        }
        // Without an expected audience every token that has one is refused.
        None => validation.set_required_spec_claims(&["exp"]),
    }
    let key = DecodingKey::from_secret(secret.0.as_bytes());
    let claims = jsonwebtoken::decode::<Claims>(token, &key, &validation)?.claims;
    if kind == Kind::Access && claims.aud.is_some() {
        // The library looks at audiences that are texts only.
        return Err(TokenError::Invalid(jsonwebtoken::errors::ErrorKind::InvalidAudience.into()));
    }
    claims.sub.and_then(name).or_else(|| claims.identity.and_then(name)).ok_or(TokenError::NoUser)
}

/// A user's name in a claim: a text, or a whole number, as databases count users.
fn name(claim: Value) -> Option<String> {
    match claim {
        Value::String(name) if !name.is_empty() => Some(name),
        Value::Number(number) if number.is_u64() => Some(number.to_string()),
        _ => None,
    }
}
