//! Panics of the gateway's tasks. The runtime swallows them: all that a client sees is a connection that ends.

use std::panic;
use std::sync::{Mutex, Once, PoisonError};
use std::thread;

use tokio::runtime::{Builder, Runtime};

/// What panicked in the runtimes of this process: the name of the runtime's threads, and what was said.
static PANICS: Mutex<Vec<(String, String)>> = Mutex::new(Vec::new());

/// A runtime that remembers when a task of its own panics. What `block_on` runs is the test, and none of them.
pub struct Watched {
    pub runtime: Runtime,
    name: String,
}

impl Watched {
    pub fn new() -> Self {
        static HOOK: Once = Once::new();
        HOOK.call_once(|| {
            let usual = panic::take_hook();
            panic::set_hook(Box::new(move |panic| {
                let name = thread::current().name().unwrap_or_default().to_owned();
                PANICS.lock().unwrap_or_else(PoisonError::into_inner).push((name, panic.to_string()));
                usual(panic);
            }));
        });
        // Other tests of the process have theirs.
        let name = format!("gateway of {}", thread::current().name().expect("a test's name"));
        let runtime = Builder::new_multi_thread().enable_all().thread_name(&name).build().unwrap();
        Self { runtime, name }
    }

    /// Fails if a task has panicked so far.
    pub fn assert_no_panic(&self) {
        let panics = PANICS.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let own: Vec<_> = panics.into_iter().filter(|(name, _)| *name == self.name).collect();
        assert!(own.is_empty(), "{} panics of the gateway, the first: {}", own.len(), own[0].1);
    }
}
