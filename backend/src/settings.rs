//! The environment variables that configure the Lambda function.

use std::collections::BTreeMap;

use thiserror::Error;

use crate::Config;
use crate::push::{Credentials, Endpoint};
use crate::token::{Audience, Jwks, MAX_LEEWAY_SECONDS, PublicKeyAlgorithm, Secret, Source, Verifier};

/// Where connections are kept, as [`store::open`](crate::store::open) takes it. Only a function that is nothing but
/// the authorizer goes without.
pub const STORE: &str = "EVERWIRE_STORE";
/// Signs and verifies tokens with HS256. Either this or [`JWKS`]; a function that is never the authorizer needs neither.
pub const SECRET: &str = "EVERWIRE_SECRET";
/// The public keys of a sign-in server: an https URL, or a path.
pub const JWKS: &str = "EVERWIRE_JWKS";
/// The one algorithm of tokens: `HS256` with a secret, `RS256` (default) or `ES256` with a JWKS.
pub const ALGORITHM: &str = "EVERWIRE_JWT_ALGORITHM";
/// The one issuer of tokens. Default: not checked.
pub const ISSUER: &str = "EVERWIRE_ISSUER";
/// Whom tokens have to be for; `*` for anybody. Required with a JWKS. Default with a secret: tokens have no audience.
pub const AUDIENCE: &str = "EVERWIRE_AUDIENCE";
/// How many seconds the issuer's clock may differ, 0 to 300. Default: 0.
pub const LEEWAY: &str = "EVERWIRE_LEEWAY_SECONDS";
/// The scope without which a good token may not connect. Default: none.
pub const REQUIRED_SCOPE: &str = "EVERWIRE_REQUIRED_SCOPE";
/// Where `/@connections` is: `https` (default), `http` for a local gateway, or a URL, which a custom domain needs.
pub const ENDPOINT: &str = "EVERWIRE_ENDPOINT";

const ALL: [&str; 9] = [STORE, SECRET, JWKS, ALGORITHM, ISSUER, AUDIENCE, LEEWAY, REQUIRED_SCOPE, ENDPOINT];

const PREFIX: &str = "EVERWIRE_";

/// HS256 wants a key as long as its hash (RFC 7518, 3.2).
const SECRET_BYTES: usize = 32;

/// How alike an unknown variable and a known one are where it is taken for a misspelt one, from 0 to 1.
const ALIKE: f64 = 0.8;

/// What the environment says.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where connections are kept, as [`STORE`] has it. None for a function that is only the authorizer.
    pub store: Option<String>,
    /// All else.
    pub config: Config,
    /// What is odd, but can be lived with.
    pub warnings: Vec<String>,
}

/// The function cannot start like that.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{variable}: {problem}")]
pub struct SettingsError {
    variable: String,
    problem: String,
}

impl SettingsError {
    fn new(variable: &str, problem: impl Into<String>) -> Self {
        Self { variable: variable.to_owned(), problem: problem.into() }
    }
}

impl Settings {
    /// Reads the variables of an environment. An empty one is as good as none.
    ///
    /// # Errors
    /// The first variable that is missing, misspelt or cannot be used, and what to do about it.
    pub fn read(variables: impl IntoIterator<Item = (String, String)>) -> Result<Self, SettingsError> {
        let variables = Variables(variables.into_iter().filter(|(_, value)| !value.is_empty()).collect());
        let store = variables.get(STORE).map(str::to_owned);
        let mut warnings = variables.unknown()?;
        let verifier = variables.verifier(&mut warnings)?;
        if store.is_none() && verifier.is_none() {
            let problem = format!(
                "is not set, nor is {SECRET} or {JWKS}: routes and pushes need a store, the authorizer a key"
            );
            return Err(SettingsError::new(STORE, problem));
        }
        let mut config = Config { verifier, ..Config::without_authorizer() };
        config.required_scope = variables.get(REQUIRED_SCOPE).map(str::to_owned);
        if let Some(text) = variables.get(ENDPOINT) {
            config.endpoint =
                text.parse().map_err(|error| SettingsError::new(ENDPOINT, format!("{error}")))?;
        }
        config.credentials = variables.local_credentials(&config.endpoint);
        Ok(Self { store, config, warnings })
    }
}

struct Variables(BTreeMap<String, String>);

