//! When and how the gateway stops.

use std::io;

use everwire_gateway::Stop;

/// Ends at SIGINT (Ctrl-C), which a person sends who is done, or at SIGTERM, which whoever restarts it sends. The next
/// one ends the process at once, with the shell's status for that signal.
#[cfg(unix)]
pub(crate) fn stop() -> io::Result<impl Future<Output = Stop>> {
    use tokio::signal::unix::{Signal, SignalKind, signal};

    /// The first of the two, and the status that a shell gives to it.
    async fn next(interrupt: &mut Signal, terminate: &mut Signal) -> (Stop, i32) {
        tokio::select! {
            _ = interrupt.recv() => (Stop::GoAway, 128 + SignalKind::interrupt().as_raw_value()),
            _ = terminate.recv() => (Stop::Restart, 128 + SignalKind::terminate().as_raw_value()),
        }
    }

    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        let (stop, _) = next(&mut interrupt, &mut terminate).await;
        tokio::spawn(async move {
            let (_, status) = next(&mut interrupt, &mut terminate).await;
            std::process::exit(status);
        });
        stop
    })
}

/// Ends at Ctrl-C; the next one ends the process at once.
#[cfg(not(unix))]
pub(crate) fn stop() -> io::Result<impl Future<Output = Stop>> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
        tokio::spawn(async {
            let _ = tokio::signal::ctrl_c().await;
            std::process::exit(130);
        });
        Stop::GoAway
    })
}
