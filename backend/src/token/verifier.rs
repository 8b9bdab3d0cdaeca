//! Which access tokens the authorizer trusts: one algorithm, one issuer, one audience.

use std::sync::Arc;

use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation};
use serde_json::{Map, Value};

use super::{Claims, Jwks, Kind, Secret, TokenError};

/// The longest token that is looked at, in bytes. API Gateway's URLs end at 4096 characters.
const MAX_TOKEN_BYTES: usize = 8 * 1024;

/// The most that clocks may differ, in seconds. More would honour tokens long expired.
pub const MAX_LEEWAY_SECONDS: u64 = 300;

/// How the tokens of a sign-in server are signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PublicKeyAlgorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256, keys of 2048 to 4096 bits: what most sign-in servers use.
    Rs256,
    /// ECDSA on P-256 with SHA-256.
    Es256,
}

impl PublicKeyAlgorithm {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Es256 => "ES256",
        }
    }
}

impl From<PublicKeyAlgorithm> for Algorithm {
    fn from(algorithm: PublicKeyAlgorithm) -> Self {
        match algorithm {
            PublicKeyAlgorithm::Rs256 => Self::RS256,
            PublicKeyAlgorithm::Es256 => Self::ES256,
        }
    }
}

/// Whom a token has to be for (its claim `aud`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Audience {
    /// Nobody in particular: a token that has an audience is for somebody else, and refused.
    Absent,
    /// This one, alone or among others.
    Is(String),
    /// Anybody. Every app that signs in at the same server gets in with its own tokens then, unless the issuer, a
    /// scope or an own rule tells them apart.
    Any,
}

/// Decides which access tokens are good. The algorithm is pinned: a token does not choose how it is checked.
///
/// ```
/// use everwire_backend::token::{Audience, Jwks, PublicKeyAlgorithm, Source, Verifier};
///
/// let source: Source = "https://login.example.com/.well-known/jwks.json".parse()?;
/// let verifier = Verifier::jwks(Jwks::new(source, PublicKeyAlgorithm::Rs256)?, Audience::Is("chat".into()))
///     .issuer("https://login.example.com/")
///     .leeway_seconds(30);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Verifier {
    keys: Keys,
    rules: Rules,
}

#[derive(Debug, Clone)]
enum Keys {
    Secret(Secret),
    Jwks(Arc<Jwks>),
}

impl Verifier {
    /// HS256 with this secret. Tokens must have no audience, unless [`Verifier::audience`] says otherwise.
    pub fn secret(secret: Secret) -> Self {
        Self { keys: Keys::Secret(secret), rules: Rules::new(Algorithm::HS256) }
    }

    /// The algorithm and the public keys of a sign-in server.
    ///
    /// The audience has no default: such a server signs the tokens of all its apps with the same keys, and only the
    /// audience tells whether a token was meant for this one.
    pub fn jwks(jwks: Jwks, audience: Audience) -> Self {
        let rules = Rules { audience, ..Rules::new(jwks.algorithm().into()) };
        Self { keys: Keys::Jwks(Arc::new(jwks)), rules }
    }

    /// Only tokens of this issuer (their claim `iss`). Default: any whose signature is right.
    #[must_use]
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.rules.issuer = Some(issuer.into());
        self
    }

    /// Whom tokens have to be for.
    #[must_use]
    pub fn audience(mut self, audience: Audience) -> Self {
        self.rules.audience = audience;
        self
    }

    /// How many seconds the issuer's clock may differ, in both directions. Default: 0, as an expired token has to be
    /// expired. At most [`MAX_LEEWAY_SECONDS`].
    #[must_use]
    pub fn leeway_seconds(mut self, seconds: u64) -> Self {
        self.rules.leeway_seconds = seconds.min(MAX_LEEWAY_SECONDS);
        self
    }

    /// What a good access token says.
    ///
    /// # Errors
    /// [`TokenError::Invalid`] for a token not to be trusted, [`TokenError::NoUser`] for one that names nobody,
    /// [`TokenError::Keys`] when its key would have to be fetched and cannot be.
    pub async fn verify(&self, token: &str) -> Result<Claims, TokenError> {
        let header = header(token)?;
        if header.alg != self.rules.algorithm {
            // Before any key is looked for: a wrong algorithm must not cause a fetch.
            return Err(TokenError::Invalid("it is signed with another algorithm"));
        }
        match &self.keys {
            Keys::Secret(secret) => self.rules.claims(token, &secret.key()),
            Keys::Jwks(jwks) => match jwks.find(header.kid.as_deref()).await? {
                Some(key) => self.rules.claims(token, &key),
                None => Err(TokenError::Invalid("it is signed with a key that its issuer does not have")),
            },
        }
    }
}

