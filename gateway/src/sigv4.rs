//! AWS Signature Version 4: whether a request was signed with the gateway's credentials.
//!
//! The request is signed again, over exactly the headers that the client says it signed, and the two signatures
//! are compared. Keys and HMACs come from `aws-sigv4`, the signer inside AWS's own SDK for Rust. The canonical
//! request is built here, because AWS shows it to a client whose signature is wrong, and `aws-sigv4` keeps its own
//! to itself. `scratchstack-aws-signature`, which verifies, encodes paths once; API Gateway wants them encoded
//! twice, so that it would refuse every SDK's `/@connections/…%3D`.
//!
//! Every wording and its source is in `sigv4/refused.rs`.

mod authorization;
mod canonical;
mod refused;

use std::fmt;
use std::time::SystemTime;

use aws_credential_types::Credentials as Keys;
use aws_sigv4::sign::v4::{calculate_signature, generate_signing_key};
use axum::http::request::Parts;
use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use subtle::ConstantTimeEq;

pub use self::refused::Refused;

use self::authorization::{Authorization, Place};

/// The region of credentials that name none.
pub const DEFAULT_REGION: &str = "us-east-1";

/// What `/@connections` is signed for.
const SERVICE: &str = "execute-api";

/// The one algorithm. `[U]` whether API Gateway takes SigV4a's too; its SDKs do not use it here.
const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// What a credential's scope ends with.
const TERMINATOR: &str = "aws4_request";

/// `20150830T123600Z`.
const TIME_FORMAT: &str = "%Y%m%dT%H%M%SZ";

/// How far the client's clock may be off, either way, in minutes. `[O]` AWS's own errors say it. Within it the same
/// request may come again: AWS keeps no list of what it has seen.
const WINDOW_MINUTES: i64 = 5;

/// Who may call `/@connections`, and for which region. Neither secret nor session token shows in `Debug`.
#[derive(Clone)]
pub struct Credentials {
    keys: Keys,
    region: String,
}

impl Credentials {
    /// Long-lived credentials for [`DEFAULT_REGION`]; `None` if one of the two is empty, which would let anybody
    /// sign.
    pub fn new(access_key_id: impl Into<String>, secret_access_key: impl Into<String>) -> Option<Self> {
        let keys = Keys::new(access_key_id, secret_access_key, None, None, "everwire");
        let is_whole = !keys.access_key_id().is_empty() && !keys.secret_access_key().is_empty();
        is_whole.then(|| Self { keys, region: DEFAULT_REGION.to_owned() })
    }

    /// Makes them temporary credentials: every request has to carry this token too. An empty one is none.
    #[must_use]
    pub fn with_session_token(self, session_token: impl Into<String>) -> Self {
        let (id, secret) = (self.keys.access_key_id(), self.keys.secret_access_key());
        let session_token = Some(session_token.into()).filter(|token| !token.is_empty());
        let keys = Keys::new(id, secret, session_token, None, "everwire");
        Self { keys, ..self }
    }

    /// For another region than [`DEFAULT_REGION`].
    #[must_use]
    pub fn with_region(self, region: impl Into<String>) -> Self {
        Self { region: region.into(), ..self }
    }

    /// Its name, which is no secret.
    pub fn access_key_id(&self) -> &str {
        self.keys.access_key_id()
    }

    /// The region that signatures are for.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// Whether they are temporary credentials.
    pub fn is_temporary(&self) -> bool {
        self.session_token().is_some()
    }

    pub(crate) fn secret_access_key(&self) -> &str {
        self.keys.secret_access_key()
    }

    pub(crate) fn session_token(&self) -> Option<&str> {
        self.keys.session_token()
    }

    /// Everything that can be told from a request's head: that it is signed, by whom, for what and when. The
    /// signature itself covers the body: [`Claim::verify`].
    ///
    /// # Errors
    /// What AWS answers, in AWS's words.
    pub fn examine<'a>(&'a self, head: &'a Parts, now: DateTime<Utc>) -> Result<Claim<'a>, Refused> {
        // Undocumented [C]: the order of the checks. scratchstack-aws-signature's, which its author took from AWS's
        // answers.
        let authorization = Authorization::read(head)?;
        authorization.check_signed_headers()?;
        let time = authorization.time()?;
        // Signatures are timed in whole seconds.
        authorization.check_window(time, now.trunc_subsecs(0))?;
        self.check_scope(&authorization, time)?;
        self.check_identity(&authorization)?;
        Ok(Claim { credentials: self, head, authorization, time })
    }

