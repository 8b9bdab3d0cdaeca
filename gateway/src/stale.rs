//! Connections in a database that cannot exist any more, because their gateway was killed.

use std::net::SocketAddr;
use std::time::Duration;

use everwire_backend::store::{Store, StoreError};
use reqwest::Client;

use crate::{id, refusal};

/// How long an address of this machine may take to answer. A gateway does at once.
const PROBE: Duration = Duration::from_secs(1);

/// Forgets them, for a gateway that starts at `domain_name`, and says how many there were.
///
/// Otherwise their users' messages would go on being posted to an address that anybody may listen on: nobody, a
/// stranger already, or one some day. The connections of an address that a gateway listens on are left alone: it may
/// be another one on the same database. If it is not, it answers posts to them with 410, and they are forgotten then.
pub(crate) async fn forget(store: &dyn Store, domain_name: &str) -> Result<u64, StoreError> {
    let mut forgotten = store.clear_expired().await?;
    for other in store.domain_names().await? {
        if other == domain_name || !may_be_gateway(&other).await {
            forgotten += store.clear(&other).await?;
        }
    }
    Ok(forgotten)
}

/// Whether a gateway may be there, now. Addresses of other machines may be down for a moment, and are not asked.
///
/// It is asked for a path that no API has. A gateway's answer has AWS's error header, and no other server's has. One
/// that takes too long may be a gateway that is held up.
async fn may_be_gateway(domain_name: &str) -> bool {
    // A gateway's domain name is its address, never a name.
    let Ok(address) = domain_name.parse::<SocketAddr>() else { return true };
    if !address.ip().is_loopback() {
        return true;
    }
    let Ok(http) = Client::builder().timeout(PROBE).no_proxy().build() else { return true };
    match http.get(format!("http://{address}/@connections/{}", id::connection())).send().await {
        Ok(answer) => answer.headers().contains_key(refusal::ERROR_TYPE),
        Err(error) => error.is_timeout(),
    }
}
