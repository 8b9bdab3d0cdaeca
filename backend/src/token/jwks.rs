//! The public keys of a sign-in server: a JSON Web Key Set (RFC 7517), from a file or a URL.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, KeyOperations, PublicKeyUse};
use jsonwebtoken::{DecodingKey, DecodingKeyKind};
use reqwest::Url;
use serde::Deserialize;
use serde_json::Value;
use thiserror::Error;
use tokio::sync::Mutex;

use super::PublicKeyAlgorithm;
use crate::{causes, loopback};

/// How long one fetch may take. A client waits so long for its handshake.
const FETCH_TIMEOUT: Duration = Duration::from_secs(5);

/// The largest set that is read, in bytes. Big sign-in servers' sets have a tenth of it.
const MAX_BYTES: usize = 256 * 1024;

/// How long keys are trusted without asking again: the server may have withdrawn one.
const REFRESH_AFTER: Duration = Duration::from_secs(60 * 60);

/// How long keys are trusted while asking again fails: an outage of the sign-in server should not be one of ours.
const MAX_AGE: Duration = Duration::from_secs(24 * 60 * 60);

/// How long after the end of a fetch the next one may be: whoever invents key ids makes no flood of fetches.
const COOLDOWN: Duration = Duration::from_secs(5);

/// Where the keys are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A file.
    File(PathBuf),
    /// `https`, or `http` on this machine.
    Url(Url),
}

/// Why keys cannot come from there.
#[derive(Debug, Error)]
pub enum SourceError {
    /// Whoever is on the way could put in keys of their own.
    #[error("{0} is plain http, where anybody on the way could exchange the keys: give its https URL")]
    PlainHttp(Url),
    /// `ftp:` or the like.
    #[error("{0} is neither an http(s) URL nor a path")]
    Scheme(Url),
    /// No HTTP client can be made.
    #[error("cannot make an HTTP client for the keys: {0}")]
    Http(String),
}

impl FromStr for Source {
    type Err = SourceError;

    /// A URL, or else a path.
    fn from_str(text: &str) -> Result<Self, SourceError> {
        match Url::parse(text) {
            Ok(url) if text.contains("://") => match url.scheme() {
                "https" => Ok(Self::Url(url)),
                "http" if loopback::is_loopback(&url) => Ok(Self::Url(url)),
                "http" => Err(SourceError::PlainHttp(url)),
                _ => Err(SourceError::Scheme(url)),
            },
            _ => Ok(Self::File(text.into())),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            // Whatever is before an `@` may be a password.
            Self::Url(url) => write!(f, "{}{}", url.origin().ascii_serialization(), url.path()),
        }
    }
}

/// There are no keys to verify a token with. The token may be good.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("cannot get the keys that verify tokens from {from}: {why}")]
pub struct JwksError {
    from: String,
    why: String,
}

/// The keys of one source that fit one algorithm. They are fetched when the first token needs them, and again when a
/// token names a key that is not among them, or after an hour. If that fails, they serve on for a day.
#[derive(Debug)]
pub struct Jwks {
    source: Source,
    algorithm: PublicKeyAlgorithm,
    cooldown: Duration,
    fetch_timeout: Duration,
    refresh_after: Duration,
    max_age: Duration,
    http: reqwest::Client,
    keys: RwLock<Option<Arc<Keys>>>,
    /// Held while somebody fetches: the others wait for that fetch and use its keys.
    last_fetch: Mutex<Option<Fetch>>,
}

#[derive(Debug)]
struct Keys {
    keys: Vec<Key>,
    fetched_at: Instant,
}

#[derive(Debug)]
struct Key {
    id: Option<String>,
    key: DecodingKey,
}

#[derive(Debug)]
struct Fetch {
    ended_at: Instant,
    outcome: Result<(), String>,
}

#[derive(Deserialize)]
struct Document {
    keys: Vec<Value>,
}

impl Jwks {
    /// The keys at this source. Nothing is fetched yet.
    ///
    /// # Errors
    /// [`SourceError`] for a URL that cannot be trusted, or when no HTTP client can be made.
    pub fn new(source: Source, algorithm: PublicKeyAlgorithm) -> Result<Self, SourceError> {
        // Through the rules of `FromStr`, however the source was made.
        if let Source::Url(url) = &source {
            url.as_str().parse::<Source>()?;
        }
        let http = reqwest::Client::builder()
            // The keys are where the operator says, and a redirect could lead to plain http.
            .redirect(reqwest::redirect::Policy::none());
        let http = match &source {
            Source::Url(url) if !loopback::is_loopback(url) => http,
            _ => http.no_proxy(),
        };
        let http = http.build().map_err(|error| SourceError::Http(with_causes(&error)))?;
        let (keys, last_fetch) = (RwLock::default(), Mutex::default());
        Ok(Self {
            source,
            algorithm,
            cooldown: COOLDOWN,
            fetch_timeout: FETCH_TIMEOUT,
            refresh_after: REFRESH_AFTER,
            max_age: MAX_AGE,
            http,
            keys,
            last_fetch,
        })
    }

    /// How long after the end of a fetch the next one may be. Default: 5 s. A key that a server began to use sooner than
    /// that after its last one is refused so long.
    #[must_use]
    pub fn cooldown(mut self, cooldown: Duration) -> Self {
        self.cooldown = cooldown;
        self
    }

    /// How long one fetch may take. Default: 5 s.
    #[must_use]
    pub fn fetch_timeout(mut self, timeout: Duration) -> Self {
        self.fetch_timeout = timeout;
        self
    }

    /// How old keys are when they are fetched again. Default: 1 h.
    #[must_use]
    pub fn refresh_after(mut self, age: Duration) -> Self {
        self.refresh_after = age;
        self
    }

