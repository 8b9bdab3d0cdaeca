//! The AWS SDK's client for each endpoint. Making one costs far more than a post, so they are kept.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use aws_config::SdkConfig;
use aws_sdk_apigatewaymanagement::Client;
use aws_sdk_apigatewaymanagement::config::retry::RetryConfig;
use aws_sdk_apigatewaymanagement::config::timeout::TimeoutConfig;
use aws_sdk_apigatewaymanagement::config::{
    BehaviorVersion, Builder, Credentials as SdkCredentials, Region, SharedHttpClient,
    StalledStreamProtectionConfig,
};
use aws_smithy_http_client::tls;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use reqwest::Url;
use tokio::sync::OnceCell;

use super::Credentials;
use crate::loopback;

/// How many clients are kept. A backend has one endpoint, or one for each stage and domain of its API.
const MOST: usize = 64;

#[derive(Debug)]
pub(super) struct Clients {
    credentials: Option<Credentials>,
    /// The role and the region that the environment gives, read when AWS itself is first posted to.
    environment: OnceCell<SdkConfig>,
    clients: Mutex<HashMap<Url, Client>>,
}

impl Clients {
    pub(super) fn new(credentials: Option<Credentials>) -> Self {
        Self { credentials, environment: OnceCell::new(), clients: Mutex::default() }
    }

    pub(super) async fn get(&self, endpoint: &Url) -> Client {
        if let Some(client) = self.clients().get(endpoint) {
            return client.clone();
        }
        let client = self.make(endpoint).await;
        let mut clients = self.clients();
        if clients.len() >= MOST {
            clients.clear();
        }
        clients.insert(endpoint.clone(), client.clone());
        client
    }

    fn clients(&self) -> std::sync::MutexGuard<'_, HashMap<Url, Client>> {
        self.clients.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn make(&self, endpoint: &Url) -> Client {
        let mut config = Builder::new().behavior_version(BehaviorVersion::latest());
        let mut region = region_in(endpoint.host_str().unwrap_or_default());
        match self.credentials.as_ref().filter(|given| may_show(given, endpoint)) {
            Some(given) => {
                config = config.credentials_provider(sdk_credentials(given));
                region = region.or_else(|| given.region.clone().map(Region::new));
            }
            // A local gateway looks at no signature, unless it is given credentials to check, and then so is this.
            None if endpoint.scheme() == "http" => {
                if self.credentials.is_some() {
                    tracing::warn!(
                        host = endpoint.host_str(),
                        "keys with a session token sign over plain http to this machine only: give an https endpoint"
                    );
                }
                config =
                    config.credentials_provider(SdkCredentials::new("local", "local", None, None, "local"));
            }
            None => {
                let environment = self.environment().await;
                config = Builder::from(environment);
                region = region.or_else(|| environment.region().cloned());
            }
        }
        let config = config
            .endpoint_url(endpoint.as_str().trim_end_matches('/'))
            .region(region.unwrap_or_else(|| Region::from_static("us-east-1")))
            // Tries and time limits are `poster.rs`'s: the SDK would not slow down the other posts.
            .retry_config(RetryConfig::disabled())
            .timeout_config(TimeoutConfig::disabled())
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled());
        let config = match direct(endpoint) {
            Some(http) => config.http_client(http),
            None => config,
        };
        Client::from_conf(config.build())
    }

    async fn environment(&self) -> &SdkConfig {
        self.environment.get_or_init(|| aws_config::load_defaults(BehaviorVersion::latest())).await
    }
}

/// An HTTP client that uses no proxy of the environment, for gateways that are near. `None` for the SDK's own.
fn direct(endpoint: &Url) -> Option<SharedHttpClient> {
    let http = aws_smithy_http_client::Builder::new();
    match endpoint.scheme() {
        // Without TLS it starts even where no root certificates are installed.
        "http" => Some(http.build_http()),
        _ if loopback::is_loopback(endpoint) => {
            Some(http.tls_provider(tls::Provider::Rustls(CryptoMode::AwsLc)).build_https())
        }
        _ => None,
    }
}

/// Whether the keys may sign posts to there. A signature gives no key away, but lent ones come with a session token,
/// which anybody on the way could read.
fn may_show(credentials: &Credentials, endpoint: &Url) -> bool {
    credentials.session_token.is_none() || endpoint.scheme() == "https" || loopback::is_loopback(endpoint)
}

fn sdk_credentials(credentials: &Credentials) -> SdkCredentials {
    let Credentials { access_key_id, secret_access_key, session_token, region: _ } = credentials.clone();
    SdkCredentials::new(access_key_id, secret_access_key, session_token, None, "everwire")
}

/// `{api}.execute-api.{region}.amazonaws.com`: the API's region, which a signature has to name. It need not be the
/// function's own.
fn region_in(host: &str) -> Option<Region> {
    let (_, rest) = host.split_once(".execute-api.")?;
    let (region, _) = rest.split_once(".amazonaws.com")?;
    Some(Region::new(region.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_region_is_the_apis() {
        let region = |host| region_in(host).map(|region| region.to_string());
        assert_eq!(region("abc.execute-api.eu-west-1.amazonaws.com").as_deref(), Some("eu-west-1"));
        assert_eq!(region("abc.execute-api.cn-north-1.amazonaws.com.cn").as_deref(), Some("cn-north-1"));
        assert_eq!(region("ws.example.com"), None);
    }

    #[tokio::test]
    async fn no_more_clients_are_kept_than_the_most() {
        let clients = Clients::new(None);
        for port in 1..=200 {
            clients.get(&Url::parse(&format!("http://127.0.0.1:{port}/dev")).unwrap()).await;
            assert!(clients.clients().len() <= MOST);
        }
    }
}
