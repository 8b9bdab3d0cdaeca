//! A child process and all that it starts.

use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;
use std::{fmt, io};

use tokio::process::Command;
use tokio::sync::watch;

use super::group::Group;
use super::log;
use super::watchdog::Watchdog;

/// How long a process has from SIGTERM to SIGKILL. Lambda gives this long to a runtime that has extensions, and no
/// time at all to others. [D]
const TERMINATION: Duration = Duration::from_millis(500);

/// A running child process, in a process group of its own: a function may be started by a script or `npx`, and a
/// Ctrl-C in the terminal is for the gateway, which ends its functions itself. Its drop kills the group.
#[derive(Debug)]
pub(super) struct Process {
    group: Group,
    exited: watch::Receiver<Option<Exit>>,
}

impl Process {
    /// Starts it, and logs what it writes under `name`.
    pub(super) fn start(mut command: Command, name: &Arc<str>) -> io::Result<Self> {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        #[cfg(unix)]
        command.process_group(0);
        let mut child = command.spawn()?;
        let group = Group::of(&child);
        tracing::info!(function = %name, pid = child.id(), "function started");
        let watchdog = Watchdog::start(child.id());
        if let Some(stdout) = child.stdout.take() {
            tokio::spawn(log::forward(Arc::clone(name), stdout));
        }
        if let Some(stderr) = child.stderr.take() {
            tokio::spawn(log::forward(Arc::clone(name), stderr));
        }
        let (exits, exited) = watch::channel(None);
        let (name, ending) = (Arc::clone(name), group.clone());
        tokio::spawn(async move {
            let exit = Exit(ending.end_of(&mut child).await.ok());
            // What it has started ends with it.
            ending.kill();
            watchdog.dismiss();
            tracing::info!(function = %name, %exit, "function ended");
            exits.send_replace(Some(exit));
        });
        Ok(Self { group, exited })
    }

    /// Waits for its end.
    pub(super) async fn exited(&self) -> Exit {
        let mut exited = self.exited.clone();
        let exit = exited.wait_for(Option::is_some).await;
        exit.map_or(Exit(None), |exit| exit.unwrap_or(Exit(None)))
    }

    pub(super) fn has_exited(&self) -> bool {
        self.exited.borrow().is_some()
    }

    /// SIGKILL.
    pub(super) fn kill(&self) {
        if !self.has_exited() {
            self.group.kill();
        }
    }

    /// SIGTERM, then SIGKILL if that is not enough. Waits for its end.
    pub(super) async fn terminate(&self) {
        if !self.has_exited() {
            self.group.terminate();
        }
        if tokio::time::timeout(TERMINATION, self.exited()).await.is_err() {
            self.kill();
            self.exited().await;
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// How a process ended; without a status if the system does not say.
#[derive(Debug, Clone, Copy)]
pub(super) struct Exit(Option<ExitStatus>);

/// In Lambda's words. [O]
impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(status) = self.0 else { return f.write_str("Runtime exited without providing a reason") };
        #[cfg(unix)]
        if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
            return write!(f, "Runtime exited with error: signal: {}", signal_name(signal));
        }
        match status.code() {
            Some(0) | None => f.write_str("Runtime exited without providing a reason"),
            Some(code) => write!(f, "Runtime exited with error: exit status {code}"),
        }
    }
}

/// As Go spells them, which Lambda's side is written in.
#[cfg(unix)]
fn signal_name(signal: i32) -> String {
    use rustix::process::Signal;
    let name = match Signal::from_named_raw(signal) {
        Some(Signal::HUP) => "hangup",
        Some(Signal::INT) => "interrupt",
        Some(Signal::QUIT) => "quit",
        Some(Signal::ILL) => "illegal instruction",
        Some(Signal::ABORT) => "aborted",
        Some(Signal::BUS) => "bus error",
        Some(Signal::FPE) => "floating point exception",
        Some(Signal::KILL) => "killed",
        Some(Signal::SEGV) => "segmentation fault",
        Some(Signal::PIPE) => "broken pipe",
        Some(Signal::TERM) => "terminated",
        _ => return format!("signal {signal}"),
    };
    name.to_owned()
}
