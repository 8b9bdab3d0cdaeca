//! What a function writes, line by line.

use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncReadExt};

use crate::redaction;

/// The longest line that is shown whole, in bytes. The rest of a longer one is only counted.
const MAX_LINE_BYTES: usize = 16 * 1024;

/// Logs what comes through the pipe, to its end. It always reads on, so a function never waits for its log.
pub(super) async fn forward(function: Arc<str>, mut pipe: impl AsyncRead + Unpin) {
    let mut lines = Lines::default();
    let mut chunk = [0; 8 * 1024];
    let mut show = |line: String| tracing::info!(function = %function, "{line}");
    while let Ok(n @ 1..) = pipe.read(&mut chunk).await {
        lines.take(&chunk[..n], &mut show);
    }
    lines.end(&mut show);
}

/// Cuts a stream of bytes into lines.
#[derive(Default)]
struct Lines {
    line: Vec<u8>,
    /// Bytes of this line that were too many.
    cut: usize,
}

impl Lines {
    fn take(&mut self, bytes: &[u8], show: &mut impl FnMut(String)) {
        for &byte in bytes {
            match byte {
                // AWS's runtime clients write the lines of one stack trace with a carriage return between them.
                b'\n' | b'\r' => self.end(show),
                _ if self.line.len() == MAX_LINE_BYTES => self.cut += 1,
                _ => self.line.push(byte),
            }
        }
    }

    fn end(&mut self, show: &mut impl FnMut(String)) {
        // Control characters could move the cursor and forge other lines.
        let control = |c: char| c.is_control() && c != '\t';
        let line = String::from_utf8_lossy(&self.line).replace(control, "\u{fffd}");
        // A function that prints its event prints the token.
        let mut line = redaction::hide_jwts(&line);
        if self.cut > 0 {
            line.push_str(&format!("… ({} bytes more)", self.cut));
        }
        if !line.is_empty() {
            show(line);
        }
        self.line.clear();
        self.cut = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(chunks: &[&[u8]]) -> Vec<String> {
        let (mut lines, mut shown) = (Lines::default(), Vec::new());
        for chunk in chunks {
            lines.take(chunk, &mut |line| shown.push(line));
        }
        lines.end(&mut |line| shown.push(line));
        shown
    }

    #[test]
    fn a_line_in_pieces_is_one_line_and_the_last_one_needs_no_end() {
        assert_eq!(lines(&[b"on", b"e\ntw", b"o\r\n\nthree"]), ["one", "two", "three"]);
    }

    #[test]
    fn a_long_line_is_cut() {
        let line = lines(&[&vec![b'x'; MAX_LINE_BYTES + 7], b"\nnext"]);
        assert_eq!(line, ["x".repeat(MAX_LINE_BYTES) + "… (7 bytes more)", "next".to_owned()]);
    }

    #[test]
    fn bytes_that_are_no_text_and_control_characters_are_replaced() {
        assert_eq!(lines(&[b"a\xffb\x1b[2Jc\td"]), ["a\u{fffd}b\u{fffd}[2Jc\td"]);
    }
}
