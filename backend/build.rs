//! A new migration does not touch a Rust file, so cargo has to be told where to look.

fn main() {
    println!("cargo::rerun-if-changed=migrations");
}