    /// How old keys may be that are trusted because they cannot be fetched again. Default: 24 h. A key that the server
    /// has withdrawn may be trusted so long by whoever does not reach it.
    #[must_use]
    pub fn max_age(mut self, age: Duration) -> Self {
        self.max_age = age;
        self
    }

    pub(super) fn algorithm(&self) -> PublicKeyAlgorithm {
        self.algorithm
    }

    /// The key with this id, or the only one for a token that names none. `None` if the source has no such key.
    pub(super) async fn find(&self, id: Option<&str>) -> Result<Option<DecodingKey>, JwksError> {
        if let Some(key) = self.cached(id, self.refresh_after) {
            return Ok(Some(key));
        }
        let mut last_fetch = self.last_fetch.lock().await;
        // Somebody may have fetched it meanwhile.
        if let Some(key) = self.cached(id, self.refresh_after) {
            return Ok(Some(key));
        }
        // From its end, or those who waited for a server that does not answer would ask it again, one by one.
        if last_fetch.as_ref().is_none_or(|last| last.ended_at.elapsed() >= self.cooldown) {
            // Written down before it ends: a fetch that nobody waits for any more counts too.
            let unfinished = Err("the last try was given up".to_owned());
            let last = last_fetch.insert(Fetch { ended_at: Instant::now(), outcome: unfinished });
            let outcome = self.fetch().await;
            *last = Fetch { ended_at: Instant::now(), outcome };
            if let Err(why) = &last.outcome {
                tracing::error!(source = %self.source, why, "cannot get the keys that verify tokens");
            }
        }
        match (self.cached(id, self.max_age), last_fetch.as_ref().map(|last| &last.outcome)) {
            (None, Some(Err(why))) => Err(JwksError { from: self.source.to_string(), why: why.clone() }),
            (key, _) => Ok(key),
        }
    }

    /// The key, if it was fetched not longer ago than that.
    fn cached(&self, id: Option<&str>, max_age: Duration) -> Option<DecodingKey> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner).clone()?;
        let found = match (id, keys.keys.as_slice()) {
            (None, [only]) => Some(only),
            (None, _) => None,
            (Some(_), keys) => keys.iter().find(|key| key.id.as_deref() == id),
        };
        found.filter(|_| keys.fetched_at.elapsed() < max_age).map(|key| key.key.clone())
    }

    async fn fetch(&self) -> Result<(), String> {
        let bytes = match &self.source {
            Source::File(path) => read(path)?,
            Source::Url(url) => self.download(url).await?,
        };
        let document: Document =
            serde_json::from_slice(&bytes).map_err(|error| format!("it is no JSON Web Key Set: {error}"))?;
        let keys: Vec<_> = document.keys.into_iter().filter_map(|key| usable(key, self.algorithm)).collect();
        if keys.is_empty() {
            return Err(format!("it has no key for {}: is the algorithm right?", self.algorithm.name()));
        }
        tracing::info!(source = %self.source, keys = keys.len(), "fetched the keys that verify tokens");
        let keys = Arc::new(Keys { keys, fetched_at: Instant::now() });
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Some(keys);
        Ok(())
    }

    async fn download(&self, url: &Url) -> Result<Vec<u8>, String> {
        let request = self.http.get(url.clone()).timeout(self.fetch_timeout);
        let mut answer = request.send().await.map_err(|error| with_causes(&error))?;
        if !answer.status().is_success() {
            return Err(format!("it answered {}", answer.status()));
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| with_causes(&error))? {
            bytes.extend_from_slice(&chunk);
            if bytes.len() > MAX_BYTES {
                return Err(too_large());
            }
        }
        Ok(bytes)
    }
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|error| error.to_string())?;
    file.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() > MAX_BYTES { Err(too_large()) } else { Ok(bytes) }
}

fn too_large() -> String {
    format!("it is larger than {MAX_BYTES} bytes")
}

/// The key, if it is one that verifies signatures of this algorithm. What is not is skipped (RFC 7517, 5).
fn usable(key: Value, algorithm: PublicKeyAlgorithm) -> Option<Key> {
    let jwk: Jwk = serde_json::from_value(key).ok()?;
    let common = &jwk.common;
    let fits = match (&jwk.algorithm, algorithm) {
        (AlgorithmParameters::RSA(_), PublicKeyAlgorithm::Rs256) => {
            matches!(common.key_algorithm, None | Some(KeyAlgorithm::RS256))
        }
        (AlgorithmParameters::EllipticCurve(key), PublicKeyAlgorithm::Es256) => {
            key.curve == EllipticCurve::P256
                && matches!(common.key_algorithm, None | Some(KeyAlgorithm::ES256))
        }
        _ => false,
    };
    let signs = matches!(common.public_key_use, None | Some(PublicKeyUse::Signature));
    let verifies = common.key_operations.as_ref().is_none_or(|all| all.contains(&KeyOperations::Verify));
    if !(fits && signs && verifies) {
        return None;
    }
    let key = DecodingKey::from_jwk(&jwk).ok().filter(is_strong)?;
    Some(Key { id: jwk.common.key_id, key })
}

/// 2048 bits or more (RFC 7518, 3.3); above 4096 the library computes nothing.
fn is_strong(key: &DecodingKey) -> bool {
    match key.kind() {
        DecodingKeyKind::RsaModulusExponent { n, .. } => (256..=513).contains(&n.len()),
        DecodingKeyKind::SecretOrDer(_) => true,
    }
}

/// reqwest's own text stops at "error sending request".
fn with_causes(error: &reqwest::Error) -> String {
    causes(error).map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
