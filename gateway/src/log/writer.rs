//! A queue to a thread that writes: whoever logs never waits for whoever reads.
//!
//! By hand, because `tracing-appender` says on stdout that it could not write, which panics when that is closed too,
//! and does not say in the log how much of it is missing.

use std::collections::VecDeque;
use std::io::Write;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use std::{mem, thread};

/// How many lines wait for a slow reader. More are dropped, and counted.
const WAITING: usize = 4096;

/// The queue's end for those who log.
pub(super) struct Writer(Arc<Queue>);

#[derive(Default)]
struct Queue {
    state: Mutex<State>,
    /// Something to write has come, or nobody will log any more.
    has_news: Condvar,
    /// Everything is written.
    is_empty: Condvar,
}

#[derive(Default)]
struct State {
    lines: VecDeque<String>,
    /// How many were dropped since the last one that was written.
    dropped: u64,
    is_writing: bool,
    is_closed: bool,
}

impl Writer {
    /// Writes to `output` from a thread of its own. `missed` makes the line that says how many are missing.
    pub(super) fn start(
        output: impl Write + Send + 'static,
        missed: impl Fn(u64) -> String + Send + 'static,
    ) -> Self {
        let queue = Arc::new(Queue::default());
        let reading = Arc::clone(&queue);
        thread::spawn(move || reading.write_all(output, missed));
        Self(queue)
    }

    /// Queues a line. It ends with a line break already.
    pub(super) fn write(&self, line: String) {
        let mut state = self.0.lock();
        if state.lines.len() == WAITING {
            state.dropped += 1;
        } else {
            state.lines.push_back(line);
            self.0.has_news.notify_one();
        }
    }

    /// Waits until all is written, or `patience` is over.
    pub(super) fn flush(&self, patience: Duration) {
        let is_busy = |state: &mut State| !state.lines.is_empty() || state.dropped > 0 || state.is_writing;
        drop(self.0.is_empty.wait_timeout_while(self.0.lock(), patience, is_busy));
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.0.lock().is_closed = true;
        self.0.has_news.notify_one();
    }
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends when the queue is closed and empty.
    fn write_all(&self, mut output: impl Write, missed: impl Fn(u64) -> String) {
        while let Some((lines, dropped)) = self.next() {
            // When nobody reads any more that is no reason to stop serving.
            for line in lines.into_iter().chain((dropped > 0).then(|| missed(dropped))) {
                let _ = output.write_all(line.as_bytes());
            }
            let _ = output.flush();
        }
    }

    /// All that waits, and how much was dropped after it.
    fn next(&self) -> Option<(VecDeque<String>, u64)> {
        let mut state = self.lock();
        state.is_writing = false;
        loop {
            if !state.lines.is_empty() {
                state.is_writing = true;
                return Some((mem::take(&mut state.lines), mem::take(&mut state.dropped)));
            }
            self.is_empty.notify_all();
            if state.is_closed {
                return None;
            }
            state = self.has_news.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::mpsc::{self, Receiver, Sender};

    use super::*;

    /// Writes nothing until it is let to.
    struct Held(Receiver<()>, Sender<String>);

    impl Write for Held {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let _ = self.0.recv();
            let _ = self.1.send(String::from_utf8_lossy(bytes).into_owned());
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn held() -> (Writer, Sender<()>, Receiver<String>) {
        let ((go, gate), (sender, written)) = (mpsc::channel(), mpsc::channel());
        (Writer::start(Held(gate, sender), |lines| format!("{lines} lost\n")), go, written)
    }

    #[test]
    fn a_reader_that_stalls_stops_nobody_and_is_told_what_it_missed() {
        let (writer, go, written) = held();
        writer.write("first\n".to_owned());
        // Until the thread holds the first line, and the queue is empty again.
        while !writer.0.lock().is_writing {
            thread::yield_now();
        }
        for line in 0..WAITING + 7 {
            writer.write(format!("{line}\n"));
        }
        writer.flush(Duration::ZERO);
        drop(go);
        writer.flush(Duration::from_secs(20));
        let written: Vec<_> = written.try_iter().collect();
        assert_eq!(written.len(), 1 + WAITING + 1);
        assert_eq!(written[1 + WAITING], "7 lost\n");
    }

    #[test]
    fn a_flush_waits_for_the_last_line() {
        let (writer, go, written) = held();
        drop(go);
        writer.write("last\n".to_owned());
        writer.flush(Duration::from_secs(20));
        assert_eq!(written.try_recv().as_deref(), Ok("last\n"));
    }

    #[test]
    fn a_reader_that_is_gone_stops_nobody() {
        struct Gone;
        impl Write for Gone {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::BrokenPipe.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Err(io::ErrorKind::BrokenPipe.into())
            }
        }
        let writer = Writer::start(Gone, |_| String::new());
        writer.write("line\n".to_owned());
        writer.flush(Duration::from_secs(20));
        writer.write("another\n".to_owned());
        writer.flush(Duration::from_secs(20));
        assert!(writer.0.lock().lines.is_empty());
    }
}
