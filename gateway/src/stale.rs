//! Connections in a database that cannot exist any more, because their gateway was killed.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use everwire_backend::store::{Store, StoreError};
use tokio::net::TcpStream;

/// How long an address of this machine may take to answer. It refuses at once.
const PROBE: Duration = Duration::from_secs(1);

/// Forgets them, for a gateway that starts at `domain_name`, and says how many there were.
///
/// Otherwise their users' messages would go on being posted to an address that anybody may listen on one day. An
/// address that something listens on already is left alone: it may be another gateway on the same database.
pub(crate) async fn forget(store: &dyn Store, domain_name: &str) -> Result<u64, StoreError> {
    let mut forgotten = store.clear_expired().await?;
    for other in store.domain_names().await? {
        if other == domain_name || is_deserted(&other).await {
            forgotten += store.clear(&other).await?;
        }
    }
    Ok(forgotten)
}

/// Whether this is an address of this machine on which nobody listens.
async fn is_deserted(domain_name: &str) -> bool {
    // A gateway's domain name is its address, never a name.
    let Ok(address) = domain_name.parse::<SocketAddr>() else { return false };
    if !address.ip().is_loopback() {
        return false;
    }
    match tokio::time::timeout(PROBE, TcpStream::connect(address)).await {
        Ok(Err(error)) => error.kind() == io::ErrorKind::ConnectionRefused,
        Ok(Ok(_)) | Err(_) => false,
    }
}
