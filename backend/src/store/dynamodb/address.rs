//! `dynamodb://TABLE?region=…&endpoint=…&create=true`: which table, and how to reach it.

use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::Credentials;
use reqwest::Url;

use crate::loopback;
use crate::store::StoreError;

/// How long one request may take before the SDK gives up or tries again. Most take a few milliseconds; three tries
/// stay below API Gateway's integration timeout.
const REQUEST: Duration = Duration::from_secs(5);

/// What an address says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) table: String,
    pub(super) create: bool,
    region: Option<String>,
    endpoint: Option<Url>,
}

impl Address {
    pub(super) fn parse(address: &str) -> Result<Self, StoreError> {
        let url = Url::parse(address).map_err(wrong)?;
        let mut parsed = Self {
            table: url.host_str().filter(|_| url.path().is_empty()).unwrap_or_default().to_owned(),
            create: false,
            region: None,
            endpoint: None,
        };
        if !is_table(&parsed.table) {
            return Err(wrong("a table's name has 3 to 255 letters, digits, . - or _"));
        }
        for (name, value) in url.query_pairs() {
            match (&*name, &*value) {
                ("create", "true") => parsed.create = true,
                ("create", "false") => parsed.create = false,
                ("region", region) => parsed.region = Some(region.to_owned()),
                ("endpoint", endpoint) => parsed.endpoint = Some(Url::parse(endpoint).map_err(wrong)?),
                (name, _) => {
                    return Err(wrong(format!(
                        "{name:?} is no option of DynamoDB, or has no such value: there are region, endpoint and \
                         create=true"
                    )));
                }
            }
        }
        Ok(parsed)
    }

    pub(super) async fn client(&self) -> Client {
        let timeouts = TimeoutConfig::builder().operation_attempt_timeout(REQUEST).build();
        let mut config = aws_config::defaults(BehaviorVersion::latest()).timeout_config(timeouts);
        if let Some(region) = &self.region {
            config = config.region(Region::new(region.clone()));
        }
        if let Some(endpoint) = &self.endpoint {
            config = config.endpoint_url(endpoint.as_str());
            if loopback::is_loopback(endpoint) {
                // An emulator wants a signature and does not look at it.
                let credentials = Credentials::new("emulator", "emulator", None, None, "emulator");
                let region = self.region.clone().unwrap_or_else(|| "us-east-1".to_owned());
                config = config.credentials_provider(credentials).region(Region::new(region));
            }
        }
        Client::new(&config.load().await)
    }
}

/// DynamoDB's own rule.
fn is_table(name: &str) -> bool {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    (3..=255).contains(&name.len()) && name.chars().all(is_allowed)
}

fn wrong(reason: impl ToString) -> StoreError {
    StoreError::Address(reason.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An emulator has a region of its own, whatever the environment says.
    #[tokio::test]
    async fn an_emulator_is_whatever_leads_to_this_machine() {
        for endpoint in ["http://127.0.0.1:8000", "http://[::1]:8000", "http://dynamodb.localhost:8000"] {
            let address = Address::parse(&format!("dynamodb://connections?endpoint={endpoint}")).unwrap();
            let region = address.client().await.config().region().map(ToString::to_string);
            assert_eq!(region.as_deref(), Some("us-east-1"), "{endpoint}");
        }
    }
}