impl From<Secret> for Verifier {
    fn from(secret: Secret) -> Self {
        Self::secret(secret)
    }
}

/// What is asked of a token, whatever key it is signed with.
#[derive(Debug, Clone)]
pub(super) struct Rules {
    pub(super) algorithm: Algorithm,
    pub(super) audience: Audience,
    pub(super) issuer: Option<String>,
    pub(super) leeway_seconds: u64,
}

impl Rules {
    pub(super) fn new(algorithm: Algorithm) -> Self {
        Self { algorithm, audience: Audience::Absent, issuer: None, leeway_seconds: 0 }
    }

    pub(super) fn claims(&self, token: &str, key: &DecodingKey) -> Result<Claims, TokenError> {
        let decoded = jsonwebtoken::decode::<Map<String, Value>>(token, key, &self.validation());
        let claims = decoded.map_err(|error| TokenError::Invalid(reason(error.kind())))?.claims;
        if !self.audience.admits(claims.get("aud")) {
            return Err(TokenError::Invalid("it is for another audience"));
        }
        Claims::new(claims)
    }

    fn validation(&self) -> Validation {
        let mut validation = Validation::new(self.algorithm);
        validation.validate_nbf = true;
        validation.leeway = self.leeway_seconds;
        let mut required = vec!["exp"];
        match &self.audience {
            Audience::Is(audience) => {
                validation.set_audience(&[audience]);
                required.push("aud");
            }
            Audience::Absent => {}
            Audience::Any => validation.validate_aud = false,
        }
        if let Some(issuer) = &self.issuer {
            validation.set_issuer(&[issuer]);
            required.push("iss");
        }
        validation.set_required_spec_claims(&required);
        validation
    }
}

impl Audience {
    /// What the library does not look at: it knows only audiences that are texts, and nothing of our kinds.
    fn admits(&self, aud: Option<&Value>) -> bool {
        match self {
            Self::Absent => aud.is_none_or(Value::is_null),
            Self::Is(_) => true,
            Self::Any => !aud.is_some_and(|aud| {
                let is_ours = |aud: &Value| aud == Kind::REFRESH || aud == Kind::PUSH;
                is_ours(aud) || aud.as_array().is_some_and(|all| all.iter().any(is_ours))
            }),
        }
    }
}

/// The header of what may be a token.
pub(super) fn header(token: &str) -> Result<Header, TokenError> {
    if token.len() > MAX_TOKEN_BYTES {
        return Err(TokenError::Invalid("it is too long"));
    }
    let header =
        jsonwebtoken::decode_header(token).map_err(|error| TokenError::Invalid(reason(error.kind())))?;
    if header.crit.is_some() {
        // RFC 7515, 4.1.11: who does not understand such an extension has to refuse the token.
        return Err(TokenError::Invalid("its header has \"crit\", and no extension is understood here"));
    }
    Ok(header)
}

/// In our own words: the library's may cite what a stranger wrote into the token.
fn reason(kind: &ErrorKind) -> &'static str {
    match kind {
        ErrorKind::InvalidSignature => "its signature is not right",
        ErrorKind::ExpiredSignature => "it has expired",
        ErrorKind::ImmatureSignature => "it is not good yet",
        ErrorKind::InvalidIssuer => "it is of another issuer",
        ErrorKind::InvalidAudience => "it is for another audience",
        ErrorKind::MissingRequiredClaim(claim) if claim == "exp" => "it has no expiry (\"exp\")",
        ErrorKind::MissingRequiredClaim(claim) if claim == "aud" => "it has no audience (\"aud\")",
        ErrorKind::MissingRequiredClaim(claim) if claim == "iss" => "it has no issuer (\"iss\")",
        ErrorKind::InvalidAlgorithm | ErrorKind::UnsupportedAlgorithm => {
            "it is signed with another algorithm"
        }
        _ => "it is no JWT",
    }
}