    fn check_scope(&self, authorization: &Authorization, time: DateTime<Utc>) -> Result<(), Refused> {
        let credential = authorization.credential()?;
        let date = time.format("%Y%m%d").to_string();
        let mut faults = String::new();
        if credential.region != self.region {
            faults += &refused::wrong_region(credential.region);
        }
        if credential.service != SERVICE {
            faults += &refused::wrong_service(SERVICE);
        }
        if credential.terminator != TERMINATOR {
            faults += &refused::wrong_terminator(TERMINATOR, credential.terminator);
        }
        if credential.date != date {
            let time = time.format(TIME_FORMAT).to_string();
            faults += &refused::wrong_date(credential.date, &date, &time);
        }
        if faults.is_empty() { Ok(()) } else { Err(Refused::Scope(faults)) }
    }

    fn check_identity(&self, authorization: &Authorization) -> Result<(), Refused> {
        let token = authorization.session_token.as_deref().unwrap_or_default();
        let is_token = token.as_bytes().ct_eq(self.keys.session_token().unwrap_or_default().as_bytes());
        let is_key = authorization.credential()?.access_key_id == self.keys.access_key_id();
        if is_key && bool::from(is_token) { Ok(()) } else { Err(Refused::Unrecognized) }
    }

    fn sign(&self, time: DateTime<Utc>, string_to_sign: &str) -> String {
        let secret = self.keys.secret_access_key();
        let key = generate_signing_key(secret, SystemTime::from(time), &self.region, SERVICE);
        calculate_signature(key, string_to_sign.as_bytes())
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("access_key_id", &self.keys.access_key_id())
            .field("region", &self.region)
            .finish_non_exhaustive()
    }
}

/// A request whose head says that it is signed. [`Claim::verify`] tells whether that is true.
#[must_use = "a claim proves nothing before it is verified"]
pub struct Claim<'a> {
    credentials: &'a Credentials,
    head: &'a Parts,
    authorization: Authorization,
    time: DateTime<Utc>,
}

impl Claim<'_> {
    /// Whether this is the signature of the request with this body.
    ///
    /// # Errors
    /// What AWS answers, in AWS's words.
    pub fn verify(self, body: &[u8]) -> Result<(), Refused> {
        let Self { credentials, head, authorization, time } = self;
        let canonical = canonical::Request::new(head, body, &authorization)?;
        let scope = format!("{}/{}/{SERVICE}/{TERMINATOR}", time.format("%Y%m%d"), credentials.region);
        let time_text = time.format(TIME_FORMAT);
        let string_to_sign = format!("{ALGORITHM}\n{time_text}\n{scope}\n{}", canonical.hash());
        let expected = credentials.sign(time, &string_to_sign);
        let is_signature = expected.as_bytes().ct_eq(authorization.signature.as_bytes());
        if bool::from(is_signature) && canonical.says_its_payload() {
            return Ok(());
        }
        Err(Refused::Signature { canonical: canonical.shown(), string_to_sign })
    }
}

impl fmt::Debug for Claim<'_> {
    /// Without the head, which has tokens in it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Claim").field("authorization", &self.authorization).finish_non_exhaustive()
    }
}

impl Authorization {
    /// Whether the headers that make a request this one are signed: at least the host, the time, and the session.
    fn check_signed_headers(&self) -> Result<(), Refused> {
        if !self.is_signed("host") {
            return Err(Refused::HostUnsigned);
        }
        // In a query they are signed as all of the query is.
        let Place::Header { date_header } = self.place else { return Ok(()) };
        let token = self.session_token.is_some().then_some("x-amz-security-token");
        match [Some(date_header), token].into_iter().flatten().find(|name| !self.is_signed(name)) {
            Some(name) => Err(Refused::HeaderUnsigned(name)),
            None => Ok(()),
        }
    }

    fn check_window(&self, time: DateTime<Utc>, now: DateTime<Utc>) -> Result<(), Refused> {
        let window = TimeDelta::minutes(WINDOW_MINUTES);
        let (lifetime, lifetime_text) = match self.place {
            Place::Header { .. } => (window, format!("{WINDOW_MINUTES} min")),
            Place::Query { expires_s } => (TimeDelta::seconds(expires_s.into()), format!("{expires_s} sec")),
        };
        let text = |time: DateTime<Utc>| time.format(TIME_FORMAT).to_string();
        if time < now - lifetime {
            let earliest = text(now - lifetime);
            return Err(Refused::Expired {
                time: text(time),
                earliest,
                now: text(now),
                lifetime: lifetime_text,
            });
        }
        if time > now + window {
            let latest = text(now + window);
            return Err(Refused::NotYetCurrent { time: text(time), latest, now: text(now) });
        }
        Ok(())
    }
}
