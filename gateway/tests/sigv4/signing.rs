//! Requests, signed by the signer of AWS's SDK for Rust.

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials as Keys;
use aws_sigv4::http_request::{
    SignableBody, SignableRequest, SignatureLocation, SigningSettings, UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4::SigningParams;
use axum::http::{HeaderValue, Request, request::Parts};
use chrono::{DateTime, Utc};
use everwire_gateway::sigv4::{Credentials, Refused};

/// The made-up credentials of AWS's documentation.
pub const ACCESS_KEY_ID: &str = "AKIDEXAMPLE";
pub const SECRET_ACCESS_KEY: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
pub const REGION: &str = "us-east-1";
pub const HOST: &str = "127.0.0.1:3001";

/// A request as it is on the wire.
#[derive(Debug, Clone)]
pub struct Draft {
    pub method: String,
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Draft {
    pub fn new(method: &str, path: &str, body: impl Into<Vec<u8>>) -> Self {
        let headers = vec![("host".to_owned(), HOST.to_owned())];
        Self { method: method.to_owned(), path: path.to_owned(), headers, body: body.into() }
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Puts another value in the place of a header's first one.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        let header = self.headers.iter_mut().find(|(known, _)| known == name);
        value.clone_into(&mut header.expect("a header to change").1);
        self
    }

    pub fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self
    }

    pub fn value(&self, name: &str) -> &str {
        &self.headers.iter().find(|(known, _)| known == name).expect("a header").1
    }

    pub fn parts(&self) -> Parts {
        let mut request = Request::builder().method(self.method.as_str()).uri(&self.path);
        for (name, value) in &self.headers {
            request = request.header(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        request.body(()).unwrap().into_parts().0
    }

    /// What the gateway says to it at that time.
    pub fn verified(&self, credentials: &Credentials, now: DateTime<Utc>) -> Result<(), Refused> {
        let head = self.parts();
        credentials.examine(&head, now)?.verify(&self.body)
    }
}

/// Who signs, for what, and when.
#[derive(Debug, Clone)]
pub struct Signer {
    pub secret_access_key: &'static str,
    pub session_token: Option<String>,
    pub region: &'static str,
    pub service: &'static str,
    pub time: DateTime<Utc>,
}

impl Signer {
    pub fn at(time: DateTime<Utc>) -> Self {
        Self {
            secret_access_key: SECRET_ACCESS_KEY,
            session_token: None,
            region: REGION,
            service: "execute-api",
            time,
        }
    }

    /// Adds the headers that prove who sent it.
    pub fn sign(&self, draft: Draft) -> Draft {
        self.signed(draft, SigningSettings::default())
    }

    /// Adds a signature to the URL, good for this long.
    pub fn presign(&self, draft: Draft, lifetime: Duration) -> Draft {
        let mut settings = SigningSettings::default();
        settings.signature_location = SignatureLocation::QueryParams;
        settings.expires_in = Some(lifetime);
        self.signed(draft, settings)
    }

    fn signed(&self, mut draft: Draft, mut settings: SigningSettings) -> Draft {
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        let keys = Keys::new(ACCESS_KEY_ID, self.secret_access_key, self.session_token.clone(), None, "test");
        let identity = keys.into();
        let params = SigningParams::builder()
            .identity(&identity)
            .region(self.region)
            .name(self.service)
            .time(SystemTime::from(self.time))
            .settings(settings)
            .build()
            .unwrap()
            .into();
        let headers = draft.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let url = format!("http://{HOST}{}", draft.path);
        let request =
            SignableRequest::new(&draft.method, url, headers, SignableBody::Bytes(&draft.body)).unwrap();
        let (instructions, _) = sign(request, &params).unwrap().into_parts();
        let headers: Vec<_> =
            instructions.headers().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        draft.headers.extend(headers);
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(instructions.params());
        let query = query.finish();
        if !query.is_empty() {
            draft.path += if draft.path.contains('?') { "&" } else { "?" };
            draft.path += &query;
        }
        draft
    }
}

pub fn credentials() -> Credentials {
    Credentials::new(ACCESS_KEY_ID, SECRET_ACCESS_KEY).unwrap()
}

/// A time for tests that do not ask the clock.
pub fn noon() -> DateTime<Utc> {
    "2026-11-23T12:00:00Z".parse().unwrap()
}