impl Variables {
    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    fn verifier(&self, warnings: &mut Vec<String>) -> Result<Option<Verifier>, SettingsError> {
        let mut verifier = match (self.get(SECRET), self.get(JWKS)) {
            (Some(secret), None) => self.secret(secret, warnings)?,
            (None, Some(source)) => self.jwks(source)?,
            (Some(_), Some(_)) => {
                let problem =
                    format!("is set and so is {SECRET}: keep the one that your tokens are signed with");
                return Err(SettingsError::new(JWKS, problem));
            }
            // Routes and pushes verify no tokens, and should not be able to make any.
            (None, None) => match [ALGORITHM, ISSUER, AUDIENCE, REQUIRED_SCOPE]
                .into_iter()
                .find(|name| self.get(name).is_some())
            {
                None => return Ok(None),
                Some(variable) => {
                    let problem = format!(
                        "is set, but neither {SECRET} nor {JWKS} is: one of them has to verify tokens"
                    );
                    return Err(SettingsError::new(variable, problem));
                }
            },
        };
        if let Some(issuer) = self.get(ISSUER) {
            verifier = verifier.issuer(issuer);
        }
        if let Some(text) = self.get(LEEWAY) {
            let seconds =
                text.parse().ok().filter(|seconds| *seconds <= MAX_LEEWAY_SECONDS).ok_or_else(|| {
                    SettingsError::new(
                        LEEWAY,
                        format!("{text:?} is not a number from 0 to {MAX_LEEWAY_SECONDS}"),
                    )
                })?;
            verifier = verifier.leeway_seconds(seconds);
        }
        Ok(Some(verifier))
    }

    fn secret(&self, secret: &str, warnings: &mut Vec<String>) -> Result<Verifier, SettingsError> {
        if let Some(other) = self.get(ALGORITHM).filter(|name| *name != "HS256") {
            let problem = format!("{other:?} does not go with {SECRET}: leave it out, or give {JWKS}");
            return Err(SettingsError::new(ALGORITHM, problem));
        }
        let secret = Secret::new(secret).ok_or_else(|| SettingsError::new(SECRET, "is empty"))?;
        if secret.bytes() < SECRET_BYTES {
            warnings.push(format!("{SECRET} is short: {SECRET_BYTES} bytes or more cannot be guessed"));
        }
        let verifier = Verifier::secret(secret);
        Ok(match self.audience() {
            Some(audience) => verifier.audience(audience),
            None => verifier,
        })
    }

    fn jwks(&self, source: &str) -> Result<Verifier, SettingsError> {
        let algorithm = match self.get(ALGORITHM) {
            None | Some("RS256") => PublicKeyAlgorithm::Rs256,
            Some("ES256") => PublicKeyAlgorithm::Es256,
            Some(other) => {
                let problem = format!("{other:?} does not go with {JWKS}: give RS256 or ES256");
                return Err(SettingsError::new(ALGORITHM, problem));
            }
        };
        let audience = self.audience().ok_or_else(|| {
            let problem = format!(
                "is not set, but with {JWKS} it has to be: the server signs the tokens of all its apps with the same \
                 keys. Give this app's audience, or * to let in all of them"
            );
            SettingsError::new(AUDIENCE, problem)
        })?;
        let jwks = source.parse::<Source>().and_then(|source| Jwks::new(source, algorithm));
        Ok(Verifier::jwks(jwks.map_err(|error| SettingsError::new(JWKS, error.to_string()))?, audience))
    }

    fn audience(&self) -> Option<Audience> {
        self.get(AUDIENCE).map(|text| match text {
            "*" => Audience::Any,
            audience => Audience::Is(audience.to_owned()),
        })
    }

    /// The keys that a local gateway has given to the functions it runs, for posts over plain http: where those may
    /// lead is decided for each, as only a connection knows its host. Over https the SDK finds the keys itself.
    fn local_credentials(&self, endpoint: &Endpoint) -> Option<Credentials> {
        let is_plain = match endpoint {
            Endpoint::Https => false,
            Endpoint::Http => true,
            Endpoint::Url(url) => url.scheme() == "http",
        };
        let variable = |name| self.get(name).map(str::to_owned).filter(|_| is_plain);
        Some(Credentials {
            access_key_id: variable("AWS_ACCESS_KEY_ID")?,
            secret_access_key: variable("AWS_SECRET_ACCESS_KEY")?,
            session_token: variable("AWS_SESSION_TOKEN"),
            region: variable("AWS_REGION"),
        })
    }

    /// What to warn of. A variable that looks like a known one is refused instead: a restriction that is misspelt
    /// would let everybody in.
    fn unknown(&self) -> Result<Vec<String>, SettingsError> {
        let names = self.0.keys().filter(|name| name.starts_with(PREFIX) && !ALL.contains(&name.as_str()));
        let warning = |name: &String| match nearest(name) {
            Some(known) => Err(SettingsError::new(name, format!("is not known; is {known} meant?"))),
            None => Ok(format!("{name} is not known")),
        };
        names.map(warning).collect()
    }
}

/// The known variable that this one may be meant for.
fn nearest(name: &str) -> Option<&'static str> {
    // Without the beginning that all of them have.
    let own = |name: &str| name.trim_start_matches(PREFIX).to_owned();
    let likeness = |known: &str| strsim::jaro_winkler(&own(name), &own(known));
    let nearest = ALL.into_iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    nearest.filter(|known| likeness(known) >= ALIKE)
}
