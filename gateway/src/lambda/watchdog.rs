//! Ends a child process if the gateway is killed.
//!
//! A runtime client ends by itself when its Runtime API is gone, but not before its function has returned, and a
//! function that hangs never returns. The system could end it along with its parent, but only unsafe code can ask
//! for that. So a shell waits at a pipe whose other end the gateway holds: however the gateway ends, the pipe is
//! closed, and the shell kills the group.

use std::io;
use std::process::Stdio;

use tokio::process::{Child, Command};

/// Waits for the end of its input, which never comes while the gateway lives.
const SCRIPT: &str = r#"while read -r _; do :; done; kill -s KILL -- "-$0""#;

/// Watches over one process group. Its drop is the end of the gateway to it: the group is killed.
#[derive(Debug)]
pub(super) struct Watchdog(Option<Child>);

impl Watchdog {
    /// Without a shell there is none: the runtime clients' own end is the rule then.
    pub(super) fn start(group: Option<u32>) -> Self {
        Self(group.filter(|_| cfg!(unix)).and_then(|group| spawn(group).ok()))
    }

    /// Sends it away: the group has ended.
    pub(super) fn dismiss(self) {
        if let Some(mut shell) = self.0 {
            // It fails if the shell is gone already.
            drop(shell.start_kill());
        }
    }
}

fn spawn(group: u32) -> io::Result<Child> {
    let mut command = Command::new("/bin/sh");
    command.args(["-c", SCRIPT, &group.to_string()]).env_clear();
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    // Out of the terminal's group, so that a Ctrl-C leaves it alone.
    #[cfg(unix)]
    command.process_group(0);
    command.spawn()
}
