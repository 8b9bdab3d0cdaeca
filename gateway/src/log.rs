//! The log: one line per happening, coloured for people or JSON for machines, on stderr.
//!
//! A line never holds a token. What comes from clients or functions is escaped, so that nobody writes a line of his
//! own into the log, or moves a terminal's cursor.
//!
//! # Layout
//! - `log/line.rs`: a line for people
//! - `log/json.rs`: a line for machines
//! - `log/writer.rs`: the queue to the thread that writes
//! - `log/events.rs`: what the backend and the libraries say through `tracing`

mod events;
mod json;
mod line;
mod writer;

use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;

use clap::ColorChoice;
use serde_json::{Map, Value};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use self::events::Events;
use self::line::Style;
use self::writer::Writer;
use crate::activity::Observer;
use crate::clock;
use crate::configuration::LogSettings;

/// How long the last lines may take to be written when the gateway ends.
const LAST_LINES: Duration = Duration::from_millis(500);

/// The log. Cheap to clone; all clones write to the same place.
#[derive(Clone)]
pub struct Log {
    writer: Arc<Writer>,
    format: Format,
}

#[derive(Clone, Copy)]
enum Format {
    People(Style),
    Machines,
}

/// How much a line that is no happening matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Good to know.
    Info,
    /// Something to look at.
    Warn,
    /// Something failed.
    Error,
}

impl Level {
    fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }
}

impl Log {
    /// A log on stderr.
    pub fn to_stderr(settings: LogSettings) -> Self {
        let has_colors = match settings.color {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            // NO_COLOR, CLICOLOR, TERM=dumb and a terminal at all: as clap decides for `--help`.
            ColorChoice::Auto => anstream::AutoStream::choice(&io::stderr()) != anstream::ColorChoice::Never,
        };
        Self::new(io::stderr(), settings.is_json, has_colors)
    }

    /// A log elsewhere. `output` is written to by a thread of its own, and may be slow.
    pub fn new(output: impl Write + Send + 'static, is_json: bool, has_colors: bool) -> Self {
        let format = if is_json { Format::Machines } else { Format::People(Style { has_colors }) };
        let missed = move |lines| {
            format.note(Level::Warn, &format!("{lines} lines were lost: nobody read the log for a while"))
        };
        Self { writer: Arc::new(Writer::start(output, missed)), format }
    }

    /// Takes what the backend and the libraries say through `tracing`, from `INFO` on. For the whole process, and only
    /// once.
    pub fn take_tracing(&self) {
        let events = Events(self.clone());
        let _ = tracing_subscriber::registry().with(LevelFilter::INFO).with(events).try_init();
    }

    /// Writes everything that happens at a gateway: for [`Gateway::observe`](crate::Gateway::observe).
    pub fn observer(&self) -> Observer {
        let log = self.clone();
        Box::new(move |happening| {
            log.writer.write(match log.format {
                Format::People(style) => line::happening(style, happening),
                Format::Machines => json::happening(happening),
            });
        })
    }

    /// Writes a line that is no happening.
    pub fn note(&self, level: Level, text: &str) {
        self.writer.write(self.format.note(level, text));
    }

    /// Says where everything is: names and addresses.
    pub fn places(&self, places: &[(&str, String)]) {
        self.writer.write(match self.format {
            Format::People(style) => line::places(style, places),
            Format::Machines => json::places(places),
        });
    }

    /// Waits until everything is written, but not long: whoever should read it may have stopped.
    pub fn flush(&self) {
        self.writer.flush(LAST_LINES);
    }

    fn event(&self, level: Level, text: &str, fields: &Map<String, Value>) {
        self.writer.write(self.format.event(level, text, fields));
    }
}

impl Format {
    fn note(self, level: Level, text: &str) -> String {
        self.event(level, text, &Map::new())
    }

    fn event(self, level: Level, text: &str, fields: &Map<String, Value>) -> String {
        match self {
            Self::People(style) => line::event(style, clock::now_ms(), level, text, fields),
            Self::Machines => json::event(clock::now_ms(), level, text, fields),
        }
    }
}
