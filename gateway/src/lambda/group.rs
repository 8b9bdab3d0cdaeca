//! A child process and all that it starts.

use std::io;
use std::process::ExitStatus;

use tokio::process::Child;

/// A process group, by its first process.
#[cfg(unix)]
#[derive(Debug, Clone)]
pub(super) struct Group(Option<rustix::process::Pid>);

#[cfg(unix)]
impl Group {
    /// The group of a child that was started as the first of a new one.
    pub(super) fn of(child: &Child) -> Self {
        let id = child.id().and_then(|id| i32::try_from(id).ok());
        Self(id.and_then(rustix::process::Pid::from_raw))
    }

    /// SIGTERM.
    pub(super) fn terminate(&self) {
        self.signal(rustix::process::Signal::TERM);
    }

    /// SIGKILL.
    pub(super) fn kill(&self) {
        self.signal(rustix::process::Signal::KILL);
    }

    fn signal(&self, signal: rustix::process::Signal) {
        if let Some(leader) = self.0 {
            // It fails if nobody is left in the group, which is as well.
            let _ = rustix::process::kill_process_group(leader, signal);
        }
    }

    /// Waits for the child's end.
    pub(super) async fn end_of(&self, child: &mut Child) -> io::Result<ExitStatus> {
        child.wait().await
    }
}

/// Where there are no process groups, the child alone, which is always killed.
#[cfg(not(unix))]
#[derive(Debug, Clone)]
pub(super) struct Group(tokio_util::sync::CancellationToken);

#[cfg(not(unix))]
impl Group {
    /// The child.
    pub(super) fn of(_: &Child) -> Self {
        Self(tokio_util::sync::CancellationToken::new())
    }

    /// Kills it.
    pub(super) fn terminate(&self) {
        self.kill();
    }

    /// Kills it.
    pub(super) fn kill(&self) {
        self.0.cancel();
    }

    /// Waits for the child's end, or for somebody to kill it.
    pub(super) async fn end_of(&self, child: &mut Child) -> io::Result<ExitStatus> {
        tokio::select! {
            () = self.0.cancelled() => child.start_kill()?,
            status = child.wait() => return status,
        }
        child.wait().await
    }
}
