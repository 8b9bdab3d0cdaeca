//! What happened, as SVG: for each client a row with the attempts per second and the share of the
//! fleet that is connected.
//!
//! A picture is its own card, light or dark as the reader's system is, so that it can be read on
//! a page of either kind.

use std::fmt::Write;

use crate::report::Report;
use crate::simulation::Outcomes;

/// One row of a picture: whose it is, what came of it, and the run.
pub struct Row {
    /// Whose it is.
    pub report: Report,
    /// The run.
    pub outcomes: Outcomes,
}

const LEFT: f64 = 178.0;
const PLOT: f64 = 288.0;
const GAP: f64 = 20.0;
const TOP: f64 = 76.0;
const ROW: f64 = 46.0;
const PLOT_HEIGHT: f64 = 34.0;
/// Of one bar, or one point of a curve.
const STEP: f64 = 3.0;
const WIDTH: f64 = LEFT + 2.0 * PLOT + GAP + 24.0;

const STYLE: &str = "svg{font:12px system-ui,sans-serif;fill:#3c3c43}\
.card{fill:#fff;stroke:#d8d8dd}.plot{fill:#f4f5f7}.title{font-size:15px;font-weight:600}.small{font-size:11px;fill:#5f6068}\
.bars{fill:#8a93a6}.line{fill:none;stroke:#5a6274;stroke-width:1.8}.own .bars{fill:#2f6feb}.own .line{stroke:#2f6feb}\
.own text:first-child{font-weight:600}.quota{stroke:#d1242f;stroke-dasharray:4 3}.ideal{fill:none;stroke:#1a7f37;stroke-width:1.3;stroke-dasharray:4 3}\
@media(prefers-color-scheme:dark){svg{fill:#e4e4e9}.card{fill:#1b1b1f;stroke:#3c3f44}.plot{fill:#26272c}.small{fill:#a9aab3}\
.bars{fill:#767f92}.line{stroke:#b3bccd}.own .bars{fill:#4c8dff}.own .line{stroke:#6aa2ff}.quota{stroke:#ff7b72}.ideal{stroke:#57c46e}}";

/// Draws the rows, of the same scenario and number of clients, from the beginning of the fault
/// until some time after the first row's fleet is back.
#[must_use]
pub fn draw(headline: &str, handshakes_per_second: u32, rows: &[Row]) -> String {
    let Some(Row { report, .. }) = rows.first() else { return String::new() };
    let canvas = Canvas::new(report, handshakes_per_second, rows);
    let height = TOP + ROW * rows.len() as f64 + 46.0;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"{} clients: {headline}\">\n<style>{STYLE}</style>\n<rect class=\"card\" x=\".5\" y=\".5\" width=\"{}\" height=\"{}\" rx=\"8\"/>\n",
        grouped(report.clients),
        WIDTH - 1.0,
        height - 1.0,
    );
    canvas.head(&mut svg, headline);
    for (number, row) in rows.iter().enumerate() {
        canvas.row(&mut svg, TOP + ROW * number as f64, row);
    }
    canvas.time_axis(&mut svg, TOP + ROW * rows.len() as f64 + 6.0);
    canvas.legend(&mut svg, height - 14.0);
    svg.push_str("</svg>\n");
    svg
}

/// What all rows have in common.
struct Canvas {
    clients: u32,
    quota: u32,
    /// How much time the plots show, in seconds.
    seconds: f64,
    /// What the top of the left plots stands for, a power of ten.
    most: f64,
    over_at_s: f64,
    /// When the last client loses its socket, at the latest.
    ideal_s: f64,
}

impl Canvas {
    fn new(report: &Report, quota: u32, rows: &[Row]) -> Self {
        let peak = rows.iter().map(|row| row.report.peak_attempts_per_second).max().unwrap_or(1);
        let back_s = report.back_after_s[3].unwrap_or(0.0);
        let seconds = report.over_at_s + (2.0 * report.ideal_s).max(1.25 * back_s);
        Self {
            clients: report.clients,
            quota,
            seconds,
            most: 10f64.powf(f64::from(peak.max(1_000)).log10().ceil()),
            over_at_s: report.over_at_s,
            ideal_s: report.ideal_s,
        }
    }

    fn head(&self, svg: &mut String, headline: &str) {
        let _ = writeln!(
            svg,
            "<text class=\"title\" x=\"16\" y=\"27\">{} clients: {headline}</text>\n\
             <text class=\"small\" x=\"16\" y=\"{y}\">99 % back, attempts each</text>\n\
             <text x=\"{LEFT}\" y=\"{y}\">attempts per second, 1 to {} <tspan class=\"small\">(logarithmic)</tspan></text>\n\
             <text x=\"{}\" y=\"{y}\">share connected, 0 to 100 %</text>",
            grouped(self.clients),
            grouped(self.most as u32),
            LEFT + PLOT + GAP,
            y = TOP - 16.0,
        );
    }

    /// What the dashes mean, below the plots that have them.
    fn legend(&self, svg: &mut String, y: f64) {
        let (left, right, line) = (LEFT, LEFT + PLOT + GAP, y - 4.0);
        let _ = writeln!(
            svg,
            "<line class=\"quota\" x1=\"{left}\" x2=\"{}\" y1=\"{line}\" y2=\"{line}\"/>\
             <text class=\"small\" x=\"{}\" y=\"{y}\">what the server accepts, {} per second</text>\n\
             <path class=\"ideal\" d=\"M{right} {line}h22\"/>\
             <text class=\"small\" x=\"{}\" y=\"{y}\">ideal</text>",
            left + 22.0,
            left + 28.0,
            grouped(self.quota),
            right + 28.0,
        );
    }

