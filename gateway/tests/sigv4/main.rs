//! AWS Signature Version 4: who is let in, who is not, and what AWS says to them.

#[path = "../support/mod.rs"]
mod support;

mod gateway;
mod properties;
mod refusals;
mod signing;
mod vectors;