    fn row(&self, svg: &mut String, y: f64, Row { report, outcomes }: &Row) {
        let own = if report.is_real { " class=\"own\"" } else { "" };
        let back = match report.back_after_s[2] {
            Some(seconds) => format!("{} s", grouped(seconds.round() as u32)),
            None => "never".into(),
        };
        let right = LEFT + PLOT + GAP;
        let quota_y = y + self.height_of(f64::from(self.quota));
        let _ = writeln!(
            svg,
            "<g{own}><text x=\"16\" y=\"{}\">{}</text><text class=\"small\" x=\"16\" y=\"{}\">{back}, {:.1}</text>\n\
             <rect class=\"plot\" x=\"{LEFT}\" y=\"{y}\" width=\"{PLOT}\" height=\"{PLOT_HEIGHT}\"/>\
             <rect class=\"plot\" x=\"{right}\" y=\"{y}\" width=\"{PLOT}\" height=\"{PLOT_HEIGHT}\"/>\n\
             <path class=\"bars\" d=\"{}\"/><line class=\"quota\" x1=\"{LEFT}\" x2=\"{}\" y1=\"{quota_y:.1}\" y2=\"{quota_y:.1}\"/>\n\
             <path class=\"ideal\" d=\"{}\"/><path class=\"line\" d=\"{}\"/></g>",
            y + 14.0,
            report.policy,
            y + 30.0,
            report.attempts_mean,
            self.bars(y, &outcomes.attempts_in_second),
            LEFT + PLOT,
            self.ideal(right, y),
            self.curve(right, y, &outcomes.connected_after_second),
        );
    }

    /// Where so many attempts a second are, below the top of a plot.
    fn height_of(&self, per_second: f64) -> f64 {
        PLOT_HEIGHT * (1.0 - per_second.max(1.0).log10() / self.most.log10())
    }

    /// The seconds that one step of a plot stands for.
    fn span(&self, step: usize) -> std::ops::Range<usize> {
        let at = |step: usize| (step as f64 * STEP * self.seconds / PLOT) as usize;
        at(step)..at(step + 1).max(at(step) + 1)
    }

    /// Each bar as high as the busiest of its seconds.
    fn bars(&self, y: f64, per_second: &[u32]) -> String {
        let mut path = format!("M{LEFT} {}", y + PLOT_HEIGHT);
        let mut last = String::new();
        for step in 0..(PLOT / STEP) as usize {
            let busiest = self.span(step).filter_map(|second| per_second.get(second)).max();
            let top = format!("V{:.1}", y + self.height_of(f64::from(*busiest.unwrap_or(&0))));
            if top == last {
                // Bars of one height are one.
                let from = path.rfind('H').unwrap_or(0);
                path.truncate(from);
            } else {
                path.push_str(&top);
                last = top;
            }
            let _ = write!(path, "H{}", LEFT + (step + 1) as f64 * STEP);
        }
        let _ = write!(path, "V{}z", y + PLOT_HEIGHT);
        path
    }

    fn curve(&self, x: f64, y: f64, connected: &[u32]) -> String {
        let mut path = format!("M{x} {y}");
        let (mut last, mut is_level) = (String::new(), false);
        for step in 0..(PLOT / STEP) as usize {
            let Some(connected) = connected.get(self.span(step).end - 1).or(connected.last()) else { break };
            let share = f64::from(*connected) / f64::from(self.clients);
            let height = format!("{:.1}", y + PLOT_HEIGHT * (1.0 - share));
            if height == last && is_level {
                // A level stretch is two points.
                let from = path.rfind('L').unwrap_or(0);
                path.truncate(from);
            }
            is_level = height == last;
            let _ = write!(path, "L{} {height}", x + (step + 1) as f64 * STEP);
            last = height;
        }
        path
    }

    /// From when the fault is over, as fast as the quota admits.
    fn ideal(&self, x: f64, y: f64) -> String {
        let at = |seconds: f64| x + PLOT * seconds / self.seconds;
        let (from, to) = (at(self.over_at_s), at(self.over_at_s + self.ideal_s));
        format!("M{from:.1} {:.1}L{to:.1} {y:.1}H{:.1}", y + PLOT_HEIGHT, x + PLOT)
    }

    fn time_axis(&self, svg: &mut String, y: f64) {
        let unit = [5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1_200.0];
        let unit = unit.into_iter().find(|unit| self.seconds / unit <= 7.0).unwrap_or(3_600.0);
        for x in [LEFT, LEFT + PLOT + GAP] {
            let mut seconds = 0.0;
            while seconds <= self.seconds * 0.97 {
                let at = x + PLOT * seconds / self.seconds;
                let anchor = if seconds == 0.0 { "start" } else { "middle" };
                let label = if seconds == 0.0 { "0 s".into() } else { grouped(seconds as u32) };
                let _ = writeln!(
                    svg,
                    "<text class=\"small\" x=\"{at:.1}\" y=\"{y}\" text-anchor=\"{anchor}\">{label}</text>"
                );
                seconds += unit;
            }
        }
    }
}

/// 1,234,567.
fn grouped(number: u32) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.char_indices() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
